"""The finished runs and sweeps of a workspace, newest first: filtered, sorted, limited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from twin.experiment.index import RunLine, list_runs
from twin.experiment.integrity import A_MANIFEST, UNREADABLE, Damage, DamagedError
from twin.experiment.query.conditions import Condition
from twin.experiment.query.means import means_of
from twin.experiment.query.stored import StoredSweep, stored_sweeps
from twin.experiment.store import Workspace
from twin.plant.errors import InputError, Problem
from twin.plant.units import WrongValueError, parse_quantity

COLUMNS = ("at", "run", "plant", "scenario", "replications")
NEWEST = "-at"


@dataclass(frozen=True)
class SweepLine:
    """A finished sweep in a list: `at` is when it finished, in UTC."""

    sweep: str
    plant: str
    scenario: str | None
    points: int
    replications: int
    at: str


@dataclass(frozen=True)
class Filter:
    """What is asked for: patterns of names, the earliest time in UTC, conditions on measures' means."""

    plant: str | None = None
    scenario: str | None = None
    since: datetime | None = None
    where: tuple[Condition, ...] = ()

    def fits(self, line: RunLine | SweepLine) -> bool:
        """Whether all but the conditions hold."""
        return (
            (self.plant is None or fnmatchcase(line.plant, self.plant))
            and (self.scenario is None or fnmatchcase(line.scenario or "", self.scenario))
            and (self.since is None or datetime.fromisoformat(line.at) >= self.since)
        )


@dataclass(frozen=True)
class Listing:
    """The lines asked for, how many runs meet the filter in all, and in words what cannot be read."""

    sweeps: tuple[SweepLine, ...]
    runs: tuple[RunLine, ...]
    total: int
    damaged: tuple[str, ...] = ()


def list_results(
    workspace: Workspace, wanted: Filter, *, sort: str | None = None, limit: int | None = None
) -> Listing:
    """Runs and sweeps that meet a filter. Conditions are about runs: with any, no sweep is listed.

    Args:
        workspace: whose.
        wanted: the filter.
        sort: one of `COLUMNS` or a measure, with a `-` before it the largest first; default: newest first.
        limit: how many runs, and how many sweeps; default: all.

    Raises:
        InputError: nothing is sorted by that name.
    """
    readable, unreadable = list_runs(workspace)
    runs = [line for line in readable if wanted.fits(line)]
    for condition in wanted.where:
        means = means_of(workspace, [line.run for line in runs], condition.name)
        runs = [line for line in runs if condition.holds(means.get(line.run))]
    if sort is not None and sort != NEWEST:
        runs = _sorted(workspace, runs, sort)
    known, damaged = ([], []) if wanted.where else list_sweeps(workspace)
    sweeps = [line for line in known if wanted.fits(line)]
    damaged += [f"{file}: {Damage(file, A_MANIFEST, UNREADABLE).sentence}" for file in unreadable]
    return Listing(tuple(sweeps[:limit]), tuple(runs[:limit]), len(runs), tuple(damaged))


def list_sweeps(workspace: Workspace) -> tuple[list[SweepLine], list[str]]:
    """Every finished sweep, newest first; and in words those whose manifest cannot be read."""
    lines: list[SweepLine] = []
    damaged: list[str] = []
    for sweep in stored_sweeps(workspace):
        try:
            lines.append(_line(sweep))
        except DamagedError as error:
            damaged += [f"{each.file}: {each.sentence}" for each in error.damages]
    return sorted(lines, key=lambda line: (line.at, line.sweep), reverse=True), damaged


def _line(sweep: StoredSweep) -> SweepLine:
    return SweepLine(
        sweep.path.name,
        str(sweep.manifest["plant"]),
        sweep.manifest["scenario"],
        int(sweep.manifest["points"]),
        int(sweep.manifest["replications"]),
        str(sweep.manifest["made"]["at"]),
    )


def parse_since(text: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> datetime:
    """A date or time in UTC, or how long ago; raises InputError.

    >>> parse_since("2026-01-05").isoformat()
    '2026-01-05T00:00:00+00:00'
    >>> parse_since("2 days", lambda: datetime(2026, 1, 5, tzinfo=UTC)).day
    3
    """
    try:
        read = datetime.fromisoformat(text)
        return read if read.tzinfo else read.replace(tzinfo=UTC)
    except ValueError:
        pass
    try:
        return now() - timedelta(seconds=parse_quantity(text, "time"))
    except (WrongValueError, OverflowError):
        hint = "Write a date such as `2026-01-05`, or how long ago: `7 days`."
        raise InputError([Problem("--since", 0, 0, f"`{text[:80]}` is no time.", hint)]) from None


def _sorted(workspace: Workspace, runs: list[RunLine], sort: str) -> list[RunLine]:
    """Runs by a column or a measure; those without a value come last."""
    descending, by = sort.startswith("-"), sort.removeprefix("-")
    values: dict[str, Any]
    if by in COLUMNS:
        values = {line.run: getattr(line, by) for line in runs}
    else:
        values = dict(means_of(workspace, [line.run for line in runs], by))
    if runs and not values:
        hint = f"Sort by {', '.join(COLUMNS)} or a measure."
        raise InputError([Problem("--sort", 0, 0, f"No run has a measure `{by}`.", hint)])
    known = [line for line in runs if values.get(line.run) is not None]
    ordered = sorted(known, key=lambda line: values[line.run], reverse=descending)
    return ordered + [line for line in runs if values.get(line.run) is None]
