"""Who would be claimed where needs compete: whole people and units together, then shares of attention.

As `_plan` of `simpy_engine/people.py`; who gets whom is decided by `rules.people`. What a plan needs stands
in the replication's scratch: the demands of the places, what each wants, what there is.
"""

from __future__ import annotations

from twin.engine.compiled_engine import claims, shared_units, staff
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import assign
from twin.engine.compiled_engine.tables import claim, demand, head, needs
from twin.engine.compiled_engine.tables.types import Integers
from twin.engine.program import NONE, WHOLE

# Rooms of the scratch: as many numbers as there are places (and one more), resources, or both multiplied.
DEMANDS, FIRST, TAKEN, ASKING, RESOURCES, FREE, ASKED_BY, WANTED = range(8)


@inner
def room(p: Integers, s: Integers, which: int) -> int:
    """Where a room of the scratch begins."""
    places, resources = p[head.MOST_PLACES] + 1, p[head.POOLS] + p[head.UNITS]
    if which <= RESOURCES:
        return s[head.SCRATCH] + which * places
    return s[head.SCRATCH] + RESOURCES * places + (which - RESOURCES) * resources


@inner
def plan(p: Integers, s: Integers, required: int, i: int, nominal: int) -> tuple[int, int]:
    """Claim what a set of needs asks beyond what unit `i` (or none) holds; people are occupied, units not yet
    lent. Returns the first claim of a chain and none; or none and the first demand that cannot be met.
    """
    places = _places(p, s, required, i)
    resources = _resources(p, s, places)
    _say_what_is_free(p, s, resources, nominal)
    first, wanted = room(p, s, FIRST), room(p, s, WANTED)
    free, taken = room(p, s, FREE), room(p, s, TAKEN)
    asked_by, asking = room(p, s, ASKED_BY), room(p, s, ASKING)
    for place in range(places):
        s[taken + place] = NONE
    met = assign(
        s[wanted : wanted + s[first + places]],
        s[first : first + places + 1],
        s[free : free + resources],
        s[taken : taken + places],
        s[asked_by : asked_by + resources],
        s[asking : asking + places],
    )
    if met < places:
        return NONE, s[room(p, s, DEMANDS) + met]
    return _claimed(p, s, required, i, nominal, places)


@inner
def missing(p: Integers, s: Integers, required: int, i: int, k: int) -> int:
    """How many of the `k`-th demand of a set of needs are asked for beyond what unit `i` (or none) holds."""
    n = needs.plan(p, required)
    return p[p[n + needs.AT] + 2 * k + 1] - claims.held_of(s, i, p[p[n + needs.AT] + 2 * k])


@inner
def _places(p: Integers, s: Integers, required: int, i: int) -> int:
    """Note the demand of each whole person or unit that is missing; returns how many there are."""
    n, demands = needs.plan(p, required), room(p, s, DEMANDS)
    places = 0
    for k in range(p[n + needs.COUNT]):
        wanted = p[p[n + needs.AT] + 2 * k]
        if p[demand.plan(p, wanted) + demand.SHARE] == WHOLE:
            for _ in range(missing(p, s, required, i, k)):
                s[demands + places] = wanted
                places += 1
    return places


@inner
def _resources(p: Integers, s: Integers, places: int) -> int:
    """Note what each place wants, by number among the resources that any wants; returns how many these are.

    A resource is a pool by its number, or a unit by its number behind the pools.
    """
    first, wanted, found = room(p, s, FIRST), room(p, s, WANTED), room(p, s, RESOURCES)
    resources = count = 0
    for place in range(places):
        s[first + place] = count
        d = demand.plan(p, s[room(p, s, DEMANDS) + place])
        pools, units = p[d + demand.POOLS_N], p[d + demand.UNITS_N]
        for k in range(pools if pools else units):
            at = p[d + demand.POOLS_AT] + k if pools else p[d + demand.UNITS_AT] + k
            resource = p[at] if pools else p[head.POOLS] + p[at]
            number = 0
            while number < resources and s[found + number] != resource:
                number += 1
            if number == resources:
                s[found + number] = resource
                resources += 1
            s[wanted + count] = number
            count += 1
    s[first + places] = count
    return resources


@inner
def _say_what_is_free(p: Integers, s: Integers, resources: int, nominal: int) -> None:
    found, free = room(p, s, RESOURCES), room(p, s, FREE)
    for number in range(resources):
        resource = s[found + number]
        if resource < p[head.POOLS]:
            s[free + number] = staff.available(p, s, resource, nominal)
        else:
            unit = resource - p[head.POOLS]
            s[free + number] = 1 if shared_units.available(p, s, unit, nominal) else 0


@inner
def _claimed(p: Integers, s: Integers, required: int, i: int, nominal: int, places: int) -> tuple[int, int]:
    """Claim whole people, then shares of attention, then units; nothing where a share cannot be had."""
    people = shares = units = NONE
    for place in range(places):
        resource = s[room(p, s, RESOURCES) + s[room(p, s, TAKEN) + place]]
        wanted = s[room(p, s, DEMANDS) + place]
        if resource < p[head.POOLS]:
            people = claims.joined(s, people, staff.whole_person(p, s, wanted, resource, nominal))
        else:
            unit = claims.new(s, wanted, NONE, NONE, WHOLE, resource - p[head.POOLS])
            units = claims.joined(s, units, unit)
    n = needs.plan(p, required)
    for k in range(p[n + needs.COUNT]):
        wanted = p[p[n + needs.AT] + 2 * k]
        if p[demand.plan(p, wanted) + demand.SHARE] < WHOLE:
            for _ in range(missing(p, s, required, i, k)):
                share = staff.part_of_a_person(p, s, wanted, nominal)
                if share == NONE:
                    give_up(p, s, claims.joined(s, claims.joined(s, people, shares), units))
                    return NONE, wanted
                shares = claims.joined(s, shares, share)
    return claims.joined(s, claims.joined(s, people, shares), units), NONE


@inner
def give_up(p: Integers, s: Integers, first: int) -> None:
    """Let go a chain of claims that was only planned."""
    each = first
    while each != NONE:
        row = claim.now(s, each)
        after = s[row + claim.NEXT]
        if s[row + claim.UNIT] == NONE:
            staff.let_go(p, s, each)
        claims.forget(s, each)
        each = after
