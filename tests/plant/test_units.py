"""Quantities and distributions: what is read, in SI, and that what is shown reads back the same."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.plant.distributions import FORMS, expand, parse_distribution, show_distribution
from twin.plant.units import WrongValueError, canonical, parse_any, parse_quantity, same_kind, show, symbols

READ = [
    ("1.2 m3", "volume", 1.2),
    ("500 L", "volume", 0.5),
    ("6 h", "time", 21_600.0),
    ("38 min", "time", 2_280.0),
    ("1 week", "time", 604_800.0),
    ("7 days", "time", 604_800.0),
    ("1e-3 s", "time", 0.001),
    (".5h", "time", 1_800.0),
    ("240 kg", "mass", 240.0),
    ("250 mg", "mass", 250e-6),
    ("150 MPa", "pressure", 150e6),
    ("1 m/s", "speed", 1.0),
    ("3.6 km/h", "speed", 1.0),
    ("8 mm", "length", 0.008),
    ("25 °C", "temperature", 298.15),
    ("5 K", "temperature", 5.0),
    ("80 %", "dimensionless", 0.8),
    ("0.8", "dimensionless", 0.8),
    ("12", "count", 12.0),
]


@pytest.mark.parametrize("text", ["5 W/(m2*K)", "lognormal(mean=5 W/(m2*K), cv=0.1)", "0.005 kJ/(s*m2*K)"])
def test_brackets_of_a_unit_are_not_those_of_a_distribution(text):
    read = parse_distribution(text, "other")
    assert read.unit == "W/(m2*K)"
    assert 5.0 in read.parameters.values()


@pytest.mark.parametrize(("text", "dimension", "value"), READ)
def test_a_quantity_is_read_in_si(text, dimension, value):
    assert parse_quantity(text, dimension) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("160000/h", 160_000 / 3600, "1/s"),
        ("5000 pieces", 5000.0, "pieces"),
        ("1.2 g/cm3", 1200.0, "kg/m3"),
        ("0.01 1/MPa", 1e-8, "1/Pa"),
        ("250 g/min", 0.25 / 60, "kg/s"),
        ("2 W/(m2 K)", 2.0, "W/(m2*K)"),
        ("20 rpm", 1 / 3, "1/s"),
        ("7", 7.0, "1"),
    ],
)
def test_a_quantity_of_any_kind_remembers_its_si_unit(text, value, unit):
    quantity = parse_any(text)
    assert (quantity.unit, quantity.value) == (unit, pytest.approx(value, rel=1e-14))


@pytest.mark.parametrize(
    "text",
    ["9**9**9", "6 h + 1 h", "six h", "", "h", "1e999 h", "0x10 s", "nan s", "inf h", "6 h" * 100, "1_0 s"],
)
def test_what_is_no_quantity_is_refused(text):
    with pytest.raises(WrongValueError):
        parse_any(text)


def test_a_unit_not_known_gets_the_nearest_one():
    with pytest.raises(WrongValueError, match="unknown unit, `hrs`") as caught:
        parse_quantity("6 hrs", "time")
    assert caught.value.hint == "Did you mean `hours`?"
    assert caught.value.offset == 2


def test_celsius_inside_a_compound_unit_is_refused():
    with pytest.raises(WrongValueError, match="only differences"):
        parse_any("3 J/°C")


@given(
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300),
    st.sampled_from(
        ["s", "m", "kg", "m3", "m/s", "Pa", "K", "1", "pieces", "1/s", "1/Pa", "W/(m2*K)", "kg/m3"]
    ),
)
def test_what_is_shown_reads_back_as_the_same_float(value, unit):
    quantity = parse_any(show(value, unit))
    assert (quantity.value, quantity.unit) == (value, unit)


@given(
    st.sampled_from(
        [symbol for names in symbols().values() for symbol in names if symbol not in ("°C", "degC")]
    )
)
def test_every_symbol_reads_as_its_si_unit(symbol):
    quantity = parse_any(f"1 {symbol}")
    assert same_kind(quantity.unit, canonical(symbol))
    assert quantity.value > 0


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_in_a_sentence(text):
    wrong = None
    try:
        parse_any(text)
    except WrongValueError as error:
        wrong = error
    assert wrong is None or (wrong.predicate and 0 <= wrong.offset <= len(text))


FORMS_ALIKE = [
    ("6 h", {"value": 6, "unit": "h"}),
    ("constant(value=6 h)", {"distribution": "constant", "value": "6 h"}),
    ("uniform(low=1 h, high=2 h)", {"distribution": "uniform", "low": "1 h", "high": "2 h"}),
    (
        "triangular(low=1 h, mode=2 h, high=4 h)",
        {"distribution": "triangular", "low": "1 h", "mode": "2 h", "high": "4 h"},
    ),
    ("exponential(mean=1 h)", {"distribution": "exponential", "mean": "1 h"}),
    ("normal(mean=1 h, sd=5 min)", {"distribution": "normal", "mean": "1 h", "sd": "5 min"}),
    ("lognormal(mean=38 min, cv=0.8)", {"distribution": "lognormal", "mean": "38 min", "cv": 0.8}),
    ("weibull(shape=0.5, mean=1 h)", {"distribution": "weibull", "shape": 0.5, "mean": "1 h"}),
    ("weibull(shape=0.5, scale=30 min)", {"distribution": "weibull", "shape": 0.5, "scale": "30 min"}),
    ("gamma(mean=1 h, cv=0.3)", {"distribution": "gamma", "mean": "1 h", "cv": 0.3}),
    (
        "discrete(values=[1 h, 2 h], weights=[0.4, 0.6])",
        {"distribution": "discrete", "values": ["1 h", "2 h"], "weights": [0.4, 0.6]},
    ),
]


@pytest.mark.parametrize(("short", "mapping"), FORMS_ALIKE, ids=[short for short, _ in FORMS_ALIKE])
def test_each_short_form_equals_a_mapping_form(short, mapping):
    found = parse_distribution(short, "time")
    assert found == parse_distribution(mapping, "time")
    assert found == parse_distribution(expand(short), "time")
    assert found == parse_distribution(show_distribution(found), "time")


def test_every_distribution_has_its_forms_compared():
    compared = {parse_distribution(short, "time").kind for short, _ in FORMS_ALIKE}
    assert compared | {"poisson"} == set(FORMS)
    assert parse_distribution("poisson(mean=3)", "count").parameters == {"mean": 3.0}


def test_a_weibull_by_its_mean_has_that_mean():
    found = parse_distribution("weibull(shape=0.52, mean=98 min)", "time").parameters
    assert found["scale"] * math.gamma(1 + 1 / 0.52) == pytest.approx(98 * 60, rel=1e-14)


@given(mean=st.floats(1e-3, 1e6), cv=st.floats(1e-3, 10))
def test_a_shown_distribution_reads_back_the_same(mean, cv):
    found = parse_distribution({"distribution": "gamma", "mean": f"{mean!r} s", "cv": cv}, "time")
    assert parse_distribution(show_distribution(found), "time") == found
