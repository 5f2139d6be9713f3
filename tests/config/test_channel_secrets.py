"""A secret placed in any field of a channel is shown by nothing that speaks of the files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from config.channels import read_channels
from config.office import read_office
from config.problems import line_text, to_json

if TYPE_CHECKING:
    from tests.config.conftest import Home

CANARY = "canary-Passw0rd-0123456789"
ENTRIES = {
    "mail": "host: smtp.caohui.example\n    sender: fazhi@caohui.example\n    user: fazhi\n    password: SECRET\n",
    "wecom-robot": "group: 工作群\n    key: SECRET\n",
    "wecom-app": "corp_id: ww1234567890\n    agent_id: 7\n    secret: SECRET\n",
    "dingtalk": "group: 工作群\n    token: SECRET\n    secret: SECRET\n",
    "feishu": "group: 工作群\n    token: SECRET\n    secret: SECRET\n",
    "webhook": "url: SECRET\n    secret: SECRET\n",
    "apprise": "url: SECRET\n",
}
"""A good entry of each type; SECRET stands where a secret does."""

FIELDS = (
    *("host", "port", "security", "user", "password", "sender", "ca_file", "timeout_seconds", "recycle_after", "allow_plain"),
    *("key", "token", "secret", "url", "corp_id", "agent_id", "base_url", "duplicate_check_seconds", "accepted_when"),
    *("also_allow", "group", "links", "detail", "rate", "markup", "on_unknown", "type"),
)
TAKEN_AS_WORDS = {"user", "group", "corp_id", "host"}
"""Plain words by their nature: a value that fits there is a name, and names are shown."""


def kept_in(kind: str) -> str:
    return {
        "webhook": f"https://oa.caohui.example/{CANARY}?key={CANARY}",
        "apprise": f"ntfys://user:{CANARY}@push.caohui.example/topic",
    }.get(kind, CANARY)


def everything_shown(home: Home, **environ: str) -> str:
    channels = read_channels(home.folder, environ)
    office = read_office(home.folder, environ=environ)
    told = [f"{line_text(problem)} {to_json(problem)}" for problem in office.problems]
    return " ".join([repr(channels), str(channels), repr(office), office.revision, *told])


@pytest.mark.parametrize("kind", ENTRIES)
def test_a_secret_that_is_kept_well_shows_nowhere(home: Home, kind: str) -> None:
    home.write("channels.yaml", f"channels:\n  one:\n    type: {kind}\n    {ENTRIES[kind].replace('SECRET', '${env:KEPT}')}")
    channels = read_channels(home.folder, {"KEPT": kept_in(kind)})

    assert [problem.code.value for problem in channels.problems] in ([], ["CHN003"])
    assert "one" in channels.configs
    assert CANARY not in everything_shown(home, KEPT=kept_in(kind))


@pytest.mark.parametrize("kind", ENTRIES)
def test_a_secret_written_into_the_file_is_refused_and_not_repeated(home: Home, kind: str) -> None:
    home.write("channels.yaml", f"channels:\n  one:\n    type: {kind}\n    {ENTRIES[kind].replace('SECRET', kept_in(kind))}")
    channels = read_channels(home.folder, {})

    assert {problem.code.value for problem in channels.problems} == {"CHN001"}
    assert channels.configs == {}
    assert CANARY not in everything_shown(home)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("kind", ENTRIES)
def test_a_secret_pasted_into_the_wrong_field_is_not_repeated(home: Home, kind: str, field: str) -> None:
    kept = ENTRIES[kind].replace("SECRET", "${env:KEPT}").strip().split("\n    ")
    others = [line for line in kept if not line.startswith(f"{field}:")]
    kind_line = [] if field == "type" else [f"type: {kind}"]
    for value in (f'"{CANARY}"', f'["{CANARY}", "{CANARY}"]', f'{{"per_minute": "{CANARY}"}}', f'"{CANARY}\\n!"'):
        body = "\n    ".join([*kind_line, f"{field}: {value}", *others])
        home.write("channels.yaml", f"channels:\n  one:\n    {body}\n")

        channels = read_channels(home.folder, {"KEPT": "0123456789"})

        told = " ".join(f"{line_text(problem)} {to_json(problem)}" for problem in channels.problems)
        assert told or field in TAKEN_AS_WORDS
        assert CANARY not in told
        assert field in TAKEN_AS_WORDS or CANARY not in repr(channels)


def test_a_secret_in_the_place_of_its_variables_name_is_not_repeated(home: Home) -> None:
    home.write("channels.yaml", f"channels:\n  one:\n    type: dingtalk\n    group: 群\n    token: ${{env:{CANARY}}}\n")

    [problem] = read_channels(home.folder, {}).problems

    assert CANARY not in line_text(problem)
    assert re.search("环境变量没有设置", problem.message)
