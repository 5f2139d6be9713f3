"""What stands above the items: the subject, the opening sentence, and why the message is late."""

from __future__ import annotations

from collections.abc import Sequence

from notifications import phrases
from notifications.letter import Detail, Item, Letter, Tone
from notifications.lines import HEADINGS, group_of

_MOST_TITLE, _MOST_FIRST = 40, 20
"""Characters of a title in a subject, which is what phones show: of an only item, and of the first of several."""


_OPENINGS = {
    Tone.CANCELLED: "以下事项无需再办，请知悉。",
    Tone.EXTENSION_ASKED: "以下延期申请请您批复。",
    Tone.EXTENSION_DECIDED: "以下延期申请已有批复，请知悉。",
    Tone.SIGN_OFF: "以下事项已办结，请您验收销号。",
    Tone.SIGN_OFF_LATE: "以下事项已办结，还没有验收销号，请督促。",
    Tone.SENT_BACK: "以下事项验收时被退回，请按退回原因重新办理。",
}
"""Where the whole message is about one thing that stands outside the ladder."""


def subject(items: Sequence[Item], letter: Letter) -> str:
    """【法治建设工作提醒】今日到期1项、逾期2项：年度述法等; of a single item its title and its day."""
    head, counted = f"【{phrases.plain(letter.title)}】", _counted(items, letter)
    if letter.detail == Detail.NUMBER:
        return head + counted
    if len(items) == 1:
        return head + _single(items[0], letter)
    first = min(items, key=lambda item: (group_of(item, letter), item.due_on))
    return f"{head}{counted}：{phrases.clipped(phrases.plain(first.title), _MOST_FIRST)}等"


def opening(items: Sequence[Item], letter: Letter) -> str:
    tones = {item.tone for item in items}
    if len(tones) == 1 and tones <= _OPENINGS.keys():
        return _OPENINGS[tones.pop()]
    if tones <= {Tone.PRESS, Tone.SUPERVISE}:
        return "以下事项已逾期，请督促办理。"
    if tones <= {Tone.INFORM, Tone.PRESS, Tone.SUPERVISE}:
        return "以下事项请您关注。"
    if all(phrases.overdue(item, letter.today) for item in items):
        return "以下事项已过时限，请抓紧办理；已经办完的，请登记办结情况。"
    return "以下事项请按时限办理。"


def late(letter: Letter) -> str:
    if letter.late is None:
        return ""
    stopped, back = letter.late
    return f"系统于{phrases.moment(stopped)}至{phrases.moment(back)}停止服务，以下为补发。"


def hint(letter: Letter) -> str:
    """Where no links travel: how those who act get their work recorded."""
    ended = {Tone.CANCELLED, Tone.SIGN_OFF, Tone.SIGN_OFF_LATE}
    acting = any(item.tone not in ended and not item.oversees for item in letter.items)
    return "办完后请告知管理员登记。" if acting and not letter.form.links else ""


def _counted(items: Sequence[Item], letter: Letter) -> str:
    counts = [0] * len(HEADINGS)
    for item in items:
        counts[group_of(item, letter)] += 1
    overdue, today, later, awaiting, unsigned, cancelled = counts
    named = (
        ("今日到期", today),
        ("逾期", overdue),
        ("临近", later),
        ("延期待批", awaiting),
        ("待验收销号", unsigned),
        ("取消", cancelled),
    )
    return "、".join(f"{word}{count}项" for word, count in named if count)


def _single(item: Item, letter: Letter) -> str:
    title = phrases.clipped(phrases.plain(item.title), _MOST_TITLE)
    on = phrases.day(item.due_on, letter.today)
    sure = "，暂定" if item.provisional else ""
    label = phrases.label(item)
    head = f"〔{label}〕{title}" if label and item.tone is not Tone.CANCELLED else title
    if item.tone is Tone.CANCELLED:
        return f"{head}：已取消，无需办理"
    if item.tone is Tone.MOVED and item.told_on is not None:
        return f"{head}：时限由{phrases.day(item.told_on, letter.today)}改为{on}{'（暂定）' if item.provisional else ''}"
    if item.tone in {Tone.EXTENSION_ASKED, Tone.EXTENSION_DECIDED}:
        return f"{head}：{'请批复' if item.tone is Tone.EXTENSION_ASKED else '已有批复'}（{on}截止{sure}）"
    if item.awaits_sign_off:
        return f"{head}：{phrases.left(item, letter.today)}"
    if item.awaiting_notice:
        return f"{head}：请查找通知并登记日期（预计{on}{sure}）"
    if item.standing and not phrases.overdue(item, letter.today):
        return f"{head}：请于{on}前复核{'（暂定）' if item.provisional else ''}"
    return f"{head}：{phrases.left(item, letter.today)}（{on}截止{sure}）"
