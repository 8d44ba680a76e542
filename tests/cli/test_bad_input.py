"""Bad input gets one clear line on standard error and exit status 2, and nothing is left half-written."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Command


def complaint(heurigym: Command, *arguments: object) -> str:
    done = heurigym(*arguments)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["frobnicate"], "frobnicate"),
        (["run", "--iterations", "many"], "--iterations"),
        (["run", "--iterations", "0", "-m", "scripted/ladder", "-p", "subset"], "--iterations"),
        (["run"], "no models: give -m/--model"),
        (["run", "-m", "scripted/ladder"], "no problems: give -p/--problem"),
        (["run", "-m", "nobody/nothing", "-p", "subset"], "nobody"),
        (["run", "-m", "plain", "-p", "subset"], "provider/model"),
        (["run", "-m", "scripted/ladder", "-p", "nothing"], "unknown problem 'nothing'; known:"),
        (["run", "-m", "scripted/ladder", "-p", "subset", "--strategy", "pray"], "unknown strategy 'pray'; known:"),
        (["run", "-m", "scripted/ladder", "-p", "subset", "--sandbox", "sand"], "sand"),
        (["run", "-m", "scripted/ladder", "-p", "subset", "--evaluate", "some"], "evaluate"),
        (["run", "-m", "a/b", "-m", "a/b", "-p", "subset"], "models has 'a/b' twice"),
        (["run", "missing.yaml"], "missing.yaml"),
        (["resume", "missing"], "not a store"),
        (["status", "missing"], "not a store"),
        (["rejudge", "missing"], "not a store"),
        (["leaderboard", "build", "missing"], "not a store"),
        (["judge", "nothing", "program.py"], "unknown problem"),
        (["judge", "subset", "missing.py"], "missing.py: cannot be read"),
        (["problems", "show", "nothing"], "unknown problem"),
        (["problems", "validate", "nothing"], "unknown problem"),
        (["problems", "new", "Not A Name"], "lower-case"),
        (["verify", "subset", "solution.txt"], "takes INPUT_FILE SOLUTION"),
        (["baseline", "nothing"], "unknown problem"),
    ],
)
@pytest.mark.usefixtures("problem")
def test_wrong_use(
    heurigym: Command, arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert words in complaint(heurigym, *arguments)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_split_that_does_not_exist(heurigym: Command, greedy: Path) -> None:
    assert "--split: must be demo or eval" in complaint(heurigym, "judge", "subset", greedy, "--split", "train")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("print('hello')\n", "does not define solve"),
        ("def solve(:\n", "is not Python"),
        ("def solve(a, b): pass\n\0", "is not Python"),
        ("x = " + "(" * 5000, "is not Python"),
    ],
)
def test_a_file_that_is_no_program(
    heurigym: Command, problem: Path, tmp_path: Path, source: str, words: str
) -> None:
    program = tmp_path / "program.py"
    program.write_text(source)
    line = complaint(heurigym, "judge", "subset", program)
    assert str(program) in line
    assert words in line


def test_a_program_that_is_no_text(heurigym: Command, problem: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_bytes(b"def solve(a, b): '\xff'\n")
    assert "is not UTF-8" in complaint(heurigym, "judge", "subset", program)


def test_instances_that_are_missing_or_corrupt(heurigym: Command, greedy: Path, tmp_path: Path) -> None:
    assert "no such folder" in complaint(heurigym, "judge", "subset", greedy, "--instances", tmp_path / "none")
    folder = tmp_path / "mine"
    folder.mkdir()
    assert "no instance here" in complaint(heurigym, "judge", "subset", greedy, "--instances", folder)
    (folder / "one.json.gz").write_bytes(b"not packed")
    assert "one.json.gz: cannot be read" in complaint(heurigym, "judge", "subset", greedy, "--instances", folder)


@pytest.mark.parametrize("secret", ["instances/eval", "statement.md", "verifier.py", "baselines.json"])
def test_what_may_not_be_read(heurigym: Command, problem: Path, tmp_path: Path, secret: str) -> None:
    (problem / secret).chmod(0)
    # Root reads everything, unless it gives up that right.
    rights = "-dac_override,-dac_read_search"
    setpriv = ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}"] if os.geteuid() == 0 else []
    words = [
        "-m",
        "heurigym.cli.main",
        "run",
        "-m",
        "scripted/ladder",
        "-p",
        "subset",
        "--out",
        str(tmp_path / "s"),
    ]
    done = subprocess.run([*setpriv, sys.executable, *words], capture_output=True, text=True, check=False)
    (problem / secret).chmod(0o755)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert secret in line
    assert not (tmp_path / "s").exists()


def test_baselines_that_are_wrong(heurigym: Command, greedy: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "one.json").write_text('{"capacity": 5, "weights": [3]}')
    (folder / "baselines.json").write_text('{"schema_version": 1, "instances": {"one": {"objective": "x"}}}')
    line = complaint(heurigym, "judge", "subset", greedy, "--instances", folder)
    assert "baselines.json: instances.one" in line


def test_json_that_cannot_be_written_is_said_before_the_work(
    heurigym: Command, greedy: Path, tmp_path: Path
) -> None:
    target = tmp_path / "none" / "out.json"
    assert "there is no folder" in complaint(heurigym, "judge", "subset", greedy, "--json", target)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("models: [scripted/ladder]\nproblems: [subset]\niterations: lots\n", "iterations"),
        ("models: [scripted/ladder]\nproblems: [subset]\niteratoins: 3\n", "iteratoins: is not a field"),
        ("models: []\nproblems: [subset]\n", "models"),
        ("problems: [subset]\n", "models: is missing"),
        ("models: [scripted/ladder\n", "not YAML"),
        ("models: [scripted/ladder]\nproblems: [subset]\nmodels: [a/b]\n", "the field 'models' is given twice"),
        ("- models\n", "must be a mapping"),
        (
            "models: [scripted/ladder]\nproblems: [subset]\nstrategies: [{name: refine, options: {history: no}}]\n",
            "history",
        ),
    ],
)
@pytest.mark.usefixtures("problem")
def test_a_campaign_file_that_is_wrong(heurigym: Command, tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "campaign.yaml"
    path.write_text(content)
    line = complaint(heurigym, "run", path, "--out", tmp_path / "store")
    assert words in line
    assert not (tmp_path / "store").exists()


def test_a_store_that_cannot_be_made(heurigym: Command, problem: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "thesis.txt").write_text("mine")
    arguments = ("run", "-m", "scripted/ladder", "-p", "subset", "--out")
    done = heurigym(*arguments, taken)
    assert done.returncode == 2
    assert "is not empty" in done.stderr
    assert "cannot be written" in heurigym(*arguments, "/proc/nowhere").stderr


def test_a_store_of_a_newer_version(heurigym: Command, tmp_path: Path) -> None:
    (tmp_path / "campaign.json").write_text(json.dumps({"schema_version": 99}))
    assert "newer HeuriGym" in complaint(heurigym, "status", tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"schema_version": 1}'])
def test_a_store_that_is_damaged(heurigym: Command, tmp_path: Path, content: str) -> None:
    (tmp_path / "campaign.json").write_text(content)
    assert "campaign.json" in complaint(heurigym, "resume", tmp_path)
