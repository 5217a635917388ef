"""Freezing of vials on a shelf that cools: supercooling, sudden nucleation, freezing out, further cooling.

A vial has one temperature (lumped). It follows the shelf with a time constant until ice forms at its
nucleation temperature, which is random from vial to vial and given by the caller. The heat of the ice that
forms at once lifts it to its freezing temperature (recalescence), where it stays until all water is ice; then
it follows the shelf again, as a frozen cake. Every stage is a closed form, in the ramp up to one root.

Left out: gradients in the vial, freezing-point depression as the solute concentrates, water that never
freezes, the cooling of the glass. `lyophilisation` calls this. The lumped model is that of the freezing
calculator of LyoPRONTO (`lyophilisation_data`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from twin.physics.backend import namespace
from twin.physics.contract import Array
from twin.physics.fill_finish.lyophilisation_data import FUSION_HEAT

NEWTON_STEPS = 12


class Freezing(NamedTuple):
    """Times in s from the start of cooling, shape (n,), infinite where the shelf stays too warm.

    `nucleation` until ice forms, `frozen` until all water is ice, `duration` until the cake has cooled;
    `ice_at_nucleation` the fraction of the water that freezes at once.
    """

    nucleation: Array
    frozen: Array
    duration: Array
    ice_at_nucleation: Array


def cooling_time_constant(mass: Any, heat_capacity: Any, coefficient: Any, area: Any) -> Any:
    """Return m c / (h A) in s: `mass` in kg, `heat_capacity` in J/(kg K), h in W/(m2 K), `area` in m2.

    >>> round(cooling_time_constant(1000 * 2e-6, 4000.0, 38.0, 3.8e-4), 6)
    554.01662
    """
    return mass * heat_capacity / (coefficient * area)


def cooling_time(start: Any, shelf: Any, rate: Any, final: Any, constant: Any, wanted: Any) -> Any:
    """Return when a lumped body passes the temperature `wanted`, in s, on a shelf that cools to `final`.

    The body has the temperature `start`, the shelf `shelf` (not above it) and cools at `rate` > 0 in K/s
    until `final`, where it stays. With tau = `constant` the body follows, during the ramp,
    T = T_shelf(t) + rate tau + (start - shelf - rate tau) exp(-t/tau), and decays towards `final` after it.
    Arrays of shape (n,) or numbers, temperatures in K; infinite where `wanted` is not above `final`, zero
    where the body is that cold at the start.

    >>> round(float(cooling_time(293.15, 233.15, 1.0, 233.15, 554.016620, 263.15)), 3)
    384.015
    """
    xp = namespace(start, shelf, rate, final, constant, wanted)
    start, final, wanted = xp.asarray(start), xp.asarray(final), xp.asarray(wanted)
    ramp = xp.maximum(xp.asarray((shelf - final) / rate), 0.0 * final)
    lag = rate * constant
    bend = start - shelf - lag

    def body(time: Any) -> Any:
        return shelf - rate * time + lag + bend * xp.exp(-time / constant)

    # Convex where bend > 0 and concave where it is not: from this end Newton's steps never pass the root.
    time = xp.where(bend > 0.0, 0.0 * ramp, ramp)
    for _ in range(NEWTON_STEPS):
        slope = -rate - bend / constant * xp.exp(-time / constant)
        flat = slope >= 0.0
        step = (body(time) - wanted) / xp.where(flat, -xp.ones_like(slope), slope)
        time = xp.minimum(xp.maximum(time - xp.where(flat, 0.0 * step, step), 0.0 * ramp), ramp)
    at_end = body(ramp)
    above = xp.where(wanted > final, wanted - final, xp.ones_like(wanted - final))
    later = ramp + constant * xp.log(xp.maximum((at_end - final) / above, xp.ones_like(above)))
    time = xp.where(at_end <= wanted, time, later)
    time = xp.where(start <= wanted, 0.0 * time, time)
    return xp.where(wanted > final, time, xp.full_like(time, float("inf")))


def solidification_time(heat: Any, conductance: Any, freezing: Any, shelf: Any, rate: Any, final: Any) -> Any:
    """Return in s how long a shelf takes to draw `heat` in J from vials that stay at the `freezing` point.

    `conductance` h A in W/K; the shelf is at `shelf` and cools at `rate` in K/s to `final`, all below
    `freezing`, in K. Arrays of shape (n,) or numbers.

    >>> round(float(solidification_time(600.0, 0.0144, 273.15, 233.15, 1.0, 233.15)), 3)
    1041.667
    """
    xp = namespace(heat, conductance, freezing, shelf, rate, final)
    wanted = xp.asarray(heat / conductance)  # K s
    ramp = xp.maximum(xp.asarray((shelf - final) / rate), 0.0 * wanted)
    gap = freezing - shelf
    in_ramp = 2.0 * wanted / (gap + xp.sqrt(gap * gap + 2.0 * rate * wanted))
    later = ramp + (wanted - (gap + 0.5 * rate * ramp) * ramp) / (freezing - final)
    return xp.where(in_ramp <= ramp, in_ramp, later)


def freezing(
    *,
    loading_temperature: Any,
    shelf_final: Any,
    cooling_rate: Any,
    nucleation_temperature: Any,
    freezing_temperature: Any,
    solution_mass: Any,
    water_mass: Any,
    conductance: Any,
    liquid_heat_capacity: Any,
    frozen_heat_capacity: Any,
    closeness: Any,
) -> Freezing:
    """Return when vials nucleate, are frozen, and have cooled to within `closeness` K of the shelf.

    Vials and shelf start at `loading_temperature`; the shelf cools at `cooling_rate` in K/s to `shelf_final`.
    Temperatures in K, masses in kg a vial, `conductance` h A in W/K, heat capacities in J/(kg K) of the
    solution; arrays of shape (n,) or numbers. Holds where nucleation_temperature lies above shelf_final and
    at most at freezing_temperature, which lies below loading_temperature.
    """
    xp = namespace(loading_temperature, shelf_final, cooling_rate, nucleation_temperature, solution_mass)

    def cooled(start: Any, shelf: Any, heat_capacity: Any, wanted: Any) -> Any:
        constant = solution_mass * heat_capacity / conductance
        return cooling_time(start, shelf, cooling_rate, shelf_final, constant, wanted)

    def shelf_at(time: Any) -> Any:
        return xp.maximum(loading_temperature - cooling_rate * time, shelf_final + 0.0 * released)

    supercooling = xp.asarray(freezing_temperature - nucleation_temperature)
    released = solution_mass * liquid_heat_capacity * supercooling
    heat, start = FUSION_HEAT * water_mass, loading_temperature
    nucleation = cooled(start, start, liquid_heat_capacity, nucleation_temperature)
    rest = xp.maximum(heat - released, 0.0 * released)
    frozen = nucleation + solidification_time(
        rest, conductance, freezing_temperature, shelf_at(nucleation), cooling_rate, shelf_final
    )
    cold = frozen + cooled(
        freezing_temperature, shelf_at(frozen), frozen_heat_capacity, shelf_final + closeness
    )
    return Freezing(nucleation, frozen, cold, released / heat)
