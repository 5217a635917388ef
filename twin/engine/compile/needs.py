"""What work needs of people, by stretch of a visit."""

from __future__ import annotations

from twin.engine.compile.context import Context
from twin.engine.program import Needs, StretchNeeds
from twin.plant import schema

DURING = {"operation": 0, "setup": 1, "start_up": 2, "processing": 3, "load": 4, "unload": 5}


def needs_of(at: Context, needs: tuple[schema.Need, ...]) -> StretchNeeds:
    """Needs for the whole operation and for each of its stretches; equal pools are added up."""
    counts: list[dict[int, int]] = [{} for _ in DURING]
    for need in needs:
        pool = at.people_numbers[need.people]
        stretch = counts[DURING[need.during]]
        stretch[pool] = stretch.get(pool, 0) + need.count
    whole, setup, start_up, processing, load, unload = (Needs(tuple(sorted(c.items()))) for c in counts)
    return whole, setup, start_up, processing, load, unload


def merged_needs(at: Context, needs: tuple[schema.Need, ...]) -> Needs:
    """Needs of work that has no stretches of its own; equal pools are added up."""
    counts: dict[int, int] = {}
    for need in needs:
        pool = at.people_numbers[need.people]
        counts[pool] = counts.get(pool, 0) + need.count
    return Needs(tuple(sorted(counts.items())))
