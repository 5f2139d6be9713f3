from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator

import config
from config.channels import TYPE_NAMES
from config.init import write_home
from config.schemas import SCHEMAS, write_schemas
from planning.tables import builtin_years

if TYPE_CHECKING:
    from tests.config.conftest import Home


FILES = Path(config.__file__).parent
SCHEMA_OF = {
    "letters.yaml": "letters.json",
    "suishi.yaml": "suishi.json",
    "people.yaml": "people.json",
    "channels.yaml": "channels.json",
    "local.yaml": "local.json",
}


class AsAnEditorReads(yaml.SafeLoader):
    """YAML 1.2's core types: numbers, true and false, but no dates and no yes or no; names of fields are text."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[str, Any]:
        return {name.value: self.construct_object(value, deep=True) for name, value in node.value}


AsAnEditorReads.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"true|false", "tf"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?[0-9]+\.[0-9]+", "-+0123456789"),
    ("null", r"null|~|", ["n", "~", ""]),
):
    AsAnEditorReads.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"^(?:{pattern})$"), list(first))


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(SCHEMAS[name]())


def faults(name: str, text: str) -> list[str]:
    return [error.message for error in validator(name).iter_errors(yaml.load(text, Loader=AsAnEditorReads))]


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_schema_is_one_and_says_what_every_field_is(name: str) -> None:
    schema = SCHEMAS[name]()
    Draft202012Validator.check_schema(schema)

    def fields(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        if isinstance(node, dict):
            for field, value in node.get("properties", {}).items():
                yield field, value
            for value in node.values():
                yield from fields(value)
        elif isinstance(node, list):
            for value in node:
                yield from fields(value)

    assert all("const" in value or value.get("description") or value.get("anyOf") for _, value in fields(schema))
    assert schema["title"]


@pytest.mark.parametrize("pack", [None, "township-law"])
def test_the_files_of_a_new_home_fit_their_schemas(tmp_path: Path, pack: str | None) -> None:
    home = tmp_path / "home"
    write_home(home, pack=pack, as_of=date(2026, 3, 1))

    for path in home.rglob("*.yaml"):
        name = SCHEMA_OF.get(path.name, "calendar.json")
        assert faults(name, path.read_text(encoding="utf-8")) == [], path.name


def test_a_built_in_year_fits_the_schema_of_holiday_tables() -> None:
    assert list(validator("holidays.json").iter_errors(builtin_years()[2026].to_json())) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("suishi.json", "admin: zhangsan"),
        ("suishi.json", "{office: 镇, admin: 张三}"),
        ("suishi.json", "{office: 镇, admin: a, production: ture}"),
        ("suishi.json", "{office: 镇, admin: a, prefect_port: 70000}"),
        ("suishi.json", '{office: 镇, admin: a, remind_at: "25:00"}'),
        ("suishi.json", "{office: 镇, admin: a, silent_befor: 2026-03-01}"),
        ("suishi.json", "{office: 镇, admin: a, message_detail: all}"),
        ("suishi.json", "{office: 镇, admin: a, ladders: {quick: T0}}"),
        ("suishi.json", "{office: 镇, admin: a, default_ladders: {studies: standard}}"),
        ("people.json", "people: []"),
        ("people.json", "{units: [{key: Zhen, name: 镇, kind: town}], people: []}"),
        ("people.json", "{units: [], people: [{key: a, name: 甲}]}"),
        ("people.json", "{units: [], people: [{key: a, name: 甲, posts: []}]}"),
        ("people.json", "{units: [], people: [{key: a, name: 甲, posts: [{unit: z, title: 长}], destinations: [a@b.c]}]}"),
        ("channels.json", "channels: {mail: {type: pigeon}}"),
        ("channels.json", "channels: {mail: {type: mail, host: h, sender: a@b.c, password: literal}}"),
        ("channels.json", "channels: {mail: {type: mail, host: h, sender: a@b.c, security: ssl}}"),
        ("channels.json", "channels: {mail: {type: mail, sender: a@b.c}}"),
        ("channels.json", "channels: {outbox: {type: outbox, host: h}}"),
        ("channels.json", "channels: {group: {type: wecom-robot, key: '${env:KEY}'}}"),
        ("channels.json", "channels: {group: {type: wecom-robot, group: 群, key: literal}}"),
        ("channels.json", "channels: {group: {type: dingtalk, group: 群, token: '${env:T}', rate: {per_week: 3}}}"),
        ("channels.json", "channels: {group: {type: feishu, group: 群, token: '${env:T}', detail: all}}"),
        ("channels.json", "channels: {wecom: {type: wecom-app, corp_id: ww12345, agent_id: one, secret: '${env:S}'}}"),
        ("channels.json", "channels: {hook: {type: webhook, url: 'https://a.example', accepted_when: {field: code}}}"),
        ("channels.json", "channels: {push: {type: apprise, url: 'ntfys://a.example/t'}}"),
        ("channels.json", "channels: {mail: {type: mail, host: h, sender: a@b.c, group: 群}}"),
        ("suishi.json", "{office: 镇, admin: a, delivery: {most_tries: 0}}"),
        ("suishi.json", "{office: 镇, admin: a, delivery: {most_trys: 8}}"),
        ("suishi.json", "{office: 镇, admin: a, delivery: {backoff_minutes: 5}}"),
        ("suishi.json", "{office: 镇, admin: a, extension_approval: mayor}"),
        ("calendar.json", "duty: []"),
        ("calendar.json", "duties: [{key: x, kind: study, title: 学, rule: 3月底}]"),
        ("calendar.json", "duties: [{key: X, kind: study, title: 学, owner: 'person:a', rule: 3月底}]"),
        ("calendar.json", "duties: [{key: x, kind: 学习, title: 学, owner: 'person:a', rule: 3月底}]"),
        ("calendar.json", "duties: [{key: x, kind: study, title: 学, owner: a, rule: 3月底}]"),
        ("calendar.json", "duties: [{key: x, kind: study, title: 学, owner: 'person:a', rule: {befor: 03-01}}]"),
        ("calendar.json", "duties: [{key: x, kind: study, title: 学, owner: 'person:a', rule: {at_least: 1, per: fortnight}}]"),
        ("calendar.json", "duties: [{key: x, kind: study, title: 学, owner: 'person:a', rule: {before: 03-01, weekly: 五}}]"),
        ("calendar.json", "duties: [{key: x, kind: study, title: 学, owner: 'person:a', rule: 3月底, evidence: 回执}]"),
        ("calendar.json", "duties: [{key: x, kind: study, title: 学, owner: 'person:a', rule: 3月底, measures: [{unit: 场}]}]"),
        ("calendar.json", "duties: [{key: x, kind: study, title: 学, owner: 'person:a', rule: 3月底, themes: {13: 月}}]"),
        ("calendar.json", "duties: [{key: x, kind: study, title: 学, owner: 'person:a', rule: 3月底, ladder: [{at: T7}]}]"),
        ("holidays.json", '{"year": "2027", "days": []}'),
        ("holidays.json", '{"year": 2027, "days": [{"name": "元旦", "date": "2027-1-1", "isOffDay": true}]}'),
        ("local.json", "[{date: 2026-08-10, off: 放假, reason: 停工}]"),
        ("local.json", "[{date: 2026-08-10, off: true}]"),
    ],
)
def test_the_schema_refuses_typical_faults(name: str, text: str) -> None:
    assert faults(name, text)


def channel_forms() -> list[dict[str, Any]]:
    [by_name] = SCHEMAS["channels.json"]()["properties"]["channels"]["patternProperties"].values()
    return list(by_name["oneOf"])


def test_each_type_of_channel_has_its_form() -> None:
    assert [form["properties"]["type"]["const"] for form in channel_forms()] == list(TYPE_NAMES)


@pytest.mark.parametrize(
    "entry",
    [
        "{type: wecom-robot, group: 群, key: '${env:KEY}', rate: {per_minute: 10}, links: false, detail: number, markup: text}",
        "{type: wecom-app, corp_id: ww12345, agent_id: 1000002, secret: '${file:secrets/w}', duplicate_check_seconds: 1800}",
        "{type: dingtalk, group: 群, token: '${env:T}', secret: '${env:S}', base_url: 'https://ding.example', ca_file: ca.pem}",
        "{type: feishu, group: 群, token: '${env:T}', on_unknown: ask, timeout_seconds: 20}",
        "{type: webhook, url: 'https://a.example/in', group: 值班室, accepted_when: {field: code, value: 0}}",
        "{type: webhook, url: '${env:URL}', secret: '${env:S}', allow_plain: true}",
        "{type: apprise, url: '${env:URL}', also_allow: [tgram]}",
    ],
)
def test_the_schema_takes_every_type_of_channel(entry: str) -> None:
    assert faults("channels.json", f"channels: {{one: {entry}}}") == []


def test_the_schemas_know_the_same_fields_as_the_readers(home: Home) -> None:
    """Each section is given a field that nobody knows; the answer lists those that are known."""
    extra = "qqqqqqqqqq: 1"
    home.replace("suishi.yaml", "admin: zhangsan\n", f"admin: zhangsan\n{extra}\ndelivery: {{{extra}}}\n")
    home.replace("people.yaml", "kind: town,", f"kind: town, {extra},")
    home.replace("people.yaml", "    name: 李四\n", f"    name: 李四\n    {extra}\n")
    home.replace("people.yaml", "title: 党政办主任,", f"title: 党政办主任, {extra},")
    home.replace("people.yaml", "{channel: outbox, address: zhangsan}", f"{{channel: outbox, address: zhangsan, {extra}}}")
    home.replace("people.yaml", "since: 2026-07-01,", f"since: 2026-07-01, {extra},")
    home.write("channels.yaml", "channels:\n" + "".join(f"  {kind}: {{type: {kind}, {extra}}}\n" for kind in TYPE_NAMES))
    home.replace(
        "calendar/10-good.yaml", "    kind: routine\n", f"    kind: routine\n    measures: [{{name: 场, {extra}}}]\n    {extra}\n"
    )
    home.write("holidays/local.yaml", f"- {{date: 2026-08-10, off: true, reason: 停工令, {extra}}}\n")

    told = {
        frozenset(problem.hint.removeprefix("可用的字段：").split("、"))
        for problem in home.read().errors
        if problem.code.value == "FLD001"
    }

    known = {"suishi.json": [], "people.json": ["units", "people"], "calendar.json": ["duties"]}
    top = {name: SCHEMAS[name]()["properties"] for name in known}
    person = top["people.json"]["people"]["items"]["properties"]
    duty = top["calendar.json"]["duties"]["items"]["properties"]
    expected = [
        top["suishi.json"],
        top["people.json"]["units"]["items"]["properties"],
        person,
        person["posts"]["items"]["properties"],
        person["destinations"]["items"]["properties"],
        person["stand_ins"]["items"]["properties"],
        top["suishi.json"]["delivery"]["properties"],
        *(form["properties"] for form in channel_forms()),
        duty,
        duty["measures"]["items"]["properties"],
        SCHEMAS["local.json"]()["items"]["properties"],
    ]
    assert told == {frozenset(fields) for fields in expected}


def test_schemas_are_written_for_editors(tmp_path: Path) -> None:
    written = write_schemas(tmp_path / ".schema")

    assert {path.name for path in written} == set(SCHEMAS)
    assert all(json.loads(path.read_text(encoding="utf-8"))["title"] for path in written)
