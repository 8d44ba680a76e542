"""Tries to become root or another user."""

import os
import shutil
import subprocess
import sys


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
    def suid_copy():
        shutil.copy(sys.executable, "/work/python")
        os.chmod("/work/python", 0o6755)
        subprocess.run(["/work/python", "-c", "import os; assert os.geteuid() == 0"], check=True)

    attempts = allowed(
        ("setuid", lambda: os.setuid(0)),
        ("setresuid", lambda: os.setresuid(0, 0, 0)),
        ("setgid", lambda: os.setgid(0)),
        ("setgroups", lambda: os.setgroups([0])),
        ("other", lambda: os.setuid(1000)),
        ("give_away", lambda: os.chown("/work", 0, 0)),
        ("suid", suid_copy),
    )
    with open("/proc/self/status") as file:
        status = dict(line.split(":", 1) for line in file)
    facts = [int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")]
    with open(solution, "w") as file:
        file.write(
            f"{attempts}, root: {os.geteuid() == 0}, capabilities: {sum(facts)}, "
            f"{status['NoNewPrivs'].strip()} {status['Seccomp'].strip()}"
        )
