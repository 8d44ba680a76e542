"""Adding up stretches of cycles in the slots of a cycle number modulo the interval, exactly."""

from collections import defaultdict
from collections.abc import Iterable


def busiest(stretches: Iterable[tuple[int, int, int]], interval: int) -> tuple[int, int]:
    """The largest total in a slot, and the first slot that has it.

    Args:
        stretches: first cycle, number of cycles, and what the stretch adds in each of its cycles. One that is
            longer than the interval adds to a slot once for each of its cycles in that slot.
        interval: number of slots.
    """
    level = 0
    steps: dict[int, int] = defaultdict(int)
    for begin, length, amount in stretches:
        turns, rest = divmod(length, interval)
        level += turns * amount
        first = begin % interval
        end = first + rest
        steps[first] += amount
        steps[min(end, interval)] -= amount
        if end > interval:
            steps[0] += amount
            steps[end - interval] -= amount
    top, place = level + steps[0], 0
    for slot in sorted(steps):
        level += steps[slot]
        if slot < interval and level > top:
            top, place = level, slot
    return top, place
