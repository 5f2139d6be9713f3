"""The webhook channel: our own JSON, signed, to a receiver of the office's own."""
