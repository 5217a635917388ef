"""Questions about a sweep: what its points gave, filtered and sorted, and what an axis does."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.experiment.query.made_sweeps import make_sweep
from tests.experiment.without_sockets import run_without_sockets
from twin.experiment.integrity import DamagedError
from twin.experiment.query.conditions import parse_conditions
from twin.experiment.query.connection import opened
from twin.experiment.query.points import list_points
from twin.experiment.query.stored import StoredSweep, find_sweep
from twin.experiment.query.summary import summarise
from twin.experiment.statistics import mean_interval
from twin.plant.errors import InputError

NOISE = (-0.5, 0.25, 0.75, -0.25, 0.125)
SPEEDS, RULES = (1.0, 2.0, 4.0), ("first come", "=shortest")


def measures(point: Mapping[str, Any], replication: int) -> dict[str, float | None]:
    """Throughput twice the speed and one more under the second rule, with noise that all points share."""
    bonus = 1.0 if point["rule"] == RULES[1] else 0.0
    return {
        "throughput": 2 * point["equipment.press.speed"] + bonus + NOISE[replication - 1],
        "wip_mean": 10.0 * point["equipment.press.speed"],
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    points = [{"equipment.press.speed": s, "rule": r} for s, r in itertools.product(SPEEDS, RULES)]
    return make_sweep(tmp_path, points, len(NOISE), measures)


@pytest.fixture
def sweep(folder: Path) -> StoredSweep:
    return StoredSweep(folder)


def test_points_have_the_mean_and_the_interval_of_their_replications(sweep: StoredSweep) -> None:
    found = list_points(sweep)
    assert found.total == 6
    last = found.lines[-1]
    assert (last.point, last.settings) == (6, {"equipment.press.speed": 4.0, "rule": "=shortest"})
    wanted = mean_interval([9.0 + noise for noise in NOISE], 0.95)
    assert last.intervals["throughput"].n == 5
    assert last.intervals["throughput"].mean == pytest.approx(wanted.mean, rel=1e-12)
    assert last.intervals["throughput"].low == pytest.approx(wanted.low, rel=1e-12)
    assert last.intervals["wip_mean"].half_width == 0.0


def test_points_are_filtered_by_axes_and_measures_and_sorted(sweep: StoredSweep) -> None:
    where = parse_conditions(["throughput > 4", "rule = =shortest"])
    found = list_points(sweep, where=where, sort="-throughput", limit=1)
    assert found.total == 2
    assert [line.settings["equipment.press.speed"] for line in found.lines] == [4.0]
    in_hours = parse_conditions(["throughput <= 18000 1/h"])
    assert list_points(sweep, where=in_hours).total == 3
    assert list_points(sweep, where=parse_conditions(["wip_mean >= 20 lots"])).total == 4


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("throughput", "no condition"),
        ("throughput > 5; drop table points", "unit that cannot be read"),
        ("throughput > fast", "must be a number"),
        ("equipment.press.speed > 2 kg", "must be a share or a number"),
        ("equipment.press.speed > fast", "must be a number"),
        ("throughput > 5 kg", "must be a rate"),
        ("wip_mean > 5 s", "must be a number of lots"),
        ("cost.total > 5 EUR", "unknown unit"),
        ("througput > 5", "no axis and no measure"),
        ("rule > first", "only `=` or `!=`"),
        ("x" * 600, "no condition"),
    ],
)
def test_a_condition_that_makes_no_sense_is_told(sweep: StoredSweep, text: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        list_points(sweep, where=parse_conditions([text]))


def test_an_axis_is_averaged_over_the_others_within_each_replication(sweep: StoredSweep) -> None:
    levels = summarise(sweep, by=["equipment.press.speed"], measures=["throughput"])
    assert [level.values for level in levels] == [(1.0,), (2.0,), (4.0,)]
    slowest = levels[0]
    wanted = mean_interval([2.5 + noise for noise in NOISE], 0.95)  # the mean over both rules
    assert (slowest.points, slowest.interval.n) == (2, 5)
    assert slowest.interval.mean == pytest.approx(wanted.mean, rel=1e-12)
    assert slowest.interval.half_width == pytest.approx(wanted.half_width, rel=1e-12)
    mean = sum(NOISE) / 5
    assert (slowest.lowest, slowest.highest) == pytest.approx((2 + mean, 3 + mean))


def test_texts_stand_in_the_order_of_the_design_and_axes_go_together(sweep: StoredSweep) -> None:
    rules = summarise(sweep, by=["rule"], measures=["throughput"])
    assert [level.values for level in rules] == [("first come",), ("=shortest",)]
    both = summarise(sweep, by=["rule", "equipment.press.speed"], measures=["wip_mean"])
    assert [level.interval.mean for level in both] == [10.0, 20.0, 40.0] * 2
    (whole,) = summarise(sweep, measures=["wip_mean"])
    assert (whole.values, whole.points, whole.interval.mean) == ((), 6, pytest.approx(70 / 3))


def test_many_values_are_cut_into_groups(tmp_path: Path) -> None:
    points = [{"x": float(k)} for k in range(1, 101)]
    sweep = StoredSweep(make_sweep(tmp_path, points, 2, lambda p, r: {"wip_mean": p["x"]}))
    levels = summarise(sweep, by=["x"])
    assert [level.values for level in levels][:2] == [((1.0, 10.0),), ((11.0, 20.0),)]
    assert [level.interval.mean for level in levels][:2] == [5.5, 15.5]
    assert len(summarise(sweep, by=["x"], groups=4)) == 4


def test_a_replication_without_a_value_is_left_out_of_its_level(tmp_path: Path) -> None:
    def formula(point: Mapping[str, Any], replication: int) -> dict[str, float | None]:
        lost = point["x"] == 2.0 and replication == 3
        return {"wip_mean": None if lost else point["x"] + replication}

    sweep = StoredSweep(make_sweep(tmp_path, [{"x": 1.0}, {"x": 2.0}], 4, formula))
    (level,) = summarise(sweep)
    assert level.interval.n == 3
    assert level.interval.mean == pytest.approx(1.5 + (1 + 2 + 4) / 3)
    assert list_points(sweep).lines[1].intervals["wip_mean"].n == 3


def test_a_sweep_of_which_every_point_failed_says_so(tmp_path: Path) -> None:
    sweep = StoredSweep(make_sweep(tmp_path, [{"x": 1.0}], 0, lambda p, r: {}))
    assert sweep.measures == []
    for ask in (list_points, summarise):
        with pytest.raises(InputError, match="No point of this sweep has a result"):
            ask(sweep)


def test_a_sweep_is_found_by_the_beginning_of_its_id_or_its_folder(tmp_path: Path, folder: Path) -> None:
    assert find_sweep("5eed", tmp_path) == StoredSweep(folder)
    assert find_sweep(folder) == StoredSweep(folder)
    assert find_sweep("../5eed", tmp_path) is None
    assert find_sweep("beef", tmp_path) is None


def test_a_damaged_file_is_named_and_not_read(folder: Path) -> None:
    file = folder / "results" / "00001.parquet"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    (folder / "points.parquet").write_bytes(b"PAR1")
    with pytest.raises(DamagedError) as caught:
        list_points(StoredSweep(folder))
    (damage,) = caught.value.damages
    assert damage.file in (file, folder / "points.parquet")
    assert {d.file.name for d in StoredSweep(folder).damages()} == {"points.parquet", "00001.parquet"}


REFUSED = (
    "select * from read_csv('{other}')",
    "select * from read_parquet('{other}')",
    "select * from read_text('/etc/hostname')",
    "copy (select 1) to '{other}'",
    "attach '{other}' as other",
    "install excel",
    "load excel",
    "set enable_external_access = true",
    "set threads = 4",
    "select * from read_parquet('http://127.0.0.1:9/x.parquet')",
    "select * from sweep",
)


@pytest.mark.parametrize("query", REFUSED)
def test_duckdb_opens_nothing_but_the_files_given(sweep: StoredSweep, tmp_path: Path, query: str) -> None:
    other = tmp_path / "other.parquet"
    other.write_bytes(sweep.points.read_bytes())
    with opened({"points": [sweep.points]}) as database:
        assert database.execute("select count(*) from points").fetchall() == [(6,)]
        with pytest.raises(duckdb.Error):
            database.execute(query.format(other=other)).fetchall()
    assert other.read_bytes() == sweep.points.read_bytes()


ASKED = """
import duckdb
from pathlib import Path
from twin.experiment.query.points import list_points
from twin.experiment.query.stored import StoredSweep
from twin.experiment.query.summary import summarise
from twin.experiment.query.connection import opened
sweep = StoredSweep(Path(sys.argv[1]))
assert list_points(sweep).total == 6 and len(summarise(sweep, by=["rule"])) == 4
with opened({"points": [sweep.points]}) as database:
    for query in ("install httpfs", "load httpfs", "from read_parquet('http://127.0.0.1:9/x.parquet')",
                  "from read_parquet('s3://bucket/x.parquet')", "from read_xlsx('x.xlsx')"):
        try:
            database.execute(query).fetchall()
        except duckdb.Error:
            continue
        raise AssertionError(query)
print("done")
"""


def test_no_question_asks_for_a_socket(folder: Path) -> None:
    done = run_without_sockets(ASKED, [str(folder)])
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
    asks = run_without_sockets("import socket\nsocket.socket()\nprint('got one')")
    assert (asks.returncode != 0, asks.stdout) == (True, ""), "the filter must catch a socket"
