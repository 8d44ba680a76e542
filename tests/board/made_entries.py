"""Entries whose judgings come from a real sandbox."""

from decimal import Decimal
from pathlib import Path

from tiny_problem import program

from heurigym.agents.trajectory import Attempt, Status, Trajectory, select
from heurigym.campaigns.manifest import make_manifest
from heurigym.campaigns.spec import CampaignSpec
from heurigym.campaigns.store import Store
from heurigym.execution.judging import Judge, sha256
from heurigym.models.protocol import Finish, Message, Reply, Request, Usage
from heurigym.problems.problem import Problem


def make_entry(folder: Path, judge: Judge, problem: Problem, expressions: tuple[str, ...]) -> Path:
    """A finished campaign of one cell, whose attempts write ``expressions``."""
    spec = CampaignSpec(
        name="tiny",
        models=("lab/alpha",),
        problems=(problem.name,),
        iterations=len(expressions),
        sandbox="bubblewrap",
    )
    manifest = make_manifest([problem], judge.sandbox.describe(), {}, "2026-11-01T00:00:00Z")
    store = Store.create(folder, spec, manifest)
    trajectory = Trajectory(
        cell=next(spec.cells()),
        key="key",
        problem_digest=problem.digest,
        seed=0,
        is_script=False,
        official=True,
        status=Status.FINISHED,
    )
    for number, expression in enumerate(expressions):
        source = program(expression)
        request = Request(
            system="Write heuristics.", messages=(Message(role="user", content=f"Attempt {number}."),)
        )
        trajectory.attempts.append(
            Attempt(
                number=number,
                prompt=trajectory.store_prompt(request),
                reply=Reply(
                    text=f"My program:\n\n```python\n{source}```\n",
                    finish=Finish.STOP,
                    usage=Usage(input_tokens=10, output_tokens=20),
                    cost_usd=Decimal("0.01"),
                ),
                program=source,
                program_sha256=sha256(source),
                demo=judge.judge(problem, source, problem.instances("demo"), split="demo"),
                eval=judge.judge(problem, source, problem.instances("eval"), split="eval"),
            )
        )
    trajectory.selected = select(trajectory.attempts)
    store.save(trajectory)
    return folder
