import gzip
import json
import re
import sys

import pytest
from egraph_support import PROBLEM, module, unpacked

from heurigym.problems import Outcome

INSTANCES = {split: PROBLEM.instances(split) for split in ("demo", "eval")}
SHIPPED = json.loads((PROBLEM.folder / "shipped.json").read_text())


def content(instance):
    return json.loads(instance.read()[0])


def node_count(instance):
    return int(instance.name.rpartition("_")[2])


def test_there_are_instances_of_many_kinds_and_sizes():
    sizes = [node_count(instance) for split in INSTANCES.values() for instance in split]
    assert len(INSTANCES["demo"]) == 5
    assert len(INSTANCES["eval"]) >= 20
    assert min(sizes) <= 300
    assert max(sizes) >= 100_000
    kinds = {re.fullmatch(r"eval\d\d_([a-z]+)_\d+", instance.name)[1] for instance in INSTANCES["eval"]}
    assert kinds == {"mcm", "fir", "datapath", "logic", "tensor", "matrix", "numerics", "array"}


def test_instances_are_what_the_statement_says():
    cyclic = 0
    for instance in (*INSTANCES["demo"], *INSTANCES["eval"]):
        egraph = content(instance)
        nodes = egraph["nodes"]
        assert len(nodes) == node_count(instance)
        assert all(node["cost"] >= 0 and isinstance(node["eclass"], str) for node in nodes.values())
        assert all(child in nodes for node in nodes.values() for child in node["children"])
        assert set(egraph["root_eclasses"]) <= {node["eclass"] for node in nodes.values()}
        cyclic += has_cycle(nodes)
    assert 3 <= cyclic <= 25


def has_cycle(nodes):
    below = {}
    for node in nodes.values():
        below.setdefault(node["eclass"], set()).update(nodes[child]["eclass"] for child in node["children"])
    waiting = dict.fromkeys(below, 0)
    for children in below.values():
        for child in children:
            waiting[child] += 1
    free = [name for name, count in waiting.items() if not count]
    for name in free:
        for child in below[name]:
            waiting[child] -= 1
            if not waiting[child]:
                free.append(child)
    return len(free) < len(below)


def test_greedy_extraction_is_not_good_enough(tmp_path):
    """The issue of the problem is sharing: the bottom-up program that ignores it must fall short."""
    program = module("ladder/04_tree_cost")
    qualities = []
    for instance in INSTANCES["eval"]:
        plain = unpacked(instance.files[0], tmp_path)
        program.solve(str(plain), str(tmp_path / "solution.txt"))
        verdict = module("verifier").verify([plain], tmp_path / "solution.txt")
        assert verdict.outcome is Outcome.FEASIBLE
        qualities.append(PROBLEM.baselines[instance.name].objective / float(verdict.objective))
    assert sum(qualities) / len(qualities) <= 0.85
    assert max(qualities) < 0.995


def test_the_ladder_goes_from_a_crash_to_good_programs(tmp_path):
    plain = unpacked(next(item for item in INSTANCES["demo"] if "numerics" in item.name).files[0], tmp_path)
    solution = tmp_path / "solution.txt"
    costs = []
    for path in PROBLEM.ladder:
        program = module(f"ladder/{path.stem}")
        if "crash" in path.stem:
            with pytest.raises(TypeError):
                program.solve(str(plain), str(solution))
            continue
        program.solve(str(plain), str(solution))
        verdict = module("verifier").verify([plain], solution)
        if "infeasible" in path.stem:
            assert verdict.outcome is Outcome.INFEASIBLE
        else:
            costs.append(verdict.objective)
    assert len(costs) == 4
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < 0.9 * costs[1]


def test_shipped_instances_come_out_of_the_generator_again(tmp_path):
    pytest.importorskip("egglog", reason="making instances needs heurigym[experts]")
    sys.path.insert(0, str(PROBLEM.folder))
    try:
        generate = module("generate")
    finally:
        sys.path.remove(str(PROBLEM.folder))
    for name in (
        "demo/demo00_tensor_296",
        "demo/demo01_mcm_466",
        "eval/eval02_matrix_231",
        "eval/eval01_array_172",
    ):
        generate.write(generate.Recipe(**SHIPPED[name]).make(), tmp_path / "again.json")
        assert (tmp_path / "again.json").read_bytes() == (
            PROBLEM.folder / "instances" / f"{name}.json"
        ).read_bytes()
    recipe = generate.Recipe(**SHIPPED["eval/eval14_numerics_2759"])
    generate.write(recipe.make(), tmp_path / "large.json")
    stored = PROBLEM.folder / "instances" / "eval" / "eval14_numerics_2759.json.gz"
    again = gzip.decompress((tmp_path / "large.json.gz").read_bytes())
    assert again == gzip.decompress(stored.read_bytes())


def test_fresh_instances_are_hard_and_the_same_for_the_same_seed(tmp_path):
    pytest.importorskip("egglog", reason="making instances needs heurigym[experts]")
    pytest.importorskip("numba", reason="making instances needs heurigym[experts]")
    sys.path.insert(0, str(PROBLEM.folder))
    try:
        generate = module("generate")
    finally:
        sys.path.remove(str(PROBLEM.folder))
    for folder in ("first", "second"):
        generate.generate(5, 1, tmp_path / folder)
    first, second = ([*(tmp_path / folder).iterdir()] for folder in ("first", "second"))
    assert [path.name for path in first] == [path.name for path in second]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    text = first[0].read_bytes() if first[0].suffix == ".json" else gzip.decompress(first[0].read_bytes())
    assert generate.greedy_quality(json.loads(text)) < generate.EASY
