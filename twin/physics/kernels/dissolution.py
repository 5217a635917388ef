"""How a lognormal powder dissolves in a medium that fills up, as a kernel: fractions at given times, and the
times of given fractions.

The array form in `solid_dose/dissolution.py` is the reference and says what is computed and why; names are
its own. Some hundred places of each lot, one after another, instead of all places of all lots at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from twin.physics.kernels.compiled import compiled
from twin.physics.kernels.launch import Kernel

_ROOT_TWO = 1.4142135623730951
_ITERATIONS = 30
_NAN, _INFINITE = math.nan, math.inf
FRACTIONS = (0.5, 0.8)  # whose times are asked for
TIMES = 5  # at which the fraction dissolved is asked for
FIRST = 3  # of the times, among the inputs


@compiled
def half_moments(s: float) -> tuple[float, float, float]:
    """Return halves of the partial moments' factors exp(k**2 s**2 / 2) for k from 1 to 3, of a spread `s`."""
    return math.exp(0.5 * s * s) * 0.5, math.exp(2.0 * s * s) * 0.5, math.exp(4.5 * s * s) * 0.5


@compiled
def left_and_slope(x: float, s: float, half: tuple[float, float, float]) -> tuple[float, float]:
    """Return the mass fraction left of a powder of spread `s` that lost `x` of its median, and its slope;
    `half` as `half_moments` gives it.
    """
    depth = -math.log(max(x, 1e-12)) / s
    zeroth = 0.5 * math.erfc((0.0 - depth) / _ROOT_TWO)
    first = half[0] * math.erfc((s - depth) / _ROOT_TWO)
    second = half[1] * math.erfc((2 * s - depth) / _ROOT_TWO)
    third = half[2] * math.erfc((3 * s - depth) / _ROOT_TWO)
    square = x * x
    left = zeroth + 3.0 * -x * first + 3.0 * square * second + -x * square * third
    slope = 0.0 - 3.0 * first - 6.0 * -x * second - 3.0 * square * third
    if left < 0.0:
        left = 0.0
    elif left > 1.0:
        left = 1.0
    if not slope < 0.0:
        slope = 0.0
    return left, slope


@compiled
def shrinkage_at(fraction: float, s: float, half: tuple[float, float, float]) -> float:
    """Return the shrinkage at which `fraction` is dissolved: Newton's steps in a bracket; NaN without one."""
    low, high = 0.0, math.exp(4.0 * s)
    at_low = 1.0 - fraction - left_and_slope(low, s, half)[0]
    at_high = 1.0 - fraction - left_and_slope(high, s, half)[0]
    if at_low == 0.0:
        return low
    if at_high == 0.0:
        return high
    if not (at_low < 0.0 and at_high > 0.0):
        return _NAN
    rounding = 2.0**-50 * high
    start, end = low, high
    root, moved = 0.5 * high, high
    for _ in range(_ITERATIONS):
        left, slope = left_and_slope(root, s, half)
        value = 1.0 - fraction - left
        if value == 0.0:
            return root
        if value < 0.0:
            start = root
        else:
            end = root
        after = start + 0.5 * (end - start)
        if slope != 0.0:
            newton = root + value / slope
            step = abs(newton - root)
            if (start <= newton <= end and step <= 0.5 * moved) or step <= rounding:
                after = min(max(newton, start), end)
        moved = abs(after - root)
        root = after
        if moved == 0.0:
            return root
    return root


@compiled
def loss(speed: float, later: float) -> float:
    """Return the part of a speed that is lost over a cell, 0 where it has come to rest."""
    return (speed - later) / speed if speed > 0.0 else 0.0 * speed


@compiled
def slowed(part: float) -> float:
    """Return the time for a way on which a part of the speed is lost evenly, over that at constant speed."""
    if part >= 1.0:
        return _INFINITE
    return -math.log1p(-part) / part if part > 1e-9 else 1.0 + 0.0 * part


@compiled
def cell_of(row: Any, last: int, cells: int, value: float) -> int:
    """Return the cell between the edges in `row`, known up to the `last` one, that a value is in, which is
    not beyond that edge; `cells` is a power of two.
    """
    cell, half = 0, cells // 2
    while half > 0:
        if cell + half <= last and value > row[cell + half]:
            cell += half
        half //= 2
    return cell


@compiled
def follow(rate: float, loading: float, s: float, longest: float, cells: int, known: int, work: Any) -> int:
    """Fill `work` with places, times and speeds of the course, up to where all of the test has happened: the
    time is `longest`, and both fractions are dissolved. Returns the last place.

    `work` has four rows for the cells' edges, places, times, speeds and what is left at the places, and the
    places of the fractions. `known` of the places, and what is left there, are those of this spread already.
    """
    edges = cells + 1
    places, times, speeds = work[:edges], work[edges : 2 * edges], work[2 * edges : 3 * edges]
    left, half = work[3 * edges : 4 * edges], half_moments(s)
    full = loading > 1.0
    top = shrinkage_at(min(1.0 / loading, 1.0 - 1e-6), s, half) if full else math.exp(4.0 * s)
    bend = 7.0 * s
    whole = math.expm1(bend)
    furthest = 0.0
    for i in range(len(FRACTIONS)):
        furthest = max(furthest, work[4 * edges + i])
    within = furthest < top * whole / whole
    times[0] = 0.0
    for k in range(edges):
        if k >= known:
            places[k] = top * math.expm1(bend * (k / cells)) / whole
            left[k] = left_and_slope(places[k], s, half)[0]
        speeds[k] = min(max(1.0 - loading * (1.0 - left[k]), 0.0), 1.0)
        if full and k == cells:
            speeds[k] = 0.0
        if k > 0:
            pure = (places[k] - places[k - 1]) / rate
            times[k] = times[k - 1] + pure / speeds[k - 1] * slowed(loss(speeds[k - 1], speeds[k]))
            if within and times[k] >= longest and places[k] >= furthest:
                return k
    return cells


@compiled
def dissolve(sizes: Any, inputs: Any, outputs: Any, work: Any, known: int) -> int:
    """Dissolve a lot, of whose course `known` places stand in `work` already, from a lot of the same spread;
    returns how many do so then. Arrays as in `dissolve_one`.
    """
    cells = sizes[0]
    edges = cells + 1
    rate, loading, s = inputs[0], inputs[1], inputs[2]
    places, times, speeds = work[:edges], work[edges : 2 * edges], work[2 * edges : 3 * edges]
    half = half_moments(s)
    if loading > 1.0:
        known = 0  # its places end where the medium is full
    if known == 0:
        for i in range(len(FRACTIONS)):
            work[4 * edges + i] = shrinkage_at(FRACTIONS[i], s, half)
    longest = inputs[FIRST]
    for i in range(1, TIMES):
        longest = max(longest, inputs[FIRST + i])
    last = follow(rate, loading, s, longest, cells, known, work)
    for i in range(TIMES):
        time = inputs[FIRST + i]
        k = cell_of(times, last, cells, time)
        pure = rate * (time - times[k])
        closing = (speeds[k] - speeds[k + 1]) / (places[k + 1] - places[k]) * pure
        part = -math.expm1(-closing) / closing if closing > 1e-9 else 1.0
        outputs[i] = 1.0 - left_and_slope(places[k] + speeds[k] * pure * part, s, half)[0]
    for i in range(len(FRACTIONS)):
        place = work[4 * edges + i]
        k = cell_of(places, last, cells, place)
        share = min(max((place - places[k]) / (places[k + 1] - places[k]), 0.0), 1.0)
        way = (place - places[k]) / rate / speeds[k]
        outputs[TIMES + i] = times[k] + way * slowed(share * loss(speeds[k], speeds[k + 1]))
        if last == cells and not (place < places[cells] or speeds[cells] > 0.0):
            outputs[TIMES + i] = _INFINITE
    return 0 if loading > 1.0 else max(known, last + 1)


@compiled
def dissolve_one(sizes: Any, inputs: Any, outputs: Any, work: Any) -> None:
    """Fill `outputs`: the fraction dissolved at five times, then the times in s to a half and to four fifths.

    `sizes`: cells of the course. `inputs`: rate in pure medium in 1/s, loading of the medium, spread, and the
    five times in s. `work` has the course, as in `follow`.
    """
    dissolve(sizes, inputs, outputs, work, 0)


@compiled
def dissolve_some(sizes: Any, inputs: Any, outputs: Any, work: Any, first: int, last: int) -> None:
    """Dissolve lots `first` to `last` - 1. What follows from the spread alone is computed once for lots of
    one spread that come one after another.
    """
    known = 0
    for lot in range(first, last):
        alike = lot > first and inputs[lot, 2] == inputs[lot - 1, 2]
        known = dissolve(sizes, inputs[lot], outputs[lot], work, known if alike else 0)


def _work(sizes: Sequence[int]) -> int:
    return 4 * (sizes[0] + 1) + len(FRACTIONS)


DISSOLVING = Kernel(
    "dissolution", dissolve_one, dissolve_some, outputs=TIMES + len(FRACTIONS), work=_work, lots_a_task=64
)
