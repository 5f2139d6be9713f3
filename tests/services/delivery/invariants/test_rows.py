"""I1, I2, I3, I7, I19, I22, I25, I26: what the rows themselves promise, whoever writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from models.message import attempts, messages
from models.occurrence import assignments, occurrences
from models.record import completions, log_entries
from models.reminder import reminders
from models.schema import FINAL_STATES
from reports.verification import verify
from services.complete import complete
from services.errors import Refused
from tests.rows import message_row
from tests.services.delivery.machine.providers import Answer
from tests.services.delivery.machine.world import SHANGHAI, WORKDAYS, World
from tests.services.delivery.town import LATER, Town, at, minutes

LADDER = "T-3 T-1 T0 T+1=owner,overseer"
TUESDAY = at("2026-03-03")


@pytest.mark.parametrize("full", [False, True])
def test_i1_plans_without_an_edit_change_no_count_after_the_first(world: World, full: bool) -> None:
    for days in (2, 4, 8):
        world.add(days, "wangmin", LADDER)
    world.tick()
    before = world.counts()
    for _ in range(3):
        world.plan(full=full)
        world.wait(timedelta(hours=20))
        world.plan(full=full)
    assert world.counts() == before


def test_i1_a_plan_after_a_move_and_back_is_as_quiet_as_any(world: World) -> None:
    world.add(4, "wangmin", LADDER)
    rule = world.duties["duty-1"].rule
    world.move("duty-1", 9)
    world.edit("duty-1", rule=rule)
    before = world.counts()
    world.plan(full=True)
    world.plan(full=True)
    assert world.counts() == before


def test_i2_the_database_holds_one_row_for_each_step_of_a_person_at_an_epoch(town: Town) -> None:
    part = town.assign(town.occurrence())
    town.remind(part, "T-3")
    with pytest.raises(IntegrityError):
        town.remind(part, "T-3")
    town.remind(part, "T-3", due_epoch=1)
    town.remind(part, "T-1")
    assert len(town.reminder_states) == 3


def test_i3_no_two_messages_have_one_key_and_no_reminder_two_live_messages(town: Town) -> None:
    town.item()
    town.tick(TUESDAY)
    (message,) = town.rows(messages)
    twin = message_row(ref="T2603-999999", dedupe_key=message.dedupe_key, built_at=TUESDAY, next_at=TUESDAY)
    with pytest.raises(IntegrityError), town.store.write() as db:
        db.execute(insert(messages), twin)


def test_i3_what_is_taken_over_by_a_new_message_is_in_no_other(town: Town) -> None:
    town.item("一")
    town.wire.script = [LATER]
    town.tick(TUESDAY)
    town.item("二", fire_at=at("2026-03-03", "09:30"))
    town.tick(at("2026-03-03", "09:30"))
    live = {row.id for row in town.rows(messages) if row.state in {"pending", "leased"}}
    carried = {row.message_id for row in town.rows(reminders) if row.state == "queued"}
    assert carried <= live
    assert len([state for state in town.message_states if state != "cancelled"]) == 1


@pytest.mark.parametrize("table", [messages, reminders], ids=lambda table: table.name)
def test_i7_no_final_state_can_be_left(town: Town, table: object) -> None:
    states = FINAL_STATES["message" if table is messages else "reminder"]
    for state in states:
        number = _row(town, "message" if table is messages else "reminder", state)
        held = messages if table is messages else reminders
        for other in ("pending" if table is messages else "planned", *(one for one in states if one != state)):
            with pytest.raises(DBAPIError), town.store.write() as db:
                db.execute(update(held).where(held.c.id == number).values(state=other))


def _row(town: Town, kind: str, state: str) -> int:
    if kind == "reminder":
        return town.remind(town.assign(town.occurrence()), state=state)
    row = message_row(ref=f"T-{state}", dedupe_key=state, state=state, built_at=TUESDAY, next_at=TUESDAY)
    with town.store.write() as db:
        return int(db.execute(insert(messages).returning(messages.c.id), row).scalar_one())


def test_i19_attempts_and_the_log_are_only_ever_added_to(world: World) -> None:
    world.add(1, "wangmin", LADDER)
    world.tick()
    world.act("complete", "duty-1")
    for table in (attempts, log_entries, completions, messages, reminders):
        with world.store.read() as db:
            assert db.execute(select(func.count()).select_from(table)).scalar_one()
        with pytest.raises(DBAPIError), world.store.write() as db:
            db.execute(delete(table))
    for statement in (update(attempts).values(outcome="rejected"), update(log_entries).values(actor="liguoqiang")):
        with pytest.raises(DBAPIError), world.store.write() as db:
            db.execute(statement)


def test_i22_completing_twice_gives_one_entry_and_a_friendly_answer(world: World) -> None:
    world.add(1, "wangmin", LADDER)
    world.act("complete", "duty-1")
    with pytest.raises(Refused, match="王敏") as answer:
        complete(
            world.store,
            "duty-1:2026",
            by="chenxia",
            by_name="陈霞",
            recorded_by="chenxia",
            via="cli",
            now=world.now + minutes(1),
            done_on=world.today,
            as_of=world.today,
            workdays=WORKDAYS,
        )
    assert answer.value.code == "already_done"
    with world.store.read() as db:
        acts = db.execute(select(log_entries.c.kind).where(log_entries.c.subject == "duty-1:2026")).scalars().all()
        assert acts == ["done"]
        assert db.execute(select(func.count()).select_from(completions)).scalar_one() == 1


def test_i25_every_due_moment_follows_from_its_day_and_the_offices_clock(world: World) -> None:
    for days in (1, 3, 6):
        world.add(days, "wangmin", LADDER)
    world.move("duty-1", 9)
    world.act("extend", "duty-2", days=5)
    with world.store.read() as db:
        rows = db.execute(select(occurrences)).all()
    assert len(rows) == 3
    for row in rows:
        local = datetime.combine(row.due_on, world.basis.day_ends_at, SHANGHAI)
        assert row.due_at == local.astimezone(UTC)


def test_i26_the_log_extends_every_anchor_it_ever_gave(world: World) -> None:
    world.add(2, "wangmin", LADDER)
    anchors: list[tuple[int, str]] = []
    for act in ("complete", "reopen", "waive", "reopen", "extend"):
        world.act(act, "duty-1", days=3)
        with world.store.read() as db:
            head = db.execute(select(log_entries).order_by(log_entries.c.seq.desc()).limit(1)).one()
            count = db.execute(select(func.count()).select_from(log_entries)).scalar_one()
        assert head.seq == count
        anchors.append((head.seq, head.hash))
    assert verify(world.store, anchors=anchors).ok
    seq, code = anchors[0]
    assert not verify(world.store, anchors=[(seq, code[::-1])]).ok


def test_the_rows_of_a_town_in_trouble_add_up(world: World) -> None:
    """due = sent + folded + cancelled + superseded + expired + failed + what waits: nothing is in two places or in none."""
    for days in (0, 1, 2, 3):
        world.add(days, "wangmin" if days % 2 else "zhaolei", LADDER)
    moods = ([Answer.SPAM], [Answer.CUT, Answer.CUT], [Answer.DOWN], [Answer.BAD_ADDRESS, Answer.YES], [])
    for mood in moods:
        world.tick({"mail": list(mood)})
        world.act("complete", "duty-2")
        world.to_next_window()
    with world.store.read() as db:
        by_state = dict(db.execute(select(reminders.c.state, func.count()).group_by(reminders.c.state)).all())
        total = db.execute(select(func.count()).select_from(reminders)).scalar_one()
        parts = db.execute(select(func.count()).select_from(assignments)).scalar_one()
        stray = text(
            "SELECT count(*) FROM reminder r LEFT JOIN message m ON m.id = r.message_id WHERE r.state = 'queued'"
            " AND (m.id IS NULL OR m.state NOT IN ('pending', 'leased'))"
        )
        assert db.execute(stray).scalar_one() == 0
    known = {"planned", "queued", *FINAL_STATES["reminder"]}
    assert set(by_state) <= known
    assert sum(by_state.values()) == total
    assert parts
