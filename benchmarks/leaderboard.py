"""How large and how fast a large board is: 50 models x 20 problems, 10,000 attempts, 30 eval instances each.

Run with ``python benchmarks/leaderboard.py [ATTEMPTS] [FOLDER]``. Prints the time of the build, the memory that it
took, the bytes of the first view, and, where Chromium and selenium are there, the time until the page is ready.
"""

import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "board"))

from browsing import Page, file_url, open_browser
from synthetic_stores import make_store

from heurigym.board.build import build

MODELS, PROBLEMS, INSTANCES = 50, 20, 30


def first_view(site: Path) -> dict[str, int]:
    """Bytes of everything that the page loads before anybody clicks."""
    html = (site / "index.html").read_text(encoding="utf-8")
    names = ["index.html"]
    names += [part.split('"')[0] for key in ('src="', 'href="') for part in html.split(key)[1:]]
    files = {
        name: (site / name).stat().st_size for name in names if name.endswith((".html", ".js", ".css", ".svg"))
    }
    return files | {"total": sum(files.values())}


def ready_ms(site: Path) -> float:
    """Milliseconds from the start of the navigation until the ranking is shown."""
    with open_browser() as browser:
        page = Page(browser, file_url(site))
        page.resize(1280)
        page.open()
        return float(page.run("return performance.getEntriesByName('ready')[0].startTime"))


def main() -> None:
    """Build the board and print the figures."""
    attempts = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp(prefix="heurigym-benchmark-"))
    models = [f"provider-{number % 7}/model-{number}:high" for number in range(MODELS)]
    problems = [f"problem_number_{number}" for number in range(PROBLEMS)]
    start = time.perf_counter()
    make_store(folder / "store", models=models, problems=problems, iterations=attempts, instances=INSTANCES)
    print(f"store written        {time.perf_counter() - start:8.1f} s")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    report = build([folder / "store"], folder / "site")
    print(f"board built          {time.perf_counter() - start:8.1f} s, {report.trajectories} trajectories")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory          {peak:8.0f} MiB, of which {before:.0f} before the build")
    for name, size in first_view(folder / "site").items():
        print(f"{name:28} {size / 1e6:8.3f} MB")
    print(f"ready after          {ready_ms(folder / 'site'):8.0f} ms")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
