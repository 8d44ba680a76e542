"""Tries to change the kernel's settings."""

import os


def allowed(*attempts):
    """The names of the attempts that were not refused."""
    done = []
    for name, attempt in attempts:
        try:
            attempt()
            done.append(name)
        except (OSError, ValueError, RuntimeError, LookupError):
            pass
    return " ".join(done) or "nothing"


def solve(instance, solution):
    def write(path, text):
        with open(path, "w") as file:
            file.write(text)

    with open(solution, "w") as file:
        file.write(
            allowed(
                ("hostname", lambda: write("/proc/sys/kernel/hostname", "taken")),
                ("core_pattern", lambda: write("/proc/sys/kernel/core_pattern", "|/work/evil")),
                ("sysrq", lambda: write("/proc/sysrq-trigger", "b")),
                ("overcommit", lambda: write("/proc/sys/vm/overcommit_memory", "1")),
                ("oom", lambda: write("/proc/self/oom_score_adj", "-1000")),
                ("cgroup", lambda: write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "-1")),
                ("cgroup2", lambda: write("/sys/fs/cgroup/memory.max", "max")),
                ("cgroup_new", lambda: os.mkdir("/sys/fs/cgroup/memory/new")),
                ("dev", lambda: write("/dev/new", "x")),
                ("etc", lambda: write("/etc/passwd", "x")),
            )
        )
