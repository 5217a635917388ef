r"""A packed bed that binds one solute from the liquid that passes it: kinetic Langmuir along characteristics.

    dc/dt + u dc/dz + F dq/dt = D d2c/dz2,   dq/dt = ka c (qm - q) - kd q,   F = (1 - porosity) / porosity

With tau = t - z/u, the time since the liquid at hand entered, the two time derivatives of c vanish: each
parcel of liquid keeps its place in the row, u dc/dz = -F dq/dtau, and neither the time step nor the number of
steps depends on how fast the liquid is. Without binding the bed is a plug, to the last digit. A cell holds q
in the middle of its length, c at its two faces in the middle of a step, and gains by one quadratic equation
what the liquid loses, so that mass balances to rounding whatever the step.

Rates are means over cell and step. The trapezium's error in them, from the curvature of c along the bed, of q
in time, and from c and q varying together, is known where a front keeps its pattern, because there q follows
c in proportion; with that it is of second order for any profile and nearly of fourth for such fronts. Bounds
on the two weights keep c and q between nothing and what the feed would give where a cell or a step is too
coarse for the front.

Axial dispersion counts in the front of what binds, where it matters: solid meets c where the flux has
Danckwerts' c - (D/u) dc/dz, by the exponent of the front's foot. Against the equation above breakthrough
times at 1 to 90 % came within 0.02 % at u L/D = 500, 0.1 % at 100 and 0.25 % at 50. Dispersion of what does
not bind is left out, and so are diffusion into pores and more than one solute.

This is the array form, for any array library, and the reference; `kernels/chromatography.py` repeats it lot
by lot. Protein A capture calls both. H. C. Thomas, "Heterogeneous ion exchange in a flowing system", Journal
of the American Chemical Society 66 (1944) 1664-1666, has the equations without dispersion and solves them in
tau.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from twin.physics.backend import namespace
from twin.physics.contract import Array
from twin.physics.kernels.chromatography import LEAST, LEVELS, TWELFTH
from twin.physics.numerics.sums import ordered_sum


class Liquid(NamedTuple):
    """A liquid on its way through a bed, and what binds while it does; each an array of shape (n,).

    `adsorption_rate` ka in m3/(kg s); `capacity` qm in kg/m3 of solid; `exchange_time` F L/u in s; `spread`
    D/(u L); `feed` c at the inlet in kg/m3; `duration` in s of its entering.
    """

    adsorption_rate: Array
    capacity: Array
    exchange_time: Array
    spread: Array
    feed: Array
    duration: Array


def pass_liquid(liquid: Liquid, desorption_rates: Array, solid: Array) -> tuple[Array, Array]:
    """Return the solid's and the effluent's concentrations after `liquid` has passed a bed.

    `desorption_rates` kd in 1/s, shape (steps, n), one for each step of its duration; `solid` q at the start
    in kg/m3 of solid, shape (cells, n). Returns q at the end, and c that leaves during each step, (steps, n),
    in kg/m3. Both hold for tau, and so for the liquid itself: it leaves L/u later than it enters.
    """
    xp = namespace(liquid.feed)
    steps, cells = desorption_rates.shape[0], solid.shape[0]
    step = liquid.duration / steps
    uptake = liquid.adsorption_rate * step
    transfer = liquid.adsorption_rate * liquid.exchange_time / cells
    ratio = liquid.exchange_time / (cells * step)
    mixing = liquid.spread * cells
    forth, back = _pattern(liquid, desorption_rates[0, ...], ratio)
    solid = xp.asarray(solid, copy=True)
    faces = xp.zeros((cells + 1, solid.shape[1]), dtype=xp.float64, device=solid.device)
    faces[0, ...] = liquid.feed
    releases = xp.flip(desorption_rates, axis=0) * step
    effluent = []
    for wave in range(steps + cells - 1):
        shift = steps - 1 - wave
        first, end = max(0, -shift), min(wave, cells - 1) + 1
        arriving, held = faces[first:end, ...], solid[first:end, ...]
        release = releases[shift + first : shift + end, ...]
        gain = _gain(arriving, held, liquid.capacity, transfer, uptake, release, mixing, forth, back)
        leaving = arriving - ratio * gain
        solid[first:end, ...] = held + gain
        faces[first + 1 : end + 1, ...] = leaving
        if wave >= cells - 1:
            effluent.append(leaving[-1, ...])
    return solid, xp.stack(effluent)


def _gain(
    arriving: Array,
    held: Array,
    capacity: Array,
    transfer: Array,
    uptake: Array,
    release: Array,
    mixing: Array,
    forth: Array,
    back: Array,
) -> Array:
    """Return what cells' solid gains in a step, shape (cells, n).

    From c of what is `arriving` and q `held` at the start, by the smaller root of a quadratic equation.
    `transfer` times free capacity are a cell's transfer units, `uptake` times c and `release` the step's
    relaxations; `later` is the weight of the step's end, `beyond` that of the cell's far face.
    """
    xp = namespace(arriving)
    one, nought = (xp.asarray(value, device=arriving.device) for value in (1.0, 0.0))
    free = capacity - held
    units = transfer * free
    pace = uptake * arriving + release
    later = xp.minimum(xp.maximum(0.5 + (pace - back * units) * TWELFTH, 0.25 * pace), one)
    foot = xp.maximum(units - forth * release, nought)
    further = 2.0 * mixing / (1.0 + xp.sqrt(1.0 + 4.0 * mixing * foot))
    beyond = xp.minimum(xp.maximum(0.5 + (units - forth * pace) * TWELFTH, 0.25 * units), one) + further
    bend = transfer * (beyond * later - (forth + back) * TWELFTH)
    slope = 1.0 + pace * later + units * beyond
    drive = uptake * arriving * free - release * held
    return 2.0 * drive / (slope + xp.sqrt(slope * slope - 4.0 * bend * drive))


def _pattern(liquid: Liquid, desorption_rate: Array, ratio: Array) -> tuple[Array, Array]:
    """Return what q changes for c along a front that keeps its pattern, times `ratio`, and its inverse.

    Nothing and nothing where the liquid brings no solute, and so no front.
    """
    xp = namespace(ratio)
    pace = xp.maximum(
        liquid.adsorption_rate * liquid.feed + desorption_rate, xp.asarray(LEAST, device=ratio.device)
    )
    forth = ratio * (liquid.adsorption_rate * liquid.capacity / pace)
    back = 1.0 / xp.maximum(forth, xp.asarray(LEAST, device=ratio.device))
    front = liquid.feed > 0.0
    return xp.where(front, forth, xp.zeros_like(forth)), xp.where(front, back, xp.zeros_like(back))


def leaving_between(effluent: Array, start: Array | float, end: Array | float) -> Array:
    """Return the mean over all steps of what leaves between the fractions `start` and `end` of their time.

    `effluent` of shape (steps, n); returns (n,), in its unit.

    >>> import numpy as np
    >>> leaving_between(np.asarray([[1.0], [2.0], [4.0], [5.0]]), 0.125, 0.75)
    array([1.625])
    """
    xp = namespace(effluent)
    steps = effluent.shape[0]
    shares = []
    for step in range(steps):
        before = xp.clip(xp.asarray(start * steps - step), 0.0, 1.0)
        until = xp.clip(xp.asarray(end * steps - step), 0.0, 1.0)
        shares.append((until - before) * effluent[step, ...])
    return ordered_sum(xp.stack(shares)) / steps


def time_of(effluent: Array, level: Array, duration: Array) -> Array:
    """Return when the effluent first reaches `level`, in s; infinite where never, zero where from the start.

    `effluent` of shape (steps, n) in kg/m3, at least two means over equal steps of `duration`; `level` and
    `duration` of shape (n,). In each step it is the parabola of that mean between values at the step's ends,
    which are of fourth order and stay between the means on both sides: P. Colella, P. R. Woodward, "The
    piecewise parabolic method (PPM) for gas-dynamical simulations", Journal of Computational Physics 54
    (1984) 174-201, equation 1.9.

    >>> import numpy as np
    >>> rising = np.diff(np.linspace(0.0, 1.0, 9) ** 3)[:, None] * 8  # means of 3 t**2 in eighths
    >>> float(round(time_of(rising, np.asarray([0.75]), np.asarray([1.0]))[0], 12))
    0.5
    """
    xp = namespace(effluent)
    steps = effluent.shape[0]
    first = effluent[0, ...]
    before = xp.minimum(xp.maximum(1.5 * first - 0.5 * effluent[1, ...], xp.zeros_like(first)), first)
    there = before >= level
    time = xp.where(there, xp.zeros_like(level), xp.full_like(level, math.inf))
    for step in range(steps):
        after = _after(effluent, step)
        reached = ~there & (after >= level)
        curve = 6.0 * effluent[step, ...] - 3.0 * (before + after)
        slope = (after - before) + curve
        missing = level - before
        one = xp.ones_like(missing)
        root = xp.sqrt(xp.where(reached, slope * slope - 4.0 * curve * missing, one))
        part = 2.0 * missing / xp.where(reached, slope + root, one)
        time = xp.where(reached, duration / steps * (step + part), time)
        there = there | reached
        before = after
    return time


def _after(effluent: Array, step: int) -> Array:
    """Return the effluent when a step ends, from its means over the steps around, shape (n,)."""
    xp = namespace(effluent)
    now = effluent[step, ...]
    if step == effluent.shape[0] - 1:
        return now + 0.5 * (now - effluent[step - 1, ...])
    then = effluent[step + 1, ...]
    if step in (0, effluent.shape[0] - 2):
        return 0.5 * (now + then)
    middle = (7.0 * (now + then) - (effluent[step - 1, ...] + effluent[step + 2, ...])) * TWELFTH
    return xp.minimum(xp.maximum(middle, xp.minimum(now, then)), xp.maximum(now, then))


def breakthrough(sizes: Sequence[int], inputs: Array) -> Array:
    """Return `BREAKTHROUGH_OUTPUTS` of columns that a feed enters: shape (outputs, n).

    `sizes` are cells and steps, `inputs` the `BREAKTHROUGH_FIELDS`, shape (fields, n); both lists stand in
    `kernels/chromatography.py`. Times are those of tau: the liquid comes out L/u later.
    """
    xp = namespace(inputs)
    cells, steps = sizes
    ka, qm, exchange, spread, kd, feed, duration = (inputs[i, ...] for i in range(7))
    liquid = Liquid(ka, qm, exchange, spread, feed, duration)
    solid, effluent = pass_liquid(liquid, _constant(kd, steps), _clean(cells, feed))
    times = [time_of(effluent, inputs[7 + i, ...] * feed, duration) for i in range(LEVELS)]
    passed = leaving_between(effluent, 0.0, 1.0) * duration / exchange
    return xp.stack([*times, passed, ordered_sum(solid) / cells])


def cycle(sizes: Sequence[int], inputs: Array) -> Array:
    """Return `CYCLE_OUTPUTS` of one load, wash and elution of columns that start clean: shape (outputs, n).

    `sizes` are cells and the steps of the three liquids, `inputs` the `CYCLE_FIELDS`, shape (fields, n); both
    lists stand in `kernels/chromatography.py`. What is still between the solid when a liquid follows another
    counts with the liquid in which it is.
    """
    xp = namespace(inputs)
    cells = sizes[0]
    given = [inputs[i, ...] for i in range(inputs.shape[0])]
    ka, qm, feed, spread = given[0], given[1], given[5], given[7]
    nothing = 0.0 * feed
    load = Liquid(ka, qm, given[2], given[3], feed, given[6])
    wash = Liquid(ka, qm, given[8], spread, nothing, given[10])
    elution = Liquid(ka, qm, given[11], spread, nothing, given[13])

    solid, effluent = pass_liquid(load, _constant(given[4], sizes[1]), _clean(cells, feed))
    passed_in_load = leaving_between(effluent, 0.0, 1.0) * load.duration / load.exchange_time
    after_load = ordered_sum(solid) / cells

    solid, effluent = pass_liquid(wash, _constant(given[9], sizes[2]), solid)
    passed_in_wash = leaving_between(effluent, 0.0, 1.0) * wash.duration / wash.exchange_time
    after_wash = ordered_sum(solid) / cells

    solid, effluent = pass_liquid(elution, _rising(given[9], given[14], given[12], sizes[3]), solid)
    scale = elution.duration / elution.exchange_time
    windows = ((0.0, given[15]), (given[15], given[16]), (given[16], 1.0))
    eluted = [leaving_between(effluent, start, end) * scale for start, end in windows]
    after = ordered_sum(solid) / cells
    return xp.stack([passed_in_load, after_load, passed_in_wash, after_wash, *eluted, after])


def _clean(cells: int, like: Array) -> Array:
    xp = namespace(like)
    return xp.zeros((cells, like.shape[0]), dtype=xp.float64, device=like.device)


def _constant(rate: Array, steps: int) -> Array:
    xp = namespace(rate)
    return xp.stack([rate] * steps)


def _rising(start: Array, growth: Array, end: Array, steps: int) -> Array:
    """Return rates at the middles of steps that grow from `start` by a factor `growth` a step, up to
    `end`.
    """
    xp = namespace(start)
    rate = start * xp.sqrt(growth)
    rates = []
    for _ in range(steps):
        rates.append(xp.minimum(rate, end))
        rate = rate * growth
    return xp.stack(rates)
