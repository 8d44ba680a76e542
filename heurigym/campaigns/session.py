"""A campaign from a specification or a store to its result: opens what it needs, runs, and closes everything."""

import asyncio
import contextlib
import datetime
import signal
from collections.abc import Iterator
from pathlib import Path

from heurigym.agents.registry import open_strategy
from heurigym.campaigns.cell import Resources
from heurigym.campaigns.events import Watcher
from heurigym.campaigns.manifest import make_manifest
from heurigym.campaigns.runner import Result, run_campaign
from heurigym.campaigns.spec import CampaignSpec
from heurigym.campaigns.store import Store
from heurigym.errors import InputError
from heurigym.execution.backends import BACKENDS, open_sandbox
from heurigym.execution.judging import Judge
from heurigym.models.gateway import Gateway, GatewayOptions
from heurigym.problems.problem import Problem, find_problem, is_path


class Interrupted(Exception):
    """Somebody stopped the campaign; what was finished is stored."""


def check(spec: CampaignSpec) -> dict[str, Problem]:
    """The problems of a campaign, everything that it names being looked up before anything is run.

    Raises:
        InputError: it names a problem or strategy that does not exist, or one that cannot go together.
    """
    if spec.sandbox not in ("auto", *BACKENDS):
        raise InputError(f"sandbox: must be auto, {', '.join(BACKENDS)}, not {spec.sandbox!r}")
    problems = {problem.name: problem for problem in map(find_problem, spec.problems)}
    for problem in problems.values():
        problem.require_complete()
        if "scripted/ladder" in spec.models and not problem.ladder:
            raise InputError(f"scripted/ladder has no programs for {problem.name}: its folder has no ladder/*.py")
    for strategy in spec.strategies:
        open_strategy(strategy.name, strategy.options)
    return problems


def gateway_options(spec: CampaignSpec) -> GatewayOptions:
    """How a campaign calls its models."""
    return GatewayOptions(
        base_urls=spec.base_urls,
        prices=spec.prices,
        allow_unpriced=spec.allow_unpriced,
        cache=spec.cache,
        max_cost_usd=spec.max_cost_usd,
        call_timeout_s=spec.calls.timeout_s,
        idle_timeout_s=spec.calls.idle_timeout_s,
        max_tries=spec.calls.max_tries,
        backoff_s=spec.calls.backoff_s,
        max_retry_after_s=spec.calls.max_retry_after_s,
        concurrency=spec.calls.concurrency,
        max_concurrency=spec.calls.max_concurrency,
    )


def create(spec: CampaignSpec, folder: Path) -> Store:
    """A new store for ``spec`` in ``folder``.

    Raises:
        InputError: the campaign, the sandbox or the folder cannot be used.
    """
    problems = check(spec)
    gateway = Gateway(spec.models, gateway_options(spec))
    sandbox = open_sandbox(spec.sandbox, warm=spec.warm)
    try:
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        manifest = make_manifest(list(problems.values()), sandbox.describe(), gateway.describe(), now)
    finally:
        sandbox.close()
        asyncio.run(gateway.close())
    # What was found is frozen, so that a campaign that is resumed elsewhere or later does not change.
    places = tuple(str(Path(name).resolve()) if is_path(name) else name for name in spec.problems)
    frozen = spec.model_copy(update={"sandbox": manifest.sandbox["name"], "problems": places})
    return Store.create(folder, frozen, manifest)


def run(store: Store, watcher: Watcher) -> Result:
    """Run what is left of the campaign in ``store``.

    Raises:
        InputError: it cannot be run here, or another process is running it.
        Interrupted: SIGINT or SIGTERM stopped it.
        OSError: the store cannot be written.
    """
    spec = store.campaign.spec
    problems = check(spec)
    with store.locked(), Judge(open_sandbox(spec.sandbox, warm=spec.warm)) as judge:
        return asyncio.run(_run(store, problems, judge, watcher))


async def _run(store: Store, problems: dict[str, Problem], judge: Judge, watcher: Watcher) -> Result:
    gateway = Gateway(store.campaign.spec.models, gateway_options(store.campaign.spec))
    task = asyncio.create_task(run_campaign(Resources(store, gateway, judge, problems, watcher)))
    try:
        with _stopping(task):
            return await task
    except asyncio.CancelledError:
        raise Interrupted from None
    finally:
        judge.stop()
        await gateway.close()


@contextlib.contextmanager
def _stopping(task: "asyncio.Task[Result]") -> Iterator[None]:
    """Cancel ``task`` at SIGINT or SIGTERM."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
