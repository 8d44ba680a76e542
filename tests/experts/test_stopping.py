import threading
import time

from heurigym.experts.stopping import stopping


def test_it_stops_again_until_the_solver_has_heard_it() -> None:
    calls = 0
    heard = threading.Event()

    def stop() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            heard.set()

    with stopping(stop, time.monotonic(), time.monotonic):
        assert heard.wait(30)


def test_it_does_not_stop_before_the_deadline_or_after_the_end() -> None:
    now, calls = 0.0, 0

    def stop() -> None:
        nonlocal calls
        calls += 1

    with stopping(stop, 1.0, lambda: now):
        time.sleep(0.2)
    now = 2.0
    time.sleep(0.2)
    assert calls == 0
