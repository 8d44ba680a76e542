"""Control groups for executions: memory and process limits on the whole tree, and exact counters.

Groups are slots that are reused, because making one costs more than resetting one. They live below the harness's
own group, in each hierarchy that this process may write to.
"""

import contextlib
import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

_PARENT = "heurigym"
_V1 = ("memory", "pids", "cpuacct")
_PATIENCE_S = 10.0


@dataclass(frozen=True)
class Hierarchies:
    """Where slots can be made.

    Attributes:
        v1: by controller, the folder of the harness's own group in the version 1 hierarchy.
        v2: the folder below which groups with the memory and pids controllers can be made, in version 2.
    """

    v1: dict[str, Path] = field(default_factory=dict)
    v2: Path | None = None

    @property
    def limits_memory(self) -> bool:
        """Whether memory can be limited for a whole tree."""
        return self.v2 is not None or "memory" in self.v1

    @property
    def limits_processes(self) -> bool:
        """Whether the number of processes can be limited for a whole tree."""
        return self.v2 is not None or "pids" in self.v1


class Slot:
    """The control groups of one server of a sandbox."""

    def __init__(self, hierarchies: Hierarchies, name: str) -> None:
        """Make the groups, or take over those that a killed harness left, and end what still runs there."""
        self._v2 = hierarchies.v2 is not None
        if hierarchies.v2 is not None:
            self._folders = {"": hierarchies.v2 / f"{_PARENT}-{name}"}
        else:
            self._folders = {kind: base / _PARENT / name for kind, base in hierarchies.v1.items()}
        for folder in self._folders.values():
            folder.mkdir(parents=True, exist_ok=True)
        self.kill()
        self._limits: tuple[int, int] | None = None
        self.fds: dict[str, list[int] | int | None] = {
            "join": [self._open("cgroup.procs", kind, os.O_WRONLY) for kind in self._folders],
            **self._counters(),
        }

    def limit(self, memory_mb: int, processes: int) -> None:
        """Set the limits of the next execution."""
        if self._limits == (memory_mb, processes):
            return
        memory = memory_mb << 20
        if self._v2:
            self._write("", "memory.max", memory)
            self._write("", "memory.swap.max", 0, optional=True)
            self._write("", "memory.oom.group", 1, optional=True)
            self._write("", "pids.max", processes)
        else:
            if "memory" in self._folders:
                self._write("memory", "memory.memsw.limit_in_bytes", -1, optional=True)
                self._write("memory", "memory.limit_in_bytes", memory)
                self._write("memory", "memory.memsw.limit_in_bytes", memory, optional=True)
            if "pids" in self._folders:
                self._write("pids", "pids.max", processes)
        self._limits = (memory_mb, processes)

    def kill(self) -> None:
        """Kill all that runs in the groups and wait until it is gone."""
        deadline = time.monotonic() + _PATIENCE_S
        while pids := self._pids():
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if time.monotonic() > deadline:
                raise TimeoutError(f"processes {sorted(pids)} do not end")
            time.sleep(0.005)

    def close(self) -> None:
        """Kill all that runs in the groups, and remove them."""
        for fd in self.all_fds():
            os.close(fd)
        self.fds = {}
        self.kill()
        for folder in self._folders.values():
            deadline = time.monotonic() + _PATIENCE_S
            while True:
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.005)
            if not self._v2:
                with contextlib.suppress(OSError):  # Other slots are still there.
                    folder.parent.rmdir()

    def all_fds(self) -> list[int]:
        """Every descriptor in ``fds``."""
        found: list[int] = []
        for value in self.fds.values():
            found += value if isinstance(value, list) else [] if value is None else [value]
        return found

    def _counters(self) -> dict[str, int | None]:
        if self._v2:
            # A peak that cannot be reset, as before Linux 6.12, would be that of every execution so far.
            peak = self._open_optional("memory.peak", "", os.O_RDWR)
            return {
                "cpu": self._open("cpu.stat", "", os.O_RDONLY),
                "peak": peak,
                "current": self._open("memory.current", "", os.O_RDONLY) if peak is None else None,
                "oom": self._open("memory.events", "", os.O_RDONLY),
            }
        memory = "memory" in self._folders
        return {
            "cpu": self._open("cpuacct.usage", "cpuacct", os.O_RDONLY) if "cpuacct" in self._folders else None,
            "peak": self._open("memory.max_usage_in_bytes", "memory", os.O_RDWR) if memory else None,
            "current": None,
            "oom": self._open("memory.oom_control", "memory", os.O_RDONLY) if memory else None,
        }

    def _open(self, name: str, kind: str, flags: int) -> int:
        return os.open(self._folders[kind] / name, flags | os.O_CLOEXEC)

    def _open_optional(self, name: str, kind: str, flags: int) -> int | None:
        try:
            return self._open(name, kind, flags)
        except OSError:
            return None

    def _write(self, kind: str, name: str, value: int, *, optional: bool = False) -> None:
        try:
            (self._folders[kind] / name).write_text(str(value))
        except OSError:
            if not optional:
                raise

    def _pids(self) -> set[int]:
        found: set[int] = set()
        for folder in self._folders.values():
            with contextlib.suppress(OSError):
                found.update(map(int, (folder / "cgroup.procs").read_text().split()))
        return found


def existing_slots(hierarchies: Hierarchies) -> set[str]:
    """The names of all slots that there are, also of other harnesses and of dead ones."""
    if hierarchies.v2 is not None:
        return {folder.name.removeprefix(f"{_PARENT}-") for folder in hierarchies.v2.glob(f"{_PARENT}-slot-*")}
    return {folder.name for base in hierarchies.v1.values() for folder in (base / _PARENT).glob("slot-*")}


def find_hierarchies() -> Hierarchies:
    """The hierarchies of this host in which this process can make groups with limits."""
    mounts = _mounts()
    own = _own_groups()
    v1 = {}
    for kind in _V1:
        if kind in mounts and kind in own:
            folder = mounts[kind] / own[kind].lstrip("/")
            if folder.is_dir() and os.access(folder, os.W_OK):
                v1[kind] = folder
    if "memory" in v1:
        return Hierarchies(v1=v1)
    if "" in mounts and "" in own and (v2 := _delegated(mounts[""], own[""])) is not None:
        return Hierarchies(v2=v2)
    return Hierarchies(v1=v1)


def _delegated(mount: Path, own: str) -> Path | None:
    """The nearest group, from the harness's own upwards, below which limited groups can be made."""
    folder = mount / own.lstrip("/")
    while folder.is_relative_to(mount):
        try:
            enabled = (folder / "cgroup.subtree_control").read_text().split()
            # Who moves a process needs the right to write to the nearest group above both places.
            writable = os.access(folder, os.W_OK) and os.access(folder / "cgroup.procs", os.W_OK)
            if {"memory", "pids"} <= set(enabled) and writable:
                return folder
        except OSError:
            return None
        folder = folder.parent
    return None


def _mounts() -> dict[str, Path]:
    """Mount points of the version 1 hierarchies by controller, and of version 2 by the empty name."""
    found: dict[str, Path] = {}
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            before, _, after = line.partition(" - ")
            kind, _, options = after.split(maxsplit=2)
            path = Path(before.split()[4])
            if kind == "cgroup2":
                found.setdefault("", path)
            elif kind == "cgroup":
                for option in options.split(","):
                    found.setdefault(option, path)
    return found


def _own_groups() -> dict[str, str]:
    """This process's group in each version 1 hierarchy by controller, and in version 2 by the empty name."""
    found: dict[str, str] = {}
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            for controller in controllers.split(","):
                found[controller] = path
    return found
