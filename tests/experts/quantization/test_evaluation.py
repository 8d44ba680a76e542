"""What an allocation does to a real network."""

import pytest

from heurigym.errors import InputError
from heurigym.experts.quantization import data, store
from heurigym.experts.quantization.__main__ import main
from heurigym.experts.quantization.evaluation import evaluate_accuracy, evaluate_allocations, full_precision
from heurigym.experts.quantization.networks import network
from heurigym.experts.quantization.solution import read_allocation


def test_eight_bits_are_as_good_as_full_precision_and_two_bits_are_not():
    layers = len(network("cnn").layers)
    accuracy, _ = full_precision(store.load("cnn"))
    assert accuracy > 0.95
    fine, coarse = evaluate_allocations("cnn", [[(8, 8)] * layers, [(2, 4)] * layers])
    assert fine.accuracy == pytest.approx(accuracy, abs=0.01)
    assert abs(fine.loss_increase) < 0.01
    assert coarse.accuracy < accuracy - 0.02
    assert coarse.divergence > 100 * fine.divergence


@pytest.mark.parametrize(
    ("allocation", "words"),
    [
        ([(8, 8)] * 2, "has 2 layers: give 3"),
        ([(8, 8), (8, 8), (1, 8)], "'dense2'"),
        ([(8, 8), (8,), (8, 8)], "'dense1'"),
        ([(8, 8.5), (8, 8), (8, 8)], "'dense0'"),
    ],
)
def test_allocations_that_do_not_fit_are_named(allocation, words):
    with pytest.raises(InputError, match=words):
        evaluate_accuracy("perceptron", allocation)


def test_unknown_networks_and_data_are_named():
    with pytest.raises(InputError, match="perceptron, cnn, resnet, mobilenet, transformer"):
        evaluate_accuracy("alexnet", [])
    with pytest.raises(InputError, match="digits, iris, wine"):
        data.load("imagenet")


def test_solutions_are_read_in_any_order(tmp_path):
    path = tmp_path / "solution.txt"
    path.write_text("dense2 8 8\n\ndense0\t2 4\n  dense1 4 8 \n")
    assert read_allocation(path, network("perceptron")) == [(2, 4), (4, 8), (8, 8)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dense0 2 4\ndense1 2 4\n", "1 layers of perceptron are missing, the first is 'dense2'"),
        ("dense0 2 4\ndense0 2 4\n", "line 2"),
        ("dense0 2\n", "line 1"),
        ("dense9 2 4\n", "line 1"),
        ("dense0 two 4\n", "must be whole numbers"),
    ],
)
def test_solutions_that_do_not_fit_are_named(tmp_path, text, words):
    path = tmp_path / "solution.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        read_allocation(path, network("perceptron"))
    with pytest.raises(InputError, match=r"absent\.txt: cannot be read"):
        read_allocation(tmp_path / "absent.txt", network("perceptron"))


def test_splits_have_equal_shares_of_every_class():
    digits = data.load("digits")
    assert len(digits.train_labels) + len(digits.test_labels) == 1797
    for label in range(digits.classes):
        tested, trained = (digits.test_labels == label).sum(), (digits.train_labels == label).sum()
        assert tested / (tested + trained) == pytest.approx(0.4, abs=0.01)


def test_command_evaluates_a_solution_and_names_a_wrong_one(tmp_path, monkeypatch, capsys):
    path = tmp_path / "solution.txt"
    path.write_text("dense0 8 8\ndense1 8 8\ndense2 8 8\n")
    monkeypatch.setattr("sys.argv", ["quantization", "evaluate", "perceptron", str(path)])
    assert main() == 0
    assert "(full precision 0.9437)" in capsys.readouterr().out
    path.write_text("dense0 8 8\n")
    assert main() == 2
    assert capsys.readouterr().err.startswith(f"{path}: 2 layers of perceptron are missing")
