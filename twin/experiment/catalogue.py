"""The catalogue of measures: name, SI unit, meaning and which direction is better.

The command line, the app and the documentation read it; `measures.py` computes what it lists. A pattern's
words in capitals stand for names of the plant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

Better = Literal["higher", "lower", ""]


@dataclass(frozen=True)
class Measure:
    """One measure or family of measures. `unit` is SI, `1` for a ratio, `money` for the plant's currency;
    `better` is empty where neither is.
    """

    pattern: str
    unit: str
    meaning: str
    better: Better = ""

    @property
    def expression(self) -> re.Pattern[str]:
        """Matches the names that belong to this family."""
        return re.compile(re.sub(r"[A-Z][A-Z_]*", r"[^.]+", self.pattern.replace(".", r"\.")))


MEASURES = (
    Measure(
        "throughput",
        "1/s",
        "Good lots that left, per time of the window (ISO 22400 throughput rate).",
        "higher",
    ),
    Measure("output_mass", "kg", "Good mass of the lots that left.", "higher"),
    Measure("output_pieces", "pieces", "Good pieces of the lots that left.", "higher"),
    Measure("lots_finished", "lots", "Good lots that left in the window.", "higher"),
    Measure(
        "lead_time_mean", "s", "Mean time from release to leaving, over the good lots that left.", "lower"
    ),
    Measure("lead_time_p50", "s", "Median of the time from release to leaving.", "lower"),
    Measure(
        "lead_time_p90", "s", "90 % of the good lots took at most this time from release to leaving.", "lower"
    ),
    Measure(
        "lead_time_p95", "s", "95 % of the good lots took at most this time from release to leaving.", "lower"
    ),
    Measure("wip_mean", "lots", "Time-weighted mean of the lots in the plant.", "lower"),
    Measure(
        "little_ratio",
        "1",
        "L/(λW): mean lots in the plant over leaving rate times mean time inside; 1 in the long run.",
    ),
    Measure(
        "waiting_time_mean",
        "s",
        "Mean over the good lots that left of their waiting for units, together.",
        "lower",
    ),
    Measure(
        "makespan", "s", "Time from the start to the last lot's leaving; runs without warm-up only.", "lower"
    ),
    Measure("window", "s", "Length of the window, from the end of the warm-up to the replication's end."),
    Measure(
        "yield", "1", "Mean over the lots that left of good quantity out over quantity released.", "higher"
    ),
    Measure(
        "lost_fraction", "1", "Share of the released lots that found no place and left for good.", "lower"
    ),
    Measure(
        "rework_ratio", "1", "Share of the finished visits that went back (ISO 22400 rework ratio).", "lower"
    ),
    Measure(
        "first_pass",
        "1",
        "Share of the lots that left good and were never reworked (ISO 22400 first pass yield).",
        "higher",
    ),
    Measure("hold_time_violations", "1", "Lots' waits and shelf lives that passed their limit.", "lower"),
    Measure(
        "hold_time_violations.WORD",
        "1",
        "The same by the word that set the limit: `max_wait_before` or `shelf_life`.",
        "lower",
    ),
    Measure("deviations", "1", "Finished visits beyond what their physics holds for.", "lower"),
    Measure(
        "on_time",
        "1",
        "Share of the lots due in the window that had left, good, by their due date (on-time delivery).",
        "higher",
    ),
    Measure(
        "tardiness_mean",
        "s",
        "Mean time past the due date, 0 if in time, over the good lots that left and had one.",
        "lower",
    ),
    Measure(
        "unit.NAME.utilisation",
        "1",
        "Share of the open time spent producing, setting up, starting up or cleaning.",
    ),
    Measure(
        "unit.NAME.state.STATE",
        "1",
        "Share of the window that the unit spends in a state (SEMI E10 breakdown).",
    ),
    Measure(
        "unit.NAME.cause.STATE.CAUSE",
        "1",
        "Share of the window that the unit spends in a state for a cause.",
    ),
    Measure(
        "unit.NAME.bottleneck",
        "1",
        "Share of the window in which the unit is the bottleneck, alone or shifting (active periods).",
    ),
    Measure(
        "unit.NAME.bottleneck_sole", "1", "Share of the window in which the unit is the sole bottleneck."
    ),
    Measure(
        "unit.NAME.bottleneck_shifting",
        "1",
        "Share of the window in which the unit and another one are bottlenecks, one after the other.",
    ),
    Measure(
        "unit.NAME.availability", "1", "ISO 22400: actual production time over planned busy time.", "higher"
    ),
    Measure(
        "unit.NAME.effectiveness",
        "1",
        "ISO 22400: planned run time of what was made over actual production time.",
        "higher",
    ),
    Measure("unit.NAME.quality_ratio", "1", "ISO 22400: good quantity over produced quantity.", "higher"),
    Measure(
        "unit.NAME.oee", "1", "ISO 22400 OEE index: availability · effectiveness · quality ratio.", "higher"
    ),
    Measure(
        "unit.NAME.lots.OUTCOME",
        "lots",
        "Visits to the unit that ended so: `rework`, `scrapped`, `rejected` or `expired`.",
        "lower",
    ),
    Measure("unit.NAME.dirty_hold_violations", "1", "How often the unit stood dirty for too long.", "lower"),
    Measure("unit.NAME.clean_hold_violations", "1", "How often the unit stood clean for too long.", "lower"),
    Measure(
        "operation.RECIPE.OP.waiting_mean",
        "s",
        "Mean time from arriving to being claimed by a unit.",
        "lower",
    ),
    Measure(
        "operation.RECIPE.OP.queue_mean",
        "lots",
        "Time-weighted mean of the lots that wait for the operation.",
        "lower",
    ),
    Measure(
        "operation.RECIPE.OP.processing_mean",
        "s",
        "Mean time from claim to the end of processing, set-up and stops in it.",
        "lower",
    ),
    Measure(
        "operation.RECIPE.OP.stops_mean", "1", "Mean count of stops in production for each visit.", "lower"
    ),
    Measure(
        "operation.RECIPE.OP.hold_time_violations",
        "1",
        "Lots whose hold time or shelf life passed on the way to the operation or in it.",
        "lower",
    ),
    Measure(
        "operation.RECIPE.OP.deviations",
        "1",
        "Finished visits of the operation beyond what its physics holds for.",
        "lower",
    ),
    Measure(
        "operation.RECIPE.OP.lots.OUTCOME",
        "lots",
        "The same of an operation, and of waiting for it.",
        "lower",
    ),
    Measure("people.NAME.utilisation", "1", "Time busy over time present."),
    Measure("people.NAME.busy_mean", "1", "Time-weighted mean of the people of a pool who are busy."),
    Measure("people.NAME.busy_peak", "1", "Most people of a pool who are busy at once."),
    Measure("container.NAME.in_use_mean", "1", "Time-weighted mean of the containers in use."),
    Measure("container.NAME.in_use_peak", "1", "Most containers in use at once."),
    Measure(
        "container.NAME.dirty_hold_violations",
        "1",
        "How often a container stood dirty for too long.",
        "lower",
    ),
    Measure(
        "container.NAME.clean_hold_violations",
        "1",
        "How often a container stood clean for too long.",
        "lower",
    ),
    Measure("storage.NAME.mean", "lots", "Time-weighted mean of the lots in a storage."),
    Measure("storage.NAME.peak", "lots", "Most lots in a storage at once."),
    Measure("loop.NAME.in_use_mean", "1", "Time-weighted mean of a kanban loop's cards that are with lots."),
    Measure("loop.NAME.in_use_peak", "1", "Most cards of a kanban loop that are with lots at once."),
    Measure(
        "fleet.NAME.loaded",
        "1",
        "Share of the transporters' time with a lot: driving, loading and unloading.",
    ),
    Measure("fleet.NAME.empty", "1", "Share of the transporters' time driving without a lot."),
    Measure("fleet.NAME.charging", "1", "Share of the transporters' time at the charger."),
    Measure("fleet.NAME.idle", "1", "Share of the transporters' time waiting for a move."),
    Measure("tank.NAME.mean", "kg", "Time-weighted mean of what a tank holds."),
    Measure("tank.NAME.min", "kg", "The least that it holds."),
    Measure("tank.NAME.max", "kg", "The most that it holds."),
    Measure("tank.NAME.full", "1", "Share of the window in which it stands at its volume."),
    Measure("tank.NAME.empty", "1", "Share of the window in which it stands at its heel."),
    Measure("tank.NAME.hold_violations", "1", "How often it was held for too long.", "lower"),
    Measure("utility.NAME.consumed", "", "Drawn of a utility: a volume (m3), mass (kg) or energy (J)."),
    Measure("utility.NAME.mean", "", "Mean rate at which it is drawn (m3/s, kg/s or W)."),
    Measure("utility.NAME.peak", "", "The highest rate at which it is drawn."),
    Measure("utility.NAME.utilisation", "1", "Drawn over what its capacity allows."),
    Measure("cost.total", "money", "All costs of the window together, in the plant's currency.", "lower"),
    Measure("cost.total.per_batch", "money/lot", "All costs over the good lots that left.", "lower"),
    Measure(
        "cost.PART",
        "money",
        "Costs of a part: `labour`, `capital`, `materials`, `scrap`, `energy` or `utilities`.",
        "lower",
    ),
    Measure("cost.PART.per_batch", "money/lot", "The same over the good lots that left.", "lower"),
    Measure("cost.PART.per_kg", "money/kg", "The same over their good mass.", "lower"),
    Measure("cost.PART.per_piece", "money/piece", "The same over their good pieces.", "lower"),
    Measure("footprint.co2", "kg", "CO2 equivalent of all that has a factor.", "lower"),
    Measure("footprint.co2.per_batch", "kg/lot", "The same over the good lots that left.", "lower"),
    Measure("footprint.co2.per_kg", "kg/kg", "The same over their good mass.", "lower"),
    Measure("footprint.co2.per_piece", "kg/piece", "The same over their good pieces.", "lower"),
    Measure("footprint.water", "m3", "Water of all that has a factor.", "lower"),
    Measure("footprint.water.per_batch", "m3/lot", "The same over the good lots that left.", "lower"),
    Measure("footprint.water.per_kg", "m3/kg", "The same over their good mass.", "lower"),
    Measure("footprint.water.per_piece", "m3/piece", "The same over their good pieces.", "lower"),
    Measure("footprint.energy", "J", "Energy that units draw, and that of all that has a factor.", "lower"),
    Measure("footprint.energy.per_batch", "J/lot", "The same over the good lots that left.", "lower"),
    Measure("footprint.energy.per_kg", "J/kg", "The same over their good mass.", "lower"),
    Measure("footprint.energy.per_piece", "J/piece", "The same over their good pieces.", "lower"),
    Measure(
        "attribute.NAME.mean",
        "",
        "Mean of a lot attribute over the finished visits that have it, in its SI unit.",
    ),
)

# What a comparison and a first summary show where nothing is asked for.
HEADLINES = (
    "throughput",
    "lots_finished",
    "output_mass",
    "output_pieces",
    "makespan",
    "lead_time_mean",
    "lead_time_p90",
    "waiting_time_mean",
    "wip_mean",
    "yield",
    "lost_fraction",
    "rework_ratio",
    "first_pass",
    "on_time",
    "hold_time_violations",
    "deviations",
    "cost.total",
    "cost.total.per_batch",
)


@cache
def describe(name: str) -> Measure:
    """The catalogue's entry of a measure's name; raises KeyError where there is none."""
    for entry in MEASURES:
        if entry.expression.fullmatch(name):
            return entry
    raise KeyError(name)
