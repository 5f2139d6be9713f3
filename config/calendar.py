"""calendar/*.yaml: all duties, each read by itself, so that a fault in one stops nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from config.duty_reader import Office, read_duty, title_of
from config.fields import Section, top_section
from config.nodes import Sequence
from config.parties import holders_of
from config.problems import Code, Problem, Sheet, in_order
from config.revision import digest
from config.settings import Settings
from config.strict_yaml import read_yaml
from planning.duty import Duty
from planning.roster import Roster

FOLDER = "calendar"
_ENDING = ".yaml"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The duties that can be planned, and what is known about the others.

    ``broken``: keys of duties that were left out; they have not left the file. ``unreadable``: files of which not even
    every key is known; no duty may count as gone while there is one.
    """

    duties: tuple[Duty, ...] = ()
    problems: tuple[Problem, ...] = ()
    revision: str = ""
    broken: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """A duty's place, before it is known whether its key is the only one."""

    key: str
    section: Section
    source: str  # calendar/10-study.yaml:12


def read_calendar(home: Path, settings: Settings, roster: Roster | None) -> Calendar:
    """Read every calendar file in the order of names. ``roster`` None: unknown, so that parties are not checked."""
    sheets: list[Sheet] = []
    unreadable: list[str] = []
    found: dict[str, list[_Found]] = {}
    for path in _files(home, sheets):
        name = f"{FOLDER}/{path.name}"
        sheet = Sheet(name)
        sheets.append(sheet)
        places = _places(path, sheet)
        if places is None:
            unreadable.append(name)
            continue
        listed, complete = places
        if not complete:
            unreadable.append(name)
        for place in listed:
            found.setdefault(place.key, []).append(place)
    office = Office(settings, None if roster is None else holders_of(roster))
    duties: list[Duty] = []
    broken: list[str] = []
    for key, places_of_key in found.items():
        duty = _one_duty(places_of_key, office)
        if duty is None:
            broken.append(key)
        else:
            duties.append(duty)
    problems = in_order(problem for sheet in sheets for problem in sheet.problems)
    return Calendar(tuple(duties), problems, digest([duty.revision for duty in duties]), tuple(broken), tuple(unreadable))


def _files(home: Path, sheets: list[Sheet]) -> list[Path]:
    """The calendar files; names that only look like one are reported, hidden files and other kinds are passed over."""
    folder = home / FOLDER
    sheet = Sheet(f"{FOLDER}/")
    sheets.append(sheet)
    try:
        paths = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError:
        sheet.error(Code.FILE_MISSING, None, "没有这个目录，或读不出来", "建立 calendar 目录，放进事项文件")
        return []
    visible = [path for path in paths if not path.name.startswith(".")]
    for path in visible:
        if path.suffix.lower() in {".yml", _ENDING} and path.suffix != _ENDING:
            message = f"{path.name} 的结尾不是 .yaml，没有读取"
            sheet.error(Code.FILE_IGNORED, None, message, f"改名为 {path.stem}.yaml")
    files = [path for path in visible if path.suffix == _ENDING]
    if not files and not sheet.problems:
        sheet.warning(Code.NO_DUTY, None, "目录里没有事项文件", "放进 .yaml 文件，写上 duties: …")
    return files


def _places(path: Path, sheet: Sheet) -> tuple[list[_Found], bool] | None:
    """The duties of a file with their keys, and whether every key is known; None when the file makes no sense."""
    tree, problems = read_yaml(path, name=sheet.file)
    sheet.take(problems)
    top = top_section(tree, sheet, "文件", "duties: …")
    if top is None:
        return None
    top.require("duties")
    listed = top.get("duties")
    sections = top.sections("duties", "事项")
    top.close()
    if not isinstance(listed, Sequence):
        return None
    found = []
    ambiguous = "duties" in top.node.twice
    for section in sections:
        section.what = title_of(section)
        section.require("key")
        key = section.key("key")
        ambiguous = ambiguous or "key" in section.node.twice
        if key is not None:
            section.what = f"事项 {key} "
            found.append(_Found(key, section, f"{sheet.file}:{section.line('key')}"))
    return found, len(found) == len(listed.items) and not ambiguous


def _one_duty(places: list[_Found], office: Office) -> Duty | None:
    """Read a duty; of two with one key neither is taken, because nobody can know which one is meant."""
    read = [read_duty(place.section, place.key, office, source=place.source) for place in places]
    if len(places) == 1:
        if read[0] is None:
            _say_left_out(places[0])
        return read[0]
    for place in places:
        others = "、".join(_spoken(other.source) for other in places if other is not place)
        hint = "每个代号只用一次；改好之前两处都不采用，已排的计划不变"
        place.section.error(Code.DUTY_TWICE, "key", f"{place.key} 与 {others} 的事项相同", hint)
    return None


def _say_left_out(place: _Found) -> None:
    """A fault below the duty's own fields (a field written twice) must still tell whose duty it spoils."""
    if not place.section.node.sound:
        message = f"{place.section.what}里有写法错误，整条没有采用"
        place.section.sheet.error(Code.DUTY_UNSOUND, place.section.line("key"), message, "先改好上面指出的各处")


def _spoken(source: str) -> str:
    file, _, line = source.rpartition(":")
    return f"{file} 第{line}行"
