"""How much of a campaign's time goes to sandboxed execution itself, when programs do next to nothing.

Runs a campaign of a trivial program on a small problem and prints, measured in that one run:

- covered: share of the judging's wall time in which at least one execution was under way;
- utilisation: time of executions over wall time times the cores that executions may have at once.

Usage: python benchmarks/overhead.py [--instances N] [--sandbox NAME]
"""

import argparse
import asyncio
import os
import tempfile
import threading
import time
from pathlib import Path

from heurigym.campaigns.cell import Resources
from heurigym.campaigns.events import Silence
from heurigym.campaigns.manifest import make_manifest
from heurigym.campaigns.runner import run_campaign
from heurigym.campaigns.spec import CampaignSpec
from heurigym.campaigns.store import Store
from heurigym.execution.backends import open_sandbox
from heurigym.execution.judging import Judge
from heurigym.execution.leases import CoreLeases
from heurigym.execution.sandbox import Execution, Job, Sandbox, SandboxInfo
from heurigym.models.gateway import Gateway, GatewayOptions
from heurigym.problems.problem import load_problem
from heurigym.problems.scaffolding import scaffold


class TimedSandbox:
    """A sandbox that notes when its executions begin and end."""

    def __init__(self, inner: Sandbox) -> None:
        self._inner = inner
        self._lock = threading.Lock()
        self.spans: list[tuple[float, float]] = []

    def describe(self) -> SandboxInfo:
        """As the inner sandbox."""
        return self._inner.describe()

    def run(self, job: Job, cores: tuple[int, ...]) -> Execution:
        """Run ``job`` and note its span."""
        started = time.perf_counter()
        execution = self._inner.run(job, cores)
        with self._lock:
            self.spans.append((started, time.perf_counter()))
        return execution

    def close(self) -> None:
        """As the inner sandbox."""
        self._inner.close()


def covered(spans: list[tuple[float, float]]) -> float:
    """Seconds in which at least one span was under way."""
    total, end = 0.0, 0.0
    for start, stop in sorted(spans):
        total += max(0.0, stop - max(start, end))
        end = max(end, stop)
    return total


def main() -> None:
    """Run the campaign and print the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=100)
    parser.add_argument("--sandbox", default="auto")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = scaffold("trivial", Path(scratch))
        instance = (folder / "instances/eval/medium.json").read_text()
        for number in range(options.instances):
            (folder / f"instances/eval/copy{number:04}.json").write_text(instance)
        problem = load_problem(folder)
        spec = CampaignSpec(models=("scripted/ladder",), problems=("trivial",), iterations=2)
        gateway = Gateway(spec.models, GatewayOptions())
        sandbox = TimedSandbox(open_sandbox(options.sandbox))
        with Judge(sandbox) as judge:
            judge.judge(problem, "def solve(a, b): open(b, 'w')", problem.instances("demo"), split="demo")
            sandbox.spans.clear()
            store = Store.create(
                Path(scratch) / "store", spec, make_manifest([problem], sandbox.describe(), {}, "")
            )
            resources = Resources(store, gateway, judge, {"trivial": problem}, Silence())
            started = time.perf_counter()
            asyncio.run(run_campaign(resources))
            wall = time.perf_counter() - started
    slots = CoreLeases().total
    busy = sum(stop - start for start, stop in sandbox.spans)
    print(f"sandbox      {sandbox.describe().name}, {slots} cores, load {os.getloadavg()[0]:.1f}")
    print(f"executions   {len(sandbox.spans)} in {wall:.2f} s, {len(sandbox.spans) / wall:.1f} a second")
    print(f"covered      {covered(sandbox.spans) / wall:.1%}")
    print(f"utilisation  {busy / wall / slots:.1%}")


if __name__ == "__main__":
    main()
