import json

import pytest
from made_entries import doctor, make_entry, stored
from tiny_problem import make_problem, program

from heurigym.board.differences import EntryReport, Kind
from heurigym.board.entries import verify_entry
from heurigym.errors import InputError
from heurigym.execution.judging import sha256
from heurigym.problems.outcome import Outcome
from heurigym.problems.problem import is_path
from heurigym.scoring.quality import quality, quality_uncapped
from heurigym.scoring.summary import Score, summarise


def fatal(report: EntryReport) -> set[Kind]:
    return {difference.kind for difference in report.differences if difference.fatal}


def test_an_honest_entry_proves_itself(entry, judge, find):
    report = verify_entry(entry, judge, find=find)
    assert report.passed and report.differences == ()
    assert (report.trajectories, report.programs, report.runs) == (1, 2, 6)
    (score,) = report.scores
    assert score.stored_qyi == score.found_qyi > 0.9


def test_a_doctored_score_is_found(entry, judge, find):
    doctor(entry, lambda content: content["attempts"][1]["eval"]["summary"].update(qyi=1.0))
    report = verify_entry(entry, judge, find=find)
    assert fatal(report) >= {Kind.SCORE}
    (difference,) = [each for each in report.differences if "qyi of the summary" in each.where]
    assert difference.amount == pytest.approx(1.0 - report.scores[0].found_qyi)


def test_a_score_doctored_all_the_way_down_is_found(entry, judge, find):
    """Objectives, qualities and summaries that agree with each other, and with no run."""

    def change(content):
        judging = content["attempts"][1]["eval"]
        for run in judging["runs"]:
            run["objective"] = run["baseline"]
            run["quality"] = quality(run["objective"], run["baseline"], "minimize")
            run["quality_uncapped"] = quality_uncapped(run["objective"], run["baseline"], "minimize")
        scores = [
            Score(Outcome(run["outcome"]), run["quality"], run["quality_uncapped"]) for run in judging["runs"]
        ]
        judging["summary"] = summarise(scores).model_dump(by_alias=True)

    doctor(entry, change)
    report = verify_entry(entry, judge, find=find)
    assert fatal(report) == {Kind.OBJECTIVE, Kind.SCORE}
    assert {each.amount for each in report.differences if each.kind is Kind.OBJECTIVE} == {-1.0}


def test_a_doctored_verdict_is_found(entry, judge, find):
    def change(content):
        judging = content["attempts"][0]["eval"]
        for run in judging["runs"]:
            run |= {"outcome": "feasible", "stage": 3, "objective": run["baseline"]}
            run |= {"quality": 1.0, "quality_uncapped": 1.0}
        scores = [
            Score(Outcome(run["outcome"]), run["quality"], run["quality_uncapped"]) for run in judging["runs"]
        ]
        judging["summary"] = summarise(scores).model_dump(by_alias=True)

    doctor(entry, change)
    report = verify_entry(entry, judge, find=find)
    assert fatal(report) == {Kind.VERDICT}
    assert all("infeasible" in each.found for each in report.differences)


def test_a_doctored_program_is_found(entry, judge, find):
    better = program("n")

    def change(content):
        content["attempts"][1]["program"] = better

    doctor(entry, change)
    report = verify_entry(entry, judge, find=find)
    assert fatal(report) >= {Kind.PROGRAM, Kind.OBJECTIVE}


def test_a_program_doctored_with_its_digests_is_not_what_the_reply_holds(entry, judge, find):
    better = program("n + 1 + 0")

    def change(content):
        attempt = content["attempts"][1]
        attempt["program"] = better
        for record in (attempt, attempt["demo"], attempt["eval"]):
            record["program_sha256"] = sha256(better)

    doctor(entry, change)
    report = verify_entry(entry, judge, find=find)
    assert fatal(report) == {Kind.PROGRAM}
    assert "reply" in report.differences[0].where


def test_a_missing_trajectory_is_found(entry, judge, find):
    stored(entry).unlink()
    assert fatal(verify_entry(entry, judge, find=find)) == {Kind.MISSING}


def test_a_damaged_trajectory_is_found(entry, judge, find):
    stored(entry).write_text("{")
    assert fatal(verify_entry(entry, judge, find=find)) == {Kind.DAMAGED}


def test_an_unfinished_trajectory_is_found(entry, judge, find):
    doctor(entry, lambda content: content.update(status="failed"))
    assert fatal(verify_entry(entry, judge, find=find)) == {Kind.MISSING}


def test_a_file_that_is_no_cells_is_found(entry, judge, find):
    (stored(entry).parent / "7.json").write_text("{}")
    assert fatal(verify_entry(entry, judge, find=find)) == {Kind.UNEXPECTED}


def test_a_selection_by_the_eval_split_is_found(entry, judge, find):
    doctor(entry, lambda content: content.update(selected=0))
    assert fatal(verify_entry(entry, judge, find=find)) >= {Kind.SELECTION}


def test_a_removed_attempt_is_found(entry, judge, find):
    doctor(entry, lambda content: content["attempts"].pop(0))
    assert fatal(verify_entry(entry, judge, find=find)) >= {Kind.MISSING}


def test_a_removed_instance_is_found(entry, judge, find):
    def change(content):
        judging = content["attempts"][1]["eval"]
        judging["runs"].pop()
        scores = [
            Score(Outcome(run["outcome"]), run["quality"], run["quality_uncapped"]) for run in judging["runs"]
        ]
        judging["summary"] = summarise(scores).model_dump(by_alias=True)

    doctor(entry, change)
    assert Kind.INSTANCES in fatal(verify_entry(entry, judge, find=find))


def test_another_version_of_the_problem_is_found(entry, judge, tmp_path):
    other = make_problem(tmp_path / "problems")
    (other.folder / "statement.md").write_text("Write any integer.\n")
    assert fatal(verify_entry(entry, judge, find=lambda name: other)) == {Kind.DIGEST}


@pytest.mark.parametrize("path", ["./at_least", "/srv/at_least", "..", "./.."])
def test_a_problem_that_comes_with_the_entry_is_never_loaded(entry, judge, path):
    asked = []

    def look_up(name):
        asked.append(name)
        raise InputError(f"unknown problem {name}")

    content = json.loads((entry / "campaign.json").read_text())
    content["spec"]["problems"] = [path]
    (entry / "campaign.json").write_text(json.dumps(content))
    assert fatal(verify_entry(entry, judge, find=look_up)) >= {Kind.DIGEST}
    assert not any(is_path(name) for name in asked)


def test_other_packages_and_an_unofficial_sandbox_are_found(entry, judge, find):
    path = entry / "campaign.json"
    content = json.loads(path.read_text())
    content["manifest"]["sandbox"]["packages"] = {"numpy": "0.1"}
    content["manifest"]["sandbox"]["official"] = False
    path.write_text(json.dumps(content))
    assert fatal(verify_entry(entry, judge, find=find)) >= {Kind.VERSION}


def test_a_program_that_varies_is_reported_and_not_held_against_the_entry(tmp_path, judge, tiny, find):
    entry = make_entry(tmp_path / "store", judge, tiny, ("10 ** 6 + time.time_ns() // 1000 % 10 ** 4",))
    report = verify_entry(entry, judge, find=find)
    assert report.passed
    assert {difference.kind for difference in report.differences} == {Kind.VARIES}


def test_a_program_that_varies_does_not_excuse_any_score(tmp_path, judge, tiny, find):
    entry = make_entry(tmp_path / "store", judge, tiny, ("10 ** 6 + time.time_ns() // 1000 % 10 ** 4",))

    def change(content):
        content["attempts"][0]["eval"]["runs"][0].update(objective=500_000)

    doctor(entry, change)
    assert Kind.OBJECTIVE in fatal(verify_entry(entry, judge, find=find))


def test_what_cannot_be_judged_here_is_not_verified(entry, judge, tmp_path):
    broken = make_problem(tmp_path / "problems")
    broken.verifier_file.write_text(broken.verifier_file.read_text().replace("return value", "raise RuntimeError"))
    report = verify_entry(entry, judge, find=lambda name: broken, tries=1, share=0.1)
    assert fatal(report) >= {Kind.UNVERIFIED}


def test_a_claimed_time_out_is_no_excuse_where_no_limit_is_near(entry, judge, find):
    def change(content):
        judging = content["attempts"][1]["eval"]
        judging["runs"][0] |= {"outcome": "timed_out", "stage": 0, "objective": None, "charged_s": 5.0}
        judging["runs"][0] |= {"quality": None, "quality_uncapped": None}
        scores = [
            Score(Outcome(run["outcome"]), run["quality"], run["quality_uncapped"]) for run in judging["runs"]
        ]
        judging["summary"] = summarise(scores).model_dump(by_alias=True)

    doctor(entry, change)
    assert fatal(verify_entry(entry, judge, find=find)) == {Kind.VERDICT, Kind.SCORE}
