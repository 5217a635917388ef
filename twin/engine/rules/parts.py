"""Numbers of lots that a lot was split into: the k-th part of lot n has a number that says both.

A lot is numbered at release from 0; the part of a part counts in steps of a thousand and twenty-four. The low
32 bits are the released lot, the bits above the way to the part, so that the draws of a part are its own and
stay what they are whatever else is released or split.
"""

from __future__ import annotations

from collections.abc import Sequence

MOST_PARTS = 1000  # of one lot at one split
DEEPEST = 3  # splits of splits

_ROOT_BITS = 32
ROOT = (1 << _ROOT_BITS) - 1
_STEP = 1024


def part(number: int, k: int) -> int:
    """The number of the k-th part (from 0, below `MOST_PARTS`) of a lot."""
    return (((number >> _ROOT_BITS) * _STEP + k + 1) << _ROOT_BITS) | (number & ROOT)


def split_from(number: int) -> int:
    """The number of the lot that a part was split from; -1 for a lot that was released whole."""
    way = number >> _ROOT_BITS
    return ((way // _STEP) << _ROOT_BITS) | (number & ROOT) if way else -1


def position(number: int) -> int:
    """Which part of the lot before it a part is, from 0; -1 for a lot that was released whole."""
    return (number >> _ROOT_BITS) % _STEP - 1


def released_as(number: int) -> int:
    """The number of the released lot that a part comes from in the end; its own for one released whole."""
    return number & ROOT


def parts_of(quantity: int, into: int, each: int) -> int:
    """Into how many parts a lot is split: `into` equal ones, or as many of `each` as it takes."""
    if each > 0:
        return max(1, (quantity + each - 1) // each)
    return max(1, min(into, quantity))


def part_of_size(quantity: int, each: int, k: int) -> int:
    """The quantity of the k-th part of size `each`; the last one has the rest."""
    return min(each, quantity - k * each)


def portion_end(quantity: int, into: int, each: int, k: int) -> int:
    """How much of a lot the portions up to the k-th (from 0) hold, of `into` equal ones or of size `each`.

    >>> [portion_end(10, 4, 0, k) for k in range(4)], [portion_end(10, 0, 4, k) for k in range(3)]
    ([3, 6, 8, 10], [4, 8, 10])
    """
    if each > 0:
        return min(quantity, (k + 1) * each)
    parts = max(1, min(into, quantity))
    return quantity // parts * (k + 1) + min(k + 1, quantity % parts)


def left_of(quantity: int, waste: int, good: float) -> int:
    """What is left of a quantity without the waste, of whose rest `good` is the good fraction; rounded.

    >>> left_of(100, 10, 0.5), left_of(5, 10, 1.0)
    (45, 0)
    """
    rest = quantity - min(waste, quantity)
    return rest - round(rest * (1.0 - good))


def portion(quantity: int, parts: int, k: int) -> int:
    """The quantity of the k-th of `parts` equal parts; the first ones take what does not divide.

    >>> [portion(10, 4, k) for k in range(4)]
    [3, 3, 2, 2]
    """
    return quantity // parts + (1 if k < quantity % parts else 0)


def mean_by_quantity(values: Sequence[float], quantities: Sequence[int]) -> float:
    """The mean of an attribute over lots that become one, by their quantities; the first where all are 0.

    >>> mean_by_quantity([0.02, 0.05], [100, 200])
    0.04
    """
    total, weighed = 0, 0.0
    for i in range(len(values)):
        total += quantities[i]
        weighed += quantities[i] * values[i]
    return mean_of(weighed, total, values[0])


def mean_of(weighed: float, total: int, first: float) -> float:
    """The mean of values from their sum, each times its quantity and one after the other, and that of the
    quantities; the `first` value where that is 0.
    """
    return weighed / total if total else first
