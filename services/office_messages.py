"""The admin is told of problems: one message for each of his channels, once for each problem, again a day later.

Nothing leaves outside the office's windows, not even about a dead channel: at night nobody would act, and the banner,
the PROBLEM file and ``suishi doctor`` say it at once. The limit of one message a half-day does not hold here.

A message to the admin that fails must not beget another: what is wrong with an office message itself goes along with
the next one and never starts one before a day has passed; an address that was refused is tried once a day.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select, text, update

from models.message import MessageKind, MessageState, messages
from models.upkeep import problems
from notifications.letter import Written
from notifications.office_texts import OfficeLetter, write_problems
from planning.basis import DeliveryPolicy
from planning.problem_kinds import ADVICE
from services.facts import read_fact, write_fact
from services.letters import lock_numbering
from services.office_message import add_office_message
from services.office_readers import Place, admins, advise_of_single_channels, office_places
from services.problems import close_old_incidents

ENDED = "ended:"
"""Before a problem's key in ``about``: the message says that it is over."""

DAILY = "daily:"
LAST_ALARM = "last_alarm"
BREATH = timedelta(minutes=30)
"""What only came back is not told within so short a time of the last alarm: a flapping channel would fill the mailbox."""

_SLACK = timedelta(minutes=5)
"""Ticks are not on the second: «after 24 hours» must not slip by one tick each day."""

_OF_MESSAGE = re.compile(r"(?:refused|dead|late|doubt):(T\d{4}-\d+)")
_UNSENT = text("message.state = 'pending'")  # written out: the partial index fits only what SQLite can see


def build_office_messages(db: Connection, policy: DeliveryPolicy, channels: Collection[str], *, now: datetime) -> int:
    """Build what the admins must be told now; how many messages. In the caller's transaction, at any time, twice.

    ``channels`` are the names of those that are open. Whoever cannot be reached is told nothing, and the problems stay
    untold: ``services.problem_file`` and the pages show them.
    """
    if not admins(policy):
        return 0
    lock_numbering(db)
    advise_of_single_channels(db, policy, now=now)
    close_old_incidents(db, now=now)
    if not something_to_tell(db, policy, now=now):
        return 0
    places = [place for found in office_places(db, policy, channels, now=now).values() for place in found]
    if not places:
        return 0
    told = _mark_told(db, policy, now=now)
    ended = take_ended(db)
    write_fact(db, LAST_ALARM, now.isoformat(), now=now)
    return sum(_tell(db, place, told, ended, policy=policy, now=now) for place in places)


def something_to_tell(db: Connection, policy: DeliveryPolicy, *, now: datetime) -> bool:
    """Whether a message about problems is due; asks little, so that a quiet tick need not write."""
    if not admins(policy):
        return False
    due = db.execute(select(problems).where(_open(), _due(policy, now))).all()
    if not due:
        return False
    ours = _about_office_messages(db, due)
    day_ago = now - timedelta(hours=policy.rules.retell_hours) + _SLACK
    reasons = [row for row in due if row.key not in ours or row.first_at <= day_ago]
    last = _last_alarm(db)
    if last is not None and now - BREATH < last <= now:  # one in the future was written by a wrong clock
        return any(row.first_at > last for row in reasons)
    return bool(reasons)


def still_wanted(db: Connection, about: Sequence[str]) -> bool:
    """Whether an office message still has something to say: a problem that lasts, an end that holds, today's line."""
    days = [key.removeprefix(DAILY) for key in about if key.startswith(DAILY)]
    if days:
        last = read_fact(db, "daily")
        return last is None or last["day"] in days  # a newer line says it better
    keys = [key for key in about if not key.startswith(ENDED)]
    ends = [key.removeprefix(ENDED) for key in about if key.startswith(ENDED)]
    lasting = select(problems.c.key).where(problems.c.key.in_(keys), problems.c.closed_at.is_(None))
    over = select(problems.c.key).where(problems.c.key.in_(ends), problems.c.closed_at.is_not(None))
    return any(asked and db.execute(query).first() is not None for asked, query in ((keys, lasting), (ends, over)))


def take_ended(db: Connection) -> dict[str, str]:
    """Problems that were told and are over, key to sentence; each is handed out once."""
    over = (
        update(problems)
        .where(problems.c.closed_at.is_not(None), problems.c.told_at.is_not(None))
        .values(told_at=None)
        .returning(problems.c.key, problems.c.text)
    )
    return {row.key: row.text for row in sorted(db.execute(over), key=lambda row: str(row.key))}


def _mark_told(db: Connection, policy: DeliveryPolicy, *, now: datetime) -> dict[str, str]:
    """The problems of this message, key to sentence, oldest first. Those half way to their next telling come along."""
    half = now - timedelta(hours=policy.rules.retell_hours) / 2
    fresh = or_(problems.c.told_at.is_(None), problems.c.told_at <= half, problems.c.told_at > now)
    marked = update(problems).where(_open(), fresh).values(told_at=now)
    rows = db.execute(marked.returning(problems.c.key, problems.c.text, problems.c.first_at)).all()
    return {row.key: row.text for row in sorted(rows, key=lambda row: (row.first_at, row.key))}


def _tell(
    db: Connection,
    place: Place,
    told: Mapping[str, str],
    ended: Mapping[str, str],
    *,
    policy: DeliveryPolicy,
    now: datetime,
) -> int:
    """One message to one address. It takes over what earlier ones could not yet deliver there."""
    earlier = _take_over(db, place)
    lines = dict(told)
    lines |= _texts(db, [key for key in earlier if not key.startswith(ENDED)], closed=False)
    over = dict(ended)
    over |= _texts(db, [key.removeprefix(ENDED) for key in earlier if key.startswith(ENDED)], closed=True)

    def write(letter: OfficeLetter) -> Written:
        return write_problems(letter, tuple(lines.values()), tuple(over.values()))

    about = [*lines, *(f"{ENDED}{key}" for key in over)]
    dedupe = (place.person, place.destination.channel, MessageKind.OFFICE, *sorted(lines), now.isoformat())
    return int(add_office_message(db, place, write, about=about, dedupe=dedupe, policy=policy, now=now))


def _take_over(db: Connection, place: Place) -> list[str]:
    """What messages to the same address say that no provider can have yet; they are withdrawn. Daily lines stay."""
    mine = (messages.c.person == place.person) & (messages.c.channel == place.destination.channel)
    unsent = mine & (messages.c.kind == MessageKind.OFFICE) & (messages.c.ambiguous == 0)
    found: list[str] = []
    for row in db.execute(select(messages.c.id, messages.c.about).where(_UNSENT, unsent)).all():
        if any(key.startswith(DAILY) for key in row.about):
            continue
        gone = update(messages).where(messages.c.id == row.id, messages.c.state == MessageState.PENDING)
        if db.execute(gone.values(state=MessageState.CANCELLED, last_error="并入新的消息")).rowcount == 1:
            found += row.about
    return found


def _texts(db: Connection, keys: Sequence[str], *, closed: bool) -> dict[str, str]:
    state = problems.c.closed_at.is_not(None) if closed else problems.c.closed_at.is_(None)
    found = db.execute(select(problems.c.key, problems.c.text).where(problems.c.key.in_(keys), state)) if keys else ()
    return {row.key: row.text for row in found}


def _last_alarm(db: Connection) -> datetime | None:
    value = read_fact(db, LAST_ALARM)
    return None if value is None else datetime.fromisoformat(value)


def _open() -> ColumnElement[bool]:
    """Advice stands on the list and is no reason to write."""
    return problems.c.closed_at.is_(None) & (problems.c.kind != ADVICE)


def _due(policy: DeliveryPolicy, now: datetime) -> ColumnElement[bool]:
    again = now - timedelta(hours=policy.rules.retell_hours) + _SLACK
    return or_(problems.c.told_at.is_(None), problems.c.told_at <= again, problems.c.told_at > now)


def _about_office_messages(db: Connection, rows: Sequence[Row[Any]]) -> set[str]:
    """Keys of problems with messages of this very kind: their refusal is no reason to write another."""
    refs = {found[1]: row.key for row in rows if (found := _OF_MESSAGE.fullmatch(row.key))}
    if not refs:
        return set()
    ours = select(messages.c.ref).where(messages.c.ref.in_(refs), messages.c.kind == MessageKind.OFFICE)
    return {refs[ref] for ref in db.execute(ours).scalars()}
