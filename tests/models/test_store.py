"""The way to the tables: a unit of work is done over as a whole when the database gave up a lock, and not for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError

from models import store as opening
from models.listening import listening_connection
from models.store import TRIES, Store, open_store
from models.upkeep import facts

AT = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses between the tries, not the tries."""
    monkeypatch.setattr(opening.random, "uniform", lambda *_: 0.0)


def note(db: Connection, name: str) -> None:
    db.execute(insert(facts), {"name": name, "value": 0, "at": AT})


def names(store: Store) -> list[str]:
    with store.read() as db:
        return list(db.execute(select(facts.c.name).order_by(facts.c.name)).scalars())


class Unlucky:
    """A unit of work that writes and then loses a lock, so often."""

    def __init__(self, times: int, said: str) -> None:
        self.left, self.said, self.tries = times, said, 0

    def __call__(self, db: Connection) -> int:
        self.tries += 1
        note(db, f"try {self.tries}")
        if self.left:
            self.left -= 1
            raise OperationalError("UPDATE", {}, Exception(self.said))
        return self.tries


@pytest.mark.parametrize("said", ["deadlock detected", "could not serialize access due to concurrent update"])
def test_a_lost_lock_repeats_the_whole_unit_and_keeps_nothing_of_the_first_tries(store: Store, said: str) -> None:
    assert store.transact(Unlucky(TRIES - 1, said)) == TRIES
    assert names(store) == [f"try {TRIES}"]


def test_after_five_lost_locks_the_work_fails_and_leaves_nothing(store: Store) -> None:
    work = Unlucky(99, "deadlock detected")
    with pytest.raises(OperationalError, match="deadlock"):
        store.transact(work)
    assert work.tries == TRIES == 5
    assert names(store) == []


@pytest.mark.parametrize("said", ["database is locked", "disk I/O error", "server closed the connection unexpectedly"])
def test_what_more_tries_cannot_mend_fails_at_once(store: Store, said: str) -> None:
    """A locked file was waited for with the whole patience already."""
    work = Unlucky(99, said)
    with pytest.raises(OperationalError):
        store.transact(work)
    assert work.tries == 1


def test_two_writers_that_read_first_lose_no_update(store: Store) -> None:
    store.transact(lambda db: note(db, "counted"))

    def one_more(db: Connection) -> None:
        wanted = select(facts.c.value).where(facts.c.name == "counted")
        seen = db.execute(wanted.with_for_update()).scalar_one()
        db.execute(update(facts).where(facts.c.name == "counted").values(value=seen + 1))

    in_threads(2, lambda _: [store.transact(one_more) for _ in range(20)])
    with store.read() as db:
        assert db.execute(select(facts.c.value)).scalar_one() == 40


@pytest.mark.postgres
def test_a_real_deadlock_is_survived_by_both(postgres_town: str) -> None:
    store = open_store(postgres_town)
    with store.write() as db:
        db.execute(text("DELETE FROM fact"))
        for name in ("a", "b"):
            note(db, name)
    meeting = Barrier(2)
    tries = []

    def cross(number: int) -> None:
        first = True

        def work(db: Connection) -> None:
            nonlocal first
            tries.append(number)
            db.execute(text("SET LOCAL deadlock_timeout = '50ms'"))
            for turn, name in enumerate(("a", "b") if number else ("b", "a")):
                db.execute(update(facts).where(facts.c.name == name).values(value=facts.c.value.op("||")(text("'[]'::jsonb"))))
                if turn == 0 and first:
                    first = False
                    meeting.wait(10)

        store.transact(work)

    in_threads(2, cross)
    assert len(tries) == 3  # one of the two was sent back once
    with store.read() as db:
        assert sorted(db.execute(select(facts.c.name)).scalars()) == ["a", "b"]
    with store.write() as db:
        db.execute(text("DELETE FROM fact"))
    store.close()


@pytest.mark.postgres
def test_a_lock_that_is_held_too_long_is_given_up_after_the_patience(postgres_town: str) -> None:
    holder, other = open_store(postgres_town), open_store(postgres_town, patience=1)
    with holder.write() as db:
        db.execute(text("LOCK TABLE fact IN EXCLUSIVE MODE"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            other.transact(lambda mine: note(mine, "late"))
    holder.close()
    other.close()


def test_a_file_that_is_locked_too_long_is_given_up_after_the_patience(tmp_path: object) -> None:
    holder, other = (open_store(f"sqlite:///{tmp_path}/suishi.db", patience=0) for _ in range(2))
    with holder.write(), pytest.raises(OperationalError, match="locked"):
        other.transact(lambda db: db.execute(text("SELECT 1")))
    holder.close()
    other.close()


@pytest.mark.postgres
def test_each_session_watches_its_line_and_its_time(postgres_town: str) -> None:
    store = open_store(postgres_town, patience=7, silence=20)
    wanted = {"lock_timeout": "7s", "statement_timeout": "18s", "idle_in_transaction_session_timeout": "1min"}
    with store.read() as db:
        assert {name: db.execute(text(f"SHOW {name}")).scalar_one() for name in wanted} == wanted
        told = db.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]  # psycopg's own
    store.close()
    assert (told["tcp_user_timeout"], told["keepalives_idle"], told["connect_timeout"]) == ("50000", "20", "10")


@pytest.mark.postgres
def test_a_server_that_says_nothing_is_given_up_and_one_that_talks_is_not(postgres_town: str) -> None:
    made = listening_connection(1.0)
    address = postgres_town.replace("+psycopg", "")
    with made.connect(address) as talking:
        # Each row fills the server's buffer, so that it leaves at once: the whole takes longer than the silence.
        many = talking.execute("SELECT repeat('x', 20000), pg_sleep(0.3) FROM generate_series(1, 5)").fetchall()
        assert len(many) == 5
        assert not talking.closed
    silent = made.connect(address)
    with pytest.raises(Exception, match="said nothing for 1 seconds"):
        silent.execute("SELECT pg_sleep(30)")
    assert silent.closed


def in_threads(count: int, work: Callable[[int], object]) -> None:
    failures: list[BaseException] = []

    def one(number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failures.append(error)

    threads = [Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
