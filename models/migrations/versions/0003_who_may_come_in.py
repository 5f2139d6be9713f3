"""Accounts, sessions and tokens; who was there; opinions; items for which a link is not enough; records by a program.

The tables are new; the one added column says of every older duty what was true of it: a link was enough.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.columns import JsonText, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BEFORE = "via IN ('cli', 'link', 'page', 'import')"
_NOW = "via IN ('cli', 'link', 'page', 'import', 'program')"


def upgrade() -> None:
    _accounts()
    _gatherings()
    with op.batch_alter_table("duty") as batch:
        batch.add_column(sa.Column("login_required", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("duty") as batch:  # the default was for the rows that were there
        batch.alter_column("login_required", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
    _recorded_via(_NOW)


def downgrade() -> None:
    _recorded_via(_BEFORE)
    with op.batch_alter_table("duty") as batch:
        batch.drop_column("login_required")
    for name in ("attendance", "feedback", "session", "access_token", "account"):
        op.drop_table(name)


def _recorded_via(allowed: str) -> None:
    with op.batch_alter_table("completion") as batch:
        batch.drop_constraint(op.f("ck_completion_via"), type_="check")
        batch.create_check_constraint(op.f("ck_completion_via"), allowed)


def _accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("past_hashes", JsonText(), nullable=False),
        sa.Column("password_at", UtcDateTime(), nullable=True),
        sa.Column("activation_sha256", sa.String(), nullable=False),
        sa.Column("activation_until", UtcDateTime(), nullable=True),
        sa.Column("fails", sa.Integer(), nullable=False),
        sa.Column("locked_until", UtcDateTime(), nullable=True),
        sa.Column("second_factor", sa.Integer(), nullable=False),
        sa.Column("last_serial", sa.Integer(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("recovery_sha256", JsonText(), nullable=False),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("signed_in_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("role IN ('admin', 'leader', 'office', 'staff', 'auditor')", name=op.f("ck_account_role")),
        sa.CheckConstraint("fails >= 0", name=op.f("ck_account_fails")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("person", name=op.f("uq_account_person")),
    )
    op.create_table(
        "session",
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("browser", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id_account")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_session")),
    )
    op.create_index("ix_session_account", "session", ["account_id"], unique=False)
    op.create_table(
        "access_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('person_feed', 'unit_feed', 'program')", name=op.f("ck_access_token_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_access_token_token_sha256")),
    )
    op.create_index("ix_access_token_subject", "access_token", ["kind", "subject"], unique=False)


def _gatherings() -> None:
    op.create_table(
        "attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("occurrence_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit_name", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("via IN ('code', 'page')", name=op.f("ck_attendance_via")),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"], name=op.f("fk_attendance_occurrence_id_occurrence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("occurrence_id", "who", name=op.f("uq_attendance_occurrence_id_who")),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    op.create_index("ix_feedback_open", "feedback", ["answered_at"], unique=False)
