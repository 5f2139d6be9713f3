"""Errors after which the database has dropped our transaction: nothing is wrong with the row in hand."""

from __future__ import annotations

from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

DATABASE_GONE = (OperationalError, InternalError, InterfaceError)
"""A lost lock or line; PostgreSQL's idle-in-transaction time-out comes as InternalError."""
