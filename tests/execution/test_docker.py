"""What only the Docker backend has: containers ahead of need, an engine that may be missing, images."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sandboxing import job, open_backend

from heurigym.errors import InputError
from heurigym.execution.docker import DockerSandbox
from heurigym.execution.docker_engine import LABEL, Engine
from heurigym.execution.docker_image import build_image
from heurigym.execution.sandbox import Sandbox
from heurigym.problems.outcome import Outcome
from heurigym.problems.spec import Limits

LIMITS = Limits(time_s=10)
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def docker() -> Iterator[Sandbox]:
    opened = open_backend("docker")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def engine(docker: Sandbox) -> Iterator[Engine]:
    opened = Engine()
    yield opened
    opened.close()


def eventually(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while not (value := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return value


def containers(engine: Engine, label: str) -> list[str]:
    found = engine.api.containers(all=True, filters={"label": f"{LABEL}={label}"})
    return [container["Id"] for container in found]


def inspected(engine: Engine, label: str) -> list[dict[str, Any]]:
    """What the engine says of each container; those that were used are removed at any moment."""
    facts = []
    for container in containers(engine, label):
        with contextlib.suppress(engine.errors.NotFound):
            facts.append(engine.api.inspect_container(container))
    return facts


def test_it_says_what_it_runs_with(docker: Sandbox) -> None:
    info = docker.describe()
    assert (info.name, info.official) == ("docker", True)
    assert info.python.split(".")[:2] == [str(part) for part in sys.version_info[:2]]
    assert info.details["image"] == build_image()
    assert info.details["image"].startswith("sha256:")


def test_both_backends_run_the_same_versions(docker: Sandbox) -> None:
    bubblewrap = open_backend("bubblewrap")
    try:
        assert docker.describe().packages == bubblewrap.describe().packages
        assert docker.describe().python == bubblewrap.describe().python
    finally:
        bubblewrap.close()


def test_containers_have_nothing_that_they_do_not_need(docker: Sandbox, engine: Engine, core: int) -> None:
    assert isinstance(docker, DockerSandbox)
    for _ in range(2):
        assert docker.run(job("open(solution, 'w').close()", limits=LIMITS), (core,)).outcome is None
    facts = eventually(lambda: inspected(engine, docker.label))[0]
    config, limits = facts["Config"], facts["HostConfig"]
    assert limits["NetworkMode"] == "none"
    assert limits["ReadonlyRootfs"] is True
    assert limits["CapDrop"] == ["ALL"] and not limits["CapAdd"]
    assert limits["Privileged"] is False
    assert "no-new-privileges" in limits["SecurityOpt"]
    assert any(option.startswith("seccomp={") for option in limits["SecurityOpt"])
    assert limits["PidsLimit"] == LIMITS.processes + 1
    assert LIMITS.memory_mb << 20 <= limits["Memory"] == limits["MemorySwap"]
    assert limits["LogConfig"]["Type"] == "none"
    assert limits["CpusetCpus"]
    assert limits["Binds"] is None
    assert {"/work", "/tmp", "/out", "/dev/shm"} == set(limits["Tmpfs"])
    assert all("nr_inodes=" in options and "size=" in options for options in limits["Tmpfs"].values())
    assert 0 < int(config["User"].split(":")[0]) < 65_536
    assert config["Hostname"] == "sandbox"
    assert not any("KEY" in variable or "TOKEN" in variable for variable in config["Env"])


def test_a_container_serves_one_execution(docker: Sandbox, core: int) -> None:
    body = "open(solution, 'w').write(next(line for line in open('/proc/self/mountinfo') if ' / / ' in line))"
    one, other = (docker.run(job(body, limits=LIMITS), (core,)) for _ in range(2))
    assert one.solution and other.solution
    assert one.solution != other.solution


def test_cold_gives_the_same_outcomes(docker: Sandbox, core: int) -> None:
    cold = open_backend("docker", warm=False)
    try:
        assert cold.describe().details["mode"] == "cold"
        for body in ("open(solution, 'w').write('x')", "raise SystemExit(3)"):
            one, two = (sandbox.run(job(body, limits=LIMITS), (core,)) for sandbox in (docker, cold))
            assert (one.outcome, one.message, one.solution) == (two.outcome, two.message, two.solution)
    finally:
        cold.close()


def test_a_large_instance_is_not_counted_as_memory_of_the_program(docker: Sandbox, core: int) -> None:
    body = "open(solution, 'w').write(str(len(open(instance).read())))"
    limits = Limits(time_s=10, memory_mb=128)
    done = docker.run(job(body, instance=b"x" * (60 << 20), limits=limits), (core,))
    assert (done.outcome, done.solution) == (None, str(60 << 20).encode()), done.message
    assert done.peak_memory_mb is not None and 50 < done.peak_memory_mb <= 128


def test_files_of_all_folders_together_are_limited(docker: Sandbox, core: int) -> None:
    body = """
    import time
    for folder in ("/work", "/tmp"):
        open(f"{folder}/big", "wb").write(bytes(6 << 20))
    time.sleep(5)
    """
    done = docker.run(job(body, limits=Limits(time_s=10, scratch_mb=8)), (core,))
    assert done.outcome is Outcome.CRASHED
    assert "8 MiB" in done.message
    assert done.wall_s < 4


def test_a_container_that_vanishes_is_a_harness_error(engine: Engine, core: int) -> None:
    opened = open_backend("docker", warm=False)
    assert isinstance(opened, DockerSandbox)
    try:
        with ThreadPoolExecutor(1) as threads:
            running = threads.submit(
                opened.run, job("import time; time.sleep(60)", limits=Limits(time_s=90)), (core,)
            )
            eventually(lambda: running_programs(engine, opened.label))

            def all_are_killed() -> bool:
                for container in containers(engine, opened.label):
                    engine.quietly(engine.api.kill, container)
                return running.done()

            eventually(all_are_killed)
            assert running.result(PATIENCE_S).outcome is Outcome.HARNESS_ERROR
        assert opened.run(job("open(solution, 'w').close()", limits=LIMITS), (core,)).outcome is None
    finally:
        opened.close()


def test_close_ends_what_runs(engine: Engine, core: int) -> None:
    opened = open_backend("docker", warm=False)
    assert isinstance(opened, DockerSandbox)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(opened.run, job("import time; time.sleep(60)", limits=Limits(time_s=90)), (core,))
        eventually(lambda: running_programs(engine, opened.label))
        opened.close()
        assert running.result(PATIENCE_S).outcome is Outcome.HARNESS_ERROR
    eventually(lambda: not containers(engine, opened.label))
    assert opened.run(job("pass", limits=LIMITS), (core,)).outcome is Outcome.HARNESS_ERROR


def running_programs(engine: Engine, label: str) -> bool:
    """Whether a program waits or runs beside its supervisor in one of the containers."""
    for container in containers(engine, label):
        with contextlib.suppress(engine.errors.APIError):
            if len(engine.api.top(container)["Processes"] or ()) > 1:
                return True
    return False


OWNER = """
import sys, time
sys.path.insert(0, {tests!r})
from sandboxing import job, open_backend
from heurigym.problems.spec import Limits
sandbox = open_backend("docker")
print(sandbox.label, flush=True)
sandbox.run(job("import time; time.sleep(100)", limits=Limits(time_s=200)), ({core},))
"""


def test_containers_of_a_killed_harness_end_and_are_swept(docker: Sandbox, engine: Engine, core: int) -> None:
    script = OWNER.format(tests=str(Path(__file__).parent), core=core)
    owner = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    label = owner.stdout.readline().strip()
    eventually(lambda: running_programs(engine, label))
    owner.kill()
    owner.communicate()
    running = {"label": f"{LABEL}={label}", "status": "running"}
    eventually(lambda: not engine.api.containers(filters=running))
    engine.sweep()
    eventually(lambda: not containers(engine, label))
    assert not engine.api.volumes(filters={"label": f"{LABEL}={label}"})["Volumes"]
    assert docker.run(job("open(solution, 'w').close()", limits=LIMITS), (core,)).outcome is None


def test_no_engine_is_bad_input(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")
    with pytest.raises(InputError, match="no Docker Engine answers") as caught:
        DockerSandbox()
    assert "\n" not in str(caught.value)


def test_no_sdk_is_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docker", None)
    with pytest.raises(InputError, match=r"pip install 'heurigym\[docker\]'"):
        Engine()


def test_a_base_that_does_not_exist_is_bad_input(docker: Sandbox) -> None:
    with pytest.raises(InputError, match="the base image heurigym-no-such-base:1 is not here"):
        build_image("heurigym-no-such-base:1")


def test_an_image_is_built_once(docker: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert build_image() == build_image()
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(
    not os.environ.get("HEURIGYM_TEST_BASE"), reason="HEURIGYM_TEST_BASE names no local base image with Python"
)
def test_a_local_base_gives_the_same_outcomes(docker: Sandbox, core: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEURIGYM_DOCKER_BASE", os.environ["HEURIGYM_TEST_BASE"])
    based = open_backend("docker", warm=False)
    try:
        body = "import numpy, scipy, pandas, networkx; open(solution, 'w').write(numpy.__version__)"
        one, two = (sandbox.run(job(body, limits=LIMITS), (core,)) for sandbox in (docker, based))
        assert (one.outcome, one.solution) == (two.outcome, two.solution) != (None, None)
        assert based.describe().details["image"] != docker.describe().details["image"]
        assert based.describe().packages == docker.describe().packages
    finally:
        based.close()
