"""Tries to change what is mounted."""

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
    def mount(source, target, kind, flags):
        if libc.mount(source, target, kind, ctypes.c_ulong(flags), None) < 0:
            raise OSError(ctypes.get_errno(), "refused")

    def unmount(target, flags):
        if libc.umount2(target, flags) < 0:
            raise OSError(ctypes.get_errno(), "refused")

    with open(solution, "w") as file:
        file.write(
            allowed(
                ("remount", lambda: mount(b"none", b"/in", None, 32)),
                ("bind", lambda: mount(b"/work", b"/in", None, 4096)),
                ("tmpfs", lambda: mount(b"none", b"/work", b"tmpfs", 0)),
                ("proc", lambda: mount(b"proc", b"/work", b"proc", 0)),
                ("move", lambda: mount(b"/in", b"/work", None, 8192)),
                ("unmount", lambda: unmount(b"/in", 2)),
                ("fsopen", lambda: call(430, b"tmpfs", 0)),
                ("open_tree", lambda: call(428, -100, b"/in", 1)),
                ("move_mount", lambda: call(429, -100, b"/in", -100, b"/work", 0)),
                ("mount_setattr", lambda: call(442, -100, b"/in", 0, 0, 0)),
                ("chroot", lambda: os.chroot("/work")),
                ("pivot_root", lambda: call(155, b"/work", b"/work")),
            )
        )
