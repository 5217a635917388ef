"""Upkeep: a unit is cleaned and set up for itself, as tasks that go before the lot that needs them.

What is due is looked for whenever the unit is free, open and up: with the lot that it would start next
where there is one (`before`), and else without (`idles`). A unit that is cleaned or set up for a lot keeps
that lot: no other unit takes it, unless the keeper itself takes another.
"""

from __future__ import annotations

from twin.engine.program import NONE, SETUP, Source
from twin.engine.recorder import NULL
from twin.engine.rules.upkeep import has_stood_too_long, is_changed, is_due, must_clean_in_time
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.hooks import Reason
from twin.engine.simpy_engine.moves import add_job
from twin.engine.simpy_engine.state import FALLS_DUE, STARVED, Entry, LotState, State, UnitState
from twin.engine.upkeep import FAMILIES, NO_CHANGE, Changeover, Chore, Hold, Upkeep

NAME = "upkeep"


class Own:
    """The upkeep of one unit at run time."""

    __slots__ = (
        "batches",
        "cleaned",
        "cleaned_at",
        "done",
        "keeps",
        "last",
        "program",
        "running",
        "set_up",
        "target",
        "used_at",
        "violations",
    )

    def __init__(self, program: Upkeep) -> None:
        self.program = program
        chores = program.chores
        highest = max((chore.level for chore in chores), default=0)
        self.last = program.last_product  # product
        self.cleaned = highest if self.last == NONE else 0  # highest level since the last use
        self.used_at = self.cleaned_at = 0  # ns; end of the last use, of the last cleaning
        self.batches = [0] * len(chores)  # lots since each was done
        self.running = [0] * len(chores)  # ns of producing when each was last done
        self.done = [0] * len(chores)  # ns; when each was last done
        self.keeps: LotState | None = None  # the lot for which the unit is at work
        self.set_up = NONE  # the product for which it has been set up since its last use
        self.target = NONE  # the product for which it is being set up
        self.violations = {"dirty_hold": 0, "clean_hold": 0}


class Keeper:
    """All upkeep of a replication: by unit, and which unit keeps which lot."""

    __slots__ = ("families", "kept", "units")

    def __init__(self, state: State) -> None:
        self.units = {u.index: Own(u.program.upkeep) for u in state.units if u.program.upkeep is not None}
        self.kept: dict[int, int] = {}  # lot to unit
        self.families = {r.product: r.family for r in state.program.recipes}


def install(state: State) -> None:
    """Have units with upkeep look after themselves."""
    if all(unit.program.upkeep is None for unit in state.units):
        return
    state.rules[NAME] = Keeper(state)
    hooks = state.hooks
    served: set[int] = set()
    for unit in state.units:
        program = unit.program.upkeep
        if program is None:
            continue
        hooks.before[unit.index].append(_before)
        hooks.idles[unit.index].append(_idle)
        served.update(unit.program.operations)
        for chore in program.chores:
            hooks.claims[chore.task].append(_begins_cleaning)
            hooks.jobs[chore.task].append(_cleaned)
        if program.changeover is not None:
            hooks.prepares[program.changeover.task].append(_set_up_takes)
            hooks.jobs[program.changeover.task].append(_set_up)
        _begin(state, unit, program)
    for number in served:
        hooks.claims[number].append(_begins_use)
        hooks.leaves[number].append(_ends_use)
        if len(state.operations[number].units) > 1:
            hooks.refusals[number].append(_kept_by_another)
    hooks.effects[FALLS_DUE] = _falls_due


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


def _keeper(state: State) -> Keeper:
    keeper = state.rules[NAME]
    assert isinstance(keeper, Keeper)
    return keeper


def _before(state: State, unit: UnitState, lot: LotState) -> bool:
    """Put the chore or change-over that the lot needs into the unit's line, and keep the lot."""
    keeper = _keeper(state)
    mine = keeper.units[unit.index]
    product = _product(state, lot)
    chore = _due(state, unit, mine, product)
    changeover = mine.program.changeover
    if chore != NONE:
        task = mine.program.chores[chore].task
    elif changeover is not None and _change(keeper, mine, changeover, product) is not None:
        task = changeover.task
        mine.target = product
    else:
        return False
    _let_go(state, keeper, mine, lot)
    mine.keeps = lot
    keeper.kept[lot.number] = unit.index
    add_job(state, task, unit.index)
    return True


def _idle(state: State, unit: UnitState) -> bool:
    """Put a chore that is due without any lot into the unit's line."""
    mine = _keeper(state).units[unit.index]
    chore = _due(state, unit, mine, NONE)
    if chore == NONE:
        return False
    add_job(state, mine.program.chores[chore].task, unit.index)
    return True


def _due(state: State, unit: UnitState, mine: Own, product: int) -> int:
    """The chore of the highest level that is due, the first of equals; `product` is the next, if known."""
    best = NONE
    for number, chore in enumerate(mine.program.chores):
        if (best == NONE or chore.level > mine.program.chores[best].level) and (
            _is_due(state, unit, mine, number, chore)
            or (product != NONE and _is_due_before(state, mine, number, chore, product))
        ):
            best = number
    return best


def _is_due(state: State, unit: UnitState, mine: Own, number: int, chore: Chore) -> bool:
    """Whether a chore is due whether a lot comes or not."""
    hold = mine.program.dirty_hold
    return is_due(
        mine.batches[number],
        chore.batches,
        unit.produced - mine.running[number],
        chore.running,
        state.now - mine.done[number],
        chore.every,
    ) or (
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
        return has_stood_too_long(state.now - mine.cleaned_at, hold.limit)
    if chore.change == NO_CHANGE:
        return False
    one, following = mine.last, product
    if chore.change == FAMILIES:
        families = _keeper(state).families
        one, following = families.get(one, NONE), families[following]
    return is_changed(one, following, mine.cleaned, chore.level)


def _change(keeper: Keeper, mine: Own, changeover: Changeover, product: int) -> Source | None:
    """How long it takes to set a unit up for a product; none where nothing has to be done."""
    last = mine.last if mine.set_up == NONE else mine.set_up
    if last == NONE or product == mine.set_up:
        return None
    if changeover.change == FAMILIES:
        last, product = keeper.families[last], keeper.families[product]
    return changeover.times[last][product]


def _set_up_takes(state: State, unit: UnitState, job: LotState) -> None:
    """A change-over begins: draw how long it takes."""
    keeper = _keeper(state)
    mine = keeper.units[unit.index]
    assert mine.program.changeover is not None
    time = _change(keeper, mine, mine.program.changeover, mine.target)
    assert time is not None
    unit.durations[SETUP] = state.streams.of(time).nanoseconds(-job.number)


def _set_up(state: State, unit: UnitState, job: LotState) -> None:
    mine = _keeper(state).units[unit.index]
    mine.set_up = mine.target


def _begins_cleaning(state: State, unit: UnitState, job: LotState) -> None:
    mine = _keeper(state).units[unit.index]
    if not mine.cleaned:
        _keep_limit(state, unit, mine, "dirty_hold", mine.used_at)


def _cleaned(state: State, unit: UnitState, job: LotState) -> None:
    """A cleaning is done, and with it every other of its level and below."""
    mine = _keeper(state).units[unit.index]
    chores = mine.program.chores
    level = next(chore.level for chore in chores if chore.task == job.operation)
    mine.cleaned = max(mine.cleaned, level)
    mine.cleaned_at = state.now
    for number, chore in enumerate(chores):
        if chore.level <= level:
            mine.batches[number] = 0
            mine.running[number] = unit.produced
            mine.done[number] = state.now
            if chore.every:
                schedule(state, chore.every, (FALLS_DUE, unit.index, NULL, number))


def _begins_use(state: State, unit: UnitState, lot: LotState) -> None:
    """A unit takes a lot: from now on it is soiled with its product."""
    keeper = _keeper(state)
    keeper.kept.pop(lot.number, None)
    mine = keeper.units.get(unit.index)
    if mine is None:
        return
    _let_go(state, keeper, mine, lot)
    mine.keeps = None
    if mine.cleaned:
        _keep_limit(state, unit, mine, "clean_hold", mine.cleaned_at)
    elif mine.last != NONE:
        _keep_limit(state, unit, mine, "dirty_hold", mine.used_at)
    mine.last = _product(state, lot)
    mine.cleaned = 0
    mine.set_up = NONE


def _ends_use(state: State, unit: UnitState, lot: LotState) -> None:
    """A lot has left the unit, which looks for what is due before it takes another."""
    mine = _keeper(state).units.get(unit.index)
    if mine is None:
        return
    mine.used_at = state.now
    mine.batches = [count + 1 for count in mine.batches]
    if mine.program.dirty_hold is not None:
        schedule(state, mine.program.dirty_hold.limit, (FALLS_DUE, unit.index, NULL, NULL))


def _falls_due(state: State, entry: Entry) -> None:
    """Effect: a time of the unit's upkeep has passed; a free unit looks at what is due."""
    unit = state.units[entry[1]]
    if unit.lot is None:
        state.touched.add(unit.index)


def _kept_by_another(state: State, unit: UnitState, lot: LotState) -> Reason | None:
    """Refuse a lot for which another unit is being cleaned or set up."""
    return None if _keeper(state).kept.get(lot.number, unit.index) == unit.index else (STARVED, NULL)


def _let_go(state: State, keeper: Keeper, mine: Own, lot: LotState) -> None:
    """A unit turns to `lot`; the one that it kept until now is free for others."""
    kept = mine.keeps
    if kept is not None and kept is not lot and keeper.kept.pop(kept.number, None) is not None:
        state.touched.update(state.operations[kept.operation].units)


def _keep_limit(state: State, unit: UnitState, mine: Own, hold: str, since: int) -> None:
    """Count a violation where the unit has stood longer than it may."""
    words: Hold | None = getattr(mine.program, hold)
    if words is not None and has_stood_too_long(state.now - since, words.limit):
        mine.violations[hold] += 1
        state.recorder.levels.append((_entity(state, unit, hold), state.now, mine.violations[hold]))


def _entity(state: State, unit: UnitState, hold: str) -> int:
    return state.recorder.entity(f"violations/{unit.program.name}/{hold}")


def _product(state: State, lot: LotState) -> int:
    return state.program.recipes[state.operations[lot.operation].recipe].product
