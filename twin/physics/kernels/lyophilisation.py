"""Primary drying of one vial: through the shelf's ramp in time, then through the dried layer at a held shelf.

What the equations mean and where they come from stands in `fill_finish/primary_drying.py`, whose array form
this repeats for one vial. The ice front's temperature follows from heat and vapour in balance by Halley's
method: the balance rises and is convex in temperature, and the shelf's temperature bounds the front from
above. From ice in balance with the chamber six steps reach rounding for any shelf that freeze-drying knows;
from the front of the stage before, two do where shelf or layer have moved by half a time step, one where
only the estimate of the layer has. The vapour pressure at the end of a step comes from its second-order
expansion, so that a stage's first step needs no exponential: 30 a vial instead of 90.
"""

from __future__ import annotations

import math
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
EARLY_PASSES = 3  # through the ramp up to the end of drying, where that lies within it

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


@compiled
def _front(
    given: Any, temperature: float, vapour: float, layer: float, shelf: float, exponentials: int
) -> tuple[float, float, float]:
    """Return temperature and vapour pressure of the front at a dried layer, and the flux.

    `temperature` and `vapour` are a guess and its vapour pressure. Halley's steps are one more than
    `exponentials`.
    """
    resistance = given[6] + given[7] * layer / (1.0 + given[8] * layer)
    heat = given[9] - given[10] * layer
    for k in range(exponentials + 1):
        boiling = given[12] / (temperature * temperature)
        rise = vapour * boiling
        bend = rise * (boiling - 2.0 / temperature)
        excess = (vapour - given[3]) * heat - (shelf - temperature) * resistance
        slope = rise * heat + resistance
        better = min(temperature - 2.0 * excess * slope / (2.0 * slope * slope - excess * bend * heat), shelf)
        step = better - temperature
        if k < exponentials:
            vapour = given[11] * math.exp(-given[12] / better)
        else:
            vapour = vapour + step * (rise + 0.5 * bend * step)
        temperature = better
    return temperature, vapour, (shelf - temperature) / heat


@compiled
def _ramp(given: Any, first: float, last: float, steps: int) -> tuple[float, float, float, float, float]:
    """Return dried layer, front temperature, vapour pressure and growth at time `last`, and when all is dry.

    The classical Runge-Kutta method of order 4 from time `first`, at which nothing has dried. The time is
    negative where the cake is not dry by `last`, else where the cubic through the layer and its growth at
    the ends of the step says so.
    """
    step = (last - first) / steps
    whole = given[4]
    layer = 0.0
    shelf = given[0] + given[2] * first
    temperature, vapour, flux = _front(
        given, given[12] / math.log(given[11] / given[3]), given[3], layer, shelf, 5
    )
    growth = flux / given[5]
    when = -1.0
    for k in range(steps):
        middle = shelf + 0.5 * step * given[2]
        then = given[0] + given[2] * (first + (k + 1) * step)
        trial = min(layer + 0.5 * step * growth, whole)
        temperature, vapour, flux = _front(given, temperature, vapour, trial, middle, 1)
        second = flux / given[5]
        trial = min(layer + 0.5 * step * second, whole)
        temperature, vapour, flux = _front(given, temperature, vapour, trial, middle, 0)
        third = flux / given[5]
        trial = min(layer + step * third, whole)
        temperature, vapour, flux = _front(given, temperature, vapour, trial, then, 1)
        fourth = flux / given[5]
        after = layer + step / 6.0 * (growth + 2.0 * second + 2.0 * third + fourth)
        temperature, vapour, flux = _front(given, temperature, vapour, min(after, whole), then, 0)
        if layer < whole and after >= whole:
            when = first + step * (k + _crossing(layer, after, step * growth, step * flux / given[5], whole))
        layer, growth, shelf = after, flux / given[5], then
    return layer, temperature, vapour, growth, when


@compiled
def _crossing(low: float, high: float, rise: float, rise_then: float, wanted: float) -> float:
    """Return where from 0 to 1 the cubic from `low` to `high` with these slopes takes the value `wanted`."""
    left, right = 0.0, 1.0
    for _ in range(20):
        x = 0.5 * (left + right)
        y = 1.0 - x
        value = y * y * ((1.0 + 2.0 * x) * low + x * rise) + x * x * ((3.0 - 2.0 * x) * high - y * rise_then)
        if value < wanted:
            left = x
        else:
            right = x
    return 0.5 * (left + right)


@compiled
def primary_drying(sizes: Any, inputs: Any, outputs: Any, work: Any) -> None:
    """Fill one vial's `OUTPUTS` from its `FIELDS`; `sizes` is the number of time steps in the ramp."""
    whole = inputs[4]
    driest = inputs[12] / math.log(inputs[11] / inputs[3])  # ice at the chamber's pressure is in balance
    if driest >= inputs[1]:
        outputs[0] = math.inf
        outputs[1] = inputs[1]
        outputs[2] = 0.0
        outputs[3] = 0.0
        return
    end = max(0.0, (inputs[1] - inputs[0]) / inputs[2])
    begin = min(max(0.0, (driest - inputs[0]) / inputs[2]), end)
    layer, temperature, vapour, growth, when = _ramp(inputs, begin, end, sizes[0])
    outputs[3] = min(layer, whole)
    if when >= 0.0:
        for _ in range(EARLY_PASSES):
            layer, temperature, vapour, growth, _again = _ramp(inputs, begin, when, sizes[0])
            when = max(when + (whole - layer) / growth, begin + 0.1 * (when - begin))
        shelf = inputs[0] + inputs[2] * when
        temperature, vapour, flux = _front(inputs, temperature, vapour, whole, shelf, 1)
        outputs[0] = when
        outputs[1] = temperature
        outputs[2] = flux
        return
    duration = end
    for k in range(8):
        place = layer + (whole - layer) * NODES[k]
        temperature, vapour, flux = _front(inputs, temperature, vapour, place, inputs[1], 1)
        duration += WEIGHTS[k] * (whole - layer) * inputs[5] / flux
    temperature, vapour, flux = _front(inputs, temperature, vapour, whole, inputs[1], 1)
    outputs[0] = duration
    outputs[1] = temperature
    outputs[2] = flux


@compiled
def several_vials(sizes: Any, inputs: Any, outputs: Any, work: Any, first: int, last: int) -> None:
    """Fill the outputs of vials `first` to `last` - 1, a row each."""
    for vial in range(first, last):
        primary_drying(sizes, inputs[vial], outputs[vial], work)


def _no_scratch(sizes: Any) -> int:
    return 0


PRIMARY_DRYING = Kernel(
    "primary_drying", primary_drying, several_vials, len(OUTPUTS), _no_scratch, lots_a_task=1024
)
