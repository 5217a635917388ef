"""Figures: each carries its numbers as a table, in light and dark, with names that cannot be markup."""

from __future__ import annotations

import sys
from itertools import combinations
from pathlib import Path

import pytest

import twin
from twin.engine.record import STATES
from twin.experiment.display import display_unit, three_digits, with_interval
from twin.experiment.figures import FIGURES, comparison_figure, gantt, table_of
from twin.experiment.figures.palette import STATE_LOOKS
from twin.experiment.figures.states import units_in_order
from twin.experiment.figures.theme import escaped
from twin.experiment.results import Result


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    from tests.experiment.conftest import PLANT

    folder = tmp_path_factory.mktemp("figures")
    (folder / "cell.yaml").write_text(PLANT, encoding="utf-8")
    return twin.run(folder / "cell.yaml", replications=3, workspace=folder)


@pytest.mark.parametrize("template", ["light", "dark"])
@pytest.mark.parametrize("name", [name for name in FIGURES if name not in ("costs", "warm_up")])
def test_every_figure_has_a_table_twin_with_its_numbers(result: Result, name: str, template: str) -> None:
    figure = result.figure(name, template=template)
    table = table_of(figure)
    assert figure.data
    assert table.caption
    assert table.rows
    assert {len(row) for row in table.rows} == {len(table.columns)}
    assert figure.to_json()


def test_bottlenecks_come_with_their_interval_the_largest_share_first(result: Result) -> None:
    rows = table_of(result.figure("bottleneck")).rows
    assert {row[0] for row in rows} == {"mixer", "press"}
    assert rows[0][1] > rows[1][1]
    for _, share, low, high, sole, shifting in rows:
        assert low <= share <= high
        assert share == pytest.approx(sole + shifting, rel=0.01)


def test_costs_are_shown_by_part_where_the_plant_has_prices(result: Result, tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="no `costs`"):
        result.figure("costs")
    example = Path(__file__).parents[2] / "docs" / "examples" / "costs.yaml"
    priced = twin.run(example, replications=2, workspace=tmp_path)
    figure = priced.figure("costs")
    parts = [row[0] for row in table_of(figure).rows]
    assert parts == ["total", *figure.data[0].y]
    assert sum(figure.data[0].x) == pytest.approx(priced.interval("cost.total").mean)


def test_stations_stand_below_their_line(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "docs" / "examples" / "flows.yaml"
    units = units_in_order(twin.run(example, replications=1, workspace=tmp_path))
    lines = [unit for unit in units if "/" not in unit]
    for line in lines:
        below = [unit for unit in units if unit.startswith(f"{line}/")]
        assert units[units.index(line) + 1 :][: len(below)] == below


def test_another_template_is_refused(result: Result) -> None:
    with pytest.raises(ValueError, match="no template `pink`"):
        result.figure("states", template="pink")


def test_the_stacks_of_a_unit_add_up_to_a_hundred(result: Result) -> None:
    figure = result.figure("states")
    for unit in ("mixer", "press"):
        shares = [x for bar in figure.data for y, x in zip(bar.y, bar.x, strict=True) if y == unit]
        assert sum(shares) == pytest.approx(100, abs=0.2)


def test_gantt_bars_are_the_record_s_intervals(result: Result) -> None:
    states = result.replication("states", 2)
    rows = table_of(gantt(result, replication=2)).rows
    assert len(rows) == states.num_rows
    assert rows[0][2] == str(result.date(0))
    with pytest.raises(KeyError):
        gantt(result, replication=99)


def test_a_gantt_names_the_parts_of_a_lot_as_people_write_them(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "docs" / "examples" / "packing.yaml"
    rows = table_of(gantt(twin.run(example, replications=1, workspace=tmp_path))).rows
    assert {"0.0", "0.1"} <= {row[4] for row in rows}


def test_a_gantt_of_a_window_is_clipped_to_it(result: Result) -> None:
    hour = 3600 * 10**9
    rows = table_of(gantt(result, window=(hour, 2 * hour))).rows
    assert min(row[2] for row in rows) == str(result.date(hour))
    assert max(row[3] for row in rows) == str(result.date(2 * hour))


def test_a_gantt_too_long_for_a_browser_is_shortened_and_says_so(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[gantt.__module__], "MOST_BARS", 10)
    table = table_of(gantt(result))
    assert len(table.rows) <= 11
    assert "shortened to 10 intervals" in table.caption


def test_throughput_over_time_adds_up_to_the_lots_that_left(result: Result) -> None:
    figure = result.figure("throughput")
    per_day = figure.data[-1].y
    edges = [row[0] for row in table_of(figure).rows]
    width = (result.date(0).fromisoformat(edges[1]) - result.date(0)).total_seconds() / 86_400
    assert sum(per_day) * width == pytest.approx(12)


def test_lead_times_are_those_of_all_replications(result: Result) -> None:
    assert "36 good lots in 3 replications" in table_of(result.figure("lead_times")).caption


def test_a_comparison_shows_every_difference_with_its_verdict(folder: Path, workspace: Path) -> None:
    one = twin.run(folder / "cell.yaml", replications=4, workspace=workspace)
    two = twin.run(folder / "slower.yaml", replications=4, workspace=workspace)
    comparison = twin.compare(one, two)
    figure = comparison_figure(comparison)
    assert len(table_of(figure).rows) == len(comparison.rows)
    assert figure.data[0].name == "slower"


def test_names_cannot_be_markup() -> None:
    assert escaped("<img src=x onerror=alert(1)>").startswith("&lt;img")


def test_every_state_looks_its_own_with_and_without_colour() -> None:
    assert tuple(STATE_LOOKS) == STATES
    looks = list(STATE_LOOKS.values())
    assert len({look.label for look in looks}) == len(looks)
    for one, other in combinations(looks, 2):
        assert one.color != other.color
        assert (one.pattern, lightness(one.color) // 0.1) != (other.pattern, lightness(other.color) // 0.1)


def lightness(color: str) -> float:
    red, green, blue = (int(color[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("value", "text"),
    [(8.71666, "8.72"), (1234.5, "1230"), (0.99999, "1.00"), (0.0, "0"), (2.5e-7, "2.50e-07")],
)
def test_numbers_have_three_significant_digits(value: float, text: str) -> None:
    assert three_digits(value) == text


def test_numbers_stand_in_the_units_of_the_shop_floor() -> None:
    assert with_interval(31_392.0, 30_000.0, 33_000.0, "s") == ("8.72", "8.33 … 9.17", "h")
    assert display_unit("1/s", 2 / 86_400) == (86_400.0, "per d")
    assert with_interval(None, None, None, "kg") == ("–", "–", "kg")
    assert with_interval(0.5, None, None, "1") == ("0.500", "–", "")
