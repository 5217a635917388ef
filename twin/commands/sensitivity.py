"""`twin results sensitivity`: which axes of a sweep matter for a measure, and how much."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from twin import terminal
from twin.commands.common import Json, Quiet, WorkspaceFolder, note, refuse


def sensitivity(
    reference: Annotated[str, typer.Argument(metavar="SWEEP", help="A sweep by morris, sobol or lhs.")],
    measure: Annotated[str, typer.Option("--measure", help="The measure that is explained.")] = "throughput",
    level: Annotated[float | None, typer.Option(min=0.5, max=0.9999, help="Default: the sweep's.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write the figure there too.")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Say which axes of a sweep matter: Morris's effects, Sobol's indices, or those of a metamodel."""
    from twin.experiment.query.stored import find_sweep
    from twin.experiment.sensitivity.of_sweep import sensitivity_of

    stored = find_sweep(reference, workspace)
    if stored is None:
        refuse("SWEEP", f"There is no finished sweep `{reference}`.", "`twin results list` names them.")
    found = sensitivity_of(stored, measure, level=level)
    if html is not None:
        _write(found, html)
        note(workspace, "sensitivity", [stored.id])
    if as_json:
        terminal.print_json(_object(found))
    elif not quiet:
        _show(found)


def _write(found: Any, path: Path) -> None:
    """The figure as one file that needs no network."""
    from twin.experiment import files
    from twin.experiment.figures.sensitivity import indices_figure, screening_figure
    from twin.experiment.report import figure_page

    if found.screening is not None:
        figure = screening_figure(found.screening, unit=found.unit)
    elif found.indices is not None and found.indices.factors:
        figure = indices_figure(found.indices)
    else:
        refuse("--html", "There is nothing to draw: no indices could be told.", "Run more points.")
    files.write_text(path, figure_page(figure, f"Sensitivity of {found.measure}"))


def _object(found: Any) -> dict[str, Any]:
    """The object of `sensitivity --json`."""
    from dataclasses import asdict

    model = found.metamodel
    return {
        "sweep": found.sweep,
        "method": found.method,
        "measure": found.measure,
        "unit": found.unit,
        "axes": dict(zip(found.factors, found.axes, strict=True)),
        "screening": None if found.screening is None else asdict(found.screening),
        "indices": None if found.indices is None else asdict(found.indices),
        "metamodel": None
        if model is None
        else {
            "points": model.points,
            "left_out": model.left_out,
            "q2": model.q2,
            "usable": model.usable,
            "coverage": model.coverage,
            "noise_share": model.noise_share,
        },
    }


def _show(found: Any) -> None:
    if found.metamodel is not None:
        _show_metamodel(found.metamodel)
    if found.screening is not None:
        _show_screening(found)
    elif found.indices is not None:
        _show_indices(found.indices)


def _show_screening(found: Any) -> None:
    """Factors by µ*, in a unit of the shop floor."""
    from twin.experiment.display import display_unit, three_digits
    from twin.experiment.figures.sensitivity import MATTERS

    screening = found.screening
    largest = max((f.mu_star for f in screening.factors), default=0.0)
    factor, unit = display_unit(found.unit, largest)

    def text(value: float | None) -> str:
        return "–" if value is None else three_digits(value * factor)

    rows = [
        [
            f.factor,
            text(f.mu),
            text(f.mu_star),
            f"{text(f.low)} … {text(f.high)}",
            text(f.sigma),
            text(f.noise),
            MATTERS[f.matters],
        ]
        for f in screening.ranked
    ]
    interval = f"{100 * screening.level:g} % interval"
    columns = ("factor", "mu", "mu*", interval, "sigma", "noise", "matters")
    terminal.print_table(f"{found.measure}, {unit}", columns, rows, numbers=("mu", "mu*", "sigma", "noise"))
    print(f"{screening.trajectories} trajectories, {screening.replications} replications.", end="")
    left = screening.left_out
    print(f" {left} trajectories are left out: a point of theirs has no value." if left else "")


def _show_indices(indices: Any) -> None:
    from twin.experiment.display import three_digits
    from twin.experiment.sensitivity.sobol import FEWEST

    def text(value: float | None) -> str:
        return "–" if value is None else three_digits(value)

    def between(low: float | None, high: float | None) -> str:
        return "–" if low is None or high is None else f"{text(low)} … {text(high)}"

    if not indices.factors:
        print("The measure varies no more between points than noise explains: there are no shares to tell.")
        return
    rows = [
        [
            *(f.factor, text(f.first), between(f.first_low, f.first_high)),
            *(text(f.total), between(f.total_low, f.total_high)),
        ]
        for f in indices.ranked
    ]
    interval = f"{100 * indices.level:g} % interval"
    columns = ("factor", "alone", interval, "in all", f"{interval} ")
    terminal.print_table("Shares of the variance", columns, rows, numbers=("alone", "in all"))
    noise = "not known" if indices.noise_share is None else f"{100 * indices.noise_share:.3g} %"
    left = f" {indices.left_out} base points are left out." if indices.left_out else ""
    few = f" Intervals take {FEWEST} base points." if indices.base_points < FEWEST else ""
    print(f"{indices.base_points} base points, {indices.replications} replications.{left}{few}")
    print(f"Of the variance of the points' means, replication noise made {noise}; the shares are without it.")


def _show_metamodel(model: Any) -> None:
    from twin.experiment.sensitivity import LEAST_Q2

    noise = "unknown" if model.noise_share is None else f"{100 * model.noise_share:.3g} %"
    print(f"Metamodel of {model.points} points: Q² {model.q2:.3f}, noise {noise} of the variance;", end=" ")
    print(f"{100 * model.coverage:.3g} % of points left out lay in their {100 * model.level:g} % intervals.")
    if not model.usable:
        print(f"Q² is below {LEAST_Q2:g}: it is not used. More points or replications, or fewer axes, help.")
