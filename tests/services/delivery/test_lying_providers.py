"""A provider that says 200 and means no: never recorded as accepted; it arrives later, elsewhere, or is a problem."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.store import Store
from tests.notifications.providers.server import said
from tests.services.delivery.liars import KINDS, Kind, Lie, scene
from tests.services.delivery.machine.world import begin_anew, memory_store
from tests.services.delivery.town import Town, minutes

ALL = [pytest.param(kind, lie, id=f"{kind.name}: {lie.name}") for kind in KINDS for lie in kind.lies]
ROBOT = KINDS[0]
OF_THE_ROBOT = [pytest.param(ROBOT, lie, id=lie.name) for lie in ROBOT.lies]
REFUSALS = [pytest.param(kind, lie, id=f"{kind.name}: {lie.name}") for kind in KINDS[1:] for lie in kind.refusals]
ONE_OF_EACH = [pytest.param(kind, kind.refusals[0], id=kind.name) for kind in KINDS]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def memory() -> Iterator[Store]:
    store = memory_store()
    yield store
    store.close()


@pytest.fixture
def quick_town(memory: Store, sqlite_template: Path) -> Town:
    """What a provider says has nothing to do with the database: one of each kind runs on both, the whole list in memory."""
    begin_anew(memory, sqlite_template)
    return Town(memory)


@pytest.mark.parametrize(("kind", "lie"), ALL)
def test_i18_a_lie_that_never_ends_is_never_believed_and_the_mail_arrives(quick_town: Town, kind: Kind, lie: Lie) -> None:
    with scene(quick_town, kind) as played:
        played.lie(lie)
        played.play()
        assert played.provider.requests
        assert "accepted" not in played.outcomes_on_im
        assert (played.reminder_state, played.arrived_by_mail) == ("sent", 1)


@pytest.mark.parametrize(("kind", "lie"), [*OF_THE_ROBOT, *REFUSALS])
def test_i18_a_lie_told_once_costs_no_reminder(quick_town: Town, kind: Kind, lie: Lie) -> None:
    with scene(quick_town, kind) as played:
        played.lie(lie, times=1)
        played.play()
        renewed = lie.name.endswith("40014")  # a token that has run out is renewed within the same try
        assert renewed or played.outcomes_on_im[0] in {"deferred", "rejected", "unknown"}
        assert played.reminder_state == "sent"
        arrived = len(played.honest.taken) + played.arrived_by_mail
        assert arrived == 1
        assert played.outcomes_on_im.count("accepted") == len(played.honest.taken)


@pytest.mark.parametrize(("kind", "lie"), OF_THE_ROBOT)
def test_i17_a_lie_without_a_second_address_becomes_a_problem(quick_town: Town, kind: Kind, lie: Lie) -> None:
    """What is neither sent nor failed after two days waits for a channel that somebody is told about."""
    with scene(quick_town, kind) as played:
        played.lie(lie)
        played.only_im()
        played.play()
        assert "accepted" not in played.outcomes_on_im
        assert played.reminder_state in {"failed", "queued"}
        assert played.town.open_problems or "watch:late-messages" in played.watched()


@pytest.mark.parametrize(("kind", "lie"), ONE_OF_EACH)
def test_i18_a_refusal_is_no_acceptance_on_either_database(town: Town, kind: Kind, lie: Lie) -> None:
    with scene(town, kind) as played:
        played.lie(lie)
        played.play()
        assert "accepted" not in played.outcomes_on_im
        assert (played.reminder_state, played.arrived_by_mail) == ("sent", 1)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_an_answer_said_twice_counts_once_and_is_not_the_answer_to_the_next_message(quick_town: Town, kind: Kind) -> None:
    with scene(quick_town, kind) as played:
        twice = Lie("yes, twice", said(errcode=0, code=0, result="ok", errmsg="ok", msgid="m"))
        played.lie(Lie(twice.name, type(twice.reply)(200, twice.reply.headers, twice.reply.body, copies=2)), times=1)
        played.play()
        assert played.outcomes_on_im == ["accepted"]
        quick_town.item("第二件", person="wangmin", due="2026-03-03", step="T0")
        played.lie(Lie("no", said(errcode=45009, code=11232, result="no", errmsg="no")))
        played.now += minutes(180)
        played.play()
        assert played.outcomes_on_im[1:]
        assert "accepted" not in played.outcomes_on_im[1:]


def test_the_list_of_lies_is_long_enough() -> None:
    assert len({lie.name for kind in KINDS for lie in kind.lies}) >= 30
