"""``heurigym leaderboard``: build, serve, verify, submit, import-heurigym."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The leaderboard: build, serve, verify, submit, import-heurigym.")


@app.callback(invoke_without_command=True)
def _default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


Stores = Annotated[list[Path], typer.Argument(metavar="DIR...", help="Folders of campaigns.")]
Published = Annotated[
    list[Path] | None,
    typer.Option("--published", metavar="CSV", help="Result file of the public HeuriGym; repeatable."),
]
JsonFile = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Also write the result as JSON.")]


@app.command()
def build(
    stores: Stores,
    out: Annotated[Path, typer.Option(metavar="SITE", help="Folder for the leaderboard.")] = Path("site"),
    published: Published = None,
) -> None:
    """Build a leaderboard from campaigns: tables as CSV, results.json and a page.

    Example: heurigym leaderboard build runs/first runs/second --out site
    """
    from heurigym.board.build import build as build_site

    report = build_site(stores, out, published=published or ())
    for note in report.notes:
        print(f"note: {note}")
    print(f"leaderboard: {report.page.resolve()}")


@app.command()
def serve(
    sources: Annotated[list[Path], typer.Argument(metavar="SITE|DIR...", help="A built site, or campaigns.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; 0 for any.")] = 8000,
    published: Published = None,
) -> None:
    """Serve a leaderboard on this machine; that of running campaigns follows them.

    Example: heurigym leaderboard serve runs/first
    """
    import sys

    from heurigym.board.serving import serve as serve_site

    def say(line: str) -> None:
        print(f"heurigym: {line}", file=sys.stderr)

    serve_site(sources, port, published=published or (), on_ready=lambda url: print(url, flush=True), on_error=say)


@app.command()
def verify(
    entry: Annotated[Path, typer.Argument(metavar="ENTRY", help="An entry: a campaign's folder, or its zip.")],
    sandbox: Annotated[str, typer.Option(help="auto, bubblewrap or docker.")] = "auto",
    share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of its instances that each program runs on: a spot check.")
    ] = 1.0,
    seed: Annotated[int | None, typer.Option(help="Seed of a spot check; any unless given.")] = None,
    json: JsonFile = None,
) -> None:
    """Judge every program of an entry again, recompute every score, and say what differs; exit 1 when it fails.

    With --share 0.1 each program runs on a tenth of its instances, chosen at random: a spot check, no proof.

    Example: heurigym leaderboard verify leaderboard/entries/mine
    """
    import secrets

    from heurigym.board.entries import verify_entry
    from heurigym.board.packing import unpacked
    from heurigym.campaigns.store import Store
    from heurigym.cli.output import check_writable, console, number, print_table, write_json
    from heurigym.execution.backends import open_sandbox
    from heurigym.execution.judging import Judge

    check_writable(json)
    screen = console(stderr=True)
    with unpacked(entry) as folder:
        Store.open(folder)
        with Judge(open_sandbox(sandbox)) as judge, screen.status("verifying") as status:
            chosen = secrets.randbits(32) if seed is None else seed
            report = verify_entry(folder, judge, share=share, seed=chosen, on_progress=status.update)
    if json is not None:
        write_json(json, report.model_dump(mode="json"))
    if json is None or str(json) != "-":
        for difference in report.differences:
            print(f"{'WRONG' if difference.fatal else 'note '} {difference}")
        rows = [
            (
                score.problem,
                score.model,
                score.strategy,
                str(score.sample),
                number(score.stored_qyi, 4),
                number(score.found_qyi, 4),
                number(score.today_qyi, 4),
            )
            for score in report.scores
        ]
        columns = ("problem", "model", "strategy", "sample", "stored QYI", "found QYI", "QYI today")
        print_table(columns, rows, frozenset(columns[3:]))
        verdict = "proves itself" if report.passed else "DOES NOT prove itself"
        if report.passed and share < 1:
            verdict = f"passes a spot check with seed {chosen}"
        counts = f"{report.trajectories} trajectories, {report.programs} programs, {report.runs} runs"
        print(f"{report.entry} {verdict}: {counts}")
    if not report.passed:
        raise typer.Exit(1)


@app.command()
def submit(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a campaign.")],
    out: Annotated[Path, typer.Option(metavar="FILE.zip|DIR", help="What to make; new.")] = Path("entry.zip"),
) -> None:
    """Pack a campaign as an entry, without keys, names of hosts or paths of this machine.

    Example: heurigym leaderboard submit runs/first --out entry.zip
    """
    from heurigym.board.packing import pack_entry

    print(f"packed {pack_entry(folder, out)}; leaderboard/entries/README.md says how to contribute it")


@app.command("import-heurigym")
def import_heurigym(
    files: Annotated[list[Path], typer.Argument(metavar="CSV...", help="Result files of the public HeuriGym.")],
    json: JsonFile = None,
) -> None:
    """Read published result files of the public HeuriGym; they are shown as published, not verified.

    Example: heurigym leaderboard import-heurigym overall_qyi_t0.csv
    """
    from heurigym.board.published import read_published
    from heurigym.cli.output import check_writable, number, print_table, write_json

    check_writable(json)
    rows = read_published(files)
    if json is not None:
        write_json(json, {"rows": [row.model_dump(mode="json") for row in rows]})
    if json is None or str(json) != "-":
        columns = ("model", "QYI", "yield", "quality (arithmetic)", "quality (geometric)", "cost $", "source")
        values = [
            (
                row.model,
                number(row.qyi, 4),
                number(row.yield_, 4),
                number(row.quality_arithmetic, 4),
                number(row.quality_geometric, 4),
                number(row.cost, 2),
                row.source,
            )
            for row in rows
        ]
        print_table(columns, values, frozenset(columns[1:6]))
        print("published, not verified; show them beside your own with: heurigym leaderboard build --published CSV")
