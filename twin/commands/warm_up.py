"""`twin results warm-up`: how a steady run starts, where MSER-5 cuts it, and Welch's plot of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from twin import terminal
from twin.commands.common import Json, Quiet, WorkspaceFolder, note, refuse

if TYPE_CHECKING:
    from twin.experiment.figures.warm_up import Start
    from twin.experiment.results import Result


def warm_up(
    reference: Annotated[str, typer.Argument(metavar="RUN")],
    window: Annotated[
        int, typer.Option(min=0, max=50, help="Batches on each side of the moving average, of 200.")
    ] = 10,
    out: Annotated[Path | None, typer.Option("--out", help="Write the plot to this .html file.")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Show how a steady run starts: MSER-5's cut and Welch's moving average."""
    from twin.experiment.figures.warm_up import starts, warm_up_figure
    from twin.experiment.results import open_result

    if out is not None and (out.suffix != ".html" or out.exists()):
        refuse("--out", f"`{out}` is no new .html file.", "Give the name of a file that is not there yet.")
    result = open_result(reference, workspace)
    _ = result.recorded  # a point of a sweep, or a run without record, says so first
    if result.manifest["kind"] != "steady":
        refuse(
            reference, "This run is not steady: nothing of it is a warm-up.", "Set `run.kind` to `steady`."
        )
    found = starts(result, window)
    if out is not None:
        from twin.experiment import files
        from twin.experiment.report import figure_page

        figure = warm_up_figure(result, window=window)
        files.write_text(out, figure_page(figure, f"Warm-up of {result.name} ({result.id})"))
        note(workspace, "export figure", [result.id])
    if as_json:
        terminal.print_json(_object(result, found))
    elif not quiet:
        _show(result, found)


def _object(result: Result, found: list[Start]) -> dict[str, Any]:
    used = result.manifest["warm_up"]
    return {
        "run": result.id,
        "warm_up_s": used["ns"] / 1e9,
        "method": used["method"],
        "series": [
            {
                "name": start.name,
                "unit": start.unit,
                "cut_s": start.cut / 1e9,
                "settled": start.settled,
                "from_s": (start.times / 1e9).tolist(),
                "mean": start.means.tolist(),
                "moving_average": start.smooth.tolist(),
            }
            for start in found
        ],
    }


def _show(result: Result, found: list[Start]) -> None:
    from twin.experiment.display import three_digits

    used = result.manifest["warm_up"]
    rows = []
    for start in found:
        before, after = start.means[start.times < start.cut], start.means[start.times >= start.cut]
        rows.append(
            (
                start.name,
                f"{start.cut / 86_400e9:.3g} d",
                "settled" if start.settled else "not settled: lengthen the horizon",
                three_digits(float(before.mean())) if len(before) else "–",
                three_digits(float(after.mean())),
                start.unit,
            )
        )
    columns = ("series", "MSER-5 cuts", "", "mean before", "mean after", "unit")
    terminal.print_table(f"{result.name} ({result.id})", columns, rows, numbers=columns[3:5])
    how = "found by MSER-5, the later of both" if used["method"] == "MSER-5" else f"as {used['method']}"
    print(f"Deleted from the run: {used['ns'] / 86_400e9:.3g} d, {how}.")
