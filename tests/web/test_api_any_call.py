"""Whatever a program sends, it gets an answer that the description names: no fault of ours, nothing undocumented."""

from __future__ import annotations

import warnings
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from planning.access import AccountRole, TokenKind
from services.accounts import set_rights
from services.tokens import make_token
from web.api.app import PREFIX
from web.app import create_app

pytestmark = pytest.mark.long

CALLS = 60
"""Examples of each operation: 660 calls and more, each on a database of its own making."""


def test_no_call_is_a_fault_and_no_answer_is_undocumented(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what schemathesis imports warns of its own future
        import schemathesis
        from schemathesis import checks

    monkeypatch.setattr("web.api.gate.Pace.allows", lambda *_args, **_named: True)
    now = town.clock.now
    set_rights(town.app.store, "zhangwei", role=AccountRole.ADMIN, scope=None, now=now)
    token = make_token(
        town.app.store, TokenKind.PROGRAM, "zhangwei", note="", by="zhangwei", now=now, expires_at=now + timedelta(days=1)
    )
    headers = {"Authorization": f"Bearer {token}", "Host": "town.example"}
    schema = schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", create_app(town.app), headers=headers)
    wanted = [
        checks.not_a_server_error,
        schemathesis.specs.openapi.checks.status_code_conformance,
        schemathesis.specs.openapi.checks.content_type_conformance,
        schemathesis.specs.openapi.checks.response_schema_conformance,
    ]
    seen: list[int] = []

    for operation in schema.get_all_operations():

        @settings(
            max_examples=CALLS,
            database=None,
            deadline=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.ok().as_strategy())
        def every(case: Any) -> None:
            answer = case.call(headers=headers)
            seen.append(answer.status_code)
            case.validate_response(answer, checks=wanted)

        every()
    assert len(seen) >= 11 * CALLS // 2
    assert {200, 404, 422} >= set(seen) - {409}
    assert {200, 404} <= set(seen)
