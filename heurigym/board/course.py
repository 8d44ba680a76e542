"""Whether the attempts of a trajectory are the ones that its campaign leads to.

A strategy plans each call from what happened before, and is a pure function of it. So every stored prompt, and the
number of attempts, can be derived anew. Attempts that were removed, doubled, renumbered or reordered, feedback that
was changed and hints that were slipped in all give another prompt.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import heurigym
from heurigym.agents.registry import open_strategy
from heurigym.agents.strategy import Guest, Plan, Situation, Strategy
from heurigym.agents.trajectory import Attempt, Cell, Trajectory
from heurigym.board.cleaning import Cleaner
from heurigym.board.differences import Difference, Kind
from heurigym.campaigns.cell import cell_key, cell_seed
from heurigym.campaigns.store import Campaign
from heurigym.errors import InputError
from heurigym.execution.judging import sha256
from heurigym.execution.sandbox import SandboxInfo
from heurigym.models.protocol import Message
from heurigym.problems.problem import Problem

_SCRIPTS = ("scripted/", "replay/")


@dataclass
class Course:
    """Checks the trajectories of one campaign, one after the other.

    Attributes:
        campaign: the campaign.
        sandbox: the sandbox here; where it differs from the campaign's, that is told elsewhere.
    """

    campaign: Campaign
    sandbox: SandboxInfo
    _calls: dict[tuple[object, ...], Cell] = field(default_factory=dict)
    _cleaner: Cleaner = field(default_factory=Cleaner)

    def check(self, trajectory: Trajectory, problem: Problem) -> Iterator[Difference]:
        """Every way in which ``trajectory`` is not one of the campaign's."""
        yield from self._check_identity(trajectory, problem)
        yield from self._check_calls(trajectory)
        yield from self._check_prompts(trajectory, problem)

    def _check_identity(self, trajectory: Trajectory, problem: Problem) -> Iterator[Difference]:
        cell, spec = trajectory.cell, self.campaign.spec
        script = cell.model.startswith(_SCRIPTS)
        if trajectory.is_script != script:
            yield _identity(f"{cell}: is a script", trajectory.is_script, script)
        ladder = {sha256(path.read_text(encoding="utf-8")): path.name for path in problem.ladder}
        for attempt in trajectory.attempts:
            if not script and attempt.program_sha256 in ladder:
                where = f"{cell}, attempt {attempt.number}: who wrote the program"
                yield _identity(where, cell.model, f"the ladder's {ladder[attempt.program_sha256]}")
        if cell.model.startswith("replay/"):
            return  # its name was a path, which packing shortens
        for what, stored, found in (
            ("key", trajectory.key[:12], cell_key(cell, spec, problem, self.sandbox)[:12]),
            ("seed", trajectory.seed, cell_seed(cell, spec.seed)),
        ):
            if stored != found:
                yield _identity(f"{cell}: {what}, which follows from the campaign", stored, found)

    def _check_calls(self, trajectory: Trajectory) -> Iterator[Difference]:
        """No two trajectories consist of the same calls: replies of a model never take equally long twice."""
        if trajectory.is_script:
            return
        calls = tuple(
            (attempt.reply.text, attempt.reply.latency_s)
            for attempt in trajectory.attempts
            if attempt.reply is not None and not attempt.reply.cached
        )
        if calls and (other := self._calls.setdefault(calls, trajectory.cell)) != trajectory.cell:
            yield Difference(kind=Kind.IDENTITY, where=f"{trajectory.cell}: consists of the calls of {other}")

    def _check_prompts(self, trajectory: Trajectory, problem: Problem) -> Iterator[Difference]:
        spec, manifest = self.campaign.spec, self.campaign.manifest
        chosen = spec.strategy(trajectory.cell.strategy)
        try:
            strategy = open_strategy(chosen.name, chosen.options)
        except InputError as error:
            where = f"{trajectory.cell}: prompts"
            yield Difference(kind=Kind.UNVERIFIED, where=where, found=str(error), fatal=False)
            return
        start = Situation(
            problem=problem,
            guest=Guest(str(manifest.sandbox.get("python")), dict(manifest.sandbox.get("packages") or {})),
            limits=problem.spec.limits,
            iterations=spec.iterations,
            seed=trajectory.seed,
            attempts=(),
            messages=lambda attempt: trajectory.messages(attempt.prompt),
            temperature=spec.temperature,
            max_output_tokens=spec.max_output_tokens,
        )
        # Another version may word its prompts differently.
        fatal = manifest.heurigym == heurigym.__version__
        for number, attempt in enumerate([*trajectory.attempts, None]):
            situation = replace(start, attempts=tuple(trajectory.attempts[:number]))
            problem_found = self._prompt(trajectory, attempt, strategy, situation)
            if problem_found:
                where = f"{trajectory.cell}, attempt {number}: {problem_found}"
                yield Difference(kind=Kind.PROMPT, where=where, fatal=fatal)
                return

    def _prompt(
        self, trajectory: Trajectory, attempt: Attempt | None, strategy: Strategy, situation: Situation
    ) -> str:
        """What is wrong with the prompt of ``attempt``, or with there being none, in words."""
        try:
            plan = strategy.plan(situation)
        except Exception as error:
            # What is stored before may be anything, and a strategy expects what a campaign leaves.
            return f"no prompt follows from the attempts before ({type(error).__name__}: {error})"
        if attempt is None:
            return "" if plan is None else "is missing: the strategy goes on"
        if plan is None:
            return "is one too many: the strategy has ended"
        if self._differs(trajectory, attempt, plan):
            return "its prompt is not the one that follows from the attempts before"
        return "" if attempt.parents == plan.parents else "its parents are not those of its prompt"

    def _differs(self, trajectory: Trajectory, attempt: Attempt, plan: Plan) -> bool:
        try:
            system, stored = trajectory.texts[attempt.prompt.system], trajectory.messages(attempt.prompt)
        except IndexError:
            return True
        said = [self._said(message) for message in stored]
        planned = [self._said(message) for message in plan.request.messages]
        return said != planned or self._cleaner.clean(system) != self._cleaner.clean(plan.request.system)

    def _said(self, message: Message) -> tuple[object, ...]:
        """What a turn says. Packing cleans messages of programs and no prompts, so both are compared cleaned."""
        return message.role, self._cleaner.clean(message.content), message.tool_calls, message.tool_call_id


def _identity(where: str, stored: object, found: object) -> Difference:
    return Difference(kind=Kind.IDENTITY, where=where, stored=str(stored), found=str(found))
