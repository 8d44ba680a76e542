"""Tries to escape the confinement by a fresh interpreter, which starts without the guest's preparations."""

import subprocess
import sys
import textwrap


def solve(instance, solution):
    script = """
    import ctypes, os, socket
    found = []
    for family in (2, 10, 16, 40):
        try: socket.socket(family, socket.SOCK_DGRAM); found.append(family)
        except OSError: pass
    libc = ctypes.CDLL(None)
    if libc.unshare(0x10000000) == 0: found.append("unshare")
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    print(found, status["NoNewPrivs"].strip(), status["Seccomp"].strip(), int(status["CapEff"], 16))
    """
    done = subprocess.run(
        [sys.executable, "-I", "-c", textwrap.dedent(script)], capture_output=True, text=True, env={}
    )
    with open(solution, "w") as file:
        file.write(done.stdout.strip() or done.stderr)
