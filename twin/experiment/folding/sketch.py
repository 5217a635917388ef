"""A histogram of times whose buckets grow with the value, for quantiles of more than can be kept.

Compiled; called by `lots.py`, and by `room.py` when kept times become too many.

Source: Masson, Rim & Lee, DDSketch: a fast and fully-mergeable quantile sketch with relative-error
guarantees, PVLDB 12, 2019, for a histogram whose buckets grow with the value.
"""

from __future__ import annotations

from twin.experiment.arrays import Integers
from twin.experiment.folding.compiling import entry

SKETCH_BITS = 10
SKETCH_BUCKETS = (62 - SKETCH_BITS) * (1 << (SKETCH_BITS - 1)) + (1 << SKETCH_BITS)


@entry
def bucket(value: int) -> int:
    """The bucket of a whole number from 0 to 2⁶²: exact below 2¹⁰, then 2⁹ to a doubling."""
    shift = 0
    for step in (32, 16, 8, 4, 2, 1):
        if value >> min(shift + step + SKETCH_BITS - 1, 62) > 0:
            shift += step
    return (shift << (SKETCH_BITS - 1)) + (value >> shift)


@entry
def count_leads(leads: Integers, sketch: Integers) -> None:
    """Count lead times in their buckets."""
    for lead in leads:
        sketch[bucket(lead)] += 1
