"""Moves of the annealing of a modulo schedule at a fixed interval, compiled.

A state always keeps to every edge and every unit. A move gives one operation another start within the window that
its neighbours leave it, or exchanges the slots of two operations of one resource. What a move changes are the
lifetimes of the values that it makes or reads.

The cost is the sum over the slots of the squared excess of register bits above a goal just below the best peak so
far, plus a little for every bit: the peak itself hardly ever changes with one move, so it would guide nothing.
"""

from typing import NamedTuple

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.scheduling.modulo.arrays import LoopArrays
from heurigym.experts.scheduling.modulo.iterative import fits, occupy
from heurigym.experts.scheduling.modulo.loop import Ints

_FAR = 1 << 60
GOAL, LIMIT, EXCESS, BITS, HIGH = range(5)
"""Places in the books of a state."""


class State(NamedTuple):
    """A schedule under change.

    Attributes:
        starts: s(i).
        last: last cycle in which each value is read, or the one before its delivery.
        profile: register bits in each slot, shape (T,).
        usage: occupied units, shape (resources, T).
        books: the goal, the limit, the squared excess of all slots above the goal, the bits of all slots, and the
            number of slots that hold at least the limit; kept up to date by every change of the profile, so that
            a move costs as much as the slots that it changes.
    """

    starts: Ints
    last: Ints
    profile: Ints
    usage: Ints
    books: Ints


@compiled
def new_state(arrays: LoopArrays, interval: int, starts: Ints) -> State:
    """The state of a feasible schedule; goal and limit are 0."""
    count = len(starts)
    state = State(
        starts.copy(),
        np.zeros(count, np.int64),
        np.zeros(interval, np.int64),
        np.zeros((len(arrays.units), interval), np.int64),
        np.zeros(5, np.int64),
    )
    for operation in range(count):
        state.last[operation] = last_read(arrays, state, operation)
        begin = starts[operation] + arrays.delivery[operation]
        _add(state, begin, state.last[operation] + 1, arrays.bits[operation])
        occupy(state.usage, arrays.kind[operation], starts[operation], arrays.blocking[operation], 1)
    return state


@compiled
def last_read(arrays: LoopArrays, state: State, operation: int) -> int:
    """The last cycle in which a value is read, the one before its delivery if it never is in a register."""
    interval = len(state.profile)
    last: int = state.starts[operation] + arrays.delivery[operation] - 1
    for index in range(arrays.outgoing_begin[operation], arrays.outgoing_begin[operation + 1]):
        edge = arrays.outgoing[index]
        if arrays.carries[edge]:
            last = max(last, state.starts[arrays.target[edge]] + arrays.distance[edge] * interval)
    return last


@compiled
def aim(state: State, goal: int, limit: int) -> None:
    """Set the goal and the limit, and count anew."""
    state.books[GOAL], state.books[LIMIT] = goal, limit
    state.books[EXCESS], state.books[BITS], state.books[HIGH] = 0, 0, 0
    for level in state.profile:
        state.books[EXCESS] += max(0, level - goal) ** 2
        state.books[BITS] += level
        state.books[HIGH] += level >= limit


@compiled
def _add(state: State, begin: int, end: int, amount: int) -> None:
    """Add an amount to the slots of the cycles from ``begin`` on and before ``end``."""
    interval = len(state.profile)
    turns, rest = divmod(end - begin, interval)
    if turns > 0:
        for slot in range(interval):
            _add_to_slot(state, slot, turns * amount)
    slot = begin % interval
    for _ in range(rest):
        _add_to_slot(state, slot, amount)
        slot += 1
        if slot == interval:
            slot = 0


@compiled
def _add_to_slot(state: State, slot: int, amount: int) -> None:
    books, before = state.books, state.profile[slot]
    after = before + amount
    state.profile[slot] = after
    books[EXCESS] += max(0, after - books[GOAL]) ** 2 - max(0, before - books[GOAL]) ** 2
    books[BITS] += amount
    books[HIGH] += int(after >= books[LIMIT]) - int(before >= books[LIMIT])


@compiled
def window(arrays: LoopArrays, state: State, operation: int) -> tuple[int, int]:
    """First and last start that the neighbours of an operation leave to it; far away where none limits it."""
    interval = len(state.profile)
    earliest, latest = -_FAR, _FAR
    for index in range(arrays.incoming_begin[operation], arrays.incoming_begin[operation + 1]):
        edge = arrays.incoming[index]
        source = arrays.source[edge]
        if source != operation:
            ready = state.starts[source] + arrays.weight[edge] - interval * arrays.distance[edge]
            earliest = max(earliest, ready)
    for index in range(arrays.outgoing_begin[operation], arrays.outgoing_begin[operation + 1]):
        edge = arrays.outgoing[index]
        target = arrays.target[edge]
        if target != operation:
            needed = state.starts[target] - arrays.weight[edge] + interval * arrays.distance[edge]
            latest = min(latest, needed)
    return earliest, latest


@compiled
def set_start(arrays: LoopArrays, state: State, operation: int, start: int) -> None:
    """Move one operation and bring lifetimes, profile and units up to date."""
    kind, blocking = arrays.kind[operation], arrays.blocking[operation]
    interval = len(state.profile)
    old = state.starts[operation]
    occupy(state.usage, kind, old, blocking, -1)
    occupy(state.usage, kind, start, blocking, 1)
    begin, bits = old + arrays.delivery[operation], arrays.bits[operation]
    if start < old:
        _add(state, begin + start - old, begin, bits)
    else:
        _add(state, begin, begin + start - old, -bits)
    state.starts[operation] = start
    live_longer(arrays, state, operation, last_read(arrays, state, operation))
    for index in range(arrays.incoming_begin[operation], arrays.incoming_begin[operation + 1]):
        edge = arrays.incoming[index]
        source = arrays.source[edge]
        if not arrays.carries[edge] or source == operation:
            continue
        read = start + arrays.distance[edge] * interval
        if read > state.last[source]:
            live_longer(arrays, state, source, read)
        elif old + arrays.distance[edge] * interval == state.last[source]:
            live_longer(arrays, state, source, last_read(arrays, state, source))


@compiled
def live_longer(arrays: LoopArrays, state: State, operation: int, last: int) -> None:
    """Let a value live until another cycle, later or earlier."""
    before = state.last[operation]
    bits = arrays.bits[operation]
    if last > before:
        _add(state, before + 1, last + 1, bits)
    elif last < before:
        _add(state, last + 1, before + 1, -bits)
    state.last[operation] = last


@compiled
def cost(state: State, weight: float) -> float:
    """Squared excess above the goal, plus ``weight`` for each bit."""
    total: float = state.books[EXCESS] + weight * state.books[BITS]
    return total


@compiled
def has_room(arrays: LoopArrays, state: State, operation: int, start: int) -> bool:
    """Whether units suffice if one operation moves."""
    kind, blocking = arrays.kind[operation], arrays.blocking[operation]
    if arrays.units[kind] < 0 or blocking == 0:
        return True
    occupy(state.usage, kind, state.starts[operation], blocking, -1)
    room = fits(state.usage, arrays.units, kind, start, blocking)
    occupy(state.usage, kind, state.starts[operation], blocking, 1)
    return room


@compiled
def keeps_order(arrays: LoopArrays, state: State, operation: int) -> bool:
    """Whether every edge of an operation holds."""
    earliest, latest = window(arrays, state, operation)
    start: int = state.starts[operation]
    return earliest <= start <= latest


@compiled
def anneal(
    arrays: LoopArrays,
    state: State,
    best: Ints,
    best_peak: int,
    goal_share: float,
    hot: float,
    cold: float,
    weight: float,
    moves: int,
    seed: int,
) -> int:
    """Anneal ``state`` for a number of proposed moves; ``best`` receives the starts of the lowest peak.

    Args:
        arrays: the loop.
        state: changed in place.
        best: starts of the best schedule so far.
        best_peak: its register bits.
        goal_share: the goal as a share of the best peak.
        hot: first temperature, in the cost's unit.
        cold: last temperature.
        weight: cost of each register bit in each slot.
        moves: number of proposals.
        seed: of the random numbers.

    Returns:
        The lowest peak.
    """
    np.random.seed(seed)
    count, interval = len(state.starts), len(state.profile)
    aim(state, int(goal_share * best_peak), best_peak)
    current = cost(state, weight)
    factor = (cold / hot) ** (1.0 / max(1, moves))
    heat = hot
    for _ in range(moves):
        heat *= factor
        operation = np.random.randint(count)
        old = state.starts[operation]
        earliest, latest = window(arrays, state, operation)
        earliest = max(earliest, old - 2 * interval)
        latest = min(latest, old + 2 * interval)
        if earliest >= latest:
            continue
        if np.random.random() < 0.5:
            reach = 3
            earliest, latest = max(earliest, old - reach), min(latest, old + reach)
        start = earliest + np.random.randint(latest - earliest + 1)
        if start == old:
            continue
        partner, partner_old = -1, 0
        if has_room(arrays, state, operation, start):
            set_start(arrays, state, operation, start)
        else:
            partner = _occupant(arrays, state, operation, start)
            if partner < 0:
                continue
            partner_old = state.starts[partner]
            if not _exchange(arrays, state, operation, start, partner):
                continue
        after = cost(state, weight)
        if after <= current or np.random.random() < np.exp((current - after) / heat):
            current = after
            if state.books[HIGH] == 0:
                best_peak = state.profile.max()
                best[:] = state.starts
                aim(state, int(goal_share * best_peak), best_peak)
                current = cost(state, weight)
        else:
            set_start(arrays, state, operation, old)
            if partner >= 0:
                set_start(arrays, state, partner, partner_old)
    return best_peak


@compiled
def _occupant(arrays: LoopArrays, state: State, operation: int, start: int) -> int:
    """A random operation of the same resource that starts in the slot of ``start``; -1 if none was met."""
    kind, interval = arrays.kind[operation], len(state.profile)
    begin, end = arrays.members_begin[kind], arrays.members_begin[kind + 1]
    place = begin + np.random.randint(end - begin)
    for _ in range(min(end - begin, 64)):
        other: int = arrays.members[place]
        if other != operation and (state.starts[other] - start) % interval == 0:
            return other
        place += 1
        if place == end:
            place = begin
    return -1


@compiled
def _exchange(arrays: LoopArrays, state: State, operation: int, start: int, partner: int) -> bool:
    """Move an operation to ``start``, and the one in its slot to the slot that becomes free, if edges allow it."""
    interval = len(state.profile)
    old, partner_old = state.starts[operation], state.starts[partner]
    set_start(arrays, state, operation, start)
    earliest, latest = window(arrays, state, partner)
    near = partner_old + (old - partner_old) % interval
    if near > latest or (near - interval >= earliest and near - partner_old > interval // 2):
        near -= interval
    if not earliest <= near <= latest:
        set_start(arrays, state, operation, old)
        return False
    set_start(arrays, state, partner, near)
    if not keeps_order(arrays, state, operation):
        set_start(arrays, state, partner, partner_old)
        set_start(arrays, state, operation, old)
        return False
    return True
