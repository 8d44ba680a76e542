"""``heurigym leaderboard``: build, and what else is done with results."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The leaderboard: build, serve, verify.")


@app.command()
def build(
    stores: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Folders of campaigns.")],
    out: Annotated[Path, typer.Option(metavar="SITE", help="Folder for the leaderboard.")] = Path("site"),
) -> None:
    """Build a leaderboard from campaigns: results.csv, results.json and a page.

    Example: heurigym leaderboard build runs/first --out site
    """
    from heurigym.board.build import build as build_site

    report = build_site(stores, out)
    for note in report.notes:
        print(f"note: {note}")
    print(f"leaderboard: {(out / 'index.html').resolve()}")
