"""Synthetic stores, written through the real classes, with scores that tests choose."""

import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

from heurigym.agents.trajectory import Attempt, Cell, Status, Trajectory, select
from heurigym.campaigns.manifest import Manifest
from heurigym.campaigns.spec import CampaignSpec
from heurigym.campaigns.store import Store
from heurigym.execution.judging import InstanceRun, Judging, sha256
from heurigym.models.protocol import Finish, Message, Reply, Request, Usage
from heurigym.problems.outcome import Outcome
from heurigym.scoring.quality import quality, quality_uncapped
from heurigym.scoring.summary import summarise

EXPERT = 100.0

Objective = float | Outcome | None
"""An objective, or an outcome that is not feasible."""

Objectives = Callable[[Cell, int, str, str], Objective]
"""What an attempt gets: from cell, number of the attempt, split and name of the instance."""


def skilled(skills: dict[str, float]) -> Objectives:
    """Objectives of models by skill, 0 to 1; later attempts are better; some runs are infeasible or crash."""

    def objective(cell: Cell, attempt: int, split: str, instance: str) -> Objective:
        generator = random.Random(f"{cell}/{attempt}/{split}/{instance}")
        skill = min(1.0, skills[cell.model] + 0.05 * attempt)
        if generator.random() > skill + 0.2:
            return generator.choice((Outcome.INFEASIBLE, Outcome.CRASHED, Outcome.TIMED_OUT, Outcome.MALFORMED))
        return EXPERT * (0.97 + generator.expovariate(2.0 / (1.2 - skill)))

    return objective


def make_store(
    folder: Path,
    *,
    models: Sequence[str] = ("lab/alpha", "lab/beta"),
    problems: Sequence[str] = ("packing", "routing"),
    iterations: int = 3,
    samples: int = 1,
    instances: int = 8,
    objectives: Objectives | None = None,
    evaluate: str = "all",
    official: bool = True,
    digests: dict[str, str] | None = None,
    created_at: str = "2026-11-01T00:00:00Z",
    name: str = "synthetic",
    program: Callable[[Cell, int], str | None] | None = None,
    reply_text: Callable[[str | None], str] | None = None,
    change: Callable[[Trajectory], Trajectory | None] | None = None,
) -> Store:
    """A store with a finished trajectory for each cell; ``change`` may make something else of it or drop it."""
    spec = CampaignSpec(
        name=name,
        models=tuple(models),
        problems=tuple(problems),
        iterations=iterations,
        samples=samples,
        evaluate=evaluate,
    )
    digests = {problem: f"{problem}-digest" for problem in problems} | (digests or {})
    manifest = Manifest(
        heurigym="0.1.0",
        python="3.11.7",
        packages={"numpy": "2.4.6"},
        system="Linux 6.1",
        machine="Synthetic CPU",
        cores=2,
        memory_mb=1024,
        problems=digests,
        eval_instances={problem: _names("eval", instances) for problem in problems},
        sandbox={"name": "bubblewrap", "official": official, "python": "3.11.7", "packages": {}, "flags": []},
        created_at=created_at,
    )
    store = Store.create(folder, spec, manifest)
    chosen = objectives or skilled({model: 0.3 + 0.5 * index / len(models) for index, model in enumerate(models)})
    for cell in spec.cells():
        trajectory: Trajectory | None = make_trajectory(
            cell,
            chosen,
            iterations=iterations,
            instances=instances,
            evaluate=evaluate,
            official=official,
            digest=digests[cell.problem],
            program=program or (lambda cell, number: f"def solve(a, b):\n    return {number}\n"),
            reply_text=reply_text or (lambda source: f"Here it is.\n\n```python\n{source}```\n"),
        )
        if change is not None:
            trajectory = change(trajectory)
        if trajectory is not None:
            store.save(trajectory)
    return store


def make_trajectory(
    cell: Cell,
    objectives: Objectives,
    *,
    iterations: int = 3,
    instances: int = 8,
    evaluate: str = "all",
    official: bool = True,
    digest: str = "digest",
    program: Callable[[Cell, int], str | None],
    reply_text: Callable[[str | None], str],
) -> Trajectory:
    """A finished trajectory."""
    trajectory = Trajectory(
        cell=cell,
        key="key",
        problem_digest=digest,
        seed=0,
        is_script=cell.model.startswith("scripted/"),
        official=official,
        status=Status.FINISHED,
    )
    messages = [Message(role="user", content=f"Solve {cell.problem}.")]
    for number in range(iterations):
        source = program(cell, number)
        text = reply_text(source)
        demo, evaluated = (
            _judge(cell, number, split, count, source, objectives)
            for split, count in (("demo", 3), ("eval", instances))
        )
        trajectory.attempts.append(
            Attempt(
                number=number,
                prompt=trajectory.store_prompt(Request(system="You write heuristics.", messages=tuple(messages))),
                reply=Reply(
                    text=text,
                    finish=Finish.STOP,
                    usage=Usage(input_tokens=1000 * (number + 1), output_tokens=500),
                    latency_s=2.5,
                    cost_usd=Decimal("0.01") * (len(cell.model) % 7 + 1),
                ),
                program=source,
                program_sha256=None if source is None else sha256(source),
                demo=demo,
                eval=evaluated,
                started_at=f"2026-11-01T00:00:{number:02}Z",
            )
        )
        messages += [
            Message(role="assistant", content=text),
            Message(role="user", content=f"Feedback after attempt {number}."),
        ]
    trajectory.selected = select(trajectory.attempts)
    if evaluate == "selected":
        trajectory.attempts = [
            each if each.number == trajectory.selected else each.model_copy(update={"eval": None})
            for each in trajectory.attempts
        ]
    return trajectory


def _judge(
    cell: Cell, number: int, split: str, count: int, source: str | None, objectives: Objectives
) -> Judging | None:
    if source is None:
        return None
    runs = tuple(_run(name, objectives(cell, number, split, name)) for name in _names(split, count))
    return Judging(
        problem=cell.problem,
        program_sha256=sha256(source),
        split=split,
        sandbox="bubblewrap",
        summary=summarise([run.score for run in runs]),
        runs=runs,
    )


def _names(split: str, count: int) -> tuple[str, ...]:
    return tuple(f"{split}_{index:02}" for index in range(count))


def _run(instance: str, objective: Objective) -> InstanceRun:
    if objective is None or isinstance(objective, Outcome):
        outcome = objective or Outcome.NO_OUTPUT
        return InstanceRun(
            instance=instance,
            outcome=outcome,
            stage=outcome.stage,
            baseline=EXPERT,
            message=f"the program ended as {outcome}",
            wall_s=0.2,
        )
    return InstanceRun(
        instance=instance,
        outcome=Outcome.FEASIBLE,
        stage=3,
        objective=objective,
        baseline=EXPERT,
        quality=quality(objective, EXPERT, "minimize"),
        quality_uncapped=quality_uncapped(objective, EXPERT, "minimize"),
        wall_s=0.5,
        cpu_s=0.4,
        peak_memory_mb=30.0,
    )
