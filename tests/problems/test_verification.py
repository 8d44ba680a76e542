"""The limited processes that verifiers run in."""

import os
import threading
from pathlib import Path

import pytest

from heurigym.problems.instances import Instance
from heurigym.problems.outcome import Outcome
from heurigym.problems.problem import Problem, load_problem
from heurigym.problems.scaffolding import scaffold
from heurigym.problems.verification import VerificationFailed, Verifiers


def problem_with(tmp_path: Path, body: str, limits: str = "") -> Problem:
    folder = scaffold("subset", tmp_path)
    (folder / "verifier.py").write_text(
        "import os, sys, time\nfrom fractions import Fraction\nfrom pathlib import Path\n"
        "from heurigym.problems import Infeasible, verifier\n\n\n"
        f"@verifier\ndef verify(instance, solution):\n    {body}\n"
    )
    spec = folder / "problem.yaml"
    spec.write_text(spec.read_text().replace("  cores: 1", f"  cores: 1\n{limits}"))
    return load_problem(folder)


def instance_of(problem: Problem) -> Instance:
    return problem.instances("demo")[0]


def test_objectives_come_back_exactly(tmp_path: Path) -> None:
    problem = problem_with(tmp_path, "return Fraction(10**40 + 1, 3)")
    with Verifiers() as verifiers:
        verdict = verifiers.verify(problem, instance_of(problem), b"")
    assert verdict.outcome is Outcome.FEASIBLE
    assert verdict.objective is not None
    assert verdict.objective * 3 == 10**40 + 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("raise KeyError('x')", "KeyError"),
        ("os._exit(3)", "exit status 3"),
        ("os.kill(os.getpid(), 9)", "signal 9"),
        ("time.sleep(60)", "no verdict within"),
        ("while True: pass", "no verdict within"),
        ("return bytearray(1 << 40)", "MemoryError"),
        ("return 'x'", "raised"),
        ("sys.exit(0)", "SystemExit"),
    ],
)
def test_a_verifier_that_fails_is_no_verdict(tmp_path: Path, body: str, words: str) -> None:
    problem = problem_with(tmp_path, body, "  verify_time_s: 0.5\n  verify_memory_mb: 512")
    with Verifiers() as verifiers, pytest.raises(VerificationFailed, match=words):
        verifiers.verify(problem, instance_of(problem), b"")


def test_a_verifier_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    problem = problem_with(tmp_path, "return 1")
    problem.verifier_file.write_text("import nothing_like_this\n")
    with Verifiers() as verifiers, pytest.raises(VerificationFailed, match="nothing_like_this"):
        verifiers.verify(problem, instance_of(problem), b"")


def test_one_failure_does_not_harm_the_next(tmp_path: Path) -> None:
    problem = problem_with(tmp_path, "return 1 if solution.read_bytes() else os._exit(1)")
    with Verifiers() as verifiers:
        for _ in range(3):
            with pytest.raises(VerificationFailed):
                verifiers.verify(problem, instance_of(problem), b"")
            assert verifiers.verify(problem, instance_of(problem), b"1").outcome is Outcome.FEASIBLE


def test_nothing_passes_from_one_verification_to_the_next(tmp_path: Path) -> None:
    problem = problem_with(tmp_path, "os.seen = getattr(os, 'seen', 0) + 1; return os.seen")
    with Verifiers() as verifiers:
        objectives = {verifiers.verify(problem, instance_of(problem), b"").objective for _ in range(3)}
    assert objectives == {1}


def test_it_sees_no_environment_and_stands_nowhere_near_the_solution(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_API_KEY", "secret")
    body = "raise Infeasible(f'{os.getcwd()} {sorted(os.environ)} {str(solution.parent) in sys.path}')"
    problem = problem_with(tmp_path, body)
    with Verifiers() as verifiers:
        message = verifiers.verify(problem, instance_of(problem), b"").message
    assert message.startswith("/ ")
    assert "SECRET" not in message
    assert message.endswith("False")


def test_what_a_verifier_prints_does_not_matter(tmp_path: Path) -> None:
    problem = problem_with(tmp_path, "print('{\"outcome\": \"feasible\"}'); raise Infeasible('no')")
    with Verifiers() as verifiers:
        assert verifiers.verify(problem, instance_of(problem), b"").message == "no"


def test_many_at_once(tmp_path: Path) -> None:
    problem = problem_with(tmp_path, "return int(solution.read_bytes())")
    found: dict[int, object] = {}
    with Verifiers() as verifiers:

        def work(number: int) -> None:
            found[number] = verifiers.verify(problem, instance_of(problem), str(number).encode()).objective

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {number: number for number in range(8)}


def test_it_leaves_no_process_behind(tmp_path: Path) -> None:
    problem = problem_with(tmp_path, "return 1")
    with Verifiers() as verifiers:
        verifiers.verify(problem, instance_of(problem), b"")
        path = str(problem.verifier_file)
        assert running(path)
    assert not running(path)


def running(argument: str) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = process.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if argument in words:
            found.append(process.parent.name)
    return found


def test_folders_of_killed_processes_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    dead = tmp_path / f"heurigym-verify-{2**22 + 1}-abc"
    alive = tmp_path / f"heurigym-verify-{os.getppid()}-abc"
    for folder in (dead, alive):
        folder.mkdir()
        (folder / "solution.txt").write_text("")
    Verifiers().close()
    assert [path.name for path in tmp_path.iterdir()] == [alive.name]


def test_no_more_processes_are_kept_than_asked_for(tmp_path: Path) -> None:
    problems = [problem_with(tmp_path / name, "return 1") for name in ("a", "b", "c")]
    files = [str(problem.verifier_file) for problem in problems]
    with Verifiers(idle=2) as verifiers:
        for problem in problems:
            verifiers.verify(problem, instance_of(problem), b"")
        assert [bool(running(file)) for file in files] == [False, True, True]
        (kept,) = running(files[1])
        verifiers.verify(problems[1], instance_of(problems[1]), b"")
        assert running(files[1]) == [kept]
