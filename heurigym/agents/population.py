"""A population of programs in islands, reconstructed from the attempts of a trajectory.

Islands that are reset from time to time are from FunSearch (Romera-Paredes et al., "Mathematical discoveries from
program search with large language models", Nature 625, 2024, section "Programs database"); so is the clustering of
programs by their behaviour. Choosing parents by rank is from EoH (Liu et al., "Evolution of Heuristics", ICML 2024,
section 3.2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from heurigym.agents.trajectory import Attempt
from heurigym.problems.outcome import Outcome
from heurigym.scoring.quality import Direction, quality

Behaviour: TypeAlias = tuple[tuple[Outcome, float | None], ...]
"""What a program did on each demonstration instance: outcome and objective."""


@dataclass(frozen=True)
class Settings:
    """How a population lives.

    Attributes:
        islands: number of islands; attempt ``k`` belongs to island ``k % islands``.
        size: most behaviours that an island keeps.
        reset_every: attempts from one reset to the next; 0 means never.
        seed: seed of every choice.
        direction: which way the objective is better.
    """

    islands: int
    size: int
    reset_every: int
    seed: int
    direction: Direction


def behaviour(attempt: Attempt) -> Behaviour:
    """What the attempt's program did; empty when none was judged."""
    runs = attempt.demo.runs if attempt.demo is not None else ()
    return tuple((run.outcome, None if run.objective is None else float(run.objective)) for run in runs)


def island_attempts(attempts: Sequence[Attempt], settings: Settings) -> list[list[Attempt]]:
    """The attempts on each island now, founders first and then in order.

    After every ``reset_every`` attempts the worse half of the islands is emptied, and each of those gets the best
    program of one of the others as its founder.
    """
    islands: list[list[Attempt]] = [[] for _ in range(settings.islands)]
    for attempt in attempts:
        islands[attempt.number % settings.islands].append(attempt)
        if settings.reset_every and (attempt.number + 1) % settings.reset_every == 0:
            _reset(islands, Random(f"{settings.seed}/reset/{attempt.number}"))
    return islands


def survivors(attempts: Sequence[Attempt], settings: Settings) -> list[Attempt]:
    """The members of an island, best first: of each behaviour the shortest program, at most ``size`` of them.

    Programs that solve no instance are no members. The best program on each single instance stays, even when
    others are better on the whole.
    """
    members: dict[Behaviour, Attempt] = {}
    for attempt in attempts:
        if not _is_viable(attempt):
            continue
        rival = members.get(behaviour(attempt))
        if rival is None or len(attempt.program or "") < len(rival.program or ""):
            members[behaviour(attempt)] = attempt
    ranked = sorted(members.values(), key=lambda attempt: attempt.merit, reverse=True)
    kept = {attempt.number for attempt in _specialists(ranked, settings.direction)[: settings.size]}
    for attempt in ranked:
        if len(kept) >= settings.size:
            break
        kept.add(attempt.number)
    return [attempt for attempt in ranked if attempt.number in kept]


def choose_parents(members: Sequence[Attempt], count: int, choose: Random, direction: Direction) -> list[Attempt]:
    """Up to ``count`` different members, worst first.

    The first is drawn by rank, ``p ~ 1 / (rank + N)``; the others by rank and by how differently they behave from
    those already drawn. ``members`` are ordered best first.
    """
    left = list(range(len(members)))
    drawn: list[Attempt] = []
    while left and len(drawn) < count:
        weights = [_distance(members[rank], drawn, members, direction) / (rank + 1 + len(members)) for rank in left]
        (rank,) = choose.choices(left, weights)
        left.remove(rank)
        drawn.append(members[rank])
    return sorted(drawn, key=lambda attempt: attempt.merit)


def _reset(islands: list[list[Attempt]], choose: Random) -> None:
    best = [max(filter(_is_viable, island), key=lambda attempt: attempt.merit, default=None) for island in islands]
    order = sorted(
        range(len(islands)), key=lambda index: attempt.merit if (attempt := best[index]) else (-1.0, 0.0, 0)
    )
    worse, better = order[: len(islands) // 2], order[len(islands) // 2 :]
    for index in worse:
        founder = best[choose.choice(better)]
        islands[index] = [founder] if founder is not None else []


def _is_viable(attempt: Attempt) -> bool:
    return attempt.demo is not None and attempt.demo.summary.feasible > 0


def _specialists(ranked: Sequence[Attempt], direction: Direction) -> list[Attempt]:
    """The best member on each instance, those that are best on most instances first."""
    wins: dict[int, int] = {}
    for column in zip(*map(behaviour, ranked), strict=True):
        sign = 1 if direction == "minimize" else -1
        values = [(sign * value, index) for index, (_, value) in enumerate(column) if value is not None]
        if values:
            winner = min(values)[1]
            wins[winner] = wins.get(winner, 0) + 1
    return [ranked[index] for index in sorted(wins, key=lambda index: (-wins[index], index))]


def _distance(member: Attempt, drawn: Sequence[Attempt], members: Sequence[Attempt], direction: Direction) -> float:
    """How differently ``member`` behaves from the nearest of ``drawn``, above 0; 1 when there is none."""
    if not drawn:
        return 1.0
    best = _best_objectives(members, direction)
    own = _profile(member, best, direction)
    gaps = [
        sum(abs(mine - theirs) for mine, theirs in zip(own, _profile(other, best, direction), strict=True))
        / max(1, len(own))
        for other in drawn
    ]
    # Members always differ, but two that differ in an outcome alone are at distance 0.
    return min(gaps) + 1e-3


def _best_objectives(members: Sequence[Attempt], direction: Direction) -> list[float | None]:
    best = min if direction == "minimize" else max
    columns = zip(*map(behaviour, members), strict=True)
    return [best((value for _, value in column if value is not None), default=None) for column in columns]


def _profile(attempt: Attempt, best: Sequence[float | None], direction: Direction) -> list[float]:
    """Quality on each instance against the best of the members; no expert value is needed for it."""
    return [
        0.0 if value is None or reference is None else quality(value, reference, direction)
        for (_, value), reference in zip(behaviour(attempt), best, strict=True)
    ]
