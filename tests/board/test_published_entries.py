"""The entries that the project publishes. Where one fails because its problem has changed: ``make entry``."""

import json

import pytest

from heurigym.board.build import build
from heurigym.board.collect import find_stores
from heurigym.board.entries import verify_entry
from heurigym.errors import InputError
from heurigym.resources import data_folder

ENTRIES = data_folder("leaderboard") / "entries"


def test_there_is_an_entry():
    assert find_stores([ENTRIES])


@pytest.mark.parametrize("entry", find_stores([ENTRIES]), ids=lambda path: path.name)
def test_every_entry_proves_itself(entry, judge):
    """Everything that follows from what is stored, and each program on one instance of each split."""
    report = verify_entry(entry, judge, share=0.01, seed=4)
    assert [str(difference) for difference in report.differences if difference.fatal] == []
    assert report.runs >= 2 * report.programs > 0


def test_a_board_shows_all_of_them(tmp_path):
    report = build([ENTRIES], tmp_path / "site", resamples=50)
    content = json.loads((tmp_path / "site/results.json").read_text())
    assert len(content["campaigns"]) == len(find_stores([ENTRIES]))
    assert report.scored == report.trajectories > 0
    assert {row["model"] for row in content["overall"]} >= {"scripted/ladder"}


def test_a_folder_that_holds_no_store_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="not a store"):
        find_stores([tmp_path])
