"""Tries to read passwords, keys and histories of the host's users."""

import os


def solve(instance, solution):
    found = []
    for path in (
        "/etc/shadow",
        "/etc/gshadow",
        "/etc/sudoers",
        "/etc/machine-id",
        "/root",
        "/home",
        "/var/log",
        "/var/lib",
        "/etc/ssh",
        "/srv",
        "/mnt",
        "/boot",
        "/usr/local",
        "@HOME@",
        "@HOME@/.ssh",
        "@HOME@/.docker",
        "@HOME@/.cache",
    ):
        try:
            os.stat(path)
            found.append(path)
        except OSError:
            pass
    with open("/etc/passwd") as file:
        users = len(file.readlines())
    with open(solution, "w") as file:
        file.write(f"found {found}, {users} user")
