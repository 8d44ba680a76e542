"""``best_of_n``: independent programs from the first prompt alone, of which the best one counts."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from heurigym.agents.options import parse_options
from heurigym.agents.prompts import system_prompt, task
from heurigym.agents.strategy import Action, Plan, Situation, Strategy, Workbench, judge_program
from heurigym.models.protocol import Message, Reply, Request


class BestOfNOptions(BaseModel):
    """Options of ``best_of_n``: none, N is the number of iterations."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BestOfN:
    """Every request is the same: what repeated sampling alone achieves, the yardstick of all other strategies."""

    def plan(self, situation: Situation) -> Plan | None:
        """The first prompt once more, until there are as many attempts as iterations."""
        if len(situation.attempts) >= situation.iterations:
            return None
        return Plan(
            Request(
                system=system_prompt(situation),
                messages=(Message(role="user", content=task(situation)),),
                temperature=situation.temperature,
                max_output_tokens=situation.max_output_tokens,
            )
        )

    async def act(self, situation: Situation, reply: Reply, bench: Workbench) -> Action:
        """Judge the program in the reply."""
        return await judge_program(reply, bench)


def make_best_of_n(options: Mapping[str, Any]) -> Strategy:
    """A ``best_of_n`` strategy.

    Raises:
        InputError: options are given.
    """
    parse_options("best_of_n", options, BestOfNOptions)
    return BestOfN()
