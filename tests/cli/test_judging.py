"""judge, verify and baseline, as a user runs them."""

import json
import os
import shutil
from pathlib import Path

from command_line import Command

SUMMARY = {"instances", "feasible", "yield", "quality", "quality_uncapped", "qyi"}
RUN = {"instance", "outcome", "stage", "objective", "baseline", "quality", "message"}
MEASURED = {"wall_s", "cpu_s", "peak_memory_mb"}


def test_judge_scores_every_instance(heurigym: Command, greedy: Path, tmp_path: Path) -> None:
    target = tmp_path / "result.json"
    done = heurigym("judge", "subset", greedy, "--split", "demo", "--json", target)
    assert done.returncode == 0, done.stderr
    result = json.loads(target.read_text())
    assert set(result) == {"problem", "program_sha256", "split", "sandbox", "summary", "runs"}
    assert set(result["summary"]) >= SUMMARY
    (run,) = result["runs"]
    assert set(run) >= RUN | MEASURED
    assert (run["instance"], run["outcome"], run["objective"], run["baseline"]) == ("small", "feasible", 10, 10)
    assert result["summary"]["qyi"] == 1


def test_judge_exits_0_whatever_the_outcomes(heurigym: Command, problem: Path, tmp_path: Path) -> None:
    program = tmp_path / "broken.py"
    program.write_text("def solve(a, b):\n    raise ValueError('no idea')\n")
    done = heurigym("judge", "subset", program, "--json", "-")
    assert done.returncode == 0
    (run,) = json.loads(done.stdout)["runs"]
    assert run["outcome"] == "crashed"
    assert "no idea" in run["message"]


def test_without_isolation_every_result_says_so(heurigym: Command, greedy: Path) -> None:
    done = heurigym("judge", "subset", greedy, "--split", "demo", "--sandbox", "none", "--json", "-")
    assert (done.returncode, done.stderr) == (0, "UNOFFICIAL: programs run without isolation\n")
    result = json.loads(done.stdout)
    assert result["sandbox"] == "none"
    assert all("unofficial" in run["flags"] for run in result["runs"])


def test_instances_with_unusual_names(heurigym: Command, greedy: Path, tmp_path: Path) -> None:
    names = ["-dash", "[bold]x", "dötted.näme v2", "x" * 200, "two\nlines"]
    for name in names:
        (tmp_path / f"{name}.JSON").write_text('{"capacity": 5, "weights": [3]}')
    done = heurigym("judge", "subset", greedy, "--instances", tmp_path, "--json", tmp_path / "out.txt")
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "out.txt").read_text())
    assert [run["instance"] for run in result["runs"]] == sorted(names)
    assert "[bold]x" in done.stdout
    assert "two lines" in done.stdout


def test_a_pipe_is_written_to_and_not_replaced(heurigym: Command, problem: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        instance, solution = problem / "instances/demo/small.json", problem / "cases/two.txt"
        assert heurigym("verify", "subset", instance, solution, "--json", pipe).returncode == 0
        assert json.loads(os.read(reader, 1 << 16))["feasible"]
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_instances_of_ones_own_without_expert_values(heurigym: Command, greedy: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "one.json").write_text('{"capacity": 5, "weights": [3, 4]}')
    result = json.loads(heurigym("judge", "subset", greedy, "--instances", folder, "--json", "-").stdout)
    (run,) = result["runs"]
    assert (run["instance"], run["objective"], run["baseline"], run["quality"]) == ("one", 4, None, None)
    assert (result["summary"]["quality"], result["summary"]["qyi"], result["summary"]["yield"]) == (None, None, 1)


def test_instances_of_ones_own_with_expert_values(heurigym: Command, greedy: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "one.json").write_text('{"capacity": 7, "weights": [3, 4, 5]}')
    expert = {"objective": 7, "bound": 7, "optimal": True, "solver": "by hand", "version": "1", "time_s": 0}
    content = {"schema_version": 1, "instances": {"one": {**expert, "date": "2026-01-01"}}}
    (folder / "baselines.json").write_text(json.dumps(content))
    result = json.loads(heurigym("judge", "subset", greedy, "--instances", folder, "--json", "-").stdout)
    assert result["runs"][0]["quality"] == 5 / 7


def test_verify_says_feasible_and_exits_0(heurigym: Command, problem: Path) -> None:
    arguments = ("verify", "subset", problem / "instances/demo/small.json", problem / "cases/two.txt")
    done = heurigym(*arguments)
    assert (done.returncode, done.stdout) == (0, "feasible, sum 10\n")
    result = json.loads(heurigym(*arguments, "--json", "-").stdout)
    assert result == {"feasible": True, "outcome": "feasible", "objective": 10, "message": ""}


def test_verify_says_why_not_and_exits_1(heurigym: Command, problem: Path) -> None:
    instance = problem / "instances/demo/small.json"
    done = heurigym("verify", "subset", instance, problem / "cases/too_much.txt", "--json", "-")
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert (result["feasible"], result["outcome"], result["objective"]) == (False, "infeasible", None)
    assert "capacity" in result["message"]


def test_verify_does_not_follow_a_link(heurigym: Command, problem: Path, tmp_path: Path) -> None:
    link = tmp_path / "solution.txt"
    link.symlink_to(problem / "cases/two.txt")
    assert heurigym("verify", "subset", problem / "instances/demo/small.json", link).returncode == 1


def test_baseline_reproduces_the_stored_values(heurigym: Command, problem: Path) -> None:
    result = json.loads(heurigym("baseline", "subset", "--json", "-").stdout)
    stored = json.loads((problem / "baselines.json").read_text())
    assert {name: record["objective"] for name, record in result["instances"].items()} == {
        name: record["objective"] for name, record in stored["instances"].items()
    }


def test_baseline_writes_values_for_new_instances(heurigym: Command, problem: Path) -> None:
    (problem / "instances/eval/new.json").write_text('{"capacity": 9, "weights": [2, 3, 8]}')
    assert heurigym("baseline", problem, "--write").returncode == 0
    assert json.loads((problem / "baselines.json").read_text())["instances"]["new"]["objective"] == 8
    for path in [
        problem / name for name in ("problem.yaml", "statement.md", "verifier.py", "baseline.py", "generate.py")
    ]:
        path.write_text(path.read_text().replace("TODO", ""))
    assert heurigym("problems", "validate", problem, "-q").returncode == 0


def test_baseline_of_chosen_instances_keeps_what_is_better_of_values_and_of_bounds(
    heurigym: Command, problem: Path
) -> None:
    path = problem / "baselines.json"
    content = json.loads(path.read_text())
    records = content["instances"]
    records["small"] |= {"bound": None, "optimal": False}
    records["medium"] |= {"objective": 49, "bound": 60, "optimal": False}
    path.write_text(json.dumps(content))
    assert heurigym("baseline", problem, "--write", "--only", "small").returncode == 0
    now = json.loads(path.read_text())["instances"]
    assert now["medium"] == records["medium"]
    assert (now["small"]["objective"], now["small"]["bound"], now["small"]["optimal"]) == (10, 10, True)
    assert heurigym("baseline", problem, "--write").returncode == 0
    now = json.loads(path.read_text())["instances"]
    assert (now["medium"]["objective"], now["medium"]["bound"], now["medium"]["optimal"]) == (50, 50, True)


def test_baseline_of_an_instance_that_is_not_there_names_those_that_are(heurigym: Command, problem: Path) -> None:
    done = heurigym("baseline", problem, "--only", "nothing")
    assert done.returncode == 2
    assert "--only: there is no instance 'nothing'; there are: small, medium" in done.stderr


def test_generated_instances_are_decided_by_the_seed(heurigym: Command, problem: Path, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        done = heurigym("problems", "generate", "subset", "--seed", seed, "--count", 3, "--out", tmp_path / name)
        assert done.returncode == 0, done.stderr
    contents = [[path.read_text() for path in sorted((tmp_path / name).iterdir())] for name in "abc"]
    assert contents[0] == contents[1] != contents[2]


def test_a_problem_folder_may_be_given_as_a_path(
    heurigym: Command, greedy: Path, problem: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "elsewhere" / "subset"
    shutil.copytree(problem, copy)
    assert heurigym("judge", copy, greedy).returncode == 0
