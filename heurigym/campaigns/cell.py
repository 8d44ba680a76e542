"""Running one cell: from where its trajectory stands to its end, stored after every step."""

import asyncio
import datetime
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from heurigym.agents.registry import open_strategy
from heurigym.agents.rescoring import rescore
from heurigym.agents.strategy import Guest, Plan, Situation, Strategy
from heurigym.agents.trajectory import Attempt, Cell, Status, Trajectory, select
from heurigym.campaigns.events import Progress, Watcher
from heurigym.campaigns.spec import CampaignSpec
from heurigym.campaigns.store import Store
from heurigym.errors import InputError
from heurigym.execution.judging import InstanceRun, Judge, Judging, sha256
from heurigym.execution.sandbox import SandboxInfo
from heurigym.models.gateway import Gateway, Wallet
from heurigym.models.protocol import CallContext, ModelError
from heurigym.problems.instances import Instance, Split
from heurigym.problems.outcome import Outcome
from heurigym.problems.problem import Problem
from heurigym.problems.verdict import shorten


@dataclass(frozen=True)
class Resources:
    """What all cells of a campaign share.

    Attributes:
        store: where trajectories are kept.
        gateway: how models are called.
        judge: where programs run.
        problems: the problems by name.
        watcher: who is told.
    """

    store: Store
    gateway: Gateway
    judge: Judge
    problems: dict[str, Problem]
    watcher: Watcher

    @property
    def spec(self) -> CampaignSpec:
        """The campaign."""
        return self.store.campaign.spec


def begin(cell: Cell, resources: Resources) -> Trajectory:
    """The stored trajectory of ``cell``, scored against the expert values of the day, or a new one.

    Raises:
        InputError: what is stored was made under other conditions, such as another version of the problem.
    """
    spec = resources.spec
    problem = resources.problems[cell.problem]
    info = resources.judge.sandbox.describe()
    key = cell_key(cell, spec, problem, info)
    stored = resources.store.load(cell)
    if stored is None:
        return Trajectory(
            cell=cell,
            key=key,
            problem_digest=problem.digest,
            seed=cell_seed(cell, spec.seed),
            is_script=resources.gateway.is_script(cell.model),
            official=info.official,
        )
    if stored.key != key:
        cause = "its problem" if stored.problem_digest != problem.digest else "the sandbox's libraries"
        raise InputError(
            f"{resources.store.path(cell)}: cannot be continued: {cause} changed since; "
            f"start a new campaign, or judge its programs again with `heurigym rejudge {resources.store.folder}`"
        )
    return rescore(stored, problem.experts, problem.spec.objective.direction)


def cell_key(cell: Cell, spec: CampaignSpec, problem: Problem, sandbox: SandboxInfo) -> str:
    """The hash of everything that decides what the attempts of a cell mean, and of nothing else.

    The number of iterations, budgets, addresses and the backend are not in it: a campaign that changes only those
    goes on with what it has.
    """
    meaning = {
        "cell": cell.model_dump(),
        "problem": problem.digest,
        "python": sandbox.python.rpartition(".")[0],
        "packages": dict(sandbox.packages),
        "strategy": spec.strategy(cell.strategy).model_dump(),
        "seed": spec.seed,
        "temperature": spec.temperature,
        "max_output_tokens": spec.max_output_tokens,
    }
    return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()


async def run_cell(cell: Cell, resources: Resources) -> Trajectory:
    """Run ``cell`` to its end, taking up whatever is stored of it.

    Raises:
        InputError: what is stored cannot be continued.
        OSError: the store cannot be written.
    """
    trajectory = begin(cell, resources)
    if trajectory.status is Status.FINISHED:
        return trajectory
    trajectory.status, trajectory.error = Status.RUNNING, None
    resources.watcher.cell_started(cell, trajectory)
    run = _CellRun(trajectory, resources)
    try:
        await run.attempts()
        trajectory.selected = select(trajectory.attempts)
        await run.evaluate()
        trajectory.status = Status.FINISHED
    except ModelError as error:
        trajectory.status, trajectory.error = Status.FAILED, str(error)
        trajectory.lost_cost_usd += error.cost_usd
    except _Unscored as error:
        trajectory.status, trajectory.error = Status.FAILED, str(error)
    resources.store.save(trajectory)
    resources.watcher.cell_ended(cell, trajectory)
    return trajectory


class _Unscored(Exception):
    """The harness failed on an instance, so that a program cannot be scored now."""


class _CellRun:
    """The work on one cell; also the workbench of its strategy."""

    def __init__(self, trajectory: Trajectory, resources: Resources) -> None:
        spec = resources.spec
        cell = trajectory.cell
        self._trajectory = trajectory
        self._resources = resources
        self._problem = resources.problems[cell.problem]
        self._wallet = Wallet(spec.max_cost_per_cell_usd)
        self._wallet.charge(trajectory.cost_usd)
        chosen = spec.strategy(cell.strategy)
        self._strategy: Strategy = open_strategy(chosen.name, chosen.options)
        info = resources.judge.sandbox.describe()
        self._guest = Guest(info.python, info.packages)

    async def attempts(self) -> None:
        """Make attempts until the strategy is done."""
        attempts = self._trajectory.attempts
        if attempts and not attempts[-1].complete:
            await self._act(attempts[-1])
        while (plan := self._strategy.plan(self._situation())) is not None:
            await self._act(await self._call(plan))

    async def evaluate(self) -> None:
        """Judge programs on the eval split, equal programs once."""
        everything = self._resources.spec.evaluate == "all"
        for attempt in self._trajectory.attempts:
            wanted = everything or attempt.number == self._trajectory.selected
            if attempt.program is None or attempt.eval is not None or not wanted:
                continue
            attempt.eval = self._known(attempt) or await self._judge(attempt.program, "eval", attempt.number)
            self._resources.store.save(self._trajectory)

    async def judge(self, program: str) -> Judging:
        """Judge a program on the demo split, for the strategy."""
        return await self._judge(program, "demo", self._trajectory.attempts[-1].number)

    async def _call(self, plan: Plan) -> Attempt:
        trajectory, resources = self._trajectory, self._resources
        number = len(trajectory.attempts)
        resources.watcher.calling(trajectory.cell, number)
        started = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        context = CallContext(
            problem=self._problem.name,
            problem_folder=self._problem.folder,
            strategy=trajectory.cell.strategy,
            sample=trajectory.cell.sample,
            attempt=number,
        )
        reply = await resources.gateway.complete(trajectory.cell.model, plan.request, context, self._wallet)
        attempt = Attempt(
            number=number,
            prompt=trajectory.store_prompt(plan.request),
            parents=plan.parents,
            reply=reply,
            started_at=started,
        )
        trajectory.attempts.append(attempt)
        resources.store.save(trajectory)
        return attempt

    async def _act(self, attempt: Attempt) -> None:
        if attempt.reply is not None and attempt.reply.usable:
            action = await self._strategy.act(self._situation(), attempt.reply, self)
            attempt.program, attempt.demo, attempt.tools = action.program, action.demo, action.tools
            attempt.program_sha256 = None if action.program is None else sha256(action.program)
        attempt.complete = True
        self._resources.store.save(self._trajectory)
        self._resources.watcher.attempt_ended(self._trajectory.cell, attempt, self._trajectory)

    async def _judge(self, program: str, split: Split, number: int) -> Judging:
        instances = self._problem.instances(split)
        counter = _Counter(self._trajectory.cell, number, split, instances, self._resources.watcher)
        judging = await asyncio.to_thread(
            self._resources.judge.judge,
            self._problem,
            program,
            instances,
            split=split,
            on_run=counter,
        )
        failed = [run for run in judging.runs if run.outcome is Outcome.HARNESS_ERROR]
        if failed:
            # Nothing of it is kept: a score over the other instances would not mean what it says.
            raise _Unscored(
                f"the harness could not judge attempt {number} on {len(failed)} of {len(judging.runs)} {split} "
                f"instances ({failed[0].instance}: {shorten(failed[0].message)})"
            )
        return judging

    def _known(self, attempt: Attempt) -> Judging | None:
        same = (other for other in self._trajectory.attempts if other.program_sha256 == attempt.program_sha256)
        return next((other.eval for other in same if other.eval is not None), None)

    def _situation(self) -> Situation:
        spec = self._resources.spec
        trajectory = self._trajectory
        return Situation(
            problem=self._problem,
            guest=self._guest,
            limits=self._problem.spec.limits,
            iterations=spec.iterations,
            seed=trajectory.seed,
            attempts=tuple(trajectory.attempts),
            messages=lambda attempt: trajectory.messages(attempt.prompt),
            temperature=spec.temperature,
            max_output_tokens=spec.max_output_tokens,
        )


class _Counter:
    """Tells the watcher how far a judging is."""

    def __init__(
        self, cell: Cell, number: int, split: Split, instances: Sequence[Instance], watcher: Watcher
    ) -> None:
        self._cell, self._number, self._split, self._watcher = cell, number, split, watcher
        self._total = len(instances)
        self._done = 0
        watcher.judging(cell, number, Progress(split, 0, self._total))

    def __call__(self, run: InstanceRun) -> None:
        self._done += 1
        self._watcher.judging(self._cell, self._number, Progress(self._split, self._done, self._total))


def cell_seed(cell: Cell, seed: int) -> int:
    """The seed of a strategy's choices in ``cell``, of the campaign's seed."""
    return int.from_bytes(hashlib.sha256(f"{seed}\0{cell.model_dump_json()}".encode()).digest()[:6])
