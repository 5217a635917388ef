"""What is wrong with utilities and tanks is told where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.plants import operation, plant
from tests.engine.test_utilities import washing
from twin.plant.consistency import complaints
from twin.plant.errors import InputError
from twin.plant.load import load_plant
from twin.plant.remainder import Refused

BAD = """\
twin: 1
plant: Bad
materials: {stuff: {lot: 1 kg}}
utilities:
  wfi: {capacity: 1 m3/h, when_short: waits}
  power: {capacity: 4 kW}
tanks:
  bulk: {material: stuff, volume: 10 s}
  other: {material: stuff, volume: 90 kg, heel: 20 kg, agitation: {powr: 5 kW}}
equipment:
  a: {cleaning: {takes: 1 h, batches: 1, uses: {wfi: {rate: 3 L/h, during: setup}}}}
recipes:
  r:
    operations:
      - one: {on: [a], takes: 1 h, uses: {wif: 3 L/h, power: 6 kW}, fills: {other: 3 kg}}
      - two: {on: [a], takes: 1 h, uses: {power: soon}, draws: {other: 90 kg}}
orders: [{recipe: r}]
"""


def test_every_mistake_is_told_at_its_place(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(BAD, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        load_plant(file)
    assert [(p.line, p.column) for p in raised.value.problems] == [
        (5, 39),
        (8, 35),
        (9, 74),
        (11, 76),
        (15, 48),
        (15, 62),
        (15, 69),
        (16, 50),
        (16, 72),
    ]


@pytest.mark.parametrize(
    ("wfi", "use", "message"),
    [
        ({"capacity": "1 m3/h"}, "80 kg/h", "is in kg/s, while the capacity of `wfi` is in m3/s"),
        ({"capacity": "1 m3/h"}, "3 kg", "is in kg, while the capacity of `wfi` is in m3/s"),
        ({"capacity": "1 m3/h"}, "2 m3/h", "draws more of `wfi` than can be drawn at once"),
        ({"capacity": "1 m3/h"}, {}, "must have one of `rate` and `amount`"),
        ({"capacity": "1 m3/h"}, {"amount": "1 L", "during": "setup"}, "is drawn over processing"),
        (
            {"capacity": "1 m3/h", "storage": {"volume": "1 kg", "generation": "1 m3/h"}},
            "1 L",
            "is in kg, while the capacity is in m3/s",
        ),
        (
            {"capacity": "1 m3/h", "storage": {"volume": "1 m3", "generation": "1 m3/h", "start": "2 m3"}},
            "1 L",
            "is more than the storage holds",
        ),
    ],
)
def test_what_does_not_fit_a_utility_is_told(wfi, use, message):
    what = washing(wfi, use=use)
    found = complaints(what, what.model_dump(by_alias=True), Refused())
    assert any(message in complaint.message for complaint in found)


def test_a_utility_that_is_not_there_is_told():
    what = plant(
        {"a": {}},
        operation("wash", "a", "1 s", uses={"wif": "1 L"}),
        utilities={"wfi": {"capacity": "1 L/h"}},
    )
    (found,) = complaints(what, what.model_dump(by_alias=True), Refused())
    assert "names a utility that is not there, `wif`" in found.message


def test_a_flow_section_is_not_slowed():
    what = plant(
        {"line": {"flow": {"stations": {"fill": {"rate": "10/s"}}}}},
        operation("fill", "line", None, uses={"power": "3 kW"}),
        utilities={"power": {"capacity": "5 kW", "when_short": "slow_down"}},
    )
    (found,) = complaints(what, what.model_dump(by_alias=True), Refused())
    assert "and `line` flows" in found.message


WHOLE = {"capacity": "1 m3/h"}


@pytest.mark.parametrize(
    ("wfi", "takes", "words", "message"),
    [
        (WHOLE, "1 h", {}, None),  # all of it for an hour
        (WHOLE, "59 min", {}, "the work may take 3540 s"),
        (WHOLE, "uniform(low=59 min, high=2 h)", {}, "the work may take 3540 s"),
        (WHOLE, "uniform(low=0 h, high=2 h)", {}, "the work may take 0 s"),
        (WHOLE, "triangular(low=1 h, mode=2 h, high=3 h)", {}, None),
        (WHOLE, "discrete(values=[1 h, 30 min], weights=[0.9, 0.1])", {}, "the work may take 1800 s"),
        (WHOLE, "discrete(values=[1 h, 30 min], weights=[1, 0])", {}, None),
        (WHOLE, "exponential(mean=1 h)", {}, None),  # of no shortest time: said when it comes to that
        (WHOLE, "0 h", {}, None),  # draws nothing
        ({**WHOLE, "when_short": "slow_down"}, "30 min", {}, None),
        (WHOLE, "1 h", {"left": {"speed": 2}}, None),  # the right one is slow enough
        (WHOLE, "1 h", {"left": {"speed": 2}, "right": {"speed": 2}}, "at least 7200 s"),
    ],
)
def test_an_amount_that_may_be_too_much_for_the_shortest_work_is_told(wfi, takes, words, message):
    what = washing(wfi, use="1000 L", takes=takes, **words)
    found = complaints(what, what.model_dump(by_alias=True), Refused())
    told = [f"{complaint.message} {complaint.hint}" for complaint in found]
    assert told == [] if message is None else message in told[0]


def test_an_amount_of_a_phase_is_held_to_the_time_of_that_phase():
    fill = {"fill": {"takes": "30 min", "uses": {"wfi": "1 m3"}}}
    words = {"phases": [fill, {"boil": {"takes": "2 h"}}], "uses": {"wfi": "1 m3"}}
    what = plant({"tub": {}}, operation("wash", "tub", None, **words), utilities={"wfi": WHOLE})
    [found] = complaints(what, what.model_dump(by_alias=True), Refused())
    assert found.path[-4:] == ("phases", "fill", "uses", "wfi")
