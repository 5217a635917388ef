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
def left_and_slope(x: float, s: float) -> tuple[float, float]:
    """Return the mass fraction left of a powder of spread `s` that lost `x` of its median, and its slope."""
    depth = -math.log(max(x, 1e-12)) / s
    left, slope = 0.0, 0.0
    binomial, power, lower = 1.0, 1.0, 0.0  # (3 over k), (-x)**k, (-x)**(k - 1)
    for k in range(4):
        moment = math.exp(0.5 * k * k * s * s) * 0.5 * math.erfc((k * s - depth) / _ROOT_TWO)
        left += binomial * power * moment
        slope -= k * binomial * lower * moment
        binomial, lower, power = binomial * (3 - k) / (k + 1), power, -x * power
    if left < 0.0:
        left = 0.0
    elif left > 1.0:
        left = 1.0
    if not slope < 0.0:
        slope = 0.0
    return left, slope


@compiled
def shrinkage_at(fraction: float, s: float) -> float:
    """Return the shrinkage at which `fraction` is dissolved: Newton's steps in a bracket; NaN without one."""
    low, high = 0.0, math.exp(4.0 * s)
    at_low = 1.0 - fraction - left_and_slope(low, s)[0]
    at_high = 1.0 - fraction - left_and_slope(high, s)[0]
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
        left, slope = left_and_slope(root, s)
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
def cell_of(row: Any, cells: int, value: float) -> int:
    """Return the cell between the edges in `row` that a value is in; `cells` is a power of two."""
    cell, half = 0, cells // 2
    while half > 0:
        if value > row[cell + half]:
            cell += half
        half //= 2
    return cell


@compiled
def dissolve_one(sizes: Any, inputs: Any, outputs: Any, work: Any) -> None:
    """Fill `outputs`: the fraction dissolved at five times, then the times in s to a half and to four fifths.

    `sizes`: cells of the course. `inputs`: rate in pure medium in 1/s, loading of the medium, spread, and the
    five times in s. `work` has places, times and speeds of the course.
    """
    cells = sizes[0]
    rate, loading, s = inputs[0], inputs[1], inputs[2]
    places, times, speeds = work[: cells + 1], work[cells + 1 : 2 * cells + 2], work[2 * cells + 2 :]
    full = loading > 1.0
    top = shrinkage_at(min(1.0 / loading, 1.0 - 1e-6), s) if full else math.exp(4.0 * s)
    bend = 7.0 * s
    times[0] = 0.0
    for k in range(cells + 1):
        places[k] = top * math.expm1(bend * (k / cells)) / math.expm1(bend)
        speed = 1.0 - loading * (1.0 - left_and_slope(places[k], s)[0])
        speeds[k] = min(max(speed, 0.0), 1.0)
        if full and k == cells:
            speeds[k] = 0.0
        if k > 0:
            pure = (places[k] - places[k - 1]) / rate
            times[k] = times[k - 1] + pure / speeds[k - 1] * slowed(loss(speeds[k - 1], speeds[k]))
    for i in range(TIMES):
        time = inputs[FIRST + i]
        k = cell_of(times, cells, time)
        pure = rate * (time - times[k])
        closing = (speeds[k] - speeds[k + 1]) / (places[k + 1] - places[k]) * pure
        part = -math.expm1(-closing) / closing if closing > 1e-9 else 1.0
        outputs[i] = 1.0 - left_and_slope(places[k] + speeds[k] * pure * part, s)[0]
    for i in range(len(FRACTIONS)):
        place = shrinkage_at(FRACTIONS[i], s)
        k = cell_of(places, cells, place)
        share = min(max((place - places[k]) / (places[k + 1] - places[k]), 0.0), 1.0)
        way = (place - places[k]) / rate / speeds[k]
        outputs[TIMES + i] = times[k] + way * slowed(share * loss(speeds[k], speeds[k + 1]))
        if not (place < places[cells] or speeds[cells] > 0.0):
            outputs[TIMES + i] = _INFINITE


@compiled
def dissolve_some(sizes: Any, inputs: Any, outputs: Any, work: Any, first: int, last: int) -> None:
    """Dissolve lots `first` to `last` - 1."""
    for lot in range(first, last):
        dissolve_one(sizes, inputs[lot], outputs[lot], work)


def _work(sizes: Sequence[int]) -> int:
    return 3 * (sizes[0] + 1)


DISSOLVING = Kernel(
    "dissolution", dissolve_one, dissolve_some, outputs=TIMES + len(FRACTIONS), work=_work, lots_a_task=16
)
