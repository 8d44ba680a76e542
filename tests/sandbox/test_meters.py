"""Fair time, with counters that stand still or say what they are told."""

import sys
from pathlib import Path

import pytest

SANDBOX = Path(__file__).resolve().parents[2] / "sandbox"
sys.path.insert(0, str(SANDBOX))

from guest import meters  # noqa: E402


class Told:
    """A control group that has used as much processor time as it is told."""

    def __init__(self) -> None:
        self.used = 5.0

    def cpu_s(self) -> float:
        """What it was told."""
        return self.used


@pytest.mark.parametrize("cores", [(0,), (0, 1)])
def test_an_end_that_was_noticed_late_leaves_time_for_what_ran(cores: tuple[int, ...]) -> None:
    group = Told()
    clock = meters.Clock(cores, group, meters.Tasks(list))
    group.used += 0.5
    charge = clock.read(late_s=0.4)
    assert charge.cpu_s == pytest.approx(0.5)
    assert charge.wall_s >= charge.cpu_s / len(cores)
    assert charge.lost_s <= charge.wall_s
    assert charge.cpu_s / len(cores) <= charge.charged_s <= charge.wall_s
