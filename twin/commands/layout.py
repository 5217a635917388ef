"""`twin layout`: units moved so that lots travel less, proven by simulation against the present layout."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from twin import terminal
from twin.commands.common import (
    Changes,
    Device,
    Engine,
    Json,
    Quiet,
    Replications,
    Seed,
    Workers,
    WorkspaceFolder,
    follow,
    note,
    pairs,
    refuse,
)

Apart = Annotated[list[str] | None, typer.Option(metavar="A:B:METRES", help="Centres at least so far apart.")]
Near = Annotated[list[str] | None, typer.Option(metavar="A:B:METRES", help="Centres at most so far apart.")]
Move = Annotated[list[str] | None, typer.Option(help="Equipment that may move, or a pattern; default: all.")]


def layout(
    source: Annotated[str, typer.Argument(metavar="SCENARIO|PLANT", help="A file, or twin:NAME.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The scenario to write, a new `.yaml`.")],
    move: Move = None,
    method: Annotated[
        str, typer.Option(help="free: to any place; exchange: to each other's places.")
    ] = "free",
    across: Annotated[bool, typer.Option("--across", help="To areas of the same grade too.")] = False,
    clearance: Annotated[float, typer.Option(min=0, help="Metres between footprints.")] = 0.8,
    aisle: Annotated[float, typer.Option(min=0, help="Metres kept free beside an aisle's line.")] = 0.6,
    step: Annotated[float, typer.Option(min=0.05, help="Metres between places that are tried.")] = 0.5,
    near: Near = None,
    apart: Apart = None,
    search_seed: Annotated[int, typer.Option(min=0, help="Of the search.")] = 1,
    measure: Annotated[
        list[str] | None, typer.Option("--measure", help="Compared; default: the headlines.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write the plan before and after there.")
    ] = None,
    changes: Changes = None,
    replications: Replications = None,
    seed: Seed = None,
    engine: Engine = "auto",
    device: Device = "auto",
    workers: Workers = None,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Find a layout in which lots travel less, write it as a scenario, and compare it with the present
    one.
    """
    from twin.experiment.layouts import Rules

    _check_method(method)
    _check_out(out)
    together = (*_together(near, "--near"), *_together(apart, "--apart"))
    rules = Rules(tuple(move or ("*",)), across, clearance, aisle, step, together)
    runs = _Runs(replications, seed, engine, device, workers, workspace, silent=quiet or as_json)
    given = pairs(changes)
    prepared, present = runs.run(source, {**given, **_WITHOUT_AXES} if _is_study(source) else given)
    flow, found = _improved(present, rules, method, search_seed)
    if not found.moved:
        _say_nothing_moved(source, found, as_json=as_json, quiet=quiet)
        return
    _write(out, source, prepared, given, found)
    _, after = runs.run(out, {})
    note(workspace, "layout", [present.id, after.id])
    if html is not None:
        _draw(html, present.plant, after.plant, flow)
    _print(source, out, found, (present, after), measure, as_json=as_json, quiet=quiet)


_WITHOUT_AXES: dict[str, object] = {"sweep": None, "optimise": None}


@dataclass(frozen=True)
class _Runs:
    """How both layouts are run."""

    replications: int | None
    seed: int | None
    engine: str
    device: str
    workers: int | None
    workspace: Path | None
    silent: bool

    def run(self, source: str | Path, changes: dict[str, object]) -> tuple[Any, Any]:
        """What was prepared, and its result."""
        from twin.experiment.prepare import prepare
        from twin.experiment.run import stream

        prepared = prepare(
            source,
            changes,
            replications=self.replications,
            seed=self.seed,
            engine=self.engine,
            device=self.device,
            record="auto",
            workspace=self.workspace,
        )
        steps = stream(prepared, workspace=self.workspace, workers=self.workers, why="twin layout")
        return prepared, follow(steps, prepared.label, self.silent)


def _improved(present: Any, rules: Any, method: str, seed: int) -> tuple[Any, Any]:
    """The trips of a run, and the layout in which they are shorter."""
    from twin.experiment.layouts import improve, trips

    flow = trips(present.plant, present.kept_table("lots"))
    try:
        return flow, improve(present.plant, flow, rules, method=method, seed=seed)
    except ValueError as wrong:
        refuse("layout", str(wrong), "docs/layout_optimisation.md tells the rules.")


def _print(
    source: str,
    out: Path,
    found: Any,
    runs: tuple[Any, Any],
    measures: list[str] | None,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """What moved, and the proof."""
    from twin.commands.compare import comparison_object
    from twin.experiment.compare import compare

    comparison = compare(*runs, measures=measures)
    if as_json:
        terminal.print_json({**_object(source, out, found), "proof": comparison_object(comparison)})
    elif not quiet:
        _show(out, runs[0].plant, found, comparison)


def _check_method(method: str) -> None:
    from twin.experiment.layouts import METHODS

    if method not in METHODS:
        refuse("--method", f"There is no method `{method}`.", f"Choose {' or '.join(METHODS)}.")


def _is_study(source: str) -> bool:
    """Whether the source is a scenario, which may sweep or search."""
    from twin.experiment.prepare import open_study

    return "scenario" in open_study(source).document.data


def _check_out(out: Path) -> None:
    if out.suffix not in (".yaml", ".yml"):
        refuse("--out", f"`{out}` is no name for a scenario.", "Give a name that ends in `.yaml`.")
    if out.exists():
        refuse("--out", f"`{out}` is there already.", "Give a new name; nothing is written over.")


def _together(texts: list[str] | None, flag: str) -> list[Any]:
    """`A:B:METRES` as rules of nearness."""
    from twin.experiment.layouts.rules import Together

    found = []
    for text in texts or ():
        parts = text.rsplit(":", 2)
        try:
            first, second, metres = parts[0], parts[1], float(parts[2])
        except (IndexError, ValueError):
            refuse(f"{flag} {text}", "A rule is written A:B:METRES.", "Such as `press:storage/bin_store:12`.")
        found.append(Together(first, second, metres, near=flag == "--near"))
    return found


def _write(out: Path, source: str, prepared: Any, given: dict[str, object], found: Any) -> None:
    """The scenario, run as the present layout was."""
    from twin.experiment.files import write_text
    from twin.experiment.layouts.words import scenario_text
    from twin.plant import shipped

    is_shipped = source.startswith(shipped.PREFIX)
    base = source if is_shipped else os.path.relpath(source, out.parent).replace(os.sep, "/")
    run = {"replications": prepared.run.replications, "seed": prepared.run.seed}
    text = scenario_text(f"{prepared.label}, with shorter ways", base, run, given, found)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_text(out, text)


def _draw(path: Path, before: Any, after: Any, flow: Any) -> None:
    from twin.experiment import files
    from twin.experiment.figures.layout import layout_figure
    from twin.experiment.report import figure_page

    files.write_text(path, figure_page(layout_figure(before, after, flow), "The floor before and after"))


def _object(source: str, out: Path | None, found: Any) -> dict[str, Any]:
    """The object of `layout --json`, without the proof."""
    return {
        "layout": source,
        "scenario": None if out is None else str(out),
        "method": found.method,
        "whole": found.whole,
        "tried": found.tried,
        "work_before_m": found.before,
        "work_after_m": found.after,
        "moved": {name: list(at) for name, at in found.moved.items()},
    }


def _say_nothing_moved(source: str, found: Any, *, as_json: bool, quiet: bool) -> None:
    if as_json:
        terminal.print_json({**_object(source, None, found), "proof": None})
    elif not quiet:
        looked = "All arrangements were" if found.whole else f"{found.tried:,} were"
        print(f"No better layout was found: lots travel {found.before / 1000:.4g} km. {looked} looked at.")


def _show(out: Path, before: Any, found: Any, comparison: Any) -> None:
    from twin.commands.compare import show_comparison

    rows = []
    for name, (x, y) in found.moved.items():
        old = before.equipment[name].at
        rows.append([name, f"{old[0]:g}, {old[1]:g}", f"{x:g}, {y:g}"])
    terminal.print_table("Moved, m", ("equipment", "from", "to"), rows)
    less = 1 - found.after / found.before
    print(
        f"Lots travel {found.after / 1000:.4g} km a replication instead of {found.before / 1000:.4g} km:",
        end=" ",
    )
    print(f"{100 * less:.3g} % less, if they take the same ways.")
    looked = "every exchange was looked at" if found.whole else f"{found.tried:,} moves were tried"
    print(f"{looked}; the layout is {out}. What it is worth, by simulation:\n")
    show_comparison(comparison)
