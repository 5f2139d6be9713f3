from __future__ import annotations

import pytest

from notifications.masking import LONGEST, fit, keys_in


def test_words_are_made_short_and_lose_their_secrets() -> None:
    assert fit("535 \r\n wrong   password: hunter2 (aHVudGVyMg==)", secrets=["hunter2"]) == "535 wrong password: *** (***)"
    assert len(fit("x" * 9000)) == LONGEST
    assert fit("an error", secrets=["an", ""]) == "an error"  # a word of two letters is no secret


@pytest.mark.parametrize(
    ("url", "keys"),
    [
        ("https://oa.example.cn/in/1f2e3d4c5b6a?key=topsecretkey", {"1f2e3d4c5b6a", "topsecretkey"}),
        ("jsons://me:pw1@oa.example.cn/notice", {"pw1"}),
        ("tgram://123456789:abcdefgh/12315544", {"123456789", "abcdefgh", "12315544"}),
        ("gotify://10.0.0.5/AbCdEfGh%2B", {"AbCdEfGh%2B", "AbCdEfGh+"}),
        ("https://oa.example.cn/a/b", set()),
        ("http://localhost:8080/a", set()),
    ],
)
def test_what_may_be_a_key_in_an_address_is_found(url: str, keys: set[str]) -> None:
    assert set(keys_in(url)) == {url} | keys


def test_a_longer_secret_goes_first_so_that_no_end_of_it_stays() -> None:
    url = "https://oa.example.cn/in/1f2e3d4c5b6a"
    assert fit(f"cannot reach {url}", secrets=keys_in(url)) == "cannot reach ***"
