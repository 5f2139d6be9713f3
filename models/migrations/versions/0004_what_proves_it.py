"""Files that were declared void; and proved is only what the completion in force, and later additions, hand in.

A completion that was taken back used to leave its files as proof of the next one.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.columns import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_IN_FORCE = (
    "state = 'done' AND EXISTS (SELECT 1 FROM evidence WHERE evidence.completion_id = "
    "(SELECT max(completion.id) FROM completion WHERE completion.occurrence_id = occurrence.id))"
)
_ANY = "EXISTS (SELECT 1 FROM evidence WHERE evidence.occurrence_id = occurrence.id)"


def upgrade() -> None:
    op.create_table(
        "evidence_void",
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_evidence_void_evidence_id_evidence")),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_evidence_void")),
    )
    _judge(_IN_FORCE)


def downgrade() -> None:
    _judge(_ANY)
    op.drop_table("evidence_void")


def _judge(proof: str) -> None:
    """Only rows that differ are touched: what is proved is a verdict, drawn anew from the files."""
    op.execute(sa.text(f"UPDATE occurrence SET proved = ({proof}) WHERE proved AND NOT ({proof})"))  # noqa: S608 - our own words
    op.execute(sa.text(f"UPDATE occurrence SET proved = ({proof}) WHERE NOT proved AND ({proof})"))  # noqa: S608 - as above
