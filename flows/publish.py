"""Artifacts: what an admin reads beside a run. Nothing is published outside a run, where no server is at hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.logging import get_run_logger
from prefect.states import Completed


def done(said: str) -> State[Any]:
    """The end of a run, with one sentence that Prefect's pages show beside its state."""
    return Completed(message=said)


def table(key: str, rows: Sequence[dict[str, str]], *, about: str) -> None:
    """``key`` takes only a-z, 0-9 and hyphens; headings and cells may be Chinese."""
    _publish(lambda: create_table_artifact(table=list(rows), key=key, description=about))


def markdown(key: str, text: str, *, about: str) -> None:
    _publish(lambda: create_markdown_artifact(markdown=text, key=key, description=about))


def _publish(create: Callable[[], object]) -> None:
    """What was sent is sent, whether or not it can be shown: a failure here must not fail the run."""
    if FlowRunContext.get() is None:
        return
    try:
        create()
    except Exception:  # noqa: BLE001 - whatever the server is at fault for
        get_run_logger().exception("the artifact was not published")
