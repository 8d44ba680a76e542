"""The server: an interpreter with everything imported that forks a supervisor for each execution.

It never reads a job. For each execution the harness sends it one small message, the cores; the supervisor that is
parked then reads the job itself, and ends after its reply. So neither this process nor a later program's memory
holds anything of an earlier job.
"""

import gc
import os
import re
import signal
import sys
from typing import Any

from guest import framing, linux, meters, preload, seccomp, supervise
from guest.processes import all_but_self, kill_all
from guest.stage import NamespaceStage, PlainStage, Stage


def serve(settings: dict[str, Any]) -> None:
    """Serve executions until the harness closes the channel.

    Args:
        settings: ``channel`` (descriptor of the stream), ``isolated`` (whether there are namespaces), ``uid`` (user
            of programs, or null), ``group`` (descriptors of a control group, or null), ``policy`` (path of the
            seccomp policy, or null), ``count_memory`` (no group limits memory).
    """
    channel: int = settings["channel"]
    linux.set_dumpable(False)
    linux.no_new_privileges()
    versions = preload.preload()
    kit = _kit(settings)
    framing.send(channel, {"python": sys.version.split()[0], "packages": versions})
    own_pid_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY) if settings["isolated"] else -1
    while True:
        start_in, start_out = os.pipe()
        if own_pid_namespace >= 0:
            linux.unshare(linux.CLONE_NEWPID)
        sys.stdout.flush()
        sys.stderr.flush()
        supervisor = os.fork()
        if supervisor == 0:
            os.close(start_out)
            _supervise(settings, kit, channel, start_in)
        os.close(start_in)
        if own_pid_namespace >= 0:
            linux.setns(own_pid_namespace, linux.CLONE_NEWPID)
        try:
            header, _ = framing.receive_header(channel)
        except framing.Closed:
            os.close(start_out)
            os.kill(supervisor, signal.SIGKILL)
            os.waitpid(supervisor, 0)
            return
        os.sched_setaffinity(0, header["cores"])
        os.write(start_out, b"1")
        os.close(start_out)
        os.waitpid(supervisor, 0)


def _supervise(settings: dict[str, Any], kit: supervise.Kit, channel: int, start: int) -> None:
    """The child: prepare everything, wait for the start, serve one execution, and end."""
    stage: Stage | None = None
    started = False
    code = 1
    try:
        linux.die_with_parent(signal.SIGKILL)
        gc.disable()
        linux.become_subreaper()
        stage = NamespaceStage(settings["uid"]) if settings["isolated"] else PlainStage()
        execution = supervise.Execution(stage, kit)
        started = bool(os.read(start, 1))
        if started:
            execution.serve(channel, channel)
        code = 0
    except framing.Closed:
        code = 0
    except BaseException as error:
        if started or os.read(start, 1):
            framing.send(channel, supervise.failure(error))
    finally:
        if stage is not None:
            stage.close()
        os._exit(code)


def _kit(settings: dict[str, Any]) -> supervise.Kit:
    isolated = settings["isolated"]
    group = settings["group"]
    return supervise.Kit(
        group=meters.NoGroup() if group is None else meters.ControlGroup(**group),
        seccomp=seccomp.compile_policy(settings["policy"]) if settings["policy"] else b"",
        blas_thread_setters=preload.blas_thread_setters(),
        descendants=all_but_self if isolated else _descendants,
        kill=kill_all if isolated else _kill_descendants,
        count_memory=settings["count_memory"],
        limit_user=isolated and (settings["uid"] is not None or _counts_by_user_namespace()),
    )


def _counts_by_user_namespace() -> bool:
    """Whether this kernel counts a user's processes for each user namespace apart: since Linux 5.14."""
    major, minor = re.findall(r"\d+", os.uname().release)[:2]
    return (int(major), int(minor)) >= (5, 14)


def _descendants() -> list[int]:
    """All descendants of this process, which orphans among them come back to."""
    found: list[int] = []
    waiting = [os.getpid()]
    while waiting:
        pid = waiting.pop()
        try:
            for task in os.scandir(f"/proc/{pid}/task"):
                children = [int(child) for child in meters.read_file(f"{task.path}/children").split()]
                found += children
                waiting += children
        except OSError:
            continue
    return found


def _kill_descendants() -> None:
    for pid in _descendants():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
