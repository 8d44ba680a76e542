"""A campaign of ``tools`` over a real wire: calls, their results, and the same conversation after a resume."""

import json
import re
from pathlib import Path
from typing import Any

from campaign_support import spec, trajectories
from scripted_server import Answer, Call, ScriptedServer, sse
from wires import chat

from heurigym.campaigns.events import Silence
from heurigym.campaigns.session import create, run

PROGRAM = (
    "import json\n\n\ndef solve(input_file, solution_file):\n"
    "    weights = json.load(open(input_file))['weights']\n"
    "    open(solution_file, 'w').write(str(weights.index(min(weights))))\n"
)
TURNS: list[tuple[tuple[str, str, dict[str, Any]], ...]] = [
    (("a", "read_statement", {}), ("b", "read_demo_instance", {"name": "small"})),
    (("c", "judge_program", {"program": PROGRAM}),),
    (("d", "view_history", {}), ("e", "submit", {})),
]


def behave(call: Call) -> Answer:
    turn = sum(message["role"] == "assistant" for message in call.body["messages"])
    return sse(chat("", "tool_calls", calls=TURNS[turn]))


def told(body: Any) -> dict[str, str]:
    """What the tools have answered, by call."""
    return {one["tool_call_id"]: one["content"] for one in body["messages"] if one["role"] == "tool"}


def test_a_model_reads_judges_looks_back_and_submits(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    with ScriptedServer(behave) as server:
        campaign = spec(
            models=["openai-compatible/m"],
            base_urls={"openai-compatible": f"{server.url}/v1"},
            strategies=["tools"],
            iterations=6,
            samples=1,
        )
        store = create(campaign, folder)
        assert run(store, Silence()).complete
        assert len(server.calls) == 3
        last = server.calls[-1].body
        results = told(last)
        assert "Largest subset sum" in results["a"]
        assert '"weights": [7, 4, 6, 3]' in results["b"]
        assert "- small: feasible, objective 3" in results["c"]
        assert {tool["function"]["name"] for tool in last["tools"]} >= {"judge_program", "submit"}
        (path,) = folder.glob("trajectories/**/*.json")
        (stored,) = trajectories(folder).values()
        assert (stored["status"], stored["selected"], len(stored["attempts"])) == ("finished", 1, 3)
        assert stored["attempts"][1]["program"] == PROGRAM
        assert [use["call"]["id"] for use in stored["attempts"][2]["tools"]] == ["d", "e"]

        # As if it had been killed when the first turn was stored and not yet carried out.
        first = {**stored["attempts"][0], "complete": False, "tools": []}
        path.write_text(json.dumps({**stored, "status": "running", "selected": None, "attempts": [first]}))
        assert run(store, Silence()).complete
        again, before = (
            [without_times(call.body) for call in calls] for calls in (server.calls[3:], server.calls[1:3])
        )
        assert again == before


def without_times(body: Any) -> str:
    return re.sub(r"\d+\.\d s of ", "", json.dumps(body))
