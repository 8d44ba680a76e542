"""Writes the page of a board: the template, its static files, and the data that it loads."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from heurigym.board.pagedata import board_data, problem_data
from heurigym.board.scores import Scores
from heurigym.board.writing import Site
from heurigym.resources import data_folder

_STATIC = (".js", ".css", ".svg", ".txt")


def write_page(site: Site, scores: Scores, content: Mapping[str, Any], *, live: bool = False) -> None:
    """Write ``index.html``, ``static/`` and ``data/``; trajectories are written as they are read.

    Args:
        site: where to.
        scores: what was scored.
        content: the content of ``results.json``.
        live: whether the page shall look for a newer build from time to time.
    """
    folder = data_folder("leaderboard")
    for path in sorted((folder / "static").rglob("*")):
        if path.suffix in _STATIC:
            site.copy(path, f"static/{path.relative_to(folder / 'static').as_posix()}")
    data = board_data(scores, content)
    data["published"] = content["published"]
    stamp = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]
    for number, (version, table) in enumerate(scores.tables):
        site.script(f"data/problem-{number}.js", f"problem-{number}", problem_data(version, table, scores))
    site.script("data/board.js", "board", data | {"stamp": stamp})
    if live:
        site.script("data/stamp.js", "stamp", stamp)
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    html = environment.get_template("index.html.j2").render(overall=content["overall"], live=live)
    site.text("index.html", html)
