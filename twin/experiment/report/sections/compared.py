"""Runs compared with the first one: in a sentence each, as a figure, and in a table."""

from __future__ import annotations

from collections.abc import Sequence

from twin.experiment.compare import EQUAL, Compared, Comparison, compare
from twin.experiment.display import with_interval
from twin.experiment.figures import comparison_figure
from twin.experiment.report.markup import Markup, joined, table, tag
from twin.experiment.report.names import title_of
from twin.experiment.report.section import Figures, Section
from twin.experiment.results import Result

SHOWN = {"better", "worse", "higher", "lower"}
FIRST = ("throughput", "makespan", "lead_time_mean", "cost.total.per_batch")


def comparison_of(results: Sequence[Result]) -> Comparison | None:
    """Every other run against the first, all intervals holding together; None for a single run."""
    return compare(results[0], *results[1:]) if len(results) > 1 else None


def compared(comparison: Comparison | None, figures: Figures) -> Section | None:
    """The section of a comparison that has something to say."""
    if comparison is None or not comparison.rows:
        return None
    body = [
        tag(
            "p",
            "Differences are run − baseline; the baseline is ",
            tag("b", title_of(comparison.baseline)),
            ".",
        ),
        figures.draw(comparison_figure(comparison), "Differences from the baseline"),
        table_of(comparison),
        method(comparison, "; those that are equal are left out"),
    ]
    return Section("Comparison with the baseline", joined(body))


def sentence(comparison: Comparison, other: Result, less: str = "") -> Markup:
    """What is shown of one run, the first few measures of interest; `less` names what it is compared with."""
    name = tag("b", f"Less {less}" if less else title_of(other))
    rows = [row for row in comparison.rows if row.run == other.id]
    shown = [row for row in rows if row.verdict in SHOWN]
    shown.sort(key=lambda row: FIRST.index(row.measure) if row.measure in FIRST else len(FIRST))
    if not shown:
        return joined([name, ": no difference is shown in any of the measures."])
    told = "; ".join(_told(row) for row in shown[:3])
    more = f"; and {len(shown) - 3} more" if len(shown) > 3 else ""
    return joined([name, f": {told}{more}."])


def _told(row: Compared) -> str:
    difference, _, unit = with_interval(row.difference, row.low, row.high, row.unit)
    share = f" ({100 * row.difference / abs(row.baseline):+.1f} %)" if row.baseline else ""
    return f"{row.measure} {_signed(difference)} {unit}{share}, {row.verdict}".replace("  ", " ")


def _signed(text: str) -> str:
    return text if text.startswith("-") else f"+{text}"


def table_of(comparison: Comparison) -> Markup:
    """The differences that are not nil, with their intervals and verdicts."""
    level = f"{100 * comparison.rows[0].level:g} % interval"
    names = {other.id: title_of(other) for other in comparison.others}
    rows = [
        (names[r.run], r.measure, *with_interval(r.difference, r.low, r.high, r.unit), r.verdict)
        for r in comparison.rows
        if r.verdict != EQUAL
    ]
    return table(("run", "measure", "difference", level, "unit", "verdict"), rows, numbers=("difference",))


def method(comparison: Comparison, more: str = "") -> Markup:
    """How they were compared and corrected; `more` ends the sentence."""
    paired = all(row.paired for row in comparison.rows)
    how = (
        "Replications of equal number share their random numbers, so differences are taken pair by pair."
        if paired
        else "Where seeds differ samples are compared unpaired, by Welch's method."
    )
    if any(row.left_out for row in comparison.rows):
        how += " Replications that only one of the two has are left out."
    family = f"{comparison.family} differences are corrected together ({comparison.correction})"
    text = f"{how} {family}{more}."
    return tag("p", text, class_="note")
