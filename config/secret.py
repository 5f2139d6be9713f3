"""Secrets: written in the files only as a reference, held so that they cannot be printed by accident."""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.fields import Section
from config.nodes import Scalar
from config.problems import Code, shown

_REFERENCE = re.compile(r"\$\{(file|env):([^{}]+)\}")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,99}")
_LARGEST = 64 * 1024
# Readable by the group is allowed: systemd's LoadCredential hands files over as 0440.
_TOO_OPEN = stat.S_IRWXO | stat.S_IWGRP


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A value that shows itself only when asked: ``repr`` and ``str`` are ``***``."""

    _value: str

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a secret is not written anywhere")


def is_reference(written: str) -> bool:
    """Whether the text says where a secret is kept."""
    return _REFERENCE.fullmatch(written.strip()) is not None


def read_secret(section: Section, name: str, home: Path, environ: Mapping[str, str]) -> Secret | None:
    """Resolve ``${file:…}`` (relative to the home) or ``${env:…}``; never repeats what was written instead."""
    value = section.get(name)
    if value is None:
        return None
    found = _REFERENCE.fullmatch(value.text.strip()) if isinstance(value, Scalar) else None
    if found is None:
        section.error(
            Code.SECRET_LITERAL,
            name,
            "直接写了密码",
            f"把密码写进 secrets/ 下的文件（权限 600），这里写 {name}: ${{file:secrets/文件名}}，或 ${{env:变量名}}",
        )
        return None
    place = found[2].strip()
    return _from_file(section, name, home, place) if found[1] == "file" else _from_environ(section, name, environ, place)


def _from_environ(section: Section, name: str, environ: Mapping[str, str], variable: str) -> Secret | None:
    value = environ.get(variable, "")
    if value:
        return Secret(value)
    # Whoever wrote the secret itself in the place of its name is not shown it again.
    named = f" {variable} " if _VARIABLE.fullmatch(variable) else ""
    hint = "在服务的环境里设置它，或改用 ${file:…}"
    section.error(Code.SECRET_MISSING, name, f"指向的环境变量{named}没有设置", hint)
    return None


def _from_file(section: Section, name: str, home: Path, place: str) -> Secret | None:
    try:
        path = home / Path(place).expanduser() if place.startswith("~") else home / place
        state = path.stat()
        if not stat.S_ISREG(state.st_mode) or state.st_size > _LARGEST:
            section.error(Code.SECRET_MISSING, name, f"指向的 {shown(place)} 不是一个小文本文件", "换成只写着密码的文件")
            return None
        value = path.read_bytes().decode("utf-8-sig").strip("\r\n")
    except FileNotFoundError:
        section.error(Code.SECRET_MISSING, name, f"指向的文件 {shown(place)} 不存在", "建立这个文件，只写密码，权限 600")
        return None
    except (OSError, ValueError, RuntimeError):  # RuntimeError: ~ without a home directory
        section.error(Code.SECRET_MISSING, name, f"指向的文件 {shown(place)} 读不出来", "检查权限；文件应是 UTF-8 文本")
        return None
    if not value or not value.isprintable():
        section.error(Code.SECRET_MISSING, name, f"指向的文件 {shown(place)} 里应当只有一行密码", "去掉空行和多余的内容")
        return None
    if state.st_mode & _TOO_OPEN:
        line, what = section.line(name), f"{section.what}的 {name} 指向的 {shown(place)} 别人也能读"
        section.sheet.warning(Code.SECRET_OPEN, line, what, f"运行 chmod 600 {place}")
    return Secret(value)
