"""A chromatography column, one lot at a time: its breakthrough curve, and a cycle of load, wash and elution.

What the equations mean, the scheme and its sources stand in `numerics/packed_bed.py`, whose array form this
repeats with the same operations in the same order, so that both give the same bits on a CPU. Each wave of the
loop holds cells that are a time step apart from their neighbours and so do not wait for one another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from twin.physics.kernels.compiled import compiled
from twin.physics.kernels.launch import Kernel

LEVELS = 4
TWELFTH = 1.0 / 12.0
LEAST = 1e-300  # keeps a bed that binds nothing from dividing by zero
BREAKTHROUGH_FIELDS = (
    "adsorption_rate",  # m3/(kg s)
    "capacity",  # kg/m3 of solid
    "exchange_time",  # s: solid over liquid, times what the liquid needs through the column
    "spread",  # axial dispersion over velocity and length
    "desorption_rate",  # 1/s
    "feed",  # kg/m3
    "duration",  # s
    "level_1",  # fractions of the feed's concentration, of which each is timed
    "level_2",
    "level_3",
    "level_4",
)
BREAKTHROUGH_OUTPUTS = ("time_1", "time_2", "time_3", "time_4", "passed", "held")  # s; kg/m3 of solid
CYCLE_FIELDS = (
    "adsorption_rate",
    "capacity",
    "load_exchange_time",
    "load_spread",
    "load_desorption_rate",
    "feed",
    "load_duration",
    "spread",
    "wash_exchange_time",
    "wash_desorption_rate",
    "wash_duration",
    "elution_exchange_time",
    "elution_desorption_rate",
    "elution_duration",
    "desorption_growth",  # factor a step of elution, from the wash's rate to the elution's
    "pool_start",  # fractions of the elution's duration
    "pool_end",
)
CYCLE_OUTPUTS = (  # kg/m3 of solid
    "passed_in_load",
    "held_after_load",
    "passed_in_wash",
    "held_after_wash",
    "before_pool",
    "pool",
    "after_pool",
    "held_after_elution",
)


@compiled
def _gain(
    arriving: float,
    held: float,
    capacity: float,
    transfer: float,
    uptake: float,
    release: float,
    mixing: float,
    forth: float,
    back: float,
) -> float:
    """Return what a cell's solid gains in a step."""
    free = capacity - held
    units = transfer * free
    pace = uptake * arriving + release
    later = min(max(0.5 + (pace - back * units) * TWELFTH, 0.25 * pace), 1.0)
    foot = max(units - forth * release, 0.0)
    further = 2.0 * mixing / (1.0 + math.sqrt(1.0 + 4.0 * mixing * foot))
    beyond = min(max(0.5 + (units - forth * pace) * TWELFTH, 0.25 * units), 1.0) + further
    bend = transfer * (beyond * later - (forth + back) * TWELFTH)
    slope = 1.0 + pace * later + units * beyond
    drive = uptake * arriving * free - release * held
    return 2.0 * drive / (slope + math.sqrt(slope * slope - 4.0 * bend * drive))


@compiled
def _pass_liquid(
    cells: int,
    steps: int,
    adsorption: float,
    capacity: float,
    exchange: float,
    spread: float,
    feed: float,
    duration: float,
    rates: Any,
    solid: Any,
    faces: Any,
    effluent: Any,
) -> None:
    """Send a liquid through the cells: changes `solid`, fills `effluent` by the step.

    `rates` are the desorption rates of the steps. The last cell comes first, and its far face, so that a wave
    goes up through memory with each cell before the one that feeds it.
    """
    step = duration / steps
    uptake = adsorption * step
    transfer = adsorption * exchange / cells
    ratio = exchange / (cells * step)
    mixing = spread * cells
    forth, back = 0.0, 0.0
    if feed > 0.0:
        forth = ratio * (adsorption * capacity / max(adsorption * feed + rates[0], LEAST))
        back = 1.0 / max(forth, LEAST)
    for face in range(cells + 1):
        faces[face] = 0.0
    faces[cells] = feed
    for wave in range(steps + cells - 1):
        last = min(wave, cells - 1)
        count = last - max(0, wave - steps + 1) + 1
        place, number = cells - 1 - last, wave - last
        here, between = solid[place : place + count], faces[place : place + count + 1]
        pace = rates[number : number + count]
        for cell in range(count):
            arriving, held = between[cell + 1], here[cell]
            release = pace[cell] * step
            gain = _gain(arriving, held, capacity, transfer, uptake, release, mixing, forth, back)
            here[cell] = held + gain
            between[cell] = arriving - ratio * gain
        if wave >= cells - 1:
            effluent[wave - cells + 1] = faces[0]


@compiled
def _window(steps: int, effluent: Any, start: float, end: float) -> float:
    """Return the mean over all steps of what leaves between the fractions `start` and `end` of their time."""
    total = 0.0
    for step in range(steps):
        before = min(max(start * steps - step, 0.0), 1.0)
        until = min(max(end * steps - step, 0.0), 1.0)
        total += (until - before) * effluent[step]
    return total / steps


@compiled
def _mean(cells: int, solid: Any) -> float:
    total: float = 0.0
    for cell in range(cells):
        total += solid[cells - 1 - cell]
    return total / cells


@compiled
def _after(steps: int, effluent: Any, step: int) -> float:
    """Return the effluent when a step ends, from its means over the steps around."""
    if step < 0:
        return float(min(max(1.5 * effluent[0] - 0.5 * effluent[1], 0.0), effluent[0]))
    now: float = effluent[step]
    if step == steps - 1:
        return float(now + 0.5 * (now - effluent[step - 1]))
    then: float = effluent[step + 1]
    if step == 0 or step == steps - 2:
        return 0.5 * (now + then)
    middle = (7.0 * (now + then) - (effluent[step - 1] + effluent[step + 2])) * TWELFTH
    return float(min(max(middle, min(now, then)), max(now, then)))


@compiled
def _time_of(steps: int, effluent: Any, level: float, duration: float) -> float:
    """Return when the effluent first reaches `level`, on a parabola in each step; infinite where never."""
    before = _after(steps, effluent, -1)
    if before >= level:
        return 0.0
    for step in range(steps):
        after = _after(steps, effluent, step)
        if after >= level:
            curve = 6.0 * effluent[step] - 3.0 * (before + after)
            slope = (after - before) + curve
            missing = level - before
            part = 2.0 * missing / (slope + math.sqrt(slope * slope - 4.0 * curve * missing))
            return float(duration / steps * (step + part))
        before = after
    return math.inf


@compiled
def _clean(cells: int, solid: Any) -> None:
    for cell in range(cells):
        solid[cell] = 0.0


@compiled
def _set_rates(steps: int, start: float, growth: float, end: float, rates: Any) -> None:
    """Fill desorption rates at the middles of steps that grow by a factor a step up to `end`."""
    rate = start * math.sqrt(growth)
    for step in range(steps):
        rates[step] = min(rate, end)
        rate *= growth


@compiled
def breakthrough_of_one(sizes: Any, inputs: Any, outputs: Any, work: Any) -> None:
    """Fill the outputs of one column: when its effluent reaches each level, what passed and what is held."""
    cells, steps = sizes[0], sizes[1]
    ka, qm, exchange, spread = inputs[0], inputs[1], inputs[2], inputs[3]
    kd, feed, duration = inputs[4], inputs[5], inputs[6]
    solid, faces = work[:cells], work[cells : 2 * cells + 1]
    rates, effluent = work[2 * cells + 1 :], work[2 * cells + 1 + steps :]
    _clean(cells, solid)
    _set_rates(steps, kd, 1.0, kd, rates)
    _pass_liquid(cells, steps, ka, qm, exchange, spread, feed, duration, rates, solid, faces, effluent)
    for level in range(LEVELS):
        outputs[level] = _time_of(steps, effluent, inputs[7 + level] * feed, duration)
    outputs[LEVELS] = _window(steps, effluent, 0.0, 1.0) * duration / exchange
    outputs[LEVELS + 1] = _mean(cells, solid)


@compiled
def cycle_of_one(sizes: Any, inputs: Any, outputs: Any, work: Any) -> None:
    """Fill the outputs of one cycle on a column that starts clean: where what was fed has gone."""
    cells, load, wash, elution = sizes[0], sizes[1], sizes[2], sizes[3]
    solid, faces, rates = work[:cells], work[cells : 2 * cells + 1], work[2 * cells + 1 :]
    effluent = work[2 * cells + 1 + max(load, wash, elution) :]
    _clean(cells, solid)
    ka, qm, spread = inputs[0], inputs[1], inputs[7]

    exchange, duration, kd = inputs[2], inputs[6], inputs[4]
    _set_rates(load, kd, 1.0, kd, rates)
    _pass_liquid(cells, load, ka, qm, exchange, inputs[3], inputs[5], duration, rates, solid, faces, effluent)
    outputs[0] = _window(load, effluent, 0.0, 1.0) * duration / exchange
    outputs[1] = _mean(cells, solid)

    exchange, duration, kd = inputs[8], inputs[10], inputs[9]
    _set_rates(wash, kd, 1.0, kd, rates)
    _pass_liquid(cells, wash, ka, qm, exchange, spread, 0.0, duration, rates, solid, faces, effluent)
    outputs[2] = _window(wash, effluent, 0.0, 1.0) * duration / exchange
    outputs[3] = _mean(cells, solid)

    exchange, duration = inputs[11], inputs[13]
    _set_rates(elution, kd, inputs[14], inputs[12], rates)
    _pass_liquid(cells, elution, ka, qm, exchange, spread, 0.0, duration, rates, solid, faces, effluent)
    scale = duration / exchange
    outputs[4] = _window(elution, effluent, 0.0, inputs[15]) * scale
    outputs[5] = _window(elution, effluent, inputs[15], inputs[16]) * scale
    outputs[6] = _window(elution, effluent, inputs[16], 1.0) * scale
    outputs[7] = _mean(cells, solid)


@compiled
def several_breakthroughs(sizes: Any, inputs: Any, outputs: Any, work: Any, first: int, last: int) -> None:
    """Fill the outputs of columns `first` to `last` - 1, a row each."""
    for column in range(first, last):
        breakthrough_of_one(sizes, inputs[column], outputs[column], work)


@compiled
def several_cycles(sizes: Any, inputs: Any, outputs: Any, work: Any, first: int, last: int) -> None:
    """Fill the outputs of cycles `first` to `last` - 1, a row each."""
    for column in range(first, last):
        cycle_of_one(sizes, inputs[column], outputs[column], work)


def scratch(sizes: Sequence[int]) -> int:
    """Return the numbers of scratch for `sizes`: cells, then the steps of each liquid."""
    return 2 * sizes[0] + 1 + 2 * max(sizes[1:])


BREAKTHROUGH = Kernel(
    "breakthrough",
    breakthrough_of_one,
    several_breakthroughs,
    len(BREAKTHROUGH_OUTPUTS),
    scratch,
    lots_a_task=16,
)
CYCLE = Kernel(
    "chromatography_cycle", cycle_of_one, several_cycles, len(CYCLE_OUTPUTS), scratch, lots_a_task=16
)
