"""Utilities: work waits until all that it draws is free, or what is short is shared and work is slowed.

Draws are claimed when a unit starts and drawn while a stretch runs; interrupted work gives them up and has to
claim them again. Progress is counted in whole ns of work, rounded down whenever the speed changes, so that a
stretch ends at most one ns later for each change; equal work with equal shares ends at the same instant.
Clocks of failures count the time that a unit is producing, however fast.
"""

from __future__ import annotations

from collections.abc import Sequence

from twin.engine.codes import LEVEL_REACHED, WAITING_UTILITY
from twin.engine.program import LOAD, PROCESSING, SETUP, START_UP, TRANSPORT, Operation, Source
from twin.engine.rules.speeds import processing_time
from twin.engine.rules.utilities import IMPOSSIBLE, needed_level, rate_for_amount
from twin.engine.simpy_engine.hooks import Reason
from twin.engine.simpy_engine.people import look_again
from twin.engine.simpy_engine.state import LotState, State, UnitState
from twin.engine.simpy_engine.supply import (
    NAME,
    Draws,
    Loop,
    Supply,
    level_reached,
    settle,
    supply_of,
)
from twin.engine.utilities import MICRO, Use

# Numbers of the stretches in `Operation.uses`.
_OF_STRETCH = {SETUP: 1, START_UP: 2, LOAD: 4}
_WHOLE, _PROCESSING, _UNLOAD = 0, 3, 5


def install(state: State) -> None:
    """Concern the operations and tasks that draw utilities."""
    if not state.program.utilities:
        return
    supply = Supply(state)
    state.rules[NAME] = supply
    hooks = state.hooks
    for number, operation in enumerate(state.operations):
        if any(operation.uses) or any(phase.uses for phase in operation.phases):
            hooks.refusals[number].append(_cannot_start)
            hooks.claims[number].append(_claim)
            hooks.lacks[number].append(_cannot_go)
            hooks.runs[number].append(_runs)
            hooks.halts[number].append(_halts)
    hooks.ends.append(settle)
    hooks.effects[LEVEL_REACHED] = level_reached
    for loop in supply.loops:
        entity = state.recorder.entity(f"utility/{loop.utility.name}/capacity")
        state.recorder.levels.append((entity, 0, loop.utility.capacity * loop.utility.size))


def _cannot_start(state: State, unit: UnitState, lot: LotState) -> Reason | None:
    """What the first stretch of a visit would lack."""
    draws, time = _first_draws(state, unit, lot)
    return _short(state, unit, draws, time)


def _claim(state: State, unit: UnitState, lot: LotState) -> None:
    """Claim what the first stretch draws, so that nothing else that starts in this round takes it."""
    draws, time = _first_draws(state, unit, lot)
    supply_of(state).hold(unit.index, draws, time, state.now)


def _first_draws(state: State, unit: UnitState, lot: LotState) -> tuple[Draws, int]:
    """What the first stretch of a visit draws, and its time in ns.

    Times that are drawn are known before the start; where physics or a flow gives them, the nominal one
    stands for them.
    """
    operation = state.operations[lot.operation]
    phases = operation.phases
    unload = PROCESSING + max(1, len(phases))
    durations = [0] * (unload + 1)
    if operation.takes is None:
        durations[PROCESSING] = operation.nominal_on.get(unit.index, operation.nominal)
    for k, source in enumerate([phase.takes for phase in phases] or [operation.takes]):
        if source is not None:
            durations[PROCESSING + k] = _time(state, unit, lot, source)
    start_up = operation.start_up.get(unit.index)
    before = (
        (SETUP, operation.setup),
        (START_UP, None if start_up is None else start_up.takes),
        (LOAD, operation.load.get(unit.index)),
    )
    for stretch, source in before:
        time = 0 if source is None else state.streams.of(source).nanoseconds(lot.number, lot.visit)
        if time:
            return _draws(state, operation, stretch, unload, durations), time
    return _draws(state, operation, PROCESSING, unload, durations), durations[PROCESSING]


def _time(state: State, unit: UnitState, lot: LotState, source: Source) -> int:
    speed = 1.0 if lot.operation in unit.program.tasks else unit.speed
    return processing_time(state.streams.of(source).value(abs(lot.number), lot.visit), speed)


def _draws(state: State, operation: Operation, stretch: int, unload: int, durations: Sequence[int]) -> Draws:
    """What a stretch of a visit draws at full speed; nothing on the way to the unit."""
    if stretch == TRANSPORT:
        return ()
    found: dict[int, int] = {}

    def add(uses: tuple[Use, ...], over: int) -> None:
        for use in uses:
            utility = state.program.utilities[use.utility]
            per_second = 3600 * MICRO / utility.size
            rate = use.rate or rate_for_amount(use.amount, over, per_second)
            if rate:
                found[use.utility] = found.get(use.utility, 0) + rate

    add(operation.uses[_WHOLE], 0)
    if stretch < PROCESSING:
        add(operation.uses[_OF_STRETCH[stretch]], 0)
    elif stretch == unload:
        add(operation.uses[_UNLOAD], 0)
    else:
        add(operation.uses[_PROCESSING], sum(durations[PROCESSING:unload]))
        if operation.phases:
            add(operation.phases[stretch - PROCESSING].uses, durations[stretch])
    return tuple(sorted(found.items()))


def _draws_in_hand(state: State, unit: UnitState) -> Draws:
    operation = state.operations[unit.operation]
    return _draws(state, operation, unit.phase, unit.unload, unit.durations)


def _cannot_go(state: State, unit: UnitState) -> Reason | None:
    """What the stretch in hand lacks; a unit that has to wait keeps nothing."""
    supply = supply_of(state)
    draws = _draws_in_hand(state, unit)
    if draws == supply.held.get(unit.index, ()):
        return None  # claimed when it started
    reason = _short(state, unit, draws, unit.remaining)
    if reason is not None and unit.index in supply.held:
        supply.hold(unit.index, (), 0, state.now)
        look_again(state)
    return reason


def _short(state: State, unit: UnitState, draws: Draws, time: int) -> Reason | None:
    """The first utility of which a unit cannot draw as it should for `time` ns, and that makes it wait."""
    supply = supply_of(state)
    held = dict(supply.held.get(unit.index, ()))
    for number, rate in draws:
        loop = supply.loops[number]
        utility = loop.utility
        free = utility.capacity - loop.aside - loop.claimed + held.get(number, 0)
        if not utility.slows and (rate > free or not _lasts(state, supply, unit, number, rate, time)):
            return WAITING_UTILITY, loop.cause
    return None


def _lasts(state: State, supply: Supply, unit: UnitState, number: int, rate: int, time: int) -> bool:
    """Whether a storage lasts for one draw more; a full one that nobody draws from may always be drawn."""
    loop: Loop = supply.loops[number]
    utility = loop.utility
    if not utility.volume:
        return True
    rates, left = [rate], [time]
    for other, draws in supply.held.items():
        if other != unit.index:
            rates += [r for n, r in draws if n == number]
            left += [supply.paces[other].left_at(state.now) for n, _ in draws if n == number]
    level = loop.level_at(state.now)
    needed = needed_level(utility.volume, utility.generation - loop.aside, rates, left)
    if needed != IMPOSSIBLE and level >= needed:
        return True
    if len(rates) == 1 and level >= utility.volume:
        return True
    goal = utility.volume if needed == IMPOSSIBLE else needed
    if goal < loop.wanted or loop.wanted <= level:
        loop.wanted = goal
        supply.changed = True
    return False


def _runs(state: State, unit: UnitState) -> None:
    """Draw what the stretch in hand needs."""
    supply = supply_of(state)
    draws = _draws_in_hand(state, unit)
    supply.hold(unit.index, draws, unit.remaining, state.now)
    if draws:
        supply.running.add(unit.index)


def _halts(state: State, unit: UnitState) -> None:
    """Give up what was drawn; a halted stretch keeps the work that is left."""
    supply = supply_of(state)
    if unit.index not in supply.running:
        return
    supply.running.remove(unit.index)
    if unit.section is None:
        unit.remaining = supply.paces[unit.index].left_at(state.now)
    supply.hold(unit.index, (), 0, state.now)
    look_again(state)
