"""The decisions of `twin.engine.rules`, compiled: the very functions that the SimPy engine calls."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any, TypeVar, cast

from twin.engine import rules
from twin.engine.compiled_engine.compiling import inner
from twin.engine.rules import (
    batching,
    calendars,
    conveyors,
    dispatching,
    failures,
    flows,
    materials,
    outcomes,
    parts,
    people,
    quality,
    releases,
    tanks,
    transport,
    upkeep,
)

Decided = TypeVar("Decided")


def decision(function: Callable[..., Decided]) -> Callable[..., Decided]:
    """A decision as compiled functions call it, with parts of arrays for sequences.

    The decisions that it calls are compiled as well.
    """
    return _decision(cast(FunctionType, function))


@cache
def _decision(function: FunctionType) -> Callable[..., Any]:
    names = dict(vars(sys.modules[function.__module__]))
    for name in function.__code__.co_names:
        called = names.get(name)
        if isinstance(called, FunctionType) and called.__module__.startswith(rules.__name__):
            names[name] = _decision(called)
    return inner(FunctionType(function.__code__, names, function.__name__, function.__defaults__))


goes_first = decision(dispatching.goes_first)
goes_before_by_value = decision(dispatching.goes_before_by_value)
dispatching_value = decision(dispatching.dispatching_value)
is_hot = decision(dispatching.is_hot)
outcome = decision(outcomes.outcome)
time_to_failure = decision(failures.time_to_failure)
exposure_after = decision(failures.exposure_after)
left_of = decision(parts.left_of)
part = decision(parts.part)
split_from = decision(parts.split_from)
parts_of = decision(parts.parts_of)
part_of_size = decision(parts.part_of_size)
portion = decision(parts.portion)
portion_end = decision(parts.portion_end)
mean_of = decision(parts.mean_of)
moved = decision(tanks.moved)
is_used_before = decision(materials.is_used_before)
lots_to_order = decision(materials.lots_to_order)
lots_at_once = decision(batching.lots_at_once)
assign = decision(people.assign)
time_to_close = decision(calendars.time_to_close)
time_to_open = decision(calendars.time_to_open)
is_open = decision(calendars.is_open)
begins_break = decision(calendars.begins_break)
work_fits = decision(calendars.work_fits)
nearest = decision(transport.nearest)
trips = decision(transport.trips)
drive_through = decision(transport.drive_through)
advance = decision(flows.advance)
buffer_quanta = decision(flows.buffer_quanta)
failure_rate = decision(flows.failure_rate)
in_quanta = decision(flows.in_quanta)
level_rate = decision(flows.level_rate)
lot_quanta = decision(flows.lot_quanta)
pieces = decision(flows.pieces)
quantum = decision(flows.quantum)
rate_over = decision(flows.rate_over)
set_rates = decision(flows.set_rates)
time_to_change = decision(flows.time_to_change)
waits_because = decision(flows.waits_because)
whole_rate = decision(flows.whole_rate)
may_enter = decision(conveyors.may_enter)
due_behind = decision(conveyors.due_behind)
is_sampled = decision(quality.is_sampled)
within = decision(quality.within)
too_late = decision(quality.too_late)
is_bad = decision(quality.is_bad)
moved = decision(tanks.moved)
worked_at_check = decision(quality.worked_at_check)
released_as = decision(parts.released_as)
split_from = decision(parts.split_from)
has_card = decision(releases.has_card)
campaign_lots = decision(releases.campaign_lots)
comes_next = decision(releases.comes_next)
lots_to_let_in = decision(releases.lots_to_let_in)
time_until_release = decision(releases.time_until_release)
is_due = decision(upkeep.is_due)
is_changed = decision(upkeep.is_changed)
must_clean_in_time = decision(upkeep.must_clean_in_time)
was_cleaned_too_late = decision(upkeep.was_cleaned_too_late)
is_clean_no_longer = decision(upkeep.is_clean_no_longer)
worn_speed = decision(upkeep.worn_speed)
worn_failure_rate = decision(upkeep.worn_failure_rate)
wear_left = decision(upkeep.wear_left)
