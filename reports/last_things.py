"""What last happened to some occurrences: of each the newest entry of the log, and the newest word to somebody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, func, select

from models.message import MessageState, messages
from models.occurrence import occurrences
from models.office import people
from models.reminder import reminders
from reports.conditions import of_references
from reports.log import newest_entries
from reports.outbox import MessageLine, message_lines
from reports.timeline import Moment, entry_moment

_ENDED = (MessageState.SENT, MessageState.FAILED, MessageState.DEAD)


def last_things(db: Connection, refs: Sequence[str]) -> Mapping[str, tuple[Moment, ...]]:
    """By reference, newest first. Of whom nothing is told, the answer is empty."""
    if not refs:
        return {}
    found: dict[str, list[Moment]] = {ref: [] for ref in refs}
    for ref, moment in (*_entries(db, refs), *_words(db, refs)):
        found[ref].append(moment)
    return {ref: tuple(sorted(moments, key=lambda one: one.at, reverse=True)) for ref, moments in found.items()}


def _entries(db: Connection, refs: Sequence[str]) -> Iterator[tuple[str, Moment]]:
    names = {one.key: one.name for one in db.execute(select(people.c.key, people.c.name))}
    for entry in newest_entries(db, refs):
        yield entry.subject, entry_moment(entry, names)


def _words(db: Connection, refs: Sequence[str]) -> Iterator[tuple[str, Moment]]:
    of_these = reminders.c.occurrence_id.in_(select(occurrences.c.id).where(of_references(refs)))
    told = select(func.max(messages.c.id)).join(reminders, reminders.c.message_id == messages.c.id)
    newest = told.where(of_these, messages.c.state.in_(_ENDED)).group_by(reminders.c.occurrence_id)
    heard: set[str] = set()
    for message in message_lines(db, [messages.c.id.in_(newest)]):  # newest first; one may speak of many
        for ref in message.about:
            if ref in refs and ref not in heard:
                heard.add(ref)
                yield ref, _moment(message)


def _moment(message: MessageLine) -> Moment:
    if message.state != MessageState.SENT:
        said = f"发给{message.name}的提醒没有送达。"
    elif message.only_written:
        said = f"给{message.name}的提醒已写入发件箱，没有真的发出。"
    elif message.verified:
        said = f"提醒了{message.name}，渠道已接收。"
    else:
        said = f"提醒了{message.name}，渠道已收下，无法核实是否送达。"
    return Moment(message.sent_at or message.built_at, "attempt", said, message=message.ref)
