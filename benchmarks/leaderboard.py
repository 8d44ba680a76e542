"""How large and how fast a large board is: 50 models x 20 problems, 10,000 attempts, 30 eval instances each.

Run with ``python benchmarks/leaderboard.py [ATTEMPTS [FOLDER]]``; a store that FOLDER holds already is used again.
Prints the time of the build and its peak memory; the time of a build after one trajectory of a thousand changed, as
a share of a whole one; the bytes of the first view; and, where Chromium and selenium are there, how long the page
keeps the browser busy until it is ready. Times are processor seconds, so that figures compare on a busy machine.
"""

import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "board"))

from browsing import Page, file_url, open_browser
from synthetic_stores import make_store

from heurigym.board.build import build
from heurigym.board.reading import Reader
from heurigym.board.references import local_references
from heurigym.campaigns.store import Store

MODELS, PROBLEMS, INSTANCES = 50, 20, 30
LIVE_RESAMPLES = 1000
LOADS = 5


def busy(work: Callable[[], Any]) -> float:
    """Processor seconds of ``work``."""
    start = time.process_time()
    work()
    return time.process_time() - start


def build_alone(store: Path, site: Path) -> tuple[float, float, float, int]:
    """Processor seconds of a build, MiB of memory before and at its peak, and trajectories."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.process_time()
    report = build([store], site)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return time.process_time() - start, before, peak, report.trajectories


def build_again(folder: Path) -> tuple[float, float, int, float]:
    """Processor seconds of a live board's build, and of the one after a trajectory changed; files read; MiB."""
    reader = Reader(local_references(), remember=True)

    def make() -> None:
        build([folder / "store"], folder / "live", resamples=LIVE_RESAMPLES, live=True, reader=reader)

    first = busy(make)
    read = reader.reads
    store = Store.open(folder / "store")
    trajectory = next(iter(store.trajectories()))
    store.save(trajectory.model_copy(update={"lost_cost_usd": trajectory.lost_cost_usd + 1}))
    second = busy(make)
    return first, second, reader.reads - read, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def first_view(site: Path) -> dict[str, int]:
    """Bytes of everything that the page loads before anybody clicks."""
    html = (site / "index.html").read_text(encoding="utf-8")
    names = ["index.html"]
    names += [part.split('"')[0] for key in ('src="', 'href="') for part in html.split(key)[1:]]
    files = {
        name: (site / name).stat().st_size for name in names if name.endswith((".html", ".js", ".css", ".svg"))
    }
    return files | {"total": sum(files.values())}


def page_work(site: Path, view: str) -> dict[str, float]:
    """Milliseconds that the page's main thread works until ``view`` shows, and of the wall clock; least of five."""
    loads = []
    with open_browser() as browser:
        page = Page(browser, file_url(site))
        page.resize(1280)
        browser.execute_cdp_cmd("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
        browser.execute_cdp_cmd("Performance.enable", {})
        for _ in range(LOADS):
            page.open(view)
            metrics = browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
            found = {each["name"]: 1000 * each["value"] for each in metrics}
            ready = page.run("return performance.getEntriesByName('ready')[0].startTime")
            loads.append((found["TaskDuration"], found["ScriptDuration"], ready))
    least = [min(values) for values in zip(*loads, strict=True)]
    return dict(zip(("main thread", "of it scripts", "ready after"), least, strict=True))


def main() -> None:
    """Build the board and print the figures."""
    attempts = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp(prefix="heurigym-benchmark-"))
    models = [f"provider-{number % 7}/model-{number}:high" for number in range(MODELS)]
    problems = [f"problem_number_{number}" for number in range(PROBLEMS)]
    if not (folder / "store").exists():
        make_store(folder / "store", models=models, problems=problems, iterations=attempts, instances=INSTANCES)
    # In processes of their own, so that each has a peak of its own.
    with get_context("spawn").Pool(1, maxtasksperchild=1) as alone:
        seconds, before, peak, trajectories = alone.apply(build_alone, (folder / "store", folder / "site"))
        executions = trajectories * attempts * (INSTANCES + 3)
        print(f"{trajectories} trajectories, {trajectories * attempts} attempts, {executions} executions")
        print(f"board built             {seconds:8.1f} s, peak memory {peak:.0f} MiB, {before:.0f} before")
        first, second, read, memory = alone.apply(build_again, (folder,))
        print(f"live board built        {first:8.1f} s")
        print(f"built after one change  {second:8.1f} s, {second / first:.0%}; {read} file read; {memory:.0f} MiB")
    for name, size in first_view(folder / "site").items():
        print(f"{name:28} {size / 1e6:8.3f} MB")
    for view in ("#/ranking", "#/problems", "#/cost", "#/iterations"):
        print(view, ", ".join(f"{name} {value:.0f} ms" for name, value in page_work(folder / "site", view).items()))
    if len(sys.argv) <= 2:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
