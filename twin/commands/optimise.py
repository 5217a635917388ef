"""`twin optimise`: the settings that serve a scenario's goal best, confirmed with fresh replications."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from twin import terminal
from twin.commands.common import (
    FAILED,
    PARTLY,
    Changes,
    Device,
    DryRun,
    Engine,
    Json,
    Quiet,
    Seed,
    Workers,
    WorkspaceFolder,
    pairs,
)

STAGES = {
    "search": "points",
    "contenders": "contenders with more replications",
    "fresh": "fresh replications",
}


def optimise(
    source: Annotated[str, typer.Argument(metavar="SCENARIO", help="A file with `optimise`, or twin:NAME.")],
    changes: Changes = None,
    seed: Seed = None,
    engine: Engine = "auto",
    device: Device = "auto",
    workers: Workers = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the answer as a page.")] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Search settings for the best, and evaluate what is found with replications that the search never saw.

    What is computed is kept: the same command goes on where an interrupt stopped it.
    """
    from twin.experiment import files
    from twin.experiment.flags import set_flags
    from twin.experiment.optimisation import optimise as search_for
    from twin.experiment.optimisation.words import search_of
    from twin.experiment.prepare import open_study
    from twin.experiment.report.optimised import page_of_optimised, unit_for
    from twin.experiment.sweeps.evaluate import evaluator

    given = pairs(changes)
    study = open_study(source, given, workspace)
    search = search_of(study)
    if dry_run:
        _show_plan(search, as_json)
        return
    stage = _Stage(study.name, quiet or as_json)
    evaluate = evaluator(
        source,
        {**given, "optimise": None},
        seed=seed,
        engine=engine,
        device=device,
        workers=workers,
        workspace=workspace,
        progress=stage.replications,
        why="twin optimise",
    )
    try:
        found = search_for(search, evaluate, stage.tell)
    finally:
        stage.close()
    unit = unit_for(study)
    if html is not None:
        flags = set_flags(given)
        flags += [] if seed is None else [f"--seed {seed}"]
        command = " ".join([f"twin optimise {source}", *flags])
        files.write_text(html, page_of_optimised(found, study, command))
    _finish(source, found, unit, as_json=as_json, quiet=quiet)


def _finish(source: str, found: Any, unit: Callable[[str], str], *, as_json: bool, quiet: bool) -> None:
    """Print the answer, and exit as it went."""
    if as_json:
        terminal.print_json(_object(source, found))
    elif not quiet:
        _show(found, unit)
    if not found.announced:
        raise typer.Exit(FAILED)
    if any(each.error for each in found.tried):
        raise typer.Exit(PARTLY)


class _Stage:
    """Progress on stderr, a line for each stage."""

    def __init__(self, label: str, quiet: bool) -> None:
        self._label, self._quiet = label, quiet
        self._line = terminal.ProgressLine(f"{label}: points", quiet=quiet)

    def tell(self, progress: Any) -> None:
        """A stage has gone on, or begins."""
        self._line.close()
        total = (
            f"{progress.done} of {progress.total} " if progress.stage == "search" else f"{progress.total} "
        )
        self._line = terminal.ProgressLine(
            f"{self._label}: {total}{STAGES[progress.stage]}", quiet=self._quiet
        )

    def replications(self, done: int, total: int) -> None:
        """Replications of the present question are done."""
        self._line.show(done, total)

    def close(self) -> None:
        """Take the line away."""
        self._line.close()


def _show_plan(search: Any, as_json: bool) -> None:
    """What would be tried, and how many replications that takes at most."""
    from twin.experiment.optimisation.contenders import MOST_CONTENDERS
    from twin.experiment.optimisation.space import size_of

    size = size_of(search.settings)
    points = min(size, search.trials)
    kept = min(points, MOST_CONTENDERS * (1 if len(search.goals) == 1 else 2))
    most = points * search.replications
    most += kept * (search.most - search.replications) + (kept + 1) * search.confirm
    plan = {
        "combinations": size,
        "points": points,
        "whole_space": size <= search.trials,
        "replications_at_first": points * search.replications,
        "replications_about": most,
    }
    if as_json:
        terminal.print_json(plan)
        return
    print(f"{points} of {size:,} combinations are tried, {search.replications} replications each; ")
    print(f"with those for the best of them and the fresh ones about {most:,} replications.")


def _object(source: str, found: Any) -> dict[str, Any]:
    """The object of `optimise --json`."""
    return {
        "optimise": source,
        "goals": [{"measure": goal.measure, "aim": goal.aim} for goal in found.search.goals],
        "constraints": [
            {
                "measure": c.measure,
                "quantile": c.quantile,
                "above": c.above,
                "below": c.below,
                "at_least": c.low,
                "at_most": c.high,
                "probability": c.probability,
            }
            for c in found.search.constraints
        ],
        "level": found.search.level,
        "tried": len(found.tried),
        "failed": [
            {"changes": dict(each.changes), "error": each.error} for each in found.tried if each.error
        ],
        "whole_space": found.whole_space,
        "announced": [_confirmed_object(found, each) for each in found.announced],
        "contenders": [_confirmed_object(found, each) for each in found.contenders],
        "present": None
        if found.present is None
        else {n: found.present.mean(n) for n in found.search.measures},
    }


def _confirmed_object(found: Any, each: Any) -> dict[str, Any]:
    from twin.experiment.optimisation.confirm import constrained
    from twin.experiment.statistics import bounds

    against = each.against
    return {
        "changes": dict(each.candidate.changes),
        "feasible": each.feasible,
        "probabilities": list(each.probabilities),
        "constrained": [_interval(i) for i in constrained(each, found.search)],
        "replications": each.fresh.replications,
        "measures": {name: _interval(i) for name, i in each.means.items()},
        "search_said": {name: _interval(i) for name, i in each.searched.items()},
        "optimism": {name: _interval(i) for name, i in each.optimism.items()},
        "gain": {goal.measure: _interval(found.gain(each, goal)) for goal in found.search.goals},
        "against_announced": None
        if against is None
        else {
            "difference": against.difference,
            "ci": bounds(against.low, against.high),
        },
    }


def _interval(interval: Any) -> dict[str, Any] | None:
    return None if interval is None else interval.as_object()


def _show(found: Any, unit: Callable[[str], str]) -> None:
    """The answer for people: what is announced, how sure that is, and what else may be as good."""
    from twin.experiment.report.optimised import label

    space = "combinations were tried, all there are" if found.whole_space else "proposed points were tried"
    failed = sum(bool(each.error) for each in found.tried)
    print(f"{len(found.tried)} {space}; {failed} failed.")
    for message in dict.fromkeys(each.error for each in found.tried if each.error):
        print(f"  {message}")
    if not found.announced:
        nearest = "; these came nearest" if found.contenders else ""
        print(f"None is shown to keep the constraints{nearest}.")
    elif len(found.announced) > 1:
        print(f"{len(found.announced)} points of a Pareto front: none is better in every goal.")
    rows = [_row(found, each, unit) for each in found.contenders]
    names = [setting.path for setting in found.search.settings]
    columns = (
        "",
        *names,
        *found.search.measures,
        *(label(each, unit) for each in found.search.constraints if not each.is_mean),
        *(["kept with"] if found.search.constraints else []),
        "against",
    )
    if rows:
        terminal.print_table("", columns, rows)
    for goal in found.search.goals:
        for each in found.announced[:1]:
            print(_sentence(found, each, goal, unit(goal.measure)))


def _row(found: Any, each: Any, unit: Callable[[str], str]) -> list[str]:
    from twin.experiment.optimisation.confirm import constrained

    measures = [_mean(each.means[name], unit(name)) for name in found.search.measures]
    constraints = zip(found.search.constraints, constrained(each, found.search), strict=True)
    shares = [_mean(i, "1" if c.is_probability else unit(c.measure)) for c, i in constraints if not c.is_mean]
    kept = [f"{min(each.probabilities):.3g}"] if each.probabilities else []
    mark = "*" if any(each is other for other in found.announced) else ""
    goal = found.search.goals[0]
    against = "–" if each.against is None else _difference(each.against, unit(goal.measure))
    settings = (str(value) for value in each.candidate.changes.values())
    return [mark, *settings, *measures, *shares, *kept, against]


def _mean(interval: Any, unit: str) -> str:
    from twin.experiment.display import with_interval

    mean, ci, label = with_interval(interval.mean, interval.low, interval.high, unit)
    return f"{mean} ({ci}) {label}".strip()


def _difference(against: Any, unit: str) -> str:
    from twin.experiment.display import with_interval

    mean, ci, label = with_interval(against.difference, against.low, against.high, unit)
    return f"{mean} ({ci}) {label}".strip()


def _sentence(found: Any, each: Any, goal: Any, unit: str) -> str:
    """How much was gained, and how much of what the search saw was luck."""
    from twin.experiment.report.optimised import beside_present

    level = f"{100 * found.search.level:g} %"
    optimism = _mean(each.optimism[goal.measure], unit)
    gain = found.gain(each, goal)
    told = "" if gain is None else f"{beside_present(gain, unit)}. "
    gained = told[:1].upper() + told[1:]
    return (
        f"{goal.measure}: {gained}The search was too optimistic by {optimism}. "
        f"Intervals at {level}, {each.fresh.replications} fresh replications."
    )
