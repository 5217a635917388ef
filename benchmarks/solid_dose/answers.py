"""The answers on docs/plants/solid_dose.md: runs its scenarios and writes their figures into the page.

    python benchmarks/solid_dose/answers.py docs/plants/solid_dose.md [--workspace DIR]

Run it from the project's root, in an environment in which twin is installed; a few minutes. What stands
between the page's markers is written anew; equal plants give equal figures. Finished runs are used again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import twin
from twin.experiment.results import Result
from twin.experiment.statistics import Interval, mean_interval, paired_difference
from twin.experiment.sweeps.plan import plan_sweep

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from labour import labour_cost, packed_after  # noqa: E402  # beside this file

SCRIPT = "benchmarks/solid_dose/answers.py"
DAY = 86_400.0
CHANGES = {
    "one_coater": "One coater instead of two, with one operator",
    "third_coater": "A third coater with its operator",
    "coating_third_shift": "A third shift on the two coaters",
    "third_shift": "A third shift in all of production",
    "ten_more_ibcs": "Ten IBCs more",
}
FASTER = {
    "dryers": ("dryer_1", "dryer_2"),
    "presses": ("press_20mg", "press_10mg", "press_40mg"),
    "coaters": ("coater",),
    "blister lines": ("blister_line",),
}
UNITS = ("granulator", "dryer", "blender", "press_20mg", "press_10mg", "press_40mg", "coater", "blister_line")
STATES = (
    "producing",
    "setup",
    "start_up",
    "cleaning",
    "down",
    "blocked",
    "starved",
    "waiting_quality",
    "off_shift",
)


def scenario(name: str, workspace: Path, changes: dict[str, object] | None = None) -> Result:
    return twin.run(f"scenarios/solid_dose_{name}.yaml", set=changes, workspace=workspace)


def number(interval: Interval, factor: float = 1.0, digits: int = 1) -> str:
    """A mean with its interval, as the page prints it."""
    mean, low, high = interval.mean, interval.low, interval.high
    assert mean is not None
    assert low is not None
    assert high is not None
    return f"{mean / factor:,.{digits}f} [{low / factor:,.{digits}f}, {high / factor:,.{digits}f}]"


def gain(baseline: Result, other: Result, measure: str = "lots_finished") -> str:
    """The paired difference of a measure, with its 95 % interval and as a share."""
    before, after = baseline.values[measure], other.values[measure]
    keys = sorted(before.keys() & after.keys())
    d = paired_difference([before[k] for k in keys], [after[k] for k in keys])
    low, high = d.interval(0.95)
    share = d.difference / (baseline.interval(measure).mean or 1.0)
    return f"{d.difference:+,.1f} [{low:+,.1f}, {high:+,.1f}] | {share:+.1%}"


def plan_of_the_year(workspace: Path) -> list[str]:
    result = scenario("baseline", workspace)
    rows = [
        ("batches released", number(result.interval("lots_finished"), digits=0)),
        ("good mass, t", number(result.interval("output_mass"), 1000)),
        ("mean lead time, days", number(result.interval("lead_time_mean"), DAY, 2)),
        ("nine in ten batches within, days", number(result.interval("lead_time_p90"), DAY, 2)),
        ("batches in the building, mean", number(result.interval("wip_mean"))),
        ("yield over the building", number(result.interval("yield"), digits=4)),
        ("labour, € a batch", number(result.interval("cost.labour.per_batch"), digits=0)),
        (
            "power drawn by machines, kWh a batch",
            number(result.interval("footprint.energy.per_batch"), 3.6e6, 0),
        ),
    ]
    table = ["| the year as planned | mean [95 %] |", "| --- | ---: |"]
    return table + [f"| {name} | {value} |" for name, value in rows]


def units_of(result: Result, stem: str) -> list[str]:
    names = {name.split(".")[1] for name in result.values if name.startswith("unit.")}
    return sorted(name for name in names if name.removeprefix(stem).strip("_0123456789") == "")


def share_in(result: Result, stem: str, what: str) -> float:
    """Mean share of the year of the units of a stem, such as that of a state."""
    names = [f"unit.{unit}.{what}" for unit in units_of(result, stem)]
    found = [result.interval(name).mean or 0.0 for name in names if name in result.values]
    return sum(found) / len(found) if found else 0.0


def limit(workspace: Path) -> list[str]:
    result = scenario("limit", workspace)
    batches = number(result.interval("lots_finished"), digits=0)
    lines = [
        f"Without end of orders {batches} batches leave in the year.",
        "",
        "| share of the year, % | " + " | ".join(STATES) + " | bottleneck |",
        "| --- |" + " ---: |" * (len(STATES) + 1),
    ]
    for stem in UNITS:
        shares = " | ".join(f"{100 * share_in(result, stem, f'state.{state}'):.1f}" for state in STATES)
        lines.append(f"| {stem} | {shares} | {100 * share_in(result, stem, 'bottleneck'):.1f} |")
    return lines


def changes(workspace: Path) -> list[str]:
    before = scenario("limit", workspace)
    lines = ["| change, orders without end | batches a year more [95 %] | share |", "| --- | ---: | ---: |"]
    for name, title in CHANGES.items():
        lines.append(f"| {title} (`solid_dose_{name}`) | {gain(before, scenario(name, workspace))} |")
    for what, equipment in FASTER.items():
        faster = scenario("limit", workspace, {f"equipment.{name}.speed": 1.05 for name in equipment})
        lines.append(f"| All {what} 5 % faster | {gain(before, faster)} |")
    return lines


def shift_patterns(workspace: Path) -> list[str]:
    points = plan_sweep("scenarios/solid_dose_shift_patterns.yaml").chosen
    results = [scenario("shift_patterns", workspace, {**point.changes, "sweep": None}) for point in points]
    first_days, first_cost = days(results[0]), labour_cost(results[0])
    lines = [
        "| operation | packed after, days | change | labour, thousand € | change | released, days |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for title, result in zip(("one shift", "one and a half", "two shifts"), results, strict=True):
        here, cost = days(result), labour_cost(result)
        lines.append(
            f"| {title} | {number(mean_interval(here, 0.95))} | {ratio(here, first_days)} "
            f"| {number(mean_interval(cost, 0.95), 1000)} | {ratio(cost, first_cost)} "
            f"| {number(result.interval('makespan'), DAY)} |"
        )
    return lines


def days(result: Result) -> list[float]:
    return [packed_after(result, replication) / 1e9 / DAY for replication in result.replications]


def ratio(values: Sequence[float], first: Sequence[float]) -> str:
    """Relative change against `first`, replication by replication, with its interval."""
    if list(values) == list(first):
        return "–"
    change = mean_interval([after / before - 1 for after, before in zip(values, first, strict=True)], 0.95)
    return f"{change.mean:+.1%} [{change.low:+.1%}, {change.high:+.1%}]"


SECTIONS = (
    ("The year as planned", plan_of_the_year),
    ("Which unit limits output", limit),
    ("What a change brings", changes),
    ("One shift, one and a half, two", shift_patterns),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("--workspace", type=Path, default=Path())
    given = parser.parse_args()
    text = given.page.read_text(encoding="utf-8")
    for title, section in SECTIONS:
        begin, end = (f"<!-- {title}: {edge}, {SCRIPT} -->" for edge in ("begin", "end"))
        before, rest = text.split(begin)
        after = rest.split(end)[1]
        text = before + begin + "\n" + "\n".join(section(given.workspace)) + "\n" + end + after
        given.page.write_text(text, encoding="utf-8")
        print(f"{title}: written", file=sys.stderr)


if __name__ == "__main__":
    main()
