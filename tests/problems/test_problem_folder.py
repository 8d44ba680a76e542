"""Loading, scaffolding and validating problem folders."""

import gzip
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from heurigym.errors import InputError
from heurigym.problems.instances import find_instances
from heurigym.problems.problem import find_problem, load_problem
from heurigym.problems.scaffolding import scaffold
from heurigym.problems.validation import validate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A scaffolded problem whose marks are filled in."""
    made = scaffold("subset", tmp_path)
    for path in made.rglob("*"):
        if path.is_file() and path.suffix in (".py", ".md", ".yaml"):
            path.write_text(path.read_text().replace("TODO", "note:"))
    return made


def failures(folder: Path) -> list[str]:
    return [check.problem for check in validate(folder) if not check.passed]


def test_a_scaffold_says_what_to_fill_in_and_nothing_else(tmp_path: Path) -> None:
    made = scaffold("subset", tmp_path)
    wrong = failures(made)
    assert wrong
    assert all(line.endswith("still has a TODO; fill it in") for line in wrong)


def test_a_filled_in_scaffold_is_valid(folder: Path) -> None:
    assert failures(folder) == []


@pytest.mark.parametrize("name", ["Subset", "1st", "a-b", "", "a/b"])
def test_bad_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="lower-case"):
        scaffold(name, tmp_path)


def test_an_existing_folder_is_not_touched(folder: Path) -> None:
    with pytest.raises(InputError, match="exists already"):
        scaffold("subset", folder.parent)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("difficulty: easy", "difficulty: trivial", "difficulty"),
        ("  time_s: 10", "  time_s: -1", "limits.time_s"),
        ("  time_s: 10", "  tiem_s: 10", "limits.tiem_s"),
        ("direction: maximize", "direction: up", "objective.direction"),
        ("domain: ", "domian: ", "domain"),
        ("schema_version: 1", "schema_version: 2", "schema_version"),
        ("name: subset", "name: other", "name"),
        ("extension: .json", "extension: json", "entry.inputs.0.extension"),
    ],
)
def test_a_wrong_field_gets_one_line_with_file_and_field(folder: Path, old: str, new: str, field: str) -> None:
    path = folder / "problem.yaml"
    content = path.read_text()
    assert old in content
    path.write_text(content.replace(old, new, 1))
    with pytest.raises(InputError) as error:
        load_problem(folder)
    assert str(path) in str(error.value)
    assert f": {field}:" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", ["", "- a\n- b\n", "a: [", "\tx: 1", "\xff"])
def test_a_file_that_is_no_mapping_gets_one_line(folder: Path, content: str) -> None:
    (folder / "problem.yaml").write_text(content, encoding="latin-1")
    with pytest.raises(InputError) as error:
        load_problem(folder)
    assert "\n" not in str(error.value)


def damage_case(folder: Path) -> None:
    (folder / "cases" / "two.txt").write_text("0\n1\n2\n")


def damage_example(folder: Path) -> None:
    path = folder / "statement.md"
    path.write_text(path.read_text().replace("0\n3\n```", "0\n```"))


def remove_example(folder: Path) -> None:
    path = folder / "statement.md"
    path.write_text(path.read_text().replace("example:solution", ""))


def damage_baseline(folder: Path) -> None:
    path = folder / "baselines.json"
    path.write_text(path.read_text().replace('"objective": 50, "bound": 50', '"objective": 49, "bound": 49'))


def beat_the_bound(folder: Path) -> None:
    path = folder / "baselines.json"
    path.write_text(path.read_text().replace('"bound": 50', '"bound": 12'))


def lose_a_baseline(folder: Path) -> None:
    shutil.copy(folder / "instances/eval/medium.json", folder / "instances/eval/other.json")


def copy_demo_to_eval(folder: Path) -> None:
    shutil.copy(folder / "instances/demo/small.json", folder / "instances/eval/medium.json")


def limit_verifications(folder: Path, limits: str) -> None:
    spec = folder / "problem.yaml"
    spec.write_text(spec.read_text().replace("  cores: 1", f"  cores: 1\n{limits}"))


def verifier_that_follows_links(folder: Path) -> None:
    limit_verifications(folder, "  verify_memory_mb: 512\n  verify_time_s: 3")
    path = folder / "verifier.py"
    path.write_text(path.read_text().replace("read_solution_text(solution)", "solution.read_text()"))


def damage_suites(folder: Path) -> None:
    (folder / "data.yaml").write_text("schema_version: 1\nsuites: []\n")


def verifier_that_raises(folder: Path) -> None:
    path = folder / "verifier.py"
    path.write_text(path.read_text().replace('as_integer(line, f"line {number}")', "int(line)"))


def verifier_that_hangs(folder: Path) -> None:
    path = folder / "verifier.py"
    path.write_text(path.read_text().replace("    weights = ", "    while True: pass\n    weights = "))
    limit_verifications(folder, "  verify_time_s: 0.2")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (damage_case, "two weights"),
        (damage_example, "example.objective"),
        (remove_example, "example:solution"),
        (damage_baseline, "medium: objective"),
        (beat_the_bound, "medium: bound"),
        (lose_a_baseline, "other: is missing"),
        (copy_demo_to_eval, "is the same as"),
        (damage_suites, "data.yaml: suites: "),
        (verifier_that_follows_links, "a link"),
        (verifier_that_raises, "ValueError"),
        (verifier_that_hangs, "no verdict within"),
    ],
)
def test_validation_finds_what_is_damaged(folder: Path, damage: Callable[[Path], None], words: str) -> None:
    damage(folder)
    assert any(words in check.problem for check in validate(folder))


def test_problems_are_found_on_the_search_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEURIGYM_PROBLEMS", str(folder.parent))
    assert find_problem("subset").folder == folder


def test_an_unknown_problem_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"unknown problem 'nothing'; known: .*operator_scheduling"):
        find_problem("nothing")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("statement.md", "", "Another rule.\n"),
        ("verifier_rules.py", "", "# another"),
        ("instances/demo/small.json", "", " "),
        ("problem.yaml", "direction: maximize", "direction: minimize"),
    ],
)
def test_the_digest_changes_with_what_prompts_and_verdicts_depend_on(
    folder: Path, name: str, old: str, new: str
) -> None:
    before = load_problem(folder).digest
    path = folder / name
    text = path.read_text() if path.exists() else ""
    assert old in text
    path.write_text(text.replace(old, new, 1) if old else text + new)
    assert load_problem(folder).digest != before


@pytest.mark.parametrize("name", ["baseline.py", "baselines.json", "problem.yaml"])
def test_better_experts_leave_the_digest_as_it_is(folder: Path, name: str) -> None:
    before = load_problem(folder).digest
    path = folder / name
    text = path.read_text() if path.exists() else ""
    if name == "problem.yaml":
        assert "solver:" in text
        path.write_text(re.sub(r"solver: .*", "solver: a better one", text))
    else:
        path.write_text("")
    assert load_problem(folder).digest == before


def test_expert_values_that_prompts_show_are_in_the_digest(folder: Path) -> None:
    spec, experts = folder / "problem.yaml", folder / "baselines.json"
    spec.write_text(re.sub(r"(  solver: .*)", r"\1\n  show_to_model: true", spec.read_text()))
    before = load_problem(folder).digest
    text = experts.read_text()
    experts.write_text(text.replace('"objective": 50', '"objective": 51'))
    assert load_problem(folder).digest == before, "eval values are shown to nobody"
    experts.write_text(text.replace('"objective": 10', '"objective": 11'))
    assert load_problem(folder).digest != before


def test_packed_instances_are_unpacked(folder: Path) -> None:
    plain = folder / "instances/demo/small.json"
    content = plain.read_bytes()
    plain.with_name("small.json.gz").write_bytes(gzip.compress(content))
    plain.unlink()
    (instance,) = find_instances(folder / "instances/demo", load_problem(folder).spec.entry)
    assert (instance.name, instance.read()) == ("small", (content,))
    assert failures(folder) == []


def test_a_corrupt_packed_instance_is_named(folder: Path) -> None:
    path = folder / "instances/demo/broken.json.gz"
    path.write_bytes(b"nothing packed")
    assert any(str(path) in check.problem for check in validate(folder))
