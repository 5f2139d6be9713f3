"""The system's clock. Entry points hand ``system_time`` to the app they open; nothing below them reads a clock."""

from __future__ import annotations

from datetime import datetime

import pendulum


def system_time() -> datetime:
    """This moment, with its zone."""
    return pendulum.now("UTC")


def how_long_ago(moment: datetime, *, now: datetime) -> str:
    """In Chinese, as people say it: 3天前."""
    return str(pendulum.instance(moment).diff_for_humans(pendulum.instance(now), absolute=True, locale="zh")) + "前"
