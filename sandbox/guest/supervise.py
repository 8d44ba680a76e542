"""One execution: park the program, read the job, run it within its limits, collect the solution, reply."""

import contextlib
import json
import os
import re
import resource
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from guest import framing, meters, program
from guest.capture import Capture
from guest.collect import Refusal, collect
from guest.linux import install_filter
from guest.stage import Stage

_TICK_S = 0.025
_MEMORY_ERROR = re.compile(rb"^(\w+\.)*_?(Array)?MemoryError\b")


@dataclass(frozen=True)
class Kit:
    """What every execution of a server has in common.

    Attributes:
        group: counters of the control group that programs run in.
        seccomp: the compiled system call filter; empty for none.
        blas_thread_setters: functions that set the number of BLAS threads.
        descendants: the process ids of the program's tree, as seen by its supervisor.
        kill: kills the program's tree, except for the supervisor.
        count_memory: whether memory has to be counted here, because no group limits it.
        limit_user: whether the program's user has no other processes, so that its processes can be limited.
    """

    group: meters.Group
    seccomp: bytes
    blas_thread_setters: Sequence[Callable[[int], object]]
    descendants: Callable[[], list[int]]
    kill: Callable[[], None]
    count_memory: bool
    limit_user: bool


@dataclass(frozen=True)
class Limits:
    """What the execution may use; as in the harness's limits."""

    time_s: float
    memory_mb: int
    processes: int
    scratch_mb: int
    files: int
    solution_mb: int
    output_kb: int


@dataclass(frozen=True)
class End:
    """Why the program's main process is no more: its wait status, or the limit that was reached."""

    status: int
    outcome: str | None
    message: str


class Execution:
    """One execution on ``stage``. The program's process is forked at once, before anything of the job is known."""

    def __init__(self, stage: Stage, kit: Kit) -> None:
        self._stage = stage
        self._kit = kit
        order_out, self._order = os.pipe()
        self._ready, ready_in = os.pipe()
        stdout, stdout_in = os.pipe()
        stderr, stderr_in = os.pipe()
        self._outputs = (stdout, stderr)
        self._pid = os.fork()
        if self._pid == 0:
            _become_program(stage, kit, order_out, ready_in, stdout_in, stderr_in)
        for fd in (order_out, ready_in, stdout_in, stderr_in):
            os.close(fd)
        self._tasks = meters.Tasks(kit.descendants)
        self._memory = meters.ResidentMemory(kit.descendants) if kit.count_memory else None

    def serve(self, channel_in: int, channel_out: int) -> None:
        """Read the job from ``channel_in``, run it, and write the reply to ``channel_out``.

        Raises:
            framing.Closed: the harness has gone; nothing of the program is left.
        """
        try:
            header, _ = framing.receive_header(channel_in)
            limits = Limits(**header["limits"])
            self._stage.resize(limits.scratch_mb, limits.files)
            self._write_inputs(channel_in, header)
            reply, body = self._run(header, limits, channel_in)
        finally:
            self._kill()
        framing.send(channel_out, reply, body)

    def _write_inputs(self, channel: int, header: dict[str, Any]) -> None:
        for name, size in [("program.py", header["program_size"]), *header["inputs"]]:
            fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444, dir_fd=self._stage.inputs)
            try:
                framing.copy_exactly(channel, fd, size)
            finally:
                os.close(fd)

    def _run(self, header: dict[str, Any], limits: Limits, channel: int) -> tuple[dict[str, Any], list[bytes]]:
        paths = self._stage.paths
        order = program.Order(
            program=f"{paths.inputs}/program.py",
            inputs=tuple(f"{paths.inputs}/{name}" for name, _ in header["inputs"]),
            solution=f"{paths.out}/{header['solution_name']}",
            work=paths.work,
            tmp=paths.tmp,
            cores=tuple(header["cores"]),
            processes=limits.processes if self._kit.limit_user else 0,
            file_mb=limits.scratch_mb,
            address_space_mb=limits.memory_mb if self._kit.count_memory else 0,
        )
        _write_line(self._order, json.dumps(vars(order)))
        ready = _read_line(self._ready)
        if ready != "ready":
            raise RuntimeError(f"the program's process could not be confined: {ready or 'it died'}")

        captures = [Capture(fd, limits.output_kb << 10) for fd in self._outputs]
        group = self._kit.group
        group.reset()
        oom_0 = group.oom_kills()
        if self._memory is not None:
            self._memory.start()
        clock = meters.Clock(order.cores, group, self._tasks)
        _write_line(self._order, "go")
        end, late_s = self._watch(clock, captures, limits, oom_0, channel)
        charge = clock.read(late_s)
        self._kill()
        for capture in captures:
            while capture.drain():
                if not select.select([capture.fd], [], [], 0)[0]:
                    break
        outcome, message = self._judge(end, charge, limits, oom_0, captures[1])
        solution = b""
        if outcome is None:
            collected = collect(self._stage.out, header["solution_name"], limits.solution_mb << 20)
            if isinstance(collected, Refusal):
                outcome, message = collected.outcome, collected.message
            else:
                solution = collected
        body = [captures[0].content(), captures[1].content(), solution]
        reply = {
            "outcome": outcome,
            "message": message,
            "exit_code": _exit_code(end, outcome),
            "wall_s": charge.wall_s,
            "charged_s": charge.charged_s,
            "cpu_s": charge.cpu_s if group.cpu_s() is not None else max(charge.cpu_s, _reaped_cpu_s()),
            "peak_memory_mb": group.peak_mb() if self._memory is None else self._memory.peak_mb,
            "disturbance": charge.lost_s / charge.wall_s if charge.wall_s > 0 else 0.0,
            "flags": list(self._stage.flags),
            "sizes": [len(part) for part in body],
        }
        return reply, body

    def _watch(
        self, clock: meters.Clock, captures: list[Capture], limits: Limits, oom_0: int, channel: int
    ) -> tuple[End, float]:
        """Wait for the end of the program's main process, or for a limit."""
        poll = select.poll()
        for capture in captures:
            poll.register(capture.fd, select.POLLIN)
        main = os.pidfd_open(self._pid)
        poll.register(main, select.POLLIN)
        poll.register(channel, 0)
        watchdog_s = 10 * limits.time_s + 10
        next_tick = time.monotonic() + _TICK_S
        try:
            while True:
                delay_before = meters.own_delay_s()
                wait = max(0.0, next_tick - time.monotonic())
                events = dict(poll.poll(wait * 1000))
                for capture in captures:
                    if capture.fd in events and not capture.drain():
                        poll.unregister(capture.fd)
                if main in events:
                    return End(self._status(), None, ""), meters.own_delay_s() - delay_before
                if channel in events:
                    raise framing.Closed
                if time.monotonic() < next_tick:
                    continue
                self._reap_orphans()
                charge = clock.read()
                # Where the kernel keeps no peak that can be reset, the highest that was asked for stands for it.
                self._kit.group.peak_mb()
                if charge.charged_s > limits.time_s:
                    return End(-1, "timed_out", ""), 0.0
                if charge.wall_s > watchdog_s:
                    return End(-1, "timed_out", f"the wall clock ran to {charge.wall_s:.0f} s"), 0.0
                if self._kit.group.oom_kills() > oom_0 or (
                    self._memory is not None and self._memory.sample_mb() > limits.memory_mb
                ):
                    return End(-1, "out_of_memory", ""), 0.0
                if excess := self._stage.excess():
                    return End(-1, "crashed", excess), 0.0
                left = limits.time_s - charge.charged_s
                next_tick = time.monotonic() + min(_TICK_S, max(left, 0.001))
        finally:
            os.close(main)

    def _status(self) -> int:
        """The wait status of the main process, which has ended but is still to be reaped."""
        result = os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOWAIT)
        if result is None:
            raise RuntimeError("the program's main process has not ended")
        return result.si_status << 8 if result.si_code == os.CLD_EXITED else result.si_status

    def _judge(
        self, end: End, charge: meters.Charge, limits: Limits, oom_0: int, stderr: Capture
    ) -> tuple[str | None, str]:
        if self._kit.group.oom_kills() > oom_0 or end.outcome == "out_of_memory":
            return "out_of_memory", f"it used more than {limits.memory_mb} MiB of memory"
        if end.outcome == "timed_out" or charge.charged_s > limits.time_s:
            used = end.message or f"it used {charge.charged_s:.2f} s"
            return "timed_out", f"{used} of {limits.time_s:g} s"
        if excess := end.message or self._stage.excess():
            return "crashed", excess
        code = os.waitstatus_to_exitcode(end.status)
        last = stderr.content().rstrip().rpartition(b"\n")[2]
        if code == 1 and _MEMORY_ERROR.match(last):
            return "out_of_memory", f"{_text(last)}; the limit is {limits.memory_mb} MiB"
        if code > 0:
            return "crashed", _text(last) if code == 1 and last else f"it ended with exit code {code}"
        if code < 0:
            return "crashed", f"it was killed by signal {-code} ({_signal_name(-code)})"
        return None, ""

    def _reap_orphans(self) -> None:
        """Reap the processes that the program's tree left to this one, but never the main process."""
        with contextlib.suppress(ChildProcessError):
            while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                if found.si_pid == self._pid:
                    return
                os.waitpid(found.si_pid, 0)

    def _kill(self) -> None:
        """Kill and reap all that the program started, and the program."""
        while True:
            self._kit.kill()
            try:
                while os.waitpid(-1, 0):
                    pass
            except ChildProcessError:
                return


def _reaped_cpu_s() -> float:
    """Processor time of all processes that have ended below this one, seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _become_program(
    stage: Stage, kit: Kit, order_fd: int, ready_fd: int, stdout_fd: int, stderr_fd: int
) -> NoReturn:
    """The child: wait for the order, confine this process, say so, wait for the start, run."""
    try:
        os.setsid()
        null = os.open("/dev/null", os.O_RDONLY)
        for source, target in ((null, 0), (stdout_fd, 1), (stderr_fd, 2)):
            os.dup2(source, target)
        if isinstance(kit.group, meters.ControlGroup):
            kit.group.join()
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000")
        _close_all_but(order_fd, ready_fd)
        line = _read_line(order_fd)
        if not line:
            os._exit(0)
        order = program.Order(**json.loads(line))
        program.confine(order)
        stage.drop_privileges()
        program.confine_user(order)
        program.furnish(order, kit.blas_thread_setters)
        if kit.seccomp:
            install_filter(kit.seccomp)
        _write_line(ready_fd, "ready")
        if _read_line(order_fd) != "go":
            os._exit(0)
        os.close(ready_fd)
        os.close(order_fd)
    except BaseException as error:
        with contextlib.suppress(BaseException):
            _write_line(ready_fd, f"{type(error).__name__}: {error}".replace("\n", " "))
        os._exit(70)
    program.run(order)


def _close_all_but(*kept: int) -> None:
    """Close every descriptor but the standard streams and ``kept``."""
    first = 3
    for fd in sorted(kept):
        os.closerange(first, fd)
        first = fd + 1
    os.closerange(first, 1 << 20)


def _read_line(fd: int) -> str:
    parts = []
    while (part := os.read(fd, 1)) not in (b"", b"\n"):
        parts.append(part)
    return b"".join(parts).decode()


def _write_line(fd: int, text: str) -> None:
    os.write(fd, text.encode() + b"\n")


def _text(line: bytes) -> str:
    return line.decode(errors="replace")[:500]


def _exit_code(end: End, outcome: str | None) -> int | None:
    """The main process's exit status; unknown where a limit ended it, whoever was first to kill it."""
    code = None if end.status < 0 else os.waitstatus_to_exitcode(end.status)
    return None if outcome == "out_of_memory" and code == -signal.SIGKILL else code


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"


def failure(error: BaseException) -> dict[str, Any]:
    """The reply that says that the guest itself failed."""
    print(f"guest: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
    return {"outcome": "harness_error", "message": f"{type(error).__name__}: {error}", "sizes": [0, 0, 0]}
