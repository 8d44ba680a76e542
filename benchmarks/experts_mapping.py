"""Figures of the mapping experts on public circuits: areas, times, verification, beside ABC and published values.

    python benchmarks/experts_mapping.py DATA/technology_mapping --cover-time 20 --map-time 60

Prints two Markdown tables. ABC's columns need ABC on PATH. Every cover and network is verified before it is shown.
"""

import argparse
import importlib.util
import json
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from heurigym.experts.mapping.abc import Abc, find_abc
from heurigym.experts.mapping.blif import NamedAig, read_blif
from heurigym.experts.mapping.expert import cover_structure
from heurigym.experts.mapping.functional import count_luts, map_circuit
from heurigym.experts.mapping.mapper import Effort, map_structure
from heurigym.experts.mapping.structure import Structure
from heurigym.problems import Outcome

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
SCRIPTS = ("strash; if -K 6", "strash; if -a -K 6", STRONGEST)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with BLIF circuits")
    parser.add_argument("--cover-time", type=float, default=20.0, help="seconds of the structural expert")
    parser.add_argument("--map-time", type=float, default=60.0, help="seconds of the functional expert")
    parser.add_argument("--only", nargs="*", default=[], help="names of circuits")
    options = parser.parse_args()
    files = [
        file for file in sorted(options.folder.glob("*.blif")) if not options.only or file.stem in options.only
    ]
    covering, mapping = _verifier("fpga_mapping"), _verifier("technology_mapping")
    abc = find_abc()
    warm = read_blif(files[0])
    map_structure(Structure.of(warm.aig, 6), None, Effort(cuts=8, seconds=0.1), 0)
    print(
        "| circuit | gates | mapper | s | gates/s, 8 cuts | expert | bound | `if` | s | `if -a` | verified in s |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for file in files:
        print(_structural_row(file, options.cover_time, covering, abc), flush=True)
    print()
    print("| circuit | HeuriGym | `if -a` | strongest script | expert | best known | verified in s | by |")
    print("|---|---|---|---|---|---|---|---|")
    for file in files:
        print(_functional_row(file, options.map_time, mapping, abc), flush=True)


def _verifier(problem: str) -> ModuleType:
    folder = PROBLEMS / problem
    sys.path.insert(0, str(folder))
    spec = importlib.util.spec_from_file_location(f"{problem}_verifier", folder / "verifier.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _structural_row(file: Path, seconds: float, verifier: ModuleType, abc: Abc | None) -> str:
    circuit = read_blif(file)
    structure = Structure.of(circuit.aig, 6)
    began = time.perf_counter()
    quick = map_structure(structure, None, Effort(cuts=8), 0)
    speed = len(circuit.aig.gates) / (time.perf_counter() - began)
    began = time.perf_counter()
    mapped = map_structure(structure, None, Effort(cuts=60), 0)
    spent = time.perf_counter() - began
    expert = cover_structure(structure, None, seconds, 0)
    verified = 0.0
    for luts in (quick.luts(), mapped.luts(), expert.luts):
        began = time.process_time()
        _check_cover(verifier, circuit, luts)
        verified = time.process_time() - began
    fast, area, fast_time = "", "", ""
    if abc is not None:
        began = time.perf_counter()
        fast = str(count_luts(abc.run(file.read_text(), SCRIPTS[0], 600.0)))
        fast_time = f"{time.perf_counter() - began:.2f}"
        area = str(count_luts(abc.run(file.read_text(), SCRIPTS[1], 600.0)))
    return (
        f"| {file.stem} | {len(circuit.aig.gates)} | {mapped.area} | {spent:.2f} | {speed:.0f} "
        f"| {len(expert.luts)} | {expert.bound} | {fast} | {fast_time} | {area} | {verified:.2f} |"
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


def _functional_row(file: Path, seconds: float, verifier: ModuleType, abc: Abc | None) -> str:
    text = file.read_text()
    candidates = {}
    if abc is not None:
        candidates = {script: abc.run(text, script, 600.0) for script in SCRIPTS[1:]}
    candidates["expert"] = map_circuit(text, seconds, 0).blif
    times, methods = [], ""
    for network in candidates.values():
        began = time.process_time()
        proof = _prove(verifier, file, network)
        times.append(f"{time.process_time() - began:.2f}")
        methods = (
            f"name {proof.by_name}, cone {proof.by_cone}, structure {proof.by_structure}, "
            f"SAT {proof.by_sat}, left {proof.left}, outputs by SAT {proof.outputs_by_sat}"
        )
    areas = {name: count_luts(network) for name, network in candidates.items()}
    return (
        f"| {file.stem} | {HEURIGYM.get(file.stem, '')} | {areas.get(SCRIPTS[1], '')} | {areas.get(STRONGEST, '')} "
        f"| {areas['expert']} | {BEST_KNOWN.get(file.stem, '')} | {' / '.join(times)} | {methods} |"
    )


def _prove(verifier: ModuleType, file: Path, network: str) -> Any:
    """The proof that a network verifies, made a first time for its verdict and again for what it counts."""
    with tempfile.TemporaryDirectory() as folder:
        solution = Path(folder) / "solution.blif"
        solution.write_text(network)
        verdict = verifier.verify([file], solution)
        if verdict.outcome is not Outcome.FEASIBLE:
            raise SystemExit(f"{file.stem}: not verified: {verdict.message}")
        given, found = verifier.read_networks(file, solution)
    return verifier.prove_equivalence(given, found, verifier.SECONDS)


if __name__ == "__main__":
    main()
