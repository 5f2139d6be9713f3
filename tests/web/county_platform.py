"""A program of the county that calls the town with the token of an account."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from planning.access import AccountRole, TokenKind
from services.accounts import set_rights
from services.tokens import make_token

API = "/api/v1"


class Platform:
    """A program that calls with the token of an account."""

    def __init__(self, town: Any, person: str, role: AccountRole, scope: str | None = None) -> None:
        self.town = town
        set_rights(town.app.store, person, role=role, scope=scope, now=town.clock.now)
        made = {"note": "县级平台", "by": "zhangwei", "now": town.clock.now, "expires_at": town.clock.now + timedelta(days=90)}
        self.token = make_token(town.app.store, TokenKind.PROGRAM, person, **made)
        town.sign_out()

    def get(self, path: str, **query: Any) -> Any:
        return self.town.get(f"{API}{path}", params=query, headers={"Authorization": f"Bearer {self.token}"})

    def post(self, path: str, **said: Any) -> Any:
        return self.town.post(f"{API}{path}", json=said, headers={"Authorization": f"Bearer {self.token}"})

    def act(self, ref: str, act: str, **said: Any) -> Any:
        return self.post(f"/occurrences/{ref}/{act}", **said)

    def carry(self, ref: str, act: str, *files: tuple[str, bytes], **said: Any) -> Any:
        """The same with files beside the words."""
        parts = [("files", (name, content, "application/octet-stream")) for name, content in files]
        headers = {"Authorization": f"Bearer {self.token}"}
        data = {"said": json.dumps(said)} if said else {}
        return self.town.post(f"{API}/occurrences/{ref}/{act}", data=data, files=parts, headers=headers)
