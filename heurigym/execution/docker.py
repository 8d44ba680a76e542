"""The sandbox of single-use containers, on a Docker Engine."""

import platform
from dataclasses import replace

from heurigym.errors import InputError
from heurigym.execution.docker_container import Container, Shape
from heurigym.execution.docker_engine import Engine
from heurigym.execution.docker_image import ensure_image
from heurigym.execution.docker_pool import ContainerPool
from heurigym.execution.guest_server import GuestError
from heurigym.execution.leases import physical_cores
from heurigym.execution.sandbox import Execution, Job, SandboxInfo
from heurigym.problems.outcome import Outcome
from heurigym.problems.spec import Limits

_MOST_READY = 8


class DockerSandbox:
    """Runs each program in a container of its own. See ``docs/docker.md`` for what isolates what.

    Attributes:
        label: value of the label ``heurigym.harness`` on each container and volume that this makes.
    """

    def __init__(self, *, warm: bool = True) -> None:
        """Build the image if need be, and start a first container.

        Args:
            warm: prepare containers ahead of need; otherwise each execution waits for its own.

        Raises:
            InputError: there is no engine, or it cannot run what is needed; the message names the fix.
        """
        self._warm = warm
        self._engine = Engine()
        self.label = self._engine.label
        try:
            self._engine.sweep()
            self._image = ensure_image(self._engine)
            self._facts = self._engine.client.info()
            self._version: str = self._engine.client.version()["Version"]
            self._cores = physical_cores()
            size = min(_MOST_READY, len(self._cores)) + 1 if warm else 0
            self._pool = ContainerPool(self._make, size=size, makers=max(1, len(self._cores) // 2))
        except BaseException:
            self._engine.close()
            raise
        try:
            self._greet()
        except BaseException:
            self.close()
            raise

    def describe(self) -> SandboxInfo:
        """What programs run with here."""
        return SandboxInfo(
            name="docker",
            official=True,
            python=self._python,
            packages=self._packages,
            details={
                "mode": "warm" if self._warm else "cold",
                "image": self._image,
                "engine": self._version,
                "runtime": self._facts["DefaultRuntime"],
                "cgroups": f"v{self._facts.get('CgroupVersion', '1')}",
                "user": "one uid for each container",
            },
            flags=self._flags,
        )

    def run(self, job: Job, cores: tuple[int, ...]) -> Execution:
        """Run ``job`` on ``cores``, and return when nothing runs of it any more."""
        try:
            container = self._pool.take(Shape.of(job.limits))
        except (GuestError, RuntimeError) as error:
            return Execution(Outcome.HARNESS_ERROR, message=str(error), cores=cores, flags=self._flags)
        try:
            execution = container.run(job, cores)
        except (GuestError, OSError) as error:
            report = container.report()
            message = f"{error} ({report})" if report else str(error)
            execution = Execution(Outcome.HARNESS_ERROR, message=message, cores=cores)
        finally:
            self._pool.discard(container)
        return replace(execution, flags=(*self._flags, *execution.flags))

    def close(self) -> None:
        """Remove all containers and volumes."""
        self._pool.close()
        self._engine.close()

    @property
    def _flags(self) -> tuple[str, ...]:
        flags = []
        if not self._facts.get("MemoryLimit", True):
            flags.append("no_group_memory_limit")
        if not self._facts.get("PidsLimit", True):
            flags.append("no_process_limit")
        return tuple(flags)

    def _make(self, shape: Shape) -> Container:
        return Container(self._engine, self._image, shape, self._cores)

    def _greet(self) -> None:
        try:
            container = self._pool.take(Shape.of(Limits()))
        except GuestError as error:
            raise InputError(
                f"docker cannot isolate programs here ({error}); run: heurigym sandbox doctor"
            ) from None
        self._python, self._packages = container.python, container.packages
        self._pool.discard(container)
        ours = ".".join(platform.python_version_tuple()[:2])
        theirs = ".".join(self._python.split(".")[:2])
        if ours != theirs:
            raise InputError(
                f"the image has Python {theirs}, but other sandboxes here run programs with {ours}; "
                "build it from another base: heurigym sandbox image --base IMAGE"
            )
