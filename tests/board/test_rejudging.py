import json

import pytest
from tiny_problem import record, write_instance

from heurigym.board.rejudging import rejudge
from heurigym.errors import InputError


def test_stored_programs_are_scored_on_instances_nobody_has_seen(entry, judge, find, tmp_path):
    fresh = tmp_path / "fresh"
    write_instance(fresh, "new_0", 100)
    write_instance(fresh, "new_1", 400)
    instances = {"new_0": record(100), "new_1": record(802)}
    (fresh / "baselines.json").write_text(json.dumps({"schema_version": 1, "instances": instances}))
    (again,) = rejudge(entry, judge, {"at_least": fresh}, find=find)
    assert again.attempt == 1
    assert again.fresh.split == "fresh"
    assert [run.objective for run in again.fresh.runs] == [101, 401]
    assert again.fresh.summary.quality == pytest.approx((100 / 101 + 1) / 2)
    assert again.fresh.summary.quality_uncapped == pytest.approx((100 / 101 + 1.5) / 2)
    assert again.stored is not None and again.stored.instances == 2


def test_without_expert_values_objectives_stand_alone(entry, judge, find, tmp_path):
    write_instance(tmp_path / "fresh", "new_0", 100)
    (again,) = rejudge(entry, judge, {"at_least": tmp_path / "fresh"}, find=find)
    assert again.fresh.runs[0].objective == 101
    assert (again.fresh.summary.yield_, again.fresh.summary.qyi) == (1, None)


def test_problems_that_the_store_does_not_have_are_refused(entry, judge, find, tmp_path):
    with pytest.raises(InputError, match="has no problem 'chess'; it has at_least"):
        list(rejudge(entry, judge, {"chess": tmp_path}, find=find))
    with pytest.raises(InputError, match="no such folder"):
        list(rejudge(entry, judge, {"at_least": tmp_path / "nowhere"}, find=find))
