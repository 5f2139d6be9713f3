"""A checked copy of the database every night."""

from __future__ import annotations

import shutil
from typing import Any

from prefect import State, flow

from config.security_log import SecurityLog
from flows.publish import done, markdown
from flows.rim import named, opened
from services.backup import back_up as copy_database

WHAT = "备份"


@flow(name="back-up", flow_run_name=named(WHAT))
def back_up() -> State[Any]:
    """Copy the database into the home's backups folder, check the copy, and give up what is too old."""
    with opened(WHAT) as app:
        made = copy_database(app.store, app.home / "backups", now=app.now(), pg_dump=shutil.which("pg_dump"))
        SecurityLog(app.home / "logs").copy_to(app.home / "backups" / "logs")
    text = (
        f"| | |\n|---|---|\n| 文件 | {made.place.name} |\n| 大小 | {made.size:,} 字节 |\n| SHA-256 | {made.sha256} |\n"
        f"| 完成记录 | {made.entries} 条，末条 {made.head or '无'} |\n| 清理 | {'、'.join(made.removed) or '无'} |\n"
    )
    markdown("backup", text, about="最近一次备份：已通过完整性检查和完成记录核对")
    return done(f"已备份 {made.place.name}，{made.size:,} 字节")
