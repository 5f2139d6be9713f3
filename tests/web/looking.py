"""One look at a page in Chromium: at a phone's and an office's width, then in English without JavaScript; what there is to say.

All looks share one tab: a new one for each would take longer than the look. The cache is off, so every load is a first one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from tests.web.busy_town import BusyTown
from tests.web.chromium import WIDTHS
from tests.web.every_page import Look
from tests.web.every_press import Press
from web.languages import COOKIE

_AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]

_LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile || ""}`));
"""

_AXE = """
async (tags) => {
  const wanted = {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"], preload: false, iframes: false};
  const found = await axe.run({exclude: ["tbody tr:nth-child(n+16)", ".month:nth-child(n+5)"]}, wanted);
  return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 200)}`));
}
"""

"""Of a long table fifteen rows are enough, of a year four months: the others are made by the same loops."""

_DESCRIBE = """
() => {
  const all = (css) => Array.from(document.querySelectorAll(css));
  const asked = "input:not([type=hidden]):not([type=submit]), select, textarea";
  const html = (one) => one.outerHTML.slice(0, 200);
  const named = (one) => one.labels?.length || one.getAttribute("aria-label") || one.getAttribute("aria-labelledby");
  const sends = (form) => form.querySelector("button:not([type=button]), input[type=submit]");
  const inline = (one) => Array.from(one.attributes).some((given) => /^(style$|on)/.test(given.name));
  const dead = (form) => !form.hasAttribute("action") || !form.hasAttribute("method") || !sends(form);
  return {
    title: document.title,
    lang: document.documentElement.lang,
    headings: all("h1").filter((one) => one.offsetHeight > 0).map((one) => one.textContent),
    skip: all("body > a.skip[href='#main']").length === 1 && document.querySelector("main#main") !== null,
    feedback: all("footer a[href='/feedback']").map((one) => one.textContent),
    forms: all("form").map((form) => form.getAttribute("action")),
    fields: all(asked).map((one) => one.name),
    unlabelled: all(asked).filter((one) => !named(one)).map(html),
    inline: all("*").filter(inline).concat(all("style, script:not([src])")).map(html),
    deadForms: all("form").filter(dead).map(html),
    tooWide: document.documentElement.scrollWidth - window.innerWidth,
    violations: window.violations || [],
  };
}
"""

_PRESS = """
({form, typed}) => {
  const found = document.querySelector(`form[action$="${form}"]`);
  for (const [name, value] of Object.entries(typed)) {
    const named = found.elements[name];
    const asks = named && named.nodeName && named.type !== "submit";
    const given = asks ? named : found.appendChild(document.createElement("input"));
    Object.assign(given, {name, value});
  }
  HTMLFormElement.prototype.submit.call(found);
}
"""
"""Sends the form past the browser's own checks, as an old browser or a hurried one would."""


@dataclass
class Seen:
    """What one look saw. Faults are lists, empty where there is none."""

    status: int = 0
    page: dict[str, Any] = field(default_factory=dict)  # as _DESCRIBE tells it, at a phone's width
    plain: dict[str, Any] = field(default_factory=dict)  # the same in English and without JavaScript
    axe: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)  # of the console
    elsewhere: list[str] = field(default_factory=list)  # requests that left for another origin
    too_wide: dict[str, int] = field(default_factory=dict)
    wire_bytes: int = 0  # of the first load, headers and bodies as they were packed


class Eyes:
    """Looks at the busy town's pages."""

    def __init__(self, browser: Browser, town: BusyTown, address: str) -> None:
        self.town, self.address = town, address
        self.held: dict[str, dict[str, str]] = {}
        self.seen, self.expected = Seen(), ""
        self.context = browser.new_context(locale="zh-CN")
        self.context.set_default_timeout(15_000)
        self.context.add_init_script(_LISTEN)
        self.page = self.context.new_page()
        self.devtools = self.context.new_cdp_session(self.page)
        self._listen(self.page, self.devtools)

    def close(self) -> None:
        self.context.close()

    def look(self, look: Look) -> Seen:
        seen = self._begin(look, look.status)
        seen.status = self._open(look)
        wire_bytes = seen.wire_bytes
        self._see(seen, *(("phone",) if look.on_phones else ("phone", "desktop")))
        self._set_width("phone")
        self.context.add_cookies([{"name": COOKIE, "value": "en", "url": self.address}])
        self.devtools.send("Emulation.setScriptExecutionDisabled", {"value": True})
        self._open(look)
        seen.plain = self.page.evaluate(_DESCRIBE)
        self.devtools.send("Emulation.setScriptExecutionDisabled", {"value": False})
        seen.wire_bytes = wire_bytes
        return seen

    def press(self, press: Press) -> Seen:
        """The page that answers, on a phone. Without JavaScript a press is looked at elsewhere."""
        seen = self._begin(press.page, press.status)
        self._open(press.page)
        if press.cookies_lost:
            self.context.clear_cookies()
        step: Press | None = press
        while step is not None:
            typed = step.typed if isinstance(step.typed, Mapping) else step.typed(self.page)
            self.expected = f"status of {step.status}"
            with self.page.expect_navigation() as coming:
                self.page.evaluate(_PRESS, {"form": step.form, "typed": dict(typed)})
            seen.status = coming.value.status
            step = step.then
        self._see(seen, "phone")
        return seen

    def _begin(self, look: Look, status: int) -> Seen:
        self.seen = Seen()
        self.expected = f"status of {status}"
        self._come_as(look)
        self._set_width("phone")
        return self.seen

    def _see(self, seen: Seen, *widths: str) -> None:
        seen.page = self.page.evaluate(_DESCRIBE)
        self.page.evaluate(_axe())
        for name in widths:
            self._set_width(name)
            seen.too_wide[name] = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            seen.axe += [f"{name} {one}" for one in self.page.evaluate(_AXE, _AXE_RULES)]

    def _come_as(self, look: Look) -> None:
        self.context.clear_cookies()
        if look.who != "nobody":
            if look.who not in self.held:
                self.held[look.who] = self.town.cookies(look.who)
            held = self.held[look.who]
            self.context.add_cookies([{"name": name, "value": value, "url": self.address} for name, value in held.items()])
        if look.first:
            self.context.request.get(self._url(look.first))

    def _set_width(self, name: str) -> None:
        self.page.set_viewport_size({"width": WIDTHS[name], "height": 844})

    def _url(self, path: str) -> str:
        return self.address + self.town.fill(path)

    def _open(self, look: Look) -> int:
        answer = self.page.goto(self._url(look.path))
        assert answer is not None
        return answer.status

    def _listen(self, page: Page, devtools: CDPSession) -> None:
        def hear(said: Any) -> None:
            # Chromium says of every 404 that it is one; of the page that is meant to be one it need not.
            if said.type in {"error", "warning"} and self.expected not in said.text:
                self.seen.complaints.append(said.text)

        def arrived(event: Any) -> None:
            self.seen.wire_bytes += int(event["encodedDataLength"])

        def asked(request: Any) -> None:
            if not request.url.startswith((self.address, "data:")):
                self.seen.elsewhere.append(request.url)

        page.on("console", hear)
        page.on("pageerror", lambda error: self.seen.complaints.append(str(error)))
        page.on("request", asked)
        devtools.send("Network.enable")
        devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
        devtools.on("Network.loadingFinished", arrived)


@cache
def _axe() -> str:
    """axe-core's source: evaluated from outside, since the policy of our pages lets nobody inject a script."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
