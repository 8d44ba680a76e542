import io

import pytest
from rich.console import Console
from synthetic_stores import make_store

from heurigym.agents.trajectory import Status
from heurigym.board.build import build
from heurigym.board.columns import TABLES, as_markdown
from heurigym.board.frames import read_table
from heurigym.board.summary import score_table
from heurigym.errors import InputError
from heurigym.resources import data_folder


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    make_store(folder / "store", models=["lab/007", "lab/NA"], problems=["packing"], samples=2)
    build([folder / "store"], folder / "site", resamples=50)
    return folder / "site"


@pytest.mark.parametrize("name", TABLES)
def test_tables_read_as_frames_with_the_documented_columns(site, name):
    frame = read_table(site, name)
    assert list(frame.columns) == [column.name for column in TABLES[name]]
    assert set(frame["model"]) == {"lab/007", "lab/NA"}
    assert len(frame) == {"overall": 2, "results": 2, "instances": 2 * 2 * 8, "attempts": 2 * 2 * 3}[name]


def test_frames_add_up(site):
    """The results are what the instances give."""
    instances = read_table(site, "instances")
    results = read_table(site, "results").set_index("model")
    for model, group in instances.groupby("model"):
        by_sample = group.assign(feasible=group["outcome"] == "feasible").groupby("sample")
        assert results.loc[model, "yield"] == pytest.approx(by_sample["feasible"].mean().mean())
        assert results.loc[model, "quality"] == pytest.approx(by_sample["quality"].mean().mean())


def test_tables_that_are_not_there_are_refused(site, tmp_path):
    with pytest.raises(InputError, match="no table 'nothing'"):
        read_table(site, "nothing")
    with pytest.raises(InputError, match="no leaderboard here"):
        read_table(tmp_path, "overall")


def test_every_column_is_documented():
    docs = data_folder("leaderboard").parent / "docs/leaderboard.md"
    assert as_markdown() in docs.read_text()


def printed(table, width=100):
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    return console.file.getvalue()


def test_the_score_table_of_the_terminal(tmp_path):
    def change(trajectory):
        if (trajectory.cell.model, trajectory.cell.problem) == ("scripted/[red]x", "routing"):
            trajectory.status = Status.RUNNING
        return trajectory

    make_store(tmp_path / "store", models=["lab/alpha", "scripted/[red]x"], official=False, change=change)
    table = score_table([tmp_path / "store"], resamples=50)
    text = printed(table, 160)
    assert "packing: 8 eval instances" in text and "all problems, weighted by instances" in text
    assert "scripted/[red]x refine (script) (unofficial)" in text.replace("\n", "")
    assert "0, 1 running" in text
    assert "(1 problems only)" in " ".join(text.split())
    for row in table.results:
        if row["qyi"] is not None:
            assert f"{row['qyi']:.3f}" in text


def test_the_score_table_fits_a_narrow_terminal(tmp_path):
    make_store(tmp_path / "store")
    assert (
        max(len(line) for line in printed(score_table([tmp_path / "store"], resamples=50), 80).splitlines()) <= 80
    )
    assert "samples" in printed(score_table([tmp_path / "store"], resamples=50), 80)
