"""``heurigym data``: list, pull, import."""

from pathlib import Path
from typing import Annotated

import typer

from heurigym.errors import InputError

app = typer.Typer(help="Public instances: list, pull, import.", invoke_without_command=True)
PLACE = Path("data")
"""Folder in which suites are put unless told otherwise."""


@app.callback()
def _default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_suites()


@app.command("list")
def list_suites() -> None:
    """List the public suites of instances, and for which problems public files can be converted.

    Example: heurigym data list
    """
    from heurigym.cli.output import print_table
    from heurigym.problems.folders import problem_folders
    from heurigym.problems.pulling import is_complete
    from heurigym.problems.suites import public_suites

    rows = []
    for folder, suite in public_suites():
        values = sum(file.best is not None for file in suite.files.values())
        here = PLACE / suite.name
        rows.append(
            (
                suite.name,
                folder.name,
                str(len(suite.files)),
                f"{suite.size / 1e6:.1f}",
                str(values),
                suite.licence,
                str(here) if is_complete(suite, here) else "",
            )
        )
    columns = ("suite", "problem", "files", "MB", "published values", "licence", "here")
    print_table(columns, rows, frozenset({"files", "MB", "published values"}))
    converters = sorted(folder.name for folder in problem_folders() if (folder / "convert.py").is_file())
    print(f"\nheurigym data import PATH converts public files for: {', '.join(converters) or 'no problem'}")


@app.command()
def pull(
    suite: Annotated[str, typer.Argument(help="Name of a suite, see heurigym data list.")],
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder; data/SUITE unless given.")] = None,
    mirror: Annotated[
        str | None, typer.Option("--from", metavar="URL", help="Folder on the web to fetch from instead.")
    ] = None,
) -> None:
    """Fetch a public suite, check each file against its SHA-256, and write published values beside them.

    What is there already is not fetched again.

    Example: heurigym data pull extraction-gym
    """
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from heurigym.cli.output import console
    from heurigym.problems.problem import load_problem
    from heurigym.problems.pulling import pull as fetch
    from heurigym.problems.suites import find_suite

    problem_folder, found = find_suite(suite)
    problem = load_problem(problem_folder)
    if mirror is not None and not mirror.startswith(("http://", "https://")):
        raise InputError(f"--from: must begin with http:// or https://, not {mirror!r}")
    source = None if mirror is None else mirror.rstrip("/") + "/"
    folder = out or PLACE / found.name
    print(f"{found.title}: {len(found.files)} files, {found.size / 1e6:.1f} MB, {found.licence}, from {found.home}")
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    screen = console(stderr=True)
    with Progress(*columns, console=screen, disable=not screen.is_terminal, transient=True) as bar:
        task = bar.add_task(found.name, total=found.size)
        fetched, present = fetch(problem, found, folder, source, lambda count: bar.advance(task, count))
    print(f"{fetched} files fetched, {present} were there; judge a program on them with:")
    print(f"heurigym judge {problem.name} PROGRAM.py --instances {folder}")


@app.command("import")
def import_files(
    path: Annotated[Path, typer.Argument(help="A public file, or a folder with some.")],
    problem: Annotated[str, typer.Option("-p", "--problem", help="Name of a problem, or a path to its folder.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the instances; new or empty.")],
) -> None:
    """Convert public files of another format to instances of a problem.

    Example: heurigym data import circuits/ -p technology_mapping_depth --out data/circuits
    """
    from heurigym.cli.output import progress
    from heurigym.problems.conversion import convert_files
    from heurigym.problems.problem import find_problem

    found = find_problem(problem)
    with progress(None) as advance:
        done = convert_files(found, path, out, advance)
    for file, reason in done.failures.items():
        where = "" if str(file) in reason else f"{file}: "
        typer.echo(f"heurigym: {where}{reason}", err=True)
    skipped = f", skipped {len(done.skipped)} files of another kind" if done.skipped else ""
    print(f"wrote {len(done.instances)} instances to {out}{skipped}; judge a program on them with:")
    print(f"heurigym judge {found.name} PROGRAM.py --instances {out}")
    if done.failures:
        raise typer.Exit(1)
