"""What `twin run` and `twin sweep` do with a scenario's `compare`: run those scenarios, print differences.

The scenarios are prepared before anything runs, so that what is wrong with them is told at once; they are run
when the result is there, and with as many replications as it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from twin import terminal
from twin.commands.common import PARTLY, follow

if TYPE_CHECKING:
    from twin.experiment.compare import Compared as Row
    from twin.experiment.compare import Comparison
    from twin.experiment.prepare import Prepared
    from twin.experiment.results import Result
    from twin.plant.scenario import Run


@dataclass(frozen=True)
class Asked:
    """Scenarios to be compared with something that is run as `run` says; the rest as the command was told.
    Where `computes` is not set, runs that are there already are all that is used.
    """

    sources: tuple[str, ...]
    run: Run
    engine: str
    device: str
    workers: int | None
    workspace: Path | None
    computes: bool = True

    def prepared(self) -> tuple[Prepared, ...]:
        """The scenarios, ready to be run; raises InputError where one is wrong."""
        if not self.sources:
            return ()
        from twin.experiment.compared_scenarios import prepare_compared

        return prepare_compared(
            self.sources,
            self.run,
            engine=self.engine,
            device=self.device,
            workspace=self.workspace,
        )


@dataclass(frozen=True)
class Compared:
    """What came of it: a comparison for each scenario that could be run, and sentences about the others."""

    comparisons: tuple[Comparison, ...] = ()
    notes: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    def as_object(self) -> dict[str, Any]:
        """What is added to the command's object: nothing where nothing was to be compared."""
        from twin.commands.compare import comparison_object

        if not (self.comparisons or self.notes or self.failed):
            return {}
        found = [comparison_object(each) for each in self.comparisons]
        return {"compared": found, "notes": [*self.notes, *self.failed]}

    def show_runs(self) -> None:
        """Each comparison as `twin compare` prints it."""
        from twin.commands.compare import show_comparison

        for comparison in self.comparisons:
            show_comparison(comparison)
        self._show_notes()

    def show_points(self, numbers: Mapping[str | None, int]) -> None:
        """A table for each scenario: the points of a sweep, by their `numbers`, less the scenario."""
        for comparison in self.comparisons:
            _show_points(comparison, numbers)
        self._show_notes()

    def exit(self) -> None:
        """Exit as partly done where a scenario could not be run."""
        if self.failed:
            raise typer.Exit(PARTLY)

    def _show_notes(self) -> None:
        for note in (*self.notes, *self.failed):
            print(note)


def run_compared(asked: Asked, folder: Path, results: Sequence[Result], *, quiet: bool) -> Compared:
    """Run what `results`, which lie in `folder`, are to be compared with, and compare."""
    if not (asked.sources and results):
        return Compared()
    from twin.experiment.compare import compare_with_each
    from twin.experiment.compared_scenarios import MOST_POINTS, ComparedRun, compare_points, keep
    from twin.experiment.sweeps.point import SweepPoint

    if len(results) > MOST_POINTS:
        note = f"Not compared: {len(results):,} points, and at most {MOST_POINTS} are compared together. "
        return Compared(notes=(f"{note}`twin compare RUN SWEEP:POINT` compares those that you name.",))
    most = max(len(result.replications) for result in results)
    alike = replace(asked, run=asked.run.model_copy(update={"replications": most}))
    found: list[Result] = []
    failed: list[str] = []
    kept: list[ComparedRun] = []
    for prepared in alike.prepared():
        result = _result(prepared, asked, failed, quiet)
        kept.append(ComparedRun(prepared.label, prepared.id))
        found += [] if result is None else [result]
    keep(folder, kept)
    of_points = any(isinstance(result, SweepPoint) for result in results)
    comparisons = (compare_points if of_points else compare_with_each)(found, results)
    return Compared(comparisons, failed=tuple(failed))


def _result(prepared: Prepared, asked: Asked, failed: list[str], quiet: bool) -> Result | None:
    """The run of a scenario that is compared with; where there is none, why not is added to `failed`."""
    from twin.experiment.run import SimulationError, stream
    from twin.experiment.store import workspace_at

    if not asked.computes and not workspace_at(asked.workspace).run_folder(prepared.id).finished():
        failed.append(f"Not compared with {prepared.label}: its run {prepared.id} is not there yet.")
        return None
    steps = stream(prepared, workspace=asked.workspace, workers=asked.workers, why="to compare")
    try:
        result: Result = follow(steps, f"compared: {prepared.label}", quiet)
    except SimulationError as error:
        failed.append(f"Not compared with {prepared.label}, which could not be run: {error}")
        return None
    return result


def _show_points(comparison: Comparison, numbers: Mapping[str | None, int]) -> None:
    if not comparison.rows:
        print(f"No measure to compare with {comparison.baseline.name}.")
        return
    measures = list(dict.fromkeys(row.measure for row in comparison.rows))
    rows: list[list[str]] = []
    by_point: dict[tuple[str, str], dict[str, Row]] = {}
    for row in comparison.rows:
        by_point.setdefault((row.run, row.name), {})[row.measure] = row
    for (run, name), found in by_point.items():
        if run in numbers:
            cells = [_cell(found[measure]) if measure in found else "–" for measure in measures]
            rows.append([str(numbers[run]), name, *cells])
    title = f"less {comparison.baseline.name} ({comparison.baseline.id})"
    terminal.print_table(title, ("", "point", *measures), rows, numbers=("",))
    samples = ", ".join(dict.fromkeys(row.samples for row in comparison.rows))
    level = f"{100 * comparison.rows[0].level:g} %"
    print(
        f"In brackets intervals that hold together at {level}: {comparison.family} differences, "
        f"{comparison.how}; {samples}. Without a verdict no difference is shown."
    )


def _cell(row: Row) -> str:
    from twin.experiment.compare import NOT_SHOWN, TOO_FEW
    from twin.experiment.display import with_interval

    difference, interval, unit = with_interval(row.difference, row.low, row.high, row.unit)
    told = f"{difference} ({interval}) {unit}".rstrip()
    return told if row.verdict in (NOT_SHOWN, TOO_FEW) else f"{told}, {row.verdict}"
