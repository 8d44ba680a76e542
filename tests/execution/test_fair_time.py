"""A program gets the same verdict on a busy machine as on an idle one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sandboxing import job

from heurigym.execution.sandbox import Sandbox
from heurigym.problems.outcome import Outcome
from heurigym.problems.spec import Limits

LIMIT_S = 0.8


@contextmanager
def foreign_hogs(each: int = 2) -> Iterator[None]:
    """Processes of others that compute on every core.

    Each has a session of its own: the scheduler may give a session as a whole no more than the program's.
    """
    code = "import os\nos.sched_setaffinity(0, {%d})\nprint(flush=True)\nwhile True: pass"
    hogs = [
        subprocess.Popen([sys.executable, "-S", "-c", code % core], stdout=subprocess.PIPE, start_new_session=True)
        for core in sorted(os.sched_getaffinity(0))
        for _ in range(each)
    ]
    try:
        for hog in hogs:
            assert hog.stdout is not None
            hog.stdout.readline()
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.communicate()


def computing(share: float) -> str:
    return f"""
    import time
    while time.process_time() - start < {share * LIMIT_S}: pass
    open(solution, "w").write("done")
    """


START = "import time\nstart = time.process_time()"


def test_what_fits_the_limit_alone_passes_while_others_hold_every_core(sandbox: Sandbox, core: int) -> None:
    with foreign_hogs():
        done = sandbox.run(job(computing(0.7), top=START, limits=Limits(time_s=LIMIT_S)), (core,))
    assert (done.outcome, done.solution) == (None, b"done"), done
    assert done.wall_s > LIMIT_S, "the hogs did not disturb it, so this shows nothing"
    assert 0.7 * LIMIT_S <= done.charged_s <= LIMIT_S
    assert done.disturbance > 0.3


def test_what_exceeds_the_limit_alone_times_out_while_others_hold_every_core(sandbox: Sandbox, core: int) -> None:
    with foreign_hogs():
        done = sandbox.run(job(computing(1.3), top=START, limits=Limits(time_s=LIMIT_S)), (core,))
    assert done.outcome is Outcome.TIMED_OUT
    assert done.cpu_s <= 1.3 * LIMIT_S


@pytest.mark.parametrize("kind", ["thread", "fork"])
def test_waiting_for_itself_is_charged(sandbox: Sandbox, core: int, kind: str) -> None:
    start = {
        "thread": "import threading\nfor _ in range(7): threading.Thread(target=spin, daemon=True).start()",
        "fork": "import os\nfor _ in range(7):\n    if os.fork() == 0: break",
    }[kind]
    body = f"{start}\nspin()"
    top = "import hashlib\ndef spin():\n    while True: hashlib.sha256(bytes(1 << 20)).digest()"
    done = sandbox.run(job(body, top=top, limits=Limits(time_s=0.5)), (core,))
    assert done.outcome is Outcome.TIMED_OUT
    assert done.cpu_s <= 1.0


def test_sleeping_is_charged_while_others_compute(sandbox: Sandbox, core: int) -> None:
    with foreign_hogs(1):
        done = sandbox.run(job("import time; time.sleep(60)", limits=Limits(time_s=0.4)), (core,))
    assert done.outcome is Outcome.TIMED_OUT
    assert done.wall_s < 5


def test_work_in_short_lived_children_is_not_charged_for_waiting(sandbox: Sandbox, core: int) -> None:
    body = f"""
    import os, time
    spent = 0.0
    while spent < {0.6 * LIMIT_S}:
        if os.fork() == 0:
            start = time.process_time()
            while time.process_time() - start < 0.02: pass
            os._exit(0)
        os.wait()
        spent = sum(os.times()[:4])
    open(solution, "w").write("done")
    """
    with foreign_hogs():
        done = sandbox.run(job(body, limits=Limits(time_s=LIMIT_S)), (core,))
    assert (done.outcome, done.solution) == (None, b"done"), done
