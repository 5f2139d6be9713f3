"""The words that the office itself reads: what is wrong and what ended, and the line of each morning.

The same paragraphs make the text and the HTML. They go to persons only, so they may name people and addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from notifications.inert import inert
from notifications.letter import Markup, Written
from notifications.phrases import plain

MOST_PROBLEMS = 30
"""Lines of one message; the page has them all."""

_LONGEST_LINE = 400
"""Characters of one line: even one alone fits into the smallest channel, 2,048 bytes."""


@dataclass(frozen=True, slots=True)
class OfficeLetter:
    """One message to the admin. ``markup`` and ``most_bytes`` are the channel's."""

    ref: str
    title: str  # 法治建设工作提醒
    office: str
    base_url: str
    name: str
    markup: Markup = Markup.MAIL
    most_bytes: int | None = None


def write_problems(letter: OfficeLetter, problems: Sequence[str], ended: Sequence[str] = ()) -> Written:
    """One line for each problem, each with its remedy; then what is over. What does not fit stands on the page."""
    subject = f"【{plain(letter.title)}】岁时：{len(problems)}个问题需要处理"
    shown = min(len(problems), MOST_PROBLEMS)
    while True:
        lines = _problem_lines(letter, problems, ended, shown)
        if shown <= 1 or letter.most_bytes is None or len(_text(letter, lines).encode()) <= letter.most_bytes:
            return _written(letter, subject, lines)
        shown -= 1


def write_daily(letter: OfficeLetter, figures: Sequence[str], open_problems: int, ended: Sequence[str] = ()) -> Written:
    """The line of each workday's morning: its absence is the alarm."""
    state = f"有{open_problems}个问题" if open_problems else "系统正常"
    subject = f"【{plain(letter.title)}】岁时：{state}"
    opening = (
        f"岁时有{open_problems}个问题还没有解决，请打开问题清单：{letter.base_url}/problems"
        if open_problems
        else "岁时运行正常。"
    )
    closing = "每个工作日早上发一封。哪天没有收到，说明系统可能停了，请检查。"
    facts = [inert(plain(words), letter.markup) for words in figures]
    return _written(letter, subject, [opening, *facts, *_ended_lines(letter, ended), closing])


def _problem_lines(letter: OfficeLetter, problems: Sequence[str], ended: Sequence[str], shown: int) -> list[str]:
    lines = ["岁时发现以下问题，请处理；解决后自动消除，未解决的每天提醒一次。"]
    lines += [f"{number}. {_short(text, letter)}" for number, text in enumerate(problems[:shown], 1)]
    if len(problems) > shown:
        lines.append(f"另有{len(problems) - shown}个问题，请打开问题清单查看。")
    # A letter cut to the channel's measure has no room for what needs nothing done.
    lines += _ended_lines(letter, ended if shown == len(problems) else ())
    return [*lines, f"问题清单：{letter.base_url}/problems"]


def _ended_lines(letter: OfficeLetter, ended: Iterable[str]) -> list[str]:
    return [f"已消除：{_short(text, letter)}" for text in ended]


def _short(text: str, letter: OfficeLetter) -> str:
    words = inert(plain(text), letter.markup)
    return words if len(words) <= _LONGEST_LINE else f"{words[: _LONGEST_LINE - 1]}…"


def _written(letter: OfficeLetter, subject: str, lines: Sequence[str]) -> Written:
    html = _html(letter, lines) if letter.markup is Markup.MAIL else ""
    return Written(subject=subject, text=_text(letter, lines), html=html, shown=())


def _text(letter: OfficeLetter, lines: Sequence[str]) -> str:
    head, *rest = lines
    greeted = [
        f"【{plain(letter.title)}】",
        f"{plain(letter.name)}同志：{head}",
        *rest,
        plain(letter.office),
        f"编号：{letter.ref}",
    ]
    if letter.markup is Markup.MARKDOWN:
        return "\n\n".join(greeted) + "\n"  # DingTalk runs single lines together
    return "\n".join(greeted) + "\n"


def _html(letter: OfficeLetter, lines: Sequence[str]) -> str:
    return _environment().get_template("office.html.j2").render(letter=letter, lines=lines)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("notifications"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
