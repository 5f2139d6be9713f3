"""Start a program that cannot outlive the one which asked for it.

``python -m cli.child PARENT COMMAND…`` asks the kernel to kill this process when its parent dies, however it dies, and
then becomes the command. Asking from a process of its own needs no code between fork and exec in the parent, which
Python calls unsafe; the wish survives the exec.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(arguments: list[str]) -> None:
    parent, command = int(arguments[0]), arguments[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the kernel knew: nobody would ever end us
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 - no shell; the command comes from cli/up.py


if __name__ == "__main__":
    main(sys.argv[1:])
