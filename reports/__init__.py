"""Projections that only read: lists, figures, histories, the check of the log."""
