"""From the times of a line to the rows of the record, those that the SimPy engine writes.

Where the recursion cannot know how the reference numbers the causes of blocking, because rounds of an instant
or the order of looks at one instant decide, `record_of` declines; the times are right all the same.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twin.engine.lines.passage import LOST, Passage, Stage
from twin.engine.lines.recursion import LIMITED
from twin.engine.program import NONE
from twin.engine.record import OUTCOMES, STATES, Record
from twin.engine.recorder import NEVER, NULL, Recorder

Integers = npt.NDArray[np.int64]

_PRODUCING, _BLOCKED, _STARVED = (STATES.index(s) for s in ("producing", "blocked", "starved"))
_DONE, _LOST, _OPEN = (OUTCOMES.index(s) for s in ("done", "lost", "open"))


def record_of(passage: Passage) -> Record | None:
    """The record of a replication, or none where only the reference engine can number its causes."""
    if passage.at_once:
        return None
    causes = _causes(passage)
    if causes is None:
        return None
    program = passage.tables.program
    recorder = Recorder(program, passage.replication)
    for storage in causes:
        recorder.cause(program.storages[storage].name)
    recorder.orders = passage.order.tolist()
    _write_due(passage, recorder)
    _write_states(passage, recorder)
    _write_lots(passage, recorder)
    _write_levels(passage, recorder)
    return recorder.record(passage.end)


def _write_due(passage: Passage, recorder: Recorder) -> None:
    """When each lot is due."""
    orders = passage.tables.program.orders
    if all(line.due is None for line in orders):
        return
    for lot, (order, time) in enumerate(zip(passage.order.tolist(), passage.released.tolist(), strict=True)):
        due = orders[order].due
        if due is not None:
            recorder.due[lot] = due if orders[order].due_is_a_date else time + due


def _causes(passage: Passage) -> list[int] | None:
    """Storages in the order in which a unit was first shown to wait for a place in them; none: in doubt.

    A lot that is done is handed on before anything starts at that instant, so that its unit shows blocked
    even where a place becomes free at once; units are looked at in file order. A unit that blocks before
    service is looked at among the starts, where it is open which of two at one instant comes first.
    """
    first = _behind_releases(passage)  # when, unit, storage
    doubt: dict[int, int] = {}
    among_starts = set()
    for stage in passage.stages:
        for place, row in _limited(stage):
            unit, storage = stage.tables.segment.units[place], stage.tables.segment.storages[row][place + 1]
            if stage.tables.before[place]:
                among_starts.add(storage)
                shown, perhaps = _shown_before(stage, place, storage, passage.end)
                doubt.update((storage, time) for time in perhaps)
            else:
                shown = _shown_after(stage, place, row, storage, passage.end)
            first += [(time, unit, storage) for time in shown]
    earliest: dict[int, int] = {}
    for time, _, storage in sorted(first):
        earliest.setdefault(storage, time)
    if any(time <= earliest.get(storage, time) for storage, time in doubt.items()):
        return None
    if among_starts & set(earliest) and len(set(earliest.values())) < len(earliest):
        return None
    return list(earliest)  # in order of time, then of units


def _limited(stage: Stage) -> list[tuple[int, int]]:
    """Places of a segment before a limited storage, with the recipes that wait in it."""
    room = stage.tables.room
    return [(p, r) for p in range(room.shape[1] - 1) for r in range(len(room)) if room[r, p + 1] == LIMITED]


def _behind_releases(passage: Passage) -> list[tuple[int, int, int]]:
    """When, where and for which storage a lot waits behind those that come in at the same instant.

    They ask for their places first, even in a storage without a limit.
    """
    program = passage.tables.program
    recipes = [line.recipe for line in program.orders]
    asked = np.array([program.operations[program.recipes[r].first].storage for r in recipes])[passage.order]
    found = []
    for stage in passage.stages:
        segment, finished = stage.tables.segment, stage.moments[2, :, -1]
        for row, operations in enumerate(segment.operations):
            following = program.operations[operations[-1]].next
            storage = NONE if following == NONE else program.operations[following].storage
            if storage >= 0:
                mine = (stage.recipe == row) & (finished <= passage.end)
                behind = mine & np.isin(finished, passage.released[asked == storage])
                found += [(time, segment.units[-1], storage) for time in _first(finished[behind])]
    return found


def _shown_before(stage: Stage, place: int, storage: int, end: int) -> tuple[list[int], list[int]]:
    """When a unit that blocks before service first waits for a place for sure, and when it perhaps does."""
    there, started = stage.moments[0, :, place], stage.moments[1, :, place]
    inside = there <= end
    perhaps = _frees(stage, place, storage) == there
    return _first(there[inside & (started > there)]), _first(there[inside & perhaps])


def _shown_after(stage: Stage, place: int, row: int, storage: int, end: int) -> list[int]:
    """When a unit that blocks after service is first shown to wait for a place."""
    finished = stage.moments[2, :, place]
    mine = (stage.recipe == row) & (finished <= end)
    return _first(finished[mine & (_frees(stage, place, storage) >= finished)])


def _first(times: Integers) -> list[int]:
    return [int(times.min())] if len(times) else []


def _frees(stage: Stage, place: int, storage: int) -> Integers:
    """For each lot when the place in the storage behind unit `place` becomes free that it is to take."""
    segment = stage.tables
    waits_here = np.array([row[place + 1] == storage for row in segment.segment.storages])
    uses = waits_here[stage.recipe] & (stage.entered != LOST)
    number = int(segment.storage[waits_here, place + 1][0])
    room = int(segment.first[number + 1] - segment.first[number])
    starts = stage.moments[1, uses, place + 1]
    free = np.full(len(stage.lots), -1, dtype=np.int64)
    free[np.flatnonzero(uses)[room:]] = starts[:-room]
    return free


def _write_states(passage: Passage, recorder: Recorder) -> None:
    """Rows of `states`, those that the horizon cuts last."""
    program, end = passage.tables.program, passage.end
    idle = set(range(len(program.units)))
    rows: list[Integers] = []
    for stage in passage.stages:
        for place, unit in enumerate(stage.tables.segment.units):
            rows.append(_unit_rows(stage, place, unit, recorder))
            idle.remove(unit)
    rows += [np.array([[u, _STARVED, 0, NEVER, NULL, NULL, NULL]], dtype=np.int64) for u in sorted(idle)]
    made = np.concatenate(rows)
    cut = (made[:, 3] > end) & (program.horizon is not None)
    made[:, 2:4] = np.minimum(made[:, 2:4], end)
    some = made[:, 3] > made[:, 2]
    closed, open_ = made[some & ~cut], made[some & cut]
    recorder.states = [tuple(row) for row in np.concatenate([closed, open_]).tolist()]
    if program.horizon is not None:
        recorder.cut_from = len(closed)


def _unit_rows(stage: Stage, place: int, unit: int, recorder: Recorder) -> Integers:
    """Rows of one unit in order, those without a length among them, and the last one without an end."""
    passed = stage.entered != LOST
    lots, recipe = stage.lots[passed], stage.recipe[passed]
    there, started, finished, left = stage.moments[:, passed, place]
    segment = stage.tables.segment
    operation = np.array([row[place] for row in segment.operations], dtype=np.int64)[recipe]
    behind = np.array([_cause(stage, row, place, recorder) for row in range(len(segment.recipes))])[recipe]
    count = len(lots)
    rows = np.full((4 * count + 1, 7), NULL, dtype=np.int64)
    rows[:, 0] = unit
    since = np.concatenate([[0], left])
    for part, (state, begins, ends) in enumerate(
        (
            (_STARVED, since[:-1], there),
            (_BLOCKED, there, started),
            (_PRODUCING, started, finished),
            (_BLOCKED, finished, left),
        )
    ):
        mine = rows[part : 4 * count : 4]
        mine[:, 1], mine[:, 2], mine[:, 3] = state, begins, ends
        if part >= 2:
            mine[:, 4], mine[:, 5] = lots, operation
        if state == _BLOCKED:
            mine[:, 6] = behind
    rows[4 * count, 1:4] = _STARVED, since[-1], NEVER
    return rows


def _cause(stage: Stage, row: int, place: int, recorder: Recorder) -> int:
    """The cause of waiting for a place behind a unit: the storage's number among causes, or none."""
    storages = stage.tables.segment.storages[row]
    if place + 1 == len(storages) or stage.tables.room[row, place + 1] != LIMITED:
        return NULL
    known = dict(recorder.causes())
    return known.get(recorder.program.storages[storages[place + 1]].name, NULL)


def _write_lots(passage: Passage, recorder: Recorder) -> None:
    """Rows of `lots`: a visit of each lot to each operation that it has come to."""
    program, end = passage.tables.program, passage.end
    quantity = np.array([program.recipes[line.recipe].quantity for line in program.orders], dtype=np.int64)
    rows = []
    for stage in passage.stages:
        arrived = stage.come
        there = arrived <= end
        for place, unit in enumerate(stage.tables.segment.units):
            rows.append(_visits(stage, place, unit, arrived, end)[there])
            arrived = stage.moments[3, :, place]
            there = there & (arrived <= end) & (stage.entered != LOST)
    made = np.concatenate(rows)
    made[:, 9] = quantity[passage.order[made[:, 0]]]
    recorder.lots = [tuple(row) for row in made.tolist()]


def _visits(stage: Stage, place: int, unit: int, arrived: Integers, end: int) -> Integers:
    """The row of each lot's visit to a unit, as far as it has come at `end`."""
    _, started, finished, left = stage.moments[:, :, place]
    operation = np.array([row[place] for row in stage.tables.segment.operations], dtype=np.int64)
    lost = stage.entered == LOST
    rows = np.zeros((len(stage.lots), 11), dtype=np.int64)
    rows[:, 0], rows[:, 1] = stage.lots, operation[stage.recipe]
    rows[:, 3] = np.where(started <= end, unit, NULL)
    rows[:, 4] = arrived
    for column, moment in ((5, started), (6, finished), (7, left)):
        rows[:, column] = np.where(moment <= end, moment, NULL)
    rows[:, 8] = np.where(finished <= end, _DONE, _OPEN)
    rows[lost, 7], rows[lost, 8] = arrived[lost], _LOST
    return rows


def _write_levels(passage: Passage, recorder: Recorder) -> None:
    """Rows of `levels`: lots in the plant, and in each storage."""
    program, end = passage.tables.program, passage.end
    storages = [recorder.entity(f"storage/{storage.name}") for storage in program.storages]
    work_in_process = recorder.entity("wip")
    out = np.where(passage.lost, passage.released, passage.out)
    rows = [_steps(work_in_process, passage.released, out, end)]
    for entity, storage in zip(storages, range(len(program.storages)), strict=True):
        into, from_ = _stored(passage, storage)
        rows.append(_steps(entity, into, from_, end))
    recorder.levels = [tuple(row) for row in np.concatenate(rows).tolist()]


def _stored(passage: Passage, storage: int) -> tuple[Integers, Integers]:
    """When lots come into a storage, and when they are taken out."""
    into, out = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for stage in passage.stages:
        passed = stage.entered != LOST
        for row, storages in enumerate(stage.tables.segment.storages):
            mine = passed & (stage.recipe == row)
            for place, number in enumerate(storages):
                if number == storage:
                    arrived = stage.entered if place == 0 else stage.moments[3, :, place - 1]
                    into.append(arrived[mine])
                    out.append(stage.moments[1, mine, place])
    return np.concatenate(into), np.concatenate(out)


def _steps(entity: int, up: Integers, down: Integers, end: int) -> Integers:
    """A level from 0 at time 0 that goes up and down by one at these times, as far as `end`."""
    up, down = np.sort(up[up <= end]), np.sort(down[down <= end])
    times = np.unique(np.concatenate([[0], up, down]))
    level = np.searchsorted(up, times, side="right") - np.searchsorted(down, times, side="right")
    return np.column_stack([np.full(len(times), entity), times, level]).astype(np.int64)
