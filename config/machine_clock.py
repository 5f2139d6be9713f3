"""The machine's own counter and its word on the time server, for whoever must not believe the wall clock blindly."""

from __future__ import annotations

import ctypes
import struct
import sys
import time
from pathlib import Path
from threading import Event

from planning.machine_time import Beat

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TIMEX_BYTES = 256  # struct timex of adjtimex(2) has 208; modes = 0 only reads
_MAXERROR_AT = 24  # after modes (with padding), offset and freq
_UNSYNCHRONISED = 16_000_000
"""Microseconds: the kernel's maximal error once nobody has set the clock for long (systemd's NTPSynchronized asks the same)."""


def machine_beat() -> Beat | None:
    """None where the machine has no counter that goes on while it sleeps."""
    if sys.platform != "linux":
        return None
    try:
        boot = _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return Beat(boot=boot, seconds=time.clock_gettime(time.CLOCK_BOOTTIME), synchronised=_synchronised())


def wait(seconds: float) -> None:
    """Let the time pass."""
    Event().wait(seconds)


def _synchronised() -> bool | None:
    buffer = ctypes.create_string_buffer(_TIMEX_BYTES)
    try:
        answer = ctypes.CDLL(None, use_errno=True).adjtimex(buffer)
    except (OSError, AttributeError):
        return None
    if answer == -1 or struct.calcsize("l") != 8:  # noqa: PLR2004 - the place above is that of 64-bit machines
        return None
    (error,) = struct.unpack_from("q", buffer.raw, _MAXERROR_AT)
    return bool(error < _UNSYNCHRONISED)
