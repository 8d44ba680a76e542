"""Programs that attack come to the same, harmless end on every backend."""

import platform
from pathlib import Path

import pytest
from attacks import ATTACKS, LIMITS, Attack
from host import Host

from heurigym.execution.sandbox import Execution, Job, Sandbox

PROGRAMS = Path(__file__).parent / "programs"
STREAM_CAP = 2 * (LIMITS.output_kb << 10)

PROBE = Path(__file__).with_name("probe.py").read_bytes()


def execute(sandbox: Sandbox, program: bytes, core: int, time_s: float = 10.0) -> Execution:
    limits = LIMITS.model_copy(update={"time_s": time_s})
    return sandbox.run(Job(program, (("instance.json", b'{"bait": 1}'),), "solution.txt", limits), (core,))


@pytest.fixture(scope="module")
def fresh(sandbox: Sandbox, core: int) -> bytes:
    """What a program sees where no other has been before."""
    done = execute(sandbox, PROBE, core)
    assert done.outcome is None, (done.message, done.stderr)
    assert done.solution is not None
    return done.solution


def test_every_program_has_its_expectation() -> None:
    assert {path.stem for path in PROGRAMS.glob("*.py")} == set(ATTACKS)
    assert all(path.read_text().startswith('"""Tries to ') for path in PROGRAMS.glob("*.py"))


@pytest.mark.parametrize(("name", "attack"), ATTACKS.items(), ids=ATTACKS)
def test_attack(name: str, attack: Attack, sandbox: Sandbox, host: Host, core: int, fresh: bytes) -> None:
    if attack.machines and platform.machine() not in attack.machines:
        pytest.skip(f"written for {', '.join(attack.machines)}")
    done = execute(sandbox, host.reveal((PROGRAMS / f"{name}.py").read_text()), core, attack.time_s)
    told = (done.message, done.stderr[-2000:], done.solution)
    assert done.outcome is attack.outcome, told
    assert attack.message in done.message, told
    assert done.solution == (None if attack.solution is None else attack.solution.encode()), told
    assert len(done.stdout) <= STREAM_CAP and len(done.stderr) <= STREAM_CAP
    assert len(done.message) <= 2000
    assert host.damage() == []
    if attack.leaves:
        after = execute(sandbox, PROBE, core)
        assert after.solution == fresh, (after.message, after.stderr)
