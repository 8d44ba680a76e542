"""data: list, pull and import, as a user runs them."""

import json
from pathlib import Path

import pytest
from command_line import Command

GRAPH = {"nodes": [["a", "mul"], ["b", "add"]], "edges": [["a", "b", "x"]]}


def test_suites_are_listed_with_problem_licence_and_place(heurigym: Command) -> None:
    done = heurigym("data", "list")
    assert done.returncode == 0, done.stderr
    assert "published values" in done.stdout.splitlines()[0]
    (row,) = (line for line in done.stdout.splitlines() if line.startswith("extraction-gym"))
    assert "egraph_extraction" in row
    assert "MIT" in row
    assert "converts public files for: " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing",), "unknown suite 'nothing'; known: "),
        (("express", "--from", "file:///tmp"), "--from: must begin with http:// or https://"),
        (("express", "--from", "http://127.0.0.1:9/"), "cannot be fetched: "),
    ],
)
def test_what_cannot_be_pulled_is_said_in_one_line(
    heurigym: Command, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    pytest.importorskip("pooch", reason="pulling needs heurigym[data]")
    done = heurigym("data", "pull", *arguments, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert words in done.stderr


def test_public_files_are_converted_and_judged(heurigym: Command, tmp_path: Path) -> None:
    pytest.importorskip("numba", reason="the converter needs heurigym[experts]")
    public, out = tmp_path / "public", tmp_path / "out"
    public.mkdir()
    (public / "tiny.json").write_text(json.dumps(GRAPH))
    done = heurigym("data", "import", public, "-p", "resource_scheduling", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "wrote 1 instances" in done.stdout
    solution = tmp_path / "solution.txt"
    solution.write_text("a:0\nb:2\n")
    verified = heurigym("verify", "resource_scheduling", out / "tiny.json", solution)
    assert verified.returncode == 0, verified.stdout
    (public / "broken.json").write_text("{}")
    again = heurigym("data", "import", public, "-p", "resource_scheduling", "--out", tmp_path / "again")
    assert again.returncode == 1
    assert "broken.json" in again.stderr
    assert (tmp_path / "again" / "tiny.json").is_file()
