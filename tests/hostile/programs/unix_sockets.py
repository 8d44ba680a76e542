"""Tries to reach the container engine, the system's bus or another service by the path of its socket."""

import socket


def solve(instance, solution):
    reached = []
    paths = [
        "/var/run/docker.sock",
        "/run/docker.sock",
        "/run/containerd/containerd.sock",
        "/run/dbus/system_bus_socket",
        "/run/systemd/private",
        "/run/podman/podman.sock",
        "/proc/1/root/run/docker.sock",
        "@SOCKET@",
    ]
    for path in paths:
        try:
            with socket.socket(socket.AF_UNIX) as end:
                end.connect(path)
                reached.append(path)
        except OSError:
            pass
    with open(solution, "w") as file:
        file.write(f"reached {reached}")
