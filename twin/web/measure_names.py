"""Plain names of measures: what the cards, tables and lists of the app call each entry of the catalogue.

Pure. A measure of a family (`unit.NAME.oee`) is named by what it is of and by the family's words; a test
holds these tables to the catalogue, and a name that is in neither still reads as words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from twin.experiment.figures.palette import STATE_LOOKS
from twin.web.form import humane

WHOLE = {
    "throughput": "Throughput",
    "output_mass": "Output",
    "output_pieces": "Output in pieces",
    "lots_finished": "Lots finished",
    "lead_time_mean": "Lead time",
    "lead_time_p50": "Lead time, median",
    "lead_time_p90": "Lead time, 90 % of lots",
    "lead_time_p95": "Lead time, 95 % of lots",
    "wip_mean": "Work in process",
    "little_ratio": "Little's law, L/(λW)",
    "waiting_time_mean": "Waiting per lot",
    "makespan": "Makespan",
    "window": "Time measured",
    "yield": "Yield",
    "lost_fraction": "Lots lost",
    "rework_ratio": "Rework",
    "first_pass": "First pass",
    "hold_time_violations": "Hold times passed",
    "deviations": "Beyond the physics' range",
    "on_time": "On time",
    "tardiness_mean": "Time past the due date",
}

# The last word of a family's name, by the family.
WORDS: Mapping[str, Mapping[str, str]] = {
    "unit": {
        "utilisation": "utilisation",
        "bottleneck": "bottleneck",
        "bottleneck_sole": "bottleneck, sole",
        "bottleneck_shifting": "bottleneck, shifting",
        "availability": "availability",
        "effectiveness": "effectiveness",
        "quality_ratio": "quality ratio",
        "oee": "OEE",
        "lots": "lots",
        "dirty_hold_violations": "dirty for too long",
        "clean_hold_violations": "clean for too long",
    },
    "operation": {
        "waiting_mean": "waiting per lot",
        "queue_mean": "lots waiting",
        "processing_mean": "time in process",
        "stops_mean": "stops in a lot",
        "hold_time_violations": "hold times passed",
        "deviations": "beyond the physics' range",
        "lots": "lots",
    },
    "hold_time_violations": {"max_wait_before": "waiting", "shelf_life": "shelf life"},
    "people": {"utilisation": "utilisation", "busy_mean": "busy", "busy_peak": "most busy at once"},
    "container": {
        "in_use_mean": "in use",
        "in_use_peak": "most in use at once",
        "dirty_hold_violations": "dirty for too long",
        "clean_hold_violations": "clean for too long",
    },
    "fleet": {"loaded": "loaded", "empty": "driving empty", "charging": "charging", "idle": "idle"},
    "tank": {
        "mean": "content",
        "min": "least content",
        "max": "most content",
        "full": "full",
        "empty": "empty",
        "hold_violations": "held for too long",
    },
    "loop": {"in_use_mean": "cards in use", "in_use_peak": "most cards in use at once"},
    "storage": {"mean": "lots", "peak": "most lots at once"},
    "utility": {
        "consumed": "drawn",
        "mean": "mean draw",
        "peak": "highest draw",
        "utilisation": "utilisation",
    },
    "attribute": {"mean": "mean"},
    "per": {"per_batch": "per batch", "per_kg": "per kg", "per_piece": "per piece"},
}
COSTS = {"total": "Costs"}
LEFT_BEHIND = {"co2": "CO₂", "water": "Water", "energy": "Energy"}


def measure_name(name: str) -> str:
    """Return a measure's name in words: `unit.press_2.state.down` as `Press 2, down`."""
    family, _, rest = name.partition(".")
    if name in WHOLE:
        return WHOLE[name]
    return ", ".join(FAMILIES.get(family, _plain)(family, rest.split(".") if rest else [family]))


def _plain(family: str, parts: Sequence[str]) -> list[str]:
    first, *more = parts
    words = WORDS.get(family, {})
    return [humane(first), *(words.get(part, lower(humane(part))) for part in more)]


def _of_unit(family: str, parts: Sequence[str]) -> list[str]:
    if len(parts) < 3 or parts[1] not in ("state", "cause"):
        return _plain(family, parts)
    look = STATE_LOOKS.get(parts[2])
    state = look.label if look else lower(humane(parts[2]))
    cause = [lower(humane(part)) for part in parts[3:]]
    return [humane(parts[0]), ": ".join([state, *cause])]


def _of_holds(family: str, parts: Sequence[str]) -> list[str]:
    return [WHOLE[family], *(WORDS[family].get(part, lower(humane(part))) for part in parts)]


def _of_cost(_: str, parts: Sequence[str]) -> list[str]:
    first, *more = parts
    return [COSTS.get(first, f"Costs of {lower(humane(first))}"), *_plain("per", [first, *more])[1:]]


def _of_footprint(_: str, parts: Sequence[str]) -> list[str]:
    first, *more = parts
    return [LEFT_BEHIND.get(first, humane(first)), *_plain("per", [first, *more])[1:]]


def lower(text: str) -> str:
    """Return words as they stand inside a sentence: `Output`, but `OEE` and `IBC washer` as they are."""
    return text if text[1:2].isupper() or text[1:2] == "₂" else text[:1].lower() + text[1:]


FAMILIES: Mapping[str, Callable[[str, Sequence[str]], list[str]]] = {
    "unit": _of_unit,
    "hold_time_violations": _of_holds,
    "cost": _of_cost,
    "footprint": _of_footprint,
}
