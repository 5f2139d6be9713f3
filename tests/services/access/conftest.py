"""Three people with accounts, a clock in the test's hand, and hashes that cost next to nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from models.access import accounts, sessions
from models.store import Store
from models.upkeep import problems
from planning.access import AccountRole
from services import passwords
from services.accounts import activate, open_account
from services.errors import Refused
from services.factor_setting import confirm_factor, offered_secret
from services.passwords import NewPassword
from services.sign_in import Offered, SignedIn, sign_in

MONDAY = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)
KEY = b"k" * 32
GOOD = "Qing-Shan-92"
NAMES = {"zhangwei": "张伟", "chenxia": "陈霞", "wangmin": "王敏"}


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What they cost is the business of test_passwords.py alone."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: hasher)
    monkeypatch.setattr(passwords, "_NOBODY", hasher.hash("nobody's"))


@dataclass
class Town:
    store: Store
    now: datetime = MONDAY
    phones: dict[str, pyotp.TOTP] = field(default_factory=dict)

    def later(self, **more: float) -> datetime:
        self.now += timedelta(**more)
        return self.now

    def add(self, person: str, role: AccountRole = AccountRole.STAFF, *, scope: str | None = None, password: str = GOOD) -> None:
        code = open_account(
            self.store, person=person, name=NAMES.get(person, person), role=role, scope=scope, by="console", now=self.now
        )
        if password:
            activate(self.store, person, code, NewPassword(password, "dengbao2"), now=self.now)

    def sign_in(self, who: str, password: str = GOOD, digits: str = "", **more: Any) -> SignedIn:
        return sign_in(self.store, Offered(who, password, digits), link_key=KEY, rules="dengbao2", now=self.now, **more)

    def refused(self, act: Callable[..., object], *given: Any, **more: Any) -> Refused:
        with pytest.raises(Refused) as caught:
            act(*given, **more)
        return caught.value

    def account(self, person: str) -> Any:
        with self.store.read() as db:
            return db.execute(select(accounts).where(accounts.c.person == person)).one()

    def open_sessions(self, person: str) -> int:
        mine = select(sessions).where(sessions.c.account_id == self.account(person).id, sessions.c.ended_at.is_(None))
        with self.store.read() as db:
            return len(db.execute(mine).all())

    def problem(self, person: str) -> Any:
        with self.store.read() as db:
            return db.execute(select(problems).where(problems.c.key == f"locked:{person}")).one_or_none()

    def use_phone(self, person: str) -> list[str]:
        """Turn the second factor on; the recovery codes."""
        account = self.account(person)
        secret, serial = offered_secret(self.store, account.id, link_key=KEY)
        self.phones[person] = pyotp.TOTP(secret)
        return confirm_factor(self.store, account.id, GOOD, serial=serial, digits=self.digits(person), link_key=KEY, now=self.now)

    def digits(self, person: str, **ago: float) -> str:
        return self.phones[person].at(self.now - timedelta(**ago))


@pytest.fixture
def town(store: Store) -> Town:
    made = Town(store)
    made.add("zhangwei", AccountRole.ADMIN)
    made.add("chenxia", AccountRole.OFFICE, scope="sifasuo")
    made.add("wangmin")
    return made
