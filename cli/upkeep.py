"""``backup`` and ``upgrade``: a verified copy, and a new schema with a copy of the old one behind it."""

from __future__ import annotations

import shutil
from typing import Annotated

from cyclopts import Parameter

from cli.say import as_json, say
from cli.surroundings import BAD_SURROUNDINGS, DONE, Clock, Wrong, opened
from config.security_log import SecurityLog
from services.backup import BackupFailed, back_up
from services.upgrade import upgrade as migrate

Json = Annotated[bool, Parameter(negative="", help="只输出一个 JSON 文档")]
NOW = Clock()


def backup(*, json: Json = False, clock: Clock = NOW) -> int:
    """复制数据库到 backups 目录，并核对副本：完整性、完成记录的校验链。"""
    with opened(clock) as app:
        try:
            made = back_up(app.store, app.home / "backups", now=app.now(), pg_dump=shutil.which("pg_dump"))
            SecurityLog(app.home / "logs").copy_to(app.home / "backups" / "logs")
        except BackupFailed as failed:
            raise Wrong(str(failed), exit_code=BAD_SURROUNDINGS) from None
    if json:
        as_json(made)
        return DONE
    say(f"✓ 已备份到 {made.place}（{made.size // 1024} KB，完成记录 {made.entries} 条，已核对）")
    say("  佐证文件（data/evidence）和密钥（secrets）不在其中，请一并复制到别处。")
    return DONE


def upgrade(*, json: Json = False, clock: Clock = NOW) -> int:
    """升级数据库的结构：先备份并核对，再升级，再检查。请先停止 suishi up。"""
    with opened(clock) as app:
        try:
            made = migrate(app.bare_store(), app.home / "backups", now=app.now(), pg_dump=shutil.which("pg_dump"))
        except BackupFailed as failed:
            raise Wrong(f"没有升级：{failed}", exit_code=BAD_SURROUNDINGS) from None
    if json:
        as_json(made)
        return DONE
    if made.before == made.after:
        say(f"✓ 数据库已是 {made.after}，没有要升级的；保护记录的触发器都在。")
    else:
        say(f"✓ 数据库由 {made.before or '空库'} 升级到 {made.after}" + (f"；升级前的副本在 {made.copy}" if made.copy else ""))
    return DONE
