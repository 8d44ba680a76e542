"""Reads public tables of sensitivities into instances of mixed-precision bit allocation.

HAWQ-V3's tables, as its notebook publishes them for ResNet-18 and -50, with one of the three budgets or several::

    python convert.py resnet50.json --size 0.25 --out resnet50_size.json
    python convert.py resnet18.json --bit-operations 0.5 --latency 0.75 --out resnet18_both.json

A share of 0.25 is a quarter of the way from what all layers use with the fewest bits to what they use with the
most. ``heurigym data import`` makes three instances of a table, each with one budget, of a half.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

LOSS_SCALE = 10**12
"""What losses are multiplied with before they become whole numbers."""

EXTENSIONS = (".json",)

_RESOURCES = ("size", "bit_operations", "latency")
_SHARE = Fraction(1, 2)


def from_hawq(table: Mapping[str, Any], shares: Mapping[str, Fraction]) -> dict[str, Any]:
    """An additive instance of HAWQ-V3's integer program (Yao et al. 2021, section 3.4).

    A layer's loss under b bits is its average Hessian trace times the squared error of its weights, in units of
    1 / ``LOSS_SCALE``. Weights and activations have the same bits, and latencies become nanoseconds.

    Args:
        table: ``name``, ``bits``, and for each layer ``average_hessian_trace``, ``parameters``, ``macs``; by bits
            ``weight_perturbation`` and ``latency_ms``; ``equal_bits_groups``.
        shares: for each resource that is limited, where its budget is between the fewest bits and the most.

    Raises:
        KeyError: a field is missing.
        ValueError: a list has not one entry for each layer.
    """
    bits = sorted(table["bits"])
    columns = [table["average_hessian_trace"], table["parameters"], table["macs"]]
    columns += [table[field][str(width)] for field in ("weight_perturbation", "latency_ms") for width in bits]
    rows = list(zip(*columns, strict=True))
    names = [f"layer{number}" for number in range(len(rows))]
    layers = []
    for name, (trace, parameters, macs, *by_bits) in zip(names, rows, strict=True):
        perturbations, latencies = by_bits[: len(bits)], by_bits[len(bits) :]
        layers.append({
            "name": name,
            "parameters": parameters,
            "macs": macs,
            "latency": [round(milliseconds * 10**6) for milliseconds in latencies],
            "loss": [round(Fraction(trace) * Fraction(error) * LOSS_SCALE) for error in perturbations],
        })  # fmt: skip
    used = {
        "size": [sum(layer["parameters"] for layer in layers) * width for width in bits],
        "bit_operations": [sum(layer["macs"] for layer in layers) * width**2 for width in bits],
        "latency": [sum(layer["latency"][column] for layer in layers) for column in range(len(bits))],
    }
    return {
        "name": table["name"],
        "origin": "measured: HAWQ-V3's public tables",
        "form": "additive",
        "choices": [[width, width] for width in bits],
        "budgets": {
            resource: int(used[resource][0] + share * (used[resource][-1] - used[resource][0]))
            for resource, share in shares.items()
        },
        "groups": [[names[position] for position in group] for group in table["equal_bits_groups"]],
        "layers": layers,
        "pairs": [],
    }


def convert(source: Path, folder: Path) -> None:
    """Write three instances of a table into ``folder``, each with one resource limited to the middle of its range.

    Raises:
        KeyError, TypeError, ValueError: the file holds something else.
        OSError: a file cannot be read or written.
    """
    table = json.loads(source.read_text(encoding="utf-8"))
    for resource in _RESOURCES:
        content = json.dumps(from_hawq(table, {resource: _SHARE})) + "\n"
        (folder / f"{source.stem}_{resource}.json").write_text(content, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path, help="a JSON file with HAWQ-V3's tables of one network")
    for resource in _RESOURCES:
        parser.add_argument(f"--{resource.replace('_', '-')}", type=Fraction, help="share of this budget")
    parser.add_argument("--out", type=Path, required=True, help="file for the instance")
    options = parser.parse_args(arguments)
    shares = {name: getattr(options, name) for name in _RESOURCES if getattr(options, name) is not None}
    if not shares:
        parser.error("name a budget: --size, --bit-operations or --latency, with a share from 0 to 1")
    try:
        instance = from_hawq(json.loads(options.table.read_text(encoding="utf-8")), shares)
    except (OSError, KeyError, TypeError, ValueError) as error:
        parser.error(f"{options.table}: is no table of HAWQ-V3's: {error!r}")
    options.out.write_text(json.dumps(instance) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
