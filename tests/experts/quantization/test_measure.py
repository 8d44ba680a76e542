"""Measured networks: one made from scratch, and those that ship."""

import json
from pathlib import Path

import numpy as np
import pytest

from heurigym.experts.quantization import fits, measure, store
from heurigym.experts.quantization.fidelity import proxies, random_allocations
from heurigym.experts.quantization.networks import NAMES, network
from heurigym.experts.quantization.training import train

NETWORKS = Path(__file__).parents[3] / "problems" / "mixed_precision" / "networks"
TOLERANCE = 1e-3
"""Relative; what another processor's order of additions may change, in double precision, by way of training."""


@pytest.fixture(params=NAMES)
def shipped(request):
    return json.loads((NETWORKS / f"{request.param}.json").read_text())


def test_training_and_measuring_from_scratch_reproduce_what_ships():
    expected = json.loads((NETWORKS / "perceptron.json").read_text())
    fresh = train(network("perceptron"))
    ours = store.load("perceptron")
    for before, after in zip(ours.weights, fresh.weights, strict=True):
        np.testing.assert_allclose(after, before, rtol=TOLERANCE, atol=TOLERANCE)
    measured = measure.measure(fresh)
    assert measured.keys() == expected.keys()
    for row, known in zip(measured["layers"], expected["layers"], strict=True):
        assert (row["name"], row["parameters"], row["macs"]) == (known["name"], known["parameters"], known["macs"])
        for field in ("trace", "trace_error", "weight_square", "own_cosine"):
            assert row[field] == pytest.approx(known[field], rel=TOLERANCE), field
        for field in ("perturbation", "kl", "kl_activation", "weight_loss", "activation_loss"):
            assert row[field] == pytest.approx(known[field], rel=10 * TOLERANCE, abs=1e-7), field
        assert row["top_eigenvalue"] == pytest.approx(known["top_eigenvalue"], rel=0.02)
    np.testing.assert_allclose(measured["loss"], expected["loss"], rtol=10 * TOLERANCE, atol=1e-7)
    assert measured["accuracy"] == expected["accuracy"]


def test_shipped_form_is_positive_semidefinite(shipped):
    layers, choices = len(shipped["layers"]), len(shipped["choices"])
    form = np.zeros((choices, layers, layers))
    for i, row in enumerate(shipped["loss"]):
        form[:, i, i] = 2 * np.array(row)
    for pair in shipped["pairs"]:
        form[:, pair["i"], pair["j"]] = form[:, pair["j"], pair["i"]] = np.diagonal(pair["values"])
    for spectrum in np.linalg.eigvalsh(form):
        assert spectrum.min() >= -1e-8 * spectrum.max()
    drawn = random_allocations(layers, np.arange(choices), shipped["ties"], 500, seed=1)
    assert proxies(shipped, drawn)["quadratic"].min() > 0


def test_shipped_network_is_what_the_code_describes(shipped):
    architecture = network(shipped["name"])
    trained = store.load(shipped["name"])
    assert [row["name"] for row in shipped["layers"]] == [layer.name for layer in architecture.layers]
    assert shipped["ties"] == [list(group) for group in architecture.ties]
    for row, weight in zip(shipped["layers"], trained.weights, strict=True):
        assert row["parameters"] == weight.size
        assert row["weight_square"] == pytest.approx(float((np.asarray(weight) ** 2).sum()), rel=1e-8)
        assert row["perturbation"]["2"] == max(row["perturbation"].values())
        assert row["trace_error"] > 0


def test_distilled_inputs_match_statistics_far_better_than_noise(shipped):
    assert shipped["distillation"]["distilled"] < 0.1 * shipped["distillation"]["noise"]


def test_fit_recovers_the_distributions_that_a_document_was_drawn_from():
    generator = np.random.default_rng(0)
    layers = 400
    logs = -2.0 + -1.5 * np.linspace(0, 1, layers) + generator.normal(0, 0.3, layers)
    row = {"own_cosine": 0.25}
    document = {
        "choices": [[4, 4]],
        "layers": [
            row
            | {"weight_loss": {str(bits): np.exp(2 * (value - 0.7 * (bits - 4))) / 2 for bits in (2, 4, 8)}}
            | {"activation_loss": {str(bits): np.exp(2 * (value - 1.0 - 0.6 * (bits - 4))) / 2 for bits in (4, 8)}}
            for value in logs
        ],
        "loss": [[0.5]] * layers,
        "pairs": [{"i": i, "j": i + 1, "values": [[0.1]]} for i in range(layers - 1)],
    }
    found = fits.fit([document])
    assert found.slope == pytest.approx(-1.5, abs=0.15)
    assert found.spread == pytest.approx(0.3, abs=0.03)
    assert found.weight_drop == pytest.approx(0.7)
    assert found.weight_jitter == pytest.approx(0.0, abs=1e-9)
    assert (found.activation_log, found.activation_drop) == (pytest.approx(-1.0), pytest.approx(0.6))
    assert (found.mean_cosine, found.own_cosine) == (pytest.approx(0.1), pytest.approx(0.25))
