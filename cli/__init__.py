"""The front door: one command, which starts the others."""
