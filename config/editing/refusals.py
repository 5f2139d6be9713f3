"""What editing answers when the answer is no. Each says in one Chinese sentence what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Iterable

from config.problems import Problem, line_text


class EditRefused(Exception):  # noqa: N818 - it is an answer, not a fault
    """A wish that cannot be met; nothing was written. ``code`` is for pages and tests: unknown_person, not_editable …"""

    def __init__(self, sentence: str, *, code: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


class EditedMeanwhile(EditRefused):
    """Somebody else changed ``files`` after they were read; nothing was written."""

    def __init__(self, files: Iterable[str]) -> None:
        self.files = tuple(files)
        named = "、".join(self.files)
        super().__init__(f"{named} 在您打开之后被别人改过，这次没有保存：请看看现在的内容，再改一次。", code="edited_meanwhile")


class DraftFaulty(EditRefused):
    """The files would have errors that they do not have today; nothing was written."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        named = "；".join(line_text(problem) for problem in self.problems)
        super().__init__(f"这样改会出错，没有保存。{named}", code="draft_faulty")


class EditUnfinished(EditRefused):
    """An earlier change was cut off, and ``files`` could not be completed since: they were edited by hand, or the disk failed."""

    def __init__(self, files: Iterable[str], where: str) -> None:
        self.files = tuple(files)
        named = "、".join(self.files)
        sentence = f"上一次保存中途断了，{named} 没有改成。当时要写的内容在 {where}：请对照着补上，或者不管它，再改一次。"
        super().__init__(sentence, code="edit_unfinished")
