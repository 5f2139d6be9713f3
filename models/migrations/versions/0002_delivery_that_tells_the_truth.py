"""Words to the office, held reminders, calendar files, wishes for a later day.

Every column is added with a default, so that older rows say what was true of them: all messages carried reminders,
nothing was held, and every acceptance was the provider's own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.columns import JsonText, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_PENDING = sa.text("state = 'pending'")
_ON_THE_WIRE = sa.text("data_at IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("message") as batch:
        batch.add_column(sa.Column("kind", sa.String(), nullable=False, server_default="reminders"))
        batch.add_column(sa.Column("about", JsonText(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("fallback_of", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("calendar", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("verified", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch.create_check_constraint(op.f("ck_message_kind"), "kind IN ('reminders', 'office')")
        batch.create_foreign_key(op.f("fk_message_fallback_of_message"), "message", ["fallback_of"], ["id"])
    with op.batch_alter_table("message") as batch:  # the defaults were for the rows that were there
        for name, kind in (
            ("kind", sa.String()),
            ("about", JsonText()),
            ("calendar", sa.String()),
            ("verified", sa.Boolean()),
        ):
            batch.alter_column(name, existing_type=kind, existing_nullable=False, server_default=None)
    with op.batch_alter_table("reminder") as batch:
        batch.add_column(sa.Column("held_until", UtcDateTime(), nullable=True))
        batch.create_check_constraint(op.f("ck_reminder_queued"), "state <> 'queued' OR message_id IS NOT NULL")
    with op.batch_alter_table("problem") as batch:
        batch.add_column(sa.Column("told_at", UtcDateTime(), nullable=True))
    op.create_index(
        "ix_attempt_on_the_wire",
        "attempt",
        ["data_at"],
        unique=False,
        postgresql_where=_ON_THE_WIRE,
        sqlite_where=_ON_THE_WIRE,
    )
    op.create_table(
        "extension_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("occurrence_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_name", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_name", sa.String(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.CheckConstraint("state IN ('pending', 'approved', 'refused', 'withdrawn')", name=op.f("ck_extension_request_state")),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"], name=op.f("fk_extension_request_occurrence_id_occurrence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension_request")),
    )
    op.create_index(
        "uq_extension_request_pending",
        "extension_request",
        ["occurrence_id"],
        unique=True,
        postgresql_where=_PENDING,
        sqlite_where=_PENDING,
    )


def downgrade() -> None:
    op.drop_table("extension_request")
    op.drop_index("ix_attempt_on_the_wire", "attempt", postgresql_where=_ON_THE_WIRE, sqlite_where=_ON_THE_WIRE)
    with op.batch_alter_table("problem") as batch:
        batch.drop_column("told_at")
    with op.batch_alter_table("reminder") as batch:
        batch.drop_constraint(op.f("ck_reminder_queued"), type_="check")
        batch.drop_column("held_until")
    with op.batch_alter_table("message") as batch:
        batch.drop_constraint(op.f("fk_message_fallback_of_message"), type_="foreignkey")
        batch.drop_constraint(op.f("ck_message_kind"), type_="check")
        for name in ("verified", "calendar", "fallback_of", "about", "kind"):
            batch.drop_column(name)
