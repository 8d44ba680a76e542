"""Judging: a program runs on instances in a sandbox, and every solution is verified. All goes through here."""

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from heurigym.execution.leases import CoreLeases
from heurigym.execution.sandbox import Execution, Job, Sandbox
from heurigym.problems.instances import Instance
from heurigym.problems.outcome import Outcome
from heurigym.problems.problem import Problem
from heurigym.problems.spec import BaselineRecord, Limits
from heurigym.problems.verdict import shorten
from heurigym.problems.verification import VerificationFailed, Verifiers
from heurigym.scoring.quality import quality, quality_uncapped
from heurigym.scoring.summary import Score, Summary, summarise

_TRIES = 3
"""Executions that end in a harness error are tried this often before they are reported as unscored."""

_EXCERPT = 4000
"""Characters of standard error that are kept with a run."""


class JudgingStopped(Exception):
    """The judge was told to stop before everything was judged."""


class InstanceRun(BaseModel):
    """One execution and its verdict."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instance: str = Field(description="name of the instance")
    outcome: Outcome = Field(description="how it ended")
    stage: int = Field(description="last stage passed, 0 to 3")
    objective: int | float | None = Field(None, description="objective of a feasible solution")
    baseline: int | float | None = Field(None, description="the expert's objective, where known")
    quality: float | None = Field(None, description="quality against the expert, for a feasible solution")
    quality_uncapped: float | None = Field(None, description="the same without the cap at 1")
    message: str = Field("", description="the verifier's message, or how the program ended")
    stderr: str = Field("", description="end of the program's standard error")
    wall_s: float = Field(0.0, description="seconds from the start of the program's own code")
    charged_s: float = Field(0.0, description="seconds charged against the limit")
    cpu_s: float = Field(0.0, description="CPU time of all its processes")
    peak_memory_mb: float | None = Field(None, description="highest memory of all its processes, MiB")
    cores: tuple[int, ...] = Field((), description="cores it had")
    disturbance: float = Field(0.0, description="share of the wall time in which others held its cores")
    flags: tuple[str, ...] = Field((), description="ways in which this execution was less strict than it should be")

    @property
    def score(self) -> Score:
        """What the run is worth."""
        return Score(self.outcome, self.quality, self.quality_uncapped)


class Judging(BaseModel):
    """A program judged on the instances of one split; also the file that ``heurigym judge --json`` writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    problem: str = Field(description="name of the problem")
    program_sha256: str = Field(description="SHA-256 of the program's source")
    split: str = Field(description="demo, eval, or the folder that the instances came from")
    sandbox: str = Field(description="the backend that ran it")
    summary: Summary = Field(description="scores over the instances")
    runs: tuple[InstanceRun, ...] = Field(description="one for each instance, by name")


class Judge:
    """Judges programs; may be used from several threads at once, and must be closed.

    Attributes:
        sandbox: where programs run.
        verifiers: what verifies their solutions.
    """

    def __init__(self, sandbox: Sandbox, workers: int | None = None) -> None:
        self.sandbox = sandbox
        self._leases = CoreLeases()
        self._backend = sandbox.describe().name
        # One more worker than there are cores: a solution is verified while the next program runs.
        workers = workers or self._leases.total + 1
        self.verifiers = Verifiers(idle=workers)
        self._stopped = threading.Event()
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="judge")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def stop(self) -> None:
        """End what runs and start nothing more; judgings under way raise :class:`JudgingStopped`."""
        self._stopped.set()
        self.sandbox.close()
        self.verifiers.close()

    def close(self) -> None:
        """Stop, and wait until nothing is left."""
        self.stop()
        self._workers.shutdown(wait=True, cancel_futures=True)

    def judge(
        self,
        problem: Problem,
        program: str,
        instances: Sequence[Instance],
        *,
        split: str,
        baselines: Mapping[str, BaselineRecord] | None = None,
        limits: Limits | None = None,
        on_run: Callable[[InstanceRun], None] | None = None,
    ) -> Judging:
        """Run ``program`` on every instance and verify what it wrote.

        Args:
            problem: the problem that the program solves.
            program: its source.
            instances: what it runs on.
            split: what the instances are called in the result.
            baselines: expert values by instance name; those of the problem unless given.
            limits: those of the problem unless given.
            on_run: called with every run as it ends, from any thread.

        Raises:
            InputError: an instance is missing or corrupt.
            JudgingStopped: the judge was stopped meanwhile.
        """
        experts = problem.baselines if baselines is None else baselines

        def work(instance: Instance) -> InstanceRun:
            run = self._run(problem, program, instance, experts.get(instance.name), limits or problem.spec.limits)
            if on_run is not None:
                on_run(run)
            return run

        runs = tuple(self._workers.map(work, instances))
        return Judging(
            problem=problem.name,
            program_sha256=sha256(program),
            split=split,
            sandbox=self._backend,
            summary=summarise([run.score for run in runs], graded=bool(experts)),
            runs=runs,
        )

    def _run(
        self, problem: Problem, program: str, instance: Instance, expert: BaselineRecord | None, limits: Limits
    ) -> InstanceRun:
        for _ in range(_TRIES):
            self._go_on()
            try:
                run = self._try(problem, program, instance, expert, limits)
            except OSError:
                self._go_on()
                raise
            if run.outcome is not Outcome.HARNESS_ERROR:
                return run
        self._go_on()
        return run

    def _go_on(self) -> None:
        if self._stopped.is_set():
            raise JudgingStopped

    def _try(
        self, problem: Problem, program: str, instance: Instance, expert: BaselineRecord | None, limits: Limits
    ) -> InstanceRun:
        entry = problem.spec.entry
        job = Job(
            program=program.encode("utf-8", "surrogatepass"),
            inputs=tuple(
                (f"instance{file.extension}", content)
                for file, content in zip(entry.inputs, instance.read(), strict=True)
            ),
            solution_name=f"solution{entry.solution.extension}",
            limits=limits,
        )
        with self._leases.lease(limits.cores) as cores:
            execution = self.sandbox.run(job, cores)
        if execution.outcome is not None or execution.solution is None:
            return _record(instance, execution.outcome or Outcome.NO_OUTPUT, execution.message, execution, expert)
        try:
            verdict = self.verifiers.verify(problem, instance, execution.solution)
        except VerificationFailed as failure:
            return _record(instance, Outcome.HARNESS_ERROR, str(failure), execution, expert)
        run = _record(instance, verdict.outcome, verdict.message, execution, expert)
        number = verdict.number
        if number is None:
            return run
        if expert is None:
            return run.model_copy(update={"objective": number})
        direction = problem.spec.objective.direction
        return run.model_copy(
            update={
                "objective": number,
                "quality": quality(number, expert.objective, direction),
                "quality_uncapped": quality_uncapped(number, expert.objective, direction),
            }
        )


def sha256(program: str) -> str:
    """The SHA-256 of a program's source, in hexadecimal."""
    return hashlib.sha256(program.encode("utf-8", "surrogatepass")).hexdigest()


def _record(
    instance: Instance, outcome: Outcome, message: str, execution: Execution, expert: BaselineRecord | None
) -> InstanceRun:
    return InstanceRun(
        instance=instance.name,
        outcome=outcome,
        stage=outcome.stage,
        baseline=None if expert is None else expert.objective,
        message=shorten(message),
        stderr=execution.stderr[-_EXCERPT:],
        wall_s=round(execution.wall_s, 4),
        charged_s=round(execution.charged_s, 4),
        cpu_s=round(execution.cpu_s, 4),
        peak_memory_mb=None if execution.peak_memory_mb is None else round(execution.peak_memory_mb, 1),
        cores=execution.cores,
        disturbance=round(execution.disturbance, 4),
        flags=execution.flags,
    )
