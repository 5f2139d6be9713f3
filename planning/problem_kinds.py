"""Kinds of problems that are treated otherwise than the rest; every other kind is named where it is reported."""

from __future__ import annotations

ADVICE = "advice"
"""Worth knowing and nothing is broken: it stands on the list, is not counted as a problem and starts no message."""

INCIDENTS = frozenset({"refused", "dead", "late", "doubt", "expired", "access"})
"""Something that happened, not a condition that lasts: nothing will ever close it, so time does."""

FEEDBACK = "feedback"
"""Opinions that wait for an answer: somebody must look, and nothing is broken."""
