"""What is wrong with utilities and tanks is told where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin.plant.errors import InputError
from twin.plant.load import load_plant

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
