"""Traces and eigenvalues that never form a Hessian, against those of the Hessian in full."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from heurigym.experts.quantization import curvature, data, store
from heurigym.experts.quantization.measure import weight_loss

PROBES = 400


@pytest.fixture(scope="module")
def perceptron():
    trained = store.load("perceptron")
    dataset = data.load("wine")
    with jax.enable_x64(True):
        batch = trained.biases, jnp.asarray(dataset.train_inputs), jnp.asarray(dataset.train_labels)
        loss = weight_loss(trained.network)
        yield loss, trained.weights, batch, curvature.exact_blocks(loss, trained.weights, batch)


def test_hutchinson_estimates_every_blocks_trace_within_its_standard_error(perceptron):
    loss, weights, batch, blocks = perceptron
    traces = curvature.estimate_traces(loss, weights, batch, PROBES, seed=5)
    exact = np.array([np.trace(block) for block in blocks])
    assert np.all(np.abs(traces.values - exact) < 3.5 * traces.errors)
    assert np.all(traces.errors < 0.1 * exact)


def test_standard_error_falls_with_the_root_of_the_probes(perceptron):
    loss, weights, batch, _ = perceptron
    few = curvature.estimate_traces(loss, weights, batch, PROBES // 4, seed=6)
    many = curvature.estimate_traces(loss, weights, batch, PROBES, seed=7)
    np.testing.assert_allclose(few.errors / many.errors, 2.0, rtol=0.35)


def test_power_iteration_finds_every_blocks_top_eigenvalue(perceptron):
    loss, weights, batch, blocks = perceptron
    found = curvature.top_eigenvalues(loss, weights, batch, seed=3, iterations=500, tolerance=1e-9)
    spectra = [np.linalg.eigvalsh(block) for block in blocks]
    np.testing.assert_allclose(found, [values[np.abs(values).argmax()] for values in spectra], rtol=1e-3)
