"""A program as two arrays: integers `p` and reals `q`, in the tables that `tables/` describes.

Made once for all replications, in a `builder` of arrays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twin.engine.broker import PlannedOperation, physics_plan
from twin.engine.compiled_engine import (
    flows_image,
    image_quality,
    materials_image,
    parts_image,
    physics_image,
    transport_image,
    upkeep_image,
)
from twin.engine.compiled_engine.builder import Builder, filled
from twin.engine.compiled_engine.tables import (
    calendar,
    container,
    demand,
    head,
    mode,
    needs,
    operation,
    order,
    phase,
    pool,
    recipe,
    service,
    shift,
    source,
    storage,
    unit,
)
from twin.engine.compiled_engine.upkeep_image import makes_ready, modes_of
from twin.engine.draws import source_hash
from twin.engine.program import (
    NONE,
    RUNNING,
    WHOLE,
    FailureMode,
    Operation,
    Pool,
    Program,
    Source,
    Unit,
)
from twin.engine.quality import REWORK_LATE
from twin.engine.rules.dispatching import FIFO, HOT
from twin.engine.simpy_engine.hours import longest_closed
from twin.engine.simpy_engine.stretches import Required, is_plain, needs_nothing, required_by_stretch
from twin.engine.simpy_engine.stuck import PATIENCE

LOW_WORD = 0xFFFFFFFF


@dataclass(frozen=True)
class Image:
    """A program's arrays, and what its numbers stand for."""

    program: Program
    integers: npt.NDArray[np.int64]
    reals: npt.NDArray[np.float64]
    causes: tuple[str, ...]
    entities: tuple[str, ...]
    sources: tuple[Source, ...]
    attributes: tuple[str, ...]  # that lots carry
    row_attributes: tuple[str, ...]  # columns of `lots`
    ahead: dict[int, int]  # operations whose physics is computed ahead, numbered
    early: tuple[int, ...]  # operations whose lots are asked about while they wait
    plan: tuple[PlannedOperation, ...]  # of all operations with physics

    @property
    def attribute_columns(self) -> list[int]:
        """Where the program's attributes stand among the columns of `lots`."""
        return [self.row_attributes.index(name) for name in self.program.attributes]

    def gives(self, number: int) -> tuple[str, ...]:
        """The attributes that the physics of an operation gives to lots."""
        call = self.program.operations[number].physics
        assert call is not None
        return tuple(quantity.name for quantity in call.model.attributes)


def image(program: Program) -> Image:
    """Lay out a program's tables."""
    b = Builder(program)
    attributes = lot_attributes(program)
    row_attributes = (*attributes, *(n for n in program.attributes if n not in attributes))
    _head(b, attributes, row_attributes)
    of_machines = [modes_of(program, each) for each in _machines(program)]
    modes = [(m, u, k) for u, each in enumerate(of_machines) for k, m in enumerate(each)]
    plan = physics_plan(program)
    b.ahead = {number: k for k, number in enumerate(physics_image.ahead_operations(plan))}
    operations = [_operation(b, number) for number in range(len(program.operations))]
    image_quality.lay_out(b, attributes, row_attributes)
    b.table(head.PHASE_PLAN, _phases(b))
    b.table(head.UNIT_PLAN, _units(b))
    b.table(head.OPERATION_PLAN, operations)
    b.table(head.SERVICE_PLAN, b.services)
    b.table(head.STORAGE_PLAN, [_storage(b, each) for each in program.storages])
    b.table(head.ORDER_PLAN, [_order(b, number) for number in range(len(program.orders))])
    b.table(head.RECIPE_PLAN, [_recipe(b, number) for number in range(len(program.recipes))])
    b.table(head.MODE_PLAN, [_mode(b, *each) for each in modes])
    b.table(head.DEMAND_PLAN, [_demand(b, number) for number in range(len(program.demands))])
    b.table(head.NEEDS_PLAN, [_needs(b, each) for each in list(b.sets)])
    b.p[head.MOST_PLACES] = max(sum(n for _, n in each) for each in b.sets)
    _people(b)
    b.table(head.CONTAINER_PLAN, [_container(b, each) for each in program.containers])
    upkeep_image.lay_out(b)
    b.table(head.CALENDAR_PLAN, [_calendar(b, number) for number in range(len(program.calendars))])
    early = physics_image.early_operations(program, plan, b.ahead)
    physics_image.lay_out(b, attributes, plan, early)
    transport_image.lay_out(b)
    flows_image.lay_out(b)
    parts_image.lay_out(b, row_attributes)
    materials_image.lay_out(b)
    b.table(head.SOURCE_PLAN, [_source(b, each) for each in b.sources])
    b.p[head.SOURCES] = len(b.sources)
    b.p[head.MODES] = len(modes)
    return Image(
        program,
        np.array(b.p, dtype=np.int64),
        np.array(b.q or [0.0], dtype=np.float64),
        tuple(b.causes.numbers),
        tuple(b.entities.numbers),
        tuple(b.sources),
        attributes,
        row_attributes,
        b.ahead,
        early,
        plan,
    )


def lot_attributes(program: Program) -> tuple[str, ...]:
    """The attributes that physics gives to lots, in the order of the program."""
    given = {q.name for o in program.operations if o.physics for q in o.physics.model.attributes}
    return tuple(name for name in program.attributes if name in given)


def _machines(program: Program) -> tuple[Unit, ...]:
    return (*program.units, *program.stations)


def _head(b: Builder, attributes: tuple[str, ...], row_attributes: tuple[str, ...]) -> None:
    program, p = b.program, b.p

    def column(name: str) -> int:
        return row_attributes.index(name) if name in row_attributes else NONE

    p[head.HORIZON] = NONE if program.horizon is None else program.horizon
    p[head.WEEK_OFFSET] = program.week_offset
    by_hand = program.travel.any() and not program.airlocks
    p[head.TRAVEL] = b.pool(program.travel.ravel().tolist()) if by_hand else NONE
    p[head.PLACES] = len(program.travel)
    p[head.UNITS] = len(program.units)
    p[head.MACHINES] = len(_machines(program))
    p[head.OPERATIONS] = len(program.operations)
    p[head.STORAGES] = len(program.storages)
    p[head.ORDERS] = len(program.orders)
    p[head.POOLS] = len(program.people)
    p[head.SHIFTS] = sum(len(each.shifts) for each in program.people)
    p[head.CONTAINERS] = len(program.containers)
    p[head.CALENDARS] = len(program.calendars)
    p[head.WIP] = b.entities.number("wip")
    p[head.CLOSING] = b.causes.number("closing")
    p[head.MIXED_PRIORITIES] = int(len({(o.priority, o.hot) for o in program.orders}) > 1)
    p[head.ATTRIBUTES] = len(attributes)
    p[head.ROW_ATTRIBUTES] = len(row_attributes)
    p[head.STOPS_COLUMN] = column("stops")
    p[head.START_UP_COLUMN] = column("start_up_stops")
    p[head.STATUS_COLUMN] = column("physics_status")
    holds = [hold.longest for hold in program.quality.holds if hold.late == REWORK_LATE]
    p[head.PATIENCE] = max(PATIENCE, longest_closed(program), *holds)


def _units(b: Builder) -> list[list[int]]:
    program = b.program
    any_hot = any(line.hot for line in program.orders)
    shared = {index for each in program.demands for index in each.units}
    rows = []
    modes = 0
    for number, each in enumerate(_machines(program)):
        rule = each.dispatching
        rows.append(
            filled(
                unit.PLAN,
                {
                    unit.CALENDAR: each.calendar,
                    unit.DISPATCHING: rule,
                    unit.BY_KEY: int(rule > FIFO or (rule == FIFO and any_hot)),
                    unit.BLOCKING_BEFORE: int(each.blocking_before),
                    unit.PART_OF: each.part_of,
                    unit.PARTS_N: sum(other.part_of == number for other in program.units),
                    unit.MODES_AT: modes,
                    unit.MODES_N: len(modes_of(program, each)),
                    unit.HAS_RUNNING: int(any(m.clock == RUNNING for m in each.failures)),
                    unit.SERVES_AT: b.pool(each.operations),
                    unit.SERVES_N: len(each.operations),
                    unit.TASKS_AT: b.pool(each.tasks),
                    unit.SHARED: int(number in shared),
                    unit.SPEED: b.real(each.speed),
                    unit.CAUSE: b.causes.number(each.name),
                    unit.IS_SECTION: int(bool(each.stations)),
                },
            )
        )
        modes += len(modes_of(program, each))
    return rows


def _operation(b: Builder, number: int) -> list[int]:
    program = b.program
    each = program.operations[number]
    required = required_by_stretch(each)
    plain = is_plain(each) and not _is_prepared(program, each) and not makes_ready(program, number)
    plain = plain and number not in program.quality.quarantines
    return filled(
        operation.PLAN,
        {
            operation.RECIPE: each.recipe,
            operation.NEXT: each.next,
            operation.UNITS_AT: b.pool(each.units),
            operation.UNITS_N: len(each.units),
            operation.SERVICE_AT: b.pool(_services(b, number)),
            operation.STORAGE: each.storage,
            operation.TAKES: b.source(each.takes),
            operation.NOMINAL: each.nominal,
            operation.PHYSICS: NONE if each.physics is None else number,
            operation.SETUP: b.source(each.setup),
            operation.NEEDS_AT: b.pool([b.needs(r) for r in required]),
            operation.PHASES_AT: sum(len(o.phases) for o in program.operations[:number]),
            operation.PHASES_N: len(each.phases),
            operation.BATCH_LEAST: each.batch[0],
            operation.BATCH_MOST: each.batch[1],
            operation.BATCH_WAIT: each.batch[2],
            operation.PROCEDURE: each.procedure,
            operation.TAKE: each.take,
            operation.GIVE_BACK: each.give_back,
            operation.GIVE_BACK_DIRTY: int(each.give_back_dirty),
            operation.SCRAP: b.real(each.scrap),
            operation.SCRAP_DRAW: b.uniform(f"{each.name}/scrap"),
            operation.REWORK: b.real(each.rework),
            operation.REWORK_DRAW: b.uniform(f"{each.name}/rework"),
            operation.REWORK_TO: each.rework_to,
            operation.REWORK_LIMIT: each.rework_limit,
            operation.YIELDS: b.source(each.yields),
            operation.CLEANS: each.cleans,
            operation.SHOWS: each.shows,
            operation.CAUSE: b.causes.number(each.cause) if each.cause else NONE,
            operation.PLAIN: int(plain),
            operation.FREE: int(
                needs_nothing(each, program)
                and not each.bill
                and not any(number in loop.starts for loop in program.loops)
            ),
            operation.AHEAD: b.ahead.get(number, NONE),
            operation.TASK_OF: next((i for i, u in enumerate(program.units) if number in u.tasks), NONE),
            operation.CERTAIN: int(
                not each.scrap and not each.rework and image_quality.is_certain(program, number)
            ),
            operation.FIRST: number if each.recipe == NONE else program.recipes[each.recipe].first,
        },
    )


def _is_prepared(program: Program, operation: Operation) -> bool:
    """Whether something takes part in how long the stretches of an operation take."""
    return bool(
        program.travel.any() or operation.flows or operation.batch[1] > 1 or transport_image.is_used(program)
    )


def _services(b: Builder, number: int) -> list[int]:
    """The rows of `service` of an operation, by unit; none for units that do not do it."""
    each = b.program.operations[number]
    rows = [NONE] * len(b.program.units)
    doers = each.units or tuple(i for i, u in enumerate(b.program.units) if number in u.tasks)
    if each.procedure != NONE:  # a control recipe may have begun it on another unit, which the lot keeps
        mates = [other for other in b.program.operations if other.procedure == each.procedure]
        doers = tuple(dict.fromkeys((*doers, *(index for other in mates for index in other.units))))
    for rank, index in enumerate(doers):
        rows[index] = len(b.services)
        start_up = each.start_up.get(index)
        b.services.append(
            tuple(
                filled(
                    service.PLAN,
                    {
                        service.RANK: rank,
                        service.NOMINAL: each.nominal_on.get(index, each.nominal),
                        service.START_UP: NONE if start_up is None else b.source(start_up.takes),
                        service.START_UP_WASTE: NONE if start_up is None else b.source(start_up.waste),
                        service.START_UP_IN_PIECES: int(start_up is not None and start_up.waste_in_pieces),
                        service.START_UP_STOPS: NONE if start_up is None else b.source(start_up.stops),
                        service.LOAD: b.source(each.load.get(index)),
                        service.UNLOAD: b.source(each.unload.get(index)),
                    },
                )
            )
        )
    return rows


def _phases(b: Builder) -> list[list[int]]:
    return [
        filled(phase.PLAN, {phase.TAKES: b.source(each.takes), phase.CAUSE: b.causes.number(each.name)})
        for o in b.program.operations
        for each in o.phases
    ]


def _storage(b: Builder, each: Pool) -> list[int]:
    return filled(
        storage.PLAN,
        {
            storage.CAPACITY: each.count,
            storage.ENTITY: b.entities.number(f"storage/{each.name}"),
            storage.CAUSE: b.causes.number(each.name),
            storage.HOLDS: each.holds,
            storage.IS_BELT: int(each.conveyor is not None),
            storage.CARRIES: 0 if each.conveyor is None else each.conveyor.carries,
            storage.PITCH: 0 if each.conveyor is None else each.conveyor.pitch,
            storage.ACCUMULATING: int(each.conveyor is not None and each.conveyor.accumulating),
        },
    )


def _order(b: Builder, number: int) -> list[int]:
    line = b.program.orders[number]
    return filled(
        order.PLAN,
        {
            order.RECIPE: line.recipe,
            order.LOTS: line.lots,
            order.EVERY: b.source(line.every),
            order.FIRST: b.source(line.first),
            order.TIMES: line.times,
            order.PRIORITY: line.priority - HOT if line.hot else line.priority,
            order.LOST_WHEN_FULL: int(line.lost_when_full),
            order.DUE: line.due or 0,
            order.HAS_DUE: int(line.due is not None),
            order.DUE_IS_A_DATE: int(line.due_is_a_date),
            order.RELEASE: line.release,
        },
    )


def _recipe(b: Builder, number: int) -> list[int]:
    each = b.program.recipes[number]
    return filled(
        recipe.PLAN,
        {
            recipe.FIRST: each.first,
            recipe.QUANTITY: each.quantity,
            recipe.IN_PIECES: int(each.unit_of_quantity == "pieces"),
            recipe.PIECE_MG: b.real(each.piece_mg),
            recipe.PRODUCT: each.product,
            recipe.FAMILY: each.family,
            recipe.MAKES: each.makes,
        },
    )


def _mode(b: Builder, each: FailureMode, machine: int, index: int) -> list[int]:
    return filled(
        mode.PLAN,
        {
            mode.UNIT: machine,
            mode.INDEX: index,
            mode.RUNS: int(each.clock == RUNNING),
            mode.BETWEEN: b.source(each.between),
            mode.REPAIR: b.source(each.repair),
            mode.WORK: each.work,
            mode.MAY_LEAVE: int(each.finished_part_may_leave),
            mode.RATE: b.real(each.rate),
            mode.RATE_BETWEEN_LOTS: b.source(each.rate_between_lots),
            mode.WASTE: b.source(each.waste),
            mode.IN_PIECES: int(each.waste_in_pieces),
            mode.NEEDS: b.needs(tuple(sorted(each.needs.people))),
            mode.CAUSE: b.causes.number(each.name),
        },
    )


def _demand(b: Builder, number: int) -> list[int]:
    each = b.program.demands[number]
    return filled(
        demand.PLAN,
        {
            demand.POOLS_AT: b.pool(each.pools),
            demand.POOLS_N: len(each.pools),
            demand.UNITS_AT: b.pool(each.units),
            demand.UNITS_N: len(each.units),
            demand.SHARE: each.share,
            demand.KEEP: int(each.keep),
            demand.CAUSE: b.causes.number(each.name),
            demand.ALONE: b.needs(((number, 1),)),
        },
    )


def _needs(b: Builder, required: Required) -> list[int]:
    return filled(
        needs.PLAN,
        {
            needs.AT: b.pool([number for pair in required for number in pair]),
            needs.COUNT: len(required),
            needs.SIMPLE: int(is_simple(b.program, required)),
        },
    )


def is_simple(program: Program, required: Required) -> bool:
    """Whether a set asks for whole people only, each demand of pools of its own."""
    demands = [program.demands[number] for number, _ in required]
    pools = [number for each in demands for number in each.pools]
    return all(d.share == WHOLE and d.pools for d in demands) and len(set(pools)) == len(pools)


def _people(b: Builder) -> None:
    shifts: list[list[int]] = []
    pools: list[list[int]] = []
    persons = 0
    for number, each in enumerate(b.program.people):
        pools.append(
            filled(
                pool.PLAN,
                {
                    pool.SHIFTS_AT: len(shifts),
                    pool.SHIFTS_N: len(each.shifts),
                    pool.PRESENT: b.entities.number(f"people/{each.name}/present"),
                    pool.BUSY: b.entities.number(f"people/{each.name}/busy"),
                },
            )
        )
        for one in each.shifts:
            row = {shift.POOL: number, shift.SIZE: one.count, shift.CALENDAR: one.calendar}
            shifts.append(filled(shift.PLAN, row | {shift.PERSONS: persons}))
            persons += one.count
    b.table(head.POOL_PLAN, pools)
    b.table(head.SHIFT_PLAN, shifts)


def _container(b: Builder, each: Pool) -> list[int]:
    return filled(
        container.PLAN,
        {
            container.COUNT: each.count,
            container.CLEANING: each.cleaning,
            container.CLEAN_ENTITY: b.entities.number(f"container/{each.name}/clean"),
            container.IN_USE_ENTITY: b.entities.number(f"container/{each.name}/in_use"),
            container.DIRTY_ENTITY: b.entities.number(f"container/{each.name}/dirty"),
            container.CAUSE: b.causes.number(each.name),
        },
    )


def _calendar(b: Builder, number: int) -> list[int]:
    each = b.program.calendars[number]
    return filled(
        calendar.PLAN,
        {
            calendar.OPENS_AT: b.pool([*each.opens, *each.closes, *each.rests]),
            calendar.OPENINGS: len(each.opens),
            calendar.CYCLE: each.cycle,
            calendar.SHUT_AT: b.pool([*each.shut, *each.again]),
            calendar.SHUTS: len(each.shut),
            calendar.AT_CLOSE: each.at_close,
            calendar.AT_BREAK: each.at_break,
        },
    )


def _source(b: Builder, each: Source) -> list[int]:
    hashed = source_hash(each.name)
    return filled(
        source.PLAN,
        {
            source.KIND: each.kind,
            source.REALS: b.real(each.p0, each.p1, each.p2),
            source.TABLE: b.real(*each.table.ravel().tolist()) if each.table.size else b.real(),
            source.TABLE_N: each.table.shape[1],
            source.HASH_LOW: hashed & LOW_WORD,
            source.HASH_HIGH: hashed >> 32,
        },
    )
