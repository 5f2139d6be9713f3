"""The outbox channel: writes what would be sent."""
