"""One single-use container: prepared ahead of need, given one job, removed."""

import contextlib
import json
import random
import secrets
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from heurigym.execution.docker_engine import LABEL, Engine
from heurigym.execution.guest_environment import guest_code
from heurigym.execution.guest_server import START_S, GuestError, Stream, converse
from heurigym.execution.sandbox import Execution, Job
from heurigym.problems.outcome import Outcome
from heurigym.problems.spec import Limits

_INPUTS = "/in"
_WRITABLE_INPUTS = "/run/inputs"
_SCRATCH = ("/work", "/tmp", "/dev/shm", "/out")
_QUIET = "nosuid,nodev,noexec"
_HOSTNAME = "sandbox"
_UIDS: Final = range(50_000, 60_000)
_OPEN_FILES = 1024
_SPARE_MEMORY_MB = 512
_LARGE_JOB_BYTES = 1 << 20
_MOST_REPORT_BYTES = 4000
_PATIENCE_S = 10.0
_STDERR = 2

# Besides what engines hide by default: what the embedded sandbox does not have either. Of /sys only the control
# group of the container is left, for its supervisor.
_HIDDEN = (
    *("/dev/mqueue", "/dev/pts", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf"),
    *("/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug"),
    *("/proc/scsi", "/proc/timer_list", "/proc/timer_stats"),
    *("/sys/block", "/sys/bus", "/sys/class", "/sys/dev", "/sys/devices", "/sys/firmware", "/sys/hypervisor"),
    *("/sys/kernel", "/sys/module", "/sys/power"),
)


@dataclass(frozen=True)
class Shape:
    """What of a job's limits a container is made for."""

    memory_mb: int
    processes: int
    scratch_mb: int
    files: int

    @classmethod
    def of(cls, limits: Limits) -> "Shape":
        """The shape that jobs with ``limits`` need."""
        return cls(limits.memory_mb, limits.processes, limits.scratch_mb, limits.files)


class Attachment:
    """The standard streams of a container as one connection; its standard error is kept aside."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._left = 0
        self._report = b""

    def sendall(self, content: bytes) -> None:
        """Write to standard input."""
        self._connection.sendall(content)

    def recv(self, size: int) -> bytes:
        """Read from standard output."""
        while not self._left:
            header = self._exactly(8)
            if len(header) < 8:
                return b""
            kind, length = struct.unpack(">BxxxI", header)
            if kind == _STDERR:
                self._report = (self._report + self._exactly(length))[-_MOST_REPORT_BYTES:]
            else:
                self._left = length
        part = self._connection.recv(min(size, self._left))
        self._left -= len(part)
        return part

    def settimeout(self, seconds: float) -> None:
        """Let later calls raise ``TimeoutError`` after so long."""
        self._connection.settimeout(seconds)

    def abort(self) -> None:
        """End standard input, and with it the supervisor; a thread that waits for an answer is told."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Detach; the supervisor ends."""
        self.abort()
        self._connection.close()

    def report(self) -> str:
        """The last of what came on standard error."""
        return self._report.decode(errors="replace").strip()

    def _exactly(self, size: int) -> bytes:
        parts = []
        while size and (part := self._connection.recv(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


class Container:
    """A container whose supervisor waits for its only job.

    Attributes:
        shape: the limits that it was made for.
        python: version of its interpreter.
        packages: its packages and their versions.
    """

    def __init__(self, engine: Engine, image: str, shape: Shape, cores: Sequence[int]) -> None:
        """Make and start it, and wait until its supervisor is ready.

        Args:
            engine: where.
            image: digest of the image.
            shape: the limits.
            cores: the cores that jobs may be given.

        Raises:
            GuestError: the engine or the guest failed. Nothing is left of the container then.
        """
        self.shape = shape
        self._engine = engine
        self._name = f"heurigym-{secrets.token_hex(8)}"
        self._attachment: Attachment | None = None
        try:
            self._start(image, cores)
            header, _ = self._stream.receive(time.monotonic() + START_S)
            self.python: str = header["python"]
            self.packages: dict[str, str] = header["packages"]
            self._own_bytes: int = header["memory_bytes"]
            self._limit_memory(self._own_bytes)
        except (engine.errors.DockerException, OSError) as error:
            self.remove()
            raise GuestError(f"the engine cannot run a container: {error}") from None
        except GuestError as error:
            report = self.report()
            self.remove()
            raise GuestError(f"{error} ({report})" if report else str(error)) from None

    def run(self, job: Job, cores: Sequence[int]) -> Execution:
        """Run ``job``; the container is of no more use then.

        Raises:
            GuestError: the guest failed.
        """
        size = len(job.program) + sum(len(content) for _, content in job.inputs)
        try:
            if size > _LARGE_JOB_BYTES:
                self._limit_memory(self._own_bytes + size)
            return converse(self._stream, job, cores)
        except self._engine.errors.DockerException as error:
            raise GuestError(f"the engine failed: {error}") from None
        except GuestError:
            if self._ran_out_of_memory():
                message = f"it used more than {job.limits.memory_mb} MiB of memory"
                return Execution(Outcome.OUT_OF_MEMORY, message=message, cores=tuple(cores))
            raise

    def report(self) -> str:
        """The last of what the guest printed about itself."""
        return "" if self._attachment is None else self._attachment.report()

    def abort(self) -> None:
        """Make it end; a thread that runs a job in it is told. It still has to be removed."""
        if self._attachment is not None:
            self._attachment.abort()

    def remove(self) -> None:
        """End it and remove all of it."""
        if self._attachment is not None:
            self._attachment.close()
        self._engine.quietly(self._engine.api.remove_container, self._name, force=True, v=True)
        self._engine.quietly(self._engine.api.remove_volume, self._name, force=True)

    def _start(self, image: str, cores: Sequence[int]) -> None:
        api = self._engine.api
        uid = random.SystemRandom().choice(_UIDS)
        labels = {LABEL: self._engine.label}
        options = f"mode=0755,uid={uid},gid={uid},{_QUIET}"
        api.create_volume(self._name, "local", {"type": "tmpfs", "device": "tmpfs", "o": options}, labels=labels)
        api.create_container(
            image,
            name=self._name,
            user=f"{uid}:{uid}",
            hostname=_HOSTNAME,
            working_dir=_WRITABLE_INPUTS,
            labels=labels,
            stdin_open=True,
            host_config=self._host_config(uid, cores),
        )
        raw = api.attach_socket(self._name, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
        self._attachment = Attachment(getattr(raw, "_sock", raw))
        self._stream = Stream(self._attachment)
        api.start(self._name)

    def _host_config(self, uid: int, cores: Sequence[int]) -> dict[str, Any]:
        shape = self.shape
        own = f"mode=0700,uid={uid},gid={uid},size={shape.scratch_mb}m,nr_inodes={shape.files + 1},{_QUIET}"
        memory = (shape.memory_mb + _SPARE_MEMORY_MB) << 20
        inputs = {"Type": "volume", "Source": self._name, "VolumeOptions": {"NoCopy": True}}
        return {
            "CapDrop": ["ALL"],
            "CgroupnsMode": "private",
            "CpusetCpus": ",".join(map(str, cores)),
            "IpcMode": "private",
            "LogConfig": {"Type": "none", "Config": {}},
            "MaskedPaths": list(_HIDDEN),
            "Memory": memory,
            "MemorySwap": memory,
            "Mounts": [
                {**inputs, "Target": _INPUTS, "ReadOnly": True},
                {**inputs, "Target": _WRITABLE_INPUTS, "ReadOnly": False},
            ],
            "NetworkMode": "none",
            "PidsLimit": shape.processes + 1,
            "ReadonlyRootfs": True,
            "SecurityOpt": ["no-new-privileges", f"seccomp={_supervisor_policy()}"],
            "Tmpfs": dict.fromkeys(_SCRATCH, own),
            "Ulimits": [
                {"Name": "core", "Soft": 0, "Hard": 0},
                {"Name": "nofile", "Soft": _OPEN_FILES, "Hard": _OPEN_FILES},
            ],
        }

    def _limit_memory(self, own_bytes: int) -> None:
        """Limit memory to that of the shape beyond ``own_bytes``, which are not the program's."""
        memory = (self.shape.memory_mb << 20) + own_bytes
        self._engine.api.update_container(self._name, mem_limit=memory, memswap_limit=memory)

    def _ran_out_of_memory(self) -> bool:
        """Whether the kernel killed something here for want of memory; asked when the supervisor has ended."""
        deadline = time.monotonic() + _PATIENCE_S
        try:
            while time.monotonic() < deadline:
                state = self._engine.api.inspect_container(self._name)["State"]
                if not state["Running"]:
                    return bool(state["OOMKilled"])
                time.sleep(0.05)
        except (self._engine.errors.APIError, OSError):
            return False
        return False


def _supervisor_policy() -> str:
    """The policy of programs, and what their supervisor has to do besides: pin them to their cores."""
    policy = json.loads(Path(guest_code(), "seccomp.json").read_text())
    policy["syscalls"].append({"names": ["sched_setaffinity"], "action": "SCMP_ACT_ALLOW"})
    return json.dumps(policy)
