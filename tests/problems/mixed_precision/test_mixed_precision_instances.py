"""Shipped instances: what the statement says of them, that they come out again, and that they are worth having."""

import gzip
import itertools
import json
import random
import subprocess
import sys
from dataclasses import asdict
from statistics import mean

import numpy as np
import pytest
from mixed_precision_support import INSTANCES, PROBLEM, content, module, unpacked, verify

from heurigym.problems import Outcome

EVAL = sorted(name for name in INSTANCES if name.startswith("eval"))
SHIPPED = json.loads((PROBLEM.folder / "shipped.json").read_text())


@pytest.fixture(scope="module")
def generate():
    """The generator, which finds the modules beside it by itself."""
    return module("generate")


@pytest.fixture(scope="module")
def contents():
    return {name: content(name) for name in INSTANCES}


def test_there_are_instances_of_many_kinds_and_sizes(contents):
    sizes = [len(instance["layers"]) for instance in contents.values()]
    assert len(INSTANCES) - len(EVAL) == 5
    assert len(EVAL) >= 20
    assert min(sizes) <= 21
    assert max(sizes) >= 500
    forms = [contents[name]["form"] for name in EVAL]
    assert 2 <= forms.count("additive") <= len(forms) / 4
    assert len({instance["origin"] for instance in contents.values()}) >= 4


def test_instances_are_what_the_statement_says(contents):
    for instance in contents.values():
        names = [layer["name"] for layer in instance["layers"]]
        width = len(instance["choices"])
        assert 11 <= len(names) <= 560
        assert len(set(names)) == len(names)
        assert not any(set(name) & set(" \t\r\n") for name in names)
        assert 2 <= width <= 16
        assert (instance["form"] == "additive") == (instance["pairs"] == [])
        assert instance["budgets"]
        assert set(instance["budgets"]) <= {"size", "bit_operations", "latency"}
        grouped = [name for group in instance["groups"] for name in group]
        assert len(set(grouped)) == len(grouped)
        paired = [frozenset(pair["layers"]) for pair in instance["pairs"]]
        assert len(set(paired)) == len(paired)
        assert all(len(pair) == 2 for pair in paired)
        assert all(value >= 0 for layer in instance["layers"] for value in layer["loss"])


def test_the_first_choice_keeps_all_budgets(tmp_path):
    for name in INSTANCES:
        plain = unpacked(name, tmp_path)
        instance = content(name)
        bits = " ".join(map(str, instance["choices"][0]))
        (tmp_path / "solution.txt").write_text("".join(f"{layer['name']} {bits}\n" for layer in instance["layers"]))
        verdict = verify(plain, tmp_path / "solution.txt")
        assert verdict.outcome is Outcome.FEASIBLE, name
        assert verdict.objective > 0


def test_no_allocation_has_a_negative_loss(contents):
    """Synthetic forms are squares, so even what descent finds without budgets is not below zero."""
    for name, instance in contents.items():
        index = {layer["name"]: place for place, layer in enumerate(instance["layers"])}
        near: list[list[tuple[int, np.ndarray]]] = [[] for _ in index]
        for pair in instance["pairs"]:
            one, other = (index[layer] for layer in pair["layers"])
            near[one].append((other, np.array(pair["loss"])))
            near[other].append((one, np.array(pair["loss"]).T))
        loss = [np.array(layer["loss"]) for layer in instance["layers"]]
        source = random.Random(name)
        chosen = [source.randrange(len(instance["choices"])) for _ in index]
        for _ in range(3):
            for layer, alone in enumerate(loss):
                cost = alone + sum((table[:, chosen[other]] for other, table in near[layer]), np.zeros_like(alone))
                chosen[layer] = int(cost.argmin())
        total = sum(int(alone[chosen[layer]]) for layer, alone in enumerate(loss))
        total += sum(
            int(table[chosen[layer], chosen[other]])
            for layer, others in enumerate(near)
            for other, table in others
            if layer < other
        )
        assert total >= 0, name


@pytest.fixture(scope="module")
def greedy_qualities(tmp_path_factory):
    folder = tmp_path_factory.mktemp("greedy")
    qualities = {}
    for name in EVAL:
        plain = unpacked(name, folder)
        module("ladder/05_greedy").solve(str(plain), str(folder / "solution.txt"))
        verdict = verify(plain, folder / "solution.txt")
        assert verdict.outcome is Outcome.FEASIBLE, name
        qualities[name] = PROBLEM.baselines[name].objective / verdict.objective
    return qualities


def test_greedy_descent_is_not_good_enough(greedy_qualities):
    assert mean(greedy_qualities.values()) <= 0.9


def test_the_additive_optimum_is_not_good_enough_where_layers_are_coupled():
    pytest.importorskip("highspy", reason="the expert needs heurigym[experts]")
    pytest.importorskip("numba", reason="the expert needs heurigym[experts]")
    from heurigym.experts.quantization.allocation import from_json
    from heurigym.experts.quantization.allocation_additive import integer_program

    qualities = []
    for name in EVAL:
        instance = content(name)
        # The integer programs of larger networks take most of the time and are no easier.
        if instance["form"] == "additive" or len(instance["layers"]) > 100:
            continue
        problem = from_json(instance)
        answer = integer_program(problem, 20)
        qualities.append(PROBLEM.baselines[name].objective / problem.total(answer.choice))
    assert mean(qualities) <= 0.95


def test_the_ladder_goes_from_a_crash_to_good_programs(tmp_path):
    name = next(name for name in INSTANCES if name.startswith("demo00"))
    plain = unpacked(name, tmp_path)
    solution = tmp_path / "solution.txt"
    losses = []
    for path in PROBLEM.ladder:
        program = module(f"ladder/{path.stem}")
        if "crash" in path.stem:
            with pytest.raises(KeyError):
                program.solve(str(plain), str(solution))
            continue
        program.solve(str(plain), str(solution))
        verdict = verify(plain, solution)
        if "infeasible" in path.stem:
            assert verdict.outcome is Outcome.INFEASIBLE
        else:
            losses.append(verdict.objective)
    assert losses == sorted(losses, reverse=True)
    assert len(set(losses)) == 4
    assert losses[-1] >= PROBLEM.baselines[name].objective


SMALL = [place for place in SHIPPED if len(content(place.rpartition("/")[2])["layers"]) < 40]


@pytest.mark.parametrize("place", SMALL)
def test_shipped_instances_come_out_of_the_generator_again(place, generate, tmp_path):
    recipe = generate.Recipe(**SHIPPED[place])
    name = place.rpartition("/")[2]
    generate.write(recipe.make(name), tmp_path / f"{name}.json")
    written = next(tmp_path.iterdir())
    again = gzip.decompress(written.read_bytes()) if written.suffix == ".gz" else written.read_bytes()
    assert again == INSTANCES[name].read()[0]


def test_fresh_instances_are_the_same_for_the_same_seed(tmp_path):
    def run(seed, folder):
        command = [
            sys.executable,
            PROBLEM.folder / "generate.py",
            "--seed",
            str(seed),
            "--count",
            "3",
            "--out",
            folder,
        ]
        subprocess.run(command, check=True, timeout=300)
        return [path.read_bytes() for path in sorted(folder.iterdir())]

    one, again, other = (run(seed, tmp_path / folder) for seed, folder in ((3, "one"), (3, "again"), (4, "other")))
    assert len(one) == 3
    assert one == again
    assert not set(one) & set(other)


def test_layer_tables_have_the_published_sizes():
    tables = module("layer_tables").NETWORKS
    # Millions of weights without biases and normalisation, and billions of multiply-accumulates.
    published = {
        "resnet18": (11.68, 1.81),
        "resnet50": (25.50, 4.09),
        "resnet152": (60.04, 11.51),
        "mobilenetv2": (3.47, 0.30),
        "inceptionv3": (23.80, 5.71),
        "vgg16": (138.34, 15.47),
    }
    for name, (weights, macs) in published.items():
        layers = tables[name]().layers
        assert sum(layer.parameters for layer in layers) / 1e6 == pytest.approx(weights, abs=0.01)
        assert sum(layer.macs for layer in layers) / 1e9 == pytest.approx(macs, abs=0.01)
    assert sum(layer.parameters for layer in tables["bert_base"]().layers) == 12 * 7_077_888 + 768 * 770
    for name, table in tables.items():
        built = table()
        names = [layer.name for layer in built.layers]
        assert len(set(names)) == len(names), name
        assert len({place for group in built.groups for place in group}) == sum(map(len, built.groups)), name


def test_distributions_are_those_of_the_measured_networks(generate):
    files = [generate.MEASURED / f"{name}.json" for name in ("cnn", "mobilenet", "resnet", "transformer")]
    from heurigym.experts.quantization.fits import fit

    measured = asdict(fit([json.loads(file.read_text()) for file in files]))
    assert asdict(module("sensitivities").Fitted.stored()) == pytest.approx(measured, rel=2e-3)


def test_drawn_forms_are_squares(generate):
    """The form of any allocation is what the vectors' sum squares to: whole, and never negative."""
    sensitivities = module("sensitivities")
    choices = [(2, 4), (4, 4), (8, 8)]
    form = sensitivities.draw_form(
        4, [[0, 1], [1, 2], [2, 3], [0, 3]], choices, sensitivities.Fitted.stored(), np.random.default_rng(3)
    )
    totals = [
        sum(int(form.alone[layer, k]) for layer, k in enumerate(chosen))
        + sum(int(table[chosen[one], chosen[other]]) for (one, other), table in form.pairs.items())
        for chosen in itertools.product(range(3), repeat=4)
    ]
    assert min(totals) >= 0
    assert form.alone.min() > 0
    assert (0, 2) not in form.pairs
