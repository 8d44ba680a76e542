"""What a campaign may cost, before anything is spent."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from heurigym.campaigns.session import check, gateway_options
from heurigym.campaigns.spec import CampaignSpec
from heurigym.models.gateway import Gateway
from heurigym.problems.problem import Problem

_CHARACTERS_PER_TOKEN = 4
_TYPICAL_OUTPUT_TOKENS = 4000
_FEEDBACK_TOKENS = 600
_SYSTEM_TOKENS = 600


@dataclass(frozen=True)
class Estimate:
    """What a campaign may cost.

    Attributes:
        calls: calls of models that cost money.
        usd: a typical cost, without caching by providers; ``None`` where a price is unknown.
        cap_usd: the most that is spent whatever happens, when a cap is set.
        is_free: whether no call costs anything.
    """

    calls: int
    usd: Decimal | None
    cap_usd: Decimal | None
    is_free: bool

    @property
    def text(self) -> str:
        """The estimate in one line."""
        if self.is_free:
            return "cost: nothing, every model of the campaign is free"
        typical = "of unknown price" if self.usd is None else f"about ${self.usd:.2f}"
        cap = "no cap is set (--max-cost)" if self.cap_usd is None else f"never more than ${self.cap_usd:.2f}"
        return f"cost: up to {self.calls} paid calls, {typical} at typical lengths; {cap}"


def estimate(spec: CampaignSpec) -> Estimate:
    """What ``spec`` may cost, assuming full histories and replies of typical length.

    Raises:
        InputError: the campaign cannot be run: a problem, model, key or price is missing.
    """
    problems = list(check(spec).values())
    gateway = Gateway(spec.models, gateway_options(spec))
    try:
        paid = [name for name in spec.models if not gateway.is_free(name)]
        cells_each = spec.samples * len(spec.strategies)
        costs = [_cell(gateway, name, problem, spec.iterations) for name in paid for problem in problems]
    finally:
        asyncio.run(gateway.close())
    known = [cost for cost in costs if cost is not None]
    return Estimate(
        calls=len(paid) * len(problems) * cells_each * spec.iterations,
        usd=cells_each * sum(known, Decimal(0)) if len(known) == len(costs) else None,
        cap_usd=spec.max_cost_usd,
        is_free=not paid,
    )


def _cell(gateway: Gateway, model: str, problem: Problem, iterations: int) -> Decimal | None:
    first = _SYSTEM_TOKENS + len(problem.statement) // _CHARACTERS_PER_TOKEN
    each = _TYPICAL_OUTPUT_TOKENS + _FEEDBACK_TOKENS
    costs = [gateway.estimate(model, first + each * number, _TYPICAL_OUTPUT_TOKENS) for number in range(iterations)]
    return _total(costs)


def _total(costs: Sequence[Decimal | None]) -> Decimal | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if len(known) == len(costs) else None
