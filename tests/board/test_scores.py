"""What a board scores, and what it leaves apart."""

import json

import pytest
from synthetic_stores import EXPERT, make_store

from heurigym.agents.trajectory import Status
from heurigym.board.build import build
from heurigym.board.collect import collect
from heurigym.board.scores import score
from heurigym.problems.outcome import Outcome

RESAMPLES = 100


def results(*stores, **options):
    found = score(collect(stores), RESAMPLES)
    return {(row["problem"], row["digest"], row["model"], row["variant"]): row for row in found.results}, found


def only(*stores):
    (row,) = results(*stores)[0].values()
    return row


def one_cell(folder, **options):
    make_store(folder, models=["lab/alpha"], problems=["packing"], **options)
    return folder


def by_attempt(*objectives):
    return lambda cell, attempt, split, instance: objectives[attempt]


def test_the_program_is_selected_on_the_demo_split_alone(tmp_path):
    def objective(cell, attempt, split, instance):
        return EXPERT * (2 if (split == "eval") == (attempt == 0) else 4)

    row = only(one_cell(tmp_path / "store", iterations=2, objectives=objective))
    assert row["quality"] == pytest.approx(0.25)
    assert row["oracle"] == pytest.approx(2 * 0.5 / 1.5)


def test_a_trajectory_without_any_program_yields_nothing(tmp_path):
    """Two samples, of which one never delivers a program: half the yield, and half the quality."""
    row = only(
        one_cell(
            tmp_path / "store",
            samples=2,
            objectives=by_attempt(EXPERT, EXPERT, EXPERT),
            program=lambda cell, number: None if cell.sample else "def solve(a, b): pass\n",
        )
    )
    assert (row["yield"], row["quality"], row["qyi"]) == (0.5, 0.5, 0.5)
    assert (row["samples"], row["without_program"]) == (2, 1)
    assert row["solve_III@1"] == 0.5


def test_a_model_that_never_delivers_is_scored_beside_one_that_does(tmp_path):
    make_store(
        tmp_path / "store",
        problems=["packing"],
        program=lambda cell, number: None if cell.model == "lab/beta" else "def solve(a, b): pass\n",
    )
    rows = {key[2]: row for key, row in results(tmp_path / "store")[0].items()}
    assert rows["lab/beta"]["qyi"] == 0
    assert rows["lab/beta"]["instances"] == rows["lab/alpha"]["instances"] == 8
    assert rows["lab/alpha"]["qyi"] > 0


def test_harness_errors_are_unscored(tmp_path):
    def objective(cell, attempt, split, instance):
        return Outcome.HARNESS_ERROR if instance == "eval_00" else EXPERT

    row = only(one_cell(tmp_path / "store", objectives=objective))
    assert (row["yield"], row["qyi"], row["unscored_runs"]) == (1, 1, 1)


def test_when_the_selected_program_alone_is_judged_the_oracle_is_unknown(tmp_path):
    row = only(one_cell(tmp_path / "store", evaluate="selected", objectives=by_attempt(300, 200, EXPERT)))
    assert row["qyi"] == 1
    assert row["oracle"] is None and row["solve_III@1"] is None


def test_a_selected_program_without_judging_is_not_scored(tmp_path):
    def change(trajectory):
        trajectory.attempts = [each.model_copy(update={"eval": None}) for each in trajectory.attempts]
        return trajectory

    row = only(one_cell(tmp_path / "store", change=change))
    assert (row["samples"], row["unjudged"], row["qyi"]) == (0, 1, None)


def test_beating_the_expert_shows(tmp_path):
    def objective(cell, attempt, split, instance):
        return EXPERT * (0.8 if instance < "eval_04" else 1)

    row = only(one_cell(tmp_path / "store", objectives=objective))
    assert row["beats_expert"] == 0.5
    assert row["quality"] == 1
    assert row["quality_uncapped"] == pytest.approx(1.1)


def test_versions_of_a_problem_are_never_mixed(tmp_path):
    one_cell(tmp_path / "old", digests={"packing": "a" * 64}, created_at="2026-01-01T00:00:00Z")
    one_cell(tmp_path / "new", digests={"packing": "b" * 64}, created_at="2026-02-01T00:00:00Z")
    rows, found = results(tmp_path / "new", tmp_path / "old")
    assert {(key[1], row["current"], row["samples"]) for key, row in rows.items()} == {
        ("a" * 12, False, 1),
        ("b" * 12, True, 1),
    }
    (overall,) = found.overall
    assert overall["weighted_qyi"] == rows["packing", "b" * 12, "lab/alpha", ""]["qyi"]
    report = build([tmp_path / "new", tmp_path / "old"], tmp_path / "site", resamples=RESAMPLES)
    assert any("not comparable" in note and "packing" in note for note in report.notes)


def test_settings_that_differ_are_never_averaged(tmp_path):
    one_cell(tmp_path / "three", iterations=3)
    one_cell(tmp_path / "two", iterations=2, created_at="2026-02-01T00:00:00Z")
    one_cell(tmp_path / "unofficial", iterations=3, official=False, created_at="2026-03-01T00:00:00Z")
    rows, _ = results(tmp_path / "three", tmp_path / "two", tmp_path / "unofficial")
    assert {key[3] for key in rows} == {
        "iterations 3, official true",
        "iterations 2, official true",
        "iterations 3, official false",
    }
    assert {row["samples"] for row in rows.values()} == {1}


def test_equal_campaigns_add_samples_and_the_same_one_counts_once(tmp_path):
    one_cell(tmp_path / "first")
    one_cell(tmp_path / "second", created_at="2026-02-01T00:00:00Z")
    assert only(tmp_path / "first", tmp_path / "second")["samples"] == 2
    found = collect([tmp_path / "first", tmp_path / "first"])
    assert only(tmp_path / "first", tmp_path / "first")["samples"] == 1
    assert "twice" in found.notes[0]


def test_a_damaged_trajectory_does_not_hide_the_others(tmp_path):
    store = make_store(tmp_path / "store", problems=["packing"])
    store.path(next(iter(store.campaign.spec.cells()))).write_text("{")
    rows, _ = results(tmp_path / "store")
    assert sorted((row["samples"], row["failed"]) for row in rows.values()) == [(0, 1), (1, 0)]
    report = build([tmp_path / "store"], tmp_path / "site", resamples=RESAMPLES)
    assert "damaged" in report.notes[0]


def test_a_campaign_that_has_not_begun_builds(tmp_path):
    make_store(tmp_path / "store", change=lambda trajectory: None)
    report = build([tmp_path / "store"], tmp_path / "site", resamples=RESAMPLES)
    assert (report.trajectories, report.scored) == (0, 0)
    content = json.loads((tmp_path / "site/results.json").read_text())
    assert {row["waiting"] for row in content["results"]} == {1}
    assert {row["rank"] for row in content["overall"]} == {None}


def test_only_complete_rows_are_ranked(tmp_path):
    def change(trajectory):
        if (trajectory.cell.model, trajectory.cell.problem) == ("lab/beta", "routing"):
            trajectory.status = Status.RUNNING
        return trajectory

    make_store(tmp_path / "store", models=["lab/alpha", "lab/beta", "lab/gamma"], change=change)
    _, found = results(tmp_path / "store")
    ranks = {row["model"]: (row["complete"], row["rank"] is not None) for row in found.overall}
    assert ranks == {"lab/alpha": (True, True), "lab/beta": (False, False), "lab/gamma": (True, True)}
    assert {key[0] for key in found.compared} == {"lab/alpha", "lab/gamma"}


def test_weighted_and_unweighted_means_are_columns_of_their_own(tmp_path):
    def objective(cell, attempt, split, instance):
        return EXPERT if cell.problem == "packing" else Outcome.CRASHED

    one = make_store(tmp_path / "a", models=["lab/alpha"], problems=["packing"], instances=2, objectives=objective)
    make_store(tmp_path / "b", models=["lab/alpha"], problems=["routing"], instances=6, objectives=objective)
    assert one.folder == tmp_path / "a"
    _, found = results(tmp_path / "a", tmp_path / "b")
    (overall,) = found.overall
    assert overall["weighted_qyi"] == pytest.approx(2 / 8)
    assert overall["unweighted_qyi"] == pytest.approx(1 / 2)
    for name in ("solve_III@1", "oracle", "yield", "quality_geometric"):
        assert overall[f"weighted_{name}"] == pytest.approx(2 / 8), name
        assert overall[f"unweighted_{name}"] == pytest.approx(1 / 2), name


def test_cost_is_that_of_running_each_problem_once(tmp_path):
    make_store(tmp_path / "store", models=["lab/alpha"], samples=3)
    _, found = results(tmp_path / "store")
    (overall,) = found.overall
    assert overall["cost_usd"] == pytest.approx(2 * 3 * 0.03)
    assert overall["spent_usd"] == pytest.approx(3 * 2 * 3 * 0.03)
    assert overall["calls"] == 6


def test_an_unknown_price_is_no_price(tmp_path):
    def change(trajectory):
        first = trajectory.attempts[0]
        trajectory.attempts[0] = first.model_copy(
            update={"reply": first.reply.model_copy(update={"cost_usd": None})}
        )
        return trajectory

    assert only(one_cell(tmp_path / "store", change=change))["cost_usd"] is None


def test_a_selection_that_does_not_hold_is_noted(tmp_path):
    def change(trajectory):
        trajectory.selected = next(
            each.number for each in trajectory.attempts if each.number != trajectory.selected
        )
        return trajectory

    found = collect([one_cell(tmp_path / "store", change=change)])
    assert "not the best by demo score" in found.notes[0]
