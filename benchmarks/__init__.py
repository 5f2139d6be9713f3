"""Figures, each measured against its yardstick in the same run. No test asserts a time."""
