"""What emulating granulation and milling changes in the solid-dose building's computed month.

    python benchmarks/solid_dose/emulated.py [--replications N] [--page docs/plants/solid_dose_physics.md]
        [--workspace DIR]

Run it from the project's root, in an environment in which twin is installed. `solid_dose_physics` is run as
it is and with `solve: emulated` for the two population balances, with one seed, and compared replication
by replication: measures by the paired interval of their difference over the measure, attributes of batches by
that of the difference of their means over the deviation between batches. `--page` writes both between the
page's markers.
"""

from __future__ import annotations

import argparse
import math
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from physics_answers import ATTRIBUTES, MEASURES, RECIPES, between_batches, finished  # beside this file

import twin
from twin.experiment.results import Result
from twin.experiment.statistics import mean_interval

SCENARIO = "scenarios/solid_dose_physics.yaml"
BEGIN, END = (f"<!-- {edge}: benchmarks/solid_dose/emulated.py -->" for edge in ("begin", "end"))
EMULATED = ("granulate", "mill")
LEVEL = 0.95


def interval(differences: Sequence[float], over: float, percent: bool) -> tuple[str, float]:
    """The paired interval of `differences` over something, as text, and its end further from 0."""
    found = mean_interval(differences, LEVEL)
    assert found.mean is not None
    assert found.low is not None
    assert found.high is not None
    low, mean, high = (value / over for value in (found.low, found.mean, found.high))
    text = f"{mean:+.3%} [{low:+.3%}, {high:+.3%}]" if percent else f"{mean:+.4f} [{low:+.4f}, {high:+.4f}]"
    return text, max(abs(low), abs(high))


def measures(full: Result, emulated: Result) -> list[str]:
    """A row for each measure: its mean, and the difference over it."""
    lines = [
        "| measure | solved in full | emulated less that, of the measure [95 %] |",
        "| --- | ---: | ---: |",
    ]
    for name, title, divisor, digits in MEASURES:
        solved, predicted = full.values[name], emulated.values[name]
        mean = fmean(solved.values())
        text, _ = interval([predicted[k] - solved[k] for k in sorted(solved)], mean, percent=True)
        lines.append(f"| {title} | {mean / divisor:,.{digits}f} | {text} |")
    return lines


def by_replication(result: Result, recipe: str, operation: str, attribute: str) -> dict[int, list[float]]:
    """An attribute's values of a recipe's batches at an operation."""
    found: dict[int, list[float]] = defaultdict(list)
    for row in finished(result):
        if (row["recipe"], row["operation"]) == (recipe, operation):
            found[row["replication"]].append(row[f"attribute.{attribute}"])
    return found


def attributes(full: Result, emulated: Result) -> list[str]:
    """A row for each attribute: the difference of its means over the deviation between batches."""
    heads = " | ".join(recipe.removeprefix("tablet_") for recipe in RECIPES)
    lines = [
        f"| emulated less solved, in deviations between batches [95 %] | {heads} |",
        "| --- |" + " ---: |" * len(RECIPES),
    ]
    worst = 0.0
    for operation, attribute, title, _, _ in ATTRIBUTES:
        cells = []
        for recipe in RECIPES:
            solved = by_replication(full, recipe, operation, attribute)
            predicted = by_replication(emulated, recipe, operation, attribute)
            differences = [fmean(predicted[k]) - fmean(solved[k]) for k in sorted(solved)]
            text, end = interval(differences, between_batches(solved), percent=False)
            worst = max(worst, end if math.isfinite(end) else 0.0)
            cells.append(text)
        lines.append(f"| {title.split(',')[0]} | {' | '.join(cells)} |")
    return [*lines, "", f"No interval reaches further than {worst:.4f} deviations between batches."]


def shares(emulated: Result) -> str:
    """How many visits were emulated, by operation."""
    asked: dict[str, list[float]] = defaultdict(list)
    for row in finished(emulated):
        if row["operation"] in EMULATED:
            asked[row["operation"]].append(row["attribute.physics_emulated"])
    told = (f"{sum(found):,.0f} of {len(found):,} visits of `{name}`" for name, found in asked.items())
    return "Emulated: " + ", ".join(told) + "; the others were solved."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=50)
    parser.add_argument("--page", type=Path)
    parser.add_argument("--workspace", type=Path, default=Path())
    given = parser.parse_args()
    plain = {"run.replications": given.replications}
    words = {f"recipes.{r}.operations.{o}.solve": "emulated" for r in RECIPES for o in EMULATED}
    results, seconds = [], []
    for changes in (plain, plain | words):
        before = time.perf_counter()
        results.append(twin.run(SCENARIO, set=changes, workspace=given.workspace))
        seconds.append(time.perf_counter() - before)
    full, emulated = results
    lines = [f"{given.replications} replications.", "", *measures(full, emulated), ""]
    lines += [*attributes(full, emulated), "", shares(emulated)]
    print("\n".join(lines))
    print(f"seconds: {seconds[0]:.1f} solved, {seconds[1]:.1f} emulated")
    if given.page:
        before_it, rest = given.page.read_text(encoding="utf-8").split(BEGIN)
        page = [before_it + BEGIN, *lines, END + rest.split(END)[1]]
        given.page.write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
