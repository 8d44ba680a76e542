import csv
import json
import tracemalloc
from pathlib import Path

import pytest
from synthetic_stores import make_store

from heurigym.agents.rescoring import rescore
from heurigym.agents.trajectory import Status, select
from heurigym.board.build import build
from heurigym.board.reading import Reader
from heurigym.board.references import local_references
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


def test_a_model_that_never_writes_a_program_scores_0_on_every_instance(tmp_path):
    make_store(tmp_path / "store", models=["lab/alpha"], problems=["packing"], program=lambda cell, number: None)
    build([tmp_path / "store"], tmp_path / "site", resamples=RESAMPLES)
    (row,) = read_csv(tmp_path / "site/results.csv")
    assert (float(row["qyi"]), float(row["yield"]), int(row["instances"])) == (0, 0, 8)


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


def peak_bytes(stores: list[Path], site: Path) -> int:
    tracemalloc.start()
    try:
        build(stores, site, resamples=20)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_texts_of_a_store(tmp_path):
    def long(cell, number):
        return f"def solve(a, b):\n    pass\n# {'x' * 500_000}\n"

    few, many = tmp_path / "few", tmp_path / "many"
    for folder, count in ((few, 2), (many, 12)):
        models = [f"lab/model-{index}" for index in range(count)]
        make_store(folder, models=models, problems=["packing"], iterations=2, program=long)
    peak_bytes([few], tmp_path / "warm")
    grown = peak_bytes([many], tmp_path / "site") - peak_bytes([few], tmp_path / "site-few")
    # Ten more trajectories hold 10 MB of programs, and twice that with their replies.
    assert grown < 3_000_000


def test_building_again_replaces_what_changed_and_removes_what_is_gone(tmp_path):
    make_store(tmp_path / "first")
    make_store(tmp_path / "second", models=["lab/gamma"], created_at="2026-11-02T00:00:00Z")
    site = tmp_path / "site"
    build([tmp_path / "first", tmp_path / "second"], site, resamples=RESAMPLES)
    trajectories = {path.name for path in (site / "data/trajectories").iterdir()}
    assert len(trajectories) == 6
    (site / "notes.txt").write_text("kept")
    build([tmp_path / "second"], site, resamples=RESAMPLES)
    left = {path.name for path in (site / "data/trajectories").iterdir()}
    assert len(left) == 2 and left < trajectories
    assert (site / "notes.txt").read_text() == "kept"
    assert {row["model"] for row in read_csv(site / "results.csv")} == {"lab/gamma"}


def test_a_board_without_stores_shows_what_was_published(tmp_path):
    path = tmp_path / "paper.csv"
    path.write_text("Model,Problem,QYI\nA,pedigree,0.5\n")
    report = build([], tmp_path / "site", resamples=RESAMPLES, published=[path])
    assert (report.rows, report.trajectories) == (0, 0)
    assert "pedigree" not in (tmp_path / "site/results.csv").read_text()
    assert len(json.loads((tmp_path / "site/results.json").read_text())["published"]) == 1


def test_builds_of_the_same_stores_are_the_same(tmp_path):
    make_store(tmp_path / "store", samples=2)
    for name in ("one", "two"):
        build([tmp_path / "store"], tmp_path / name, resamples=RESAMPLES)
    files = {path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()}
    assert files == {path.relative_to(tmp_path / "two") for path in (tmp_path / "two").rglob("*") if path.is_file()}
    assert all((tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes() for file in files)


def test_only_what_changed_is_read_again(tmp_path):
    """A board that is built again and again reads what changed, and comes out as if built from nothing."""
    store = make_store(tmp_path / "store", models=["lab/alpha", "lab/beta", "lab/gamma"])
    reader = Reader(local_references(), remember=True)
    build([tmp_path / "store"], tmp_path / "live", resamples=RESAMPLES, reader=reader)
    assert reader.reads == 6
    cells = list(store.campaign.spec.cells())
    changed = store.load(cells[2])
    changed.attempts.pop()
    changed.selected = select(changed.attempts)
    store.save(changed)
    store.path(cells[4]).unlink()
    build([tmp_path / "store"], tmp_path / "live", resamples=RESAMPLES, reader=reader)
    assert reader.reads == 7
    build([tmp_path / "store"], tmp_path / "anew", resamples=RESAMPLES)
    assert files_of(tmp_path / "live") == files_of(tmp_path / "anew")


def files_of(site: Path) -> dict[Path, bytes]:
    return {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}


def test_stores_whose_expert_values_contradict_each_other_are_apart(tmp_path):
    """A version that is not known here cannot be scored anew, so its parts are never averaged."""

    def other_experts(trajectory):
        return rescore(trajectory, dict.fromkeys((f"eval_{index:02}" for index in range(8)), 50.0), "minimize")

    make_store(tmp_path / "one", problems=["packing"])
    make_store(tmp_path / "two", problems=["packing"], change=other_experts, created_at="2026-12-01T00:00:00Z")
    report = build([tmp_path / "one", tmp_path / "two"], tmp_path / "site", resamples=RESAMPLES)
    rows = read_csv(tmp_path / "site/results.csv")
    assert {(row["digest"], row["current"], row["samples"]) for row in rows} == {
        ("packing-dige", "False", "1"),
        ("packing-dige.2", "True", "1"),
    }
    assert any("expert values, which are not known here" in note for note in report.notes)
