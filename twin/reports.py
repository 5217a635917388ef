"""What the command line says of results: plain objects for `--json`, tables for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from twin.engine.record import SECOND
from twin.experiment.catalogue import HEADLINES
from twin.experiment.display import with_interval
from twin.experiment.statistics import bounds, replications_needed
from twin.terminal import print_json, print_table

if TYPE_CHECKING:  # what commands hand over; few of them need what computes it
    from twin.experiment.gain import Bottlenecks, Gain
    from twin.experiment.genealogy import Link
    from twin.experiment.prepare import Prepared
    from twin.experiment.results import Result

PRECISION = 0.01  # of the half-width for which the replications still needed are told


def run_object(result: Result, scenario: str | None) -> dict[str, Any]:
    """The object of `run --json`: measures in SI, their intervals null where there is one replication."""
    manifest = result.manifest
    measures = {
        row["measure"]: {
            "mean": row["mean"],
            "ci": bounds(row["low"], row["high"]),
            "level": row["level"],
            "n": row["n"],
            "unit": row["unit"],
        }
        for row in result.measures.to_pylist()
    }
    return {
        "run": result.id,
        "plant": manifest["plant"],
        "scenario": scenario,
        "engine": manifest["engine"],
        "device": manifest["device"],
        "replications": manifest["replications"],
        "horizon_s": manifest["horizon_s"],
        "measures": measures,
    }


def show_result(result: Result) -> None:
    """The headlines, and each unit's utilisation."""
    manifest = result.manifest
    print(f"run {result.id}  {result.name}")
    if manifest["question"]:
        print(manifest["question"])
    for assumption in manifest["assumptions"]:
        print(f"assumed: {assumption}")
    print(
        f"{manifest['replications']} replications, seed {manifest['seed']}, engine {manifest['engine_note']}"
    )
    if manifest.get("start_note"):
        print(f"note: {manifest['start_note']}")
    print(_window_line(result))
    for row in manifest.get("emulated", ()):
        print(_emulated_line(row))
    if not result.record_is_whole:
        print(_record_line(result))
    headlines = [name for name in result.values if name in HEADLINES]
    units = [name for name in result.values if name.endswith(".utilisation") or name.endswith(".oee")]
    _show_measures(result, headlines + units)
    print(_precision_line(result))
    print(f"audit {manifest['made']['audit_head'][:16]}…  folder {result.path}")


def _emulated_line(row: Mapping[str, Any]) -> str:
    """What became of an operation that was to be emulated."""
    emulators = row["emulators"]
    text = f"physics of {row['operation']}: "
    declined = [each["declined"] for each in emulators if each["declined"]]
    if declined:
        text += f"not emulated on all units, because {declined[0]}; "
    errors = [(output["error"], name) for each in emulators for name, output in each["outputs"].items()]
    if errors and not declined:
        error, name = max(errors)
        points = " and ".join(str(each["points"]) for each in emulators)
        text += f"emulated from {points} points, largest error {error:.3f} of the lot-to-lot noise ({name}); "
    return f"{text}{row['lots_emulated']} lots emulated, {row['lots_in_full']} solved in full"


def show_every_measure(result: Result) -> None:
    """All measures of a run."""
    _show_measures(result, list(result.values))


def show_plan(points: Sequence[tuple[str, Prepared]], *, as_json: bool) -> None:
    """What would run."""
    if as_json:
        print_json({"dry_run": [_plan_object(label, prepared) for label, prepared in points]})
        return
    rows = [
        (p.id, label or p.label, p.kind, str(p.run.replications), str(p.run.seed), p.engine)
        for label, p in points
    ]
    print_table(
        "", ("run", "what", "kind", "replications", "seed", "engine"), rows, numbers=("replications", "seed")
    )
    show_physics(points[0][1].physics if points else [])


def show_physics(rows: Sequence[Mapping[str, str]]) -> None:
    """How each operation's physics is asked, and why so; nothing where there is none."""
    columns = ("operation", "model", "mode", "when", "why")
    if rows:
        print_table("physics", columns, [tuple(row[name] for name in columns) for row in rows])


def _plan_object(label: str, prepared: Prepared) -> dict[str, Any]:
    return {
        "run": prepared.id,
        "plant": prepared.plant_name,
        "scenario": prepared.scenario_name,
        "point": label,
        "changes": prepared.changes,
        "engine": prepared.engine,
        "device": prepared.device,
        "kind": prepared.kind,
        "replications": prepared.run.replications,
        "seed": prepared.run.seed,
        "horizon_s": None if prepared.horizon is None else prepared.horizon / 1e9,
        "physics": prepared.physics,
    }


def _texts(result: Result, name: str) -> tuple[str, str, str]:
    if name not in result.values:
        return "–", "–", ""
    i = result.interval(name)
    return with_interval(i.mean, i.low, i.high, result.unit_of(name))


def _show_measures(result: Result, names: Sequence[str]) -> None:
    rows = [(name, *_texts(result, name), str(len(result.values[name]))) for name in names]
    columns = ("measure", "mean", f"{100 * result.level:g} % interval", "unit", "n")
    print_table("", columns, [r for r in rows if r[1] != "–"], numbers=("mean", "n"))


def _window_line(result: Result) -> str:
    start, end = result.window
    warm_up = result.manifest["warm_up"]
    line = f"measured from {result.date(start):%Y-%m-%d %H:%M} to {result.date(end):%Y-%m-%d %H:%M}"
    if warm_up["method"] == "MSER-5":
        line += ", warm-up found by MSER-5"
    if not warm_up["settled"]:
        line += " — the run had not settled: lengthen its horizon"
    return line


def _record_line(result: Result) -> str:
    kept = result.kept_replications
    if not kept:
        return "record: none, every replication was folded into measures"
    return f"record: of replications {kept[0]} to {kept[-1]}, the others were folded into measures"


def _precision_line(result: Result) -> str:
    needed = replications_needed(list(result.values["throughput"].values()), PRECISION, result.level)
    have = len(result.replications)
    if have < 2:
        return "One replication has no interval: run at least two."
    if needed is None or needed <= have:
        return f"Throughput is known to ±{PRECISION:.0%} or better." if needed else "Throughput is 0."
    return f"About {needed} replications would give throughput to ±{PRECISION:.0%}."


def bottleneck_object(found: Bottlenecks) -> dict[str, Any]:
    """The object of `bottleneck --json`: gains of faster equipment, and shares of time as bottleneck."""
    from twin.experiment.gain import SHARES

    return {
        "run": found.baseline.id,
        "faster": found.faster,
        "measure": found.measure,
        "unit": found.baseline.unit_of(found.measure),
        "gains": [_gain_object(gain) for gain in found.gains],
        "active_periods": {
            unit: {share: found.baseline.interval(f"unit.{unit}.{share}").as_object() for share in SHARES}
            for unit in found.units
        },
    }


def _gain_object(gain: Gain) -> dict[str, Any]:
    row = gain.compared
    if row is None:
        return {"equipment": gain.equipment, "units": list(gain.units), "error": gain.message}
    return {
        "equipment": gain.equipment,
        "units": list(gain.units),
        "run": row.run,
        "gain": row.difference,
        "relative": gain.relative,
        "ci": bounds(row.low, row.high),
        "level": row.level,
        "n": row.n,
        "paired": row.paired,
        "verdict": row.verdict,
    }


def show_bottleneck(found: Bottlenecks) -> None:
    """A table of the time that each unit is the bottleneck, and one of what making it faster brings."""
    from twin.experiment.gain import SHARES

    level = f"{100 * found.baseline.level:g} % interval"
    rows = []
    for unit in found.units:
        mean, interval, _ = _texts(found.baseline, f"unit.{unit}.bottleneck")
        parts = [_texts(found.baseline, f"unit.{unit}.{share}")[0] for share in SHARES[1:]]
        rows.append((unit, mean, interval, *parts))
    columns = ("unit", "share of time", level, "alone", "shifting")
    print_table("Bottleneck by active periods", columns, rows, numbers=("share of time", "alone", "shifting"))
    known = sorted(
        (gain for gain in found.gains if gain.compared), key=lambda gain: -abs(gain.relative or 0.0)
    )
    print_table(
        f"{found.measure} with each {100 * found.faster:g} % faster",
        ("equipment", "gain", level, "unit", "relative", "verdict"),
        [_gain_row(gain) for gain in (*known, *(g for g in found.gains if not g.compared))],
        numbers=("gain", "relative"),
    )


def _gain_row(gain: Gain) -> tuple[str, ...]:
    row = gain.compared
    if row is None:
        return gain.equipment, "–", "–", "", "–", gain.message
    difference, interval, unit = with_interval(row.difference, row.low, row.high, row.unit)
    relative = "–" if gain.relative is None else f"{100 * gain.relative:+.2f} %"
    return gain.equipment, difference, interval, unit, relative, row.verdict


def link_object(link: Link) -> dict[str, Any]:
    """A line of `results trace --json`; quantities in mg or pieces, times in s."""
    return {
        "depth": link.depth,
        "lot": str(link.node),
        "quantity": link.quantity,
        "unit": link.unit_of_quantity,
        "operation": link.operation,
        "time_s": link.time / SECOND,
        "told_above": link.again,
    }


def link_line(link: Link) -> str:
    """A line of `results trace`, indented by its distance."""
    in_kg = link.unit_of_quantity == "mg"
    amount = f"{link.quantity / 1e6:g} kg" if in_kg else f"{link.quantity:,} pieces"
    hours = f"{link.time / SECOND / 3600:.2f} h"
    above = ", as above" if link.again else ""
    return f"{'  ' * link.depth}{link.node}  {amount} in {link.operation} at {hours}{above}"
