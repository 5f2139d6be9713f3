"""One duty of a calendar file."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from config.fields import EARLIEST_YEAR, LATEST_YEAR, LONGEST_NOTE, Section
from config.ladder_reader import read_ladder
from config.nodes import Scalar
from config.parties import Holders, party_of, read_party
from config.problems import Code, did_you_mean, shown
from config.revision import digest
from config.rule_reader import read_rule
from config.rule_words import PERIOD
from config.settings import KINDS, Settings
from planning.duty import BasisMark, Duty, Kind, Measure, Party, Shift
from planning.rules import Standing

BASIS_MARKS = {"见": "有公开出处", "记": "一般常识", "推": "推荐做法"}
SHIFTS = {"none": "不移动", "backward": "提前到前一个工作日", "forward": "顺延到后一个工作日"}
_PART_OF_YEAR = re.compile(r"0?[1-9]|1[0-2]|Q[1-4]|H[12]|W(0[1-9]|[1-4][0-9]|5[0-3])|[MR][0-9]{1,3}|[QH][1-4]-[0-9]{1,2}")


@dataclass(frozen=True, slots=True)
class Office:
    """What a duty may refer to. ``holders`` None: people.yaml is unreadable, so that people are not checked."""

    settings: Settings
    holders: Holders | None


def read_duty(section: Section, key: str, office: Office, *, source: str) -> Duty | None:
    """Read one duty whose key is known; None after noting everything that is wrong with it."""
    before = section.sheet.errors
    section.require("kind", "title", "owner", "rule")
    kind = section.choice("kind", KINDS, "")
    for_each = _read_for_each(section, office.holders)
    holders = office.holders
    owner = read_party(section, "owner", holders, for_each)
    read = read_rule(section)
    ladder = read_ladder(section, "ladder", office.settings.ladders)
    from_year, until_year = _read_years(section)
    partners = _read_partners(section, holders, for_each)
    chosen = {name: read_party(section, name, holders, for_each) for name in ("overseer", "leader", "verifier")}
    title = section.text("title")
    shift = section.choice("shift", SHIFTS, read.shift.value if read else "none")
    marks = section.choice("basis_mark", BASIS_MARKS, BasisMark.SEEN.value)
    described = _Described.of(section)
    section.close()
    if not kind or owner is None or read is None or section.sheet.errors > before or not section.node.sound:
        return None
    duty = Duty(
        key=key,
        kind=Kind(kind),
        title=title,
        rule=read.rule,
        owner=owner,
        ladder=ladder or office.settings.ladder_for(Kind(kind)),
        shift=Shift(shift),
        partners=partners,
        overseer=chosen["overseer"],
        leader=chosen["leader"],
        verifier=chosen["verifier"],
        basis=described.basis,
        basis_mark=BasisMark(marks),
        evidence=described.evidence,
        evidence_required=described.evidence_required,
        measures=described.measures,
        sign_off=described.sign_off,
        standing=isinstance(read.rule, Standing),
        zero_report=described.zero_report,
        login_required=described.login_required,
        for_each=for_each,
        period_titles=described.period_titles,
        period_key=described.period_key,
        as_written=read.as_written,
        note=described.note,
        from_year=from_year,
        until_year=until_year,
        source=source,
    )
    _warn_about_sign_off(duty, section)
    return replace(duty, revision=digest(duty))


@dataclass(frozen=True, slots=True)
class _Described:
    """The fields of a duty that stand by themselves."""

    basis: str
    evidence: tuple[str, ...]
    evidence_required: bool
    measures: tuple[Measure, ...]
    sign_off: bool
    zero_report: bool
    login_required: bool
    period_titles: dict[str, str] | None
    period_key: str | None
    note: str

    @classmethod
    def of(cls, section: Section) -> _Described:
        return cls(
            basis=section.text("basis", longest=500),
            evidence=section.texts("evidence"),
            evidence_required=section.flag("evidence_required", default=False),
            measures=_read_measures(section),
            sign_off=section.flag("sign_off", default=False),
            zero_report=section.flag("zero_report", default=False),
            login_required=section.flag("login_required", default=False),
            period_titles=_read_themes(section),
            period_key=_read_period(section),
            note=section.text("note", longest=LONGEST_NOTE, lines=True),
        )


def _read_for_each(section: Section, holders: Holders | None) -> str | None:
    kind = section.text("for_each")
    if kind and holders is not None and kind not in holders.kinds:
        hint = did_you_mean(kind, holders.kinds, otherwise="写 people.yaml 里单位的 kind:" + "、".join(holders.kinds))
        section.error(Code.KIND_OF_UNIT, "for_each", f"写了 {shown(kind)}，没有这一类单位", hint)
    return kind or None


def _read_partners(section: Section, holders: Holders | None, for_each: str | None) -> tuple[Party, ...]:
    read = (party_of(written, section, "partners", holders, for_each) for written in section.texts("partners"))
    return tuple(party for party in read if party is not None)


def _read_years(section: Section) -> tuple[int | None, int | None]:
    first = section.whole("from_year", 0, least=EARLIEST_YEAR, most=LATEST_YEAR) or None
    last = section.whole("until_year", 0, least=EARLIEST_YEAR, most=LATEST_YEAR) or None
    if first and last and last < first:
        section.error(Code.YEARS, "until_year", f"{last} 早于 from_year {first}", "改正起止年份")
    return first, last


def _read_measures(section: Section) -> tuple[Measure, ...]:
    found: dict[str, Measure] = {}
    for row in section.sections("measures", f"{section.what}的指标"):
        row.require("name")
        measure = Measure(row.text("name"), row.text("unit", longest=20), required=row.flag("required", default=False))
        row.close()
        if measure.name in found:
            row.error(Code.MEASURES, "name", f"{shown(measure.name)} 写了两次", "每个指标只写一次，给其中一个改名")
        elif measure.name:
            found[measure.name] = measure
    return tuple(found.values())


def _read_themes(section: Section) -> dict[str, str] | None:
    listed = section.section("themes", f"{section.what}的 themes ")
    if listed is None:
        return None
    found: dict[str, str] = {}
    for name in listed.names:
        title = listed.text(name)
        part = name.upper()
        if not _PART_OF_YEAR.fullmatch(part):
            listed.error(Code.THEMES, name, "不是月份或期号", "写月份 1 到 12，或 Q1 到 Q4、H1、H2")
            continue
        part = part.zfill(2) if part.isdigit() else part
        if part in found:
            listed.error(Code.THEMES, name, "这一期写了两次", "两处留一处")
        elif title:
            found[part] = title
        else:
            listed.require(name)
    return found or None


def _read_period(section: Section) -> str | None:
    period = section.text("period")
    if period and not PERIOD.fullmatch(period):
        section.error(Code.PERIOD, "period", f"{shown(period)} 不能作期号", "不含空格、冒号、句点和斜杠，最多40个字")
        return None
    return period or None


def _warn_about_sign_off(duty: Duty, section: Section) -> None:
    if duty.sign_off and duty.verifier is None:
        message = f"{section.what}要求销号(sign_off)，但没有写验收人"
        section.sheet.warning(Code.SIGN_OFF, section.line("sign_off"), message, "加上 verifier: role:岗位")


def title_of(section: Section) -> str:
    """Name a duty that has no usable key."""
    title = section.values.get("title")
    return f"事项{shown(title.text)}" if isinstance(title, Scalar) and title.text else "这个事项"
