"""Alembic: one file a change, named by what it does."""
