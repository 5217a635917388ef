"""How mammalian cells grow, die, eat and breathe in suspension, and the integration of a fed-batch culture.

Growth is Monod's, limited by glucose and glutamine and held back by lactate and ammonia; below the set-point
of dissolved oxygen it slows with what the cells get. The array form here is the reference of the kernel in
`kernels/culture.py`; `fed_batch_culture` calls either. Left out: other amino acids, hunger beyond death
(hungry cells make product on), uptake of lactate, shifts of temperature, osmolality and
carbon dioxide, gradients in the vessel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from array_api_compat import device

from twin.physics.backend import namespace
from twin.physics.contract import Array
from twin.physics.kernels.culture import INPUTS
from twin.physics.numerics.linear import factor_small, solve_factored

Given = Mapping[str, Array]

_HOUR = 3600.0
_FEMTOMOLE = 1e-15  # mmol in 1e-12 mmol a cell

# Chinese hamster ovary cells that make an antibody, fed batch: Bioengineering 5 (2018) 25, table 2,
# doi:10.3390/bioengineering5010025; inhibition, ammonia and glutamine there after Z. Xing, N. Bishop,
# K. Leister, Z. J. Li, Biotechnology Progress 26 (2010) 208-219. Oxygen: 2.5e-13 to 2.9e-13 mol a cell and
# hour, Journal of Biotechnology 78 (2000) 139-147. The half constants of ammonia's uptake and of oxygen are
# ours: they end an uptake where nothing is left, and were not measured.
HAMSTER_OVARY: Mapping[str, float] = {
    "growth_rate": 0.039 / _HOUR,
    "death_rate": 0.004 / _HOUR,
    "starvation_rate": 0.0,
    "starvation_half": 0.05,
    "lysis_rate": 0.0,
    "glucose_half": 1.0,
    "glutamine_half": 0.047,
    "lactate_inhibition": 43.0,
    "ammonia_inhibition": 6.51,
    "lactate_death": 45.8,
    "ammonia_death": 6.51,
    "cells_per_glucose": 0.357e12,
    "cells_per_glutamine": 0.974e12,
    "lactate_per_glucose": 0.70,
    "ammonia_per_glutamine": 0.67,
    "ammonia_uptake": 6.3 * _FEMTOMOLE / _HOUR,
    "ammonia_uptake_half": 0.1,
    "glucose_maintenance": 69.2 * _FEMTOMOLE / _HOUR,
    "glutamine_maintenance": 3.2 * _FEMTOMOLE / _HOUR,
    "glutamine_maintenance_half": 2.1,
    "glutamine_decay": 0.0,
    "oxygen_uptake": 2.5e-13 / _HOUR,
    "oxygen_half": 0.006,
    "productivity": 1.51e-15 / _HOUR,
}

_N, _G, _Q, _A, _D, _E, _C, _L = range(8)  # rows of a state: as in the kernel, and lactate
_SIZES = (1e12, 1.0, 1.0, 1.0, 1e12, 1e12, 1e18, 1.0)  # of these, so that pivots are chosen alike
_TINY = 1e-30  # the imaginary step of derivatives, over the size of what is moved

# A. Sandu and others, "Benchmarking stiff ODE solvers for atmospheric chemistry problems II: Rosenbrock
# solvers", Atmospheric Environment 31 (1997) 3459-3472: Rodas3, gamma 1/2, order 3, stiffly accurate.
_DIAGONAL = 2.0
_BY_TIME = (0.5, 1.5)


def oxygen_factor(density: Any, given: Given) -> Any:
    """Return what lack of oxygen leaves of growth: 1 while the set-point is held.

    `density` X of viable cells in 1/m3. Where uptake q X is more than transfer at the set-point,
    kLa (C* - Cs), the dissolved oxygen C falls to where both are equal, kLa (C* - C) = q X f, and growth and
    uptake fall by f = C (K + Cs) / (Cs (K + C)). `given` has `oxygen_uptake` q in mol/s, `oxygen_half` K,
    `oxygen_setpoint` Cs and `oxygen_saturation` C* in mol/m3, `oxygen_transfer_coefficient` kLa in 1/s.

    >>> import numpy as np
    >>> air = {"oxygen_uptake": 7e-17, "oxygen_half": 0.0, "oxygen_setpoint": 0.1, "oxygen_saturation": 0.2,
    ...        "oxygen_transfer_coefficient": 0.0035}
    >>> oxygen_factor(np.asarray([1e12, 2e13]), air)
    array([1. , 0.5])
    """
    xp = namespace(density)
    half, setpoint = given["oxygen_half"], given["oxygen_setpoint"]
    saturation, transfer = given["oxygen_saturation"], given["oxygen_transfer_coefficient"]
    demand = given["oxygen_uptake"] * density
    held = _real(demand) <= transfer * (saturation - setpoint)
    half_sum = half + (half + setpoint) / setpoint * demand / transfer - saturation
    root = xp.sqrt(half_sum * half_sum + 4.0 * half * saturation)
    scarce = _real(half_sum) > 0.0
    below = xp.where(scarce, half_sum + root, xp.ones_like(root))
    oxygen = xp.where(scarce, 2.0 * half * saturation / below, 0.5 * (root - half_sum))
    taken = xp.where(held, xp.ones_like(demand), demand)
    return xp.where(held, xp.ones_like(taken), transfer * (saturation - oxygen) / taken)


def specific_rates(concentrations: Sequence[Any], given: Given) -> tuple[Any, Any, Any, Any, Any]:
    """Return what a cell does a second: grow, die, eat glucose and glutamine beside growth, take up ammonia.

    `concentrations` of viable cells X in 1/m3, glucose G, glutamine Q, ammonia A and lactate L in mol/m3;
    `given` the constants by their names in `HAMSTER_OVARY` and of oxygen. In 1/s twice, then in mol/s:

    growth = mu G/(K_G + G) Q/(K_Q + Q) K_L/(K_L + L) K_A/(K_A + A) f(X), f of `oxygen_factor`;
    death = k L/(D_L + L) A/(D_A + A) + s H/(H + G);
    glucose m G/(K_G + G), glutamine a1 Q/(a2 + Q), ammonia r A/(K_r + A).

    Xing and others 2010, as above, but for death by starvation s, which is ours. They eat m of glucose and
    take up r of ammonia whatever is left of them; here both end as nothing is left.
    """
    density, glucose, glutamine, ammonia, lactate = concentrations
    by_food = glucose / (given["glucose_half"] + glucose) * glutamine / (given["glutamine_half"] + glutamine)
    by_lactate = given["lactate_inhibition"] / (given["lactate_inhibition"] + lactate)
    by_ammonia = given["ammonia_inhibition"] / (given["ammonia_inhibition"] + ammonia)
    growth = given["growth_rate"] * by_food * by_lactate * by_ammonia * oxygen_factor(density, given)
    death = given["death_rate"] * lactate / (given["lactate_death"] + lactate)
    death = death * ammonia / (given["ammonia_death"] + ammonia)
    death = death + given["starvation_rate"] * given["starvation_half"] / (given["starvation_half"] + glucose)
    eaten = given["glucose_maintenance"] * glucose / (given["glucose_half"] + glucose)
    kept = given["glutamine_maintenance"] * glutamine / (given["glutamine_maintenance_half"] + glutamine)
    taken = given["ammonia_uptake"] * ammonia / (given["ammonia_uptake_half"] + ammonia)
    return growth, death, eaten, kept, taken


def slopes(state: Any, volume: Any, feed: Any, given: Given) -> Any:
    """Return the slopes of all amounts, shape (8, n), of a culture that is fed.

    `state` of shape (8, n): viable cells, glucose, glutamine, ammonia, dead cells, lysed cells, time that
    viable cells lived, lactate; `volume` and rate of feeding `feed` of shape (n,): each for a m3 inoculated.
    """
    xp = namespace(state)
    cells, dead = state[_N, ...], state[_D, ...]
    glucose, glutamine, ammonia, lactate = (_positive(state[i, ...]) for i in (_G, _Q, _A, _L))
    amounts = (cells, glucose, glutamine, ammonia, lactate)
    growth, death, eaten, kept, taken = specific_rates([amount / volume for amount in amounts], given)
    glucose_used = (growth / given["cells_per_glucose"] + eaten) * cells
    decay, lysis = given["glutamine_decay"] * glutamine, given["lysis_rate"] * dead
    glutamine_grown = growth / given["cells_per_glutamine"] * cells
    return xp.stack(
        [
            (growth - death) * cells,
            feed * given["feed_glucose"] - glucose_used,
            feed * given["feed_glutamine"] - glutamine_grown - kept * cells - decay,
            given["ammonia_per_glutamine"] * glutamine_grown - taken * cells + decay,
            death * cells - lysis,
            lysis,
            cells,
            given["lactate_per_glucose"] * glucose_used,
        ]
    )


def integrate(inputs: Array, samplings: int, steps: int) -> Array:
    """Return the outputs of a culture, shape (outputs, n), for `inputs` (fields, n): the kernel's two lists.

    At most `samplings` intervals between samples, each in `steps` equal steps.
    """
    xp = namespace(inputs)
    given = {name: inputs[i, ...] for i, name in enumerate(INPUTS)}
    wide = {name: xp.concat([values] * 9) for name, values in given.items()}
    nothing = xp.zeros_like(inputs[0, ...])
    dead = given["inoculation_density"] * (1.0 - given["inoculum_viability"]) / given["inoculum_viability"]
    start = [given["inoculation_density"], given["start_glucose"], given["start_glutamine"]]
    state = xp.stack([*start, nothing, dead, nothing, nothing, nothing])
    volume, time, seen = nothing + 1.0, nothing, [nothing] * 5
    last, every = given["culture_duration"], given["sampling_interval"]
    going = nothing == 0.0
    for sample in range(samplings):
        begin = sample * every
        going = going & (last - begin > 1e-9 * last)
        if not bool(xp.any(going)):
            break
        fed = going & (begin >= given["feed_start"])
        state, volume = _feed_at_sample(state, volume, fed, given)
        feed = xp.where(fed, given["feed_rate"], nothing)
        length = xp.minimum(every, last - begin)
        span = xp.where(going, length / steps, nothing + 1.0)
        for _ in range(steps):
            after, missed = _step(state, volume, feed, span, given, wide)
            state = xp.where(going[None, :], after, state)
            volume = xp.where(going, volume + span * feed, volume)
            now = _watched(state, missed, volume, span, seen, given)
            seen = [xp.where(going, new, old) for new, old in zip(now, seen, strict=True)]
        time = xp.where(going, begin + length, time)
        alive = state[_N, ...] >= given["harvest_viability"] * (state[_N, ...] + state[_D, ...])
        going = going & alive
    return xp.stack([time, volume, *(state[i, ...] for i in range(8)), *seen])


def _feed_at_sample(state: Any, volume: Any, fed: Any, given: Given) -> tuple[Any, Any]:
    """Return state and volume after the bolus, and after glucose was raised to its target, where `fed`."""
    xp = namespace(state)
    nothing = xp.zeros_like(volume)
    bolus = xp.where(fed, given["bolus_volume"], nothing)
    glucose = state[_G, ...] + bolus * given["feed_glucose"]
    glutamine = state[_Q, ...] + bolus * given["feed_glutamine"]
    volume = volume + bolus
    lacking = given["glucose_target"] * volume - glucose
    stock = lacking / (given["glucose_stock"] - given["glucose_target"])
    stock = xp.where(fed & (lacking > 0.0), stock, nothing)
    glucose = glucose + stock * given["glucose_stock"]
    rest = [state[i, ...] for i in range(_A, 8)]
    return xp.stack([state[_N, ...], glucose, glutamine, *rest]), volume + stock


def _step(state: Any, volume: Any, feed: Any, span: Any, given: Given, wide: Given) -> tuple[Any, Any]:
    """Return the state after one step of Rodas3, and what that has beyond the embedded second order; `wide`
    is `given` nine times over.
    """
    xp = namespace(state)
    jacobian, by_time = _derivatives(state, volume, feed, wide)
    scale = xp.asarray(_SIZES, device=device(state))[:, None]
    matrix = -jacobian * scale[None, ...] / scale[:, None, :]
    for i in range(8):
        matrix[i, i, :] = matrix[i, i, :] + _DIAGONAL / span
    factors = factor_small(matrix)

    def solved(right: Any) -> Any:
        return scale * solve_factored(factors, right / scale)

    here, later = slopes(state, volume, feed, given), volume + span * feed
    first = solved(here + (_BY_TIME[0] * span) * by_time)
    second = solved(here + (_BY_TIME[1] * span) * by_time + 4.0 / span * first)
    stage = state + 2.0 * first
    third = solved(slopes(stage, later, feed, given) + (first - second) / span)
    stage = stage + third
    last = solved(slopes(stage, later, feed, given) + (first - second - 8.0 / 3.0 * third) / span)
    return stage + last, last


def _derivatives(state: Any, volume: Any, feed: Any, wide: Given) -> tuple[Any, Any]:
    """Return the derivatives of the slopes by each component, (8, 8, n), and by time, (8, n): complex step.

    All nine in one go, so that `wide` has the constants nine times; exact to rounding. J. R. R. A. Martins,
    P. Sturdza, J. J. Alonso, "The complex-step derivative approximation", ACM Transactions on Mathematical
    Software 29 (2003) 245-262.
    """
    xp = namespace(state)
    lots = state.shape[1]
    moved = xp.astype(xp.concat([state] * 9, axis=1), xp.complex128)
    volumes = xp.astype(xp.concat([volume] * 9), xp.complex128)
    sizes = _TINY * (xp.abs(state) + 1.0)
    for i in range(8):
        part = slice(i * lots, (i + 1) * lots)
        moved[i, part] = moved[i, part] + 1j * xp.astype(sizes[i, ...], xp.complex128)
    volumes[8 * lots :] = volumes[8 * lots :] + 1j * _TINY
    slope = xp.imag(slopes(moved, volumes, xp.concat([feed] * 9), wide))
    columns = [slope[:, i * lots : (i + 1) * lots] / sizes[i, ...] for i in range(8)]
    return xp.stack(columns, axis=1), feed * slope[:, 8 * lots :] / _TINY


def _watched(
    state: Any, missed: Any, volume: Any, span: Any, seen: Sequence[Any], given: Given
) -> tuple[Any, ...]:
    """Return peak density and uptake, time short of oxygen, deepest deficit in half constants, and the most
    that a step `missed` of all cells, so far.
    """
    xp = namespace(state)
    density = state[_N, ...] / volume
    share = oxygen_factor(density, given)
    deficit = xp.maximum(-state[_G, ...] / given["glucose_half"], -state[_Q, ...] / given["glutamine_half"])
    deficit = xp.maximum(deficit, -state[_A, ...] / given["ammonia_uptake_half"]) / volume
    rough = xp.maximum(xp.abs(missed[_D, ...]), xp.abs(missed[_E, ...]))
    rough = xp.maximum(xp.abs(missed[_N, ...]), rough)
    rough = rough / xp.abs(state[_N, ...] + state[_D, ...] + state[_E, ...])
    return (
        xp.maximum(seen[0], density),
        xp.maximum(seen[1], given["oxygen_uptake"] * density * share),
        seen[2] + xp.where(share < 1.0, span, xp.zeros_like(span)),
        xp.maximum(seen[3], deficit),
        xp.maximum(seen[4], rough),
    )


def _real(x: Any) -> Any:
    """Return the real part of an array, complex or not."""
    xp = namespace(x)
    return xp.real(x) if xp.isdtype(x.dtype, "complex floating") else x


def _positive(x: Any) -> Any:
    """Return `x`, and 0 where it is negative, with the slope of `x` kept."""
    xp = namespace(x)
    part = _real(x)
    return x - xp.minimum(part, xp.zeros_like(part))
