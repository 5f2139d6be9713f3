"""Messages whose channel has been out of reach for too long go to the next address, if there is one that works.

A closed channel uses up no message's tries, however long it is closed (I16); but a reminder of something due today must
not wait for it until tomorrow.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, select, update

from models.message import MessageKind, MessageState, messages
from models.store import Store
from planning.basis import DeliveryPolicy
from services.breaker import known_rest
from services.fallback import fall_back, next_posts
from services.lease import PENDING, message_row
from services.readers import PASSED_ON
from services.waiting import Waiting, load_of_message


def go_round(store: Store, policy: DeliveryPolicy, channels: Collection[str], *, now: datetime) -> list[str]:
    """Pass on what waited too long; the sentences for the admin."""
    soonest = now - timedelta(hours=min(policy.rules.give_up_hours, policy.rules.give_up_hours_when_due))
    old = select(messages.c.id, messages.c.channel).where(
        PENDING, messages.c.kind == MessageKind.REMINDERS, messages.c.built_at <= soonest
    )
    with store.read() as db:
        usable = {name for name in channels if known_rest(db, name, now=now) is None}
        waiting = db.execute(old).all() if usable else []
    told: list[str] = []
    for row in sorted(waiting, key=lambda row: int(row.id)):  # sorting in SQL would walk the whole table, not the index
        if row.channel not in usable:
            told += store.transact(partial(_pass_on, message_id=row.id, policy=policy, usable=usable, now=now))
    return told


def _pass_on(db: Connection, *, message_id: int, policy: DeliveryPolicy, usable: Collection[str], now: datetime) -> list[str]:
    message = message_row(db, message_id, lock=True)
    living = [one for one in load_of_message(db, message_id) if one.still_true]
    if message["state"] != MessageState.PENDING or not living or not _too_long(message, living, policy, now=now):
        return []
    found = next_posts(db, message, living, policy=policy, channels=usable, now=now)
    reached = {post.reader.destination.channel for post in found.posts.values()}
    if not found.all_placed or not reached or not reached <= set(usable):
        return []  # somebody has no other address that works: it waits for this channel
    gone = update(messages).where(messages.c.id == message_id, messages.c.state == MessageState.PENDING)
    words = f"渠道“{message['channel']}”长时间不通，改用下一个地址"
    about = [*message["about"], PASSED_ON]
    if db.execute(gone.values(state=MessageState.FAILED, last_error=words, about=about)).rowcount != 1:
        return []
    return fall_back(db, message, policy=policy, channels=usable, now=now, doubtful=message["ambiguous"] > 0)


def _too_long(message: dict[str, Any], living: list[Waiting], policy: DeliveryPolicy, *, now: datetime) -> bool:
    today = now.astimezone(policy.tz).date()
    pressing = any(one.due_on <= today for one in living)
    hours = policy.rules.give_up_hours_when_due if pressing else policy.rules.give_up_hours
    return bool(now - message["built_at"] >= timedelta(hours=hours))
