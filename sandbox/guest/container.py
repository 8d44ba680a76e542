"""``python -m guest.container``: the first process of a single-use container, which serves one execution.

A container without capabilities has no namespaces to give away and no second user, so the supervisor and the
program run side by side as one user. What keeps them apart:

- The supervisor is the first process of the container. The kernel drops every signal that the program sends to it,
  ``SIGKILL`` too, because it has no handlers.
- It is not dumpable, so that its memory, descriptors and folders below ``/proc/1`` belong to root.
- The system call policy has no ``ptrace``, ``process_vm_writev``, ``pidfd_getfd`` and the like, and allows changes
  of limits, priorities and schedulers of the calling process alone.
- The inputs are on a volume that is mounted twice: read-only where the program reads it, and writable below a
  folder of root's that nobody else may enter. The engine starts the supervisor inside of it.
- When the program's main process has ended, the supervisor kills everything else before it looks at the solution.
- The counters are the kernel's, of the container's own control group.

``docs/docker.md`` says more.
"""

import contextlib
import gc
import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import Final

from guest import framing, linux, meters, preload, seccomp, supervise
from guest.processes import all_but_self, kill_all
from guest.stage import Paths

_GROUPS: Final = Path("/sys/fs/cgroup")
_FILE_CACHE = re.compile(r"^(?:total_)?(?:in)?active_file (\d+)$", re.MULTILINE)
_SCRATCH = ("/work", "/tmp", "/dev/shm", "/out")


class ContainerStage:
    """The folders of the container: the engine has made everything already."""

    def __init__(self) -> None:
        """Take the current folder as the one of inputs, and leave it."""
        self.paths = Paths()
        self.flags: tuple[str, ...] = ()
        self.inputs = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self.out = os.open("/out", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._scratch = [os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) for folder in _SCRATCH]
        self._bytes = self._files = 0
        os.chdir("/")

    def resize(self, scratch_mb: int, files: int) -> None:
        """Remember the caps on all folders together; the engine caps each of them."""
        self._bytes = scratch_mb << 20
        self._files = files

    def excess(self) -> str:
        """What the program's files exceed all together, or nothing."""
        size = number = 0
        for folder in self._scratch:
            status = os.fstatvfs(folder)
            size += (status.f_blocks - status.f_bfree) * status.f_frsize
            number += status.f_files - status.f_ffree - 1
        if size > self._bytes:
            return f"its files together took more than {self._bytes >> 20} MiB"
        if number > self._files:
            return f"it made more than {self._files} files and folders"
        return ""

    def drop_privileges(self) -> None:
        """The engine has dropped everything; become a process that may look into itself again."""
        linux.no_new_privileges()
        linux.set_dumpable(True)

    def close(self) -> None:
        """Nothing: the container goes."""


class OwnGroup(meters.ControlGroup):
    """Counters of the control group that this container is, which holds the supervisor as well.

    Its files cannot be written from inside, so the highest memory cannot be reset: where the program did not raise
    it, the highest of the samples taken during the execution counts.
    """

    def __init__(self) -> None:
        self._usage = _open("memory/memory.usage_in_bytes", "memory.current")
        self._peak_file = _open("memory/memory.max_usage_in_bytes", "memory.peak")
        super().__init__(
            join=(),
            cpu=_open("cpuacct/cpuacct.usage", "cpu,cpuacct/cpuacct.usage", "cpu.stat"),
            peak=self._peak_file,
            oom=_open("memory/memory.oom_control", "memory.events"),
        )
        self._start = self._peak_before = self._highest = 0.0

    def used_bytes(self) -> int:
        """Memory in use now without what the kernel could drop, bytes; 0 where it is unknown."""
        if self._usage is None:
            return 0
        statistics = next(
            path for path in (_GROUPS / "memory/memory.stat", _GROUPS / "memory.stat") if path.exists()
        )
        text = statistics.read_text()
        total = "total_" in text
        cache = sum(int(match[1]) for match in _FILE_CACHE.finditer(text) if match[0].startswith("total_") == total)
        return max(0, int(os.pread(self._usage, 64, 0)) - cache)

    def reset(self) -> None:
        """Take what is in use now for nothing."""
        self._start = self._highest = self._sample()
        self._peak_before = super().peak_mb() or 0.0

    def cpu_s(self) -> float | None:
        """Processor time so far without the supervisor's own, seconds; samples the memory too."""
        self._highest = max(self._highest, self._sample())
        total = super().cpu_s()
        return None if total is None else max(0.0, total - time.process_time())

    def peak_mb(self) -> float | None:
        """Highest memory since the last reset above what was in use then, MiB."""
        if self._usage is None:
            return None
        peak = super().peak_mb()
        if peak is not None and peak > self._peak_before:
            self._highest = max(self._highest, peak)
        return self._highest - self._start

    def _sample(self) -> float:
        return 0.0 if self._usage is None else int(os.pread(self._usage, 64, 0)) / (1 << 20)


def _open(*names: str) -> int | None:
    for name in names:
        with contextlib.suppress(OSError):
            return os.open(_GROUPS / name, os.O_RDONLY | os.O_CLOEXEC)
    return None


def main() -> None:
    """Prepare, greet the harness, serve one execution over standard input and output, and end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    linux.set_dumpable(False)
    channel_in, channel_out = os.dup(0), os.dup(1)
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    stage = ContainerStage()
    versions = preload.preload()
    group = OwnGroup()
    kit = supervise.Kit(
        group=group,
        seccomp=seccomp.compile_policy(Path(__file__).parent.parent / "seccomp.json"),
        blas_thread_setters=preload.blas_thread_setters(),
        descendants=all_but_self,
        kill=kill_all,
        count_memory=False,
        limit_user=False,
    )
    gc.disable()
    execution = supervise.Execution(stage, kit)
    greeting = {"python": sys.version.split()[0], "packages": versions, "memory_bytes": group.used_bytes()}
    try:
        framing.send(channel_out, greeting)
        execution.serve(channel_in, channel_out)
    except framing.Closed:
        return
    except Exception as error:
        framing.send(channel_out, supervise.failure(error))


if __name__ == "__main__":
    main()
