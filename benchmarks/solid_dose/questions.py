"""The answers on docs/plants/solid_dose_questions.md: runs the building's sweeps, writes tables and reports.

    python benchmarks/solid_dose/questions.py docs/plants/solid_dose_questions.md [--workspace DIR]

Run it from the project's root, in an environment in which twin is installed; half an hour. What
stands between the page's markers is written anew, and a report of each question beside it in `reports/`.
Equal plants give equal figures; what has been computed is used again.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from twin.experiment.compare import compare
from twin.experiment.compared_scenarios import kept
from twin.experiment.query.stored import StoredSweep, find_sweep
from twin.experiment.results import Result, open_result

SCRIPT = "benchmarks/solid_dose/questions.py"
WEEK, DAY = 604_800.0, 86_400.0


def swept(name: str, workspace: Path) -> StoredSweep:
    """The finished sweep of a shipped scenario, computed where it is not there yet."""
    made = command("sweep", f"twin:{name}", "--json", workspace=workspace)
    sweep = find_sweep(made["id"], workspace)
    assert sweep is not None, "the sweep was just computed"
    return sweep


def command(*words: str, workspace: Path) -> Any:
    """What a command of twin prints as JSON."""
    whole = [sys.executable, "-m", "twin.cli", *words, "--workspace", str(workspace)]
    return json.loads(subprocess.run(whole, check=True, stdout=subprocess.PIPE, text=True).stdout)


def point(sweep: StoredSweep, number: int, workspace: Path) -> Result:
    return open_result(f"{sweep.id}:{number}", workspace)


def number(
    low: float | None, mean: float, high: float | None, factor: float, digits: int, sign: str = ""
) -> str:
    one = f"{{:{sign},.{digits}f}}"
    shown = [one.format(value * factor) for value in (mean, low or 0.0, high or 0.0)]
    return f"{shown[0]} [{shown[1]}, {shown[2]}]"


def mean(result: Result, measure: str, factor: float, digits: int) -> str:
    i = result.interval(measure)
    assert i.mean is not None
    return number(i.low, i.mean, i.high, factor, digits)


def change(baseline: Result, other: Result, measure: str, factor: float, digits: int) -> str:
    if baseline.id == other.id:
        return "–"
    row = compare(baseline, other, measures=[measure], correction="none").rows[0]
    return number(row.low, row.difference, row.high, factor, digits, "+")


def output_and_time(baseline: Result, here: Result) -> list[str]:
    """Batches and days in the plant, each with its difference from the baseline."""
    return [
        mean(here, "lots_finished", 1, 1),
        change(baseline, here, "lots_finished", 1, 1),
        mean(here, "lead_time_mean", 1 / DAY, 2),
        change(baseline, here, "lead_time_mean", 1 / DAY, 2),
    ]


def ibcs_and_operators(workspace: Path) -> tuple[StoredSweep, list[str]]:
    sweep = swept("solid_dose_ibcs_and_operators", workspace)
    plan = point(sweep, 17, workspace)  # twenty bins and two operators, as planned
    lines = [
        "| IBCs | bin operators | batches | against the plan | mean lead time, days | against the plan |"
    ]
    lines.append("| ---: | ---: | ---: | ---: | ---: | ---: |")
    grid = ((ibcs, people) for ibcs in (6, 8, 10, 12, 16, 20) for people in (1, 2, 3))
    for k, (ibcs, people) in enumerate(grid, 1):
        here = point(sweep, k, workspace)
        cells = output_and_time(plan, here)
        lines.append(f"| {ibcs} | {people} | " + " | ".join(cells) + " |")
    return sweep, lines


def coater_or_shift(workspace: Path) -> tuple[StoredSweep, list[str]]:
    sweep = swept("solid_dose_coater_or_shift", workspace)
    one = point(sweep, 1, workspace)
    titles = ("one coater, two shifts", "two coaters, two shifts", "one coater, three shifts")
    lines = ["| coating | batches a year | against one coater in two shifts |", "| --- | ---: | ---: |"]
    for k, title in enumerate((*titles, "two coaters, three shifts"), 1):
        here = point(sweep, k, workspace)
        cells = (mean(here, "lots_finished", 1, 0), change(one, here, "lots_finished", 1, 0))
        lines.append(f"| {title} | {cells[0]} | {cells[1]} |")
    return sweep, lines


def twenty_parameters(workspace: Path) -> tuple[StoredSweep, list[str]]:
    sweep = swept("solid_dose_screening", workspace)
    found = command(
        "results", "sensitivity", sweep.id, "--measure", "lots_finished", "--json", workspace=workspace
    )
    lines = [
        "| parameter | µ | µ* [95 %] | σ | of noise | matters |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for row in sorted(found["screening"]["factors"], key=lambda row: -row["mu_star"]):
        star = number(row["low"], row["mu_star"], row["high"], 1, 1)
        matters = "yes" if row["matters"] else "not shown"
        noise = "–" if row["noise"] is None else f"{row['noise']:.1f}"
        path = found["axes"][row["factor"]]
        lines.append(f"| `{path}` | {row['mu']:+.1f} | {star} | {row['sigma']:.1f} | {noise} | {matters} |")
    return sweep, lines


PLACES = ("room kept for a third coater", "corner of the bin store", "corner of the core store")


def fifth_press(workspace: Path) -> tuple[StoredSweep, list[str]]:
    sweep = swept("solid_dose_fifth_press", workspace)
    (asked,) = kept(sweep.path)
    without = open_result(asked.run, workspace)
    heads = ("place of `press_5`", "batches", "against four presses", "mean lead time, days")
    lines = [f"| {' | '.join((*heads, heads[2]))} |", "| --- | ---: | ---: | ---: | ---: |"]
    for k, place in enumerate((*PLACES, "corner of the bulk store"), 1):
        here = point(sweep, k, workspace)
        cells = output_and_time(without, here)
        lines.append(f"| {place} | " + " | ".join(cells) + " |")
    return sweep, lines


QUESTIONS: dict[str, Callable[[Path], tuple[StoredSweep, list[str]]]] = {
    "ibcs_and_operators": ibcs_and_operators,
    "coater_or_shift": coater_or_shift,
    "screening": twenty_parameters,
    "fifth_press": fifth_press,
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Write the answers into a page, and the reports beside it.")
    parser.add_argument("page", type=Path)
    parser.add_argument("--workspace", type=Path, default=Path())
    given = parser.parse_args(arguments)
    for name, answer in QUESTIONS.items():
        sweep, lines = answer(given.workspace)
        report = given.page.parent / "reports" / f"solid_dose_{name}.html"
        command("report", sweep.id, "--html", str(report), "--json", workspace=given.workspace)
        text = given.page.read_text(encoding="utf-8")
        begin, end = (f"<!-- {name}: {word}, {SCRIPT} -->" for word in ("begin", "end"))
        before, _, rest = text.partition(begin)
        after = rest.partition(end)[2]
        given.page.write_text(before + begin + "\n" + "\n".join(lines) + "\n" + end + after, encoding="utf-8")
        print(f"{name}: written")


if __name__ == "__main__":
    main()
