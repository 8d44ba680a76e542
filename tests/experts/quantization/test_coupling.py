"""The quadratic form of all quantisation errors, against the network itself."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from heurigym.experts.quantization import coupling, data, store
from heurigym.experts.quantization.evaluation import evaluate
from heurigym.experts.quantization.inference import divergence, logits, quantised_logits, record
from heurigym.experts.quantization.quantizer import CHOICES, WEIGHT_BITS, quantise_weights


@pytest.fixture(scope="module")
def perceptron():
    trained = store.load("perceptron")
    with jax.enable_x64(True):
        inputs = jnp.asarray(data.load("wine").train_inputs)
        ranges = record(trained.network, trained.weights, trained.biases, inputs).ranges
        vectors = coupling.error_vectors(trained.network, trained.weights, trained.biases, ranges, inputs)
        yield trained, inputs, vectors, coupling.gram(coupling.of_choices(*vectors))


def test_form_is_positive_semidefinite(perceptron):
    products = perceptron[-1]
    side = products.shape[0] * products.shape[1]
    spectrum = np.linalg.eigvalsh(products.reshape(side, side))
    assert spectrum.min() >= -1e-12 * spectrum.max()


def test_no_allocation_has_a_negative_loss(perceptron):
    products = perceptron[-1]
    every = np.array(list(itertools.product(range(len(CHOICES)), repeat=products.shape[0])))
    assert coupling.predicted_losses(products, every).min() >= 0


def test_form_is_the_limit_of_the_divergence_for_small_errors(perceptron):
    trained, inputs, (by_weights, _), _ = perceptron
    with jax.enable_x64(True):
        errors = [quantise_weights(weight, 3) - weight for weight in trained.weights]
        together = by_weights[:, WEIGHT_BITS.index(3)].sum(0)
        reference = logits(trained.network, trained.weights, trained.biases, inputs)
        share = 1e-3
        moved = [weight + share * error for weight, error in zip(trained.weights, errors, strict=True)]
        real = divergence(reference, logits(trained.network, moved, trained.biases, inputs))
    assert float(real) == pytest.approx(share**2 * (together @ together) / 2, rel=0.02)


def test_form_predicts_what_eight_bits_of_weights_do_and_the_size_of_what_inputs_add(perceptron):
    trained, inputs, (by_weights, _), products = perceptron
    layers = len(trained.network.layers)
    with jax.enable_x64(True):
        arguments = trained.network, trained.weights, trained.biases
        bits = jnp.tile(jnp.array([8.0, 0.0]), (layers, 1))
        values = quantised_logits(*arguments, jnp.zeros((layers, 2)), bits, inputs)
        real = float(divergence(logits(*arguments, inputs), values))
    together = by_weights[:, WEIGHT_BITS.index(8)].sum(0)
    assert real == pytest.approx(together @ together / 2, rel=0.1)
    # Inputs are rounded after the layers before have moved them, so only the size of their errors is foreseen.
    predicted = coupling.predicted_losses(products, np.full((1, layers), CHOICES.index((8, 8))))[0]
    measured = evaluate(trained, [[(8, 8)] * layers])[0].calibration_divergence
    assert predicted / 2 < measured < predicted * 2
