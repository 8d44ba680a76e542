"""Tries to raise its own limits, or change the supervisor's."""

import os
import resource


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
    INFINITE = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    with open(solution, "w") as file:
        file.write(
            allowed(
                ("core", lambda: resource.setrlimit(resource.RLIMIT_CORE, INFINITE)),
                ("file", lambda: resource.setrlimit(resource.RLIMIT_FSIZE, INFINITE)),
                ("descriptors", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 20, 1 << 20))),
                ("supervisor", lambda: resource.prlimit(1, resource.RLIMIT_CPU, (0, 0))),
                ("supervisor_files", lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0))),
                ("own_by_pid", lambda: resource.prlimit(os.getpid(), resource.RLIMIT_CORE, INFINITE)),
                ("nice", lambda: os.nice(-5)),
                ("priority", lambda: os.setpriority(os.PRIO_PROCESS, 1, 19)),
                ("user", lambda: os.setpriority(os.PRIO_USER, 0, 19)),
            )
        )
