"""Strategies of other packages, found by their entry point."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

MODULE = """
from heurigym.agents.options import parse_options
from heurigym.agents.refine import Refine, RefineOptions

def make(options):
    return Refine(parse_options("patience", options, RefineOptions))
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with an installed distribution that adds the strategy ``patience``."""
    info = tmp_path / "patience-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: patience\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[heurigym.strategies]\npatience = patience_strategy:make\n")
    (tmp_path / "patience_strategy.py").write_text(MODULE)
    return tmp_path


def run(site: Path, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={"PYTHONPATH": str(site), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_an_installed_strategy_is_listed_and_opened_with_its_options(site: Path) -> None:
    code = """
        from heurigym.agents.registry import open_strategy, strategy_names
        print(strategy_names())
        print(type(open_strategy("patience", {"history": "best_and_last"})).__name__)
    """
    assert run(site, code) == "['best_of_n', 'evolve', 'patience', 'refine', 'tools']\nRefine\n"


def test_its_wrong_options_get_one_line(site: Path) -> None:
    code = """
        from heurigym.agents.registry import open_strategy
        from heurigym.errors import InputError
        try:
            open_strategy("patience", {"speed": 1})
        except InputError as error:
            print(error)
    """
    assert run(site, code).startswith("options of strategy patience: speed: is not a field")
