"""What a campaign ran with: versions, machine, problems, sandbox."""

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

import heurigym
from heurigym.execution.sandbox import SandboxInfo
from heurigym.problems.problem import Problem

_PACKAGES = (
    "numpy",
    "pandas",
    "pydantic",
    "openai",
    "anthropic",
    "google-genai",
    "genai-prices",
    "docker",
    "tenacity",
)


class Manifest(BaseModel):
    """What a campaign ran with. Nothing in it names a host, a user or a path."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    heurigym: str = Field(description="version of HeuriGym")
    python: str = Field(description="version of the harness's interpreter")
    packages: dict[str, str] = Field(description="versions of the harness's packages")
    system: str = Field(description="operating system and kernel")
    machine: str = Field(description="processor")
    cores: int = Field(description="cores that the harness may use")
    memory_mb: int = Field(description="memory of the machine, MiB")
    problems: dict[str, str] = Field(description="digest of each problem")
    eval_instances: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="names of each problem's eval instances, which every score is over"
    )
    sandbox: dict[str, Any] = Field(description="the sandbox: name, interpreter, packages, details, flags")
    models: dict[str, Any] = Field(default_factory=dict, description="what models were reached with")
    created_at: str = Field(description="when the campaign was made, UTC, ISO 8601")


def make_manifest(
    problems: list[Problem], sandbox: SandboxInfo, models: dict[str, Any], created_at: str
) -> Manifest:
    """The manifest of a campaign that starts here and now."""
    return Manifest(
        heurigym=heurigym.__version__,
        python=platform.python_version(),
        packages={name: version for name in _PACKAGES if (version := _version(name))},
        system=f"{platform.system()} {platform.release()}",
        machine=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_mb=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
        problems={problem.name: problem.digest for problem in problems},
        eval_instances={
            problem.name: tuple(instance.name for instance in problem.instances("eval")) for problem in problems
        },
        sandbox={
            "name": sandbox.name,
            "official": sandbox.official,
            "python": sandbox.python,
            "packages": sandbox.packages,
            "details": sandbox.details,
            "flags": list(sandbox.flags),
        },
        models=models,
        created_at=created_at,
    )


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()
