"""Reads the log of a tablet press, batch by batch: running, stops, start-up and waste.

This is where the traps of such logs are dealt with: counters that fall to zero or stick, rows without values,
week-ends that look like very long stops, columns that hold another column's values. It fits nothing; `fit.py`
does, from what `read_press_log` gives. Seconds and tablets throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
StopKind = Literal["start_up", "production", "calendar"]

START_UP_RUNNING = 600.0  # s of running that count as start-up: the first ten minutes
CALENDAR_STOP = 4 * 3600.0  # s; the longest technical stop of product 3 lasted 80 min
NIGHT = (2, 4)  # hours of the clock that a calendar stop covers: nobody is there
COUNTER_STUCK = 5_000.0  # tablets made without the counter of thousands moving
THOUSAND = 1000.0
HOUR = 3600.0
COLUMNS = ("timestamp", "campaign", "batch", "code", "tbl_speed", "produced", "waste")


@dataclass(frozen=True)
class PressSeries:
    """The rows of one batch that hold values, in order of time; arrays of shape (rows,)."""

    product: int
    campaign: int
    batch: int
    start: datetime  # of the first row, plant's local time
    time: Floats  # s since `start`
    speed: Floats  # tablets/s, 0 while stopped
    produced: Floats  # counter: good tablets so far
    waste: Floats  # counter: rejected tablets so far
    row_time: float  # s between rows
    empty_rows: int  # rows left out because they held no values


@dataclass(frozen=True)
class Stop:
    """A time without a tablet inside a batch: from the first row at rest to the next running row."""

    began: datetime
    length: float  # s
    running_before: float  # s of running in this batch until the stop
    kind: StopKind
    waste: float  # tablets rejected from this stop to the next, or to the end; nan where the counter is stuck


@dataclass(frozen=True)
class PressBatch:
    """What one batch did on the press. Durations in s, speeds in tablets/s, amounts in tablets."""

    product: int
    campaign: int
    batch: int
    started: datetime  # of the first running row
    compression_time: float  # from the first to the last running row, both counted: running and stopped
    running_time: float  # of the rows that run
    planned_speed: float  # the speed held in most running rows: the set point
    speed_held: float  # fraction of running rows within 1 % of it
    pressed: float  # speed integrated over running time
    stops: tuple[Stop, ...]
    start_up_time: float  # from the first running row until ten minutes have been run
    start_up_waste: float
    waste: float  # in all; where the counter sticks, until then
    produced: float  # good tablets; where the counter sticks, pressed less waste
    counter_stuck: bool

    def of_kind(self, kind: StopKind) -> tuple[Stop, ...]:
        """The stops of one kind, in order of time."""
        return tuple(stop for stop in self.stops if stop.kind == kind)

    def stopped(self, kind: StopKind) -> float:
        """Time in stops of one kind, in s."""
        return sum(stop.length for stop in self.of_kind(kind))

    @property
    def running_fraction(self) -> float:
        """Running time over compression time."""
        return self.running_time / self.compression_time

    @property
    def working_time(self) -> float:
        """Compression time without calendar stops, in s."""
        return self.compression_time - self.stopped("calendar")

    @property
    def production_waste(self) -> float:
        """Waste after start-up, in tablets; nan where the counter is stuck."""
        return float("nan") if self.counter_stuck else self.waste - self.start_up_waste


@dataclass(frozen=True)
class PressLog:
    """A press's batches in order of time, and what was wrong with the file."""

    batches: tuple[PressBatch, ...]
    empty_rows: int
    copied_columns: tuple[tuple[str, str], ...]  # pairs of which the first only repeats the second

    def campaigns(self) -> tuple[int, ...]:
        """Campaign numbers in order of time."""
        return tuple(dict.fromkeys(batch.campaign for batch in self.batches))


def read_press_log(path: str | Path) -> PressLog:
    """Read a press series (`;`-separated, gzipped or not) and describe each batch.

    Raises `OSError` where the file cannot be read and `ValueError` where a column is missing or a batch has
    no start-up.
    """
    frame = pd.read_csv(path, sep=";", parse_dates=["timestamp"])
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise ValueError(
            f"{path}: columns {', '.join(missing)} are missing; a press series has {', '.join(COLUMNS)}."
        )
    series = split_batches(frame)
    return PressLog(
        batches=tuple(describe_batch(rows) for rows in series),
        empty_rows=sum(rows.empty_rows for rows in series),
        copied_columns=copied_columns(frame, (("fom", "tbl_fill"),)),
    )


def copied_columns(frame: pd.DataFrame, pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Those pairs of columns that hold the same value in every row: the first is not a measurement."""
    present = [(a, b) for a, b in pairs if a in frame.columns and b in frame.columns]
    return tuple((a, b) for a, b in present if bool((frame[a] == frame[b]).all()))


def split_batches(frame: pd.DataFrame) -> tuple[PressSeries, ...]:
    """Cut a press series into batches, leaving out rows without values, in SI units."""
    batches = []
    for _, rows in frame.groupby("batch", sort=False):
        whole = rows.dropna(subset=["tbl_speed", "produced", "waste"])
        stamps = whole["timestamp"].to_numpy().astype("datetime64[ms]")
        time = (stamps - stamps[0]).astype(np.float64) / THOUSAND
        batches.append(
            PressSeries(
                product=int(whole["code"].iloc[0]),
                campaign=int(whole["campaign"].iloc[0]),
                batch=int(whole["batch"].iloc[0]),
                start=stamps[0].astype(datetime),
                time=time,
                speed=whole["tbl_speed"].to_numpy(np.float64) * THOUSAND / HOUR,
                produced=whole["produced"].to_numpy(np.float64) * THOUSAND,
                waste=whole["waste"].to_numpy(np.float64),
                row_time=float(np.median(np.diff(time))),
                empty_rows=len(rows) - len(whole),
            )
        )
    return tuple(batches)


def accumulate(counter: Floats) -> Floats:
    """Undo falls of a counter: the sum of its rises, never falling; shape (rows,).

    A counter that falls to zero at the end of a batch keeps its maximum; one that counts on adds up.
    """
    rises = np.maximum(np.diff(counter, prepend=counter[0]), 0.0)
    return np.asarray(counter[0] + np.cumsum(rises), dtype=np.float64)


def row_of_sticking(produced: Floats, made: Floats) -> int | None:
    """Row after which the counter sticks though tablets are `made` (cumulative); none: it counts."""
    last_rise = int(np.flatnonzero(np.diff(produced, prepend=-1.0) > 0)[-1])
    return last_rise if made[-1] - made[last_rise] > COUNTER_STUCK else None


def describe_batch(rows: PressSeries) -> PressBatch:
    """Describe one batch, from its first to its last running row.

    Raises `ValueError` where it never runs for the ten minutes of a start-up.
    """
    running_rows = np.flatnonzero(rows.speed > 0)
    if len(running_rows) * rows.row_time < START_UP_RUNNING:
        raise ValueError(f"Batch {rows.batch} runs less than ten minutes: it has no start-up to describe.")
    inside = slice(int(running_rows[0]), int(running_rows[-1]) + 1)
    time, speed = rows.time[inside], rows.speed[inside]
    began = rows.start + timedelta(seconds=float(time[0]))
    running = speed > 0
    ran: Floats = np.cumsum(running, dtype=np.float64) * rows.row_time
    made: Floats = np.cumsum(speed) * rows.row_time
    waste_in_all, produced = accumulate(rows.waste), accumulate(rows.produced)[inside]
    waste = waste_in_all[inside]
    stuck = row_of_sticking(produced, made)
    start_up_end = int(np.flatnonzero(ran >= START_UP_RUNNING)[0])
    planned = _most_common(speed[running])
    return PressBatch(
        product=rows.product,
        campaign=rows.campaign,
        batch=rows.batch,
        started=began,
        compression_time=float(time[-1] - time[0]) + rows.row_time,
        running_time=float(ran[-1]),
        planned_speed=planned,
        speed_held=float(np.mean(np.abs(speed[running] / planned - 1) < 0.01)),
        pressed=float(made[-1]),
        stops=_stops(began, time - time[0], running, ran, waste, start_up_end, stuck),
        start_up_time=float(time[start_up_end] - time[0]) + rows.row_time,
        start_up_waste=float(waste[start_up_end]),
        waste=float(waste_in_all[-1]),
        produced=float(produced[-1] if stuck is None else made[-1] - waste_in_all[-1]),
        counter_stuck=stuck is not None,
    )


def _most_common(speed: Floats) -> float:
    """The speed that most rows hold, to a tenth of a thousand tablets an hour."""
    values, counts = np.unique(np.round(speed * HOUR / 100), return_counts=True)
    return float(values[np.argmax(counts)]) * 100 / HOUR


def _stops(
    began: datetime,
    time: Floats,
    running: NDArray[np.bool_],
    ran: Floats,
    waste: Floats,
    start_up_end: int,
    stuck: int | None,
) -> tuple[Stop, ...]:
    """The stops of a batch, each with its kind; arrays of shape (rows,), first and last row running."""
    change = np.diff(running.astype(np.int8))
    first_at_rest = np.flatnonzero(change == -1) + 1
    next_running = np.flatnonzero(change == 1) + 1
    until = np.append(first_at_rest[1:], len(time) - 1) if len(first_at_rest) else first_at_rest
    stops = []
    for rest, again, end in zip(first_at_rest, next_running, until, strict=True):
        start, length = began + timedelta(seconds=float(time[rest])), float(time[again] - time[rest])
        counted = stuck is None or end <= stuck
        stops.append(
            Stop(
                began=start,
                length=length,
                running_before=float(ran[rest]),
                kind=_kind(start, length, bool(rest <= start_up_end)),
                waste=float(waste[end] - waste[rest]) if counted else float("nan"),
            )
        )
    return tuple(stops)


def _kind(start: datetime, length: float, in_start_up: bool) -> StopKind:
    """Tell a stop's kind: the calendar's is long and covers a night; the others by where they lie."""
    if length >= CALENDAR_STOP and covers_night(start, length):
        return "calendar"
    return "start_up" if in_start_up else "production"


def covers_night(start: datetime, length: float) -> bool:
    """Does a stop of `length` s from `start` cover a whole night, 02:00 to 04:00?"""
    end = start + timedelta(seconds=length)
    midnight = datetime.combine(date(start.year, start.month, start.day), datetime.min.time())
    nights = (midnight + timedelta(days=day) for day in range(2))
    return any(
        start <= n + timedelta(hours=NIGHT[0]) and n + timedelta(hours=NIGHT[1]) <= end for n in nights
    )
