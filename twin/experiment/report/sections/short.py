"""What the report comes to, on its first page: question, main numbers, bottleneck, comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from twin.experiment.compare import Comparison
from twin.experiment.query.stored import StoredSweep
from twin.experiment.report.markup import Markup, bullets, joined, tag
from twin.experiment.report.names import Subject, title_of
from twin.experiment.report.section import Section
from twin.experiment.report.sections.as_asked import AsAsked, sentences_as_asked
from twin.experiment.report.sections.axes import best_sentence
from twin.experiment.report.sections.charts import bottleneck_sentence
from twin.experiment.report.sections.compared import sentence
from twin.experiment.report.sections.outcome import tiles
from twin.experiment.results import Result


def short(
    results: Sequence[Result],
    sweeps: Sequence[StoredSweep],
    comparison: Comparison | None,
    wanted: Mapping[str, AsAsked],
) -> Section | None:
    """The first page of a report."""
    parts = [*_of_runs(results, comparison)]
    parts += [sentences_as_asked(wanted[run.id]) for run in results if run.id in wanted]
    for sweep in sweeps:
        parts += [*_of_sweep(sweep), sentences_as_asked(wanted[sweep.id])]
    return Section("In short", joined(parts)) if parts else None


def _of_runs(results: Sequence[Result], comparison: Comparison | None) -> Iterator[Markup | None]:
    if not results:
        return
    baseline = results[0]
    yield _question(baseline)
    yield tag("p", "The baseline, ", tag("b", title_of(baseline)), ":") if comparison else None
    yield tiles(baseline)
    yield bottleneck_sentence(baseline)
    if comparison is not None and comparison.rows:
        yield tag("p", "Compared with it:")
        yield bullets(sentence(comparison, other) for other in comparison.others)


def _of_sweep(sweep: StoredSweep) -> Iterator[Markup | None]:
    yield _question(sweep)
    yield best_sentence(sweep)


def _question(subject: Subject) -> Markup | None:
    question = subject.manifest.get("question")
    return tag("p", question, class_="question") if question else None
