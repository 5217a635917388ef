"""Costs and footprint of records small enough to work out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import twin
from tests.experiment.records import levels, lots, ns, states, visit
from tests.experiment.test_measures import values
from twin.engine.record import GENEALOGY_SCHEMA, STATES
from twin.experiment.charges import Charges, charges_of, power_by_state
from twin.experiment.measures import measure
from twin.plant.schema import Plant, UnitPower

HOUR = 3600.0
NO_STATES, NO_LOTS, NO_LEVELS = states([]), lots(), levels([])


def charges(costs: dict[str, Any] | None = None, footprint: dict[str, Any] | None = None) -> Charges | None:
    return charges_of(
        Plant.model_validate(
            {
                "twin": 1,
                "plant": "Small",
                "people": {"operator": {"count": 2}},
                "equipment": {"press": {"count": 2}},
                "materials": {"api": {"lot": "50 kg", "stock": 1}},
                "recipes": {"tablet": {"operations": [{"press": {"on": ["press"], "takes": "1 h"}}]}},
                "orders": [{"recipe": "tablet"}],
                "costs": None if costs is None else {"currency": "EUR", **costs},
                "footprint": footprint,
            }
        )
    )


def used(*rows: tuple[float, str | None, int | None, int | None, int, int]) -> pa.Table:
    """Genealogy: time in s, material, delivered, parent, child, quantity in mg."""
    names = ("time", "material", "delivered", "parent", "child", "quantity")
    made = [
        {
            "replication": 1,
            "operation": "tablet/press",
            "unit_of_quantity": "mg",
            **dict(zip(names, (ns(row[0]), *row[1:]), strict=True)),
        }
        for row in rows
    ]
    return pa.Table.from_pylist(made, schema=GENEALOGY_SCHEMA)


def found(
    what: Charges | None,
    end: float = 4 * HOUR,
    start: float = 0,
    record: Sequence[pa.Table] = (NO_STATES, NO_LOTS, NO_LEVELS),
    genealogy: pa.Table | None = None,
) -> dict[str, Any]:
    table = measure(*record, {1: (ns(start), ns(end))}, charges=what, genealogy=genealogy)
    named = values(table)
    return {k: v for k, v in named.items() if k.split(".")[0] in ("cost", "footprint")}


PEOPLE = levels(
    [
        (1, "people/operator/present", 0, 0),
        (1, "people/operator/present", HOUR, 2),
        (1, "people/operator/busy", 0, 0),
        (1, "people/operator/busy", 2 * HOUR, 1),
        (1, "people/operator/busy", 3 * HOUR, 2),
    ]
)


def test_people_are_paid_while_present_or_only_while_busy() -> None:
    record = (NO_STATES, NO_LOTS, PEOPLE)
    present = found(charges({"labour": {"operator": "40 EUR/h"}}), record=record)
    assert present["cost.labour"] == present["cost.total"] == 3 * 2 * 40
    paid = {"rate": "40 EUR/h", "paid": "busy"}
    assert found(charges({"labour": {"operator": paid}}), record=record)["cost.labour"] == 3 * 40
    late = found(charges({"labour": {"operator": paid}}), start=2.5 * HOUR, record=record)
    assert late["cost.labour"] == pytest.approx(2.5 * 40)


def test_capital_is_charged_for_each_unit_and_the_whole_window() -> None:
    assert found(charges({"capital": {"press": "30 EUR/h"}}), start=HOUR)["cost.capital"] == pytest.approx(
        2 * 3 * 30
    )


def test_energy_follows_the_states_of_a_unit() -> None:
    power = {"press": {"producing": "12 kW", "idle": "2 kW", "cleaning": "20 kW"}}
    record = states(
        [
            (1, "press", "producing", 0, HOUR),
            (1, "press", "cleaning", HOUR, 1.5 * HOUR),
            (1, "press", "starved", 1.5 * HOUR, 2.5 * HOUR),
            (1, "press", "off_shift", 2.5 * HOUR, 4 * HOUR),
            (1, "press_2", "down", 0, 4 * HOUR),
        ]
    )
    factors = {"co2": "0.5 kg/kWh", "water": "2 L/kWh"}
    what = charges({"energy": "0.2 EUR/kWh"}, {"power": power, "energy": factors})
    kilowatt_hours = 12 + 10 + 2 + 8
    result = found(what, record=(record, NO_LOTS, NO_LEVELS))
    assert result["footprint.energy"] == pytest.approx(kilowatt_hours * 3.6e6)
    assert result["cost.energy"] == pytest.approx(kilowatt_hours * 0.2)
    assert result["footprint.co2"] == pytest.approx(kilowatt_hours * 0.5)
    assert result["footprint.water"] == pytest.approx(kilowatt_hours * 0.002)


def test_every_state_has_a_power() -> None:
    power = UnitPower.model_validate({"producing": 9.0, "idle": 1.0, "maintenance": 5.0})
    by_state = dict(zip(STATES, power_by_state(power), strict=True))
    assert (by_state["producing"], by_state["start_up"], by_state["maintenance"]) == (9, 9, 5)
    assert by_state["off_shift"] == 0
    others = set(STATES) - {"producing", "start_up", "maintenance", "off_shift"}
    assert {by_state[state] for state in others} == {1}
    assert set(UnitPower.model_fields) - {"idle"} <= set(STATES)


def test_bought_material_is_charged_when_it_is_used_and_made_material_is_not() -> None:
    stock = used(
        (HOUR, "api", 0, None, 0, 10_000_000),
        (2 * HOUR, "api", 1, None, 1, 2_500_000),
        (3 * HOUR, "api", None, 7, 2, 99_000_000),  # made in the plant
    )
    footprint = {"materials": {"api": {"co2": "4 kg/kg", "energy": "3 kWh/kg"}}}
    what = charges({"materials": {"api": "12 EUR/kg"}}, footprint)
    result = found(what, genealogy=stock)
    assert result["cost.materials"] == 12.5 * 12
    assert result["footprint.co2"] == 50
    assert result["footprint.energy"] == pytest.approx(12.5 * 3 * 3.6e6)
    assert found(what, start=HOUR, genealogy=stock)["cost.materials"] == 2.5 * 12
    assert found(what)["cost.materials"] == 0


def test_released_lots_are_charged_but_not_lost_ones_or_parts() -> None:
    made = lots(
        visit(0, "press", 0, 0, HOUR),
        visit(1, "press", 0, None, None, 0, unit=None, outcome="lost"),
        visit(2, "press", HOUR, HOUR, 2 * HOUR, quantity=40),
        visit(3, "press", 5 * HOUR, None, None, outcome="open"),
    )
    what = charges({"releases": {"tablet": "0.5 EUR/piece"}})
    record = (NO_STATES, made, NO_LEVELS)
    assert found(what, record=record)["cost.materials"] == (100 + 40) * 0.5
    split = used((HOUR, None, None, 0, 2, 40))
    assert found(what, record=record, genealogy=split)["cost.materials"] == 100 * 0.5


def test_scrap_is_charged_when_the_lot_leaves_and_costs_fall_on_the_good_output() -> None:
    made = lots(
        visit(0, "press", 0, 0, HOUR, good=90),
        visit(1, "press", 0, HOUR, 2 * HOUR, outcome="scrapped", good=0),
        visit(2, "press", 0, 2 * HOUR, 6 * HOUR, good=50),
        {**visit(3, "press", 0, None, None, HOUR, unit=None, outcome="expired"), "scrapped": 100},
    )
    what = charges({"scrap": {"tablet": "2 EUR/piece"}}, {"scrap": {"tablet": {"co2": "1 g/piece"}}})
    result = found(what, record=(NO_STATES, made, NO_LEVELS))
    assert result["cost.scrap"] == 210 * 2
    assert result["cost.total.per_batch"] == 420
    assert result["cost.total.per_piece"] == 420 / 90
    assert result["footprint.co2"] == pytest.approx(0.21)
    assert result["footprint.co2.per_piece"] == pytest.approx(0.21 / 90)
    assert "cost.total.per_kg" not in result


def test_the_total_is_the_sum_of_its_parts() -> None:
    what = charges({"labour": {"operator": "40 EUR/h"}, "capital": {"press": "30 EUR/h"}})
    result = found(what, record=(NO_STATES, NO_LOTS, PEOPLE))
    assert result["cost.total"] == 3 * 2 * 40 + 2 * 4 * 30
    assert result["cost.total.per_batch"] is None
    assert not [name for name in result if name.startswith("footprint")]


def test_a_plant_without_prices_has_no_costs() -> None:
    assert charges() is None
    assert not [name for name in found(charges({})) if name.startswith("footprint")]
    assert found(charges({}))["cost.total"] == 0


CELL = """\
twin: 1
plant: A cell
equipment:
  press: {}
recipes:
  tablet:
    batch: 100 kg
    operations:
      - press: {on: [press], takes: exponential(mean=12 min)}
orders:
  - {recipe: tablet, batches: 12}
costs:
  currency: CHF
  capital: {press: 60 CHF/h}
"""


def test_another_price_is_another_run_of_the_same_record(tmp_path: Path) -> None:
    plant = tmp_path / "cell.yaml"
    plant.write_text(CELL, encoding="utf-8")
    cheap = twin.run(plant, replications=3, workspace=tmp_path)
    dear = twin.run(plant, set={"costs.capital.press": "90 CHF/h"}, replications=3, workspace=tmp_path)
    assert cheap.id != dear.id
    one, other = ([c["identity"] for c in run.manifest["chunks"]] for run in (cheap, dear))
    assert one == other
    before, after = (run.interval("cost.total").mean for run in (cheap, dear))
    assert before is not None
    assert after == pytest.approx(1.5 * before)
    hours = cheap.interval("makespan").mean
    assert hours is not None
    assert before == pytest.approx(60 * hours / HOUR)
    assert cheap.unit_of("cost.total") == "CHF"
    assert cheap.unit_of("cost.total.per_kg") == "CHF/kg"
