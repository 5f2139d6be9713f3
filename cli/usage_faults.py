"""What is wrong with a typed command, in Chinese: cyclopts, which reads it, speaks English."""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches
from pathlib import Path

from cyclopts import CycloptsError
from cyclopts.exceptions import (
    CoercionError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)

_BEFORE_COMMANDS = ("--home", "--help", "--version")
_KINDS: dict[type, str] = {date: "日期，写成 2026-03-05", int: "整数", Path: "文件的位置"}


def usage_sentence(error: CycloptsError) -> str:
    """What is wrong, and where the right words stand."""
    return f"{_wrong(error)}\n用 {_called(error)} --help 看用法。"


def _wrong(error: CycloptsError) -> str:
    match error:
        case UnknownCommandError():
            return _no_command(error)
        case UnknownOptionError():
            options = [name for one in error.argument_collection if one.parse for name in one.names]
            return _no_option(error.token.keyword or error.token.value, options)
        case MissingArgumentError() if error.keyword is not None:
            return f"{error.keyword} 后面缺少内容。"
        case MissingArgumentError():
            return f"缺少必填的 {_name(error)}。"
        case CoercionError():
            typed = "" if error.token is None else f"“{error.token.value}”"
            kind = next((words for known, words in _KINDS.items() if error.target_type is known), "")
            return f"{_name(error)} 的值{typed}写得不对{f'：应当是{kind}' if kind else ''}。"
        case RepeatArgumentError():
            return f"{_name(error)} 写了两次，只能写一次。"
        case UnusedCliTokensError():
            return f"多出了“{' '.join(error.unused_tokens or [])}”，这个命令用不着；中间有空格的内容要加引号。"
    return f"命令的写法不对：{error}"


def _no_command(error: UnknownCommandError) -> str:
    typed = (error.unused_tokens or [""])[0]
    if typed.startswith("-"):
        return _no_option(typed, list(_BEFORE_COMMANDS))
    commands = [] if error.app is None else [name for name in error.app if not name.startswith("-")]
    return f"没有“{typed}”这个命令。{_perhaps(typed, commands) or _listed(commands)}"


def _no_option(typed: str, known: list[str]) -> str:
    name = typed.partition("=")[0]
    return f"没有 {name} 这个选项。{_perhaps(name, known)}"


def _called(error: CycloptsError) -> str:
    """``suishi list``; of what could not be found out, the whole."""
    chain = () if isinstance(error, UnknownCommandError) and not error.command_chain else error.command_chain or ()
    return " ".join(("suishi", *chain))


def _name(error: CycloptsError) -> str:
    token = getattr(error, "token", None)
    if token is not None and token.keyword:
        return str(token.keyword)
    return "参数" if error.argument is None else str(error.argument.name)


def _perhaps(typed: str, known: list[str]) -> str:
    close = get_close_matches(typed, known, n=1, cutoff=0.6)
    return f"是不是 {close[0]}？" if close else ""


def _listed(commands: list[str]) -> str:
    return f"可用的有：{'、'.join(commands)}。" if commands else ""
