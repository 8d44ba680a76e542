"""Containers that are prepared ahead of need, when making them fails; real ones fail too seldom to show it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from heurigym.execution.docker_container import Shape
from heurigym.execution.docker_pool import ContainerPool
from heurigym.execution.guest_server import GuestError

SHAPE = Shape(memory_mb=64, processes=4, scratch_mb=8, files=16)


class FakeContainer:
    """What the pool needs of a container."""

    def __init__(self) -> None:
        self.is_removed = threading.Event()

    def abort(self) -> None:
        """Nothing runs in it."""

    def remove(self) -> None:
        """Say that it was removed."""
        self.is_removed.set()


class Maker:
    """Makes containers, but fails as often as it is told to."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.made: list[FakeContainer] = []
        self.calls = 0
        self._lock = threading.Lock()

    def __call__(self, shape: Shape) -> FakeContainer:
        with self._lock:
            self.calls += 1
            if self.calls <= self.failures:
                raise GuestError(f"failure {self.calls}")
            self.made.append(FakeContainer())
            return self.made[-1]


@pytest.fixture
def pools():
    """Opens pools, and closes them in the end."""
    opened: list[ContainerPool] = []

    def open_pool(make: Maker, size: int = 0) -> ContainerPool:
        opened.append(ContainerPool(make, size=size, makers=2))
        return opened[-1]

    yield open_pool
    for pool in opened:
        pool.close()


def test_a_failure_is_told_to_the_one_who_waits_and_nothing_more_is_made(pools) -> None:
    make = Maker(failures=1)
    pool = pools(make)
    with pytest.raises(GuestError, match="failure 1"):
        pool.take(SHAPE)
    time.sleep(0.2)
    pool.close()
    assert (make.calls, make.made) == (1, [])


def test_the_next_one_gets_a_container_and_not_an_old_failure(pools) -> None:
    make = Maker(failures=2)
    pool = pools(make)
    for number in (1, 2):
        with pytest.raises(GuestError, match=f"failure {number}"):
            pool.take(SHAPE)
    container = pool.take(SHAPE)
    assert container is make.made[0]
    pool.discard(container)
    assert container.is_removed.wait(10)


def test_each_of_several_who_wait_gets_a_container_or_a_failure(pools) -> None:
    make = Maker(failures=3)
    pool = pools(make, size=2)

    def take(_: int) -> bool:
        try:
            pool.discard(pool.take(SHAPE))
        except GuestError:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        taken = list(threads.map(take, range(30)))
    assert taken.count(False) <= 3
    pool.close()
    assert all(container.is_removed.is_set() for container in make.made)
