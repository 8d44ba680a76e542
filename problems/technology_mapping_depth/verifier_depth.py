"""The depth of a network: how many LUTs lie on the longest path to a net."""

from pathlib import Path

from verifier_blif import Network
from verifier_rules import is_lut

from heurigym.problems import Infeasible, listed, shorten


def read_bound(path: Path) -> int:
    """The largest allowed depth.

    Raises:
        ValueError: the file holds no positive integer.
    """
    bound = int(path.read_text(encoding="utf-8"))
    if bound < 1:
        raise ValueError(f"{path}: {bound} is no depth")
    return bound


def check_depth(found: Network, bound: int) -> None:
    """Raise :class:`Infeasible` if a net is deeper than ``bound``."""
    deep = {net: depth for net, depth in depths(found).items() if depth > bound}
    if deep:
        worst = max(deep.values())
        nets = [shorten(net, 60) for net, depth in deep.items() if depth == worst]
        raise Infeasible(f"{len(deep)} nets are deeper than {bound}; the depth of {listed(nets)} is {worst}")


def depths(found: Network) -> dict[str, int]:
    """The depth of every net: 0 for inputs; tables that are constants or wires add none."""
    depth = dict.fromkeys(found.inputs, 0)
    for net, table in found.tables.items():
        depth[net] = max((depth[fanin] for fanin in table.fanins), default=0) + is_lut(table)
    return depth
