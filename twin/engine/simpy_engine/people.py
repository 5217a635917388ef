"""People and shared units: claiming all that a piece of work needs or nothing, and letting it go.

`Staff` counts the people; here is which claims a unit holds, who hands over at the end of a shift, and which
units look again when somebody is free.
"""

from __future__ import annotations

from collections.abc import Sequence

from twin.engine.codes import WAITING_PEOPLE, WAITING_UNIT
from twin.engine.program import NONE, WHOLE
from twin.engine.rules.people import assign
from twin.engine.simpy_engine import shared_units
from twin.engine.simpy_engine.staff import Claim
from twin.engine.simpy_engine.state import Required, State, UnitState

ENOUGH = -1
Claims = tuple[Claim, ...]
Simple = tuple[tuple[int, tuple[int, ...], int], ...]


def begin(state: State) -> None:
    """Count people and containers at the start of the run."""
    recorder = state.recorder
    for number, pool in enumerate(state.program.people):
        recorder.levels.append(
            (recorder.entity(f"people/{pool.name}/present"), 0, state.staff.present(number))
        )
        recorder.levels.append((recorder.entity(f"people/{pool.name}/busy"), 0, 0))
    for number, pool in enumerate(state.program.containers):
        for kind, level in (("clean", state.clean[number]), ("in_use", 0), ("dirty", 0)):
            recorder.levels.append((recorder.entity(f"container/{pool.name}/{kind}"), 0, level))
    for pool in state.program.storages:
        recorder.levels.append((recorder.entity(f"storage/{pool.name}"), 0, 0))


def lacking(state: State, required: Required, held: Required = (), nominal: int = 0) -> int:
    """The first demand of `required` beyond `held` that cannot be met, or `ENOUGH`.

    People and units that do not start what does not fit count only where `nominal` ns fit.
    """
    missing = _beyond(required, held)
    simple = _simply(state, missing)
    if simple is None:
        found = _plan(state, missing, nominal)
        return found if isinstance(found, int) else ENOUGH
    for demand, pools, count in simple:
        if sum([state.staff.available(pool, state.now, nominal) for pool in pools]) < count:
            return demand
    return ENOUGH


def waiting_for(state: State, demand: int) -> tuple[int, int]:
    """The state of a unit that lacks a demand, and its cause."""
    wanted = state.program.demands[demand]
    shown = WAITING_UNIT if wanted.units else WAITING_PEOPLE
    return shown, state.recorder.cause(wanted.name)


def hold(state: State, unit: UnitState, required: Required, nominal: int = 0) -> None:
    """Let a unit hold exactly what is `required`: let go what is too much, claim what is missing."""
    if unit.held == required:
        return
    release_beyond(state, unit, required)
    missing = _beyond(required, unit.held)
    if missing:
        unit.crew = (*unit.crew, *claim(state, missing, unit, nominal))
    unit.held = required
    _note_units(unit)


def release_beyond(state: State, unit: UnitState, required: Required) -> None:
    """Let a unit let go what it holds beyond what is `required`."""
    wanted = dict(required)
    kept: list[Claim] = []
    gone: list[Claim] = []
    for each in unit.crew:
        left = wanted.get(each.demand, 0)
        wanted[each.demand] = left - 1
        (kept if left > 0 else gone).append(each)
    if gone:
        unit.crew = tuple(kept)
        unit.held = _counted(kept)
        _note_units(unit)
        release(state, gone)


def let_go_at_failure(state: State, unit: UnitState) -> None:
    """A failure interrupts the work in hand: let go what does not stay with it."""
    demands = state.program.demands
    release_beyond(state, unit, tuple((d, n) for d, n in unit.held if demands[d].keep))


def claim(state: State, required: Required, client: UnitState | None = None, nominal: int = 0) -> Claims:
    """Claim all that is `required`, which `lacking` has found to be there."""
    simple = _simply(state, required)
    if simple is not None:
        claims = _whole_people(state, simple, nominal)
        _count(state, claims)
        return claims
    planned = _plan(state, required, nominal)
    assert not isinstance(planned, int)
    claims = planned
    for each in claims:
        if each.unit == NONE:
            state.staff.occupy(each)
        else:
            shared_units.lend(state, each.unit, client)
    _count(state, claims)
    return claims


def release(state: State, claims: Sequence[Claim]) -> None:
    """Let people and units go; whoever lacked something looks again."""
    for each in claims:
        if each.unit == NONE:
            state.staff.let_go(each)
        else:
            shared_units.give_back(state, each.unit)
    if claims:
        _count(state, claims)
        look_again(state)


def look_again(state: State) -> None:
    """Have every unit that lacked something try again, and those whose people wait to hand over."""
    state.touched |= state.short
    state.short.clear()
    state.touched |= state.overtime


def count_present(state: State, pool: int) -> None:
    """Record how many of a pool are present."""
    entity = state.recorder.entity(f"people/{state.program.people[pool].name}/present")
    state.recorder.levels.append((entity, state.now, state.staff.present(pool)))


def hand_over(state: State, unit: UnitState) -> None:
    """Have those who are there and free take over from those whose shift is over, where they can."""
    staff = state.staff
    crew = list(unit.crew)
    waiting = False
    for index, each in enumerate(crew):
        if each.unit != NONE or staff.on[each.shift]:
            continue
        if lacking(state, ((each.demand, 1),)) != ENOUGH:
            waiting = True
            continue
        (crew[index],) = claim(state, ((each.demand, 1),))
        unit.crew = tuple(crew)
        release(state, (each,))
    if not waiting:
        state.overtime.discard(unit.index)


def _note_units(unit: UnitState) -> None:
    if unit.crew or unit.uses:
        unit.uses = tuple(each.unit for each in unit.crew if each.unit != NONE)


def _count(state: State, claims: Sequence[Claim]) -> None:
    """Record how many are busy of the pools that claims concern."""
    recorder, staff = state.recorder, state.staff
    for pool in sorted({staff.pool[each.shift] for each in claims if each.unit == NONE}):
        entity = recorder.entity(f"people/{state.program.people[pool].name}/busy")
        recorder.levels.append((entity, state.now, staff.busy[pool]))


def _beyond(required: Required, held: Required) -> Required:
    if not held:
        return required
    has = dict(held)
    return tuple((d, n - has.get(d, 0)) for d, n in required if n > has.get(d, 0))


def _counted(claims: Sequence[Claim]) -> Required:
    counts: dict[int, int] = {}
    for each in claims:
        counts[each.demand] = counts.get(each.demand, 0) + 1
    return tuple(sorted(counts.items()))


def _simply(state: State, missing: Required) -> Simple | None:
    """What is missing as (demand, pools, count), where whole people are asked for, of pools of their own.

    Then each demand can be met by itself, from the first of its pools on; nothing needs to be planned.
    """
    known = state.simple_needs
    if missing not in known:
        demands = [state.program.demands[d] for d, _ in missing]
        pools = [pool for demand in demands for pool in demand.pools]
        simple = all(d.share == WHOLE and d.pools for d in demands) and len(set(pools)) == len(pools)
        found = tuple((d, state.program.demands[d].pools, n) for d, n in missing)
        known[missing] = found if simple else None
    return known[missing]


def _whole_people(state: State, simple: Simple, nominal: int) -> Claims:
    """Claim whole people, who are there."""
    claims: list[Claim] = []
    staff = state.staff
    for demand, pools, count in simple:
        for _ in range(count):
            pool = next(p for p in pools if staff.available(p, state.now, nominal))
            claims.append(staff.whole_person(demand, pool, state.now, nominal))
            staff.occupy(claims[-1])
    return tuple(claims)


def _plan(state: State, missing: Required, nominal: int) -> Claims | int:
    """Who would be claimed for what is missing, or the first demand that cannot be met.

    Whole persons and units are placed together; then shares of attention, demand by demand, on those left.
    """
    demands = state.program.demands
    places = [d for d, n in missing if demands[d].share == WHOLE for _ in range(n)]
    resources = _resources(state, places)
    number = {resource: i for i, resource in enumerate(resources)}
    wanted: list[int] = []
    first = [0]
    for demand in places:
        wanted += [number[resource] for resource in _wanted(state, demand)]
        first.append(len(wanted))
    taken = [NONE] * len(places)
    free = [_free(state, resource, nominal) for resource in resources]
    met = assign(wanted, first, free, taken, [NONE] * len(free), [NONE] * len(places))
    if met < len(places):
        return places[met]
    planned: list[Claim] = []
    try:
        for demand, at in zip(places, taken, strict=True):
            _tentatively(state, planned, _named(state, demand, resources[at], nominal))
        for demand, count in missing:
            for _ in range(count if demands[demand].share < WHOLE else 0):
                part = _part(state, demand, nominal)
                if part is None:
                    return demand
                _tentatively(state, planned, part)
    finally:
        for each in planned:
            state.staff.let_go(each)
    units = [
        Claim(demand, unit=resources[at] - len(state.program.people))
        for demand, at in zip(places, taken, strict=True)
        if resources[at] >= len(state.program.people)
    ]
    return (*planned, *units)


def _tentatively(state: State, planned: list[Claim], each: Claim | None) -> None:
    if each is not None:
        state.staff.occupy(each)
        planned.append(each)


def _wanted(state: State, demand: int) -> tuple[int, ...]:
    """The resources that can meet a demand: pools by number, units after them."""
    wanted = state.program.demands[demand]
    return wanted.pools or tuple(len(state.program.people) + unit for unit in wanted.units)


def _resources(state: State, places: list[int]) -> list[int]:
    return list(dict.fromkeys(resource for demand in places for resource in _wanted(state, demand)))


def _free(state: State, resource: int, nominal: int) -> int:
    people = len(state.program.people)
    if resource < people:
        return state.staff.available(resource, state.now, nominal)
    return int(shared_units.available(state, resource - people, nominal))


def _named(state: State, demand: int, resource: int, nominal: int) -> Claim | None:
    """The person of a pool who is claimed; of a unit there is but one."""
    if resource >= len(state.program.people):
        return None
    return state.staff.whole_person(demand, resource, state.now, nominal)


def _part(state: State, demand: int, nominal: int) -> Claim | None:
    wanted = state.program.demands[demand]
    for pool in wanted.pools:
        found = state.staff.part_of_a_person(demand, pool, wanted.share, state.now, nominal)
        if found is not None:
            return found
    return None
