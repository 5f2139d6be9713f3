"""The outbox as a file: who was told what, when, by which channel, and what the channel answered. No addresses, no texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo

from reports.ledger_columns import Value
from reports.outbox import MessageLine
from reports.sentences import NOT_SENT, outcome_of, state_of
from reports.table_file import TableColumn, TableHead, table_xlsx

_COLUMNS = (
    TableColumn("编号", 14, centred=True),
    TableColumn("主题", 36),
    TableColumn("收件人", 9, centred=True),
    TableColumn("渠道", 10, centred=True),
    TableColumn("生成时间", 16, centred=True),
    TableColumn("发出时间", 16, centred=True),
    TableColumn("状态", 9, centred=True),
    TableColumn("次数", 5, centred=True),
    TableColumn("渠道的回答", 28),
    TableColumn("涉及的办理项", 22),
)
_REMARK = "“已发送”指渠道自己答复收下，不等于本人已读；“已写入发件箱”只是写成了文件，没有人收到。"


def outbox_xlsx(lines: Iterable[MessageLine], head: TableHead, *, total: int, tz: tzinfo, channels: Mapping[str, str]) -> bytes:
    """``channels``: their names by key. Raises ValueError for too many, as :func:`table_xlsx` does."""
    rows = (_row(line, tz, channels) for line in lines)
    return table_xlsx(replace(head, remark=_REMARK), _COLUMNS, rows, total=total)


def _row(line: MessageLine, tz: tzinfo, channels: Mapping[str, str]) -> tuple[Value, ...]:
    return (
        line.ref,
        line.subject,
        line.name,
        channels.get(line.channel, line.channel),
        _moment(line.built_at, tz),
        _moment(line.sent_at, tz),
        state_of(line),
        line.tries,
        _answer(line),
        line.about,
    )


def _moment(at: datetime | None, tz: tzinfo) -> str:
    return f"{at.astimezone(tz):%Y-%m-%d %H:%M}" if at else ""


def _answer(line: MessageLine) -> str:
    """The provider's own words to the last try; before any, why there was none."""
    if not line.attempts:
        return line.last_error
    last = line.attempts[-1]
    if last.only_written:
        return NOT_SENT
    words = (outcome_of(last, under_way="正在发送"), last.code, last.detail)
    return " ".join(filter(None, words))
