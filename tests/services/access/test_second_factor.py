"""The second factor: digits that are good once, codes on paper that are good once, and both only for their account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from models.access import accounts
from services.accounts import activate, renew_activation
from services.errors import Refused
from services.factor_setting import confirm_factor, end_factor, offered_secret
from services.passwords import NewPassword
from services.second_factor import new_recovery_codes, provisioning_uri, recovery_digest, secret_of, step_of

KEY, GOOD = b"k" * 32, "Qing-Shan-92"


def test_once_it_is_on_the_password_alone_does_not_open(town: Any) -> None:
    town.use_phone("wangmin")
    refusal = town.refused(town.sign_in, "wangmin")
    assert (refusal.code, "动态码" in refusal.sentence) == ("second_factor", True)
    town.later(minutes=1)
    assert town.sign_in("wangmin", digits=town.digits("wangmin")).person == "wangmin"


def test_digits_do_not_replace_the_password_and_a_wrong_password_is_told_nothing_of_them(town: Any) -> None:
    town.use_phone("wangmin")
    town.later(minutes=1)
    assert town.refused(town.sign_in, "wangmin", "wrong", town.digits("wangmin")).code == "sign_in"


def test_the_same_digits_are_good_once_also_those_that_turned_it_on(town: Any) -> None:
    town.use_phone("wangmin")
    assert town.refused(town.sign_in, "wangmin", GOOD, town.digits("wangmin")).code == "second_factor"
    town.later(seconds=30)
    town.sign_in("wangmin", digits=town.digits("wangmin"))
    assert town.refused(town.sign_in, "wangmin", GOOD, town.digits("wangmin")).code == "second_factor"
    assert town.refused(town.sign_in, "wangmin", GOOD, town.digits("wangmin", seconds=30)).code == "second_factor"
    town.later(seconds=30)
    town.sign_in("wangmin", digits=town.digits("wangmin"))


def test_a_phone_may_be_half_a_minute_off_and_no_more(town: Any) -> None:
    town.use_phone("wangmin")
    for minutes, off in ((5, 30), (10, -30)):
        town.later(minutes=minutes)
        town.sign_in("wangmin", digits=town.digits("wangmin", seconds=off))
    for off in (61, -61):
        town.later(minutes=5)
        assert town.refused(town.sign_in, "wangmin", GOOD, town.digits("wangmin", seconds=off)).code == "second_factor"


def test_digits_may_be_typed_with_a_space_or_wide(town: Any) -> None:
    town.use_phone("wangmin")
    town.later(minutes=1)
    digits = town.digits("wangmin")
    town.sign_in("wangmin", digits=f" {digits[:3]} {digits[3:]} ")
    town.later(minutes=1)
    town.sign_in("wangmin", digits="".join(chr(ord(digit) + 0xFEE0) for digit in town.digits("wangmin")))


def test_wrong_digits_count_as_wrong_tries(town: Any) -> None:
    town.use_phone("wangmin")
    town.later(minutes=1)
    for _ in range(5):
        assert town.refused(town.sign_in, "wangmin", GOOD, "000000").code == "second_factor"
    assert town.refused(town.sign_in, "wangmin", GOOD, town.digits("wangmin")).code == "locked"


def test_a_code_on_paper_opens_once(town: Any) -> None:
    codes = town.use_phone("wangmin")
    assert len(set(codes)) == 8
    town.sign_in("wangmin", digits=codes[0].upper())
    assert town.refused(town.sign_in, "wangmin", GOOD, codes[0]).code == "second_factor"
    town.sign_in("wangmin", digits=codes[1].replace("-", " "))
    assert len(town.account("wangmin").recovery_sha256) == 6


@pytest.mark.parametrize("many", [("same",) * 6, tuple("abcdef")])
def test_codes_used_at_once_are_each_good_once(town: Any, many: tuple[str, ...]) -> None:
    codes = town.use_phone("wangmin")
    which = [codes[0 if word == "same" else number] for number, word in enumerate(many)]

    def use(code: str) -> str:
        try:
            return str(town.sign_in("wangmin", digits=code).person)
        except Refused as refusal:
            return refusal.code

    with ThreadPoolExecutor(3) as browsers:  # three at once stay below five tries
        answers = list(browsers.map(use, which))
    good = answers.count("wangmin")
    assert good == (1 if many[0] == "same" else 6)
    assert len(town.account("wangmin").recovery_sha256) == 8 - good


def test_digits_used_at_once_are_good_once(town: Any) -> None:
    town.use_phone("wangmin")
    town.later(minutes=1)
    digits = town.digits("wangmin")

    def use(_: int) -> str:
        try:
            return str(town.sign_in("wangmin", digits=digits).person)
        except Refused as refusal:
            return refusal.code

    with ThreadPoolExecutor(4) as browsers:
        answers = list(browsers.map(use, range(4)))
    assert answers.count("wangmin") == 1


def test_another_persons_phone_and_paper_are_worth_nothing(town: Any) -> None:
    codes = town.use_phone("chenxia")
    town.use_phone("wangmin")
    town.later(minutes=1)
    assert town.refused(town.sign_in, "wangmin", GOOD, town.digits("chenxia")).code == "second_factor"
    assert town.refused(town.sign_in, "wangmin", GOOD, codes[0]).code == "second_factor"


def test_turning_it_on_needs_the_password_and_the_phone(town: Any) -> None:
    account = town.account("wangmin").id
    secret, serial = offered_secret(town.store, account, link_key=KEY)
    digits = pyotp.TOTP(secret).at(town.now)

    def confirm(password: str, digits: str, serial: int) -> object:
        return confirm_factor(town.store, account, password, serial=serial, digits=digits, link_key=KEY, now=town.now)

    assert town.refused(confirm, "wrong", digits, serial).code == "wrong_password"
    assert town.refused(confirm, GOOD, "000000", serial).code == "second_factor"
    assert town.refused(confirm, GOOD, digits, serial + 1).code == "second_factor"
    assert town.account("wangmin").second_factor == 0
    assert confirm(GOOD, digits, serial)
    assert town.refused(confirm, GOOD, digits, serial).code == "edited_meanwhile"


def test_another_phone_takes_its_place_only_after_it_was_turned_off(town: Any) -> None:
    town.use_phone("wangmin")
    account = town.account("wangmin").id
    secret, serial = offered_secret(town.store, account, link_key=KEY)
    given = {"serial": serial, "digits": pyotp.TOTP(secret).at(town.now), "link_key": KEY, "now": town.now}
    assert town.refused(confirm_factor, town.store, account, GOOD, **given).code == "edited_meanwhile"
    assert town.refused(end_factor, town.store, account, "wrong", now=town.now).code == "wrong_password"
    end_factor(town.store, account, GOOD, now=town.now)
    assert town.sign_in("wangmin").person == "wangmin"
    old = town.phones["wangmin"]
    town.use_phone("wangmin")
    town.later(minutes=1)
    assert town.refused(town.sign_in, "wangmin", GOOD, old.at(town.now)).code == "second_factor"
    town.sign_in("wangmin", digits=town.digits("wangmin"))


def test_a_lost_phone_is_forgotten_with_the_password_and_its_secret_never_counts_again(town: Any) -> None:
    town.use_phone("wangmin")
    lost = town.phones["wangmin"]
    code = renew_activation(town.store, "wangmin", now=town.now).code
    activate(town.store, "wangmin", code, NewPassword("Lan-Tian-47", "dengbao2"), now=town.now)
    assert town.sign_in("wangmin", "Lan-Tian-47").person == "wangmin"
    account = town.account("wangmin")
    assert (account.second_factor, account.recovery_sha256) == (0, [])
    assert offered_secret(town.store, account.id, link_key=KEY)[0] != lost.secret


def test_a_factor_that_was_turned_on_during_the_try_is_asked_for(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from services import sign_in as door

    check = door.check_password

    def meanwhile(password: str, stored: str) -> Any:
        with town.store.write() as db:
            db.execute(update(accounts).where(accounts.c.person == "wangmin").values(second_factor=1, last_serial=1))
        return check(password, stored)

    monkeypatch.setattr(door, "check_password", meanwhile)
    assert town.refused(town.sign_in, "wangmin").code == "second_factor"


def test_the_phone_reads_what_it_needs_from_the_picture() -> None:
    secret = secret_of(KEY, 7, 1)
    uri = urlsplit(provisioning_uri(secret, person="王敏", title="工作提醒"))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert parse_qs(uri.query) == {"secret": [secret], "issuer": ["工作提醒"]}


def test_secrets_differ_by_account_by_serial_and_by_key() -> None:
    secrets = {secret_of(key, account, serial) for key in (KEY, b"x" * 32) for account in (1, 11) for serial in (1, 11)}
    assert len(secrets) == 8
    digests = {recovery_digest(key, account, "abc-def") for key in (KEY, b"x" * 32) for account in (1, 11)}
    assert len(digests) == 4


def test_rfc_6238_has_the_same_digits() -> None:
    """Appendix B, SHA-1, the last six of its eight."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, digits in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037")):
        now = datetime.fromtimestamp(seconds, UTC)
        assert step_of(secret, digits, now=now, after=0) == seconds // 30


@given(st.text(max_size=12), st.integers(60, 2**31))
def test_whatever_is_typed_fits_only_when_it_is_the_phones(text: str, seconds: int) -> None:
    secret = secret_of(KEY, 1, 1)
    now = datetime.fromtimestamp(seconds, UTC)
    around = {pyotp.TOTP(secret).at(now + timedelta(seconds=off)) for off in (-30, 0, 30)}
    assert step_of(secret, text, now=now, after=0) is None or text.strip() in around


def test_codes_on_paper_are_random() -> None:
    assert len({code for _ in range(100) for code in new_recovery_codes()}) == 800
