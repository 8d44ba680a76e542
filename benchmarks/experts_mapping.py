"""Figures of the mapping experts on public circuits: areas, times, verification, beside ABC and published values.

    python benchmarks/experts_mapping.py DATA/technology_mapping --cover-time 20 --map-time 60 --best EPFL/size

Prints three Markdown tables: covers of the given structure, networks of any structure, and speed on a large
shipped graph. All times are processor time. ABC's columns need ABC on PATH. Every cover and network is verified
before it is shown, and the expert's network is verified again with one row of a truth table turned around, which
must be refused.
"""

import argparse
import importlib.util
import json
import os
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from heurigym.experts.mapping.abc import Abc, find_abc
from heurigym.experts.mapping.aig import Aig
from heurigym.experts.mapping.blif import NamedAig, parse_tables, read_blif
from heurigym.experts.mapping.expert import cover_structure
from heurigym.experts.mapping.functional import map_circuit
from heurigym.experts.mapping.lut_network import write_gates
from heurigym.experts.mapping.mapper import Effort, map_structure
from heurigym.experts.mapping.measures import count_luts
from heurigym.experts.mapping.structure import Structure
from heurigym.problems import Infeasible, Outcome
from heurigym.problems.instances import read_packed

PROBLEMS = Path(__file__).resolve().parents[1] / "problems"
HEURIGYM = {
    "adder": 249, "arbiter": 2599, "bar": 512, "c1355": 66, "c17": 2, "c1908": 90, "c2670": 137, "c3540": 224,
    "c432": 48, "c499": 66, "c5315": 283, "c6288": 443, "c7552": 441, "c880": 74, "cavlc": 116, "ctrl": 29,
    "dec": 287, "i2c": 347, "int2float": 47, "max": 724, "priority": 257, "router": 71, "sin": 1465, "voter": 2763,
}  # fmt: skip
"""Areas of the public HeuriGym's expert, ABC's ``if -a -K 6``."""
BEST_KNOWN = {
    "adder": 129, "arbiter": 261, "bar": 512, "cavlc": 49, "ctrl": 25, "dec": 264, "i2c": 175, "int2float": 18,
    "max": 511, "priority": 92, "router": 18, "sin": 1023, "voter": 1166,
}  # fmt: skip
"""Best known areas of any structure, EPFL benchmark suite (size category, LUT-6)."""
STRONGEST = "strash; dch; if -a -K 6; mfs2 -a; strash; dch; if -a -K 6; mfs2 -a; lutpack -S 1"
SCRIPTS = {"if": "strash; if -K 6", "if -a": "strash; if -a -K 6", "script": STRONGEST}
LIMIT = 600.0
"""Seconds of a script of ABC."""
T = TypeVar("T")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with BLIF circuits")
    parser.add_argument("--cover-time", type=float, default=20.0, help="seconds of the structural expert")
    parser.add_argument("--map-time", type=float, default=60.0, help="seconds of the functional expert")
    parser.add_argument("--best", type=Path, help="folder with the best known network of each circuit, NAME*.blif")
    parser.add_argument("--only", nargs="*", default=[], help="names of circuits")
    parser.add_argument("--tables", nargs="*", default=["structure", "function", "speed"], help="tables to print")
    parser.add_argument("--graph", default="divider_320", help="instance of fpga_mapping for the speed table")
    options = parser.parse_args()
    files = [
        file for file in sorted(options.folder.glob("*.blif")) if not options.only or file.stem in options.only
    ]
    abc = find_abc()
    map_structure(Structure.of(read_blif(files[0]).aig, 6), None, Effort(cuts=8, seconds=0.1), 0)
    if "structure" in options.tables:
        print("| circuit | gates | mapper | s | expert | bound | `if` | `if -a` | verified, s |")
        print("|---|---|---|---|---|---|---|---|---|")
        verifier = _verifier("fpga_mapping")
        for file in files:
            print(_structural_row(file, options.cover_time, verifier, abc), flush=True)
    if "function" in options.tables:
        print("| circuit | HeuriGym | `if` | `if -a` | script | expert | % | best | verified, s | by | flipped |")
        print("|---|---|---|---|---|---|---|---|---|---|---|")
        verifier = _verifier("technology_mapping")
        for file in files:
            best = next(iter(options.best.glob(f"{file.stem}*.blif")), None) if options.best else None
            print(_functional_row(file, options.map_time, verifier, abc, best), flush=True)
    if "speed" in options.tables:
        print("| graph | gates | mapper, 8 cuts, s | gates/s | `if -K 6`, s | gates/s | ratio |")
        print("|---|---|---|---|---|---|---|")
        print(_speed_row(options.graph, abc))


def _verifier(problem: str) -> ModuleType:
    folder = PROBLEMS / problem
    sys.path.insert(0, str(folder))
    spec = importlib.util.spec_from_file_location(f"{problem}_verifier", folder / "verifier.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    """What ``work`` returns, and the processor time that it and the programs that it ran took."""
    began = sum(os.times()[:4])
    result = work()
    return result, sum(os.times()[:4]) - began


def _structural_row(file: Path, seconds: float, verifier: ModuleType, abc: Abc | None) -> str:
    circuit = read_blif(file)
    structure = Structure.of(circuit.aig, 6)
    mapped, spent = _timed(lambda: map_structure(structure, None, Effort(cuts=60), 0))
    expert = cover_structure(structure, None, seconds, 0)
    _check_cover(verifier, circuit, mapped.luts())
    _, verified = _timed(lambda: _check_cover(verifier, circuit, expert.luts))
    areas = ["", ""]
    if abc is not None:
        areas = [str(count_luts(abc.run(file.read_text(), SCRIPTS[name], LIMIT))) for name in ("if", "if -a")]
    return (
        f"| {file.stem} | {len(circuit.aig.gates)} | {mapped.area} | {spent:.2f} | {len(expert.luts)} "
        f"| {expert.bound} | {' | '.join(areas)} | {verified:.2f} |"
    )


def _check_cover(verifier: ModuleType, circuit: NamedAig, luts: dict[int, tuple[int, ...]]) -> None:
    aig = circuit.aig
    content = {
        "name": circuit.name,
        "k": 6,
        "max_depth": None,
        "inputs": aig.inputs,
        "gates": aig.gates.tolist(),
        "outputs": aig.outputs.tolist(),
    }
    with tempfile.TemporaryDirectory() as folder:
        instance, solution = Path(folder) / "instance.json", Path(folder) / "solution.txt"
        instance.write_text(json.dumps(content))
        solution.write_text("".join(f"{root} {' '.join(map(str, leaves))}\n" for root, leaves in luts.items()))
        verdict = verifier.verify([instance], solution)
    if verdict.objective != len(luts):
        raise SystemExit(f"{circuit.name}: the cover is wrong: {verdict.message}")


def _functional_row(file: Path, seconds: float, verifier: ModuleType, abc: Abc | None, best: Path | None) -> str:
    text = file.read_text()
    networks = {} if abc is None else {name: abc.run(text, script, LIMIT) for name, script in SCRIPTS.items()}
    networks["expert"] = map_circuit(text, seconds, 0).blif
    if best is not None:
        networks["best"] = _with_ports_of(text, best.read_text())
    areas = {name: count_luts(network) for name, network in networks.items()}
    if best is not None and areas["best"] != BEST_KNOWN[file.stem]:
        raise SystemExit(f"{best}: has {areas['best']} LUTs, not {BEST_KNOWN[file.stem]}")
    proofs = {
        name: _timed(lambda network=network: _prove(verifier, file, network)) for name, network in networks.items()
    }
    proof = proofs["expert"][0]
    if proof is None:
        raise SystemExit(f"{file.stem}: the expert's network was not proven within {verifier.SECONDS} s")
    times = " / ".join("not proven" if found is None else f"{spent:.2f}" for found, spent in proofs.values())
    flipped = _flipped(verifier, networks["expert"], seed=1)
    published = HEURIGYM.get(file.stem)
    below = f"{100 * (published - areas['expert']) / published:.1f}" if published else ""
    return (
        f"| {file.stem} | {published or ''} | {areas.get('if', '')} | {areas.get('if -a', '')} "
        f"| {areas.get('script', '')} | {areas['expert']} | {below} | {BEST_KNOWN.get(file.stem, '')} "
        f"| {times} | name {proof.by_name}, cone {proof.by_cone}, structure {proof.by_structure}, "
        f"SAT {proof.by_sat}, left {proof.left}, outputs {proof.outputs_by_sat} "
        f"| {_refused(verifier, file, flipped)} |"
    )


def _with_ports_of(given: str, text: str) -> str:
    """A network with the names of the inputs and outputs of the given circuit, which are in the same order."""
    content, names = parse_tables(text), parse_tables(given)
    name = dict(zip(content.inputs, names.inputs, strict=True))
    name |= dict(zip(content.outputs, names.outputs, strict=True))
    lines = [" ".join([".inputs", *names.inputs]), " ".join([".outputs", *names.outputs])]
    for net, (fanins, rows) in content.tables.items():
        lines.append(" ".join([".names", *(name.get(each, f"net_{each}") for each in (*fanins, net))]))
        lines += [f"{cube} {value}".strip() for cube, value in rows]
    return "\n".join([*lines, ".end", ""])


def _prove(verifier: ModuleType, file: Path, network: str) -> Any:
    """The proof that a network is equivalent and has the widths and ports that it must have.

    ``None`` stands for a proof that was not found in time.
    """
    with tempfile.TemporaryDirectory() as folder:
        solution = Path(folder) / "solution.blif"
        solution.write_text(network)
        given, found = verifier.read_networks(file, solution)
    try:
        return verifier.prove_equivalence(given, found, verifier.SECONDS)
    except Infeasible as verdict:
        if "not proven within" in str(verdict):
            return None
        raise


def _refused(verifier: ModuleType, file: Path, network: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        solution = Path(folder) / "solution.blif"
        solution.write_text(network)
        verdict = verifier.verify([file], solution)
    if verdict.outcome is not Outcome.INFEASIBLE or "differ from the given circuit" not in verdict.message:
        raise SystemExit(f"{file.stem}: a flipped row is not refused: {verdict.outcome} {verdict.message}")
    return "refused"


def _flipped(verifier: ModuleType, network: str, seed: int) -> str:
    """The network with one row of the table of an output turned around, one that some input does lead to."""
    content = parse_tables(network)
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.blif"
        path.write_text(network)
        found, _ = verifier.read_networks(path, path)
    values = {name: rng.random() < 0.5 for name in found.inputs}
    places = {}
    for net, table in found.tables.items():
        places[net] = sum(values[fanin] << index for index, fanin in enumerate(table.fanins))
        values[net] = bool(table.truth() >> places[net] & 1)
    net = rng.choice([output for output in found.outputs if output in found.tables])
    fanins = found.tables[net].fanins
    truth = found.tables[net].truth() ^ 1 << places[net]
    rows = [
        ("".join(str(row >> index & 1) for index in range(len(fanins))), "1")
        for row in range(1 << len(fanins))
        if truth >> row & 1
    ]
    tables = {**content.tables, net: (fanins, rows)}
    lines = [" ".join([".inputs", *content.inputs]), " ".join([".outputs", *content.outputs])]
    for each, (reads, cubes) in tables.items():
        lines.append(" ".join([".names", *reads, each]))
        lines += [f"{cube} {value}".strip() for cube, value in cubes]
    return "\n".join([*lines, ".end", ""])


def _speed_row(name: str, abc: Abc | None) -> str:
    (file,) = (PROBLEMS / "fpga_mapping" / "instances").glob(f"*/{name}.json*")
    content = json.loads(read_packed(file))
    aig = Aig.of(content["inputs"], content["gates"], content["outputs"])
    structure = Structure.of(aig, 6)
    gates = len(aig.gates)
    _, own = _timed(lambda: map_structure(structure, None, Effort(cuts=8), 0))
    row = f"| {content['name']} | {gates} | {own:.1f} | {gates / own:.0f} "
    if abc is None:
        return f"{row}| | | |"
    text = write_gates(NamedAig.numbered("largest", aig))
    _, reading = _timed(lambda: abc.run(text, "strash", LIMIT))
    _, mapping = _timed(lambda: abc.run(text, "strash; if -K 6", LIMIT))
    spent = mapping - reading
    return f"{row}| {spent:.1f} | {gates / spent:.0f} | {own / spent:.1f} |"


if __name__ == "__main__":
    main()
