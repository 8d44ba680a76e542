"""Writes the page of a board: the template, its static files, and the data that it loads."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from heurigym.board.collect import Collected
from heurigym.board.scores import Scores
from heurigym.board.writing import Site
from heurigym.resources import data_folder

_STATIC = (".js", ".css", ".svg", ".txt")


def write_page(
    site: Site,
    collected: Collected,
    scores: Scores,
    content: Mapping[str, Any],
    *,
    published: Sequence[Path] = (),
    live: bool = False,
) -> None:
    """Write ``index.html``, ``static/`` and ``data/``."""
    folder = data_folder("leaderboard")
    for path in sorted((folder / "static").rglob("*")):
        if path.suffix in _STATIC:
            site.copy(path, f"static/{path.relative_to(folder / 'static').as_posix()}")
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    html = environment.get_template("index.html.j2").render(
        overall=content["overall"],
        results=content["results"],
        notes=content["notes"],
        meanings=content["columns"]["overall"],
        live=live,
    )
    site.text("index.html", html)
