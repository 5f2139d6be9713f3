"""Whether a text is a mail address that the servers of Chinese offices take."""

from __future__ import annotations

import re

# RFC 5321's dot-string without quoting; ASCII on the left, because few servers here speak SMTPUTF8 (RFC 6531).
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9\u4e00-\u9fff]([A-Za-z0-9\u4e00-\u9fff-]{0,61}[A-Za-z0-9\u4e00-\u9fff])?")
_LONGEST_LOCAL = 64
_LONGEST_DOMAIN = 253


def is_mail_address(text: str) -> bool:
    """Tell whether ``text`` is ``local@domain``; the domain may be Chinese (中国移动.中国) or a bare host."""
    local, at, domain = text.partition("@")
    if not at or len(local) > _LONGEST_LOCAL or len(domain) > _LONGEST_DOMAIN:
        return False
    return bool(_LOCAL.fullmatch(local)) and is_domain(domain)


def is_domain(text: str) -> bool:
    return all(_LABEL.fullmatch(label) for label in text.split("."))
