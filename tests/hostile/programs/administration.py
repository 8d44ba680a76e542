"""Tries to administer the host."""

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
    buffer = ctypes.create_string_buffer(256)
    with open(solution, "w") as file:
        file.write(
            allowed(
                ("reboot", lambda: call(169, 0xFEE1DEAD, 672274793, 0x1234567, 0)),
                ("kexec", lambda: call(246, 0, 0, 0, 0)),
                ("init_module", lambda: call(175, buffer, 0, b"")),
                ("acct", lambda: call(163, b"/work/acct")),
                ("settimeofday", lambda: call(164, buffer, 0)),
                ("clock_settime", lambda: call(227, 0, buffer)),
                ("adjtimex", lambda: call(159, buffer)),
                ("sethostname", lambda: call(170, b"taken", 5)),
                ("setdomainname", lambda: call(171, b"taken", 5)),
                ("vhangup", lambda: call(153)),
                ("iopl", lambda: call(172, 3)),
                ("syslog", lambda: call(103, 5, 0, 0)),
            )
        )
