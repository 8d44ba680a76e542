"""Latency, throughput and interference of the sandboxes on this host, in one run.

Run it as ``python benchmarks/sandbox.py [--rounds N] [BACKEND...]``. It exits with status 1 if a target is missed.
"""

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable

from heurigym.execution.backends import open_sandbox
from heurigym.execution.bench import BARE_IMPORTS, measure_interference, measure_latency, measure_throughput
from heurigym.execution.docker_image import build_image
from heurigym.execution.guest_environment import PYTHON, SITE_PACKAGES
from heurigym.execution.leases import CoreLeases

DOCKER_RUN = "docker run"
FASTER_THAN_BARE = 12.0
FASTER_THAN_DOCKER_RUN = 20.0
PER_SECOND = 25.0
INTERFERENCE = 0.05
DOCKER_TO_BUBBLEWRAP = 3.0


def main() -> int:
    """Print the table and the ratios, each with its target."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backends", nargs="*", default=["bubblewrap"], help="names of sandboxes")
    parser.add_argument("--rounds", type=int, default=20, help="rounds of each measurement")
    arguments = parser.parse_args()

    load = os.getloadavg()[0]
    print(f"{platform.machine()}, {os.cpu_count()} processors, Linux {platform.release()}, load {load:.1f} before")
    extra = [(DOCKER_RUN, docker_run())] if "docker" in arguments.backends else []
    table = measure_latency(arguments.backends, arguments.rounds, extra)
    print("\n".join(table.lines()))

    checks: list[tuple[str, float, float, bool]] = []
    imports = table.row(BARE_IMPORTS).median_ms
    warm = {name: table.row(f"{name}, warm").median_ms for name in arguments.backends}
    if "bubblewrap" in warm:
        ratio = imports / warm["bubblewrap"]
        checks.append(("warm bubblewrap, times faster than bare imports", ratio, FASTER_THAN_BARE, True))
    if {"bubblewrap", "docker"} <= set(warm):
        ratio = table.row(DOCKER_RUN).median_ms / warm["bubblewrap"]
        checks.append(("warm bubblewrap, times faster than docker run", ratio, FASTER_THAN_DOCKER_RUN, True))
        ratio = warm["docker"] / warm["bubblewrap"]
        checks.append(("warm docker, times the time of bubblewrap", ratio, DOCKER_TO_BUBBLEWRAP, False))
    workers = min(2, CoreLeases().total)
    for name in arguments.backends:
        sandbox = open_sandbox(name)
        try:
            rate = measure_throughput(sandbox, workers)
            if name == "bubblewrap":
                checks.append((f"{name}, executions a second on {workers} cores", rate, PER_SECOND, True))
            else:
                print(f"{name}: {rate:.1f} executions a second on {workers} cores")
            alone, together = measure_interference(sandbox, workers, arguments.rounds)
            checks.append(
                (f"{name}, CPU time at full concurrency over alone", together / alone, 1 + INTERFERENCE, False)
            )
        finally:
            sandbox.close()
    missed = False
    for text, value, target, at_least in checks:
        good = value >= target if at_least else value <= target
        bound = "at least" if at_least else "at most"
        missed |= not good
        print(f"{'ok' if good else 'MISSED':8}{text}: {value:.2f} ({bound} {target:g})")
    return int(missed)


def docker_run() -> Callable[[], None]:
    """What starts a container for the program by the ``docker`` command, as one would without this harness."""
    command = ["docker", "run", "--rm", "--network=none", f"--env=PYTHONPATH={SITE_PACKAGES}"]
    command += [f"--entrypoint={PYTHON}", build_image(), "-c", "import numpy, scipy, networkx, pandas"]

    def run() -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    return run


if __name__ == "__main__":
    sys.exit(main())
