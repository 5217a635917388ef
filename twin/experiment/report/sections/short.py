"""What the report comes to, on its first page: question, main numbers, bottleneck, comparison."""

from __future__ import annotations

from collections.abc import Sequence

from twin.experiment.compare import Comparison
from twin.experiment.report.markup import Markup, bullets, joined, tag
from twin.experiment.report.names import title_of
from twin.experiment.report.section import Section
from twin.experiment.report.sections.charts import bottleneck_sentence
from twin.experiment.report.sections.compared import sentence
from twin.experiment.report.sections.outcome import tiles
from twin.experiment.results import Result


def short(results: Sequence[Result], comparison: Comparison | None) -> Section | None:
    """The first page of a report of runs; None where there are none."""
    if not results:
        return None
    baseline = results[0]
    question = baseline.manifest.get("question")
    parts: list[Markup | None] = [
        tag("p", question, class_="question") if question else None,
        tag("p", "The baseline, ", tag("b", title_of(baseline)), ":") if comparison else None,
        tiles(baseline),
        bottleneck_sentence(baseline),
    ]
    if comparison is not None and comparison.rows:
        parts += [
            tag("p", "Compared with it:"),
            bullets(sentence(comparison, other) for other in comparison.others),
        ]
    return Section("In short", joined(parts))
