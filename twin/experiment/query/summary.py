"""What a measure is at each value of an axis, averaged over the sweep's other axes, with its interval.

Points of a sweep share their random numbers replication by replication, so replications, not points, are the
independent sample: a level's points are averaged within each replication first, and the Student interval is
taken over these averages. A replication in which one of the level's points gave no value is left out, and `n`
says how many were used. An axis with many values is cut into groups of equally many points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from twin.experiment.query.connection import identifier, opened
from twin.experiment.query.points import chosen_measures, interval_of
from twin.experiment.query.stored import StoredSweep
from twin.experiment.statistics import Interval
from twin.plant.errors import InputError, Problem
from twin.plant.sentences import did_you_mean

MOST_VALUES = 50  # of an axis, before it is cut into groups
GROUPS = 10


@dataclass(frozen=True)
class Level:
    """A measure at a value of each axis asked for (a pair, from and to, where values were grouped): the
    interval of the mean over its points, and the lowest and highest mean of a point.
    """

    measure: str
    values: tuple[Any, ...]
    points: int
    interval: Interval
    lowest: float | None
    highest: float | None


def summarise(
    sweep: StoredSweep,
    *,
    by: Sequence[str] = (),
    measures: Sequence[str] | None = None,
    groups: int | None = None,
) -> list[Level]:
    """Levels of the axes `by`, jointly, in their order, for each measure; one level where no axis is named.

    Args:
        sweep: whose.
        by: names of axes.
        measures: names or patterns; default as in `list_points`.
        groups: into how many groups of equally many points a numeric axis is cut; default: none up to
            `MOST_VALUES` values, else `GROUPS`.

    Raises:
        InputError: a name that the sweep does not have, or a file is damaged.
    """
    for name in by:
        if name not in sweep.axes:
            hint = did_you_mean(name, sweep.axes)
            raise InputError([Problem("--by", 0, 0, f"The sweep has no axis `{name}`.", hint)])
    chosen = chosen_measures(sweep, measures)
    with opened(sweep.tables()) as database:
        for k, name in enumerate(by):
            _cut(database, sweep, name, k, groups)
        keys = "".join(f", c{k}.low as l{k}, c{k}.high as h{k}, c{k}.place as o{k}" for k in range(len(by)))
        joins = "".join(
            f" join cut{k} c{k} on p.{identifier(name)} is not distinct from c{k}.own"
            for k, name in enumerate(by)
        )
        database.execute(f"create temp table chosen as select p.point{keys} from points p{joins}")
        return [level for name in chosen for level in _levels(database, sweep, name, len(by))]


def _levels(database: Any, sweep: StoredSweep, measure: str, axes: int) -> list[Level]:
    """One measure's levels."""
    keys = [f"l{k}" for k in range(axes)]
    listed = "".join(f", {key}" for key in keys)
    grouped = f" group by {', '.join(keys)}" if keys else ""
    same = "".join(f" and s.{key} is not distinct from r.{key}" for key in keys)
    order = ", ".join([*(f"o{k}" for k in range(axes)), "points"])
    ends = "".join(f", any_value(h{k}) as h{k}, min(o{k}) as o{k}" for k in range(axes))
    values = "".join(f", s.l{k}, s.h{k}" for k in range(axes))
    value = identifier(measure)
    rows = database.execute(
        f"""
        with sizes as (select count(*) as points{listed}{ends} from chosen{grouped}),
        of_points as (select avg({value}) as mean{listed} from results join chosen using (point)
                      group by point{listed}),
        ends as (select min(mean) as low, max(mean) as high{listed} from of_points{grouped}),
        of_replications as (select avg({value}) as mean, count({value}) as k{listed}
                            from results join chosen using (point) group by replication{listed}),
        whole as (select r.mean{"".join(f", r.{key}" for key in keys)} from of_replications r join sizes s
                  on r.k = s.points{same}),
        found as (select avg(mean) as mean, stddev_samp(mean) as deviation, count(mean) as n{listed}
                  from whole{grouped})
        select s.points, r.mean, r.deviation, r.n, e.low, e.high{values}
        from sizes s left join found r on true{same}
        left join ends e on true{same.replace("r.", "e.")}
        order by {order}
        """
    ).fetchall()
    return [
        Level(measure, _values(rest), points, interval_of(mean, deviation, n, sweep.level), low, high)
        for points, mean, deviation, n, low, high, *rest in rows
    ]


def _values(ends: Sequence[Any]) -> tuple[Any, ...]:
    """A value of each axis; a pair where values were grouped."""
    pairs = zip(ends[::2], ends[1::2], strict=True)
    return tuple(low if low == high else (low, high) for low, high in pairs)


def _cut(database: Any, sweep: StoredSweep, name: str, k: int, groups: int | None) -> None:
    """Make the table `cut<k>`: a row for each value of an axis (`own`), its group's ends and place."""
    column = identifier(name)
    if name in sweep.text_axes:
        own = f"select {column} as own, min(point) as place from points group by own"
        database.execute(
            f"create temp table cut{k} as select own, own as low, own as high, place from ({own})"
        )
        return
    (different,) = database.execute(f"select count(distinct {column}) from points").fetchone()
    count = groups or (different if different <= MOST_VALUES else GROUPS)
    distinct = f"select distinct {column} as own from points"
    parted = f"select own, ntile({int(count)}) over (order by own) as place from ({distinct})"
    database.execute(
        f"create temp table cut{k} as select own, min(own) over (partition by place) as low, "
        f"max(own) over (partition by place) as high, place from ({parted})"
    )
