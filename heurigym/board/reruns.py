"""Runs a stored program again, and says what comes out differently.

A program must end as stored, with the same objective. Where it does not, it is run again, up to ``tries`` times:

- one of the runs gives what is stored: the program varies from run to run, and this is reported, not held against
  the entry;
- the runs differ from each other, or a time limit is in play: the stored objective must lie within ``tolerance``
  (relative) of the range of the runs, or of a stored or found time-out by less than half the limit;
- the runs agree with each other and not with what is stored: the entry is wrong.

Executions that the harness failed in are scores of nothing: neither the entry nor the check here may hold one.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from heurigym.board.differences import Difference, Kind
from heurigym.execution.judging import InstanceRun, Judge, Judging
from heurigym.problems.instances import Instance, Split
from heurigym.problems.outcome import Outcome
from heurigym.problems.problem import Problem
from heurigym.scoring.summary import summarise

_LIMITED = (Outcome.TIMED_OUT, Outcome.OUT_OF_MEMORY)
_NEAR_LIMIT = 0.5

_REMEMBERED = 64
"""Judgings that are kept for equal programs: samples of scripts repeat them."""


@dataclass
class Reruns:
    """Runs programs again.

    Attributes:
        judge: what runs them.
        tries: runs before a difference is believed.
        tolerance: how far, relatively, a varying objective may lie outside what is found.
        share: share of a split's instances that each program runs on, at least one; 1 for all of them.
        seed: seed of the choice of instances.
        runs: executions that were compared so far.
        differences: what was found so far.
    """

    judge: Judge
    tries: int
    tolerance: float
    share: float = 1.0
    seed: int = 0
    runs: int = 0
    differences: list[Difference] = field(default_factory=list)
    _known: dict[tuple[str, str, str], Judging] = field(default_factory=dict)

    def compare(self, problem: Problem, program: str, split: Split, stored: Judging, where: str) -> Judging:
        """Run ``program`` on a split, and compare every run with what is stored.

        Returns:
            ``stored`` with what was found first in the place of the runs that were compared.
        """
        instances = {instance.name: instance for instance in self._chosen(problem, program, split)}
        first = self._judge(problem, program, split, tuple(instances.values()))
        found = {run.instance: [run] for run in first.runs}
        pairs = [(run, found[run.instance]) for run in stored.runs if run.instance in found]
        self.runs += len(pairs)
        for _ in range(self.tries - 1):
            open_names = {run.instance for run, runs in pairs if not any(_agree(run, each) for each in runs)}
            if not open_names:
                break
            again = self.judge.judge(problem, program, [instances[name] for name in open_names], split=split)
            for run in again.runs:
                found[run.instance].append(run)
        for run, runs in pairs:
            difference = self._difference(run, runs, problem, f"{where}, {run.instance}")
            if difference is not None:
                self.differences.append(difference)
        mixed = tuple(found[run.instance][0] if run.instance in found else run for run in stored.runs)
        return stored.model_copy(update={"runs": mixed, "summary": summarise([run.score for run in mixed])})

    def _chosen(self, problem: Problem, program: str, split: Split) -> Sequence[Instance]:
        instances = problem.instances(split)
        count = max(1, math.ceil(self.share * len(instances)))
        chance = random.Random(f"{self.seed}/{problem.name}/{split}/{program}")
        return sorted(chance.sample(instances, count), key=lambda instance: instance.name)

    def _judge(self, problem: Problem, program: str, split: Split, instances: Sequence[Instance]) -> Judging:
        """The judging of ``program``; equal programs are judged once."""
        key = (problem.name, program, split)
        if key not in self._known:
            if len(self._known) >= _REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[key] = self.judge.judge(problem, program, instances, split=split)
        return self._known[key]

    def _difference(
        self, stored: InstanceRun, found: Sequence[InstanceRun], problem: Problem, where: str
    ) -> Difference | None:
        if _agree(stored, found[0]) and stored.outcome is not Outcome.HARNESS_ERROR:
            return None
        last = found[-1]
        amount = None
        if stored.objective is not None and last.objective is not None:
            amount = float(stored.objective) - float(last.objective)
        kind, fatal = self._judge_difference(stored, found, problem)
        return Difference(
            kind=kind, where=where, stored=_shown(stored), found=_shown(last), amount=amount, fatal=fatal
        )

    def _judge_difference(
        self, stored: InstanceRun, found: Sequence[InstanceRun], problem: Problem
    ) -> tuple[Kind, bool]:
        if Outcome.HARNESS_ERROR in (stored.outcome, *(run.outcome for run in found)):
            return Kind.UNVERIFIED, True
        if any(_agree(stored, run) for run in found):
            return Kind.VARIES, False
        if any(run.outcome is not stored.outcome for run in found):
            near = problem.spec.limits.time_s * _NEAR_LIMIT
            limited = any(run.outcome in _LIMITED for run in (stored, *found))
            close = all(
                run.charged_s >= near for run in (stored, *found) if run.outcome is not Outcome.OUT_OF_MEMORY
            )
            if limited and close:
                return Kind.VARIES, False
            return Kind.VERDICT, True
        values = [float(run.objective) for run in found if run.objective is not None]
        if stored.objective is not None and len(set(values)) > 1:
            slack = self.tolerance * max(abs(value) for value in values)
            if min(values) - slack <= stored.objective <= max(values) + slack:
                return Kind.VARIES, False
        return Kind.OBJECTIVE, True


def _agree(stored: InstanceRun, found: InstanceRun) -> bool:
    return stored.outcome is found.outcome and stored.objective == found.objective


def _shown(run: InstanceRun) -> str:
    return str(run.outcome) if run.objective is None else f"{run.outcome} {run.objective}"
