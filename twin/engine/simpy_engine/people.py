"""People: who is present, who is busy, and claiming all that a piece of work needs or nobody."""

from __future__ import annotations

from twin.engine.program import FITS, NONE
from twin.engine.rules.calendars import time_to_close
from twin.engine.simpy_engine.state import Required, State, UnitState, calendar_open

ENOUGH = -1


def begin(state: State) -> None:
    """Count people and containers at the start of the run."""
    recorder = state.recorder
    for number, pool in enumerate(state.program.people):
        if pool.calendar != NONE and not calendar_open(state.program, pool.calendar, 0):
            state.present[number] = 0
        recorder.levels.append((recorder.entity(f"people/{pool.name}/present"), 0, state.present[number]))
        recorder.levels.append((recorder.entity(f"people/{pool.name}/busy"), 0, 0))
    for number, pool in enumerate(state.program.containers):
        for kind, level in (("clean", state.clean[number]), ("in_use", 0), ("dirty", 0)):
            recorder.levels.append((recorder.entity(f"container/{pool.name}/{kind}"), 0, level))
    for pool in state.program.storages:
        recorder.levels.append((recorder.entity(f"storage/{pool.name}"), 0, 0))


def lacking(state: State, required: Required, held: Required = (), nominal: int = 0) -> int:
    """The first pool that has not enough people for `required` beyond `held`, or `ENOUGH`.

    A pool that does not start what does not fit is short where `nominal` ns do not fit before it closes.
    """
    has = dict(held)
    for pool, count in required:
        missing = count - has.get(pool, 0)
        if missing > 0 and missing > state.present[pool] - state.busy[pool]:
            return pool
        calendar = state.program.people[pool].calendar
        if nominal and calendar != NONE:
            c = state.program.calendars[calendar]
            if c.at_close == FITS and nominal > time_to_close(
                c.opens, c.closes, state.program.week_offset + state.now
            ):
                return pool
    return ENOUGH


def hold(state: State, unit: UnitState, required: Required) -> None:
    """Let a unit hold exactly the people of `required`: claim what is missing, release what is too many."""
    if unit.held == required:
        return
    has, wants = dict(unit.held), dict(required)
    for pool in sorted(has.keys() | wants.keys()):
        change = wants.get(pool, 0) - has.get(pool, 0)
        if change:
            occupy(state, pool, change)
    unit.held = required


def occupy(state: State, pool: int, change: int) -> None:
    """Claim (`change` > 0) or release people of a pool."""
    state.busy[pool] += change
    recorder = state.recorder
    entity = recorder.entity(f"people/{state.program.people[pool].name}/busy")
    recorder.levels.append((entity, state.now, state.busy[pool]))
    if change < 0:
        look_again(state)


def look_again(state: State) -> None:
    """Have every unit that lacked something try again."""
    state.touched |= state.short
    state.short.clear()
