"""How wet granules meet, stick and grow denser in a sheared bed: the equations and their integration.

A granule is known by the volume of solids in it, which neither liquid nor porosity changes and which adds up
when granules join. Liquid and porosity are those of the lot, alike in all granules; what of the liquid finds
no room in the pores lies on the surface, on some granules sooner than on others. Called by
`high_shear_granulation`, with the kernel on NumPy and CuPy and `by_arrays` elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from twin.physics.backend import namespace
from twin.physics.numerics import runge_kutta
from twin.physics.numerics.population_balance import (
    Sections,
    column,
    joining,
    rates,
    spanning,
    sum_of,
    tables_of,
)
from twin.physics.numerics.size_distribution import sphere_volume

SECTIONS = spanning(sphere_volume(4e-6), sphere_volume(6e-3), 48)  # m3 of solids in a granule


def viscous_stokes_number(density: Any, diameter: Any, other: Any, velocity: Any, viscosity: Any) -> Any:
    """Return the viscous Stokes number of two granules that meet, St = 8 m u/(3 pi mu D**2).

    m and D are the harmonic means of the masses and of the diameters; `density` of the granules in kg/m3,
    `diameter` and `other` in m, `velocity` u of approach in m/s, `viscosity` mu of the binder in Pa s; any
    shapes that go together. For equal granules of radius r it is 8 rho r u/(9 mu).

    B. J. Ennis, G. Tardos, R. Pfeffer, "A microlevel-based characterization of granulation phenomena", Powder
    Technology 65 (1991) 257-272; for unequal granules as in S. M. Iveson, J. D. Litster, K. Hapgood, B. J.
    Ennis, Powder Technology 117 (2001) 3-39.

    >>> round(viscous_stokes_number(1350.0, 200e-6, 200e-6, 0.1, 0.02), 6)
    0.6
    """
    first, second = diameter**3, other**3
    mass = math.pi / 6.0 * density * 2.0 * first * second / (first + second)
    size = 2.0 * diameter * other / (diameter + other)
    return 8.0 * mass * velocity / (3.0 * math.pi * viscosity * size * size)


def critical_stokes_number(film: Any, asperity: Any, restitution: Any) -> Any:
    """Return the Stokes number below which granules stick, St* = (1 + 1/e) ln(1 + h/ha).

    `film` h of liquid and `asperity` ha of the surface in m, `restitution` e of the solid; any shapes that go
    together. Ennis, Tardos and Pfeffer have ln(h/ha); the 1 lets it vanish with the film and is of no weight
    where the film is thick. Source: as `viscous_stokes_number`.

    >>> import numpy as np
    >>> round(float(critical_stokes_number(np.asarray(9e-6), 1e-6, 0.25)), 6)
    11.512925
    """
    xp = namespace(film, asperity, restitution)
    return (1.0 + 1.0 / restitution) * xp.log1p(film / asperity)


def coalescing_share(stokes: Any, critical: Any) -> Any:
    """Return the share of meetings that end in coalescence, 1/(1 + (St/St*)**4).

    `stokes` is that of the median velocity. Velocities are taken as log-logistic with shape 4, which have
    Rayleigh's coefficient of variation, (4/pi - 1)**0.5, that of the speed of random motion in a plane; a
    meeting ends in coalescence where its own Stokes number is below the critical one.

    >>> coalescing_share(2.0, 2.0)
    0.5
    """
    return 1.0 / (1.0 + (stokes / critical) ** 4)


def shear_meeting_rate(volume: Any, other: Any, shear_rate: Any, packing: Any) -> Any:
    """Return the rate in 1/s at which two granules meet in a sheared bed, per number in 1 m3 of solids.

    M. von Smoluchowski's G (d1 + d2)**3/6, Zeitschrift für physikalische Chemie 92 (1917) 129-168, for the
    numbers in a bed of which granules take the share `packing`. As granules swell with pores they get fewer
    in a bed, so that porosity cancels: `volume` and `other` are those of the solids, in m3; `shear_rate` G in
    1/s.

    >>> round(float(shear_meeting_rate(1.0, 1.0, 1.0, 1.0)), 6)
    2.546479
    """
    return shear_rate * packing / math.pi * (volume ** (1.0 / 3.0) + other ** (1.0 / 3.0)) ** 3


def pore_saturation(liquid: Any, absorbed: Any, density_ratio: Any, porosity: Any) -> Any:
    """Return the share of the pores that liquid would fill, s = (w - w0)(rho_s/rho_l)(1 - p)/p.

    `liquid` w and what the solid itself takes up, `absorbed` w0, in kg per kg of solids; `density_ratio`
    rho_s/rho_l of solid and liquid, `porosity` p of the granules. Below 0 where the solid takes up more.

    >>> round(pore_saturation(0.3, 0.05, 1.5, 0.3), 6)
    0.875
    """
    return (liquid - absorbed) * density_ratio * (1.0 - porosity) / porosity


def wet_share(saturation: Any, critical: Any, spread: Any) -> Any:
    """Return the share of granules with liquid on their surface, 1/(1 + exp((s* - s)/b)).

    Liquid is not evenly spread: saturations vary about the lot's `saturation` s by the logistic law with
    scale `spread` b; a granule is wet where its own is above `critical` s*.

    >>> import numpy as np
    >>> float(wet_share(np.asarray(0.8), 0.8, 0.1))
    0.5
    """
    xp = namespace(saturation, critical, spread)
    return 1.0 / (1.0 + xp.exp((critical - saturation) / spread))


def film_saturation(saturation: Any, critical: Any, spread: Any) -> Any:
    """Return how far beyond the critical saturation wet granules are, b ln(1 + exp((s - s*)/b)) over their
    share; arguments as in `wet_share`.

    >>> import numpy as np
    >>> round(float(film_saturation(np.asarray(0.8), 0.8, 0.1)), 6)
    0.138629
    """
    xp = namespace(saturation, critical, spread)
    beyond = (saturation - critical) / spread
    surplus = spread * (xp.clip(beyond, 0.0, None) + xp.log1p(xp.exp(-xp.abs(beyond))))
    return surplus / wet_share(saturation, critical, spread)


@dataclass(frozen=True)
class Bed:
    """What a lot's granules are and are exposed to; arrays of shape (n,), SI.

    `spray_time` and `massing_time`; `liquid_before` and `liquid_after` spraying, kg per kg of solids;
    `meeting_rate`, the shear rate times packing times the share of meetings that count; `inertia`, density of
    the solid times velocity of approach over viscosity; `restitution`, `asperity`, `absorbed`,
    `density_ratio`, `critical_saturation`, `saturation_spread` as the equations have them;
    `consolidation_rate` in 1/s towards `least_porosity` from `porosity`.
    """

    spray_time: Any
    massing_time: Any
    liquid_before: Any
    liquid_after: Any
    meeting_rate: Any
    inertia: Any
    restitution: Any
    asperity: Any
    absorbed: Any
    density_ratio: Any
    critical_saturation: Any
    saturation_spread: Any
    consolidation_rate: Any
    least_porosity: Any
    porosity: Any


def by_arrays(sections: Sections, bed: Bed, state: Any, steps: int) -> Any:
    """Return the state and, below it, the porosity, (m + 4, n), after spraying and wet massing.

    `state`, (m + 3, n), has numbers in 1 m3 of solids; each phase takes `steps` steps. Consolidation is
    exponential: S. M. Iveson, J. D. Litster, B. J. Ennis, "Fundamental studies of granule consolidation. Part
    1: effects of binder content and binder viscosity", Powder Technology 88 (1996) 15-20.
    """
    xp = namespace(state)
    m, tables = sections.count, tables_of(sections, state)
    diameters = (6.0 / math.pi * tables.pivots) ** (1.0 / 3.0)
    surfaces = math.pi * diameters * diameters  # of spheres of the solids
    thinner = column(xp, tuple(sections.ratio ** (-d / 3.0) for d in range(m)), state)[:, None, :]
    met = shear_meeting_rate(tables.pivots[None, ...], tables.pivots[None, ...] * thinner**3, 1.0, 1.0)
    sizes = viscous_stokes_number(1.0, diameters[None, ...], diameters[None, ...] * thinner, 1.0, 1.0)

    def slope(liquid: Any, at: Any) -> Any:
        numbers, porosity = at[:m, ...], at[m + 3, ...]
        sauter = 6.0 * sum_of(numbers * tables.pivots) / sum_of(numbers * surfaces)
        rate, stokes = wet_meetings(bed, liquid, porosity, sauter)
        meetings = rate * met * coalescing_share(sizes, stokes)
        change = rates(tables, joining(tables, at[: m + 3, ...], meetings))
        denser = -bed.consolidation_rate * (porosity - bed.least_porosity)
        return xp.concat([change, denser[None, ...]], axis=0)

    def spraying(t: Any, at: Any) -> Any:
        share = t / bed.spray_time
        return slope(bed.liquid_before + (bed.liquid_after - bed.liquid_before) * share, at)

    def massing(_: Any, at: Any) -> Any:
        return slope(bed.liquid_after, at)

    whole = xp.concat([state, bed.porosity[None, ...]], axis=0)
    sprayed = runge_kutta.rk4(spraying, whole, bed.spray_time, steps)
    return runge_kutta.rk4(massing, sprayed, bed.massing_time, steps)


def wet_meetings(bed: Bed, liquid: Any, porosity: Any, sauter: Any) -> tuple[Any, Any]:
    """Return the rate of meetings of which one granule at least is wet, and the critical Stokes number over
    that of solids of unit diameter, density, velocity and viscosity; (n,).

    `liquid` in kg per kg of solids; `sauter`, the mean diameter of the solids by volume over surface, in m.
    """
    pores = porosity / (1.0 - porosity)
    swollen = (1.0 + pores) ** (2.0 / 3.0)
    saturation = pore_saturation(liquid, bed.absorbed, bed.density_ratio, porosity)
    wet = wet_share(saturation, bed.critical_saturation, bed.saturation_spread)
    beyond = film_saturation(saturation, bed.critical_saturation, bed.saturation_spread)
    film = beyond * pores * sauter / (6.0 * swollen)
    critical = critical_stokes_number(film, bed.asperity, bed.restitution)
    return bed.meeting_rate * wet * (2.0 - wet), critical * swollen / (bed.inertia * (1.0 + liquid))


def granulation_inputs(sections: Sections, bed: Bed, state: Any) -> Any:
    """Return the inputs, (fields, n), of `kernels.population_balance.granulation`, from what `by_arrays`
    takes.
    """
    xp = namespace(state)
    pivots = sections.pivots
    thinner = [sections.ratio ** (-d / 3.0) for d in range(sections.count)]
    alike = viscous_stokes_number(1.0, 1.0, 1.0, 1.0, 1.0)
    tables = (
        sections.ratio,
        *pivots,
        *sections.gaps,
        *((math.pi / 6.0) ** (1.0 / 3.0) * pivot ** (2.0 / 3.0) for pivot in pivots),
        *(pivot ** (4.0 / 3.0) for pivot in pivots),
        *((1.0 + thin) ** 3 for thin in thinner),
        *((viscous_stokes_number(1.0, 1.0, thin, 1.0, 1.0) / alike) ** 4 for thin in thinner),
    )
    rows = [
        bed.spray_time,
        bed.massing_time,
        bed.liquid_before,
        bed.liquid_after,
        bed.meeting_rate / math.pi,
        bed.inertia * alike * (6.0 / math.pi) ** (1.0 / 3.0),
        1.0 + 1.0 / bed.restitution,
        bed.asperity,
        bed.absorbed,
        bed.density_ratio,
        bed.critical_saturation,
        bed.saturation_spread,
        bed.consolidation_rate,
        bed.least_porosity,
    ]
    for_all = xp.broadcast_to(column(xp, tables, state), (len(tables), state.shape[1]))
    return xp.concat([xp.stack(rows), for_all, state, bed.porosity[None, ...]], axis=0)
