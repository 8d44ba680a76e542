"""Tries to inject input through a terminal."""

import fcntl
import os
import termios


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
    def inject():
        with open("/dev/tty", "w") as terminal:
            fcntl.ioctl(terminal, termios.TIOCSTI, b"x")

    with open(solution, "w") as file:
        file.write(
            allowed(
                ("pseudo-terminal", os.openpty),
                ("tty", inject),
                ("console", lambda: open("/dev/console", "w")),
                ("stdin", lambda: fcntl.ioctl(0, termios.TIOCSTI, b"x")),
            )
        )
