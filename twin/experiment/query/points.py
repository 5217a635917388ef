"""The points of a sweep with their intervals: filtered, sorted, limited. One query over its Parquet files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import duckdb

from twin.experiment.catalogue import HEADLINES
from twin.experiment.query.conditions import Condition
from twin.experiment.query.connection import identifier, opened
from twin.experiment.query.stored import StoredSweep
from twin.experiment.statistics import Interval, student_quantile
from twin.experiment.wanted import measured_in
from twin.plant.errors import InputError, Problem
from twin.plant.sentences import did_you_mean
from twin.plant.units import WrongValueError

SHOWN = ("throughput", "lead_time_mean", "wip_mean")


@dataclass(frozen=True)
class PointLine:
    """A point of a sweep: its settings by axis, and the interval of each measure asked for."""

    point: int
    label: str
    run: str
    settings: dict[str, Any]
    intervals: dict[str, Interval]


@dataclass(frozen=True)
class Points:
    """The lines asked for, of `total` points that meet the conditions."""

    lines: tuple[PointLine, ...]
    total: int


def list_points(
    sweep: StoredSweep,
    *,
    measures: Sequence[str] | None = None,
    where: Sequence[Condition] = (),
    sort: str | None = None,
    limit: int | None = None,
    point: int | None = None,
) -> Points:
    """The points of a sweep, each measure's mean over its replications with its Student interval.

    Args:
        sweep: whose.
        measures: names or patterns; default: throughput, lead time and lots in the plant.
        where: conditions on axes and on measures' means, in SI.
        sort: an axis, a measure, `point` or `label`; with a `-` before it the largest first.
        limit: how many lines; default: all.
        point: only this one.

    Raises:
        InputError: a name that the sweep does not have, or a file is damaged.
    """
    chosen = chosen_measures(sweep, measures)
    descending, by = (sort or "point").startswith("-"), (sort or "point").removeprefix("-")
    named = [name for name in (by, *(c.name for c in where)) if name in sweep.measures]
    needed = list(dict.fromkeys([*chosen, *named]))
    where_sql, values = _where(sweep, where, needed)
    if point is not None:
        where_sql, values = f"{where_sql} and p.point = ?", [*values, point]
    order = f"{_column(sweep, by, needed)} {'desc' if descending else 'asc'} nulls last, p.point"
    source = f"{_means(needed)} where {where_sql}"
    settings = "".join(f", p.{identifier(name)}" for name in sweep.axes)
    shown = "".join(f", a{k}, s{k}, n{k}" for k in range(len(chosen)))
    limited = "" if limit is None else f" limit {int(limit)}"
    with opened(sweep.tables()) as database:
        rows = database.execute(
            f"select p.point, p.label, p.run{settings}{shown} {source} order by {order}{limited}", values
        ).fetchall()
        total = len(rows) if limit is None else _count(database, source, values)
    return Points(tuple(_line(row, sweep, chosen) for row in rows), total)


def _means(needed: Sequence[str]) -> str:
    """SQL of the points with mean, deviation and count of each measure: `a0`, `s0`, `n0`, `a1`, …"""
    parts = "".join(
        f", avg({identifier(n)}) a{k}, stddev_samp({identifier(n)}) s{k}, count({identifier(n)}) n{k}"
        for k, n in enumerate(needed)
    )
    return f"from points p left join (select point{parts} from results group by point) m on p.point = m.point"


def chosen_measures(sweep: StoredSweep, patterns: Sequence[str] | None) -> list[str]:
    """Measures of the sweep that are asked for; raises InputError for a pattern that fits none."""
    if patterns is None:
        shown = [name for name in SHOWN if name in sweep.measures]
        return shown or [name for name in sweep.measures if name in HEADLINES][:3] or sweep.measures[:3]
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in sweep.measures):
            raise _unknown("--measure", pattern, sweep.measures)
    return [name for name in sweep.measures if any(fnmatchcase(name, pattern) for pattern in patterns)]


def interval_of(mean: float | None, deviation: float | None, n: int | None, level: float) -> Interval:
    """Student interval of a mean with the standard deviation of its `n` values."""
    if not n or mean is None:
        return Interval(None, None, None, level, 0)
    if n == 1 or deviation is None:
        return Interval(mean, None, None, level, n)
    reach = student_quantile(n - 1, level) * deviation / n**0.5
    return Interval(mean, mean - reach, mean + reach, level, n)


def _line(row: Sequence[Any], sweep: StoredSweep, chosen: Sequence[str]) -> PointLine:
    point, label, run = row[:3]
    settings = dict(zip(sweep.axes, row[3:], strict=False))
    rest = row[3 + len(sweep.axes) :]
    intervals = {
        name: interval_of(rest[3 * k], rest[3 * k + 1], rest[3 * k + 2], sweep.level)
        for k, name in enumerate(chosen)
    }
    return PointLine(point, label, run, settings, intervals)


def _where(sweep: StoredSweep, where: Sequence[Condition], needed: Sequence[str]) -> tuple[str, list[Any]]:
    """SQL of the conditions and its parameters. Raises InputError where a text is to be larger or smaller."""
    parts, values = ["true"], list[Any]()
    for condition in where:
        column = _column(sweep, condition.name, needed)
        sign = "<>" if condition.sign == "!=" else condition.sign
        is_text = condition.name in (*sweep.text_axes, "label", "run")
        if is_text and sign not in ("=", "<>"):
            message = f"`{condition.name}` is text in this sweep: it is only `=` or `!=` something."
            raise InputError([Problem("--where", 0, 0, message)])
        unit = sweep.unit_of_axis(condition.name) if condition.name in sweep.axes else ""
        parts.append(f"{column} {sign} ?")
        values.append(condition.text if is_text else _number_of(condition, unit))
    return " and ".join(parts), values


def _number_of(condition: Condition, unit: str) -> float:
    """What a number is compared with, in SI; of an axis it is of the axis' kind. Raises InputError."""
    if condition.number is not None and not unit:
        return condition.number
    try:
        return measured_in(condition.text, unit)
    except WrongValueError as wrong:
        message = f"`{condition.name}` {wrong.predicate}."
        raise InputError([Problem("--where", 0, 0, message, wrong.hint)]) from None


def _column(sweep: StoredSweep, name: str, needed: Sequence[str]) -> str:
    """SQL of a name of an axis, a measure or a column of the points; raises InputError for another one."""
    if name in sweep.axes or name in ("point", "label", "run"):
        return f"p.{identifier(name)}"
    if name in needed:
        return f"a{list(needed).index(name)}"
    raise _unknown("--where/--sort", name, [*sweep.axes, *sweep.measures])


def _count(database: duckdb.DuckDBPyConnection, source: str, values: Sequence[Any]) -> int:
    row = database.execute(f"select count(*) {source}", values).fetchone()
    return 0 if row is None else int(row[0])


def _unknown(flag: str, name: str, known: Sequence[str]) -> InputError:
    hint = did_you_mean(name, known) or "`twin results show SWEEP` lists its axes and measures."
    return InputError([Problem(flag, 0, 0, f"The sweep has no axis and no measure `{name}`.", hint)])
