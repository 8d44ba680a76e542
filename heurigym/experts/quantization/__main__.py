"""``python -m heurigym.experts.quantization``: the networks behind mixed-precision instances.

train       train networks from scratch and store their weights
measure     measure the sensitivities of stored networks
evaluate    quantise a network as a solution says and run it on test data
fidelity    compare proxies of the loss with the truth over random allocations
hutchinson  compare estimated traces with exact ones on the smallest network
fit         fit the distributions from which large instances are drawn
"""

import argparse
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

from heurigym.errors import InputError
from heurigym.experts.quantization import fits, measure, store
from heurigym.experts.quantization.evaluation import evaluate, full_precision
from heurigym.experts.quantization.fidelity import correlations
from heurigym.experts.quantization.hutchinson import compare
from heurigym.experts.quantization.networks import NAMES, network
from heurigym.experts.quantization.solution import read_allocation
from heurigym.experts.quantization.training import train


def _train(arguments: argparse.Namespace) -> None:
    for name in arguments.networks:
        trained = train(network(name))
        path = store.save(trained, arguments.out)
        accuracy, loss = full_precision(trained)
        print(f"{name}: test accuracy {accuracy:.4f}, loss {loss:.4f}, {path}", flush=True)


def _measure(arguments: argparse.Namespace) -> None:
    for name in arguments.networks:
        path = measure.write(measure.measure(store.load(name)), arguments.out)
        print(f"{name}: {path}", flush=True)


def _evaluate(arguments: argparse.Namespace) -> None:
    trained = store.load(arguments.network)
    accuracy, loss = full_precision(trained)
    result = evaluate(trained, [read_allocation(arguments.solution, trained.network)])[0]
    print(f"accuracy         {result.accuracy:.4f}  (full precision {accuracy:.4f})")
    print(f"loss             {result.loss:.6f}  (full precision {loss:.6f})")
    print(f"divergence       {result.divergence:.6f} nats from the outputs in full precision")


def _fidelity(arguments: argparse.Namespace) -> None:
    document = _read(arguments.document)
    print(f"{document['name']}: rank correlations over random allocations")
    for least in (2, 4):
        for row in correlations(store.load(document["name"]), document, least):
            print(
                f"weights of {least} bits or more  {row.proxy:10s}"
                f" divergence {row.divergence:.3f}  loss {row.loss_increase:.3f}  accuracy {row.accuracy_loss:.3f}",
                flush=True,
            )


def _hutchinson(_: argparse.Namespace) -> None:
    for row in compare():
        print(
            f"{row.probes:4d} probes  relative error {row.error:.4f}  standard error {row.standard_error:.4f}"
            f"  {row.seconds:.3f} s of processor time",
            flush=True,
        )


def _fit(arguments: argparse.Namespace) -> None:
    print(json.dumps(dataclasses.asdict(fits.fit([_read(path) for path in arguments.documents])), indent=1))


def _read(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as JSON: give a file that the command measure wrote") from error
    if document.get("schema") != 1:
        raise InputError(
            f"{path}: schema is {document.get('schema')!r}: give a file that the command measure wrote"
        )
    return document


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m heurigym.experts.quantization",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("train")
    command.add_argument("networks", nargs="+", choices=NAMES)
    command.add_argument("--out", type=Path, default=store.FOLDER, help="folder of the weights")
    command.set_defaults(run=_train)
    command = commands.add_parser("measure")
    command.add_argument("networks", nargs="+", choices=NAMES)
    command.add_argument("--out", type=Path, required=True, help="folder of the JSON documents")
    command.set_defaults(run=_measure)
    command = commands.add_parser("evaluate")
    command.add_argument("network", choices=NAMES)
    command.add_argument(
        "solution", type=Path, help="a line for each layer: name, bits of weights, bits of the input"
    )
    command.set_defaults(run=_evaluate)
    command = commands.add_parser("fidelity")
    command.add_argument("document", type=Path, help="JSON document of a network")
    command.set_defaults(run=_fidelity)
    command = commands.add_parser("hutchinson")
    command.set_defaults(run=_hutchinson)
    command = commands.add_parser("fit")
    command.add_argument("documents", type=Path, nargs="+", help="JSON documents of networks")
    command.set_defaults(run=_fit)
    return parser


def main() -> int:
    """Run one command; bad input is one line on stderr and exit status 2."""
    arguments = _parser().parse_args()
    try:
        arguments.run(arguments)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
