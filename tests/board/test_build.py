import csv
import json
from pathlib import Path

import pytest
from synthetic_stores import make_store

from heurigym.agents.trajectory import Status
from heurigym.board.build import build
from heurigym.errors import InputError

RESAMPLES = 200


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_one_row_for_each_problem_model_and_strategy(tmp_path):
    make_store(tmp_path / "store")
    report = build([tmp_path / "store"], tmp_path / "site", resamples=RESAMPLES)
    rows = read_csv(tmp_path / "site/results.csv")
    assert {(row["problem"], row["model"], row["strategy"]) for row in rows} == {
        (problem, model, "refine") for problem in ("packing", "routing") for model in ("lab/alpha", "lab/beta")
    }
    assert report.rows == len(rows) == 4
    for row in rows:
        for name in ("qyi", "yield", "quality", "quality_uncapped"):
            assert float(row[f"{name}_low"]) <= float(row[name]) <= float(row[f"{name}_high"])
    content = json.loads((tmp_path / "site/results.json").read_text())
    assert [row["model"] for row in content["results"]] == [row["model"] for row in rows]
    assert report.page.is_file()


def test_scores_are_those_of_the_selected_program(tmp_path):
    store = make_store(tmp_path / "store", problems=["packing"])
    build([tmp_path / "store"], tmp_path / "site", resamples=RESAMPLES)
    for row in read_csv(tmp_path / "site/results.csv"):
        trajectory = next(each for each in store.trajectories() if each.cell.model == row["model"])
        summary = trajectory.attempts[trajectory.selected].eval.summary
        assert float(row["qyi"]) == pytest.approx(summary.qyi)
        assert float(row["yield"]) == pytest.approx(summary.yield_)
        assert float(row["quality"]) == pytest.approx(summary.quality)
        assert float(row["oracle"]) == pytest.approx(max(each.eval.summary.qyi for each in trajectory.attempts))


def test_a_folder_that_is_no_store_is_refused(tmp_path):
    with pytest.raises(InputError, match="not a store"):
        build([tmp_path], tmp_path / "site")


def test_a_folder_with_something_else_is_not_written_over(tmp_path):
    make_store(tmp_path / "store")
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/thesis.tex").write_text("words")
    with pytest.raises(InputError, match="not a leaderboard"):
        build([tmp_path / "store"], tmp_path / "precious")
    assert [path.name for path in (tmp_path / "precious").iterdir()] == ["thesis.tex"]


def test_running_and_failed_cells_are_shown_and_not_scored(tmp_path):
    def change(trajectory):
        if trajectory.cell.model == "lab/alpha":
            trajectory.status = Status.RUNNING if trajectory.cell.problem == "packing" else Status.FAILED
        return trajectory

    make_store(tmp_path / "store", change=change)
    build([tmp_path / "store"], tmp_path / "site", resamples=RESAMPLES)
    rows = {(row["problem"], row["model"]): row for row in read_csv(tmp_path / "site/results.csv")}
    assert rows["packing", "lab/alpha"]["running"] == "1"
    assert rows["routing", "lab/alpha"]["failed"] == "1"
    for problem in ("packing", "routing"):
        assert rows[problem, "lab/alpha"]["qyi"] == ""
        assert rows[problem, "lab/beta"]["qyi"] != ""
