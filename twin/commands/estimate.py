"""`twin estimate`: one number of a run with its interval, and how it was had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from twin import terminal
from twin.commands.common import Json, Quiet, WorkspaceFolder, refuse

if TYPE_CHECKING:
    from twin.experiment.estimates import Side, Stated
    from twin.experiment.results import Result


def estimate(
    reference: Annotated[str, typer.Argument(metavar="RUN")],
    measure: Annotated[
        str, typer.Argument(metavar="MEASURE", help="Of the run; `lead_time` for shares of lots.")
    ],
    quantile: Annotated[float | None, typer.Option(help="Over replications, such as 0.9.")] = None,
    above: Annotated[
        str | None, typer.Option(metavar="VALUE", help="How probable is more, such as `5 d`.")
    ] = None,
    below: Annotated[str | None, typer.Option(metavar="VALUE", help="How probable is less.")] = None,
    rate: Annotated[bool, typer.Option("--rate", help="Events per time, of a measure that counts.")] = False,
    exact: Annotated[bool, typer.Option("--exact", help="Probabilities by Clopper and Pearson.")] = False,
    controls: Annotated[
        bool, typer.Option("--controls", help="Use control variates where they pay.")
    ] = False,
    level: Annotated[float | None, typer.Option(min=0.5, max=0.9999, help="Default: the run's.")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """State a mean, quantile, probability, share or rate of a run, with its interval and its method."""
    from twin.experiment import estimates
    from twin.experiment.results import open_result

    asked = [quantile is not None, above is not None, below is not None, rate, controls]
    if sum(asked) > 1:
        refuse(
            "estimate",
            "One number at a time.",
            "Give one of --quantile, --above, --below, --rate, --controls.",
        )
    result = open_result(reference, workspace)
    own = level or result.level
    more: dict[str, Any] = {}
    if controls:
        stated, more = _controlled(result, measure, own)
    elif quantile is not None:
        if not 0 < quantile < 1:
            refuse("--quantile", f"{quantile:g} is no quantile.", "Such as 0.9.")
        stated = estimates.quantile(result, measure, quantile, own)
    elif above is not None or below is not None:
        stated = _probability(
            result, measure, "below" if above is None else "above", above or below or "", own, exact
        )
    elif rate:
        stated = estimates.rate(result, measure, own)
    else:
        stated = estimates.mean(result, measure, own)
    if as_json:
        terminal.print_json(_object(result, measure, stated) | more)
    elif not quiet:
        _show(stated)


def _probability(result: Result, measure: str, side: Side, text: str, level: float, exact: bool) -> Stated:
    from dataclasses import replace

    from twin.experiment import estimates
    from twin.plant.units import WrongValueError, parse_any

    try:
        threshold = parse_any(text).value
    except WrongValueError as wrong:
        refuse(f"--{side}", str(wrong), "Such as `5 d` or `0.8`.")
    if measure == estimates.LEAD_TIME:
        stated = estimates.share_of_lots(result, side, threshold, level)
    else:
        stated = estimates.probability(result, measure, side, threshold, level, exact=exact)
    return replace(stated, what=f"{stated.what} {text}")


def _controlled(result: Result, measure: str, level: float) -> tuple[Stated, dict[str, Any]]:
    from twin.experiment import estimates
    from twin.experiment.control_draws import controlled
    from twin.experiment.inference.control_variates import FEWEST

    plain = estimates.mean(result, measure, level)
    found, offered = controlled(result, measure, level)
    used = list(dict.fromkeys(offered[k].name for half in found.controls for k in half))
    note = "" if used else "No control pays: this is the plain mean."
    if len(result.values[measure]) < FEWEST:
        note = f"Controls need {FEWEST} replications: this is the plain mean."
    method = plain.method
    if used:
        method = (
            f"{found.interval.n} replications, controls {', '.join(used)} chosen half by half; "
            f"{found.narrower:.0%} of the plain interval's width"
        )
    stated = estimates.Stated(plain.what, found.interval, plain.unit, method, note)
    return stated, {"controls": used, "offered": len(offered), "narrower": found.narrower}


def _object(result: Result, measure: str, stated: Stated) -> dict[str, Any]:
    from twin.experiment.statistics import bounds

    i = stated.interval
    return {
        "run": result.id,
        "measure": measure,
        "what": stated.what,
        "estimate": i.mean,
        "ci": bounds(i.low, i.high),
        "level": i.level,
        "n": i.n,
        "unit": stated.unit,
        "method": stated.method,
        "note": stated.note,
    }


def _show(stated: Stated) -> None:
    from twin.experiment.display import three_digits, with_interval

    i = stated.interval
    value, interval, unit = with_interval(i.mean, i.low, i.high, stated.unit)
    if interval == "–" and (i.low is not None or i.high is not None):
        value, unit = three_digits(i.mean or 0.0), stated.unit
        interval = (
            f"from {three_digits(i.low)}" if i.low is not None else f"up to {three_digits(i.high or 0.0)}"
        )
    shown = f"{value} {unit}".strip()
    print(f"{stated.what}: {shown}, {100 * i.level:g} % interval {interval}")
    print(f"by {stated.method}.")
    if stated.note:
        print(stated.note)
