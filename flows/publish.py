"""Artifacts: what an admin reads beside a run. Nothing is published outside a run, where no server is at hand."""

from __future__ import annotations

from collections.abc import Sequence

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.context import FlowRunContext


def table(key: str, rows: Sequence[dict[str, str]], *, about: str) -> None:
    """``key`` takes only a-z, 0-9 and hyphens; headings and cells may be Chinese."""
    if FlowRunContext.get() is not None:
        create_table_artifact(table=list(rows), key=key, description=about)


def markdown(key: str, text: str, *, about: str) -> None:
    if FlowRunContext.get() is not None:
        create_markdown_artifact(markdown=text, key=key, description=about)
