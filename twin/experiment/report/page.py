"""The page: contents, the sections of each run and sweep, and the figures' numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from twin.experiment.compare import Comparison
from twin.experiment.query.stored import StoredSweep
from twin.experiment.report.document import document
from twin.experiment.report.markup import Markup, joined, tag
from twin.experiment.report.names import Subject, title_of
from twin.experiment.report.section import Figures, Section
from twin.experiment.report.sections import OTHER_RUN_SECTIONS, RUN_SECTIONS, SWEEP_SECTIONS
from twin.experiment.report.sections.as_asked import AsAsked, as_asked, compared_as_asked
from twin.experiment.report.sections.compared import compared, comparison_of
from twin.experiment.report.sections.reproduce import inputs, reproduce
from twin.experiment.report.sections.short import short
from twin.experiment.results import Result


def html_of(
    results: Sequence[Result],
    sweeps: Sequence[StoredSweep] = (),
    *,
    title: str | None = None,
    workspace: str | Path | None = None,
) -> str:
    """A report of runs, the first of them the baseline, and of sweeps, as one HTML text.

    A single run, and each sweep, is compared with what its scenario's `compare` names, as far as `workspace`
    has the runs.

    Raises:
        DamagedError: a file of theirs is not what was written.
        ValueError: there is neither a run nor a sweep.
    """
    if not results and not sweeps:
        raise ValueError("A report is of at least one run or sweep.")
    subjects: list[Subject] = [*results, *sweeps]
    figures = Figures()
    comparison = comparison_of(results)
    alone: list[Subject] = [*(results if len(results) == 1 else ()), *sweeps]
    wanted = {subject.id: as_asked(subject, workspace) for subject in alone}
    made = [
        short(results, sweeps, comparison, wanted),
        *_sections(results, sweeps, comparison, wanted, figures),
        figures.appendix(),
        reproduce(subjects),
        inputs(subjects),
    ]
    sections = [section for section in made if section is not None]
    name = title or title_of(subjects[0])
    return document(name, "Report of a simulation with twin", _subtitle(results, sweeps), _body(sections))


def _sections(
    results: Sequence[Result],
    sweeps: Sequence[StoredSweep],
    comparison: Comparison | None,
    wanted: Mapping[str, AsAsked],
    figures: Figures,
) -> Iterator[Section | None]:
    """Comparisons first, then the baseline whole, of the others what differs, and the sweeps."""
    yield compared(comparison, figures)
    several = len(results) + len(sweeps) > 1
    subjects: list[Subject] = [*results, *sweeps]
    for subject in subjects:
        if subject.id in wanted:
            yield _named(compared_as_asked(wanted[subject.id], figures), subject if several else None)
    for k, result in enumerate(results):
        for make in RUN_SECTIONS if k == 0 else OTHER_RUN_SECTIONS:
            yield _named(make(result, figures), result if several else None)
    for sweep in sweeps:
        for make_of_sweep in SWEEP_SECTIONS:
            yield _named(make_of_sweep(sweep, figures), sweep if several else None)


def _named(section: Section | None, subject: Subject | None) -> Section | None:
    """The section with the name of what it is about, where there are several."""
    if section is None or subject is None:
        return section
    return Section(f"{title_of(subject)}: {section.title[0].lower()}{section.title[1:]}", section.body)


def _subtitle(results: Sequence[Result], sweeps: Sequence[StoredSweep]) -> str:
    subjects: list[Subject] = [*results, *sweeps]
    plants = dict.fromkeys(str(each.manifest["plant"]) for each in subjects)
    counts = [f"{len(results)} run{'s' if len(results) > 1 else ''}"] if results else []
    counts += [f"{len(sweeps)} sweep{'s' if len(sweeps) > 1 else ''}"] if sweeps else []
    return f"Plant {', '.join(plants)} · {' and '.join(counts)}"


def _body(sections: Sequence[Section]) -> Markup:
    """The contents, and the sections below."""
    marks = [f"section-{k}" for k in range(1, len(sections) + 1)]
    contents = tag(
        "nav",
        tag("h2", "Contents"),
        tag(
            "ol",
            *(tag("li", tag("a", s.title, href=f"#{mark}")) for s, mark in zip(sections, marks, strict=True)),
        ),
    )
    below = [
        tag("section", tag("h2", f"{k}. {section.title}"), section.body, id=mark)
        for k, (section, mark) in enumerate(zip(sections, marks, strict=True), start=1)
    ]
    return joined([contents, *below])
