"""Utilities as whole counts, and what operations, phases and tasks draw of them."""

from __future__ import annotations

from collections.abc import Mapping

from twin.engine.compile.context import Context
from twin.engine.compile.needs import DURING
from twin.engine.utilities import HOUR, MICRO, StretchUses, Use, Utility
from twin.plant import schema

_LARGEST = 4_000_000_000_000_000_000  # counts times ns of a storage; well inside 64 bits


def utility(name: str, words: schema.Utility) -> Utility:
    """A utility of the program; what is written per s, min or h is exact unless its storage is huge."""
    storage = words.storage
    size = _size(words)
    capacity = _counts(words.capacity.mean, size)
    slows = words.when_short == "slow_down"
    if storage is None:
        return Utility(name, size, capacity, slows)
    volume = storage.volume.mean
    start = volume if storage.start is None else storage.start.mean
    return Utility(
        name,
        size,
        capacity,
        slows,
        volume=content(volume, size),
        start=min(content(start, size), content(volume, size)),
        generation=_counts(storage.generation.mean, size),
    )


def _size(words: schema.Utility) -> int:
    """Millionths of the SI unit per hour of one count: the lowest power of ten that fits into 64 bits."""
    size = 1
    while words.storage is not None and words.storage.volume.mean * MICRO * HOUR / size > _LARGEST:
        size *= 10
    return size


def _counts(per_second: float, size: int) -> int:
    return max(1, round(per_second * 3600 * MICRO / size))


def content(amount: float, size: int) -> int:
    """A content in SI units as whole counts times ns."""
    return round(amount * MICRO * 1000) * (HOUR // 1000) // size


def uses_of(at: Context, uses: Mapping[str, schema.Use]) -> StretchUses:
    """Uses for the whole operation and for each of its stretches."""
    found: list[list[Use]] = [[] for _ in DURING]
    for name, words in uses.items():
        found[DURING[words.during]].append(_use(at, name, words))
    return tuple(tuple(stretch) for stretch in found)


def all_uses(at: Context, uses: Mapping[str, schema.Use]) -> tuple[Use, ...]:
    """Uses of work that has no stretches of its own."""
    return tuple(_use(at, name, words) for name, words in uses.items())


def task_uses(at: Context, uses: Mapping[str, schema.Use]) -> StretchUses:
    """Uses of a task, all of which is processing."""
    return ((), (), (), all_uses(at, uses), (), ())


def _use(at: Context, name: str, words: schema.Use) -> Use:
    number = list(at.plant.utilities).index(name)
    if words.rate is None:
        assert words.amount is not None
        return Use(number, 0, words.amount.mean)
    return Use(number, _counts(words.rate.mean, _size(at.plant.utilities[name])))
