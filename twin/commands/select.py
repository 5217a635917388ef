"""`twin select`: the best point of a scenario's sweep, found with a stated probability."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

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
    refuse,
)

if TYPE_CHECKING:
    from twin.experiment.inference.procedures import Question
    from twin.experiment.inference.stopping import Precision
    from twin.experiment.selecting import Aim, Method, Selected
    from twin.experiment.sweeps.plan import SweepPlan

AIMS = {"higher": "maximise", "lower": "minimise"}


def select(
    source: Annotated[str, typer.Argument(metavar="SCENARIO", help="A file with a sweep, or twin:NAME.")],
    measure: Annotated[str, typer.Option(help="By whose mean points are judged.")] = "throughput",
    aim: Annotated[
        str | None, typer.Option(help="maximise or minimise; default: what is better of the measure.")
    ] = None,
    probability: Annotated[float, typer.Option(help="Of choosing the best, or one as good.")] = 0.95,
    indifference: Annotated[
        str, typer.Option(metavar="SIZE", help="A difference worth finding, such as `1 %` or `2 h`.")
    ] = "1 %",
    method: Annotated[str, typer.Option(help="kn: guarantees it; ocba: estimates it, with fewer.")] = "kn",
    first: Annotated[int, typer.Option(min=2, help="Replications of each point to begin with.")] = 10,
    most: Annotated[int, typer.Option(min=2, help="Replications of any point, at most.")] = 1000,
    fresh: Annotated[int, typer.Option(min=2, help="New ones that state the winner's mean.")] = 30,
    changes: Changes = None,
    seed: Seed = None,
    engine: Engine = "auto",
    device: Device = "auto",
    workers: Workers = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Find the best point of a sweep with a stated probability, and state it with fresh replications."""
    from twin.experiment.selecting import METHODS, SelectionError
    from twin.experiment.sweeps.evaluate import evaluator
    from twin.experiment.sweeps.plan import plan_sweep

    if method not in METHODS:
        refuse("--method", f"There is no method `{method}`.", f"Choose {' or '.join(METHODS)}.")
    wanted = _aim(measure, aim)
    question = _question(probability, _zone(indifference, measure), first, most)
    plan = plan_sweep(source, pairs(changes), seed=seed, engine=engine, device=device, workspace=workspace)
    if dry_run:
        _show_plan(plan, question, as_json)
        return
    lines = _Lines(f"selecting by {measure}", quiet or as_json)
    evaluate = evaluator(
        source,
        pairs(changes),
        seed=seed,
        engine=engine,
        device=device,
        workers=workers,
        workspace=workspace,
        progress=lines.show,
        why="twin select",
    )
    try:
        found = _select(plan, evaluate, measure, wanted, question, cast("Method", method), fresh)
    except SelectionError as error:
        terminal.print_failure(str(error), as_json=as_json)
        raise typer.Exit(FAILED) from error
    finally:
        lines.close()
    winner = plan.points[found.best]
    run = evaluate.run_ids(winner.changes)
    if as_json:
        terminal.print_json(_object(source, plan, found, run, evaluate.computed))
    elif not quiet:
        _show(plan, found, run, evaluate.computed)
    if not found.decided or any(standing.error for standing in found.standings):
        raise typer.Exit(PARTLY)


class _Lines:
    """Progress of one question after another, each with a pace of its own."""

    def __init__(self, label: str, quiet: bool) -> None:
        self._label, self._quiet = label, quiet
        self._last = 0
        self._line = terminal.ProgressLine(label, quiet=quiet)

    def show(self, done: int, total: int) -> None:
        """Say how far the question is."""
        if done <= self._last:
            self._line.close()
            self._line = terminal.ProgressLine(self._label, quiet=self._quiet)
        self._last = done
        self._line.show(done, total)

    def close(self) -> None:
        """Take the line away."""
        self._line.close()


def _aim(measure: str, aim: str | None) -> Aim:
    """What is best of a measure; raises InputError where nobody says."""
    from twin.experiment.catalogue import MEASURES, describe
    from twin.plant.sentences import did_you_mean

    try:
        better = describe(measure).better
    except KeyError:
        hint = did_you_mean(measure, (each.pattern for each in MEASURES))
        refuse("--measure", f"There is no measure named `{measure}`.", f"{hint} docs/measures.md lists them.")
    if aim in AIMS.values():
        return cast("Aim", aim)
    if aim is not None:
        refuse("--aim", f"There is no aim `{aim}`.", "Choose maximise or minimise.")
    if not better:
        refuse("--aim", f"Neither more nor less of `{measure}` is better by itself.", "Give `--aim`.")
    return cast("Aim", AIMS[better])


def _zone(text: str, measure: str) -> Precision:
    """`1 %` as a fraction of the best mean, `2 h` as a size in the measure's SI unit; raises InputError."""
    from twin.experiment.catalogue import describe
    from twin.experiment.inference.stopping import Precision
    from twin.experiment.wanted import measured_in
    from twin.plant.units import WrongValueError

    hint = "Such as `1 %` of the best mean, or `2 h` of a time."
    unit = describe(measure).unit
    try:
        size = measured_in(text, "" if unit.startswith("money") else unit)
        return Precision(size, relative=text.strip().endswith("%"))
    except (WrongValueError, ValueError) as wrong:
        refuse("--indifference", f"`{text}` is no difference: {wrong}", hint)


def _question(probability: float, zone: Precision, first: int, most: int) -> Question:
    from twin.experiment.inference.procedures import Question

    try:
        return Question(probability, zone, first, most)
    except ValueError as wrong:
        refuse("select", str(wrong), "`twin select --help` says what each option means.")


def _select(
    plan: SweepPlan, evaluate: Any, measure: str, aim: Aim, question: Question, method: Method, fresh: int
) -> Selected:
    """Drive the selection to its end; the evaluator shows the progress."""
    from twin.experiment.selecting import select as selection

    steps = selection(
        [point.changes for point in plan.points],
        evaluate,
        measure=measure,
        aim=aim,
        question=question,
        method=method,
        fresh=fresh,
        level=plan.study.scenario.run.level,
    )
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return cast("Selected", end.value)


def _object(source: str, plan: SweepPlan, found: Selected, run: str, computed: int) -> dict[str, Any]:
    winner, i = plan.points[found.best], found.fresh
    return {
        "selection": source,
        "measure": found.measure,
        "aim": found.aim,
        "method": found.method,
        "probability": found.question.probability,
        "probability_estimated": found.probability,
        "indifference": found.zone,
        "decided": found.decided,
        "best": {"point": found.best + 1, "label": winner.label, "changes": winner.changes, "run": run},
        "fresh": {**i.as_object(), "unit": _unit(found)},
        "replications": found.replications,
        "computed": computed,
        "points": [
            {
                "point": standing.point + 1,
                "label": plan.points[standing.point].label,
                "changes": plan.points[standing.point].changes,
                "replications": standing.replications,
                "mean": standing.mean,
                "in_question": standing.alive,
                "error": standing.error or None,
            }
            for standing in found.standings
        ],
    }


def _unit(found: Selected) -> str:
    """SI unit of the measure; of money, the word."""
    from twin.experiment.catalogue import describe

    try:
        return describe(found.measure).unit
    except KeyError:
        return ""


def _show(plan: SweepPlan, found: Selected, run: str, computed: int) -> None:
    """A line for each point, then what was found and how sure that is."""
    from twin.experiment.display import largest_of, with_interval

    unit = _unit(found)
    size = largest_of(standing.mean for standing in found.standings)
    rows = []
    for standing in found.standings:
        value, _, label = with_interval(standing.mean, None, None, unit, size)
        verdict = standing.error or (
            "chosen" if standing.point == found.best else "in question" if standing.alive else "dropped"
        )
        rows.append(
            (
                str(standing.point + 1),
                plan.points[standing.point].label,
                str(standing.replications),
                value,
                label,
                verdict,
            )
        )
    columns = ("", "point", "replications", "mean", "unit", "")
    terminal.print_table(f"{plan.study.name}: {found.aim} {found.measure}", columns, rows, columns[2:4])
    value, interval, label = with_interval(found.fresh.mean, found.fresh.low, found.fresh.high, unit)
    print(f"Best: {plan.points[found.best].label}. {_sentence(found)}")
    print(
        f"Stated with {found.fresh.n} fresh replications: {value} {label}, "
        f"{100 * found.fresh.level:g} % interval {interval}."
    )
    print(f"{found.replications} replications were compared, {computed} computed now. As a run it is {run}.")


def _sentence(found: Selected) -> str:
    """How sure the choice is, in words."""
    from twin.experiment.display import with_interval

    size, _, unit = with_interval(found.zone, None, None, _unit(found))
    asked = f"{100 * found.question.probability:g} %"
    if not found.decided:
        return f"Not decided: {found.question.most} replications are too few for {asked}; raise `--most`."
    if found.probability is not None:
        return (
            f"OCBA estimates a probability of {100 * found.probability:.1f} % that it is the best, "
            f"distances below {size} {unit} counting as that."
        )
    return (
        f"KN chooses the best with a probability of {asked} or more where it leads by {size} {unit}, and one "
        "of the near-best otherwise."
    )


def _show_plan(plan: SweepPlan, question: Question, as_json: bool) -> None:
    """What would be compared."""
    labels = [point.label for point in plan.points]
    total = len(labels) * question.first
    if as_json:
        points = [{"point": point.label, "changes": point.changes} for point in plan.points]
        terminal.print_json({"dry_run": points, "first_stage": total})
        return
    terminal.print_table("", ("", "point"), [(str(k), label) for k, label in enumerate(labels, 1)])
    print(f"{total} replications to begin with, {question.most} of a point at most.")
