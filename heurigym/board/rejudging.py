"""Scores stored programs again, on instances that nobody has seen."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from heurigym.agents.trajectory import Cell, Status
from heurigym.campaigns.store import Store
from heurigym.errors import InputError
from heurigym.execution.judging import Judge, Judging
from heurigym.problems.instances import find_instances
from heurigym.problems.problem import Problem, find_problem
from heurigym.problems.spec import BaselineFile, parse_json
from heurigym.scoring.summary import Summary


class Rejudged(BaseModel):
    """A stored program on other instances."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cell: Cell = Field(description="which trajectory")
    attempt: int = Field(description="number of the attempt that represents it")
    stored: Summary | None = Field(description="scores on the eval split, as stored")
    fresh: Judging = Field(description="the same program on the other instances")


def rejudge(
    folder: Path,
    judge: Judge,
    instances: Mapping[str, Path],
    *,
    find: Callable[[str], Problem] = find_problem,
) -> Iterator[Rejudged]:
    """The selected program of every finished trajectory, judged on other instances, one at a time.

    Args:
        folder: the store.
        judge: what judges.
        instances: a folder of instances for each problem; a ``baselines.json`` in it gives expert values, without
            which there is no quality and no QYI. Problems without a folder are left out.
        find: where problems are found.

    Raises:
        InputError: the folder is not a store, or instances do not fit their problem.
    """
    store = Store.open(folder)
    unknown = sorted(set(instances) - set(store.campaign.spec.problem_names))
    if unknown:
        known = ", ".join(store.campaign.spec.problem_names)
        raise InputError(f"{folder}: has no problem {unknown[0]!r}; it has {known}")
    found = {}
    for name, where in instances.items():
        problem = find(name)
        file = where / "baselines.json"
        experts = parse_json(file, BaselineFile).instances if file.exists() else {}
        found[name] = (problem, find_instances(where, problem.spec.entry), experts)
    for trajectory in store.trajectories():
        cell = trajectory.cell
        if cell.problem not in found or trajectory.status is not Status.FINISHED:
            continue
        chosen = next((each for each in trajectory.attempts if each.number == trajectory.selected), None)
        if chosen is None or chosen.program is None:
            continue
        problem, fresh, experts = found[cell.problem]
        judging = judge.judge(problem, chosen.program, fresh, split=instances[cell.problem].name, baselines=experts)
        yield Rejudged(
            cell=cell,
            attempt=chosen.number,
            stored=None if chosen.eval is None else chosen.eval.summary,
            fresh=judging,
        )
