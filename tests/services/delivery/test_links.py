from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from models.occurrence import assignments
from models.upkeep import links
from services.errors import Refused
from services.links import ensure_link, expiry, find_link, revoke_link, token_of
from tests.services.delivery.town import Town, at

KEY = b"k" * 32
NOW = at("2026-03-03")
DUE = at("2026-03-06", "17:30")


def make(town: Town, assignment: int, *, key: bytes = KEY) -> str:
    with town.store.write() as db:
        sent = ensure_link(db, assignment, link_key=key, now=NOW, expires_at=expiry(DUE, now=NOW))
    return token_of(key, assignment, sent.serial)


def test_a_link_leads_to_the_assignment_it_was_made_for(town: Town) -> None:
    occurrence = town.occurrence()
    part = town.assign(occurrence)
    found = find_link(town.store, make(town, part), now=NOW)
    assert (found.assignment_id, found.occurrence_id, found.ref) == (part, occurrence, "duty-1:2026-Q1")
    assert (found.person, found.name, found.role) == ("wangmin", "王敏", "owner")


def test_a_token_has_130_bits_and_depends_on_key_assignment_and_serial() -> None:
    tokens = {token_of(key, number, serial) for key in (KEY, b"x" * 32) for number in (1, 2) for serial in (0, 1)}
    assert len(tokens) == 8
    assert {len(token) for token in tokens} == {26}
    assert all(token == token.lower() for token in tokens)


def test_asking_twice_gives_the_same_link(town: Town) -> None:
    part = town.assign(town.occurrence())
    assert make(town, part) == make(town, part)


@pytest.mark.parametrize("token", ["", "abc", "x" * 26, "../etc/passwd", "王敏"])
def test_what_is_no_token_is_unknown(town: Town, token: str) -> None:
    with pytest.raises(Refused, match="链接无效") as refused:
        find_link(town.store, token, now=NOW)
    assert refused.value.code == "unknown_link"


def test_a_link_ends_thirty_days_after_the_due_day(town: Town) -> None:
    token = make(town, town.assign(town.occurrence()))
    find_link(town.store, token, now=DUE + timedelta(days=30) - timedelta(seconds=1))
    with pytest.raises(Refused, match="过期") as refused:
        find_link(town.store, token, now=DUE + timedelta(days=30))
    assert refused.value.code == "expired_link"


def test_no_link_lives_longer_than_half_a_year() -> None:
    assert expiry(at("2028-01-01"), now=NOW) == NOW + timedelta(days=180)
    assert expiry(at("2025-01-01"), now=NOW) == NOW + timedelta(days=30)


def test_a_revoked_link_is_refused_and_the_next_one_is_another(town: Town) -> None:
    part = town.assign(town.occurrence())
    old = make(town, part)
    with town.store.write() as db:
        assert revoke_link(db, part, now=NOW)
        assert not revoke_link(db, part, now=NOW)
    with pytest.raises(Refused) as refused:
        find_link(town.store, old, now=NOW)
    assert refused.value.code == "revoked_link"
    new = make(town, part)
    assert new != old
    assert find_link(town.store, new, now=NOW).assignment_id == part
    with pytest.raises(Refused) as refused:
        find_link(town.store, old, now=NOW)
    assert refused.value.code == "unknown_link"


def test_who_handed_the_work_over_can_no_longer_use_the_link(town: Town) -> None:
    part = town.assign(town.occurrence())
    token = make(town, part)
    with town.store.write() as db:
        db.execute(update(assignments).values(active=False))
        revoke_link(db, part, now=NOW)
    with pytest.raises(Refused, match="已不由王敏承办，链接已停用") as refused:
        find_link(town.store, token, now=NOW)
    assert refused.value.code == "revoked_link"
    town.assign(town.rows(assignments)[0].occurrence_id, "chenxia")
    with pytest.raises(Refused, match="已不由王敏承办，现由陈霞承办"):
        find_link(town.store, token, now=NOW)


def test_a_link_still_shows_what_was_done(town: Town) -> None:
    occurrence = town.occurrence()
    token = make(town, town.assign(occurrence))
    town.close(occurrence)
    assert find_link(town.store, token, now=NOW).occurrence_id == occurrence


def test_after_a_change_of_the_key_old_links_die_and_new_ones_work(town: Town) -> None:
    part = town.assign(town.occurrence())
    old = make(town, part)
    new = make(town, part, key=b"n" * 32)
    assert find_link(town.store, new, now=NOW).assignment_id == part
    with pytest.raises(Refused):
        find_link(town.store, old, now=NOW)


def test_only_a_digest_is_kept(town: Town) -> None:
    token = make(town, town.assign(town.occurrence()))
    (row,) = town.rows(links)
    assert token not in str(row)


def test_a_stand_ins_token_opens_the_same_link_and_ends_with_it(town: Town) -> None:
    occurrence = town.occurrence()
    part = town.assign(occurrence, "wangmin")
    town.add_people({"chenxia": "陈霞", "wangmin": "王敏"})
    make(town, part)
    token = token_of(KEY, part, 0, "chenxia")
    found = find_link(town.store, f" {token.upper()} ", now=NOW, link_key=KEY)
    assert (found.assignment_id, found.person, found.acting, found.reader_name) == (part, "wangmin", "chenxia", "陈霞")
    strangers = (token_of(KEY, part, 0, "nobody"), token_of(KEY, part, 1, "chenxia"), token_of(KEY, part + 1, 0, "chenxia"))
    for other in (*strangers, token_of(b"x" * 32, part, 0, "chenxia"), token[:-1], f"r{'9' * 18}-{'a' * 26}"):
        with pytest.raises(Refused) as caught:
            find_link(town.store, other, now=NOW, link_key=KEY)
        assert caught.value.code == "unknown_link", other
    with pytest.raises(Refused):
        find_link(town.store, token, now=NOW)  # without the key nobody knows it
    with town.store.write() as db:
        revoke_link(db, part, now=NOW)
    with pytest.raises(Refused) as caught:
        find_link(town.store, token, now=NOW, link_key=KEY)
    assert caught.value.code == "revoked_link"
