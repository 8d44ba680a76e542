"""What a call costs: prices from the campaign file, else from the ``genai-prices`` list."""

from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from importlib.metadata import version
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from heurigym.models.protocol import Usage

_MILLION = Decimal(1_000_000)


class PriceOverride(BaseModel):
    """Prices of a model as a campaign file gives them, in US dollars per million tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: Decimal = Field(ge=0, description="price of input tokens")
    output: Decimal = Field(ge=0, description="price of output tokens, thinking included")
    cached: Decimal | None = Field(None, ge=0, description="price of input read from the cache; unset: as input")
    cache_write: Decimal | None = Field(None, ge=0, description="price of input written to it; unset: as input")


class Price(Protocol):
    """The price of one model's tokens."""

    @property
    def source(self) -> str:
        """Where it comes from, with a version."""
        ...

    @property
    def is_free(self) -> bool:
        """Whether nothing is ever charged."""
        ...

    def cost(self, usage: Usage) -> Decimal:
        """US dollars for these tokens."""
        ...


@dataclass(frozen=True)
class Free:
    """Nothing is charged: the model runs on this machine."""

    source: str = "free"
    is_free: bool = True

    def cost(self, usage: Usage) -> Decimal:
        """Nothing."""
        return Decimal(0)


@dataclass(frozen=True)
class Given:
    """A price from the campaign file."""

    price: PriceOverride
    source: str = "campaign file"

    @property
    def is_free(self) -> bool:
        """Whether every price is nought."""
        price = self.price
        return not any((price.input, price.output, price.cached, price.cache_write))

    def cost(self, usage: Usage) -> Decimal:
        """Tokens times prices, each kind of input at its own."""
        price = self.price
        plain = max(0, usage.input_tokens - usage.cached_tokens - usage.cache_write_tokens)
        cached = price.input if price.cached is None else price.cached
        written = price.input if price.cache_write is None else price.cache_write
        total = plain * price.input + usage.cached_tokens * cached + usage.cache_write_tokens * written
        return (total + usage.output_tokens * price.output) / _MILLION


@dataclass(frozen=True)
class Listed:
    """A price from the ``genai-prices`` list."""

    provider: str
    model: str
    is_free: bool = False

    @property
    def source(self) -> str:
        """The list and its version."""
        return f"genai-prices {version('genai-prices')}"

    def cost(self, usage: Usage) -> Decimal:
        """What the list says, with its tiers and cache prices.

        Raises:
            LookupError: the list does not know the model.
        """
        prices = import_module("genai_prices")
        tokens = prices.Usage(
            # The list refuses counts that contradict each other; what was spent has to be counted all the same.
            input_tokens=max(usage.input_tokens, usage.cached_tokens + usage.cache_write_tokens),
            cache_read_tokens=usage.cached_tokens,
            cache_write_tokens=usage.cache_write_tokens,
            output_tokens=usage.output_tokens,
        )
        return Decimal(prices.calc_price(tokens, self.model, provider_id=self.provider).total_price)


def listed_price(provider: str, model: str) -> Price | None:
    """The price of a model in the list, if the list is installed and knows it."""
    price = Listed(provider, model)
    try:
        price.cost(Usage(input_tokens=1, output_tokens=1))
    except (ImportError, LookupError):
        return None
    return price


def worst_cost(price: Price, input_tokens: int, output_tokens: int) -> Decimal:
    """The most that a call of this size can cost: nothing of it read from a cache, all of it written to one."""
    plain = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
    written = plain.model_copy(update={"cache_write_tokens": input_tokens})
    return max(price.cost(plain), price.cost(written))
