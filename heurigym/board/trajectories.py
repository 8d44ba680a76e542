"""A trajectory as the page's viewer shows it; one file each, loaded when somebody opens it."""

from typing import Any

from heurigym.agents.trajectory import Attempt, Trajectory
from heurigym.board.writing import Site
from heurigym.execution.judging import Judging


def trajectory_file(identifier: str) -> str:
    """Where a site has a trajectory."""
    return f"data/trajectories/{identifier}.js"


def write_trajectory(site: Site, identifier: str, trajectory: Trajectory) -> None:
    """Write a trajectory into a site."""
    site.script(trajectory_file(identifier), f"trajectories/{identifier}", view(identifier, trajectory))


def view(identifier: str, trajectory: Trajectory) -> dict[str, Any]:
    """What the viewer shows of ``trajectory``: every text in full, without identifiers of the provider's calls."""
    return {
        "id": identifier,
        **trajectory.cell.model_dump(),
        "digest": trajectory.problem_digest[:12],
        "official": trajectory.official,
        "is_script": trajectory.is_script,
        "status": trajectory.status.value,
        "error": trajectory.error,
        "selected": trajectory.selected,
        "cost_usd": float(trajectory.cost_usd),
        "texts": trajectory.texts,
        "attempts": [_attempt(attempt) for attempt in trajectory.attempts],
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    reply = attempt.reply
    return {
        "number": attempt.number,
        "started_at": attempt.started_at,
        "parents": list(attempt.parents),
        "system": attempt.prompt.system,
        "turns": [[turn.role, turn.text] for turn in attempt.prompt.turns],
        "reply": None
        if reply is None
        else {
            "text": reply.text,
            "finish": reply.finish.value,
            "note": reply.note,
            "served_model": reply.served_model,
            "latency_s": round(reply.latency_s, 3),
            "input_tokens": reply.usage.input_tokens,
            "output_tokens": reply.usage.output_tokens,
            "reasoning_tokens": reply.usage.reasoning_tokens,
            "cost_usd": None if reply.cost_usd is None else float(reply.cost_usd),
            "retries": reply.retries,
            "cached": reply.cached,
        },
        "tools": [
            {"name": use.call.name, "arguments": use.call.arguments, "result": use.result} for use in attempt.tools
        ],
        "program": attempt.program,
        "demo": _judging(attempt.demo),
        "eval": _judging(attempt.eval),
    }


def _judging(judging: Judging | None) -> dict[str, Any] | None:
    if judging is None:
        return None
    return {
        "summary": judging.summary.model_dump(by_alias=True),
        "sandbox": judging.sandbox,
        "runs": [
            run.model_dump(
                mode="json",
                include={
                    "instance", "outcome", "objective", "baseline", "quality", "quality_uncapped", "message",
                    "stderr", "wall_s", "cpu_s", "peak_memory_mb", "flags",
                },
                exclude_defaults=True,
            )
            for run in judging.runs
        ],
    }  # fmt: skip
