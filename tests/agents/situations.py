"""Situations of a small problem, made by hand: attempts with programs and what they did."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from heurigym.agents.strategy import Guest, Situation, Strategy
from heurigym.agents.trajectory import Attempt, Cell, StoredPrompt, Trajectory
from heurigym.execution.judging import InstanceRun, Judging, sha256
from heurigym.models.protocol import Finish, Reply
from heurigym.problems.outcome import Outcome
from heurigym.problems.problem import Problem, load_problem
from heurigym.problems.scaffolding import scaffold
from heurigym.scoring.quality import quality, quality_uncapped
from heurigym.scoring.summary import summarise

GUEST = Guest("3.11.7", {"numpy": "2.4.6", "scipy": "1.17.1"})
EXPERT = 60.0
"""The expert's value on every demonstration instance of judgings made here; a model must never read it."""

PROMPT = StoredPrompt(system=0, turns=())
Result = float | Outcome


def subset(folder: Path) -> Problem:
    """The scaffolded problem: maximise a sum; demo instance ``small``, eval instance ``medium``."""
    return load_problem(scaffold("subset", folder))


def judging(results: Mapping[str, Result], program: str = "", *, expert: float | None = EXPERT) -> Judging:
    """A judging on the demo split: objectives of solved instances, outcomes of the others."""
    runs = [_run(name, result, expert) for name, result in results.items()]
    return Judging(
        problem="subset",
        program_sha256=sha256(program),
        split="demo",
        sandbox="by hand",
        summary=summarise([run.score for run in runs], graded=expert is not None),
        runs=tuple(runs),
    )


def _run(name: str, result: Result, expert: float | None) -> InstanceRun:
    if isinstance(result, Outcome):
        return InstanceRun(instance=name, outcome=result, stage=result.stage, baseline=expert, message="no luck")
    known = (
        {}
        if expert is None
        else {
            "quality": quality(result, expert, "maximize"),
            "quality_uncapped": quality_uncapped(result, expert, "maximize"),
        }
    )
    return InstanceRun(
        instance=name, outcome=Outcome.FEASIBLE, stage=3, objective=result, baseline=expert, charged_s=0.1, **known
    )


def attempt(
    number: int,
    *results: Result,
    program: str | None = None,
    text: str = "",
    finish: Finish = Finish.STOP,
    parents: tuple[int, ...] = (),
) -> Attempt:
    """A complete attempt that judged a program with these results on the instances a, b, c, ...

    Without results it held no program.
    """
    source = program if program is not None else f"def solve(a, b):\n    return {number}\n"
    demo = judging({"abcdefgh"[index]: result for index, result in enumerate(results)}, source)
    return Attempt(
        number=number,
        prompt=PROMPT,
        parents=parents,
        reply=Reply(text=text or f"```python\n{source}```", finish=finish),
        program=source if results else None,
        program_sha256=sha256(source) if results else None,
        demo=demo if results else None,
        complete=True,
    )


def situation(
    problem: Problem, attempts: Sequence[Attempt] = (), *, iterations: int = 100, seed: int = 7
) -> Situation:
    """The situation after ``attempts``."""
    trajectory = Trajectory(
        cell=Cell(problem=problem.name, model="scripted/ladder", strategy="x", sample=0),
        key="",
        problem_digest="",
        seed=seed,
        is_script=True,
        official=True,
    )
    return Situation(
        problem=problem,
        guest=GUEST,
        limits=problem.spec.limits,
        iterations=iterations,
        seed=seed,
        attempts=tuple(attempts),
        messages=lambda one: trajectory.messages(one.prompt),
        temperature=0.5,
        max_output_tokens=1234,
    )


def prompt(strategy: Strategy, now: Situation) -> str:
    """All text of the next request."""
    plan = strategy.plan(now)
    assert plan is not None
    return "\n".join([plan.request.system, *(message.content for message in plan.request.messages)])


class Bench:
    """A workbench that answers every program with the judging it is given."""

    def __init__(self, answer: Judging) -> None:
        self._answer = answer
        self.programs: list[str] = []

    async def judge(self, program: str) -> Judging:
        self.programs.append(program)
        return self._answer
