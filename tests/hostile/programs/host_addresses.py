"""Tries to reach the host, its bridge, its cloud's metadata or the world."""

import socket


def solve(instance, solution):
    reached = []
    for address in ("172.17.0.1", "169.254.169.254", "10.0.0.1", "192.168.0.1", "1.1.1.1", "@HOST@"):
        for port in (22, 53, 80, 443, 2375, int("@PORT@")):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                try:
                    with socket.socket(socket.AF_INET, kind) as end:
                        end.settimeout(0.05)
                        end.connect((address, port))
                        reached.append((address, port))
                except OSError:
                    pass
    with open(solution, "w") as file:
        file.write(f"reached {reached}")
