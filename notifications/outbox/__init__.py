"""The outbox channel: writes what would be sent."""

WRITTEN = "已写入发件箱"
"""Its answer. Nobody receives what bears it, so reports never call it sent."""
