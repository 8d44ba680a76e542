"""A wheel, installed in an empty environment outside the checkout, judges with what it brings along."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "problems/operator_scheduling/ladder"


def run(*words: object, cwd: Path) -> str:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an environment that holds the wheel and what it depends on."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    run(*pip, "wheel", "--no-deps", "--wheel-dir", folder, ROOT, cwd=folder)
    (wheel,) = folder.glob("heurigym-*.whl")
    run(sys.executable, "-m", "venv", folder / "env", cwd=folder)
    python = folder / "env/bin/python"
    run(
        python,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--quiet",
        "install",
        "--no-compile",
        "-c",
        ROOT / "constraints.txt",
        wheel,
        cwd=folder,
    )
    return folder / "env/bin"


def test_it_judges_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(sorted(PROGRAM.glob("*.py"))[3].read_text())
    result = json.loads(
        run(
            installed / "heurigym",
            "judge",
            "operator_scheduling",
            program,
            "--split",
            "demo",
            "--json",
            "-",
            cwd=tmp_path,
        )
    )
    assert result["summary"]["yield"] == 1
    assert result["sandbox"] == "bubblewrap"


def test_its_folders_are_those_of_the_wheel(installed: Path, tmp_path: Path) -> None:
    shown = run(installed / "heurigym", "problems", "show", "operator_scheduling", cwd=tmp_path)
    assert str(installed.parent) in shown
    assert str(ROOT) not in shown


def test_it_runs_a_campaign_and_builds_a_board(installed: Path, tmp_path: Path) -> None:
    run(installed / "heurigym", "problems", "new", "subset", cwd=tmp_path)
    run(installed / "heurigym", "run", "-m", "scripted/ladder", "-p", "./subset", "--out", "store", cwd=tmp_path)
    run(installed / "heurigym", "leaderboard", "build", "store", "--out", "site", cwd=tmp_path)
    assert (tmp_path / "site/index.html").stat().st_size > 0
    assert "scripted/ladder" in (tmp_path / "site/results.csv").read_text()
