"""Reports all that could tell a demonstration instance from an evaluation instance, but the instance itself."""

# ruff: noqa: PTH109, PTH115, PTH116, PTH123, PTH208

import json
import os
import platform
import socket
import sys
import time


def solve(instance: str, solution: str) -> None:
    def read(path: str) -> str:
        try:
            return open(path).read()
        except OSError as error:
            return error.__class__.__name__

    def facts(path: str) -> dict[str, object]:
        status = os.stat(path)
        return {name: getattr(status, name) for name in dir(status) if name.startswith("st_")}

    folders = ("/", "/in", "/work", "/out", "/tmp", "/dev", "/dev/shm", "/etc", "/opt")
    seen = {
        "arguments": [instance, solution, *sys.argv, __file__, os.getcwd()],
        "folders": {folder: sorted(os.listdir(folder)) for folder in folders},
        "status": {path: facts(path) for path in (instance, __file__, *folders)},
        "environment": sorted(os.environ.items()),
        "first environment": read("/proc/self/environ"),
        "processes": [os.getpid(), os.getppid(), os.getsid(0), os.getpgrp(), sorted(os.listdir("/proc"))],
        "supervisor": read("/proc/1/cmdline") + read("/proc/1/comm"),
        "identity": [os.getresuid(), os.getresgid(), os.getgroups(), socket.gethostname(), platform.platform()],
        "groups": read("/proc/self/cgroup"),
        "mounts": read("/proc/self/mountinfo"),
        "namespaces": [os.readlink(f"/proc/self/ns/{name}") for name in sorted(os.listdir("/proc/self/ns"))],
        "boot": read("/proc/sys/kernel/random/boot_id"),
        "limits": read("/proc/self/limits"),
        "cores": sorted(os.sched_getaffinity(0)),
        "priority": [os.getpriority(os.PRIO_PROCESS, 0), read("/proc/self/oom_score_adj")],
        "descriptors": sorted(os.listdir("/proc/self/fd")),
        "modules": sorted(sys.modules),
        "path": sys.path,
        "year": time.gmtime().tm_year,
        "memory limit": read("/sys/fs/cgroup/memory/memory.limit_in_bytes") + read("/sys/fs/cgroup/memory.max"),
        "process limit": read("/sys/fs/cgroup/pids/pids.max") + read("/sys/fs/cgroup/pids.max"),
    }
    with open(solution, "w") as file:
        json.dump(seen, file)
