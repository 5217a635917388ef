"""docs/sweeps.md keeps its word: its examples load, its axes have the values that it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from twin.plant import axes
from twin.plant.document import Document
from twin.plant.load import load_scenario
from twin.plant.scenario import Axis
from twin.plant.sweep_rules import count_points

DOCS = Path(__file__).parents[3] / "docs"
TEXT = (DOCS / "sweeps.md").read_text(encoding="utf-8")
SCENARIOS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
RANGES = re.findall(r"^\| `(\{from[^`]+\})` \| (.+?) \|$", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("text", "points"), list(zip(SCENARIOS, (None, None, 40), strict=True)))
def test_the_examples_load(tmp_path: Path, text: str, points: int | None) -> None:
    for name in ("containers", "sweep", "screening"):
        (tmp_path / f"{name}.yaml").write_bytes((DOCS / "examples" / f"{name}.yaml").read_bytes())
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    sweep = load_scenario(tmp_path / "own.yaml").scenario.sweep
    assert (None if sweep is None else count_points(sweep)) == points


@pytest.mark.parametrize(("written", "told"), RANGES)
def test_ranges_have_the_values_that_the_page_says(written: str, told: str) -> None:
    axis = Axis.model_validate(Document(f"axis: {written}\n", "page").data["axis"])
    numbers = axes.numbers_of(axes.steps_of(axis))
    assert numbers is not None
    unit = axes.numbers_of([f"1 {word}" for word in ("min", "EUR/h") if word in told] or [1])
    assert unit is not None
    said = [float(number) * unit[0][0] for number in re.findall(r"\d+", told.split(":")[0])]
    assert numbers[0] == pytest.approx(said)


def test_the_limits_of_the_page_are_the_defaults() -> None:
    from twin.plant.scenario import Limits

    rows = dict(re.findall(r"^\| `(points|replications|hours)` \| ([\d,]+) \|", TEXT, re.MULTILINE))
    assert {name: int(number.replace(",", "")) for name, number in rows.items()} == Limits().model_dump()
