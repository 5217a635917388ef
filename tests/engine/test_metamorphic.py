"""Plants that say the same in other words: in another order, at half the pace, beside what nobody uses."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from hypothesis import assume, given, settings

from tests.engine.generated import HORIZON, Words
from tests.engine.generated_quality import everything_words
from tests.engine.generated_rules import is_accepted
from tests.engine.test_invariants import EXAMPLES
from tests.engine.test_reproducibility import as_bytes
from twin.engine.compile import compile_program
from twin.engine.record import Record
from twin.engine.simpy_engine import SimulationError, simulate
from twin.experiment.identity import plant_data
from twin.plant.order import ORDERED
from twin.plant.scenario import Run
from twin.plant.schema import Plant

PLANTS = everything_words().filter(is_accepted)
FEW = settings(EXAMPLES, max_examples=15)
Rows = list[dict[str, Any]]


def record_of(words: Words, horizon: float = HORIZON) -> Record:
    """The record; plants that are stuck are put aside."""
    try:
        return simulate(compile_program(Plant.model_validate(words), Run(horizon=horizon)), 1)
    except SimulationError:
        assume(False)
        raise


def tables(record: Record) -> dict[str, Rows]:
    """What the rows of every table say; a plant with other words may have more columns that say nothing."""
    return {
        name: [{key: said for key, said in row.items() if said is not None} for row in table.to_pylist()]
        for name, table in (
            ("states", record.states),
            ("lots", record.lots),
            ("levels", record.levels),
            ("genealogy", record.genealogy),
        )
    }


def turned_round(value: Any, key: str = "") -> Any:
    """The words with every mapping in the reverse order, save those whose order counts.

    That turns every pair of neighbours round, and every other pair.
    """
    if isinstance(value, dict):
        parts = [(name, turned_round(part, name)) for name, part in value.items()]
        return dict(parts if key in ORDERED else reversed(parts))
    return [turned_round(item) for item in value] if isinstance(value, list) else value


@FEW
@given(PLANTS)
def test_the_order_of_mappings_says_nothing(words):
    """Save where the language says that it does: of equipment, operations and phases, stations and fleets,
    skills and limits; lists, such as orders and `on`, have an order anyway.
    """
    same = turned_round(words)
    record, other = record_of(words), record_of(same)
    assert as_bytes(record) == as_bytes(other)
    assert record.genealogy == other.genealogy
    assert plant_data(Plant.model_validate(words)) == plant_data(Plant.model_validate(same))


def in_two_phases(*phases: Words) -> Words:
    """A mill that works in phases, for which two pools of people are too few."""
    needs = [{"team": "pair"}]
    return {
        "twin": 1,
        "plant": "Small",
        "people": {"operator": {"count": 1}, "mechanic": {"count": 1}},
        "teams": {"pair": {"operator": 1, "mechanic": 1}},
        "equipment": {"mill": {}, "press": {}},
        "recipes": {"part": {"operations": [{"mill": {"on": ["mill"], "phases": [*phases]}}]}}
        | {"other": {"operations": [{"press": {"on": ["press"], "takes": "1 h", "needs": needs}}]}},
        "orders": [{"recipe": "part"}, {"recipe": "other"}],
    }


CHARGE = {"charge": {"takes": "2 h", "needs": ["operator", "mechanic"]}}
MIX = {"mix": {"takes": "3 h"}}


def test_who_is_named_of_all_who_are_lacking_does_not_depend_on_the_order_of_the_people():
    """The press lacks both; the record names the first by name."""
    words = in_two_phases(CHARGE, MIX)
    rows = [tables(record_of(plant))["states"] for plant in (words, turned_round(words))]
    assert rows[0] == rows[1]
    assert [row["cause"] for row in rows[0] if row["state"] == "waiting_people"] == ["mechanic"]


def test_the_order_of_phases_makes_another_run():
    """So a run that is kept is not taken for the other."""
    one, other = in_two_phases(CHARGE, MIX), in_two_phases(MIX, CHARGE)
    assert tables(record_of(one))["states"] != tables(record_of(other))["states"]
    assert plant_data(Plant.model_validate(one)) != plant_data(Plant.model_validate(other))


SPARE_FAILURE = {"clock": "calendar", "between": "exponential(mean=5 h)", "repair": "90 min"}
SPARE = {
    "equipment": {
        "idler": {"count": 2, "calendar": "spare", "failures": [SPARE_FAILURE], "load": "1 h"},
        "tidy": {"cleaning": {"takes": "1 h", "every": "7 h"}, "capacity": 1},
    },
    "calendars": {"spare": {"open": [{"days": "daily", "from": "03:00", "to": "04:30"}]}},
    "people": {"stand_in": {"count": 3, "calendar": "spare", "skills": ["waiting"]}},
    "teams": {"reserve": {"stand_in": 2}},
    "storage": {"attic": {"capacity": 2}},
    "containers": {"bag": {"count": 2}},
    "utilities": {"gas": {"capacity": "1 m3/h", "when_short": "slow_down"}},
    "tanks": {"spare_tank": {"material": "oil", "volume": "1 m3", "start": "100 L"}},
    "materials": {"oil": {"lot": "1 kg", "stock": 2, "shelf_life": "20 h"}},
    "releases": {"unheard": {"rule": "conwip", "limit": 1}},
    "recipes": {
        "aaa": {"batch": "1 kg", "operations": [{"sit": {"on": ["idler"], "takes": "1 h", "setup": "1 h"}}]}
    },
}


def beside_spares(words: Words) -> Words:
    """The plant beside units, people and all else that nobody uses: first in the file, and by name."""
    words = deepcopy(words)
    for chapter, spare in SPARE.items():
        words[chapter] = {**spare, **words[chapter]}
    return words


def without_spares(rows: dict[str, Rows]) -> dict[str, Rows]:
    """The rows that say nothing of the spares."""
    names = {name for spare in SPARE.values() for name in spare} | {"idler_1", "idler_2"}

    def tells(row: dict[str, Any]) -> bool:
        return row.get("unit") not in names and not names & set(str(row.get("entity")).split("/"))

    return {table: [row for row in found if tells(row)] for table, found in rows.items()}


@FEW
@given(PLANTS)
def test_what_nobody_uses_leaves_all_else_as_it_was(words):
    beside = tables(record_of(beside_spares(words)))
    assert len(without_spares(beside)["states"]) < len(beside["states"])
    assert without_spares(beside) == tables(record_of(words))


TIME = re.compile(r"(\d+(?:\.\d+)?)(?= (?:h|min|s)\b)")
DRAWN = re.compile(r"(?:uniform|exponential)\((?:low|mean)=(\d+) h.*\)")
ROUNDED = {
    *("calendar", "at", "transport", "conveyor", "flow", "physics"),  # weeks are weeks, ways are not whole
    *("speed", "wear", "rate_between_lots", "rate", "draws", "wfi", "cold", "chill"),
}


POWERS = ("15 kW", "30 kW")  # of which there is enough, or work waits


def in_whole_hours(value: Any) -> Any:
    """The words without random times, and without factors of a time that an engine would have to round."""
    if isinstance(value, dict):
        kept = {name: part for name, part in value.items() if name not in ROUNDED or part in POWERS}
        return {name: in_whole_hours(part) for name, part in kept.items()}
    if isinstance(value, list):
        return [in_whole_hours(item) for item in value]
    return DRAWN.sub(lambda found: f"{found[1]} h", value) if isinstance(value, str) else value


def at_half_the_pace(value: Any) -> Any:
    """The words with every time twice as long."""
    if isinstance(value, dict):
        return {name: at_half_the_pace(part) for name, part in value.items()}
    if isinstance(value, list):
        return [at_half_the_pace(item) for item in value]
    return TIME.sub(lambda found: f"{float(found[1]) * 2}", value) if isinstance(value, str) else value


def exact(words: Words) -> Words:
    """The plant in whole hours, without its line and the recipes in kilograms that need more than hours."""
    words = {**words, "recipes": dict(words["recipes"]), "equipment": dict(words["equipment"])}
    for name in ("pressed", "drained"):
        words["recipes"].pop(name, None)
    words["orders"] = [order for order in words["orders"] if order["recipe"] in words["recipes"]]
    words = in_whole_hours(words)
    for recipe in words["recipes"].values():
        recipe["operations"] = [one for one in recipe["operations"] if one and "flow" not in one]
        for one in recipe["operations"]:
            for operation in one.values():
                if operation["on"] == ["line"]:
                    operation |= {"on": ["mill"], "takes": "4 h"}
    for unit in words["equipment"].values():
        if "maintenance" in unit:
            unit["maintenance"].pop("restores", None)
    return words


@FEW
@given(everything_words().map(exact).filter(is_accepted))
def test_a_plant_at_half_the_pace_does_the_same_in_twice_the_time(words):
    """To the nanosecond: every time is whole and is added up and compared, never multiplied."""
    quick, slow = tables(record_of(words)), tables(record_of(at_half_the_pace(words), 2 * HORIZON))
    for row in (row for rows in quick.values() for row in rows):
        row |= {name: 2 * row[name] for name in TIMES if name in row}
    assert slow == quick


TIMES = ("start", "end", "arrived", "started", "finished", "left", "due", "time", "attribute.hold_exceeded")
