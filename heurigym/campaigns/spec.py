"""What a campaign is: models x problems x strategies x samples, written as YAML or as flags."""

import itertools
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from heurigym.agents.trajectory import Cell
from heurigym.models.pricing import PriceOverride
from heurigym.problems.problem import is_path

Name = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StrategySpec(_Strict):
    """A strategy with its options."""

    name: Name = Field(description="name of the strategy: refine, ...")
    label: str = Field("", description="what it is called in results; the name unless given")
    options: dict[str, Any] = Field(default_factory=dict, description="options of the strategy")

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: object) -> object:
        return {"name": value} if isinstance(value, str) else value

    @property
    def title(self) -> str:
        """What it is called in results."""
        return self.label or self.name


class CallSettings(_Strict):
    """How models are called; none of it changes what a reply means."""

    timeout_s: float = Field(900.0, gt=0, description="wall-clock limit of one try, seconds")
    idle_timeout_s: float = Field(300.0, gt=0, description="longest silence within a try, seconds")
    max_tries: int = Field(6, ge=1, le=100, description="tries of one call")
    backoff_s: float = Field(1.0, gt=0, description="first wait between tries, seconds; it doubles each time")
    max_retry_after_s: float = Field(120.0, ge=0, description="longest Retry-After that is waited for, seconds")
    concurrency: int = Field(8, ge=1, description="calls that one provider gets at once to begin with")
    max_concurrency: int = Field(64, ge=1, description="calls that one provider ever gets at once")


class CampaignSpec(_Strict):
    """A campaign. Frozen into its store when it starts."""

    name: str = Field("campaign", description="what it is called")
    models: tuple[Name, ...] = Field(min_length=1, description="models, as provider/model[:effort]")
    problems: tuple[Name, ...] = Field(min_length=1, description="problems, by name or by the path of a folder")
    strategies: tuple[StrategySpec, ...] = Field((StrategySpec(name="refine"),), description="strategies")
    iterations: int = Field(5, ge=1, le=1000, description="attempts in each cell")
    samples: int = Field(1, ge=1, le=1000, description="independent repetitions of each cell")
    seed: int = Field(0, description="seed of the strategies' own choices")
    sandbox: str = Field("auto", description="sandbox: auto, bubblewrap, docker or none")
    warm: bool = Field(True, description="whether the sandbox keeps preloaded interpreters ready")
    evaluate: str = Field(
        "all", pattern="^(all|selected)$", description="programs judged on the eval split: all, or the selected one"
    )
    cells_at_once: int = Field(8, ge=1, description="cells that are under way at once")
    temperature: float | None = Field(None, ge=0, description="sampling temperature; unset leaves the default")
    max_output_tokens: int | None = Field(32768, ge=1, description="cap on one reply, thinking included")
    max_cost_usd: Decimal | None = Field(None, ge=0, description="most that the campaign may cost")
    max_cost_per_cell_usd: Decimal | None = Field(None, ge=0, description="most that one cell may cost")
    allow_unpriced: bool = Field(False, description="whether models of unknown price may be called")
    prices: dict[str, PriceOverride] = Field(
        default_factory=dict, description="prices by model, where given by hand"
    )
    base_urls: dict[str, str] = Field(default_factory=dict, description="base URL by provider")
    calls: CallSettings = Field(default_factory=CallSettings, description="how models are called")
    cache: Path | None = Field(None, description="folder of replies shared between campaigns")

    @model_validator(mode="after")
    def _name_once(self) -> Self:
        for what, names in (
            ("models", self.models),
            ("problems", self.problem_names),
            ("strategies", tuple(strategy.title for strategy in self.strategies)),
        ):
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise ValueError(f"{what} has {twice!r} twice; give each once")
        return self

    def cells(self) -> Iterator[Cell]:
        """The cells of the campaign, samples varying slowest, so that a stopped campaign covers everything."""
        for sample, problem, model, strategy in itertools.product(
            range(self.samples), self.problem_names, self.models, self.strategies
        ):
            yield Cell(problem=problem, model=model, strategy=strategy.title, sample=sample)

    @property
    def problem_names(self) -> tuple[str, ...]:
        """The names of the problems, also of those that are given as paths."""
        return tuple(Path(name).resolve().name if is_path(name) else name for name in self.problems)

    @property
    def cell_count(self) -> int:
        """The number of cells."""
        return self.samples * len(self.problems) * len(self.models) * len(self.strategies)

    def strategy(self, title: str) -> StrategySpec:
        """The strategy that is called ``title`` in results."""
        return next(strategy for strategy in self.strategies if strategy.title == title)
