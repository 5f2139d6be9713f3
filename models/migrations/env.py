"""Run by Alembic. The connection is handed in by models/migrate.py: no second way to open the database."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from models import schema  # noqa: F401 - importing it fills the metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite changes a table by making it anew
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
