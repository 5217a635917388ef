"""The comparison that a scenario asks for by `compare`: of a run measure by measure, of a sweep by point.

The runs are those that `twin run` or `twin sweep` noted beside the result; nothing is run here, and what is
no longer there is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from twin.experiment.compare import EQUAL, NOT_SHOWN, TOO_FEW, Compared, Comparison, compare_with_each
from twin.experiment.compared_scenarios import MOST_POINTS, ComparedRun, compare_points, kept, open_compared
from twin.experiment.display import with_interval
from twin.experiment.figures import comparison_figure
from twin.experiment.query.stored import StoredSweep
from twin.experiment.report.markup import Markup, bullets, joined, table, tag
from twin.experiment.report.names import Subject, title_of
from twin.experiment.report.section import Figures, Section
from twin.experiment.report.sections.compared import method, sentence, table_of
from twin.experiment.store import RunFolder
from twin.experiment.sweeps.point import SweepPoint


@dataclass(frozen=True)
class AsAsked:
    """Comparisons with each scenario whose run is there; the others; of a sweep, run → number of point."""

    comparisons: tuple[Comparison, ...] = ()
    missing: tuple[ComparedRun, ...] = ()
    points: Mapping[str, int] | None = None


def as_asked(subject: Subject, workspace: str | Path | None) -> AsAsked:
    """The comparisons of a run, or of a sweep's points, with what its scenario names."""
    asked = () if isinstance(subject, SweepPoint) else kept(subject.path)
    if not asked:
        return AsAsked()
    found, missing = open_compared(asked, workspace)
    if isinstance(subject, StoredSweep):
        points = _points(subject)
        made = compare_points(found, points) if points else ()
        return AsAsked(made, tuple(missing), {point.id: point.number for point in points})
    return AsAsked(compare_with_each(found, [subject]), tuple(missing))


def compared_as_asked(asked: AsAsked, figures: Figures) -> Section | None:
    """The section of what a scenario is compared with; None where it names nothing."""
    parts: list[object] = []
    for comparison in asked.comparisons:
        parts.append(tag("h3", f"Less {title_of(comparison.baseline)}"))
        if not comparison.rows:
            parts.append(tag("p", "They have no main measure in common."))
        elif asked.points is None:
            title = f"Differences from {title_of(comparison.baseline)}"
            parts += [figures.draw(comparison_figure(comparison), title), table_of(comparison)]
            parts.append(method(comparison, "; those that are equal are left out"))
        else:
            parts += [_by_point(comparison, asked.points), method(comparison)]
    parts += [
        tag("p", f"The run {each.run} of {each.scenario} is not in the workspace: it is not compared.")
        for each in asked.missing
    ]
    return Section("Compared as the scenario asks", joined(parts)) if parts else None


def sentences_as_asked(asked: AsAsked) -> Markup | None:
    """What is shown, for the first page: of a run the main differences, of a sweep how many points differ."""
    told: list[Markup] = []
    for comparison in asked.comparisons:
        if asked.points is None and comparison.rows:
            told.append(sentence(comparison, comparison.others[0], title_of(comparison.baseline)))
        elif comparison.rows:
            told.append(_counted(comparison))
    return joined([tag("p", "As the scenario asks:"), bullets(told)]) if told else None


def _points(sweep: StoredSweep) -> list[SweepPoint]:
    """The points that have a result; none where there are too many to be compared."""
    finished = sweep.finished_points
    folder = RunFolder(sweep.path)
    return [SweepPoint(folder, number) for number in finished] if len(finished) <= MOST_POINTS else []


def _by_point(comparison: Comparison, numbers: Mapping[str, int]) -> Markup:
    """A row for each point, a column for each measure."""
    measures = list(dict.fromkeys(row.measure for row in comparison.rows))
    by_point: dict[tuple[str, str], dict[str, Compared]] = {}
    for row in comparison.rows:
        by_point.setdefault((row.run, row.name), {})[row.measure] = row
    rows = [
        (numbers[run], name, *(_cell(found.get(measure)) for measure in measures))
        for (run, name), found in by_point.items()
    ]
    return table(("point", "settings", *measures), rows, numbers=("point",), class_="small")


def _cell(row: Compared | None) -> str:
    if row is None:
        return "–"
    difference, interval, unit = with_interval(row.difference, row.low, row.high, row.unit)
    told = f"{difference} ({interval}) {unit}".rstrip()
    return told if row.verdict in (NOT_SHOWN, TOO_FEW) else f"{told}, {row.verdict}"


def _counted(comparison: Comparison) -> Markup:
    """How many points are shown to differ in each measure."""
    told: list[str] = []
    for measure in dict.fromkeys(row.measure for row in comparison.rows):
        verdicts = [row.verdict for row in comparison.rows if row.measure == measure]
        counts = {
            v: verdicts.count(v) for v in dict.fromkeys(verdicts) if v not in (NOT_SHOWN, TOO_FEW, EQUAL)
        }
        said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items()) or "none shown to differ"
        told.append(f"{measure}: of {len(verdicts)} points {said}")
    return joined([tag("b", f"Less {title_of(comparison.baseline)}"), f": {'; '.join(told)}."])
