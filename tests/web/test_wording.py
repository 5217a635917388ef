"""Numbers as an engineer reads them: three significant digits, a fitting unit, an interval in that unit."""

import math
import re

import pytest

from twin.experiment.catalogue import MEASURES
from twin.web.measure_names import COSTS, FAMILIES, LEFT_BEHIND, WHOLE, WORDS, measure_name
from twin.web.wording import interval, ratio_unit, significant


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


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (137e6 * 3.6, "J/lot", "137 kWh/lot"),
        (2.0, "m3/s", "7\u2009200 m³/h"),
        (12_345.0, "EUR", "12\u2009300 EUR"),
        (0.002, "kg/kg", "2.00 g/kg"),
    ],
)
def test_amounts_per_batch_stand_in_units_of_the_shop_floor(value: float, unit: str, text: str) -> None:
    shown = interval(value, value, value, unit)
    assert f"{shown.mean} {shown.unit}" == text


@pytest.mark.parametrize(
    ("name", "unit"), [("on_time", "1"), ("little_ratio", ""), ("people.qa.busy_peak", ""), ("yield", "1")]
)
def test_only_shares_are_per_cent(name: str, unit: str) -> None:
    assert ratio_unit(name, "1") == unit


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("unit.press_2.state.down", "Press 2, down"),
        ("unit.press_2.state.waiting_people", "Press 2, waiting for people"),
        ("unit.press_2.cause.down.punch_broken", "Press 2, down: punch broken"),
        ("unit.line_1/filler.oee", "Line 1/filler, OEE"),
        ("people.operator.utilisation", "Operator, utilisation"),
        ("operation.tablet.coat.waiting_mean", "Tablet, coat, waiting per lot"),
        ("lead_time_p95", "Lead time, 95 % of lots"),
        ("cost.total.per_batch", "Costs, per batch"),
        ("cost.labour", "Costs of labour"),
        ("footprint.co2.per_kg", "CO₂, per kg"),
        ("attribute.hardness.mean", "Hardness, mean"),
        ("a_measure_of_tomorrow", "A measure of tomorrow"),
    ],
)
def test_measures_have_plain_names(name: str, words: str) -> None:
    assert measure_name(name) == words


def test_every_measure_of_the_catalogue_has_words_for_its_own() -> None:
    """The words of a pattern that stand for no name of the plant are in the app's tables."""
    told = (
        WHOLE
        | COSTS
        | LEFT_BEHIND
        | {word: words for table in WORDS.values() for word, words in table.items()}
    )
    for entry in MEASURES:
        family, *parts = entry.pattern.split(".")
        own = [part for part in parts if part.islower() and part not in ("state", "cause")]
        assert all(part in told for part in own), entry.pattern
        assert parts or family in WHOLE, entry.pattern
        assert not parts or family in WORDS or family in FAMILIES, entry.pattern
        assert not re.search(r"[_.]", measure_name(entry.pattern.lower())), entry.pattern
