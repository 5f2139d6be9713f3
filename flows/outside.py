"""The sign of life to a watch outside the house, when the settings name one."""

from __future__ import annotations

from config.app import App
from notifications.ping import ping
from services.outside_ping import note_ping


def tell_outside(app: App) -> None:
    """At the end of a watch that came to its end: whoever misses the sign knows that this machine is silent."""
    address = app.settings.ping_url
    if address:
        note_ping(app.store, ping(address.reveal()), now=app.now())
