"""The columns of the published tables, with what each means; documentation and page are made from these."""

from collections.abc import Sequence
from dataclasses import dataclass

from heurigym.scoring.bootstrap import CONFIDENCE
from heurigym.scoring.solve import BUDGETS, STAGES


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: its name in CSV and JSON.
        meaning: what it holds, with unit.
    """

    name: str
    meaning: str


_PERCENT = f"{CONFIDENCE:.0%}"


def _with_interval(name: str, meaning: str) -> tuple[Column, ...]:
    return (
        Column(name, meaning),
        Column(f"{name}_low", f"lower end of the {_PERCENT} bootstrap interval of {name}"),
        Column(f"{name}_high", f"upper end of the {_PERCENT} bootstrap interval of {name}"),
    )


_WHO = (
    Column("model", "name of the model, as provider/model[:effort]"),
    Column("strategy", "name of the strategy"),
    Column(
        "variant", "what differs in settings between rows of the same model and strategy; empty for a single row"
    ),
    Column("is_script", "whether the model is a script or a replay rather than a language model"),
    Column("official", "whether programs ran in a sandbox that official scores may come from"),
)

_SOLVE = tuple(
    Column(
        f"solve_{stage}@{budget}",
        f"probability that an instance passes stage {stage} within {budget} attempts; empty where it cannot be "
        "estimated from what was run",
    )
    for stage in STAGES
    for budget in BUDGETS
)

_STATES = (
    Column("samples", "trajectories that are scored"),
    Column("running", "trajectories that are still running; not scored"),
    Column("failed", "trajectories that failed for no fault of a program; not scored"),
    Column("unjudged", "finished trajectories whose selected program has no eval judging; not scored"),
    Column("waiting", "trajectories that have not begun"),
    Column("without_program", "scored trajectories in which no attempt delivered a program; their yield is 0"),
    Column("unscored_runs", "executions of selected programs in which the harness failed; they count for nothing"),
)

_SPENDING = (
    Column("cost_usd", "US dollars for one trajectory of each problem: mean over scored ones; empty if a price is "
           "unknown"),
    Column("tokens", "tokens for one trajectory of each problem, input and output"),
    Column("output_tokens", "output tokens, thinking included, for one trajectory of each problem"),
    Column("calls", "replies for one trajectory of each problem"),
    Column("model_s", "seconds of waiting for the model for one trajectory of each problem"),
    Column("wall_s", "wall seconds of all executions, demo and eval, for one trajectory of each problem"),
    Column("cpu_s", "CPU seconds of all executions for one trajectory of each problem"),
    Column("spent_usd", "US dollars that were spent in all, on failed and running trajectories too"),
)  # fmt: skip

RESULTS = (
    Column("problem", "name of the problem"),
    Column("digest", "first 12 digits of the digest of the problem's version; `.2` and so on set those apart whose "
           "expert values contradict each other and are not known here; versions are never mixed"),
    Column("current", "whether this is the version that overall means are taken over"),
    *_WHO,
    *_with_interval("qyi", "Quality-Yield Index: mean over samples of the harmonic mean of quality and yield"),
    *_with_interval("yield", "share of eval instances with a feasible solution"),
    *_with_interval("quality", "mean capped quality over feasible eval instances, 0 when none is feasible"),
    *_with_interval("quality_uncapped", "the same without the cap at 1: beating the expert counts"),
    Column("quality_geometric", "geometric mean of the capped quality over feasible eval instances"),
    Column("beats_expert", "share of eval instances on which the solution is better than the expert's"),
    Column("oracle", "mean over samples of the best eval QYI of all attempts: chosen on the eval split, for "
           "comparison only"),
    *_SOLVE,
    Column("instances", "eval instances"),
    Column("attempts", "attempts that a trajectory is allowed"),
    *_STATES,
    *_SPENDING,
)  # fmt: skip

OVERALL = (
    *_WHO,
    Column("rank", "1 + the number of complete rows that are better beyond chance by weighted QYI; equal ranks are "
           "ties; empty for incomplete rows"),
    Column("rank_low", f"best rank of the {_PERCENT} bootstrap interval"),
    Column("rank_high", f"worst rank of the {_PERCENT} bootstrap interval"),
    Column("tied", "whether the row is tied with a neighbour: the interval of their paired difference holds 0"),
    Column("wide", "whether the interval of weighted QYI is wider than the gap to the nearest neighbour"),
    *_with_interval("weighted_qyi", "mean over problems of QYI, weighted by the number of eval instances"),
    *_with_interval("unweighted_qyi", "mean over problems of QYI, each problem counting the same"),
    *_with_interval("weighted_yield", "mean over problems of yield, weighted by the number of eval instances"),
    *_with_interval("unweighted_yield", "mean over problems of yield, each problem counting the same"),
    *_with_interval("weighted_quality", "mean over problems of quality, weighted by the number of eval instances"),
    *_with_interval("unweighted_quality", "mean over problems of quality, each problem counting the same"),
    *_with_interval("weighted_quality_uncapped", "mean over problems of uncapped quality, weighted by instances"),
    *_with_interval("unweighted_quality_uncapped", "mean over problems of uncapped quality, unweighted"),
    Column("weighted_beats_expert", "share of all eval instances on which the expert is beaten"),
    Column("unweighted_beats_expert", "mean over problems of that share, each problem counting the same"),
    Column("weighted_quality_geometric", "mean over problems of the geometric quality, weighted by instances"),
    Column("unweighted_quality_geometric", "mean over problems of the geometric quality, unweighted"),
    Column("weighted_oracle", "mean over problems of the oracle QYI, weighted by the number of eval instances"),
    Column("unweighted_oracle", "mean over problems of the oracle QYI, each problem counting the same"),
    *(Column(f"weighted_{column.name}", f"{column.meaning}; weighted by instances") for column in _SOLVE),
    *(Column(f"unweighted_{column.name}", f"{column.meaning}; unweighted") for column in _SOLVE),
    Column("problems", "problems with a scored trajectory"),
    Column("complete", "whether that is every problem of the board; only complete rows are ranked"),
    Column("instances", "eval instances of those problems"),
    *_STATES,
    *_SPENDING,
)  # fmt: skip

INSTANCES = (
    Column("problem", "name of the problem"),
    Column("digest", "first 12 digits of the digest of the problem's version"),
    Column("model", "name of the model"),
    Column("strategy", "name of the strategy"),
    Column("variant", "what differs in settings between rows of the same model and strategy"),
    Column("sample", "number of the sample"),
    Column("trajectory", "identifier of the trajectory"),
    Column("instance", "name of the eval instance"),
    Column("outcome", "how the execution of the selected program ended"),
    Column("objective", "objective of a feasible solution"),
    Column("baseline", "the expert's objective"),
    Column("quality", "capped quality"),
    Column("quality_uncapped", "uncapped quality"),
    Column("wall_s", "wall seconds"),
    Column("cpu_s", "CPU seconds"),
)

ATTEMPTS = (
    Column("problem", "name of the problem"),
    Column("digest", "first 12 digits of the digest of the problem's version"),
    Column("model", "name of the model"),
    Column("strategy", "name of the strategy"),
    Column("sample", "number of the sample"),
    Column("trajectory", "identifier of the trajectory"),
    Column("attempt", "number of the attempt, from 0"),
    Column("selected", "whether it represents the trajectory"),
    Column("program_sha256", "SHA-256 of the program; empty when the reply held none"),
    Column("finish", "how the reply ended"),
    Column("demo_yield", "yield on the demo split"),
    Column("demo_qyi", "QYI on the demo split"),
    Column("eval_yield", "yield on the eval split"),
    Column("eval_quality", "quality on the eval split"),
    Column("eval_qyi", "QYI on the eval split"),
    Column("input_tokens", "tokens sent"),
    Column("output_tokens", "tokens received, thinking included"),
    Column("cost_usd", "US dollars; empty when the price is unknown"),
    Column("latency_s", "seconds from the request to the end of the reply"),
    Column("started_at", "when the call was made, UTC"),
)

TABLES = {"overall": OVERALL, "results": RESULTS, "instances": INSTANCES, "attempts": ATTEMPTS}
"""The columns of each published table."""


def names(columns: Sequence[Column]) -> tuple[str, ...]:
    """The names of ``columns``."""
    return tuple(column.name for column in columns)


def as_markdown() -> str:
    """The documentation of every column of every table."""
    parts = []
    for name, columns in TABLES.items():
        parts.append(f"### {name}.csv\n\n| column | meaning |\n|---|---|")
        parts += [f"| `{column.name}` | {column.meaning} |" for column in columns]
        parts.append("")
    return "\n".join(parts)
