"""Tries to change its inputs."""

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
    def write(mode):
        with open(instance, mode) as file:
            file.write("changed")

    with open(solution, "w") as file:
        file.write(
            allowed(
                ("write", lambda: write("w")),
                ("append", lambda: write("a")),
                ("update", lambda: write("r+")),
                ("truncate", lambda: os.truncate(instance, 0)),
                ("chmod", lambda: os.chmod(instance, 0o666)),
                ("chmod_folder", lambda: os.chmod("/in", 0o777)),
                ("remove", lambda: os.remove(instance)),
                ("rename", lambda: os.rename(instance, "/in/other")),
                ("replace", lambda: os.rename(__file__, instance)),
                ("create", lambda: open("/in/new", "w")),
                ("mkdir", lambda: os.mkdir("/in/folder")),
                ("utime", lambda: os.utime(instance, (0, 0))),
                ("link", lambda: os.link(instance, "/work/link")),
                ("symlink", lambda: os.symlink("/etc/passwd", "/in/link")),
                ("program", lambda: open(__file__, "w")),
            )
        )
