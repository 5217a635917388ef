"""The month on docs/plants/solid_dose_physics.md: runs `solid_dose_physics` and writes its figures there.

    python benchmarks/solid_dose/physics_answers.py docs/plants/solid_dose_physics.md [--workspace DIR]

Run it from the project's root, in an environment in which twin is installed; some minutes. What stands
between the page's markers is written anew. The same month with drawn times, `solid_dose_baseline` cut to four
weeks, is run beside it with the same seed, and differences are paired.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean, variance
from typing import Any

import twin
from twin.experiment.results import Result
from twin.experiment.statistics import Interval, mean_interval, paired_difference

SCRIPT = "benchmarks/solid_dose/physics_answers.py"
LEVEL = 0.95
DAY, HOUR = 86_400.0, 3_600.0
RECIPES = ("tablet_20mg", "tablet_10mg", "tablet_40mg")
MEASURES = (  # name, title, divisor, digits
    ("lots_finished", "batches released", 1.0, 1),
    ("lead_time_mean", "mean lead time, days", DAY, 2),
    ("lead_time_p90", "nine in ten batches within, days", DAY, 2),
    ("wip_mean", "batches in the building, mean", 1.0, 1),
    ("yield", "yield over the building", 1.0, 4),
)
ATTRIBUTES = (  # operation, attribute, title, factor, digits
    ("granulate", "d50", "granules: median size, µm", 1e6, 0),
    ("granulate", "moisture", "granules: moisture, % of dry mass", 1e2, 2),
    ("dry", "moisture", "dried: moisture, % of dry mass", 1e2, 2),
    ("dry", "bed_temperature", "dried: bed at the end, K", 1.0, 1),
    ("mill", "d50", "milled: median size, µm", 1e6, 0),
    ("mill", "fines", "milled: below 150 µm, %", 1e2, 1),
    ("blend", "lubrication_factor", "blend: strength left by lubrication", 1.0, 4),
    ("compress", "hardness", "cores: hardness, N", 1.0, 1),
    ("compress", "tensile_strength", "cores: tensile strength, MPa", 1e-6, 3),
    ("compress", "acceptance_value", "cores: acceptance value", 1.0, 2),
    ("coat", "coating_mass", "coated: dry coat, kg", 1.0, 2),
    ("coat", "coating_variation", "coated: variation of coat, %", 1e2, 2),
    ("dissolve", "dissolved_30_min", "dissolved in 30 min, %", 1e2, 1),
    ("dissolve", "first_stage_acceptance", "chance to pass stage one, %", 1e2, 1),
)
TIMES = ("granulate", "dry", "mill", "blend", "compress", "coat")

Values = dict[int, list[float]]  # by replication


def number(interval: Interval, factor: float, digits: int) -> str:
    """A mean with its interval, as the page prints it."""
    assert interval.mean is not None
    assert interval.low is not None
    assert interval.high is not None
    mean, low, high = (factor * v for v in (interval.mean, interval.low, interval.high))
    return f"{mean:,.{digits}f} [{low:,.{digits}f}, {high:,.{digits}f}]"


def finished(result: Result) -> list[dict[str, Any]]:
    return [row for row in result.lots.to_pylist() if row["finished"] is not None]


def throughput(physics: Result, drawn: Result) -> list[str]:
    """The month's measures, and what differs from the month with drawn times."""
    lines = [
        "| four weeks | computed [95 %] | less what times drawn give [95 %] |",
        "| --- | ---: | ---: |",
    ]
    for name, title, divisor, digits in MEASURES:
        keys = sorted(physics.values[name].keys() & drawn.values[name].keys())
        d = paired_difference([drawn.values[name][k] for k in keys], [physics.values[name][k] for k in keys])
        low, high = d.interval(LEVEL)
        shown = [f"{value / divisor:+,.{digits}f}" for value in (d.difference, low, high)]
        difference = f"{shown[0]} [{shown[1]}, {shown[2]}]"
        lines.append(f"| {title} | {number(physics.interval(name), 1 / divisor, digits)} | {difference} |")
    return lines


def durations(physics: Result, drawn: Result) -> list[str]:
    """Median time from start to end of a visit, stops and closing times included."""
    lines = ["| minutes a batch, median | " + " | ".join(TIMES) + " |", "| --- |" + " ---: |" * len(TIMES)]
    for recipe in RECIPES:
        for title, result in (("computed", physics), ("drawn", drawn)):
            by: dict[str, list[float]] = defaultdict(list)
            for row in finished(result):
                if row["recipe"] == recipe:
                    by[row["operation"]].append((row["finished"] - row["started"]) / 6e10)
            cells = " | ".join(f"{sorted(by[name])[len(by[name]) // 2]:.0f}" for name in TIMES)
            lines.append(f"| {recipe.removeprefix('tablet_')}, {title} | {cells} |")
    return lines


def attributes(physics: Result) -> list[str]:
    """Mean of each attribute with its interval over replications, and the deviation from batch to batch."""
    rows = finished(physics)
    heads = " | ".join(f"{r.removeprefix('tablet_')}: mean [95 %] | between batches" for r in RECIPES)
    lines = [f"| attribute | {heads} |", "| --- |" + " ---: |" * (2 * len(RECIPES))]
    for operation, attribute, title, factor, digits in ATTRIBUTES:
        cells = []
        for recipe in RECIPES:
            by: Values = defaultdict(list)
            for row in rows:
                if row["operation"] == operation and row["recipe"] == recipe:
                    by[row["replication"]].append(row[f"attribute.{attribute}"])
            means = mean_interval([fmean(values) for values in by.values()], LEVEL)
            cells.append(number(means, factor, digits))
            cells.append(f"{factor * between_batches(by):.{digits + 1}f}")
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return lines


def between_batches(by: Mapping[int, list[float]]) -> float:
    """Standard deviation between the batches of a replication, pooled over replications."""
    held = [values for values in by.values() if len(values) > 1]
    freedom = sum(len(values) - 1 for values in held)
    return math.sqrt(sum(variance(values) * (len(values) - 1) for values in held) / freedom)


def misses(physics: Result) -> list[str]:
    """How many batches missed a limit, and what became of them."""
    record = physics.lots.to_pylist()
    visits: dict[str, int] = defaultdict(int)
    caused: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in record:
        visits[row["operation"]] += row["finished"] is not None
        if row["outcome"] not in ("done", "open", "cut"):
            caused[row["outcome"], row["operation"], row["cause"] or ""] += 1
        for attribute in held(physics, row):
            caused["held", row["operation"], attribute] += 1
    lines = ["| batch | at | cause | of visits | share |", "| --- | --- | --- | ---: | ---: |"]
    for (what, operation, cause), count in sorted(caused.items()):
        of = visits[operation]
        lines.append(f"| {what} | `{operation}` | `{cause}` | {count} of {of:,} | {count / of:.2%} |")
    status = [row["attribute.physics_status"] for row in record]
    asked = sum(value is not None for value in status)
    out_of_range = sum(value not in (None, 0.0) for value in status)
    return [*lines, "", f"Visits computed: {asked:,}; out of a model's range: {out_of_range}."]


def held(result: Result, row: Mapping[str, Any]) -> list[str]:
    """Attributes for which a finished visit is held for review."""
    limits = result.plant.recipes[row["recipe"]].operations[row["operation"]].specification
    found = []
    for attribute, limit in limits.items():
        value = row[f"attribute.{attribute}"]
        if limit.otherwise == "hold" and row["finished"] is not None and value is not None:
            low = -math.inf if limit.min is None else limit.min.mean
            high = math.inf if limit.max is None else limit.max.mean
            found += [] if low <= value <= high else [attribute]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("--workspace", type=Path, default=Path())
    given = parser.parse_args()
    physics = twin.run("scenarios/solid_dose_physics.yaml", workspace=given.workspace)
    same = {"run.horizon": "4 weeks", "run.replications": len(physics.replications)}
    drawn = twin.run("scenarios/solid_dose_baseline.yaml", set=same, workspace=given.workspace)
    sections = {
        "The month": throughput(physics, drawn),
        "Times": durations(physics, drawn),
        "Attributes": attributes(physics),
        "Limits missed": misses(physics),
    }
    text = given.page.read_text(encoding="utf-8")
    for title, lines in sections.items():
        begin, end = (f"<!-- {title}: {edge}, {SCRIPT} -->" for edge in ("begin", "end"))
        before, rest = text.split(begin)
        text = before + begin + "\n" + "\n".join(lines) + "\n" + end + rest.split(end)[1]
        print(f"{title}: written", file=sys.stderr)
    given.page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
