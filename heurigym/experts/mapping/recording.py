"""Keeping the best known solutions of a problem folder: ``baselines.json`` and the solutions beside it."""

import datetime
import gzip
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

Solve: TypeAlias = Callable[[list[Path], float, int], tuple[str, dict[str, Any]]]
"""``solve(instance files, seconds, seed)``: the text of a solution and what is known of it."""


def record(folder: Path, solve: Solve, extension: str, names: Sequence[str], seconds: float, seed: int) -> None:
    """Solve shipped instances and keep, in ``baselines.json`` and beside it, what is better than before.

    Args:
        folder: the problem folder.
        solve: its expert.
        extension: extension of an instance file.
        names: the instances to solve; none means all.
        seconds: time for each.
        seed: random seed.
    """
    path = folder / "baselines.json"
    for file in sorted((folder / "instances").glob(f"*/*{extension}*")):
        name = file.name.partition(".")[0]
        if names and name not in names:
            continue
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as scratch:
            instance = Path(scratch) / f"instance{extension}"
            stored = file.read_bytes()
            instance.write_bytes(gzip.decompress(stored) if file.suffix == ".gz" else stored)
            text, info = solve([instance], seconds, seed)
        spent = round(time.monotonic() - began, 1)
        records = json.loads(path.read_text(encoding="utf-8"))["instances"] if path.exists() else {}
        before = records.get(name)
        bounds = [value for value in (info["bound"], before and before["bound"]) if value is not None]
        bound = max(bounds, default=None)
        if before and before["objective"] <= info["objective"]:
            records[name] = before | {"bound": bound, "optimal": before["objective"] == bound}
        else:
            solution = folder / "baseline_solutions" / f"{name}.gz"
            solution.parent.mkdir(exist_ok=True)
            solution.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
            records[name] = info | {
                "bound": bound,
                "optimal": info["objective"] == bound,
                "time_s": spent,
                "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
                "seed": seed,
                "solution": solution.relative_to(folder).as_posix(),
            }
        print(f"{name}: {records[name]['objective']} (now {info['objective']}, bound {bound})", flush=True)
        content = {"schema_version": 1, "instances": dict(sorted(records.items()))}
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
