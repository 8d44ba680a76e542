import json
import os
from fractions import Fraction
from pathlib import Path

import pytest
from egraph_support import PROBLEM, module, unpacked

from heurigym.problems import Outcome
from heurigym.problems.instances import read_packed

INSTANCES = {item.name: item for split in ("demo", "eval") for item in PROBLEM.instances(split)}
PUBLIC = (
    Path(os.environ.get("HEURIGYM_DATA") or PROBLEM.folder.parents[2] / "shared" / "data") / "egraph_extraction"
)

PUBLISHED = {
    "mcm_3_7_21_original_8iteration_egraph": 1050,
    "box_filter_3iteration_egraph": 1701,
    "box_filter_4iteration_egraph": 1635,
    "box_filter_5iteration_egraph": 1819,
    "fir_8_tap_5iteration_egraph": 5936,
    "flexc_03d369d0-bb23-477a-8ea1-a452efc850fe": 36,
    "flexc_5cd5008c-4481-4751-90cf-0a0e23cd3d30": 136,
    "resnet50": 4.385794965,
    "vgg": 4.850757017,
    "set_covering_test": 2,
    "test1": 0.4,
    "cycle_test": 0.2,
}
"""Best values known to SmoothE's artifact and to the public HeuriGym."""


def test_every_instance_has_a_baseline():
    assert set(PROBLEM.baselines) == set(INSTANCES)


@pytest.mark.parametrize("name", sorted(INSTANCES))
def test_the_stored_solution_has_the_stored_objective(name, tmp_path):
    record = PROBLEM.baselines[name]
    plain = unpacked(INSTANCES[name].files[0], tmp_path)
    (tmp_path / "solution.txt").write_bytes(read_packed(PROBLEM.folder / record.solution))
    verdict = module("verifier").verify([plain], tmp_path / "solution.txt")
    assert verdict.outcome is Outcome.FEASIBLE
    assert verdict.number == record.objective
    assert record.bound is None or record.bound <= record.objective
    assert not record.optimal or record.bound == record.objective


def solved(path, folder, seconds):
    pytest.importorskip("numba", reason="the expert needs heurigym[experts]")
    pytest.importorskip("highspy", reason="the expert needs heurigym[experts]")
    pytest.importorskip("ortools", reason="the expert needs heurigym[experts]")
    import time

    text, facts = module("baseline").solve([path], seconds, 1, clock=time.process_time)
    (folder / "solution.txt").write_text(text)
    verdict = module("verifier").verify([path], folder / "solution.txt")
    assert verdict.outcome is Outcome.FEASIBLE
    assert verdict.number == facts["objective"]
    assert facts["version"]
    return facts


@pytest.mark.parametrize("name", ["eval00_tensor_164", "eval01_array_172", "demo02_numerics_924"])
def test_the_expert_reaches_the_stored_objective_of_small_instances(name, tmp_path):
    facts = solved(unpacked(INSTANCES[name].files[0], tmp_path), tmp_path, 20)
    assert facts["optimal"]
    assert facts["objective"] == PROBLEM.baselines[name].objective


needs_public = pytest.mark.skipif(
    not PUBLIC.is_dir(),
    reason=f"no public instances in {PUBLIC.parent}: set HEURIGYM_DATA to the folder that has them",
)


@needs_public
@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_annealing_alone_reaches_published_values(name):
    pytest.importorskip("numba", reason="the expert needs heurigym[experts]")
    from heurigym.experts.egraph.annealing import Annealer
    from heurigym.experts.egraph.graph import read_egraph
    from heurigym.experts.egraph.greedy import tree_greedy
    from heurigym.experts.egraph.reduction import reduced

    small, _ = reduced(read_egraph(PUBLIC / f"{name}.json"))
    best = small.cost_of(tree_greedy(small))
    for seed in range(8):
        found = Annealer(small, seed).round(tree_greedy(small), 300_000, heat=(0.5, 1.0)[seed % 2])
        best = min(best, small.cost_of(found))
        if float(best) <= PUBLISHED[name] * (1 + 1e-9):
            return
    pytest.fail(f"{float(best)} is more than {PUBLISHED[name]}")


@needs_public
def test_pruning_cuts_off_the_optimum_of_mcm():
    pytest.importorskip("highspy", reason="the expert needs heurigym[experts]")
    pytest.importorskip("numba", reason="the expert needs heurigym[experts]")
    import time

    from heurigym.experts.egraph import highs
    from heurigym.experts.egraph.graph import read_egraph
    from heurigym.experts.egraph.parts import eboost

    graph = read_egraph(PUBLIC / "mcm_3_7_21_original_8iteration_egraph.json")
    pruned = eboost(graph, 1.25, 30, highs.solve, clock=time.process_time)
    assert pruned.optimal
    assert graph.cost_of(pruned.choice) == 1165


@needs_public
def test_hamming_has_no_rooted_extraction_below_its_greatest_cut(tmp_path):
    """-3648 counts all clauses; the roots need one literal of each variable, so a cut decides what is satisfied."""
    path = PUBLIC / "hamming6-2.clq.json"
    nodes = json.loads(path.read_text())["nodes"]
    clauses = [name for name, node in nodes.items() if node["cost"] < 0]
    # All negative leaves, as the published value counts them, with the cheapest root beside them.
    (tmp_path / "solution.txt").write_text(json.dumps(clauses))
    assert module("verifier").verify([path], tmp_path / "solution.txt").outcome is Outcome.INFEASIBLE
    facts = solved(path, tmp_path, 5)
    # The graph has 64 vertices and 1824 edges; its greatest cut is 64 / 4 * 62 = 992 by the eigenvalue bound.
    assert facts["objective"] == -(1824 + 992)


@needs_public
def test_a_program_for_the_public_benchmark_runs_unchanged(tmp_path):
    path = PUBLIC / "bert.json"
    module("ladder/04_tree_cost").solve(str(path), str(tmp_path / "solution.txt"))
    verdict = module("verifier").verify([path], tmp_path / "solution.txt")
    assert verdict.outcome is Outcome.FEASIBLE
    assert verdict.objective == pytest.approx(Fraction("0.8247"), abs=1e-3)
