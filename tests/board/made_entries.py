"""Entries whose judgings come from a real sandbox, and whose prompts a real strategy planned."""

import json
from decimal import Decimal
from pathlib import Path

from tiny_problem import program

from heurigym.agents.registry import open_strategy
from heurigym.agents.strategy import Guest, Situation
from heurigym.agents.trajectory import Attempt, Cell, Status, Trajectory, select
from heurigym.campaigns.cell import cell_key, cell_seed
from heurigym.campaigns.manifest import make_manifest
from heurigym.campaigns.spec import CampaignSpec
from heurigym.campaigns.store import Store
from heurigym.execution.judging import Judge, sha256
from heurigym.models.protocol import Finish, Reply, Usage
from heurigym.problems.problem import Problem


def make_entry(
    folder: Path, judge: Judge, problem: Problem, expressions: tuple[str, ...], *, samples: int = 1
) -> Path:
    """A finished campaign of one model on one problem, whose attempts write ``expressions``."""
    spec = CampaignSpec(
        name="tiny",
        models=("lab/alpha",),
        problems=(problem.name,),
        iterations=len(expressions),
        samples=samples,
        sandbox="bubblewrap",
    )
    manifest = make_manifest([problem], judge.sandbox.describe(), {}, "2026-11-01T00:00:00Z")
    store = Store.create(folder, spec, manifest)
    for cell in spec.cells():
        store.save(_trajectory(cell, spec, judge, problem, expressions))
    return folder


def _trajectory(
    cell: Cell, spec: CampaignSpec, judge: Judge, problem: Problem, expressions: tuple[str, ...]
) -> Trajectory:
    sandbox = judge.sandbox.describe()
    trajectory = Trajectory(
        cell=cell,
        key=cell_key(cell, spec, problem, sandbox),
        problem_digest=problem.digest,
        seed=cell_seed(cell, spec.seed),
        is_script=False,
        official=True,
        status=Status.FINISHED,
    )
    strategy = open_strategy("refine", {})
    for number, expression in enumerate(expressions):
        situation = Situation(
            problem=problem,
            guest=Guest(sandbox.python, sandbox.packages),
            limits=problem.spec.limits,
            iterations=spec.iterations,
            seed=trajectory.seed,
            attempts=tuple(trajectory.attempts),
            messages=lambda attempt: trajectory.messages(attempt.prompt),
            max_output_tokens=spec.max_output_tokens,
        )
        plan = strategy.plan(situation)
        assert plan is not None
        source = program(expression)
        trajectory.attempts.append(
            Attempt(
                number=number,
                prompt=trajectory.store_prompt(plan.request),
                parents=plan.parents,
                reply=Reply(
                    text=f"My program:\n\n```python\n{source}```\n",
                    finish=Finish.STOP,
                    usage=Usage(input_tokens=10, output_tokens=20),
                    latency_s=1.5 + 0.25 * cell.sample + 0.125 * number,
                    cost_usd=Decimal("0.01"),
                ),
                program=source,
                program_sha256=sha256(source),
                demo=judge.judge(problem, source, problem.instances("demo"), split="demo"),
                eval=judge.judge(problem, source, problem.instances("eval"), split="eval"),
                complete=True,
            )
        )
    trajectory.selected = select(trajectory.attempts)
    return trajectory


def stored(entry: Path, sample: int = 0) -> Path:
    """The file of a trajectory."""
    return next((entry / "trajectories").rglob(f"{sample}.json"))


def doctor(entry: Path, change, sample: int = 0) -> None:
    """Change the content of a trajectory."""
    path = stored(entry, sample)
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def doctor_campaign(entry: Path, change) -> None:
    """Change the specification and the manifest."""
    path = entry / "campaign.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
