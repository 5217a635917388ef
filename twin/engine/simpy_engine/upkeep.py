"""Upkeep: a unit is maintained, cleaned and set up, as tasks that go before the lot that needs them.

What is due is looked for whenever the unit is free, open and up: with the lot that it would start next
where there is one (`before`), and else without (`idles`). A unit that is cleaned or set up for a lot keeps
that lot: no other unit takes it, unless the keeper itself takes another.
"""

from __future__ import annotations

from twin.engine.codes import FALLS_DUE, STARVED
from twin.engine.program import NONE, SETUP, Source
from twin.engine.record import SECOND
from twin.engine.recorder import NULL
from twin.engine.rules.upkeep import is_changed, is_clean_no_longer, must_clean_in_time, was_cleaned_too_late
from twin.engine.simpy_engine import containers, maintenance
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.hooks import Reason
from twin.engine.simpy_engine.moves import add_job
from twin.engine.simpy_engine.state import Entry, LotState, State, UnitState
from twin.engine.simpy_engine.upkeep_state import NAME, Keeper, Own, keeper_of
from twin.engine.situation import StandingUpkeep
from twin.engine.upkeep import FAMILIES, NO_CHANGE, Changeover, Chore, Upkeep

NO_PRODUCT = -2  # of what is no lot: a container to be cleaned


def install(state: State) -> None:
    """Have units with upkeep look after themselves."""
    if all(unit.program.upkeep is None for unit in state.units):
        return
    keeper = state.rules[NAME] = Keeper(state)
    hooks = state.hooks
    served: set[int] = set()
    for index, mine in keeper.units.items():
        served.update(state.units[index].program.operations)
        _install_unit(state, state.units[index], mine)
    for number in sorted(served):
        hooks.claims[number].append(_begins_use)
        is_of_lots = (
            state.operations[number].recipe != NONE
        )  # else a container is cleaned, or a sample tested
        ends = hooks.leaves if is_of_lots else hooks.jobs
        ends[number].append(_ends_use)
        if len(state.operations[number].units) > 1:
            hooks.refusals[number].append(_kept_by_another)
    hooks.effects[FALLS_DUE] = _falls_due


def _install_unit(state: State, unit: UnitState, mine: Own) -> None:
    hooks, program = state.hooks, mine.program
    hooks.before[unit.index].append(_before)
    hooks.idles[unit.index].append(_idle)
    hooks.changeovers[unit.index].append(_nominal)
    for chore in program.chores:
        if chore.level:
            hooks.claims[chore.task].append(_begins_cleaning)
        hooks.jobs[chore.task].append(_done)
    if program.changeover is not None:
        hooks.prepares[program.changeover.task].append(_set_up_takes)
        hooks.jobs[program.changeover.task].append(_set_up)
    maintenance.install(state, unit, mine)
    _begin(state, unit, program)


def _begin(state: State, unit: UnitState, program: Upkeep) -> None:
    """Wind the clocks at the start of the run, and count no violation yet."""
    for number, chore in enumerate(program.chores):
        if chore.every:
            schedule(state, chore.every, (FALLS_DUE, unit.index, NULL, number))
    if program.dirty_hold is not None and program.last_product != NONE:
        schedule(state, program.dirty_hold.limit, (FALLS_DUE, unit.index, NULL, NULL))
    for hold in ("dirty_hold", "clean_hold"):
        if getattr(program, hold) is not None:
            state.recorder.levels.append((_entity(state, unit, hold), 0, 0))


def stands(state: State, standing: StandingUpkeep) -> None:
    """A run begins with a unit that was last used, cleaned and maintained at times of its own."""
    unit = state.units[standing.unit]
    mine = keeper_of(state).units[unit.index]
    if standing.cleaned != NONE:
        mine.cleaned = standing.cleaned
    mine.cleaned_at, mine.used_at = state.now - standing.cleaned_for, state.now - standing.unused
    mine.set_up, mine.new_at = standing.set_up, -standing.worn
    hold = mine.program.dirty_hold
    if hold is not None and not mine.cleaned:
        left = max(0, hold.limit - standing.unused)
        schedule(state, left, (FALLS_DUE, unit.index, NULL, NULL))
    for number, lots, running, time in standing.since:
        mine.batches[number], mine.running[number] = lots, unit.produced - running
        mine.done[number] = state.now - time
        every = mine.program.chores[number].every
        if every:
            schedule(state, max(0, every - time), (FALLS_DUE, unit.index, NULL, number))


def _before(state: State, unit: UnitState, lot: LotState) -> bool:
    """Put the chore or change-over that goes before the lot into the unit's line, and keep the lot."""
    keeper = keeper_of(state)
    mine = keeper.units[unit.index]
    product = _product(state, lot)
    task = _next_task(state, unit, mine, product)
    if task == NONE:
        return False
    mine.target = product
    _let_go(state, keeper, mine, lot)
    mine.keeps = lot
    keeper.kept[lot] = unit.index
    add_job(state, task, unit.index)
    return True


def _nominal(state: State, unit: UnitState, lot: LotState) -> int:
    """Nominal time in ns of cleaning and setting the unit up for a lot."""
    keeper = keeper_of(state)
    mine = keeper.units[unit.index]
    product = _product(state, lot)
    cleaning = _next_cleaning(state, unit, mine, product)
    changeover = mine.program.changeover
    time = None if changeover is None else _change(keeper, mine, changeover, product)
    nominal = 0 if cleaning == NONE else state.operations[cleaning].nominal
    return nominal + (0 if time is None else round(time.mean * SECOND))


def _idle(state: State, unit: UnitState) -> bool:
    """Put a chore that is due without any lot into the unit's line."""
    mine = keeper_of(state).units[unit.index]
    task = _next_task(state, unit, mine, NONE)
    mine.stopped = task != NONE
    if task == NONE:
        return False
    add_job(state, task, unit.index)
    return True


def _next_task(state: State, unit: UnitState, mine: Own, product: int) -> int:
    """What the unit does next for itself: maintenance, cleaning, change-over; none where it may start.

    `product` is that of the next lot, if it is known.
    """
    chores = mine.program.chores
    for number, chore in enumerate(chores):
        if not chore.level and maintenance.is_due_early(state, unit, mine, number, 0):
            mine.stopped = True
            return chore.task
    task = _next_cleaning(state, unit, mine, product)
    changeover = mine.program.changeover
    if task == NONE and product != NONE and changeover is not None:
        time = _change(keeper_of(state), mine, changeover, product)
        task = NONE if time is None else changeover.task
    mine.stopped = mine.stopped or task != NONE
    for number, chore in enumerate(chores) if mine.stopped else ():
        if chore.opportunity and maintenance.is_due_early(state, unit, mine, number, chore.opportunity):
            return chore.task
    return task


def _next_cleaning(state: State, unit: UnitState, mine: Own, product: int) -> int:
    """The cleaning of the highest level that is due, the first of equals."""
    best: Chore | None = None
    for number, chore in enumerate(mine.program.chores):
        if chore.level > (0 if best is None else best.level) and (
            _is_due(state, unit, mine, number)
            or (product != NONE and _is_due_before(state, mine, number, chore, product))
        ):
            best = chore
    return NONE if best is None else best.task


def _is_due(state: State, unit: UnitState, mine: Own, number: int) -> bool:
    """Whether a cleaning is due whether a lot comes or not."""
    hold = mine.program.dirty_hold
    return maintenance.is_due_early(state, unit, mine, number, 0) or (
        hold is not None
        and hold.chore == number
        and not mine.cleaned
        and must_clean_in_time(state.now - mine.used_at, hold.limit)
    )


def _is_due_before(state: State, mine: Own, number: int, chore: Chore, product: int) -> bool:
    """Whether a chore is due before a lot of a product."""
    stood = state.now - max(mine.used_at, mine.cleaned_at)
    if chore.idle and stood >= chore.idle:
        return True
    hold = mine.program.clean_hold
    if hold is not None and hold.chore == number and mine.cleaned:
        return is_clean_no_longer(state.now - mine.cleaned_at, hold.limit)
    if chore.change == NO_CHANGE or product == NO_PRODUCT:
        return False
    one, following = mine.last, product
    if chore.change == FAMILIES:
        families = keeper_of(state).families
        one, following = families.get(one, NONE), families[following]
    return is_changed(one, following, mine.cleaned, chore.level)


def _change(keeper: Keeper, mine: Own, changeover: Changeover, product: int) -> Source | None:
    """How long it takes to set a unit up for a product; none where nothing has to be done."""
    last = mine.last if mine.set_up == NONE else mine.set_up
    if last == NONE or product in (mine.set_up, NO_PRODUCT):
        return None
    if changeover.change == FAMILIES:
        last, product = keeper.families[last], keeper.families[product]
    return changeover.times[last][product]


def _set_up_takes(state: State, unit: UnitState, job: LotState) -> None:
    """A change-over begins: draw how long it takes."""
    keeper = keeper_of(state)
    mine = keeper.units[unit.index]
    assert mine.program.changeover is not None
    time = _change(keeper, mine, mine.program.changeover, mine.target)
    assert time is not None
    unit.durations[SETUP] = state.streams.of(time).nanoseconds(-job.number)


def _set_up(state: State, unit: UnitState, job: LotState) -> None:
    mine = keeper_of(state).units[unit.index]
    mine.set_up = mine.target


def _begins_cleaning(state: State, unit: UnitState, job: LotState) -> None:
    mine = keeper_of(state).units[unit.index]
    if not mine.cleaned:
        _check_dirty_hold(state, unit, mine)


def _done(state: State, unit: UnitState, job: LotState) -> None:
    """A chore is done; a cleaning counts as every other of its level and below."""
    mine = keeper_of(state).units[unit.index]
    chores = mine.program.chores
    done = next(number for number, chore in enumerate(chores) if chore.task == job.operation)
    level = chores[done].level
    if not level:
        maintenance.maintained(state, unit, mine, done)
        return
    mine.cleaned = max(mine.cleaned, level)
    mine.cleaned_at = state.now
    for number, chore in enumerate(chores):
        if 0 < chore.level <= level:
            maintenance.start_anew(state, unit, mine, number)


def _begins_use(state: State, unit: UnitState, lot: LotState) -> None:
    """A unit takes a lot: from now on it is soiled with its product."""
    keeper = keeper_of(state)
    keeper.kept.pop(lot, None)
    mine = keeper.units.get(unit.index)
    if mine is None:
        return
    _let_go(state, keeper, mine, lot)
    mine.keeps = None
    hold = mine.program.clean_hold
    if not mine.cleaned and mine.last != NONE:
        _check_dirty_hold(state, unit, mine)
    elif mine.cleaned and hold is not None and is_clean_no_longer(state.now - mine.cleaned_at, hold.limit):
        _count_violation(state, unit, mine, "clean_hold")
    product = _product(state, lot)
    if product != NO_PRODUCT:
        mine.last = product
    mine.cleaned = 0
    mine.set_up = NONE
    mine.stopped = False


def _ends_use(state: State, unit: UnitState, lot: LotState) -> None:
    """A lot has left the unit, or a sample is tested or a container cleaned there; the unit looks for what is
    due before it takes another.
    """
    mine = keeper_of(state).units.get(unit.index)
    if mine is None:
        return
    mine.used_at = state.now
    mine.lots += 1
    mine.batches = [count + 1 for count in mine.batches]
    if mine.program.dirty_hold is not None:
        schedule(state, mine.program.dirty_hold.limit, (FALLS_DUE, unit.index, NULL, NULL))


def _falls_due(state: State, entry: Entry) -> None:
    """Effect: a time of a unit's upkeep has passed, and if it is free it looks at what is due; or a
    container's clean hold.
    """
    if entry[1] >= len(state.machines):
        containers.stands_too_long(state, entry)
        return
    unit = state.units[entry[1]]
    if unit.lot is None:
        state.touched.add(unit.index)


def _kept_by_another(state: State, unit: UnitState, lot: LotState) -> Reason | None:
    """Refuse a lot for which another unit is being cleaned or set up."""
    return None if keeper_of(state).kept.get(lot, unit.index) == unit.index else (STARVED, NULL)


def _let_go(state: State, keeper: Keeper, mine: Own, lot: LotState) -> None:
    """A unit turns to `lot`; the one that it kept until now is free for others."""
    kept = mine.keeps
    if kept is not None and kept is not lot and keeper.kept.pop(kept, None) is not None:
        state.touched.update(state.operations[kept.operation].units)


def _check_dirty_hold(state: State, unit: UnitState, mine: Own) -> None:
    """Count a violation where the unit has stood dirty for longer than it may."""
    hold = mine.program.dirty_hold
    if hold is not None and was_cleaned_too_late(state.now - mine.used_at, hold.limit):
        _count_violation(state, unit, mine, "dirty_hold")


def _count_violation(state: State, unit: UnitState, mine: Own, hold: str) -> None:
    mine.violations[hold] += 1
    state.recorder.levels.append((_entity(state, unit, hold), state.now, mine.violations[hold]))


def _entity(state: State, unit: UnitState, hold: str) -> int:
    return state.recorder.entity(f"unit/{unit.program.name}/{hold}_violations")


def _product(state: State, lot: LotState) -> int:
    recipe = state.operations[lot.operation].recipe
    return NO_PRODUCT if recipe == NONE else state.program.recipes[recipe].product
