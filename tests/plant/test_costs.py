"""Prices and factors in a plant file: what they may say, and the sentence about each mistake."""

from __future__ import annotations

from typing import Any

import pytest

from twin.plant.errors import InputError
from twin.plant.load import load_plant
from twin.plant.money import Price, parse_price
from twin.plant.schema import Labour
from twin.plant.units import WrongValueError

GOOD = """\
twin: 1
plant: Costly
people:
  operator: {count: 2}
equipment:
  press: {count: 2}
materials:
  api: {lot: 50 kg, stock: 20}
recipes:
  tablet:
    batch: 5000 pieces
    operations:
      - press: {on: [press], takes: 1 h, bill: {api: 10 kg}, needs: [operator]}
orders:
  - {recipe: tablet, batches: 2}
costs:
  currency: EUR
  labour: {operator: {rate: 45 EUR/h, paid: busy}}
  capital: {press: 30 EUR/h}
  materials: {api: 12 EUR/kg}
  releases: {tablet: 0.01 EUR/piece}
  scrap: {tablet: 2 EUR/piece}
  energy: 0.18 EUR/kWh
footprint:
  power: {press: {producing: 12 kW, idle: 2 kW}}
  energy: {co2: 0.38 kg/kWh, water: 1.8 L/kWh}
  materials: {api: {co2: 5 kg/kg, water: 40 L/kg, energy: 3 kWh/kg}}
  releases: {tablet: {co2: 2 g/piece}}
"""


def complaints(tmp_path: Any, old: str = "", new: str = "") -> list[str]:
    assert not old or GOOD.count(old) == 1
    path = tmp_path / "plant.yaml"
    path.write_text(GOOD.replace(old, new) if old else GOOD, encoding="utf-8")
    try:
        load_plant(path)
    except InputError as error:
        return [problem.message for problem in error.problems]
    return []


def test_a_price_is_read_in_si():
    assert parse_price("45 EUR/h", "time") == Price(45 / 3600, "EUR", "s")
    assert parse_price("0.18 EUR/kWh", "energy") == Price(0.18 / 3.6e6, "EUR", "J")
    assert parse_price("12CHF / g") == Price(12_000, "CHF", "kg")
    assert parse_price("40 USD/tablet", "amount") == Price(40, "USD", "pieces")
    assert parse_price("6 EUR/m3") == Price(6, "EUR", "m3")


@pytest.mark.parametrize(
    ("text", "per", "says"),
    [
        ("45", "time", "must be a price per time"),
        ("45 /h", "time", "must be a price per time"),
        ("45 eur/h", "time", "must be a price per time"),
        ("45 EUR", "time", "must be a price per time"),
        ("45 EUR/kg", "time", "must be a price per time, and `45 EUR/kg` is not"),
        ("45 EUR/kg", "energy", "must be a price of energy"),
        ("45 EUR/h", "amount", "must be a price per mass or piece"),
        ("45 EUR/%", "anything", "it is of nothing"),
        ("45 EUR/fortnight", "time", "has an unknown unit, `fortnight`"),
        ("-45 EUR/h", "time", "must not be negative"),
        ("9" * 200 + " EUR/h", "time", "must be a price per time"),
    ],
)
def test_what_is_no_price_is_refused(text, per, says):
    with pytest.raises(WrongValueError, match=says):
        parse_price(text, per)


def test_an_error_points_at_the_unit():
    with pytest.raises(WrongValueError) as caught:
        parse_price("45 EUR/fortnight", "time")
    assert "45 EUR/fortnight"[caught.value.offset :] == "fortnight"


def test_short_and_mapping_forms_of_a_wage_mean_the_same():
    short = Labour.model_validate("45 EUR/h")
    assert short == Labour.model_validate({"rate": "45 EUR/h"})
    assert short == Labour.model_validate({"value": 45, "unit": "EUR/h"})
    assert short.paid == "present"


def test_a_good_plant_has_no_complaint(tmp_path):
    assert complaints(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("currency: EUR", "currency: euro", "`currency` of `costs`"),
        ("30 EUR/h", "30 USD/h", "`press` of `capital` of `costs` is in USD, while the plant counts in EUR."),
        ("capital: {press", "capital: {pres", "names equipment that is not there, `pres`"),
        ("labour: {operator", "labour: {operators", "names people who are not there, `operators`"),
        ("12 EUR/kg", "12 EUR/piece", "is a price per piece, while `api` is counted in kg"),
        ("0.01 EUR/piece", "0.01 EUR/kg", "is a price per kg, while `tablet` is counted in pieces"),
        ("5 kg/kg", "5 kg/h", "`co2` of `api` of `materials` of `footprint` must be a mass per kg"),
        ("40 L/kg", "40 L/kWh", "must be a volume per kg"),
        ("2 g/piece", "2 kg/kg", "must be a mass per piece"),
        ("0.38 kg/kWh", "uniform(low=0.3 kg/kWh, high=0.5 kg/kWh)", "must be one quantity"),
        ("0.38 kg/kWh", "-0.38 kg/kWh", "must not be negative"),
        ("12 kW", "12 kWh", "`producing` of `press` of `power` of `footprint` must be a power"),
        ("power: {press: {producing: 12 kW, idle: 2 kW}}", "scrap: {}", "that no unit draws"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(tmp_path, old, new, says):
    found = complaints(tmp_path, old, new)
    assert len(found) == 1, found
    assert says in found[0]
