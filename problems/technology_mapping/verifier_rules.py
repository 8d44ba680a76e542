"""The rules of technology mapping apart from equivalence, and what is counted."""

from pathlib import Path

from verifier_blif import Network, Table, parse_blif, projections

from heurigym.problems import Infeasible, Malformed, listed, read_solution_text

K = 6
"""Largest number of inputs of a LUT."""

_LIMIT_BYTES = 8 << 20


def read_networks(instance: Path, solution: Path) -> tuple[Network, Network]:
    """The given circuit, and the solution's after all checks but that of equivalence.

    Raises:
        Malformed, Infeasible: the solution breaks a rule.
        ValueError: the instance is corrupt.
    """
    given = read_instance(instance)
    found = parse_blif(read_solution_text(solution, _LIMIT_BYTES))
    check_interface(given, found)
    check_width(found)
    return given, found


def read_instance(path: Path) -> Network:
    """The circuit in an instance file.

    Raises:
        ValueError: the file is corrupt.
    """
    try:
        return parse_blif(path.read_text(encoding="utf-8"))
    except (Malformed, Infeasible) as error:
        raise ValueError(f"{path}: {error}") from None


def check_interface(given: Network, found: Network) -> None:
    """Raise :class:`Infeasible` if inputs or outputs are not those of the given circuit."""
    for what, expected, actual in (
        ("inputs", given.inputs, found.inputs),
        ("outputs", given.outputs, found.outputs),
    ):
        missing, extra = sorted(set(expected) - set(actual)), sorted(set(actual) - set(expected))
        if missing:
            raise Infeasible(f"{len(missing)} {what} of the given circuit are missing: {listed(missing)}")
        if extra:
            raise Infeasible(f"{len(extra)} {what} are not in the given circuit: {listed(extra)}")


def check_width(found: Network) -> None:
    """Raise :class:`Infeasible` if a table has more than K inputs."""
    wide = [f"{net} has {len(table.fanins)}" for net, table in found.tables.items() if len(table.fanins) > K]
    if wide:
        raise Infeasible(f"{len(wide)} tables have more than {K} inputs: {listed(wide)}")


def count_luts(found: Network) -> int:
    """The number of tables that are neither constant nor equal to one of their inputs."""
    return sum(1 for table in found.tables.values() if is_lut(table))


def is_lut(table: Table) -> bool:
    """Whether a table of at most K inputs is more than a constant or a wire."""
    variables = projections(len(table.fanins))
    constants = (0, (1 << (1 << len(table.fanins))) - 1)
    return table.truth() not in (*constants, *variables)
