"""Every page in a real Chromium: whoever sees badly, has a small phone, an old office PC or no JavaScript can work with it.

The pages are read from the router (tests/web/every_page.py), on a town of the demonstration's size.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.web.busy_town import BusyTown
from tests.web.every_page import Look, every_look, gone, unknown
from tests.web.looking import Eyes, Seen
from web.headers import CONTENT_POLICY

pytestmark = pytest.mark.browser

FIRST_LOAD = 60 * 1024
"""Bytes over the wire: a village on a bad line opens a page within two seconds."""

BAD_PAGE = """<!doctype html><html><head><title>bad</title></head><body><h1>bad</h1>
<p style="margin:0"><font color="#aaaaaa">too pale</font></p><script>document.title = "never"</script>
<img src="http://127.0.0.2/x.png"><form><input name="nobody"></form><pre>{wide}</pre></body></html>"""


@pytest.fixture(scope="module")
def eyes(busy: BusyTown, busy_address: str, browser: Browser) -> Iterator[Eyes]:
    opened = Eyes(browser, busy, busy_address)
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=every_look(), ids=lambda look: look.name)
def look(request: pytest.FixtureRequest) -> Look:
    wanted: Look = request.param
    return wanted


@pytest.fixture(scope="module")
def seen(eyes: Eyes, look: Look) -> Seen:
    return eyes.look(look)


def test_every_route_with_a_parameter_has_its_looks_and_no_look_is_for_nothing() -> None:
    assert unknown() == [], "give them looks in tests/web/every_page.py"
    assert gone() == []


def test_whatever_is_wrong_with_a_page_is_seen(eyes: Eyes) -> None:
    bad = BAD_PAGE.format(wide="wide " * 400)
    eyes.page.route("**/bad", lambda route: route.fulfill(body=bad, headers={"Content-Security-Policy": CONTENT_POLICY}))
    saw = eyes.look(Look("", "/bad", "nobody"))
    found = {line.split()[1].rstrip(":") for line in saw.axe}
    assert {"color-contrast", "html-has-lang", "label", "landmark-one-main"} <= found
    assert {line.split()[0] for line in saw.axe} == {"desktop", "phone"}
    assert saw.page["title"] == "bad"
    assert saw.too_wide["phone"] > 0
    assert len(saw.page["violations"]) >= 3  # the style, the script, the picture
    assert saw.complaints
    assert (len(saw.page["inline"]), len(saw.page["unlabelled"]), len(saw.page["deadForms"])) == (2, 1, 1)
    assert (saw.page["skip"], saw.page["feedback"], saw.page["lang"]) == (False, [], "")


def test_who_sees_badly_or_hears_the_page_can_use_it(seen: Seen, look: Look) -> None:
    assert seen.status == look.status
    assert seen.axe == []
    assert seen.page["unlabelled"] == []
    assert seen.page["lang"] == "zh-CN"
    assert seen.page["skip"] is True
    assert len(seen.page["headings"]) == 1
    assert seen.page["title"].count(" · ") == 1
    assert seen.page["feedback"] == ["意见建议"]
    assert seen.page["deadForms"] == []


def test_it_keeps_to_itself_and_breaks_no_policy(seen: Seen) -> None:
    assert seen.page["violations"] == []
    assert seen.complaints == []
    assert seen.elsewhere == []
    assert seen.page["inline"] == []


def test_it_fits_a_phone_and_a_bad_line(seen: Seen) -> None:
    assert {name: too_wide for name, too_wide in seen.too_wide.items() if too_wide > 0} == {}
    assert 0 < seen.wire_bytes <= FIRST_LOAD


def test_it_is_whole_without_javascript_and_in_english(seen: Seen) -> None:
    """Words change with the language; what there is to press and to fill in does not."""
    plain, page = seen.plain, seen.page
    assert plain["lang"] == "en"
    assert [len(plain[part]) for part in ("headings", "feedback", "forms", "fields")] == [
        len(page[part]) for part in ("headings", "feedback", "forms", "fields")
    ]
    assert plain["skip"] is True
    assert [plain[fault] for fault in ("deadForms", "unlabelled", "inline") if plain[fault]] == []
    assert plain["tooWide"] <= 0
