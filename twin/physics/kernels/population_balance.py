"""Population balances on cell-average sections as whole integrations of one lot: the kernel.

The same scheme as `numerics.population_balance`, whose array form says what the equations are: sections that
widen geometrically, one average of all births into a section, accounts of what is finer and what outgrows
the grid, Runge–Kutta steps of order 4. `BALANCE` is the plain balance with rates that stay as they are. The
unit operations call it through `launch`.

Pairs go by their distance d in sections, because section i and section i - d add up to the same number of
sections above i for all i: every inner loop runs along neighbouring numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

from twin.physics.kernels.compiled import compiled
from twin.physics.kernels.launch import Kernel
from twin.physics.numerics.population_balance import ACCOUNTS


@compiled
def clear(row: Any) -> None:
    """Set a row to 0."""
    for k in range(row.shape[0]):
        row[k] = 0.0


@compiled
def meet(
    offsets: Any,
    gaps: Any,
    pivots: Any,
    meetings: Any,
    state: Any,
    events: Any,
    births: Any,
    excess: Any,
    lost: Any,
) -> None:
    """Add births and losses by aggregation; `meetings` by distance d, then by section i from d on."""
    m = pivots.shape[0]
    numbers = state[:m]
    finer = state[m]
    finer_meets = 0.5 * meetings[0] * finer
    first = 0
    for d in range(m):
        width = m - d
        rate = meetings[first : first + width]
        heavier = numbers[d:]
        half = 0.5 if d == 0 else 1.0
        for i in range(width):
            events[i] = half * rate[i] * heavier[i] * numbers[i]
        above = d + offsets[d]
        born = births[above : above + width]
        for i in range(width):
            born[i] += events[i]
        gap = gaps[d]
        more = excess[above : above + width]
        own = pivots[d:]
        for i in range(width):
            more[i] += gap * own[i] * events[i]
        lost_heavier = lost[d:]
        for i in range(width):
            lost_heavier[i] += events[i]
        for i in range(width):
            lost[i] += events[i]
        finer_meets += rate[0] * numbers[d]
        first += width
    lost[m] += finer * finer_meets


@compiled
def shatter(rates: Any, many: Any, surplus: Any, state: Any, births: Any, excess: Any, lost: Any) -> None:
    """Add births and losses by breakage; `many` fragments and their `surplus` by parent, then by child."""
    first = 0
    for k in range(rates.shape[0]):
        broken = rates[k] * state[k]
        if broken != 0.0:
            lost[k] += broken
            children = many[first : first + k + 1]
            for i in range(k + 1):
                births[i] += broken * children[i]
            volumes = surplus[first : first + k + 1]
            for i in range(k + 1):
                excess[i] += broken * volumes[i]
        first += k + 1


@compiled
def share(ratio: float, pivots: Any, births: Any, excess: Any, lost: Any, slope: Any) -> None:
    """Set the state's slope: births shared between the pivots around their average, less what is lost."""
    m = pivots.shape[0]
    for k in range(m):
        slope[k] = births[k] - lost[k]
    slope[m] = -lost[m]
    outgrown = 0.0
    outgrown_volume = 0.0
    for k in range(m):
        upper = (ratio - 1.0) * pivots[k]
        if excess[k] >= 0.0:
            moved = excess[k] / upper
            slope[k] -= moved
            if k + 1 < m:
                slope[k + 1] += moved
            else:
                outgrown += moved
                outgrown_volume += moved * ratio * pivots[k]
        elif k > 0:
            moved = -excess[k] / (upper / ratio)
            slope[k] -= moved
            slope[k - 1] += moved
        else:
            moved = -excess[k] / pivots[k]
            slope[k] -= moved
            slope[m] += moved
    pivot = pivots[m - 1]
    for k in range(m, 2 * m):
        pivot *= ratio
        outgrown += births[k]
        outgrown_volume += births[k] * pivot + excess[k]
    slope[m + 1] = outgrown
    slope[m + 2] = outgrown_volume


@compiled
def stage(which: int, step: float, state: Any, slope: Any, total: Any, at: Any) -> None:
    """Take in the slope of stage `which` of 4 of a Runge–Kutta step, and set where the next is wanted.

    After the last stage `state` is that at the end of the step, and so is `at`.
    """
    weight = 1.0 if which == 0 or which == 3 else 2.0
    reach = 0.5 * step if which < 2 else step
    for k in range(state.shape[0]):
        total[k] = weight * slope[k] if which == 0 else total[k] + weight * slope[k]
        if which < 3:
            at[k] = state[k] + reach * slope[k]
        else:
            state[k] += step / 6.0 * total[k]
            at[k] = state[k]


@compiled
def filling(state: Any, pivots: Any) -> float:
    """Return the volume of the particles in sections."""
    volume = 0.0
    for i in range(pivots.shape[0]):
        volume += state[i] * pivots[i]
    return volume


@compiled
def balance(sizes: Any, inputs: Any, outputs: Any, work: Any) -> None:
    """Integrate a balance of constant rates: `sizes` and `inputs` as `balance_inputs` lays them out."""
    m = sizes[0]
    length = m + 3
    pairs = m * (m + 1) // 2
    step = inputs[0] / sizes[1]
    ratio = inputs[1]
    pivots = inputs[2 : 2 + m]
    gaps = inputs[2 + m : 2 + 2 * m]
    rates = inputs[2 + 2 * m : 2 + 3 * m]
    first = 2 + 3 * m
    meetings = inputs[first : first + pairs]
    many = inputs[first + pairs : first + 2 * pairs]
    surplus = inputs[first + 2 * pairs : first + 3 * pairs]
    start = inputs[first + 3 * pairs :]
    state = outputs
    at, slope, total = work[:length], work[length : 2 * length], work[2 * length : 3 * length]
    births, excess = work[3 * length : 3 * length + 2 * m], work[3 * length + 2 * m : 3 * length + 4 * m]
    lost = work[3 * length + 4 * m : 3 * length + 5 * m + 1]
    events = work[3 * length + 5 * m + 1 : 3 * length + 6 * m + 1]
    for k in range(length):
        state[k] = start[k]
        at[k] = start[k]
    for _ in range(sizes[1]):
        for which in range(4):
            clear(births)
            clear(excess)
            clear(lost)
            meet(sizes[2:], gaps, pivots, meetings, at, events, births, excess, lost)
            shatter(rates, many, surplus, at, births, excess, lost)
            share(ratio, pivots, births, excess, lost, slope)
            stage(which, step, state, slope, total, at)


@compiled
def wetness(inputs: Any, liquid: float, porosity: float, sauter: float) -> tuple[float, float]:
    """Return the rate of meetings with liquid, and the fourth power of a Stokes number over the critical."""
    pores = porosity / (1.0 - porosity)
    saturation = (liquid - inputs[8]) * inputs[9] / pores
    beyond = (saturation - inputs[10]) / inputs[11]
    dry = math.exp(-beyond)
    wet = 1.0 / (1.0 + dry)
    surplus = inputs[11] * (max(beyond, 0.0) + math.log1p(math.exp(-abs(beyond))))
    film = surplus / wet * pores * sauter / (6.0 * (1.0 + pores) ** (2.0 / 3.0))
    critical = inputs[6] * math.log1p(film / inputs[7])
    stokes = inputs[5] * (1.0 + liquid) / (1.0 + pores) ** (2.0 / 3.0) / critical
    return inputs[4] * wet * (2.0 - wet), stokes * stokes * stokes * stokes


@compiled
def coalescence(rate: float, strictness: float, pivots: Any, powers: Any, shapes: Any, meetings: Any) -> None:
    """Set meetings in shear that end in coalescence, by distance d and section i.

    `powers` are the pivots to 4/3; `shapes` the pair's volume in shear by d, then its Stokes number to 4.
    """
    m = pivots.shape[0]
    first = 0
    for d in range(m):
        volumes = rate * shapes[d]
        numbers = strictness * shapes[m + d]
        own, fourth = pivots[d:], powers[d:]
        row = meetings[first : first + m - d]
        for i in range(m - d):
            row[i] = volumes * own[i] / (1.0 + numbers * fourth[i])
        first += m - d


@compiled
def granulation(sizes: Any, inputs: Any, outputs: Any, work: Any) -> None:
    """Integrate granules that coalesce and consolidate while sprayed, then without; `inputs` as
    `solid_dose.granule_growth` lays them out. Gives the state with the porosity below.
    """
    m = sizes[0]
    length = m + 4
    ratio = inputs[14]
    pivots, gaps = inputs[15 : 15 + m], inputs[15 + m : 15 + 2 * m]
    surfaces, powers = inputs[15 + 2 * m : 15 + 3 * m], inputs[15 + 3 * m : 15 + 4 * m]
    shapes = inputs[15 + 4 * m : 15 + 6 * m]
    start = inputs[15 + 6 * m :]
    at, slope, total = work[:length], work[length : 2 * length], work[2 * length : 3 * length]
    births, excess = work[3 * length : 3 * length + 2 * m], work[3 * length + 2 * m : 3 * length + 4 * m]
    lost = work[3 * length + 4 * m : 3 * length + 5 * m + 1]
    events = work[3 * length + 5 * m + 1 : 3 * length + 6 * m + 1]
    meetings = work[3 * length + 6 * m + 1 :]
    state = outputs
    for k in range(length):
        state[k] = start[k]
        at[k] = start[k]
    for phase in range(2):
        step = inputs[phase] / sizes[1]
        liquid = inputs[2 + phase]
        rise = (inputs[3] - inputs[2]) / sizes[1] if phase == 0 else 0.0
        for k in range(sizes[1]):
            for which in range(4):
                clear(births)
                clear(excess)
                clear(lost)
                volume = filling(at, pivots)
                surface = filling(at, surfaces)
                through = k + 0.5 * ((which + 1) // 2)
                rate, strictness = wetness(inputs, liquid + rise * through, at[m + 3], volume / surface)
                coalescence(rate, strictness, pivots, powers, shapes, meetings)
                meet(sizes[2:], gaps, pivots, meetings, at[: m + 3], events, births, excess, lost)
                share(ratio, pivots, births, excess, lost, slope[: m + 3])
                slope[m + 3] = -inputs[12] * (at[m + 3] - inputs[13])
                stage(which, step, state, slope, total, at)


@compiled
def granulations(sizes: Any, inputs: Any, outputs: Any, work: Any, first: int, last: int) -> None:
    """Granulate the lots `first` to `last` - 1."""
    for lot in range(first, last):
        granulation(sizes, inputs[lot], outputs[lot], work)


@compiled
def mill_slope(
    ratio: float,
    pivots: Any,
    rates: Any,
    passing: Any,
    many: Any,
    surplus: Any,
    at: Any,
    births: Any,
    excess: Any,
    lost: Any,
    slope: Any,
) -> None:
    """Set the slopes of what is in a mill, of what passed by section and of the integral of what is in."""
    m = pivots.shape[0]
    clear(births)
    clear(excess)
    clear(lost)
    shatter(rates, many, surplus, at, births, excess, lost)
    share(ratio, pivots, births, excess, lost, slope[: m + 3])
    for i in range(m):
        slope[m + 3 + i] = passing[i] * at[i]
        slope[i] -= slope[m + 3 + i]
    slope[2 * m + 3] = filling(at, pivots)


@compiled
def mill(sizes: Any, inputs: Any, outputs: Any, work: Any) -> None:
    """Integrate what is fed at one instant as it breaks and passes a screen; `inputs` as `solid_dose.milling`
    lays them out.

    Gives the state in the mill, what passed by section, the integral over time of the volume in the mill;
    then when that volume came down to the residue wanted, and the integral up to there.
    """
    m = sizes[0]
    length = 2 * m + 4
    pairs = m * (m + 1) // 2
    step, residue, ratio = inputs[0], inputs[1], inputs[2]
    pivots, rates, passing = inputs[3 : 3 + m], inputs[3 + m : 3 + 2 * m], inputs[3 + 2 * m : 3 + 3 * m]
    first = 3 + 3 * m
    many, surplus = inputs[first : first + pairs], inputs[first + pairs : first + 2 * pairs]
    at, slope, total = work[:length], work[length : 2 * length], work[2 * length : 3 * length]
    births, excess = work[3 * length : 3 * length + 2 * m], work[3 * length + 2 * m : 3 * length + 4 * m]
    lost = work[3 * length + 4 * m : 3 * length + 5 * m + 1]
    state = outputs[:length]
    for k in range(length):
        state[k] = inputs[first + 2 * pairs + k] if k < m + 3 else 0.0
        at[k] = state[k]
    before = filling(state, pivots)
    cleared = False
    for k in range(sizes[1]):
        held = state[length - 1]
        for which in range(4):
            mill_slope(ratio, pivots, rates, passing, many, surplus, at, births, excess, lost, slope)
            stage(which, step, state, slope, total, at)
        now = filling(state, pivots)
        if now <= residue and not cleared:
            cleared = True
            part = math.log(before / residue) / math.log(before / now)
            outputs[length] = (k + part) * step
            outputs[length + 1] = held + part * (state[length - 1] - held)
        before = now
    if not cleared:
        outputs[length] = sizes[1] * step
        outputs[length + 1] = state[length - 1]


@compiled
def mills(sizes: Any, inputs: Any, outputs: Any, work: Any, first: int, last: int) -> None:
    """Mill the lots `first` to `last` - 1."""
    for lot in range(first, last):
        mill(sizes, inputs[lot], outputs[lot], work)


@compiled
def balances(sizes: Any, inputs: Any, outputs: Any, work: Any, first: int, last: int) -> None:
    """Integrate the lots `first` to `last` - 1."""
    for lot in range(first, last):
        balance(sizes, inputs[lot], outputs[lot], work)


def scratch(sizes: Sequence[int]) -> int:
    """Return the length of a lot's scratch."""
    return 9 * sizes[0] + 10


@cache
def balance_kernel(count: int) -> Kernel:
    """Return the kernel of plain balances on `count` sections; it gives the state, (count + 3, n)."""
    return Kernel(f"population_balance_{count}", balance, balances, outputs=count + ACCOUNTS, work=scratch)


@cache
def granulation_kernel(count: int) -> Kernel:
    """Return the kernel of granulation on `count` sections; it gives state and porosity, (count + 4, n)."""
    return Kernel(
        f"granulation_{count}",
        granulation,
        granulations,
        outputs=count + ACCOUNTS + 1,
        work=lambda sizes: scratch(sizes) + 3 + sizes[0] * (sizes[0] + 1) // 2,
    )


@cache
def milling_kernel(count: int) -> Kernel:
    """Return the kernel of milling on `count` sections; it gives (2 count + 6, n)."""
    return Kernel(
        f"milling_{count}",
        mill,
        mills,
        outputs=2 * count + 6,
        work=lambda sizes: scratch(sizes) + 3 * (sizes[0] + 1),
    )
