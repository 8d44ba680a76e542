"""Expert solvers in processes of their own, and keeping what they found."""

import contextlib
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from heurigym.errors import InputError
from heurigym.problems.expert import solve_all
from heurigym.problems.expert_values import keep_better, stored_values
from heurigym.problems.problem import find_problem
from heurigym.problems.scaffolding import scaffold


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small problem: numbers with the largest sum below a capacity; the optima are 10, 50 and more."""
    return scaffold("subset", tmp_path)


def write_expert(folder: Path, body: str) -> None:
    """An expert with this body, in which ``instance``, ``seconds`` and ``seed`` are known."""
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    (folder / "baseline.py").write_text(
        f"import os, subprocess, sys, time\ndef solve(instance, seconds, seed):\n{lines}"
    )


def run(folder: Path, only: str = "small"):
    problem = find_problem(str(folder))
    instances = [each for each in problem.instances("demo") + problem.instances("eval") if each.name == only]
    return solve_all(problem, instances, 1, 0)


NOTHING = 'return "", {"solver": "none", "version": "1"}'
"""The empty choice, which is feasible and worth nothing."""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('raise ValueError("no luck")', "failed on small: ValueError: no luck"),
        ("import surely_missing", "pip install 'heurigym[experts]'"),
        ("os._exit(3)", "failed on small: exit status 3"),
        ('return "", None', "failed on small: baseline.solve returned no mapping"),
        ('return "", {"version": "1"}', "what the expert of subset says of small: solver"),
        ('return "999", {"solver": "wrong", "version": "1"}', "gave no feasible solution of small"),
        ('return "", {"solver": "proud", "version": "1", "bound": -1}', "claims the bound -1"),
    ],
)
def test_an_expert_that_fails_is_named_in_one_line(folder: Path, body: str, words: str) -> None:
    write_expert(folder, body)
    with pytest.raises(InputError) as caught:
        run(folder)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_an_expert_starts_has_an_empty_standard_input_and_may_print(folder: Path) -> None:
    write_expert(
        folder,
        'read = subprocess.run(["cat"], capture_output=True, timeout=20, check=True).stdout\n'
        'print("x" * 1_000_000)\n'
        'return "", {"solver": f"cat read {len(read)}", "version": "1"}',
    )
    assert run(folder)["small"].record.solver == "cat read 0"


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_expert_and_what_it_started_end_with_the_command(folder: Path, tmp_path: Path, kill: int) -> None:
    told = tmp_path / "processes"
    write_expert(
        folder,
        f'child = subprocess.Popen(["sleep", "300"])\n'
        f'with open({str(told)!r} + ".part", "w") as file:\n'
        f'    file.write(f"{{os.getpid()}} {{child.pid}}")\n'
        f'os.rename({str(told)!r} + ".part", {str(told)!r})\n'
        f"time.sleep(300)",
    )
    words = [sys.executable, "-m", "heurigym.cli.main", "baseline", str(folder), "--only", "small", "--write"]
    command = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    processes: list[int] = []
    try:
        wait_until(told.exists)
        processes = [int(word) for word in told.read_text().split()]
        assert all(map(is_alive, processes))
        command.send_signal(kill)
        assert command.wait(60) != 0
        wait_until(lambda: not any(map(is_alive, processes)))
    finally:
        command.kill()
        command.wait()
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def test_runs_beside_each_other_keep_what_each_found(folder: Path) -> None:
    path = folder / "baselines.json"
    content = json.loads(path.read_text())
    for record in content["instances"].values():
        record |= {"bound": None, "optimal": False, "solution": None}
    path.write_text(json.dumps(content))
    names = sorted(content["instances"])
    with ThreadPoolExecutor(len(names)) as pool:
        words = [sys.executable, "-m", "heurigym.cli.main", "baseline", str(folder), "--write", "--only"]
        done = list(pool.map(lambda name: subprocess.run([*words, name], capture_output=True, text=True), names))
    assert [each.returncode for each in done] == [0] * len(names), done
    now = stored_values(folder)
    assert all(now[name].optimal and now[name].solution for name in names)
    assert all(gzip.decompress((folder / now[name].solution).read_bytes()) for name in names)


def test_a_solution_that_refutes_a_stored_bound_says_so(folder: Path) -> None:
    path = folder / "baselines.json"
    content = json.loads(path.read_text())
    content["instances"]["small"] |= {"objective": 8, "bound": 9, "optimal": False}
    path.write_text(json.dumps(content))
    problem = find_problem(str(folder))
    with pytest.raises(
        InputError, match=r"baselines.json: small: bound: 9 is refuted by a solution of 10; set it to"
    ):
        keep_better(folder, problem, run(folder))
    assert json.loads(path.read_text()) == content


def test_what_cannot_be_written_leaves_what_was_there(folder: Path) -> None:
    solved = run(folder)
    content = json.loads((folder / "baselines.json").read_text())
    content["instances"]["small"] |= {"objective": 8, "bound": None, "optimal": False}
    (folder / "baselines.json").write_text(json.dumps(content))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    # A folder where the second file would be written beside its place.
    obstacle = folder / ".baselines.json.part"
    obstacle.mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        keep_better(folder, find_problem(str(folder)), solved)
    obstacle.rmdir()
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
