"""Primary drying of one vial: through the shelf's ramp in time, then through the dried layer at a held shelf.

What the equations mean and where they come from stands in `fill_finish/primary_drying.py`, whose array form
this repeats for one vial. The ice front's temperature follows from heat and vapour in balance by Halley's
method: the balance rises and is convex in temperature, and the shelf's temperature bounds the front from
above. From ice in balance with the chamber six steps reach rounding for any shelf that freeze-drying knows;
from the front of the stage before, two do where shelf or layer have moved by half a time step, one where only
the estimate of the layer has. The vapour pressure after a step comes from its second-order expansion, so that
every other step needs no exponential.

On the CPU sixteen vials go through side by side, stage by stage, in loops without calls and branches that the
compiler turns into vector instructions; the exponential is written out for that. One vial by itself, as on a
GPU, is the same code with one lane, so that a vial's answer is the same to the bit in any company.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from twin.physics.kernels.compiled import compiled
from twin.physics.kernels.launch import Kernel

FIELDS = (
    "shelf_start",  # K, when the ramp begins
    "shelf_hold",  # K
    "ramp_rate",  # K/s
    "pressure",  # Pa, of the chamber
    "layer",  # m, frozen, before drying
    "ice_density",  # kg of ice in a m3 of it
    "resistance_start",  # m/s: Pa of difference a flux in kg/(m2 s)
    "resistance_slope",  # 1/s
    "resistance_bend",  # 1/m
    "heat_start",  # K m2 s/kg: shelf less front temperature a flux, all of the layer frozen
    "heat_slope",  # K m s/kg: what of it a metre of ice makes
    "vapour_factor",  # Pa
    "vapour_temperature",  # K: ice's vapour pressure is factor exp(-temperature / T)
)
OUTPUTS = ("duration", "sublimation_temperature", "flux", "layer_after_ramp")  # s, K, kg/(m2 s), m

RAMP_STEPS = 8
EARLY_PASSES = 5  # through the ramp up to the end of drying, where that lies within it
LANES = 16  # vials side by side

# Gauss and Legendre's eight points and weights on 0 to 1.
GAUSS_POINTS = (
    0.01985507175123191,
    0.10166676129318664,
    0.2372337950418355,
    0.4082826787521751,
    0.591717321247825,
    0.7627662049581645,
    0.8983332387068134,
    0.9801449282487682,
)
GAUSS_WEIGHTS = (
    0.05061426814518853,
    0.11119051722668793,
    0.15685332293894344,
    0.18134189168918077,
    0.18134189168918077,
    0.15685332293894344,
    0.11119051722668793,
    0.05061426814518853,
)
# The same at x (1 + x) / 2, which sets points closer where the dried layer is thin and resistance bends.
NODES = tuple(0.5 * x * (1.0 + x) for x in GAUSS_POINTS)
WEIGHTS = tuple(w * (0.5 + x) for x, w in zip(GAUSS_POINTS, GAUSS_WEIGHTS, strict=True))


# Where each quantity of the vials side by side begins: constants, so that the compiler sees them apart.
(
    _START,  # as FIELDS, in their order
    _HOLD,
    _RATE,
    _PRESSURE,
    _WHOLE,
    _ICE,
    _RESISTANCE_START,
    _RESISTANCE_SLOPE,
    _RESISTANCE_BEND,
    _HEAT_START,
    _HEAT_SLOPE,
    _FACTOR,
    _BOILING,
    _BALANCE,  # K, of ice at the chamber's pressure
    _BEGIN,  # s, when drying begins
    _END,  # s, of the ramp
    _STEP,  # s
    _WHEN,  # s, when the cake is dry, within the ramp; negative where it is not
    _DURATION,  # s
    _AFTER_RAMP,  # m, dried when the ramp ends
    _LAST_TEMPERATURE,  # K and kg/(m2 s), of the front when the last ice goes
    _LAST_FLUX,
    _EARLY,  # s, when the cake is dry, so far as it is known; negative where it is not within the ramp
    _LAYER,  # m, dried
    _TRIAL,  # m, of the stage in hand, as are shelf, temperature, vapour pressure and flux
    _SHELF,
    _TEMPERATURE,
    _VAPOUR,
    _FLUX,
    _GROWTH,  # m/s, at the step's start, and twice in its middle
    _SECOND,
    _THIRD,
) = range(0, 32 * LANES, LANES)
_SCRATCH = 32 * LANES
_PLACES, _SHARES = (*NODES, 1.0), (*WEIGHTS, 0.0)  # the last is where drying ends
_MIDDLE = math.exp(-32.0)


@compiled
def _exponential(x: float) -> float:
    """Return exp(x) for x from -64 to 0, where ice's vapour pressure lies, to 2e-14 of itself.

    The 64th power of the Taylor polynomial of exp(x / 64 + 1/2): a library's would be a call, and a call
    keeps the compiler from taking vials side by side.
    """
    y = min(max(x, -64.0), 0.0) / 64.0 + 0.5
    power = 1.0 / 6227020800.0
    power = power * y + 1.0 / 479001600.0
    power = power * y + 1.0 / 39916800.0
    power = power * y + 1.0 / 3628800.0
    power = power * y + 1.0 / 362880.0
    power = power * y + 1.0 / 40320.0
    power = power * y + 1.0 / 5040.0
    power = power * y + 1.0 / 720.0
    power = power * y + 1.0 / 120.0
    power = power * y + 1.0 / 24.0
    power = power * y + 1.0 / 6.0
    power = power * y + 0.5
    power = power * y + 1.0
    power = power * y + 1.0
    power = power * power
    power = power * power
    power = power * power
    power = power * power
    power = power * power
    return power * power * _MIDDLE


@compiled
def _closer(
    temperature: float,
    vapour: float,
    boiling: float,
    pressure: float,
    heat: float,
    resistance: float,
    shelf: float,
) -> tuple[float, float]:
    """Return temperature and vapour pressure of the front after one of Halley's steps."""
    steepness = boiling / (temperature * temperature)
    rise = vapour * steepness
    bend = rise * (steepness - 2.0 / temperature)
    excess = (vapour - pressure) * heat - (shelf - temperature) * resistance
    slope = rise * heat + resistance
    better = min(temperature - 2.0 * excess * slope / (2.0 * slope * slope - excess * bend * heat), shelf)
    step = better - temperature
    return better, vapour + step * (rise + 0.5 * bend * step)


@compiled
def _cake(vials: Any, i: int, layer: float) -> tuple[float, float]:
    """Return a vial's resistance to vapour and its resistance to heat where `layer` has dried."""
    bent = 1.0 + vials[_RESISTANCE_BEND + i] * layer
    resistance = vials[_RESISTANCE_START + i] + vials[_RESISTANCE_SLOPE + i] * layer / bent
    return resistance, vials[_HEAT_START + i] - vials[_HEAT_SLOPE + i] * layer


@compiled
def _near(vials: Any, lanes: int) -> None:
    """Find the fronts at trial layers and shelves that have hardly changed."""
    for i in range(lanes):
        layer, shelf = vials[_TRIAL + i], vials[_SHELF + i]
        resistance, heat = _cake(vials, i, layer)
        boiling, pressure = vials[_BOILING + i], vials[_PRESSURE + i]
        temperature, vapour = vials[_TEMPERATURE + i], vials[_VAPOUR + i]
        temperature, vapour = _closer(temperature, vapour, boiling, pressure, heat, resistance, shelf)
        vials[_TEMPERATURE + i] = temperature
        vials[_VAPOUR + i] = vapour
        vials[_FLUX + i] = (shelf - temperature) / heat


@compiled
def _moved(vials: Any, lanes: int) -> None:
    """Find the fronts at trial layers and shelves that have moved on."""
    for i in range(lanes):
        layer, shelf = vials[_TRIAL + i], vials[_SHELF + i]
        resistance, heat = _cake(vials, i, layer)
        boiling, pressure = vials[_BOILING + i], vials[_PRESSURE + i]
        temperature, vapour = vials[_TEMPERATURE + i], vials[_VAPOUR + i]
        temperature, vapour = _closer(temperature, vapour, boiling, pressure, heat, resistance, shelf)
        vapour = vials[_FACTOR + i] * _exponential(-boiling / temperature)
        temperature, vapour = _closer(temperature, vapour, boiling, pressure, heat, resistance, shelf)
        vials[_TEMPERATURE + i] = temperature
        vials[_VAPOUR + i] = vapour
        vials[_FLUX + i] = (shelf - temperature) / heat


@compiled
def _begin(vials: Any, lanes: int) -> None:
    """Set out when the ramp ends and drying begins, and find the fronts there, with nothing dried."""
    for i in range(lanes):
        balance = vials[_BOILING + i] / math.log(vials[_FACTOR + i] / vials[_PRESSURE + i])
        start, rate = vials[_START + i], vials[_RATE + i]
        end = max((vials[_HOLD + i] - start) / rate, 0.0)
        vials[_BALANCE + i] = balance
        vials[_END + i] = end
        vials[_BEGIN + i] = min(max((balance - start) / rate, 0.0), end)


@compiled
def _ramp(vials: Any, lanes: int, steps: int) -> None:
    """Bring vials from the beginning of drying over `steps` steps, by Runge and Kutta's classical method.

    A cake that gets dry on the way stays at its whole thickness in all resistances, while its layer goes on
    growing as reckoned; a straight line through the step says when it was dry.
    """
    for i in range(lanes):
        vials[_WHEN + i] = -1.0
        vials[_LAYER + i] = 0.0
        vials[_TRIAL + i] = 0.0
        vials[_SHELF + i] = vials[_START + i] + vials[_RATE + i] * vials[_BEGIN + i]
        vials[_TEMPERATURE + i] = vials[_BALANCE + i]
        vials[_VAPOUR + i] = vials[_PRESSURE + i]
    for _ in range(3):
        _moved(vials, lanes)
    for i in range(lanes):
        vials[_GROWTH + i] = vials[_FLUX + i] / vials[_ICE + i]
    for k in range(steps):
        _step(vials, lanes, float(k))


@compiled
def _step(vials: Any, lanes: int, k: float) -> None:
    """Bring vials through step `k` of the ramp."""
    for i in range(lanes):
        time = vials[_BEGIN + i] + (k + 0.5) * vials[_STEP + i]
        vials[_SHELF + i] = vials[_START + i] + vials[_RATE + i] * time
        ahead = vials[_LAYER + i] + 0.5 * vials[_STEP + i] * vials[_GROWTH + i]
        vials[_TRIAL + i] = min(ahead, vials[_WHOLE + i])
    _moved(vials, lanes)
    for i in range(lanes):
        growth = vials[_FLUX + i] / vials[_ICE + i]
        vials[_SECOND + i] = growth
        vials[_TRIAL + i] = min(vials[_LAYER + i] + 0.5 * vials[_STEP + i] * growth, vials[_WHOLE + i])
    _near(vials, lanes)
    for i in range(lanes):
        growth = vials[_FLUX + i] / vials[_ICE + i]
        vials[_THIRD + i] = growth
        vials[_TRIAL + i] = min(vials[_LAYER + i] + vials[_STEP + i] * growth, vials[_WHOLE + i])
        time = vials[_BEGIN + i] + (k + 1.0) * vials[_STEP + i]
        vials[_SHELF + i] = vials[_START + i] + vials[_RATE + i] * time
    _moved(vials, lanes)
    for i in range(lanes):
        layer, whole = vials[_LAYER + i], vials[_WHOLE + i]
        fourth = vials[_FLUX + i] / vials[_ICE + i]
        middle = 2.0 * (vials[_SECOND + i] + vials[_THIRD + i])
        after = layer + vials[_STEP + i] / 6.0 * (vials[_GROWTH + i] + middle + fourth)
        when = vials[_BEGIN + i] + vials[_STEP + i] * (k + (whole - layer) / (after - layer))
        crosses = (layer < whole) & (after >= whole)
        vials[_WHEN + i] = when if crosses else vials[_WHEN + i]
        vials[_LAYER + i] = after
        vials[_TRIAL + i] = min(after, whole)
    _near(vials, lanes)
    for i in range(lanes):
        vials[_GROWTH + i] = vials[_FLUX + i] / vials[_ICE + i]


@compiled
def _hold(vials: Any, lanes: int) -> None:
    """Bring vials from the end of the ramp to the end of drying, at a held shelf."""
    for i in range(lanes):
        vials[_SHELF + i] = vials[_HOLD + i]
        vials[_DURATION + i] = vials[_END + i]
    for k in range(9):
        for i in range(lanes):
            vials[_TRIAL + i] = vials[_LAYER + i] + (vials[_WHOLE + i] - vials[_LAYER + i]) * _PLACES[k]
        _moved(vials, lanes)
        for i in range(lanes):
            left = vials[_WHOLE + i] - vials[_LAYER + i]
            vials[_DURATION + i] += _SHARES[k] * left * vials[_ICE + i] / vials[_FLUX + i]


@compiled
def _within_ramp(vials: Any, lanes: int, steps: int) -> None:
    """Go through the ramp again for vials that are dry within it, up to the moment when they are.

    The others go along, and keep what they have.
    """
    for _ in range(EARLY_PASSES):
        for i in range(lanes):
            last = vials[_EARLY + i] if vials[_EARLY + i] >= 0.0 else vials[_END + i]
            vials[_STEP + i] = (last - vials[_BEGIN + i]) / steps
        _ramp(vials, lanes, steps)
        for i in range(lanes):
            when = vials[_EARLY + i]
            better = when + (vials[_WHOLE + i] - vials[_LAYER + i]) / vials[_GROWTH + i]
            better = max(better, 0.9 * vials[_BEGIN + i] + 0.1 * when)
            vials[_EARLY + i] = better if when >= 0.0 else when
    for i in range(lanes):
        vials[_TRIAL + i] = vials[_WHOLE + i]
        vials[_SHELF + i] = vials[_START + i] + vials[_RATE + i] * vials[_EARLY + i]
    _moved(vials, lanes)
    for i in range(lanes):
        if vials[_EARLY + i] >= 0.0:
            vials[_DURATION + i] = vials[_EARLY + i]
            vials[_LAST_TEMPERATURE + i] = vials[_TEMPERATURE + i]
            vials[_LAST_FLUX + i] = vials[_FLUX + i]


@compiled
def _dry(vials: Any, lanes: int, steps: int) -> None:
    """Dry the first `lanes` vials, whose fields `vials` holds."""
    _begin(vials, lanes)
    for i in range(lanes):
        vials[_STEP + i] = (vials[_END + i] - vials[_BEGIN + i]) / steps
    _ramp(vials, lanes, steps)
    early = False
    for i in range(lanes):
        vials[_EARLY + i] = vials[_WHEN + i]
        vials[_AFTER_RAMP + i] = min(vials[_LAYER + i], vials[_WHOLE + i])
        early = early or vials[_WHEN + i] >= 0.0
    _hold(vials, lanes)
    for i in range(lanes):
        vials[_LAST_TEMPERATURE + i] = vials[_TEMPERATURE + i]
        vials[_LAST_FLUX + i] = vials[_FLUX + i]
    if early:
        _within_ramp(vials, lanes, steps)
    for i in range(lanes):
        if vials[_BALANCE + i] >= vials[_HOLD + i]:
            vials[_DURATION + i] = math.inf
            vials[_LAST_TEMPERATURE + i] = vials[_HOLD + i]
            vials[_LAST_FLUX + i] = 0.0
            vials[_AFTER_RAMP + i] = 0.0


@compiled
def primary_drying(sizes: Any, inputs: Any, outputs: Any, work: Any) -> None:
    """Fill one vial's `OUTPUTS` from its `FIELDS`; `sizes` is the number of time steps in the ramp."""
    for k in range(13):
        work[k * LANES] = inputs[k]
    _dry(work, 1, sizes[0])
    outputs[0] = work[_DURATION]
    outputs[1] = work[_LAST_TEMPERATURE]
    outputs[2] = work[_LAST_FLUX]
    outputs[3] = work[_AFTER_RAMP]


@compiled
def several_vials(sizes: Any, inputs: Any, outputs: Any, work: Any, first: int, last: int) -> None:
    """Fill the outputs of vials `first` to `last` - 1, a row each, sixteen vials side by side."""
    for begin in range(first, last, LANES):
        lanes = min(LANES, last - begin)
        for i in range(lanes):
            for k in range(13):
                work[k * LANES + i] = inputs[begin + i, k]
        _dry(work, lanes, sizes[0])
        for i in range(lanes):
            outputs[begin + i, 0] = work[_DURATION + i]
            outputs[begin + i, 1] = work[_LAST_TEMPERATURE + i]
            outputs[begin + i, 2] = work[_LAST_FLUX + i]
            outputs[begin + i, 3] = work[_AFTER_RAMP + i]


def _scratch(sizes: Sequence[int]) -> int:
    return _SCRATCH


PRIMARY_DRYING = Kernel(
    "primary_drying", primary_drying, several_vials, len(OUTPUTS), _scratch, lots_a_task=4096
)
