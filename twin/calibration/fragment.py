"""Writes a fitted press as a fragment of a plant file, source and sample size beside each number.

Text only: whoever wants it in a plant file pastes or splices it. Times are written in minutes and amounts
in pieces, as engineers say them, with four digits; the comments carry the 95 % intervals.
"""

from __future__ import annotations

from twin.calibration.fit import PressFit
from twin.calibration.likelihood import Estimate, FittedDistribution

MINUTE = 60.0
WITHOUT_UNIT = ("cv", "shape")


def press_fragment(fit: PressFit, source: str) -> str:
    """The `start_up` and `failures` of a press in YAML; `source` names the data, for the comments."""
    return "\n".join(
        [
            f"# Fitted by maximum likelihood to {source}:",
            f"# {len(fit.batches)} batches of {len(fit.campaigns)} campaigns. In brackets: 95 % intervals.",
            "start_up:",
            *entry("  takes", fit.start_up_time),
            *entry("  waste", fit.start_up_waste),
            *entry("  stops", fit.start_up_stops),
            "failures:",
            "  - name: production_stops",
            "    clock: running",
            *entry("    between", fit.between_stops),
            *entry("    rate_between_lots", fit.rate_between_lots),
            *entry("    repair", fit.repair),
            *entry("    waste", fit.stop_waste),
            "    work: resume",
            "",
        ]
    )


def entry(key: str, fitted: FittedDistribution) -> list[str]:
    """One key of the fragment: its comment line and its line."""
    indent = " " * (len(key) - len(key.lstrip()))
    censored = f", {fitted.censored} intervals cut by a lot's end" if fitted.censored else ""
    ranges = "; ".join(
        f"{name} {shown(name, e, fitted.unit)} [{number(name, e.low, fitted.unit)}, "
        f"{number(name, e.high, fitted.unit)}]"
        for name, e in fitted.estimates.items()
        if e.standard_error > 0
    )
    return [f"{indent}# n = {fitted.n}{censored}: {ranges}", f"{key}: {short_form(fitted)}"]


def short_form(fitted: FittedDistribution) -> str:
    """A fitted distribution in the language's short form, with four digits."""
    values = ", ".join(f"{name}={shown(name, e, fitted.unit)}" for name, e in fitted.estimates.items())
    return f"{fitted.kind}({values})"


def shown(name: str, value: Estimate, unit: str) -> str:
    """A parameter with its unit as written in a plant file."""
    suffix = {"s": " min", "pieces": " pieces"}.get(unit, "") if name not in WITHOUT_UNIT else ""
    return f"{number(name, value.value, unit)}{suffix}"


def number(name: str, value: float, unit: str) -> str:
    """A parameter's number, in minutes where it is a time."""
    return f"{value / MINUTE if unit == 's' and name not in WITHOUT_UNIT else value:.4g}"
