#!/usr/bin/env python3
"""完成记录核对:python3 verify_log.py 记录.jsonl [条号:校验码 …]

Checks an exported completion log with nothing but Python itself: hash chain, numbers without gaps, anchors.
hash = sha256("suishi-log-v1" NUL previous-hash canonical-JSON); exit status 0 whole, 1 not whole, 2 unreadable.
"""

from __future__ import annotations

import hashlib
import json
import sys
import unicodedata
from pathlib import Path

HASHED = ("seq", "at", "actor", "via", "kind", "subject", "payload")


def recomputed(entry: dict[str, object]) -> str:
    plain = {name: unicodedata.normalize("NFC", value) if isinstance(value := entry[name], str) else value for name in HASHED}
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(b"suishi-log-v1\0" + str(entry["prev_hash"]).encode() + text.encode()).hexdigest()


def first_fault(entries: list[dict[str, object]], anchors: list[str]) -> str:
    previous = "0" * 64
    for number, entry in enumerate(entries, start=1):
        if entry["seq"] != number or entry["prev_hash"] != previous or entry["hash"] != recomputed(entry):
            return f"第{number}条起不符:记录被改动、删除、插入或调换"
        previous = str(entry["hash"])
    for anchor in anchors:
        place, _, code = anchor.partition(":")
        seq = int(place)
        wanted = code.replace("-", "").lower()
        if not 0 < seq <= len(entries):
            return f"没有第{seq}条,现有{len(entries)}条:末尾被删去"
        if len(wanted) < 8 or not str(entries[seq - 1]["hash"]).startswith(wanted):  # noqa: PLR2004 - 32 bits at least
            return f"第{seq}条与留存的校验码不一致:这一条或更早的记录被改写过"
    return ""


def main(arguments: list[str]) -> int:
    try:
        # Not splitlines: a note may hold other marks that Python takes for the end of a line.
        lines = Path(arguments[0]).read_text(encoding="utf-8").split("\n")
        entries = [json.loads(line) for line in lines if line.strip()]
        fault = first_fault(entries, arguments[1:])
    except (IndexError, OSError, ValueError, KeyError, TypeError) as error:
        sys.stderr.write(f"无法核对({error})。用法:python3 verify_log.py 记录.jsonl [条号:校验码 …]\n")
        return 2
    sys.stdout.write(f"不通过:{fault}。\n" if fault else f"通过:共{len(entries)}条,逐条核对无误。\n")
    sys.stdout.write("可发现篡改,不能阻止管理员篡改;末尾是否被删去,须用留存的校验码核对。\n")
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
