"""A report holds codes and figures: rows fit their columns, targets say whether they are met, JSON has no NaN."""

from __future__ import annotations

import hashlib
import json
import math
from datetime import date

import numpy as np
import pytest

from fangkong.science.epi.backtests import BacktestReport, Table, Target, file_digests
from fangkong.science.epi.backtests.nowcast import score
from fangkong.science.epi.backtests.vintages import Vintages


@pytest.mark.parametrize(
    ("value", "lower", "upper", "met"),
    [(0.9, 0.9, 0.98, True), (0.99, 0.9, 0.98, False), (0.4, None, 0.5, True), (0.8, 0.9, None, False),
     (math.nan, None, None, False)],
)  # fmt: skip
def test_a_target_is_met_within_its_bounds(value, lower, upper, met):
    assert Target("coverage_95", value, lower, upper).met is met


def test_a_row_that_does_not_fit_its_columns_is_refused():
    with pytest.raises(ValueError, match="by_group"):
        Table("by_group", ("group", "wis"), (("all",),))


def test_json_holds_none_for_what_is_no_number(tmp_path):
    file = tmp_path / "some.csv"
    file.write_bytes(b"1,2\n")
    report = BacktestReport(
        name="nowcast-hus",
        data=file_digests([file]),
        first_on=date(2030, 1, 1),
        last_on=date(2030, 2, 1),
        tables=(Table("by_group", ("group", "wis"), (("all", math.inf),)),),
        figures={"wis": math.nan},
        targets=(Target("wis", math.nan),),
        seconds=0.1,
    )
    told = json.loads(json.dumps(report.as_json(), allow_nan=False))
    assert told["data"] == [{"file": "some.csv", "sha256": hashlib.sha256(b"1,2\n").hexdigest()}]
    assert (told["figures"], told["tables"][0]["rows"], told["met"]) == (
        {"wis": None},
        [["all", None]],
        False,
    )


def test_a_nowcast_is_scored_only_where_the_end_is_known_and_only_on_what_was_known():
    cells = np.random.default_rng(1).poisson([20, 15, 5, 2], size=(60, 4)).astype(float)
    cells[-3:] = np.where(np.arange(60)[-3:, None] + np.arange(4) < 60, cells[-3:], np.nan)
    known = Vintages("all", cells, date(2030, 1, 1), 1)
    whole = score(known, 30, 10)
    assert np.isnan(whole.wis[-1, 0])
    assert not np.isnan(whole.wis[:-3]).any()
    # Reports after the last scored day change what came, never what was nowcast on the days before.
    changed = cells.copy()
    changed[:, 3] += np.where(np.arange(60) + 3 > 40, 100, 0)
    later = Vintages("all", changed, date(2030, 1, 1), 1)
    assert np.array_equal(known.as_of(40), later.as_of(40), equal_nan=True)
    assert np.array_equal(score(later, 30, 10).wis[:5, :1], whole.wis[:5, :1])
