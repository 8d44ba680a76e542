"""Tries to read the kernel's memory, log and addresses."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


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
    def kernel_log():
        buffer = ctypes.create_string_buffer(100)
        if libc.klogctl(3, buffer, 100) < 0:
            raise OSError(ctypes.get_errno(), "refused")

    def addresses():
        with open("/proc/kallsyms") as file:
            if int(file.readline().split()[0], 16) == 0:
                raise OSError("only zeros")

    with open(solution, "w") as file:
        file.write(
            allowed(
                ("log", kernel_log),
                ("kmsg", lambda: open("/dev/kmsg")),
                ("mem", lambda: open("/dev/mem")),
                ("kcore", lambda: open("/proc/kcore", "rb").read(1)[0]),
                ("addresses", addresses),
                ("disk", lambda: open("/dev/vda")),
                ("kvm", lambda: open("/dev/kvm")),
                ("debugfs", lambda: os.listdir("/sys/kernel/debug").index("x")),
                ("modules", lambda: os.listdir("/sys/module")[0].index("no such")),
            )
        )
