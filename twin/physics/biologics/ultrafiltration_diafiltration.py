"""Ultra- and diafiltration: a pool is concentrated, its buffer exchanged, concentrated on and flushed out.

Flux is what polarisation at the membrane lets through: at the wall the product is at most a gel, and its
osmotic pressure takes from the transmembrane pressure what resistance does not. Without osmotic pressure
and resistance the model is that of gel polarisation, with a gel far off that of osmotic pressure. Left out:
viscosity that grows with concentration, pressure that falls along the channel, fouling, adsorption, and
the buffer in the hold-up. Times are integrals with a fixed number of nodes.

A lot is out of range where the product would have to get thinner, or denser than the gel, where osmotic
pressure stops the flow, where the retentate is more than the vessel holds, and outside the ranges of the
inputs at the end of this file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation
from twin.physics.numerics.quadrature import gauss_legendre
from twin.physics.numerics.roots import newton_bracketed

_ITERATIONS = 16
_NODES = 16


def gel_flux(concentration: Any, mass_transfer: Any, gel_concentration: Any) -> Any:
    """Return the flux in m/s that polarisation to a gel lets through, J = k ln(Cg / C).

    `mass_transfer` k in m/s, concentrations in kg/m3, C below Cg; shape (n,) or numbers.

    >>> round(float(gel_flux(10.0, 25.0, 220.0)), 6)
    77.276061
    """
    xp = namespace(concentration, mass_transfer, gel_concentration)
    return mass_transfer * xp.log(xp.asarray(gel_concentration / concentration))


def osmotic_pressure(concentration: Any, first: Any, second: Any, third: Any) -> Any:
    """Return the osmotic pressure in Pa of a solution, a C + b C**2 + c C**3, C in kg/m3.

    >>> osmotic_pressure(100.0, 16.5, 0.25, 0.005)
    9150.0
    """
    return concentration * (first + concentration * (second + concentration * third))


def optimum_diafiltration_concentration(gel_concentration: Any) -> Any:
    """Return the concentration at which diafiltration under gel polarisation takes least time, Cg / e.

    There C ln(Cg / C), the product of concentration and flux, is greatest. R. Paulen, G. Foley, M. Fikar,
    Z. Kovács, P. Czermak, "Minimizing the process time for ultrafiltration/diafiltration under gel
    polarization conditions", 2011; with osmotic pressure the optimum is elsewhere: G. Foley, J. Garcia,
    Journal of Membrane Science 176 (2000) 55-61.

    >>> round(optimum_diafiltration_concentration(220.0), 4)
    80.9335
    """
    return gel_concentration / math.e


def flux_at(concentration: Any, given: Mapping[str, Any]) -> Any:
    """Return the flux in m/s at a concentration of the retentate in kg/m3.

    The wall is at C exp(J / k), at most at the gel. Where the pressure is enough for that, J is the flux to
    the gel; else it is where pressure is balanced, P = eta R J + pi(C exp(J / k)). NaN where the retentate's
    own osmotic pressure is above P: nothing flows.
    """
    xp = namespace(concentration)
    limit = gel_flux(concentration, given["mass_transfer"], given["gel_concentration"])

    virial = (given["osmotic_first"], given["osmotic_second"], given["osmotic_third"])

    def balance(flux: Any) -> tuple[Any, Any]:
        wall = concentration * xp.exp(flux / given["mass_transfer"])
        first, second, third = virial
        resistance = given["viscosity"] * given["membrane_resistance"]
        left = given["transmembrane_pressure"] - resistance * flux
        steepness = wall * (first + wall * (2.0 * second + wall * (3.0 * third)))
        slope = -resistance - steepness / given["mass_transfer"]
        return left - osmotic_pressure(wall, first, second, third), slope

    balanced = newton_bracketed(balance, xp.zeros_like(limit), limit, _ITERATIONS)
    return xp.where(balance(limit)[0] >= 0.0, limit, balanced)


def concentrating_time(start: Any, from_: Any, to: Any, given: Mapping[str, Any]) -> Any:
    """Return the time in s to concentrate a volume `start` in m3 `from_` one concentration `to` another.

    Product that passes with sieving S leaves C = C0 (V0 / V)**(1 - S), so that the time is the integral of
    V / (A J(C)) over ln V. It is taken over ln L, L = ln(Cg / C), in which flux that ends at the gel is even,
    and in two parts: the gel's limit and balanced pressure meet at L = (P - pi(Cg)) / (eta R k).
    """
    xp = namespace(start)
    kept = 1.0 - given["sieving"]
    gel = given["gel_concentration"]
    first, last = xp.log(gel / from_), xp.log(gel / to)
    virial = (given["osmotic_first"], given["osmotic_second"], given["osmotic_third"])
    spare = given["transmembrane_pressure"] - osmotic_pressure(gel, *virial)
    resisted = given["viscosity"] * given["membrane_resistance"] * given["mass_transfer"]
    some = xp.where(resisted > 0.0, resisted, xp.ones_like(resisted))
    meeting = xp.where(resisted > 0.0, spare / some, first)
    meeting = xp.minimum(xp.maximum(meeting, last), first)

    def slowness(log_distance: Any) -> Any:
        distance = xp.exp(log_distance)
        shrunk = xp.exp((distance - first) / kept)  # V / V0
        return shrunk * distance / flux_at(gel * xp.exp(-distance), given)

    dense = gauss_legendre(slowness, xp.log(last), xp.log(meeting), 1, _NODES)
    thin = gauss_legendre(slowness, xp.log(meeting), xp.log(first), 1, _NODES)
    return start / (kept * given["area"]) * (dense + thin)


def _equations(given: Mapping[str, Array]) -> Answer:
    xp = namespace(given["pool_volume"])
    kept = 1.0 - given["sieving"]
    start, volumes = given["titre"], given["diafiltration_volumes"]
    middle, final = given["diafiltration_concentration"], given["final_concentration"]
    exchanged = given["pool_volume"] * (start / middle) ** (1.0 / kept)
    first = concentrating_time(given["pool_volume"], start, middle, given)
    thinned = middle * xp.exp(-given["sieving"] * volumes)

    def slowness(done: Any) -> Any:
        return 1.0 / flux_at(middle * xp.exp(-given["sieving"] * done), given)

    exchange = exchanged / given["area"] * gauss_legendre(slowness, 0.0 * volumes, volumes, 1, _NODES)
    retentate = exchanged * (thinned / final) ** (1.0 / kept)
    last = concentrating_time(exchanged, thinned, final, given)
    inside = retentate * final
    stuck = given["hold_up"] * final * xp.exp(-given["flush_volume"] / given["hold_up"])
    pool = retentate - given["hold_up"] + given["flush_volume"]
    product = inside - stuck
    fed = given["pool_volume"] * start
    permeate = given["pool_volume"] + volumes * exchanged - retentate
    attributes = {
        "titre": product / pool,
        "pool_volume": pool,
        "product_mass": product,
        "lost_through_membrane": xp.clip(1.0 - inside / fed, 0.0, 1.0),  # or rounding would lose less
        "lost_in_hold_up": stuck / fed,
        "buffer_left": xp.exp(-volumes * given["buffer_sieving"]),
        "buffer_volume": volumes * exchanged + given["flush_volume"],
        "permeate_volume": permeate,
        "mean_flux": permeate / (given["area"] * (first + exchange + last)),
        "last_flux": flux_at(final, given),
        "optimum_diafiltration_concentration": optimum_diafiltration_concentration(
            given["gel_concentration"]
        ),
    }
    holds = (middle >= start) & (final >= thinned) & (xp.maximum(middle, final) < given["gel_concentration"])
    holds = holds & (given["pool_volume"] <= given["vessel_volume"]) & (retentate > given["hold_up"])
    flushing = given["flush_volume"] / given["flush_flow"]
    return Answer(first + exchange + last + flushing, xp.clip(product / fed, 0.0, 1.0), attributes, holds)


ULTRAFILTRATION_DIAFILTRATION = unit_operation(
    "ultrafiltration_diafiltration",
    material=(
        Quantity("pool_volume", "m3", "volume of the pool", 1e-6, 50.0),
        Quantity("titre", "kg/m3", "product in the pool", 1e-3, 300.0, default=8.0),
        Quantity("osmotic_first", "J/kg", "osmotic pressure: times concentration", 0.0, 1e4, default=16.5),
        Quantity("osmotic_second", "m5/(kg*s2)", "its square's factor", 0.0, 1e3, default=0.25),
        Quantity("osmotic_third", "m8/(kg2*s2)", "its cube's factor", 0.0, 10.0, default=0.005),
        Quantity("viscosity", "Pa*s", "viscosity of the permeate", 1e-4, 0.1, default=1e-3),
    ),
    settings=(
        Quantity(
            "diafiltration_concentration",
            "kg/m3",
            "concentration at which buffer is exchanged",
            0.01,
            350.0,
            default=50.0,
        ),
        Quantity("diafiltration_volumes", "1", "buffer over the retentate's volume", 0.0, 30.0, default=7.0),
        Quantity("final_concentration", "kg/m3", "concentration before the flush", 0.01, 350.0, default=80.0),
        Quantity("transmembrane_pressure", "Pa", "mean pressure over the membrane", 1e3, 1e6, default=1.2e5),
        Quantity("flush_volume", "m3", "buffer that flushes the system", 0.0, 1.0, default=4e-3),
    ),
    equipment=(
        Quantity("area", "m2", "area of the membrane", 1e-3, 1e3, default=10.0),
        Quantity("mass_transfer", "m/s", "coefficient of mass transfer k", 1e-8, 1e-3, default=0.025 / 3600),
        Quantity("gel_concentration", "kg/m3", "concentration at which flux ends", 20.0, 1e4, default=220.0),
        Quantity("membrane_resistance", "1/m", "resistance of the membrane", 0.0, 1e16, default=3e12),
        Quantity("sieving", "1", "product in the permeate over that in the retentate", 0.0, 0.5, default=0.0),
        Quantity("buffer_sieving", "1", "the same of the old buffer", 0.0, 1.0, default=1.0),
        Quantity("vessel_volume", "m3", "the most the retentate vessel holds", 1e-4, 50.0, default=2.0),
        Quantity("hold_up", "m3", "volume of system that draining leaves full", 1e-6, 0.5, default=2e-3),
        Quantity("flush_flow", "m3/s", "flow of the flush", 1e-7, 1e-2, default=2e-5),
    ),
    attributes=(
        Quantity("titre", "kg/m3", "product in the pool"),
        Quantity("pool_volume", "m3", "volume of the pool, flush included"),
        Quantity("product_mass", "kg", "product in the pool"),
        Quantity("lost_through_membrane", "1", "fraction of the product in the permeate"),
        Quantity("lost_in_hold_up", "1", "fraction of the product left in the system"),
        Quantity("buffer_left", "1", "fraction of the old buffer's solutes left"),
        Quantity("buffer_volume", "m3", "buffer used"),
        Quantity("permeate_volume", "m3", "permeate"),
        Quantity("mean_flux", "m/s", "permeate over area and time"),
        Quantity("last_flux", "m/s", "flux at the final concentration"),
        Quantity(
            "optimum_diafiltration_concentration",
            "kg/m3",
            "where diafiltration would take least time, were the gel the only limit",
        ),
    ),
    equations=_equations,
)
