"""The search of GauS: an augmented Lagrangian of expectations, descended by Adam, decoded and begun again.

A descent is some rounds of Adam between which deviations shrink and the penalty of violated constraints grows. The
next descent begins from the best schedule decoded so far, with wide deviations again.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from heurigym.experts.scheduling.gauss import expectation
from heurigym.experts.scheduling.gauss.task import Decode, Found, Options, Search, Task
from heurigym.experts.scheduling.graph import Floats, Ints

Array = jax.Array

_DEVIATIONS_IN_REACH = 3.0
_LEAST_REACH = 6
_SECOND_MOMENT, _FIRST_MOMENT, _EPSILON = 0.999, 0.9, 1e-8


class Shape(NamedTuple):
    """What the compiled round is specialised to."""

    nodes: int
    steps: int
    interval: int
    types: int
    capped: bool
    valued: bool
    reach: int
    adam_steps: int
    learn_deviations: bool
    project: bool


class Arrays(NamedTuple):
    """The task as arrays of JAX; edges stand in the order of their sources."""

    source: Array
    target: Array
    gap: Array
    shift: Array
    earliest: Array
    latest: Array
    latency: Array
    kind: Array
    occupies: Array
    weight: Array
    capacity: Array
    ending: Array
    kept: Array
    peak_price: Array
    lifetime_price: Array
    scale: Array
    unit: Array
    least_deviation: Array


class State(NamedTuple):
    """Where a descent is: parameters, Adam's moments, and the multipliers of the constraints."""

    means: Array
    deviations: Array
    first_means: Array
    second_means: Array
    first_deviations: Array
    second_deviations: Array
    updates: Array
    edge_multipliers: Array
    bound_multipliers: Array
    capacity_multipliers: Array


class Violations(NamedTuple):
    """Expected violations of edges (m,), of earliest and latest starts (2, n), and of capacities (types, steps)."""

    edges: Array
    bounds: Array
    capacities: Array


def search(task: Task, how: Search, decode: Decode) -> Found:
    """The best schedule that descents find in the rounds or seconds that ``how`` allows."""
    options, clock = how.options, how.clock
    began = clock()
    middle = (task.earliest + task.latest) / 2.0
    means = np.asarray(middle if how.initial is None else how.initial, dtype=np.float64)
    best_starts, best = decode(means)
    best_means, history = means, [(clock() - began, best)]
    if not task.graph.nodes:
        return Found(best_starts, best, best_means, 0, tuple(history))
    shape, arrays = _prepared(task, options)
    slack = np.maximum(task.latest - task.earliest, 1)
    widest = shape.reach / _DEVIATIONS_IN_REACH
    deviations = np.clip(options.spread * slack, options.least_deviation, widest)
    random = np.random.default_rng(how.seed)
    done = 0
    state = _begin(arrays, shape, means, deviations)
    penalty = options.penalty
    while done < options.rounds and clock() - began < how.seconds:
        state = _round(state, arrays, shape, penalty, options.sharpness, options.learning_rate)
        done += 1
        penalty *= options.penalty_growth
        found = np.asarray(state.means, dtype=np.float64)
        starts, value = decode(found)
        if value < best:
            best_starts, best, best_means = starts, value, found
            history.append((clock() - began, best))
        if done % options.rounds_of_annealing == 0:
            noise = random.standard_normal(len(slack)) * options.restart_noise * slack
            state = _begin(arrays, shape, best_starts + noise, deviations)
            penalty = options.penalty
        else:
            narrower = jnp.maximum(state.deviations * options.anneal, options.least_deviation)
            state = state._replace(deviations=narrower)
    return Found(best_starts, best, best_means, done, tuple(history))


def _prepared(task: Task, options: Options) -> tuple[Shape, Arrays]:
    graph = task.graph
    nodes = graph.nodes
    by_source = np.argsort(graph.source, kind="stable")
    resources, values = task.resources, task.values
    longest = int(graph.latency.max(initial=1))
    occupies = np.zeros(nodes, np.int64) if resources is None else resources.occupies
    shift = graph.distance[by_source] * task.interval
    steps = task.horizon + 2 + max(longest, int(occupies.max(initial=0)), int(shift.max(initial=0)))
    if task.interval:
        steps = -(-steps // task.interval) * task.interval
    rows = max(nodes, len(graph.source) if values is not None else 0)
    reach = min(max(options.window // (2 * rows), _LEAST_REACH), max(task.horizon, 1))
    slack = np.maximum(task.latest - task.earliest, 1)
    reach = min(reach, math.ceil(_DEVIATIONS_IN_REACH * max(1.0, options.spread * float(slack.max()))))
    if values is None:
        ending, kept = np.zeros(nodes), np.zeros(nodes)
    else:
        consumed = np.bincount(graph.source, minlength=nodes) > 0
        kept = np.where(values.is_output & (not task.interval), values.bits, 0)
        ending = np.where(consumed & (kept == 0), values.bits, 0)
    sizes = ending + kept
    unit = float(sizes.mean()) if task.peak_price and sizes.any() else 1.0
    if resources is not None and not task.capped:
        unit = float(resources.weight.mean()) or 1.0

    def real(column: Ints | Floats) -> Array:
        return jnp.asarray(np.asarray(column), dtype=jnp.float32)

    def scalar(number: float) -> Array:
        return jnp.asarray(number, dtype=jnp.float32)

    def whole(column: Ints) -> Array:
        return jnp.asarray(np.asarray(column), dtype=jnp.int32)

    arrays = Arrays(
        source=whole(graph.source[by_source]),
        target=whole(graph.target[by_source]),
        gap=real(graph.gaps(task.interval)[by_source]),
        shift=real(shift),
        earliest=real(task.earliest),
        latest=real(task.latest),
        latency=whole(graph.latency),
        kind=whole(np.full(nodes, -1) if resources is None else resources.kind),
        occupies=whole(occupies),
        weight=real(np.zeros(0) if resources is None else resources.weight),
        capacity=real(np.zeros(0) if resources is None else resources.capacity),
        ending=real(ending),
        kept=real(kept),
        peak_price=scalar(task.peak_price),
        lifetime_price=scalar(task.lifetime_price),
        scale=real(slack if options.scaled_steps else np.ones(nodes)),
        unit=scalar(unit),
        least_deviation=scalar(options.least_deviation),
    )
    types = 0 if resources is None else resources.types
    shape = Shape(
        nodes,
        steps,
        task.interval,
        types,
        task.capped,
        values is not None,
        reach,
        options.steps,
        options.learn_deviations,
        options.project,
    )
    return shape, arrays


def _begin(arrays: Arrays, shape: Shape, means: Floats, deviations: Floats) -> State:
    start = jnp.asarray(means, dtype=jnp.float32)
    if shape.project:
        start = jnp.clip(start, arrays.earliest, arrays.latest)
    none = jnp.zeros(shape.nodes, jnp.float32)
    columns = shape.interval or shape.steps
    return State(
        means=start,
        deviations=jnp.asarray(deviations, dtype=jnp.float32),
        first_means=none,
        second_means=none,
        first_deviations=none,
        second_deviations=none,
        updates=jnp.zeros((), jnp.float32),
        edge_multipliers=jnp.zeros(arrays.source.shape, jnp.float32),
        bound_multipliers=jnp.zeros((2, shape.nodes), jnp.float32),
        capacity_multipliers=jnp.zeros((shape.types if shape.capped else 0, columns), jnp.float32),
    )


def terms(
    means: Array, deviations: Array, arrays: Arrays, shape: Shape, sharpness: Array
) -> tuple[Array, Violations]:
    """The expected objective, with a soft peak, and the expected violations of the constraints."""
    objective = jnp.zeros((), jnp.float32)
    capacities = jnp.zeros((0, shape.interval or shape.steps), jnp.float32)
    steps, mass = expectation.masses(means, deviations, shape.reach)
    if shape.types:
        # Operations without a type are counted in a row of their own that nothing reads.
        rows = jnp.where(arrays.kind < 0, shape.types, arrays.kind)[:, None]
        use = expectation.expected_profile(
            rows, steps, mass, steps + arrays.occupies[:, None], mass, shape.types + 1, shape.steps
        )
        use = expectation.folded(use[: shape.types], shape.interval)
        if shape.capped:
            capacities = jax.nn.relu(use - arrays.capacity[:, None])
        else:
            objective += arrays.weight @ _peak(use, sharpness)
    if shape.valued:
        live = expected_live_bits(means, deviations, steps, mass, arrays, shape)
        objective += arrays.peak_price * _peak(live, sharpness)[0] + arrays.lifetime_price * live.sum()
    both = jnp.sqrt(deviations[arrays.source] ** 2 + deviations[arrays.target] ** 2)
    gap = means[arrays.source] + arrays.gap - means[arrays.target]
    if shape.project:
        bounds = jnp.zeros((2, shape.nodes), jnp.float32)
    else:
        beyond = jnp.stack([arrays.earliest - means, means - arrays.latest])
        bounds = expectation.expected_excess(beyond, deviations)
    return objective / arrays.unit, Violations(expectation.expected_excess(gap, both), bounds, capacities)


def expected_live_bits(
    means: Array, deviations: Array, steps: Array, mass: Array, arrays: Arrays, shape: Shape
) -> Array:
    """The expected live bits of each step, or of each step of the interval; shape (1, steps)."""
    last_steps, last_mass = expectation.last_masses(
        means[arrays.target] + arrays.shift, deviations[arrays.target], arrays.source, shape.nodes, shape.reach
    )
    live = expectation.expected_profile(
        jnp.zeros((1, 1), jnp.int32),
        steps + arrays.latency[:, None],
        mass * (arrays.ending + arrays.kept)[:, None],
        last_steps + 1,
        last_mass * arrays.ending[:, None],
        1,
        shape.steps,
    )
    return expectation.folded(live, shape.interval)


def _peak(profile: Array, sharpness: Array) -> Array:
    temperature = sharpness * jnp.maximum(jax.lax.stop_gradient(profile).max(), 1.0)
    return expectation.soft_peak(profile, temperature)


def _descend(
    state: State, arrays: Arrays, shape: Shape, penalty: Array, sharpness: Array, learning_rate: Array
) -> State:
    def lagrangian(means: Array, deviations: Array) -> Array:
        objective, violations = terms(means, deviations, arrays, shape, sharpness)
        total = objective
        for multipliers, violation in (
            (state.edge_multipliers, violations.edges),
            (state.bound_multipliers, violations.bounds),
            (state.capacity_multipliers, violations.capacities),
        ):
            total += jnp.vdot(multipliers, violation) + 0.5 * penalty * jnp.vdot(violation, violation)
        return total

    def step(_: int, current: State) -> State:
        slope, slope_deviations = jax.grad(lagrangian, argnums=(0, 1))(current.means, current.deviations)
        count = current.updates + 1
        move, first, second = _adam(slope * arrays.scale, current.first_means, current.second_means, count)
        means = current.means - learning_rate * arrays.scale * move
        if shape.project:
            means = jnp.clip(means, arrays.earliest, arrays.latest)
        moved = current._replace(means=means, first_means=first, second_means=second, updates=count)
        if not shape.learn_deviations:
            return moved
        move, first, second = _adam(slope_deviations, current.first_deviations, current.second_deviations, count)
        deviations = jnp.clip(
            current.deviations - learning_rate * move, arrays.least_deviation, shape.reach / _DEVIATIONS_IN_REACH
        )
        return moved._replace(deviations=deviations, first_deviations=first, second_deviations=second)

    done: State = jax.lax.fori_loop(0, shape.adam_steps, step, state)
    _, violations = terms(done.means, done.deviations, arrays, shape, sharpness)
    return done._replace(
        edge_multipliers=done.edge_multipliers + penalty * violations.edges,
        bound_multipliers=done.bound_multipliers + penalty * violations.bounds,
        capacity_multipliers=done.capacity_multipliers + penalty * violations.capacities,
    )


_round = jax.jit(_descend, static_argnames="shape")


def _adam(slope: Array, first: Array, second: Array, count: Array) -> tuple[Array, Array, Array]:
    first = _FIRST_MOMENT * first + (1 - _FIRST_MOMENT) * slope
    second = _SECOND_MOMENT * second + (1 - _SECOND_MOMENT) * slope * slope
    unbiased = first / (1 - _FIRST_MOMENT**count)
    move = unbiased / (jnp.sqrt(second / (1 - _SECOND_MOMENT**count)) + _EPSILON)
    return move, first, second
