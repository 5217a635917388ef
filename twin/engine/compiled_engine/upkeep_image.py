"""Upkeep, container holds and nominal times in a program's arrays, beside what `image` lays out."""

from __future__ import annotations

from itertools import accumulate

from twin.engine.compiled_engine.builder import Builder, filled
from twin.engine.compiled_engine.tables import care, chore, head, standing
from twin.engine.program import NONE, FailureMode, Program, Source, Unit
from twin.engine.record import SECOND
from twin.engine.simpy_engine.dispatching import nominal_times_after
from twin.engine.simpy_engine.maintenance import beside
from twin.engine.upkeep import Chore, ContainerHold, Hold, Upkeep


def lay_out(b: Builder) -> None:
    """Lay out the tables of upkeep, of standing containers and of nominal times."""
    program = b.program
    machines = (*program.units, *program.stations)
    families = {each.product: each.family for each in program.recipes}
    b.p[head.UPKEEPS] = sum(each.upkeep is not None for each in machines)
    b.p[head.SOILING] = b.pool(_soiling(program))
    b.p[head.FAMILIES] = b.pool(families.get(n, NONE) for n in range(max(families, default=NONE) + 1))
    b.p[head.NOMINAL_AFTER] = b.pool(nominal_times_after(program.operations))
    cares: list[list[int]] = []
    chores: list[list[int]] = []
    first = 0  # mode of the machine
    for each in machines:
        cares.append(_care(b, each, len(chores)))
        chores += _chores(b, each, first)
        first += len(modes_of(program, each))
    b.p[head.CHORES] = len(chores)
    b.table(head.CARE_PLAN, cares)
    b.table(head.CHORE_PLAN, chores)
    b.table(head.STANDING_PLAN, _standing(b))


def _soiling(program: Program) -> list[int]:
    """Of each operation 1 where units with upkeep serve it, 2 where it has other units as well."""
    served = {number for each in program.units if each.upkeep for number in each.operations}
    operations = enumerate(program.operations)
    return [(1 if len(o.units) == 1 else 2) if number in served else 0 for number, o in operations]


def modes_of(program: Program, unit: Unit) -> tuple[FailureMode, ...]:
    """What keeps a unit from working: its failures, then each maintenance that is done beside a repair."""
    return (*unit.failures, *(beside(program.operations[each.task]) for each in _done_beside(unit)))


def _done_beside(unit: Unit) -> tuple[Chore, ...]:
    """The chores that a unit does beside a repair."""
    chores = unit.upkeep.chores if unit.upkeep is not None and unit.failures else ()
    return tuple(each for each in chores if each.opportunity)


def makes_ready(program: Program, number: int) -> bool:
    """Whether a rule of upkeep changes the stretches of an operation, which is then none that is plain."""
    operation = program.operations[number]
    if operation.cleans != NONE and _is_watched(program, operation.cleans):
        return True
    of_units = [each.upkeep for each in program.units if each.upkeep is not None and number in each.tasks]
    worn = [each.upkeep for each in program.units if each.upkeep is not None and number in each.operations]
    return any(u.changeover is not None and u.changeover.task == number for u in of_units) or any(
        u.wear is not None and u.wear.failure_rate for u in worn
    )


def _care(b: Builder, unit: Unit, chores: int) -> list[int]:
    mine = unit.upkeep
    if mine is None:
        return [0] * care.PLAN
    name, wear, changeover = unit.name, mine.wear, mine.changeover
    times = () if changeover is None else changeover.times
    each_time = [time for row in times for time in row]
    return filled(
        care.PLAN,
        {
            care.CARES: 1,
            care.CHORES_AT: chores,
            care.CHORES_N: len(mine.chores),
            care.HIGHEST: max((each.level for each in mine.chores), default=0),
            care.LAST_PRODUCT: mine.last_product,
            care.CHANGEOVER: NONE if changeover is None else changeover.task,
            care.CHANGE: 0 if changeover is None else changeover.change,
            care.TIMES_AT: b.pool([b.source(time) for time in each_time]),
            care.NOMINALS_AT: b.pool([_nominal(time) for time in each_time]),
            care.TIMES_N: len(times),
            care.WEAR_PER: 0 if wear is None else wear.per,
            care.WEAR_BY_LOTS: int(wear is not None and wear.by_lots),
            care.WEAR: NONE if wear is None else b.real(wear.speed, wear.least, wear.failure_rate),
            care.STATIONS_AT: len(b.program.units) + min(unit.stations, default=0),
            care.STATIONS_N: len(unit.stations),
        }
        | _holds(b, mine, name, chores),
    )


def _holds(b: Builder, mine: Upkeep, name: str, chores: int) -> dict[int, int]:
    """The columns of a unit's hold limits."""

    def columns(hold: Hold | None, word: str) -> tuple[int, int, int]:
        if hold is None:
            return NONE, NONE, NONE
        due = NONE if hold.chore == NONE else chores + hold.chore
        return hold.limit, due, b.entities.number(f"unit/{name}/{word}_violations")

    dirty, clean = columns(mine.dirty_hold, "dirty_hold"), columns(mine.clean_hold, "clean_hold")
    of_dirty = (care.DIRTY_LIMIT, care.DIRTY_CHORE, care.DIRTY_ENTITY)
    of_clean = (care.CLEAN_LIMIT, care.CLEAN_CHORE, care.CLEAN_ENTITY)
    return dict(zip((*of_dirty, *of_clean), (*dirty, *clean), strict=True))


def _nominal(time: Source | None) -> int:
    return 0 if time is None else round(time.mean * SECOND)


def _chores(b: Builder, unit: Unit, first: int) -> list[list[int]]:
    """The rows of a unit's chores; its modes begin with `first`."""
    modes = _done_beside(unit)
    return [
        filled(
            chore.PLAN,
            {
                chore.TASK: each.task,
                chore.LEVEL: each.level,
                chore.CHANGE: each.change,
                chore.BATCHES: each.batches,
                chore.RUNNING: each.running,
                chore.EVERY: each.every,
                chore.IDLE: each.idle,
                chore.OPPORTUNITY: each.opportunity,
                chore.RENEWS_AT: b.pool(each.renews),
                chore.RENEWS_N: len(each.renews),
                chore.REPAIRS_AT: b.pool(each.with_repair_of),
                chore.REPAIRS_N: len(each.with_repair_of),
                chore.RESTORES: b.real(each.restores),
                chore.BESIDE: first + len(unit.failures) + modes.index(each) if each in modes else NONE,
            },
        )
        for each in (() if unit.upkeep is None else unit.upkeep.chores)
    ]


def _is_watched(program: Program, kind: int) -> bool:
    """Whether containers of a kind are cleaned, and may stand for so long only."""
    pool = program.containers[kind]
    held = pool.dirty_hold is not None or pool.clean_hold is not None
    return held and any(each.cleans == kind for each in program.operations)


def _standing(b: Builder) -> list[list[int]]:
    program = b.program
    before = (0, *accumulate(pool.count for pool in program.containers))
    rows = []
    for kind, pool in enumerate(program.containers):
        dirty, clean = pool.dirty_hold, pool.clean_hold
        watched = _is_watched(program, kind)
        again = watched and clean is not None and clean.cleans
        rows.append(
            filled(
                standing.PLAN,
                {
                    standing.WATCHED: int(watched),
                    standing.SINCE_AT: before[kind],
                    standing.DIRTY_LIMIT: NONE if dirty is None else dirty.limit,
                    standing.DIRTY_TAKES: b.source(dirty.takes if dirty and dirty.cleans else None),
                    standing.DIRTY_ENTITY: _violations(b, pool.name, dirty if watched else None, "dirty"),
                    standing.CLEAN_LIMIT: NONE if clean is None else clean.limit,
                    standing.CLEAN_AGAIN: int(again),
                    standing.CLEAN_TAKES: b.source(clean.takes if clean else None),
                    standing.CLEAN_ENTITY: _violations(b, pool.name, clean if watched else None, "clean"),
                },
            )
        )
    return rows


def _violations(b: Builder, name: str, hold: ContainerHold | None, word: str) -> int:
    return NONE if hold is None else b.entities.number(f"container/{name}/{word}_hold_violations")
