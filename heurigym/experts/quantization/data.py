"""Labelled data that scikit-learn ships, split once and for all into training and test samples."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import datasets  # type: ignore[import-untyped]

from heurigym.errors import InputError

_SPLIT_SEED = 8
_TEST_SHARE = 0.4
"""So large because a single digit should move the measured accuracy by little: 719 test digits are 0.14 % each."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A classification task.

    Attributes:
        train_inputs: training samples; images are (sample, row, column, channel), tables (sample, feature).
        train_labels: class of each training sample.
        test_inputs: test samples, never seen in training, calibration or measurement of sensitivities.
        test_labels: their classes.
        classes: number of classes.
    """

    train_inputs: NDArray[np.float64]
    train_labels: NDArray[np.int64]
    test_inputs: NDArray[np.float64]
    test_labels: NDArray[np.int64]
    classes: int


def _digits() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """1,797 grey images of 8 x 8 pixels, scaled from 0..16 to -1..1."""
    bunch: Any = datasets.load_digits()
    return bunch.images[..., None] / 8.0 - 1.0, bunch.target


def _table(load: Callable[[], Any]) -> Callable[[], tuple[NDArray[np.float64], NDArray[np.int64]]]:
    """A table of measurements, every feature with mean 0 and deviation 1."""

    def read() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        bunch = load()
        return (bunch.data - bunch.data.mean(0)) / bunch.data.std(0), bunch.target

    return read


_SOURCES = {"digits": _digits, "wine": _table(datasets.load_wine), "iris": _table(datasets.load_iris)}


@cache
def load(name: str) -> Dataset:
    """A data set, split into training and test samples with equal shares of every class.

    Args:
        name: ``digits``, ``wine`` or ``iris``.

    Raises:
        InputError: no data set has that name.
    """
    if name not in _SOURCES:
        raise InputError(f"data set {name!r} is unknown: choose one of {', '.join(sorted(_SOURCES))}")
    inputs, labels = _SOURCES[name]()
    generator = np.random.default_rng(_SPLIT_SEED)
    test = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = generator.permutation(np.flatnonzero(labels == label))
        test[members[: round(_TEST_SHARE * len(members))]] = True
    return Dataset(
        train_inputs=np.asarray(inputs[~test], dtype=np.float64),
        train_labels=np.asarray(labels[~test], dtype=np.int64),
        test_inputs=np.asarray(inputs[test], dtype=np.float64),
        test_labels=np.asarray(labels[test], dtype=np.int64),
        classes=len(np.unique(labels)),
    )
