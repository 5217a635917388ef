"""Depth filtration of a centrate: pressure and flux as the filter blocks, and how much a square metre takes.

Flow is held at a flux until the pressure it needs is the most that is allowed; from then on the pressure is
held and flow falls. A very high flux is filtration at constant pressure all along, a very high pressure one
at constant flux. Resistance grows with throughput by Hermia's laws: cake on top of a medium that blocks
completely, intermediately, or both. Left out: standard blocking, cake that packs under pressure, what
passes as the filter fills up (retention is one number), several layers, and filters of several lots.

A lot is out of range where flux falls below the least before the lot is through, and outside the ranges of
the inputs at the end of this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation
from twin.physics.numerics.quadrature import gauss_legendre

_HALVINGS = 60


def blocked_resistance(throughput: Any, complete: Any, intermediate: Any, cake: Any) -> Any:
    """Return resistance over that of the clean filter at a throughput V in m3/m2.

    exp(k_i V) / (1 - k_c V) + k V, with constants in 1/m: of `complete` blocking k_c, where the open area
    falls evenly to none; of `intermediate` blocking k_i, where each particle blocks what is still open; of
    `cake` k. One constant alone is Hermia's law of that name, since at constant pressure flux is inverse to
    resistance, and at constant flux pressure goes with it. Infinite from V = 1 / k_c on.

    J. Hermia, "Constant pressure blocking filtration laws", Transactions of the Institution of Chemical
    Engineers 60 (1982) 183-187.

    >>> float(blocked_resistance(0.1, 5.0, 0.0, 0.0)), float(blocked_resistance(0.1, 0.0, 0.0, 5.0))
    (2.0, 1.5)
    """
    xp = namespace(throughput, complete, intermediate, cake)
    unblocked = xp.asarray(1.0 - complete * throughput)
    some = xp.maximum(unblocked, xp.zeros_like(unblocked))
    swollen = xp.exp(xp.asarray(intermediate * throughput) + 0.0 * unblocked)
    open_ = xp.where(some > 0.0, some, xp.ones_like(some))
    return xp.where(some > 0.0, swollen / open_ + cake * throughput, xp.full_like(some, float("inf")))


def throughput_at(resistance: Any, complete: Any, intermediate: Any, cake: Any, most: Any) -> Any:
    """Return the throughput in m3/m2 at which `blocked_resistance` comes to `resistance`, `most` at most.

    By 60 halvings: resistance grows with throughput.

    >>> round(float(throughput_at(2.0, 5.0, 0.0, 0.0, 10.0)), 12)
    0.1
    """
    xp = namespace(resistance, complete, intermediate, cake, most)
    low = xp.asarray(0.0 * resistance)
    high = xp.asarray(most + 0.0 * resistance)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        before = blocked_resistance(middle, complete, intermediate, cake) <= resistance
        low, high = xp.where(before, middle, low), xp.where(before, high, middle)
    return 0.5 * (low + high)


def filtering_time(throughput: Any, flux: Any, pressure: Any, clean: Any, laws: tuple[Any, Any, Any]) -> Any:
    """Return the time in s to a throughput in m3/m2: at a flux in m/s until it needs more than the pressure.

    `pressure` in Pa is the most that is allowed, `clean` the clean filter's viscosity times resistance in
    Pa s/m, `laws` the constants of complete and intermediate blocking and of cake in 1/m; shape (n,).

    >>> import numpy as np
    >>> one = np.ones(1)
    >>> filtering_time(0.1 * one, 1e-3 * one, 1e5 * one, 1e8 * one, (0.0 * one, 0.0 * one, 10.0 * one))
    array([150.])
    """
    xp = namespace(throughput)
    reached = pressure / (clean * flux)  # resistance at which the pressure is there
    first = throughput_at(reached, *laws, throughput)
    steady = xp.where(reached >= 1.0, first, 0.0 * first)
    falling = gauss_legendre(lambda x: blocked_resistance(x, *laws), steady, throughput, 1, 24)
    slowing = falling * clean / pressure
    return steady / flux + xp.where(throughput > steady, slowing, 0.0 * slowing)


def _equations(given: Mapping[str, Array]) -> Answer:
    xp = namespace(given["batch_mass"])
    volume = given["batch_mass"] / given["density"]
    area, flux, pressure = given["area"], given["flux"], given["greatest_pressure"]
    throughput = volume / area
    fouling = given["turbidity"] / given["reference_turbidity"]
    complete, intermediate = given["complete_blocking"] * fouling, given["intermediate_blocking"] * fouling
    laws = (complete, intermediate, given["cake_blocking"] * fouling)
    clean = given["viscosity"] * given["medium_resistance"]
    resistance = blocked_resistance(throughput, *laws)
    last = xp.minimum(flux, pressure / (clean * resistance))
    rinsing, flushing = given["rinse_throughput"] / flux, given["flush_throughput"] / last
    filtering = filtering_time(throughput, flux, pressure, clean, laws)
    exhausted = pressure / (clean * given["lowest_flux"])
    capacity = throughput_at(exhausted, *laws, given["greatest_throughput"])
    held = area * given["hold_up"]
    left = held * xp.exp(-given["flush_throughput"] / given["hold_up"])  # of the lot, mixed with flush
    product = volume * given["titre"]
    lost = left * given["titre"] + xp.minimum(area * given["product_bound"], product)
    filtrate = volume + area * given["flush_throughput"] - held
    yield_ = xp.minimum(filtrate / volume, xp.ones_like(volume))
    attributes = {
        "titre": (product - lost) / (volume * yield_),
        "turbidity": given["turbidity"] * given["passage"],
        "solids_fraction": given["solids_fraction"] * given["passage"],
        "product_recovered": 1.0 - lost / product,
        "throughput": throughput,
        "capacity": capacity,
        "required_area": volume / capacity,
        "last_pressure": clean * resistance * last,
        "last_flux": last,
        "filtrate_volume": filtrate,
    }
    holds = (throughput <= capacity) & (filtrate > 0.0) & (lost < product)
    return Answer(rinsing + filtering + flushing, yield_, attributes, holds)


DEPTH_FILTRATION = unit_operation(
    "depth_filtration",
    material=(
        Quantity("batch_mass", "kg", "mass of the liquid to be filtered", 1e-3, 1e5),
        Quantity("density", "kg/m3", "its density", 900.0, 1200.0, default=1000.0),
        Quantity("titre", "kg/m3", "product in it", 1e-6, 100.0, default=3.0),
        Quantity("turbidity", "1", "its turbidity in NTU", 0.0, 1e5, default=100.0),
        Quantity("solids_fraction", "1", "volume of solids in it", 0.0, 0.25, default=3e-4),
        Quantity("viscosity", "Pa*s", "its viscosity", 1e-4, 0.1, default=1e-3),
    ),
    settings=(
        Quantity("flux", "m/s", "flow over area, as long as pressure allows", 1e-7, 1.0, default=0.15 / 3600),
        Quantity("greatest_pressure", "Pa", "pressure over the filter at most", 1e3, 1e7, default=1.5e5),
        Quantity(
            "lowest_flux", "m/s", "flux at which the filter is exhausted", 1e-8, 1e-2, default=0.03 / 3600
        ),
        Quantity("rinse_throughput", "m", "water before the lot over area", 0.0, 1.0, default=0.1),
        Quantity("flush_throughput", "m", "buffer after the lot over area", 0.0, 1.0, default=0.01),
    ),
    equipment=(
        Quantity("area", "m2", "area of the filter", 1e-4, 1e4, default=20.0),
        Quantity("medium_resistance", "1/m", "resistance of the clean filter", 1e8, 1e14, default=3e11),
        Quantity("complete_blocking", "1/m", "constant of complete blocking", 0.0, 1e3, default=1.5),
        Quantity("intermediate_blocking", "1/m", "constant of intermediate blocking", 0.0, 1e3, default=5.0),
        Quantity("cake_blocking", "1/m", "constant of cake", 0.0, 1e5, default=5.0),
        Quantity(
            "reference_turbidity",
            "1",
            "turbidity in NTU at which they were measured",
            1e-3,
            1e5,
            default=100.0,
        ),
        Quantity("greatest_throughput", "m", "most that is asked of any filter", 0.01, 100.0, default=10.0),
        Quantity("passage", "1", "fraction of turbidity and solids that passes", 0.0, 1.0, default=0.05),
        Quantity("hold_up", "m", "liquid held by housing and medium over area", 1e-5, 0.1, default=0.006),
        Quantity("product_bound", "kg/m2", "product that the medium binds", 0.0, 1.0, default=0.002),
    ),
    attributes=(
        Quantity("titre", "kg/m3", "product over the lot's liquid; flush beyond the hold-up left out"),
        Quantity("turbidity", "1", "turbidity of the filtrate in NTU"),
        Quantity("solids_fraction", "1", "volume of solids in the filtrate"),
        Quantity("product_recovered", "1", "fraction of the product in the filtrate"),
        Quantity("throughput", "m", "volume filtered over area"),
        Quantity("capacity", "m", "throughput at which the filter is exhausted"),
        Quantity("required_area", "m2", "area that would just do"),
        Quantity("last_pressure", "Pa", "pressure over the filter at the end"),
        Quantity("last_flux", "m/s", "flux at the end"),
        Quantity("filtrate_volume", "m3", "filtrate with the flush that came through"),
    ),
    equations=_equations,
)
