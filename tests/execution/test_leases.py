"""Cores are leased exclusively, within a process and across processes."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from heurigym.errors import InputError
from heurigym.execution.leases import CoreLeases, physical_cores

HOLDER = """
import sys
from pathlib import Path
from heurigym.execution.leases import CoreLeases
with CoreLeases(Path(sys.argv[1])).lease(int(sys.argv[2])) as cores:
    print(*cores, flush=True)
    sys.stdin.read()
"""


def holder(folder: Path, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder), str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_lease_names_distinct_cores_that_the_process_may_use(tmp_path: Path) -> None:
    leases = CoreLeases(tmp_path)
    with leases.lease(leases.total) as cores:
        assert sorted(cores) == sorted(physical_cores())
    assert list(tmp_path.iterdir()) == []


def test_more_cores_than_there_are_is_bad_input(tmp_path: Path) -> None:
    leases = CoreLeases(tmp_path)
    with pytest.raises(InputError, match=r"limits\.cores"), leases.lease(leases.total + 1):
        pass


def test_no_core_is_leased_twice_among_threads(tmp_path: Path) -> None:
    leases = CoreLeases(tmp_path)
    held: set[int] = set()
    clashes: list[int] = []
    mutex = threading.Lock()

    def work(count: int) -> None:
        for _ in range(20):
            with leases.lease(count) as cores:
                with mutex:
                    clashes.extend(held & set(cores))
                    held.update(cores)
                time.sleep(0.001)
                with mutex:
                    held.difference_update(cores)

    threads = [threading.Thread(target=work, args=(1 + number % leases.total,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clashes == []
    assert held == set()


def test_another_process_holds_its_cores_until_it_ends_even_by_a_kill(tmp_path: Path) -> None:
    leases = CoreLeases(tmp_path)
    other = holder(tmp_path, leases.total)
    assert other.stdout is not None
    other.stdout.readline()
    got = threading.Event()

    def wait_for_one() -> None:
        with leases.lease(1):
            got.set()

    waiting = threading.Thread(target=wait_for_one)
    waiting.start()
    assert not got.wait(0.3)
    other.kill()
    other.communicate()
    waiting.join(10)
    assert got.is_set()


def test_two_processes_never_share_a_core(tmp_path: Path) -> None:
    if CoreLeases(tmp_path).total < 2:
        pytest.skip("this host has one core")
    first, second = holder(tmp_path, 1), holder(tmp_path, 1)
    assert first.stdout is not None and second.stdout is not None
    assert first.stdout.readline() != second.stdout.readline()
    for process in (first, second):
        process.communicate("")
    assert list(tmp_path.iterdir()) == []


def test_who_waits_for_all_cores_is_not_starved_by_those_who_want_one(tmp_path: Path) -> None:
    leases = CoreLeases(tmp_path)
    stop = threading.Event()

    def churn() -> None:
        while not stop.is_set():
            with leases.lease(1):
                time.sleep(0.002)

    churning = [threading.Thread(target=churn) for _ in range(4)]
    for thread in churning:
        thread.start()
    try:
        for _ in range(5):
            with leases.lease(leases.total) as cores:
                assert len(cores) == leases.total
    finally:
        stop.set()
        for thread in churning:
            thread.join()


def test_waiting_for_another_process_is_said_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    leases = CoreLeases(tmp_path, notice_s=0.05)
    for _ in range(2):
        other = holder(tmp_path, leases.total)
        assert other.stdout is not None
        other.stdout.readline()
        release = threading.Timer(0.5, other.communicate)
        release.start()
        with leases.lease(1):
            pass
        release.join()
    assert capfd.readouterr().err.count("waiting for cores") == 1


def test_waiting_for_ones_own_programs_is_not_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    leases = CoreLeases(tmp_path, notice_s=0.05)

    def work() -> None:
        with leases.lease(1):
            pass

    with leases.lease(leases.total):
        waiting = threading.Thread(target=work)
        waiting.start()
        time.sleep(0.3)
    waiting.join()
    assert capfd.readouterr().err == ""
