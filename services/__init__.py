"""Use cases that write: plan, send, record. The time and every dependency are passed in."""
