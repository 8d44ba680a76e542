"""A campaign of 200 cells against a server that misbehaves, killed twenty times: nothing is lost or paid twice."""

import random
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

from campaign_support import resume, spec, trajectories
from processes import Descendants, ended, kill, start, wait_until
from scripted_server import Answer, Call, ScriptedServer, body, error, sse
from wires import chat

from heurigym.campaigns.session import create
from heurigym.campaigns.spec import CampaignSpec

MODELS = 4
CELLS_AT_ONCE = 8
USAGE = {"input": 1000, "cached": 0, "written": 0, "output": 100, "reasoning": 0}
PRICE = {"input": 2, "output": 10}
"""US dollars per million tokens, so that a reply costs 0.003."""

COST = Decimal("0.003")
SERIAL = "# reply "
CHOICES = ("chosen = []", "chosen = [0]", "chosen = [0, 3]", "raise ValueError", "chosen = range(99)")


class Weather:
    """Answers well or badly at random, and numbers its good answers."""

    def __init__(self, seed: int) -> None:
        self._choose = random.Random(seed)
        self.generation = 0
        self.served: list[int] = []
        """The generation of each good answer; its number is its place."""
        self.bad: Counter[str] = Counter()

    def __call__(self, call: Call) -> Answer:
        kind = self._choose.choices(
            ("good", "429", "529", "500", "reset", "cut", "garbage", "half", "silence"),
            (70, 6, 5, 4, 4, 3, 4, 3, 1),
        )[0]
        if kind == "good":
            self.served.append(self.generation)
            return sse(chat(self._program(len(self.served) - 1), usage=USAGE))
        self.bad[kind] += 1
        return _bad(kind)

    def _program(self, serial: int) -> str:
        choice = CHOICES[serial % len(CHOICES)]
        return (
            f"```python\n{SERIAL}{serial}\ndef solve(input_file, solution_file):\n    {choice}\n"
            "    open(solution_file, 'w').write('\\n'.join(map(str, chosen)))\n```\n"
        )


def _bad(kind: str) -> Answer:
    reply = chat("An answer that nobody gets to read.", usage=None)
    return {
        "429": error(429, "slow down", retry_after=0.02),
        "529": error(529, "overloaded"),
        "500": error(500, "oops"),
        "reset": Answer(ending="reset"),
        "cut": sse(reply[:2]),
        "garbage": body("<html>Bad gateway</html>", "text/html"),
        "half": sse(reply[:2], ending="half"),
        "silence": Answer(silence_s=600),
    }[kind]


def campaign(server: ScriptedServer, samples: int, **changes: Any) -> CampaignSpec:
    models = [f"openai-compatible/m{number}" for number in range(MODELS)]
    calls = {"timeout_s": 1.5, "max_tries": 12, "backoff_s": 0.01, "concurrency": CELLS_AT_ONCE}
    return spec(
        models=models,
        base_urls={"openai-compatible": f"{server.url}/v1"},
        prices=dict.fromkeys(models, PRICE),
        calls=calls,
        samples=samples,
        cells_at_once=CELLS_AT_ONCE,
        max_output_tokens=100,
        **{"iterations": 1, "evaluate": "selected", **changes},
    )


def run_and_kill(store: Path, weather: Weather, replies: int, delay_s: float) -> None:
    """Resume until there were so many more good replies, and kill a moment later."""
    weather.generation += 1
    goal = len(weather.served) + replies
    process = start(resume, store)
    wait_until(lambda: len(weather.served) >= goal or not process.is_alive())
    time.sleep(delay_s)
    kill(process)


def stored_serials(store: Path) -> list[int]:
    """The numbers of the good replies that are stored."""
    texts = [attempt["reply"]["text"] for one in trajectories(store).values() for attempt in one["attempts"]]
    return [int(text.partition(SERIAL)[2].partition("\n")[0]) for text in texts if SERIAL in text]


def stored_cost(store: Path) -> Decimal:
    total = Decimal(0)
    for one in trajectories(store).values():
        replies = (Decimal(attempt["reply"]["cost_usd"]) for attempt in one["attempts"])
        total += Decimal(one["lost_cost_usd"]) + sum(replies)
    return total


def statuses(store: Path) -> Counter[str]:
    return Counter(one["status"] for one in trajectories(store).values())


def wasted(store: Path, weather: Weather) -> Counter[int]:
    """Good replies that are not stored, by generation."""
    kept = set(stored_serials(store))
    return Counter(generation for serial, generation in enumerate(weather.served) if serial not in kept)


def test_every_cell_ends_and_no_reply_is_paid_for_twice(tmp_path: Path, nothing_left: Descendants) -> None:
    weather, choose, store = Weather(seed=5), random.Random(6), tmp_path / "store"
    with ScriptedServer(weather) as server:
        create(campaign(server, samples=50), store)
        for _ in range(20):
            run_and_kill(store, weather, choose.randint(2, 9), choose.uniform(0, 0.06))
        assert sum(statuses(store).values()) < 200
        weather.generation += 1
        # A call of which every try fails leaves its cell failed; resuming retries such cells alone.
        rounds = 0
        while ended(start(resume, store)) != 0:
            rounds += 1
            assert rounds < 5
    assert statuses(store) == {"finished": 200}
    serials = stored_serials(store)
    assert len(serials) == len(set(serials)) == 200
    lost = wasted(store, weather)
    assert all(count <= CELLS_AT_ONCE for count in lost.values())
    assert lost[weather.generation] == 0
    assert stored_cost(store) >= 200 * COST
    assert min(weather.bad[kind] for kind in ("429", "529", "500", "reset", "cut", "garbage", "half")) > 0


def test_spend_never_passes_the_cap_by_more_than_the_calls_in_flight(tmp_path: Path) -> None:
    weather, store = Weather(seed=8), tmp_path / "store"
    cap = 20 * COST
    with ScriptedServer(weather) as server:
        create(campaign(server, samples=10, max_cost_usd=cap), store)
        for _ in range(3):
            run_and_kill(store, weather, replies=4, delay_s=0.02)
        weather.generation += 1
        assert ended(start(resume, store)) == 1
    assert set(statuses(store)) == {"finished", "failed"}
    assert sum(statuses(store).values()) == 40
    failed = [one["error"] for one in trajectories(store).values() if one["status"] == "failed"]
    assert all("budget: the call may cost" in words for words in failed)
    assert stored_cost(store) <= cap
    assert COST * len(weather.served) <= cap + 3 * CELLS_AT_ONCE * COST
    # The cap is used as far as calls fit under it.
    assert stored_cost(store) > cap * Decimal("0.7")
