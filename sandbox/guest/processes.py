"""The program's processes, where its supervisor is the first of a PID namespace that holds nothing else."""

import os
import signal


def all_but_self() -> list[int]:
    """All processes of this PID namespace but its first, which is the supervisor."""
    return [int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit() and entry.name != "1"]


def kill_all() -> None:
    """Kill all processes that this one can see, but not itself."""
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        return
