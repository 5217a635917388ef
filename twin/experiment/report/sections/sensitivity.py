"""Which settings matter, of a sweep by `morris`, `sobol` or `lhs`: in a sentence and as a figure."""

from __future__ import annotations

from collections.abc import Sequence

from twin.experiment.figures.sensitivity import indices_figure, screening_figure
from twin.experiment.query.stored import StoredSweep
from twin.experiment.report.markup import Markup, joined, tag
from twin.experiment.report.section import Figures, Section
from twin.experiment.report.sections.axes import main_measures
from twin.experiment.sensitivity import Indices, Screening
from twin.experiment.sensitivity.of_sweep import METHODS, Sensitivity, sensitivity_of
from twin.plant.errors import InputError

NAMED = 5  # factors that a sentence names


def sensitivity(sweep: StoredSweep, figures: Figures) -> Section | None:
    """The main measures' sensitivity; None for another design, or where there are too few values."""
    if sweep.manifest.get("method") not in METHODS:
        return None
    parts = [part for measure in main_measures(sweep) for part in _of(sweep, measure, figures)]
    return Section("Which settings matter", joined(parts)) if parts else None


def _of(sweep: StoredSweep, measure: str, figures: Figures) -> list[Markup]:
    try:
        found = sensitivity_of(sweep, measure)
    except InputError as error:  # too few values: what is missing is told, and the others go on
        return [tag("h3", measure), tag("p", error.problems[0].message, class_="note")]
    if found.screening is not None:
        figure = screening_figure(found.screening, unit=found.unit)
        return [
            _screened(found, found.screening),
            figures.draw(figure, f"Effects of the settings on {measure}"),
        ]
    if found.indices is not None and found.indices.factors:
        drawn = figures.draw(indices_figure(found.indices), f"Shares of the variance of {measure}")
        return [_indexed(found, found.indices), drawn]
    return [tag("p", f"Of {measure} no indices could be told.", class_="note")]


def _screened(found: Sensitivity, screening: Screening) -> Markup:
    shown = [factor.factor for factor in screening.ranked if factor.matters]
    count = len(screening.factors)
    if shown:
        said = f": of {count} settings these matter beyond the noise, the strongest first: {_listed(shown)}."
    else:
        said = f": none of {count} settings is shown to matter beyond the noise of the replications."
    return tag("p", tag("b", found.measure), said)


def _indexed(found: Sensitivity, indices: Indices) -> Markup:
    ranked = indices.ranked[:NAMED]
    shares = "; ".join(f"{each.factor} {100 * each.total:.0f} %" for each in ranked)
    return tag("p", tag("b", found.measure), f": shares of its variance, alone and with others: {shares}.")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
