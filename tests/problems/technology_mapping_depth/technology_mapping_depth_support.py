"""What the tests of technology_mapping_depth share: the problem, its programs, and instances as plain files."""

from pathlib import Path

from shipped import Shipped

from heurigym.problems.instances import Instance

SHIPPED = Shipped("technology_mapping_depth")
PROBLEM, INSTANCES, module = SHIPPED.problem, SHIPPED.instances, SHIPPED.module


def unpacked(name: str, folder: Path) -> Instance:
    """A shipped instance as plain files in ``folder``."""
    files = (folder / "instance.blif", folder / "instance.depth")
    for file, content in zip(files, INSTANCES[name].read(), strict=True):
        file.write_bytes(content)
    return Instance(name, files)
