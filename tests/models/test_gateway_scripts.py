"""Scripts and replays through the gateway: free, unpriced by nobody, and labelled as scripts."""

import asyncio
import json
from decimal import Decimal
from pathlib import Path

import pytest

from heurigym.errors import InputError
from heurigym.models.gateway import Gateway, GatewayOptions
from heurigym.models.protocol import CallContext, Finish, Message, ModelError, Reply, Request

REQUEST = Request(system="Be brief.", messages=(Message(role="user", content="Solve it."),))


def context(folder: Path, attempt: int = 0) -> CallContext:
    return CallContext(problem="toy", problem_folder=folder, strategy="refine", sample=0, attempt=attempt)


def ladder(folder: Path) -> Path:
    (folder / "ladder").mkdir()
    (folder / "ladder" / "1_naive.py").write_text("def solve(): ...\n")
    (folder / "ladder" / "2_good.py").write_text("def solve(): return 1\n")
    return folder


def test_the_ladder_costs_nothing_and_climbs(tmp_path: Path) -> None:
    async def main() -> list[Reply]:
        gateway = Gateway(["scripted/ladder"], GatewayOptions(max_cost_usd=Decimal(0)))
        assert gateway.is_script("scripted/ladder")
        assert gateway.is_free("scripted/ladder")
        assert gateway.estimate("scripted/ladder", 10_000, 10_000) == 0
        folder = ladder(tmp_path)
        replies = [await gateway.complete("scripted/ladder", REQUEST, context(folder, k)) for k in range(3)]
        assert gateway.spent_usd == 0
        await gateway.close()
        return replies

    replies = asyncio.run(main())
    assert "solve(): ..." in replies[0].text
    assert [reply.finish for reply in replies] == [Finish.STOP] * 3
    assert replies[1].text == replies[2].text != replies[0].text
    assert {reply.cost_usd for reply in replies} == {Decimal(0)}


def test_a_replay_answers_what_was_stored_and_nothing_else(tmp_path: Path) -> None:
    stored = Reply(text="kept", finish=Finish.STOP, cost_usd=Decimal("0.5"))
    file = tmp_path / "one.json"
    file.write_text(
        json.dumps(
            {"cell": {"problem": "toy", "sample": 0}, "attempts": [{"reply": stored.model_dump(mode="json")}]}
        )
    )
    name = f"replay/{file}"

    async def main() -> Reply:
        gateway = Gateway([name], GatewayOptions())
        with pytest.raises(ModelError, match="no reply for attempt 1"):
            await gateway.complete(name, REQUEST, context(tmp_path, 1))
        return await gateway.complete(name, REQUEST, context(tmp_path))

    reply = asyncio.run(main())
    assert reply.text == "kept"
    assert reply.cost_usd == 0
    assert Reply.model_validate_json(reply.model_dump_json()) == reply


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ladder", "must be written as provider/model"),
        ("nobody/knows", "known: scripted/ladder, replay/PATH, local/smollm2, openai/MODEL"),
        ("replay/nowhere", "neither a trajectory nor a store"),
    ],
)
def test_unknown_models_are_refused_in_one_line(name: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        Gateway([name], GatewayOptions())
    assert "\n" not in str(caught.value)


def test_what_was_spent_before_a_resume_counts() -> None:
    gateway = Gateway(["scripted/ladder"], GatewayOptions(max_cost_usd=Decimal(1)))
    gateway.charge(Decimal("0.25"))
    assert gateway.spent_usd == Decimal("0.25")


def test_the_manifest_names_versions_and_labels_scripts() -> None:
    described = Gateway(["scripted/ladder"], GatewayOptions()).describe()
    assert described["packages"]["tenacity"]
    assert described["models"]["scripted/ladder"]["is_script"] is True
    json.dumps(described)
