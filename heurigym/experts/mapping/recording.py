"""Keeping the best known solutions of a problem folder: ``baselines.json`` and the solutions beside it."""

import datetime
import gzip
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

Solve: TypeAlias = Callable[[list[Path], float, int], tuple[str, dict[str, Any]]]
"""``solve(instance files, seconds, seed)``: the text of a solution and what is known of it."""


def record(
    folder: Path, solve: Solve, extensions: Sequence[str], names: Sequence[str], seconds: float, seed: int
) -> None:
    """Solve shipped instances and keep, in ``baselines.json`` and beside it, what is better than before.

    Args:
        folder: the problem folder.
        solve: its expert.
        extensions: extensions of the files of an instance, in the order of the expert's.
        names: the instances to solve; none means all.
        seconds: processor time for each, in which ``time_s`` is recorded too.
        seed: random seed.
    """
    path = folder / "baselines.json"
    for file in sorted((folder / "instances").glob(f"*/*{extensions[0]}*")):
        name = file.name.partition(".")[0]
        if names and name not in names:
            continue
        began = sum(os.times()[:4])
        with tempfile.TemporaryDirectory() as scratch:
            instance = [_unpack(file.parent, name, extension, Path(scratch)) for extension in extensions]
            text, info = solve(instance, seconds, seed)
        spent = round(sum(os.times()[:4]) - began, 1)
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


def _unpack(folder: Path, name: str, extension: str, target: Path) -> Path:
    """A file of an instance, which may be stored gzipped, as a plain file in ``target``."""
    path = target / f"instance{extension}"
    plain, packed = folder / f"{name}{extension}", folder / f"{name}{extension}.gz"
    path.write_bytes(plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes()))
    return path
