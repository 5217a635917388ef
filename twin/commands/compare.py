"""`twin compare`: runs against the first one, each against each other, or against the best of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from twin import terminal
from twin.commands.common import Json, Quiet, Runs, WorkspaceFolder, refuse

if TYPE_CHECKING:
    from twin.experiment.compare import Compared, Comparison
    from twin.experiment.with_best import RunAgainstBest

BEST_COLUMNS = ("run", "less the best other", "interval", "unit", "verdict")


def compare(
    runs: Runs,
    measure: Annotated[
        list[str] | None, typer.Option("--measure", help="A measure or pattern; default: the headlines.")
    ] = None,
    level: Annotated[float | None, typer.Option(min=0.5, max=0.9999, help="Of the whole family.")] = None,
    correction: Annotated[str, typer.Option(help="bonferroni, holm, tukey or none.")] = "bonferroni",
    all_pairs: Annotated[bool, typer.Option("--all-pairs", help="Compare each with each other.")] = False,
    best: Annotated[bool, typer.Option("--best", help="Compare each with the best of the others.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Compare runs with the first one: differences with intervals, corrected for how many there are."""
    from twin.experiment.compare import CORRECTIONS
    from twin.experiment.compare import compare as compare_results
    from twin.experiment.results import open_result
    from twin.experiment.with_best import with_best

    if correction not in CORRECTIONS:
        refuse("--correction", f"There is no correction `{correction}`.", f"Choose {', '.join(CORRECTIONS)}.")
    baseline, *others = [open_result(reference, workspace) for reference in runs]
    comparison = compare_results(
        baseline, *others, measures=measure, level=level, correction=correction, all_pairs=all_pairs
    )
    found = with_best(comparison) if best else []
    if as_json:
        more = {"best": [_best_object(row) for row in found]} if best else {}
        terminal.print_json(comparison_object(comparison) | more)
    elif not quiet:
        show_comparison(comparison)
        if best:
            _show_best(found)


def comparison_object(comparison: Comparison) -> dict[str, Any]:
    """The object of `compare --json`; differences are run − against."""
    from twin.experiment.statistics import bounds

    rows = [
        {
            "run": row.run,
            "measure": row.measure,
            "difference": row.difference,
            "ci": bounds(row.low, row.high),
            "level": row.level,
            "n": row.n,
            "paired": row.paired,
            "verdict": row.verdict,
            "against": row.reference,
            "replications_to_separate": row.needed,
            "replications_more": row.more,
            "left_out": row.left_out,
        }
        for row in comparison.rows
    ]
    return {"baseline": comparison.baseline.id, "correction": comparison.how, "comparisons": rows}


def show_comparison(comparison: Comparison) -> None:
    """A table for each pair of runs."""
    level = comparison.rows[0].level if comparison.rows else comparison.baseline.level
    names = {run.id: run.name for run in (comparison.baseline, *comparison.others)}
    columns = (
        "measure",
        "difference",
        f"{100 * level:g} % interval",
        "unit",
        "verdict",
        "samples",
        "to separate",
    )
    for other, one in dict.fromkeys((row.run, row.reference) for row in comparison.rows):
        mine = [row for row in comparison.rows if (row.run, row.reference) == (other, one)]
        title = f"{names[other]} ({other}) − {names[one]} ({one})"
        terminal.print_table(title, columns, [_cells(row) for row in mine], numbers=("difference",))
    print(f"{comparison.family} differences, corrected together: {comparison.how}.")
    if any(row.more for row in comparison.rows):
        print("To separate: more replications of each run that show such a difference 9 times in 10.")


def _cells(row: Compared) -> tuple[str, ...]:
    from twin.experiment.display import with_interval

    difference, interval, unit = with_interval(row.difference, row.low, row.high, row.unit)
    more = "–" if not row.more else f"{row.more:,} more"
    return row.measure, difference, interval, unit, row.verdict, row.samples, more


def _best_object(row: RunAgainstBest) -> dict[str, Any]:
    from twin.experiment.statistics import bounds

    return {
        "run": row.run,
        "measure": row.measure,
        "difference": row.difference,
        "ci": bounds(row.low, row.high),
        "level": row.level,
        "verdict": row.verdict,
    }


def _show_best(rows: list[RunAgainstBest]) -> None:
    from twin.experiment.display import with_interval

    for measure in dict.fromkeys(row.measure for row in rows):
        mine = [row for row in rows if row.measure == measure]
        cells = []
        for row in mine:
            difference, interval, unit = with_interval(row.difference, row.low, row.high, row.unit)
            cells.append((f"{row.name} ({row.run})", difference, interval, unit, row.verdict))
        title = f"{measure}: each less the best of the others, {100 * mine[0].level:g} % together"
        terminal.print_table(title, BEST_COLUMNS, cells, numbers=(BEST_COLUMNS[1],))
    if not rows:
        print("No measure of these has a better direction and values enough in every run.")
