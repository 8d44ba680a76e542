"""What the tests of technology_mapping_depth share: the problem, its programs, and instances as plain files."""

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

from heurigym.problems.instances import SPLITS, Instance
from heurigym.problems.problem import load_problem

PROBLEM = load_problem(Path(__file__).resolve().parents[3] / "problems" / "technology_mapping_depth")
INSTANCES: dict[str, Instance] = {
    instance.name: instance for split in SPLITS for instance in PROBLEM.instances(split)
}


@cache
def module(name: str) -> ModuleType:
    """A module of the problem folder that imports no other one, such as ``ladder/03_quickest_cuts``."""
    alias = f"technology_mapping_depth_{Path(name).name}"
    spec = importlib.util.spec_from_file_location(alias, PROBLEM.folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def unpacked(name: str, folder: Path) -> Instance:
    """A shipped instance as plain files in ``folder``."""
    files = (folder / "instance.blif", folder / "instance.depth")
    for file, content in zip(files, INSTANCES[name].read(), strict=True):
        file.write_bytes(content)
    return Instance(name, files)
