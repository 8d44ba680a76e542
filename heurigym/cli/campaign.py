"""``heurigym run``, ``resume``, ``status`` and ``rejudge``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from heurigym.errors import InputError

if TYPE_CHECKING:
    from heurigym.campaigns.spec import CampaignSpec
    from heurigym.campaigns.store import Store

StoreFolder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the campaign.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before money is spent.")]


def run(
    campaign: Annotated[Path | None, typer.Argument(metavar="CAMPAIGN.yaml", help="A campaign file.")] = None,
    model: Annotated[list[str] | None, typer.Option("--model", "-m", help="A model; repeatable.")] = None,
    problem: Annotated[list[str] | None, typer.Option("--problem", "-p", help="A problem; repeatable.")] = None,
    strategy: Annotated[list[str] | None, typer.Option("--strategy", help="A strategy; repeatable.")] = None,
    iterations: Annotated[int | None, typer.Option(min=1, help="Attempts in each cell.")] = None,
    samples: Annotated[int | None, typer.Option(min=1, help="Repetitions of each cell.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the strategies' own choices.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for the store; new or empty.")] = None,
    sandbox: Annotated[str | None, typer.Option(help="auto, bubblewrap, docker or none.")] = None,
    evaluate: Annotated[str | None, typer.Option(help="Programs judged on eval: all or selected.")] = None,
    max_cost: Annotated[float | None, typer.Option(min=0, help="Most that it may cost, US dollars.")] = None,
    max_cost_per_cell: Annotated[float | None, typer.Option(min=0, help="Most that one cell may cost.")] = None,
    allow_unpriced: Annotated[bool, typer.Option("--allow-unpriced", help="Call models of unknown price.")] = False,
    cache: Annotated[Path | None, typer.Option(metavar="DIR", help="Replies shared between campaigns.")] = None,
    yes: Yes = False,
) -> None:
    """Run a campaign: models write programs for problems, in a new store.

    Flags go before what the file says.

    Example: heurigym run -m scripted/ladder -p operator_scheduling --iterations 6 --out runs/first
    """
    from heurigym.campaigns.session import create

    flags = {
        "models": model or None,
        "problems": problem or None,
        "strategies": strategy or None,
        "iterations": iterations,
        "samples": samples,
        "seed": seed,
        "sandbox": sandbox,
        "evaluate": evaluate,
        "max_cost_usd": max_cost,
        "max_cost_per_cell_usd": max_cost_per_cell,
        "allow_unpriced": allow_unpriced or None,
        "cache": cache,
    }
    spec = _spec(campaign, {key: value for key, value in flags.items() if value is not None})
    _confirm(spec, yes)
    store = create(spec, out or _fresh_folder(spec.name))
    _run(store)


def resume(folder: StoreFolder, yes: Yes = False) -> None:
    """Go on with a campaign that was stopped; cells that failed are tried again.

    Example: heurigym resume runs/first
    """
    from heurigym.campaigns.store import Store

    store = Store.open(folder)
    _confirm(store.campaign.spec, yes)
    _run(store)


def status(folder: StoreFolder) -> None:
    """Say how far a campaign is and what it has scored.

    Example: heurigym status runs/first
    """
    from collections import Counter

    from heurigym.agents.trajectory import Status
    from heurigym.board.summary import score_table
    from heurigym.campaigns.store import Store
    from heurigym.cli.output import console

    store = Store.open(folder)
    total = store.campaign.spec.cell_count
    counts: Counter[str] = Counter()
    attempts, cost, errors = 0, 0.0, []
    for trajectory in store.trajectories():
        # A store does not know whether the process that runs its campaign is still there.
        counts["begun" if trajectory.status is Status.RUNNING else trajectory.status.value] += 1
        attempts += len(trajectory.attempts)
        cost += float(trajectory.cost_usd)
        if trajectory.error is not None:
            errors.append(f"failed: {trajectory.cell}: {trajectory.error}")
    counts["not begun"] = total - sum(counts.values())
    parts = [f"{count} {what}" for what, count in counts.items() if count]
    print(f"{total} cells: {', '.join(parts)}; {attempts} attempts; ${cost:.4f} spent")
    for line in errors[:10]:
        print(line)
    if counts["finished"]:
        console().print(score_table([folder]))


def rejudge(
    folder: StoreFolder,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for the new store.")] = None,
    sandbox: Annotated[str | None, typer.Option(help="Sandbox; the campaign's unless given.")] = None,
    instances: Annotated[
        str | None,
        typer.Option(
            metavar="fresh|DIR", help="Judge selected programs on fresh instances, or on those in DIR/PROBLEM."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of fresh instances.")] = 0,
    count: Annotated[int, typer.Option(min=1, help="Fresh instances of each problem.")] = 10,
    time: Annotated[float, typer.Option(min=0.1, help="Seconds for the expert on each fresh instance.")] = 30.0,
    json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Also write it as JSON.")] = None,
) -> None:
    """Run every stored program of a campaign again, into a new store, and say what came out differently.

    With --instances the selected programs run on instances that nobody has seen, and no store is written.

    Example: heurigym rejudge runs/first --out runs/first-again
    """
    from heurigym.campaigns.rejudging import rejudge as rejudge_store
    from heurigym.campaigns.store import Store
    from heurigym.cli.output import check_writable, print_table, progress, warn_unofficial, write_json

    store = Store.open(folder)
    check_writable(json)
    if (sandbox or store.campaign.spec.sandbox) == "none":
        warn_unofficial()
    if instances is not None:
        _rejudge_elsewhere(store, instances, seed, count, time, sandbox, json)
        return
    target = out or folder.resolve().with_name(f"{folder.resolve().name}-rejudged")
    total = sum(len(trajectory.attempts) for trajectory in store.trajectories())
    with progress(total) as advance:
        result = rejudge_store(store, target, sandbox, on_attempt=advance)
    rows = [difference.row for difference in result.differences]
    columns = ("cell", "attempt", "split", "was", "is")
    if json is not None:
        differences = [dict(zip(columns, row, strict=True)) for row in rows]
        content = {"store": str(target), "attempts": total, "unscored": result.unscored, "differences": differences}
        write_json(json, content)
    if json is None or str(json) != "-":
        if rows:
            print_table(columns, rows)
        print(f"{total} attempts judged again into {target}; {len(rows)} came out differently")
        if result.unscored:
            print(f"{result.unscored} executions could not be scored because the harness failed")
    if result.unscored:
        raise typer.Exit(1)


def _rejudge_elsewhere(
    store: "Store", instances: str, seed: int, count: int, seconds: float, sandbox: str | None, json: Path | None
) -> None:
    import tempfile

    from heurigym.board.rejudging import rejudge as rejudge_selected
    from heurigym.cli.output import console, number, print_table, write_json
    from heurigym.execution.backends import open_sandbox
    from heurigym.execution.judging import Judge
    from heurigym.problems.expert import generate_with_experts
    from heurigym.problems.problem import find_problem

    spec = store.campaign.spec
    problems = dict(zip(spec.problem_names, map(find_problem, spec.problems), strict=True))
    screen = console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="heurigym-fresh-") as scratch:
        if instances == "fresh":
            folders = {name: Path(scratch) / name for name in problems}
            for name, problem in problems.items():
                with screen.status(f"generating instances of {name} and running its expert"):
                    generate_with_experts(problem, seed, count, seconds, folders[name])
        else:
            folders = {name: Path(instances) / name for name in problems if (Path(instances) / name).is_dir()}
            if not folders:
                raise InputError(f"{instances}: has no folder called as one of {', '.join(problems)}")
        with Judge(open_sandbox(sandbox or spec.sandbox)) as judge, screen.status("judging"):
            found = list(rejudge_selected(store.folder, judge, folders, find=problems.__getitem__))
    if json is not None:
        write_json(json, {"rejudged": [each.model_dump(mode="json") for each in found]})
    if json is None or str(json) != "-":
        rows = [
            (
                str(each.cell),
                number(each.stored.qyi if each.stored is not None else None, 4),
                number(each.fresh.summary.qyi, 4),
                f"{each.fresh.summary.feasible}/{each.fresh.summary.instances}",
            )
            for each in found
        ]
        print_table(("cell", "eval QYI", "QYI here", "feasible here"), rows, frozenset({"eval QYI", "QYI here"}))
    if any(each.fresh.summary.unscored for each in found):
        raise typer.Exit(1)


def _spec(path: Path | None, flags: dict[str, Any]) -> "CampaignSpec":
    from pydantic import ValidationError

    from heurigym.campaigns.spec import CampaignSpec
    from heurigym.problems.spec import describe, parse_yaml

    if path is not None:
        return parse_yaml(path, CampaignSpec, flags)
    for field, flag in (("models", "-m/--model"), ("problems", "-p/--problem")):
        if field not in flags:
            raise InputError(f"no {field}: give {flag}, or a campaign file")
    try:
        return CampaignSpec.model_validate(flags)
    except ValidationError as error:
        raise InputError(describe("flags", error)) from None


def _fresh_folder(name: str) -> Path:
    import datetime

    from heurigym.campaigns.store import slug

    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d-%H%M%S")
    return Path("runs") / f"{slug(name)}-{stamp}"


def _confirm(spec: "CampaignSpec", yes: bool) -> None:
    import sys

    from heurigym.campaigns.estimate import estimate

    expected = estimate(spec)
    print(expected.text)
    if yes or expected.is_free:
        return
    if not sys.stdin.isatty():
        raise InputError("money would be spent and nobody can be asked; add --yes to go on")
    if not typer.confirm("Go on?", default=False):
        raise typer.Exit(1)


def _run(store: "Store") -> None:
    from heurigym.board.summary import score_table
    from heurigym.campaigns.progress import ProgressDisplay
    from heurigym.campaigns.session import Interrupted
    from heurigym.campaigns.session import run as run_session
    from heurigym.cli.output import console, warn_unofficial

    spec = store.campaign.spec
    sandbox = store.campaign.manifest.sandbox
    screen = console()
    screen.print(
        f"store {store.folder}; sandbox {sandbox['name']}, guest Python {sandbox['python']}", soft_wrap=True
    )
    if not sandbox["official"]:
        warn_unofficial()
    try:
        with ProgressDisplay(screen, spec.cell_count, spec.iterations) as display:
            result = run_session(store, display)
    except Interrupted:
        print(f"stopped; go on with: heurigym resume {store.folder}")
        raise typer.Exit(1) from None
    except OSError as error:
        message = f"cannot be written ({error.strerror}); make room, then: heurigym resume {store.folder}"
        typer.echo(f"heurigym: {store.folder}: {message}", err=True)
        raise typer.Exit(1) from None
    screen.print(score_table([store.folder]))
    for line in result.errors:
        print(f"failed: {line}")
    if not result.complete:
        print(f"not every cell finished; try them again with: heurigym resume {store.folder}")
        raise typer.Exit(1)
