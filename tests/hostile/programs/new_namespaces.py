"""Tries to gain powers in namespaces of its own."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def call(number, *arguments):
    result = libc.syscall(
        ctypes.c_long(number), *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments)
    )
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result


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
    with open(solution, "w") as file:
        file.write(
            allowed(
                *(
                    (f"unshare {flag:#x}", lambda flag=flag: call(272, flag))
                    for flag in (
                        0x10000000,
                        0x00020000,
                        0x20000000,
                        0x40000000,
                        0x08000000,
                        0x04000000,
                        0x02000000,
                        0x80,
                    )
                ),
                *(
                    (f"clone {flag:#x}", lambda flag=flag: call(56, flag | 17, 0, 0, 0, 0))
                    for flag in (0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x08000000, 0x04000000, 0x02000000)
                ),
                ("clone3", lambda: call(435, (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17), 88)),
                *(
                    (f"setns {kind}", lambda kind=kind: call(308, os.open(f"/proc/self/ns/{kind}", os.O_RDONLY), 0))
                    for kind in ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup")
                ),
            )
        )
