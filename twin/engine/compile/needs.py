"""What work needs of people and shared units, by stretch of a visit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from twin.engine.compile.calendars import calendar_number
from twin.engine.compile.context import Context
from twin.engine.program import WHOLE, Demand, Needs, Pool, Shift, StretchNeeds
from twin.plant import schema
from twin.plant.skills import members, pools_of

DURING = {"operation": 0, "setup": 1, "start_up": 2, "processing": 3, "load": 4, "unload": 5}


def needs_of(at: Context, needs: Sequence[schema.Need]) -> StretchNeeds:
    """Needs for the whole operation and for each of its stretches; equal demands are added up."""
    counts: list[dict[int, int]] = [{} for _ in DURING]
    for need in needs:
        stretch = counts[DURING[need.during]]
        for demand, count in _demands(at, need):
            number = at.demands.setdefault(demand, len(at.demands))
            stretch[number] = stretch.get(number, 0) + count
    whole, setup, start_up, processing, load, unload = (Needs(tuple(sorted(c.items()))) for c in counts)
    return whole, setup, start_up, processing, load, unload


def merged_needs(at: Context, needs: Sequence[schema.Need]) -> Needs:
    """Needs of work that has no stretches of its own; equal demands are added up."""
    counts: dict[int, int] = {}
    for stretch in needs_of(at, needs):
        for demand, count in stretch.people:
            counts[demand] = counts.get(demand, 0) + count
    return Needs(tuple(sorted(counts.items())))


def _demands(at: Context, need: schema.Need) -> Iterator[tuple[Demand, int]]:
    """What a need asks for, each with how many of it."""
    if need.unit is not None:
        yield Demand(need.unit, units=tuple(at.units_of[need.unit]), keep=need.keep), need.count
    for member, count in members(at.plant, need):
        pools = tuple(at.people_numbers[name] for name in pools_of(at.plant, member))
        share = round(member.attention * WHOLE)
        yield Demand(member.people or member.skill or "", pools, share=share, keep=need.keep), count


def pool(at: Context, name: str) -> Pool:
    """A pool of people; shifts on one calendar are one."""
    words = at.plant.people[name]
    counts: dict[int, int] = {}
    for part in sorted(words.parts, key=lambda part: part.calendar or ""):
        number = calendar_number(at, part.calendar)
        counts[number] = counts.get(number, 0) + part.count
    return Pool(name, words.size, tuple(Shift(count, number) for number, count in counts.items()))
