"""Whatever a program sends, it gets an answer that the description names: no fault of ours, nothing undocumented."""

from __future__ import annotations

import warnings
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from planning.access import AccountRole
from services.tick import tick
from tests.web.county_platform import API, Platform
from tests.web.staff_hands import FIX, STUDY, set_up
from web.app import create_app

pytestmark = pytest.mark.long

CALLS = 60
"""Examples of each operation: 1,000 calls and more, on one town that they change as they go."""

CALLERS = (
    ("zhangwei", AccountRole.ADMIN),
    ("chenxia", AccountRole.STAFF),
    ("zhangjun", AccountRole.LEADER),
    ("wangmin", AccountRole.OFFICE),
)
PLACES = ("", STUDY, FIX, "safe:2026-05")
SHEET = ("签到表.pdf", b"%PDF-1.4 x")


@pytest.fixture
def callers(town: Any) -> list[str]:
    """Tokens, in a town in which there is something behind every address: files, a wish that waits, messages, an opinion."""
    set_up(town, "extension_approval: overseer")
    platforms = [Platform(town, person, role) for person, role in CALLERS]
    _, owner, _, clerk = platforms
    assert clerk.carry(FIX, "done", SHEET, by="wangmin", done_on="2026-04-07").status_code == 200
    assert owner.act(STUDY, "extend", by="chenxia", to="2026-07-10", reason="出差").status_code == 200
    assert owner.post("/feedback", text="提醒太多").status_code == 200
    with town.app.open_channels() as channels:
        tick(town.app.store, channels, town.app.delivery_policy(), now=town.clock.now)
    return [one.token for one in platforms]


def test_no_call_is_a_fault_and_no_answer_is_undocumented(town: Any, callers: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what schemathesis imports warns of its own future
        import schemathesis
        from schemathesis import checks

    monkeypatch.setattr("web.api.gate.Pace.allows", lambda *_args, **_named: True)
    host = {"Host": "town.example"}
    schema = schemathesis.openapi.from_asgi(f"{API}/openapi.json", create_app(town.app), headers=host)
    wanted = [
        checks.not_a_server_error,
        schemathesis.specs.openapi.checks.status_code_conformance,
        schemathesis.specs.openapi.checks.content_type_conformance,
        schemathesis.specs.openapi.checks.response_schema_conformance,
    ]
    seen: Counter[int] = Counter()
    carrying: Counter[int] = Counter()
    answered: set[str] = set()

    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in operations:

        @settings(
            max_examples=CALLS,
            database=None,
            deadline=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(
            case=operation.as_strategy(),
            token=st.sampled_from(callers),
            known=st.sampled_from(PLACES),
        )
        def every(case: Any, token: str, known: str) -> None:
            label = case.operation.label
            if known and "ref" in case.path_parameters:  # else nothing would ever be there
                case.path_parameters["ref"] = "T2604-000001" if "/messages/" in label else known
            if known and "number" in case.path_parameters:
                case.path_parameters["number"] = 1
            answer = case.call(headers={**host, "Authorization": f"Bearer {token}"})
            seen[answer.status_code] += 1
            if "multipart" in (case.media_type or ""):
                carrying[answer.status_code] += 1
            if answer.status_code not in {404, 422}:
                answered.add(label)
            case.validate_response(answer, checks=wanted)

        every()
    assert seen.total() >= 1_000
    assert seen.keys() == {200, 403, 404, 409, 422}
    assert carrying.keys() >= {403, 409, 422}
    assert answered == {operation.label for operation in operations}  # each was let in as far as the thing itself
