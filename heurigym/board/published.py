"""Reads result files of the public HeuriGym (cornell-zhang/heurigym, folder ``results`` of its web page).

What it says is shown as published, not verified. Three kinds of CSV are read, told apart by their columns:

- ``Model,Weighted_Yield,Weighted_Quality,Weighted_QYI,Cost`` (``overall_qyi_t*.csv``);
- ``Model,solve@10 stage3,...`` (``solve_metrics_summary.csv``), joined to the others by model;
- ``Model,Problem,QYI`` with optional ``Yield`` and ``Quality`` (``per_problem_qyi.csv``): a line for each problem;
  means are computed here, with the paper's weights.

Its files hold the geometric quality, which its code computes. A table by problem of whoever computed the arithmetic
one, which its paper defines, names that column ``Quality_Arithmetic``.
"""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from heurigym.errors import InputError

PAPER_WEIGHTS: Mapping[str, int] = {
    "operator_scheduling": 24,
    "technology_mapping": 31,
    "global_routing": 24,
    "egraph_extraction": 23,
    "intra_op_parallel": 28,
    "protein_sequence_design": 24,
    "pedigree": 20,
    "crew_pairing": 14,
    "pickup_delivery_time_windows": 30,
}
"""Instances of each problem, by which the public HeuriGym weighs its means (arXiv 2506.07972)."""

_SOLVE = {
    f"solve_{name}@{budget}": f"solve@{budget} stage{stage}"
    for stage, name in ((1, "I"), (2, "II"), (3, "III"))
    for budget in (1, 5, 10)
}


class PublishedRow(BaseModel):
    """One model as somebody else published it."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    published: bool = Field(True, description="always true: nobody here has verified it")
    source: str = Field(description="name of the file")
    model: str = Field(description="what the publisher calls the model")
    qyi: float | None = Field(description="mean over problems of QYI, weighted by instances")
    yield_: float | None = Field(alias="yield", description="mean over problems of yield, weighted by instances")
    qyi_unweighted: float | None = Field(None, description="mean over problems of QYI, each counting the same")
    yield_unweighted: float | None = Field(None, description="mean over problems of yield, each counting the same")
    quality_arithmetic: float | None = Field(
        None, description="mean over problems of the arithmetic mean quality, as the paper defines it"
    )
    quality_geometric: float | None = Field(
        None, description="mean over problems of the geometric mean quality, as the public code computes it"
    )
    quality_arithmetic_unweighted: float | None = Field(
        None, description="the arithmetic quality, each problem counting the same"
    )
    quality_geometric_unweighted: float | None = Field(
        None, description="the geometric quality, each problem counting the same"
    )
    cost: float | None = Field(None, description="US dollars")
    solve: dict[str, float] = Field(default_factory=dict, description="solve_s@i by name")


def read_published(paths: Sequence[Path]) -> list[PublishedRow]:
    """The rows of several result files, solve metrics joined by model.

    Raises:
        InputError: a file cannot be read, is of no known kind, or holds something that is not a number from 0 to 1.
    """
    tables = [(path, *_read(path)) for path in paths]
    solve: dict[str, dict[str, float]] = {}
    rows: list[PublishedRow] = []
    for path, columns, lines in tables:
        if "solve@1 stage3" in columns:
            for line in lines:
                solve[line["Model"]] = {
                    name: share(path, line, column) for name, column in _SOLVE.items() if column in columns
                }
        elif "Weighted_QYI" in columns:
            rows += [_overall(path, line) for line in lines]
        elif {"Problem", "QYI"} <= columns:
            rows += _by_problem(path, columns, lines)
        else:
            raise InputError(
                f"{path}: columns: expected Weighted_QYI, or Problem and QYI, or 'solve@1 stage3'; this is no "
                "result file of the public HeuriGym"
            )
    return [row.model_copy(update={"solve": solve.get(row.model, {})}) for row in rows]


def weighted_mean(values: Mapping[str, float], weights: Mapping[str, float] = PAPER_WEIGHTS) -> float:
    """The mean of ``values`` by problem, weighted; a problem that has no value counts as 0, as it does there."""
    return sum(weight * values.get(problem, 0.0) for problem, weight in weights.items()) / sum(weights.values())


def share(path: Path, line: Mapping[str, str], column: str) -> float:
    """A number from 0 to 1 in ``column``.

    Raises:
        InputError: it is not one.
    """
    value = _number(path, line, column)
    if not 0 <= value <= 1:
        raise InputError(f"{path}: {column} of {line['Model']!r}: must be from 0 to 1, not {value}")
    return value


def _overall(path: Path, line: Mapping[str, str]) -> PublishedRow:
    return PublishedRow(
        source=path.name,
        model=line["Model"],
        qyi=share(path, line, "Weighted_QYI"),
        yield_=share(path, line, "Weighted_Yield"),
        quality_geometric=share(path, line, "Weighted_Quality"),
        cost=_number(path, line, "Cost") if line.get("Cost") else None,
    )


def _by_problem(path: Path, columns: Iterable[str], lines: Sequence[Mapping[str, str]]) -> list[PublishedRow]:
    by_model: dict[str, dict[str, Mapping[str, str]]] = {}
    for line in lines:
        if line["Problem"] not in PAPER_WEIGHTS:
            known = ", ".join(PAPER_WEIGHTS)
            raise InputError(f"{path}: Problem: {line['Problem']!r} is not one of {known}")
        if line["Problem"] in by_model.setdefault(line["Model"], {}):
            raise InputError(f"{path}: {line['Model']!r} has {line['Problem']!r} twice; give each once")
        by_model[line["Model"]][line["Problem"]] = line

    def mean(
        problems: Mapping[str, Mapping[str, str]], column: str, weights: Mapping[str, float] = PAPER_WEIGHTS
    ) -> float | None:
        if column not in columns:
            return None
        return weighted_mean({problem: share(path, line, column) for problem, line in problems.items()}, weights)

    equal = dict.fromkeys(PAPER_WEIGHTS, 1.0)

    return [
        PublishedRow(
            source=path.name,
            model=model,
            qyi=mean(problems, "QYI"),
            qyi_unweighted=mean(problems, "QYI", equal),
            yield_=mean(problems, "Yield"),
            yield_unweighted=mean(problems, "Yield", equal),
            quality_geometric=mean(problems, "Quality"),
            quality_geometric_unweighted=mean(problems, "Quality", equal),
            quality_arithmetic=mean(problems, "Quality_Arithmetic"),
            quality_arithmetic_unweighted=mean(problems, "Quality_Arithmetic", equal),
        )
        for model, problems in by_model.items()
    ]


def _read(path: Path) -> tuple[set[str], list[dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="", restkey="")
            columns = set(reader.fieldnames or ())
            lines = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
    if "Model" not in columns:
        raise InputError(
            f"{path}: columns: there is no Model column; this is no result file of the public HeuriGym"
        )
    return columns, lines


def _number(path: Path, line: Mapping[str, str], column: str) -> float:
    try:
        value = float(line.get(column, ""))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{path}: {column} of {line['Model']!r}: must be a number, not {line.get(column, '')!r}")
    return value
