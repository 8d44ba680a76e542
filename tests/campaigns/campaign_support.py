"""Tiny campaigns, and how to compare what they leave behind."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from heurigym.campaigns.events import Silence
from heurigym.campaigns.session import create, run
from heurigym.campaigns.spec import CampaignSpec
from heurigym.campaigns.store import Store
from heurigym.problems.scaffolding import scaffold

_TIMES = {
    "wall_s",
    "charged_s",
    "cpu_s",
    "peak_memory_mb",
    "cores",
    "disturbance",
    "flags",
    "latency_s",
    "started_at",
    "created_at",
}
_SECONDS = re.compile(r"\d+\.\d s of ")


def tiny_problem(folder: Path, name: str = "subset") -> Path:
    """The scaffolded problem, with a third program in its ladder that breaks the capacity."""
    made = scaffold(name, folder)
    (made / "ladder" / "03_everything.py").write_text(
        "import json\n\n\ndef solve(input_file, solution_file):\n"
        "    count = len(json.load(open(input_file))['weights'])\n"
        "    open(solution_file, 'w').write('\\n'.join(map(str, range(count))))\n"
    )
    return made


def spec(**changes: Any) -> CampaignSpec:
    """A campaign of the scripted model on the tiny problem."""
    given = {"models": ["scripted/ladder"], "problems": ["subset"], "iterations": 3, "samples": 3, **changes}
    return CampaignSpec.model_validate(given)


def run_to_end(folder: Path, campaign: CampaignSpec) -> Store:
    """The finished store of a campaign, run in this process."""
    store = create(campaign, folder)
    assert run(store, Silence()).complete
    return store


def resume(folder: Path) -> None:
    """Go on with a campaign; the process ends with 1 unless every cell finishes."""
    if not run(Store.open(folder), Silence()).complete:
        sys.exit(1)


def content(folder: Path) -> dict[str, Any]:
    """Everything in a store but times and what else differs between equal runs."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(folder).as_posix(): _timeless(json.loads(path.read_bytes())) for path in files}


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _timeless(item) for key, item in value.items() if key not in _TIMES}
    if isinstance(value, list):
        return [_timeless(item) for item in value]
    return _SECONDS.sub("T s of ", value) if isinstance(value, str) else value


def trajectories(folder: Path) -> dict[str, Any]:
    """The stored trajectories, by file."""
    files = sorted(folder.glob("trajectories/**/*.json"))
    return {path.relative_to(folder).as_posix(): json.loads(path.read_bytes()) for path in files}


def heurigym(*words: object, **changes: Any) -> subprocess.CompletedProcess[str]:
    """The command line."""
    command = [sys.executable, "-m", "heurigym.cli.main", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **changes)


def copied(folder: Path, target: Path) -> Path:
    """A copy of a store."""
    return Path(shutil.copytree(folder, target))
