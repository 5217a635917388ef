"""Numbers as an engineer reads them: three significant digits, a fitting unit, an interval in that unit."""

import math

import pytest

from twin.web.wording import interval, measure_name, significant


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (8.71666, "8.72"),
        (1234.5, "1\u2009230"),
        (0.01234, "0.0123"),
        (0.0, "0"),
        (-2.5, "−2.50"),
        (math.nan, "–"),
    ],
)
def test_three_significant_digits(value: float, text: str) -> None:
    assert significant(value) == text


def test_an_interval_has_the_unit_and_the_decimals_of_its_mean() -> None:
    shown = interval(8.7166 * 3600, 8.4 * 3600, 9.03333 * 3600, "s")
    assert (shown.mean, shown.low, shown.high, shown.unit) == ("8.72", "8.40", "9.03", "h")


def test_bounds_that_read_alike_show_their_reach() -> None:
    assert interval(11.9, 11.8996, 11.9004, "lots").interval == "± 0.000400"
    assert interval(11.9, 11.9, 11.9, "lots").interval == "in every replication"


def test_one_replication_has_no_interval() -> None:
    assert interval(1.0, math.nan, math.nan, "lots").interval == "one replication, no interval"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (2 / 3600, "1/s", "2.00 lots/h"),
        (2 / 86_400, "1/s", "2.00 lots/d"),
        (0.5, "1", "50.0 %"),
        (1200.0, "kg", "1.20 t"),
    ],
)
def test_the_unit_fits_the_size(value: float, unit: str, text: str) -> None:
    shown = interval(value, value, value, unit)
    assert f"{shown.mean} {shown.unit}" == text


def test_measures_have_plain_names() -> None:
    assert measure_name("unit.press_2.state.down") == "Press 2, down"
    assert measure_name("people.operator.utilisation") == "Operator, utilisation"
