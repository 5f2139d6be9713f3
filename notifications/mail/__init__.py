"""The mail channel: messages built with the standard library, sent over a kept SMTP connection."""
