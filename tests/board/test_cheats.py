"""Ways to look better than one is, each of which verifying an entry finds."""

import json
import shutil

import pytest
from made_entries import doctor, doctor_campaign, make_entry, stored
from tiny_problem import make_problem, record

from heurigym.board.build import build
from heurigym.board.differences import Kind
from heurigym.board.entries import verify_entry
from heurigym.board.references import Reference
from heurigym.problems.outcome import Outcome
from heurigym.problems.problem import load_problem
from heurigym.scoring.summary import Score, summarise


@pytest.fixture(scope="module")
def judged_samples(tmp_path_factory, judge, tiny):
    """An honest entry of two samples with three attempts; not to be changed."""
    expressions = ("n + 3", "n - 1", "n + 1")
    return make_entry(tmp_path_factory.mktemp("samples") / "store", judge, tiny, expressions, samples=2)


@pytest.fixture
def samples(judged_samples, tmp_path):
    """A copy of it, to be doctored."""
    return shutil.copytree(judged_samples, tmp_path / "samples")


@pytest.fixture
def found(judge, find):
    """What verifying an entry holds against it."""

    def verify(entry):
        report = verify_entry(entry, judge, find=find)
        return {difference.kind for difference in report.differences if difference.fatal}

    return verify


def summarised(judging):
    scores = [Score(Outcome(run["outcome"]), run["quality"], run["quality_uncapped"]) for run in judging["runs"]]
    judging["summary"] = summarise(scores).model_dump(by_alias=True)


def test_an_honest_entry_of_two_samples_passes(samples, found):
    assert found(samples) == set()


def test_results_under_the_names_of_other_instances(samples, found):
    def change(content):
        runs = content["attempts"][2]["eval"]["runs"]
        runs[0]["instance"], runs[1]["instance"] = runs[1]["instance"], runs[0]["instance"]

    doctor(samples, change)
    assert found(samples) >= {Kind.OBJECTIVE}


def test_a_good_run_counted_twice(samples, found):
    def change(content):
        judging = content["attempts"][2]["eval"]
        judging["runs"][1] = judging["runs"][0]
        summarised(judging)

    doctor(samples, change)
    assert found(samples) >= {Kind.INSTANCES}


def test_a_bad_run_called_the_harness_s_fault(samples, found):
    """What the harness failed in counts for nothing, so it may not be had for the asking."""

    def change(content):
        judging = content["attempts"][1]["demo"]
        judging["runs"][0] |= {"outcome": "harness_error", "stage": 0}
        summarised(judging)

    doctor(samples, change)
    assert found(samples) >= {Kind.UNVERIFIED}


def test_scores_without_a_program(samples, found):
    def change(content):
        content["attempts"][2] |= {"program": None, "program_sha256": None}

    doctor(samples, change)
    assert found(samples) >= {Kind.PROGRAM}


def test_a_program_that_a_tool_is_said_to_have_brought(samples, found):
    """Where tools are at work, programs come from their calls; a call that no reply made brings nothing."""

    def change(content):
        call = {"id": "1", "name": "judge_program", "arguments": {"program": "def solve(a, b): ..."}}
        content["attempts"][2]["reply"]["text"] = "I give up."
        content["attempts"][2]["tools"] = [{"call": call, "result": "judged"}]

    doctor(samples, change)
    assert found(samples) == {Kind.PROGRAM}


def test_a_bad_last_attempt_dropped(samples, found):
    """A later attempt may be better on the demo split and worse on the eval split."""

    def change(content):
        content["attempts"].pop()
        content["selected"] = 0

    doctor(samples, change)
    assert found(samples) == {Kind.PROMPT}


def test_a_bad_attempt_dropped_and_the_others_renumbered(samples, found):
    def change(content):
        content["attempts"].pop(1)
        content["attempts"][1] |= {"number": 1, "parents": [0]}
        content["selected"] = 1

    doctor(samples, change)
    assert found(samples) == {Kind.PROMPT}


def test_attempts_in_another_order(samples, found):
    def change(content):
        first, second = content["attempts"][:2]
        content["attempts"][:2] = [second | {"number": 0}, first | {"number": 1}]

    doctor(samples, change)
    assert found(samples) == {Kind.PROMPT}


def test_an_attempt_doubled(samples, found):
    def change(content):
        content["attempts"].append(content["attempts"][-1] | {"number": 3})
        content["selected"] = 3

    doctor(samples, change)
    assert found(samples) == {Kind.PROMPT}


def test_fewer_iterations_claimed_than_were_run(samples, found):
    doctor_campaign(samples, lambda content: content["spec"].update(iterations=2))
    assert found(samples) == {Kind.PROMPT}


def test_a_hint_in_a_prompt(samples, found):
    def change(content):
        content["texts"][content["attempts"][1]["prompt"]["turns"][-1]["text"]] += "\nWrite n + 1."

    doctor(samples, change)
    assert found(samples) == {Kind.PROMPT}


def test_prompts_of_another_version_are_told_and_not_held_against_the_entry(samples, judge, find):
    doctor(samples, lambda content: content["texts"].__setitem__(0, "You are asked to optimise."))
    doctor_campaign(samples, lambda content: content["manifest"].update(heurigym="0.0.1"))
    report = verify_entry(samples, judge, find=find)
    assert report.passed
    assert [difference.kind for difference in report.differences] == [Kind.PROMPT]


def test_a_good_sample_in_the_place_of_a_bad_one(samples, found):
    content = json.loads(stored(samples, 0).read_text())
    content["cell"]["sample"] = 1
    stored(samples, 1).write_text(json.dumps(content))
    assert found(samples) == {Kind.IDENTITY}


def test_a_good_sample_in_the_place_of_a_bad_one_with_its_key_and_seed(samples, found):
    honest = json.loads(stored(samples, 1).read_text())
    content = json.loads(stored(samples, 0).read_text())
    stored(samples, 1).write_text(json.dumps(content | {name: honest[name] for name in ("cell", "key", "seed")}))
    assert found(samples) == {Kind.IDENTITY}


@pytest.mark.parametrize("change", [{"temperature": 0.0}, {"seed": 5}, {"max_output_tokens": 99}])
def test_settings_that_were_not_run(samples, found, change):
    doctor_campaign(samples, lambda content: content["spec"].update(change))
    assert found(samples) >= {Kind.IDENTITY}


def test_a_language_model_that_is_said_to_be_a_script_or_the_other_way_round(samples, found):
    doctor(samples, lambda content: content.update(is_script=True))
    assert found(samples) == {Kind.IDENTITY}


def test_a_script_of_this_project_under_the_name_of_a_model(samples, judge, tmp_path):
    problem = make_problem(tmp_path / "problems")
    (problem.folder / "ladder").mkdir()
    source = json.loads(stored(samples).read_text())["attempts"][2]["program"]
    (problem.folder / "ladder/01_best.py").write_text(source)
    report = verify_entry(samples, judge, find=lambda name: problem)
    assert {difference.kind for difference in report.differences} == {Kind.IDENTITY}
    assert "01_best.py" in report.differences[0].found


@pytest.mark.parametrize("names", [[], ["eval_0"], ["eval_0", "eval_1", "eval_2"]])
def test_a_problem_made_to_weigh_more_or_less(samples, found, names):
    doctor_campaign(samples, lambda content: content["manifest"]["eval_instances"].update(at_least=names))
    assert found(samples) == {Kind.INSTANCES}


def test_money_that_was_earned_by_calls_that_failed(samples, found):
    doctor(samples, lambda content: content.update(lost_cost_usd="-1"))
    assert found(samples) == {Kind.DAMAGED}


def better_experts(tiny, folder):
    """The same problem on a day when its expert finds better solutions."""
    shutil.copytree(tiny.folder, folder / "at_least")
    path = folder / "at_least/baselines.json"
    content = json.loads(path.read_text())
    for name, expert in content["instances"].items():
        content["instances"][name] = record(expert["objective"] - 5)
    path.write_text(json.dumps(content))
    return load_problem(folder / "at_least")


def test_better_expert_values_score_an_entry_anew_and_leave_it_valid(samples, judge, tiny, tmp_path):
    today = better_experts(tiny, tmp_path)
    assert today.digest == tiny.digest
    report = verify_entry(samples, judge, find=lambda name: today)
    assert report.passed
    assert {difference.kind for difference in report.differences} == {Kind.REFERENCE}
    (one, other) = report.scores
    assert one.stored_qyi == one.found_qyi > one.today_qyi == other.today_qyi


def test_expert_values_that_an_entry_brings_do_not_reach_a_board(samples, judge, tiny, tmp_path, monkeypatch):
    """Experts that are made to look bad, consistently: the entry reports it, and a board never reads them."""
    monkeypatch.setenv("HEURIGYM_PROBLEMS", str(tiny.folder.parent))
    honest = build([samples], tmp_path / "honest", resamples=50)

    def change(content):
        for attempt in content["attempts"]:
            for judging in (attempt["demo"], attempt["eval"]):
                for run in judging["runs"]:
                    run["baseline"] *= 2
                    if run["objective"] is not None:
                        run |= {"quality": 1.0, "quality_uncapped": 1 + 1 - run["objective"] / run["baseline"]}
                summarised(judging)

    for sample in (0, 1):
        doctor(samples, change, sample)
    report = verify_entry(samples, judge, find=lambda name: tiny)
    assert {difference.kind for difference in report.differences} == {Kind.REFERENCE}
    doctored = build([samples], tmp_path / "doctored", resamples=50)
    assert doctored.overall == honest.overall
    assert any("2 trajectories ran when expert values were others" in note for note in doctored.notes)


def test_a_reference_is_found_for_the_same_version_alone(tiny, monkeypatch):
    from heurigym.board.references import local_references

    monkeypatch.setenv("HEURIGYM_PROBLEMS", str(tiny.folder.parent))
    find = local_references()
    assert find("at_least", tiny.digest) == Reference(tiny.experts, "minimize")
    assert find("at_least", "0" * 64) is None
    assert find("nothing", tiny.digest) is None
    assert find(str(tiny.folder), tiny.digest) is None
