"""Primary drying of vials: ice sublimes under a dried layer that grows from the top, at quasi-steady state.

Heat comes from the shelf through the bottom of the vial (area A_v, coefficient K_v) and through the ice that
is left; vapour leaves through the dried layer (area A_p, resistance R_p) into the chamber:

    flux m = (P_ice(T) - P_c) / R_p(L),    R_p = R_0 + A_1 L / (1 + A_2 L)
    heat dH m = K_v (A_v / A_p) (T_shelf - T_bottom) = k_ice (T_bottom - T) / (L_0 - L)
    dL/dt = m / rho,                       K_v = K_C + K_P P_c / (1 + K_D P_c)

with T of the ice front, L of the dried layer and rho the ice in a volume of frozen cake. So T is the root of
one rising convex function, (P_ice(T) - P_c) U = (T_shelf - T) R_p with U = dH (A_p / (K_v A_v) +
(L_0 - L) / k_ice). At a shelf that does not cool, T rises from start to end, so that the front is warmest
when the last ice goes. Drying begins when the shelf passes the temperature of ice in balance with the
chamber. Time over the shelf's ramp is integrated by Runge-Kutta in time (in the layer the start is singular);
at the held shelf it is the integral of rho / m over the layer, by Gauss and Legendre's eight points, graded.

Left out: heat by radiation from the walls other than by a higher K_v of vials at the edge, heat capacity of
the ice and the glass, a front that is not flat, desorption from the layer above the front, choked flow to the
condenser. `lyophilisation` and studies of single vials call this.

M. J. Pikal, "Use of laboratory data in freeze drying process design: heat and mass transfer coefficients and
the computer simulation of freeze drying", Journal of Parenteral Science and Technology 39 (1985) 115-139; the
form and the numbers as in LyoPRONTO (`lyophilisation_data`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from twin.physics.backend import Device, namespace
from twin.physics.contract import Array
from twin.physics.fill_finish.lyophilisation_data import (
    ICE_CONDUCTIVITY,
    ICE_DENSITY,
    SUBLIMATION_HEAT,
    VAPOUR_FACTOR,
    VAPOUR_TEMPERATURE,
    WATER_DENSITY,
)
from twin.physics.kernels import launch
from twin.physics.kernels.lyophilisation import (
    EARLY_PASSES,
    FIELDS,
    NODES,
    PRIMARY_DRYING,
    RAMP_STEPS,
    WEIGHTS,
)
from twin.physics.numerics.runge_kutta import rk4

VIAL = (  # what a vial is given by, shape (n,) or numbers
    "shelf_start",  # K, when the ramp begins
    "shelf_hold",  # K, not below the start
    "ramp_rate",  # K/s
    "chamber_pressure",  # Pa
    "fill_volume",  # m3 of solution
    "solute_concentration",  # kg/m3
    "solute_density",  # kg/m3
    "vial_area",  # m2, through which heat enters
    "product_area",  # m2, through which vapour leaves
    "resistance_start",  # m/s, R_0
    "resistance_slope",  # 1/s, A_1
    "resistance_bend",  # 1/m, A_2
    "heat_contact",  # W/(m2 K), K_C
    "heat_gas",  # W/(m2 K Pa), K_P
    "heat_saturation",  # 1/Pa, K_D
)

FLOATS_A_VIAL = 60  # arrays as long as the vials that the array form holds at a time, about


class PrimaryDrying(NamedTuple):
    """What primary drying gives, shape (n,) each.

    `duration` in s from the start of the ramp, infinite where the shelf stays below the temperature of ice in
    balance with the chamber; `sublimation_temperature` in K and `flux` in kg/(m2 s) when the last ice goes;
    `layer_after_ramp` in m, dried when the ramp ends.
    """

    duration: Array
    sublimation_temperature: Array
    flux: Array
    layer_after_ramp: Array


class Course(NamedTuple):
    """Where a vial stands at a time, shape (n,) each: m of dried layer, K of front and bottom, kg/(m2 s)."""

    layer: Array
    front_temperature: Array
    bottom_temperature: Array
    flux: Array


def ice_vapour_pressure(temperature: Any) -> Any:
    """Return the vapour pressure of ice in Pa at `temperature` in K, shape (n,) or a number; below 273.16 K.

    >>> round(float(ice_vapour_pressure(273.15 - 35.0)), 4)
    22.3815
    """
    xp = namespace(temperature)
    return VAPOUR_FACTOR * xp.exp(-VAPOUR_TEMPERATURE / xp.asarray(temperature))


def vial_heat_transfer(contact: Any, gas: Any, saturation: Any, pressure: Any) -> Any:
    """Return a vial's heat transfer coefficient K_v in W/(m2 K) at a chamber `pressure` in Pa.

    `contact` K_C in W/(m2 K), `gas` K_P in W/(m2 K Pa), `saturation` K_D in 1/Pa; shape (n,) or numbers.

    >>> round(vial_heat_transfer(11.506, 0.28024, 0.0034503, 19.998), 3)
    16.749
    """
    return contact + gas * pressure / (1.0 + saturation * pressure)


def frozen_layer(volume: Any, concentration: Any, density: Any, area: Any) -> tuple[Any, Any]:
    """Return the thickness of the frozen solution in m and the ice in it in kg/m3.

    `volume` m3 of solution with a solute of `concentration` kg/m3 and `density` kg/m3 over an `area` in m2;
    shape (n,) or numbers. Volumes of water and solute add; all of the water freezes.

    >>> layer, ice = frozen_layer(2e-6, 50.0, 1500.0, 3.14e-4)
    >>> round(layer, 12), round(ice, 7)
    (0.006919408481, 889.832208)
    """
    solute = volume * concentration / density
    water = WATER_DENSITY * (volume - solute)
    whole = water / ICE_DENSITY + solute
    return whole / area, water / whole


def fixed_front_duration(
    layer: Any, ice: Any, start: Any, slope: Any, temperature: Any, pressure: Any
) -> Any:
    """Return the drying time in s with the front held at `temperature` in K and R_p = R_0 + A_1 L.

    t = rho (R_0 L_0 + A_1 L_0**2 / 2) / (P_ice - P_c), with `layer` L_0 in m, `ice` rho in kg/m3, `start` R_0
    in m/s, `slope` A_1 in 1/s and `pressure` P_c in Pa: the limit of heat in plenty. Shape (n,) or numbers.

    >>> round(float(fixed_front_duration(0.01, 900.0, 5e4, 8e7, 240.0, 10.0)) / 3600, 4)
    65.0038
    """
    return ice * layer * (start + 0.5 * slope * layer) / (ice_vapour_pressure(temperature) - pressure)


def unresisted_duration(layer: Any, ice: Any, coefficient: Any, shelf: Any, pressure: Any) -> Any:
    """Return the drying time in s of a cake without resistance at a held `shelf` in K: heat alone limits it.

    The front has the temperature of ice in balance with the chamber's `pressure` in Pa. `layer` L_0 in m,
    `ice` rho in kg/m3, `coefficient` K_v A_v / A_p in W/(m2 K). Shape (n,) or numbers.

    >>> round(float(unresisted_duration(0.007, 890.0, 20.0, 263.15, 20.0)) / 3600, 4)
    9.6958
    """
    xp = namespace(layer, ice, coefficient, shelf, pressure)
    balance = VAPOUR_TEMPERATURE / xp.log(VAPOUR_FACTOR / xp.asarray(pressure))
    barrier = layer * (1.0 / coefficient + 0.5 * layer / ICE_CONDUCTIVITY)
    return ice * SUBLIMATION_HEAT * barrier / (shelf - balance)


def kernel_inputs(vials: Mapping[str, Any]) -> Array:
    """Return the block (fields, n) that the kernel takes from vials by the names of `VIAL`."""
    xp = namespace(*(vials[name] for name in VIAL))
    layer, ice = frozen_layer(
        vials["fill_volume"], vials["solute_concentration"], vials["solute_density"], vials["product_area"]
    )
    transfer = vial_heat_transfer(
        vials["heat_contact"], vials["heat_gas"], vials["heat_saturation"], vials["chamber_pressure"]
    )
    bottom = vials["product_area"] / (vials["vial_area"] * transfer)
    rows = (
        *(vials[name] for name in VIAL[:4]),
        layer,
        ice,
        *(vials[name] for name in ("resistance_start", "resistance_slope", "resistance_bend")),
        SUBLIMATION_HEAT * (bottom + layer / ICE_CONDUCTIVITY),
        SUBLIMATION_HEAT / ICE_CONDUCTIVITY,
        VAPOUR_FACTOR,
        VAPOUR_TEMPERATURE,
    )
    shape = xp.broadcast_arrays(*(xp.asarray(row, dtype=xp.float64) for row in rows))
    return xp.stack([xp.reshape(row, (-1,)) for row in shape])


def primary_drying(
    vials: Mapping[str, Any], device: Device = "auto", ramp_steps: int = RAMP_STEPS
) -> PrimaryDrying:
    """Return the primary drying of vials, each by itself; `vials` by the names of `VIAL`, SI.

    Eight `ramp_steps` hold the duration within 1e-6 h for the example of LyoPRONTO. Over all that the unit
    operation takes as in range, 99 of 100 random vials came within 1e-5 of their duration and the worst
    within 0.5 %: a cake that is soft at its top and tight below, on a shelf that warms for a day. NumPy and
    CuPy arrays run the kernel on `device`, others the array form. Raises `DeviceError` as `launch.run` does.

    >>> from twin.physics.fill_finish.lyophilisation_data import LYOPRONTO_EXAMPLE
    >>> dried = primary_drying(LYOPRONTO_EXAMPLE)
    >>> round(float(dried.duration[0]) / 3600, 5), round(float(dried.sublimation_temperature[0]) - 273.15, 4)
    (6.65408, -14.7729)
    """
    inputs = kernel_inputs(vials)
    if launch.takes(inputs):
        outputs = launch.run(PRIMARY_DRYING, (ramp_steps,), inputs, device)
    else:
        outputs = launch.in_chunks(
            lambda part: primary_drying_array_form(part, ramp_steps), inputs, FLOATS_A_VIAL
        )
    return PrimaryDrying(*(outputs[k, ...] for k in range(4)))


def course(vials: Mapping[str, Any], time: Array, steps: int = 64) -> Course:
    """Return how far vials are at `time` in s after the start of the ramp; for figures and for tests.

    `vials` as for `primary_drying`, `time` of shape (n,): one vial at many times, or each at its own.
    Runge-Kutta in time with `steps` over the ramp and as many after it. A dry cake has a flux of zero and
    the shelf's temperature.
    """
    inputs = kernel_inputs({**vials, "shelf_start": vials["shelf_start"] + 0.0 * time})
    xp = namespace(inputs)
    given = {name: inputs[k, ...] for k, name in enumerate(FIELDS)}
    balance = given["vapour_temperature"] / xp.log(given["vapour_factor"] / given["pressure"])
    zero = xp.zeros_like(balance)
    start, rate, whole = given["shelf_start"], given["ramp_rate"], given["layer"]
    end = xp.maximum(zero, (given["shelf_hold"] - start) / rate)
    begin = xp.minimum(xp.maximum(zero, (balance - start) / rate), end)

    def front(t: Array, layer: Array) -> tuple[Array, Array]:
        shelf = xp.minimum(start + rate * t, given["shelf_hold"])
        return _front(given, balance, xp.minimum(layer, whole), shelf, 7)

    def growth(leg: Array, state: Array) -> Array:
        return (front(leg, state[0, ...])[1] / given["ice_density"])[None, :]

    ramped = xp.maximum(xp.minimum(time, end) - begin, zero)
    layer = rk4(lambda t, y: growth(begin + t, y), zero[None, :], ramped, steps)
    layer = rk4(lambda t, y: growth(end + t, y), layer, xp.maximum(time - end, zero), steps)[0, ...]
    shelf = xp.minimum(start + rate * time, given["shelf_hold"])
    temperature, flux = front(time, layer)
    dry = layer >= whole
    flux = xp.where(dry, zero, flux)
    temperature = xp.where(dry, shelf, temperature)
    bottom = temperature + given["heat_slope"] * flux * (whole - xp.minimum(layer, whole))
    return Course(xp.minimum(layer, whole), temperature, bottom, flux)


def primary_drying_array_form(inputs: Array, ramp_steps: int = RAMP_STEPS) -> Array:
    """Return the kernel's outputs (4, n) for its inputs (fields, n), by array operations over all vials."""
    xp = namespace(inputs)
    given = {name: inputs[k, ...] for k, name in enumerate(FIELDS)}
    hold, whole = given["shelf_hold"], given["layer"]
    balance = given["vapour_temperature"] / xp.log(given["vapour_factor"] / given["pressure"])
    zero = xp.zeros_like(hold)
    end = xp.maximum(zero, (hold - given["shelf_start"]) / given["ramp_rate"])
    begin = xp.minimum(xp.maximum(zero, (balance - given["shelf_start"]) / given["ramp_rate"]), end)
    ramp = _ramp(given, begin, end, ramp_steps)
    early = ramp.when >= 0.0
    when, again = xp.where(early, ramp.when, end), ramp
    for _ in range(EARLY_PASSES if bool(xp.any(early)) else 0):
        again = _ramp(given, begin, when, ramp_steps)
        better = xp.maximum(when + (whole - again.layer) / again.growth, begin + 0.1 * (when - begin))
        when = xp.where(early, better, end)
    shelf = given["shelf_start"] + given["ramp_rate"] * when
    early_temperature, early_flux = _front(given, again.temperature, whole, shelf, 2)
    left = whole - ramp.layer
    duration, temperature = end, ramp.temperature
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        temperature, flux = _front(given, temperature, ramp.layer + left * node, hold, 2)
        duration = duration + weight * left * given["ice_density"] / flux
    temperature, flux = _front(given, temperature, whole, hold, 2)
    frozen = balance >= hold
    rows = (
        xp.where(early, when, duration),
        xp.where(early, early_temperature, temperature),
        xp.where(early, early_flux, flux),
        xp.minimum(ramp.layer, whole),
    )
    never = (xp.full_like(hold, math.inf), hold, zero, zero)
    return xp.stack([xp.where(frozen, none, row) for none, row in zip(never, rows, strict=True)])


class _Ramp(NamedTuple):
    layer: Array
    temperature: Array
    growth: Array
    when: Array


def _front(
    given: Mapping[str, Array], temperature: Array, layer: Array, shelf: Array, steps: int
) -> tuple[Array, Array]:
    """Return the front's temperature and the flux by Halley's steps from a guess, never above the shelf."""
    xp = namespace(temperature)
    resistance = given["resistance_start"] + given["resistance_slope"] * layer / (
        1.0 + given["resistance_bend"] * layer
    )
    heat = given["heat_start"] - given["heat_slope"] * layer
    for _ in range(steps):
        vapour = given["vapour_factor"] * xp.exp(-given["vapour_temperature"] / temperature)
        boiling = given["vapour_temperature"] / (temperature * temperature)
        rise = vapour * boiling
        bend = rise * (boiling - 2.0 / temperature)
        excess = (vapour - given["pressure"]) * heat - (shelf - temperature) * resistance
        slope = rise * heat + resistance
        step = 2.0 * excess * slope / (2.0 * slope * slope - excess * bend * heat)
        temperature = xp.minimum(temperature - step, shelf)
    return temperature, (shelf - temperature) / heat


def _ramp(given: Mapping[str, Array], first: Array, last: Array, steps: int) -> _Ramp:
    """Return the state at time `last` after a start at `first`, and when the cake was dry, else -1."""
    xp = namespace(first)
    step = (last - first) / steps
    whole, ice = given["layer"], given["ice_density"]
    layer = xp.zeros_like(whole)
    shelf = given["shelf_start"] + given["ramp_rate"] * first
    balance = given["vapour_temperature"] / xp.log(given["vapour_factor"] / given["pressure"])
    temperature, flux = _front(given, balance, layer, shelf, 6)
    growth, when = flux / ice, xp.full_like(whole, -1.0)
    for k in range(steps):
        middle = shelf + 0.5 * step * given["ramp_rate"]
        then = given["shelf_start"] + given["ramp_rate"] * (first + (k + 1) * step)
        trial = xp.minimum(layer + 0.5 * step * growth, whole)
        temperature, second = _front(given, temperature, trial, middle, 2)
        trial = xp.minimum(layer + 0.5 * step * second / ice, whole)
        temperature, third = _front(given, temperature, trial, middle, 1)
        trial = xp.minimum(layer + step * third / ice, whole)
        temperature, fourth = _front(given, temperature, trial, then, 2)
        after = layer + step / 6.0 * (growth + 2.0 * second / ice + 2.0 * third / ice + fourth / ice)
        temperature, flux = _front(given, temperature, xp.minimum(after, whole), then, 1)
        rise = after - layer
        part = (whole - layer) / xp.where(rise > 0.0, rise, xp.ones_like(rise))
        when = xp.where((layer < whole) & (after >= whole), first + step * (k + part), when)
        layer, growth, shelf = after, flux / ice, then
    return _Ramp(layer, temperature, growth, when)
