"""``evolve``: a population of programs in islands, varied by operators that are spelled out in prompts.

The operators explore, crossover, mutate and simplify are those of EoH (Liu et al., "Evolution of Heuristics", ICML
2024, section 3.2: E1, E2, M1, M3); extrapolate is the best-shot prompt of FunSearch (Romera-Paredes et al., Nature
625, 2024), which shows programs from worse to better and asks for the next one.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from heurigym.agents.options import parse_options
from heurigym.agents.population import Settings, choose_parents, island_attempts, survivors
from heurigym.agents.prompts import system_prompt, task, variation
from heurigym.agents.strategy import Action, Plan, Situation, Strategy, Workbench, judge_program
from heurigym.agents.trajectory import Attempt
from heurigym.models.protocol import Message, Reply, Request

Operator: TypeAlias = Literal["mutate", "crossover", "explore", "extrapolate", "simplify"]
_OPERATORS: tuple[Operator, ...] = ("mutate", "crossover", "explore", "extrapolate", "simplify")
_PAIRS: tuple[Operator, ...] = ("crossover", "extrapolate")
_SINGLE: tuple[Operator, ...] = ("mutate", "simplify")


class EvolveOptions(BaseModel):
    """Options of ``evolve``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    islands: int = Field(2, ge=1, le=100, description="islands; they take turns, one attempt each")
    population: int = Field(8, ge=1, le=1000, description="programs of different behaviour that an island keeps")
    parents: int = Field(2, ge=2, le=10, description="programs that explore, crossover and extrapolate show")
    reset_every: int = Field(
        40, ge=0, description="attempts after which the worse half of the islands starts again; 0 for never"
    )
    repairs: int = Field(
        2, ge=0, description="times that a failed program is sent back before an island starts from nothing"
    )
    operators: tuple[Operator, ...] = Field(
        _OPERATORS, min_length=1, description="operators, which take turns on each island"
    )

    @model_validator(mode="after")
    def _reset_after_every_island(self) -> Self:
        if 0 < self.reset_every < self.islands:
            raise ValueError(f"reset_every must be 0 or at least the number of islands, {self.islands}")
        return self


class Evolve:
    """Each request shows programs of one island and names the operator that makes the next one of them."""

    def __init__(self, options: EvolveOptions) -> None:
        self._options = options

    def plan(self, situation: Situation) -> Plan | None:
        """The next variation, until there are as many attempts as iterations."""
        number = len(situation.attempts)
        if number >= situation.iterations:
            return None
        operator, parents = self._variation(situation, number)
        text = task(situation) if operator == "start" else variation(situation, operator, parents)
        request = Request(
            system=system_prompt(situation),
            messages=(Message(role="user", content=text),),
            temperature=situation.temperature,
            max_output_tokens=situation.max_output_tokens,
        )
        return Plan(request, tuple(parent.number for parent in parents))

    async def act(self, situation: Situation, reply: Reply, bench: Workbench) -> Action:
        """Judge the program in the reply."""
        return await judge_program(reply, bench)

    def _variation(self, situation: Situation, number: int) -> tuple[str, list[Attempt]]:
        """The operator of attempt ``number`` and the programs that it is applied to."""
        options = self._options
        settings = Settings(
            islands=options.islands,
            size=options.population,
            reset_every=options.reset_every,
            seed=situation.seed,
            direction=situation.problem.spec.objective.direction,
        )
        here = island_attempts(situation.attempts, settings)[number % options.islands]
        members = survivors(here, settings)
        if not members:
            return self._first_steps(here)
        operator = options.operators[(number // options.islands) % len(options.operators)]
        if operator in _PAIRS and len(members) < 2:
            operator = "mutate"
        choose = Random(f"{situation.seed}/parents/{number}")
        count = 1 if operator in _SINGLE else options.parents
        return operator, choose_parents(members, count, choose, settings.direction)

    def _first_steps(self, here: Sequence[Attempt]) -> tuple[str, list[Attempt]]:
        """What to do on an island without a program that solves anything: mend the last one, or start anew."""
        if here and here[-1].program is not None and _repairs(here) < self._options.repairs:
            return "repair", [here[-1]]
        return "start", []


def make_evolve(options: Mapping[str, Any]) -> Strategy:
    """An ``evolve`` strategy with ``options``.

    Raises:
        InputError: it does not take them.
    """
    return Evolve(parse_options("evolve", options, EvolveOptions))


def _repairs(here: Sequence[Attempt]) -> int:
    """How often the last program of an island was sent back already."""
    count = 0
    for later, earlier in zip(reversed(here), reversed(here[:-1]), strict=False):
        if later.parents != (earlier.number,):
            break
        count += 1
    return count
