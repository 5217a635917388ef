"""High-shear wet granulation: powder and binder in, wet granules of some size, porosity and moisture out.

Three stages: dry mixing, in which nothing of this model changes; spraying at a constant rate until the ratio
of liquid is reached; wet massing. Meanwhile a population balance on 48 sections has granules coalesce where
they meet wet and slowly enough, and consolidate, which brings liquid to their surface. `granule_growth` has
the equations. Left out: the drops and nuclei of the spray (liquid is spread at once, with a spread that does
not depend on the nozzle), breakage of wet granules, wall layers that come off again, heat and evaporation,
the chopper, and binders that dissolve as they go.

A lot is out of range where the bowl is filled to less than 0.15 or more than 0.9 of its volume, where liquid
would fill the pores more than 1.3 times, which makes a paste, where more than 0.1 % of the solids outgrow
granules of 6 mm of solids, where granules may not become denser than they start, where granules meet so often
that the fixed time steps are too long, and outside the other ranges of the inputs at the end of this file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation
from twin.physics.kernels import launch
from twin.physics.kernels.balance_inputs import sizes_of
from twin.physics.kernels.population_balance import granulation_kernel
from twin.physics.numerics.population_balance import column, state_of, sum_of
from twin.physics.numerics.size_distribution import (
    lognormal_below,
    sectioned,
    share_above,
    share_below,
    sphere_volume,
    volume_at,
    volume_shares,
)
from twin.physics.solid_dose.granule_growth import (
    SECTIONS,
    Bed,
    by_arrays,
    granulation_inputs,
    pore_saturation,
)

STEPS = 80  # of each phase, spraying and wet massing
SCRATCH = 40 * SECTIONS.count**2  # numbers that the array form holds for a lot


def powder(median: Any, spread: Any) -> Any:
    """Return the state, (m + 3, n), of 1 m3 of solid particles of a volume-`median` diameter in m.

    `spread` is the standard deviation of the diameter's logarithm; volume is lognormal over size.
    """
    xp = namespace(median)
    edges = column(xp, SECTIONS.edges, median)
    pivots = column(xp, SECTIONS.pivots, median)
    volumes = sectioned(lognormal_below(edges, median, spread))
    return state_of(SECTIONS, volumes / pivots, volumes)


def joined_share(before: Any, after: Any) -> Any:
    """Return the share of particles, (n,), that are no longer by themselves: 1 less granules over particles.

    `before` and `after` are states, (m + 3, n) or more. The finest, below the sections, are not counted.
    """
    m = SECTIONS.count
    return 1.0 - sum_of(after[:m, ...]) / sum_of(before[:m, ...])


def granule_diameter(solids: Any, porosity: Any, joined: Any) -> Any:
    """Return the diameter in m of a granule with a volume of `solids` in m3.

    Powder has no pores of its own and granules have the lot's `porosity` p; while only the share `joined` of
    the particles are in granules, that share of pores is there: v (1 + joined p/(1 - p)); (n,) or numbers.

    >>> import numpy as np
    >>> np.round(granule_diameter(np.asarray(sphere_volume(500e-6)), 0.3, np.asarray([0.0, 1.0])) * 1e6, 2)
    array([500.  , 563.12])
    """
    return (6.0 / math.pi * solids * (1.0 + joined * porosity / (1.0 - porosity))) ** (1.0 / 3.0)


def granule_solids(diameter: Any, porosity: Any, joined: Any) -> Any:
    """Return the volume of solids in m3 in a granule of a `diameter` in m: `granule_diameter` inverted.

    >>> round(granule_solids(563.12e-6, 0.3, 1.0) / sphere_volume(500e-6), 4)
    1.0
    """
    return sphere_volume(diameter) / (1.0 + joined * porosity / (1.0 - porosity))


def _bed(given: Mapping[str, Array], spray_time: Array) -> Bed:
    turning, viscosity = given["impeller_speed"], given["binder_viscosity"]
    tip_speed = math.pi * given["impeller_diameter"] * turning
    approach = given["collision_velocity"] * tip_speed
    liquid = given["liquid_to_solid"] * (1.0 + given["moisture"])
    stiffness = 1.0 + viscosity / given["stiffening_viscosity"]
    return Bed(
        spray_time=spray_time,
        massing_time=given["wet_massing_time"],
        liquid_before=given["moisture"],
        liquid_after=given["moisture"] + liquid,
        meeting_rate=given["coalescence_factor"] * 2.0 * math.pi * turning * given["loose_packing"],
        inertia=given["true_density"] * approach / viscosity,
        restitution=given["restitution"],
        asperity=given["asperity"],
        absorbed=given["liquid_absorbed"],
        density_ratio=given["true_density"] / given["liquid_density"],
        critical_saturation=given["critical_saturation"],
        saturation_spread=given["saturation_spread"],
        consolidation_rate=given["consolidation_rate"] * turning / stiffness,
        least_porosity=given["least_porosity"],
        porosity=given["nuclei_porosity"],
    )


def _coarseness(bed: Bed) -> Array:
    """Return how many times the finest particles would meet others in a time step, at the most.

    To 0.1 the sizes are exact to some 1e-6 of those in endless steps, at 0.5 to some 1e-4.
    """
    xp = namespace(bed.spray_time)
    longest = xp.maximum(bed.spray_time, bed.massing_time) / STEPS
    return 4.0 / math.pi * bed.meeting_rate * longest


def _granulated(bed: Bed, state: Array) -> Array:
    """Return state and porosity at the end: by the kernel where it runs, else by arrays, in chunks."""
    xp = namespace(state)
    inputs = granulation_inputs(SECTIONS, bed, state)
    if launch.takes(inputs):
        return launch.run(granulation_kernel(SECTIONS.count), sizes_of(SECTIONS, STEPS), inputs)
    fields = list(vars(bed))
    whole = xp.concat([xp.stack(list(vars(bed).values())), state], axis=0)

    def some(part: Array) -> Array:
        lots = Bed(**{field: part[i, ...] for i, field in enumerate(fields)})
        return by_arrays(SECTIONS, lots, part[len(fields) :, ...], STEPS)

    return launch.in_chunks(some, whole, SCRATCH)


def _sizes(given: Mapping[str, Array], shares: Array, porosity: Array, joined: Array) -> dict[str, Array]:
    """Return sizes and the shares of fines and oversize of granules with these `shares` of solids."""
    sizes = {
        name: granule_diameter(volume_at(SECTIONS, shares, share), porosity, joined)
        for name, share in (("d10", 0.1), ("d50", 0.5), ("d90", 0.9))
    }
    smaller = granule_solids(given["fines_size"], porosity, joined)
    larger = granule_solids(given["oversize"], porosity, joined)
    return sizes | {
        "fines": share_below(SECTIONS, shares, smaller),
        "oversize_fraction": share_above(SECTIONS, shares, larger),
    }


def _densities(given: Mapping[str, Array], porosity: Array) -> dict[str, Array]:
    """Return porosity and the densities of dry granules, by fixed packing."""
    density = given["true_density"] * (1.0 - porosity)
    return {
        "granule_porosity": porosity,
        "granule_density": density,
        "bulk_density": density * given["loose_packing"],
        "tapped_density": density * given["tapped_packing"],
    }


def _masses(given: Mapping[str, Array], liquid: Array) -> dict[str, Array]:
    """Return moisture and what becomes of powder and `liquid`, in kg."""
    moisture, solutes = given["moisture"], given["binder_fraction"]
    ratio = given["liquid_to_solid"] * (1.0 + moisture)
    arriving = given["batch_mass"] + liquid
    return {
        "moisture": (moisture + ratio * (1.0 - solutes)) / (1.0 + ratio * solutes),
        "liquid_added": liquid,
        "wet_mass": arriving * (1.0 - given["wall_loss"]),
        "wall_residue": arriving * given["wall_loss"],
    }


def _equations(given: Mapping[str, Array]) -> Answer:
    xp = namespace(given["batch_mass"])
    liquid = given["liquid_to_solid"] * given["batch_mass"]
    spray_time = liquid / given["spray_rate"]
    bed = _bed(given, spray_time)
    start = powder(given["primary_d50"], given["primary_spread"])
    outcome = _granulated(bed, start)
    porosity = outcome[SECTIONS.count + 3, ...]
    shares = volume_shares(SECTIONS, outcome)
    saturation = pore_saturation(bed.liquid_after, bed.absorbed, bed.density_ratio, porosity)
    fill = given["batch_mass"] / (given["bulk_density"] * given["bowl_volume"])
    attributes = _sizes(given, shares, porosity, joined_share(start, outcome))
    attributes |= _densities(given, porosity) | _masses(given, liquid)
    attributes |= {
        "pore_saturation": xp.clip(saturation, 0.0, None),
        "tip_speed": math.pi * given["impeller_diameter"] * given["impeller_speed"],
        "spray_time": spray_time,
        "fill_fraction": fill,
    }
    duration = given["dry_mixing_time"] + spray_time + given["wet_massing_time"]
    holds = (
        (fill >= 0.15)
        & (fill <= 0.9)
        & (saturation <= 1.3)
        & (given["least_porosity"] < given["nuclei_porosity"])
        & (shares[SECTIONS.count, ...] <= 1e-3)
        & (_coarseness(bed) <= 0.5)
    )
    return Answer(duration, 1.0 - given["wall_loss"], attributes, holds)


HIGH_SHEAR_GRANULATION = unit_operation(
    "high_shear_granulation",
    material=(
        Quantity("batch_mass", "kg", "mass of powder charged", low=1e-3, high=1e4),
        Quantity("moisture", "1", "water over dry mass of the powder", 0.0, 0.15, default=0.02),
        Quantity("bulk_density", "kg/m3", "density of the loose powder", 100.0, 1500.0, default=500.0),
        Quantity(
            "true_density", "kg/m3", "density of the solid without pores", 800.0, 4000.0, default=1500.0
        ),
        Quantity("primary_d50", "m", "median size of the powder by volume", 15e-6, 300e-6, default=60e-6),
        Quantity(
            "primary_spread", "1", "standard deviation of the logarithm of its size", 0.2, 1.0, default=0.5
        ),
        Quantity("liquid_absorbed", "1", "liquid in the solid itself over dry mass", 0.0, 0.3, default=0.04),
        Quantity("nuclei_porosity", "1", "porosity of the first granules", 0.3, 0.65, default=0.5),
        Quantity("least_porosity", "1", "porosity after endless consolidation", 0.1, 0.5, default=0.2),
        Quantity("restitution", "1", "coefficient of restitution of granules", 0.05, 0.9, default=0.3),
        Quantity("asperity", "m", "height of the roughness of granules", 1e-7, 2e-5, default=1e-6),
        Quantity("critical_saturation", "1", "pore saturation that wets the surface", 0.4, 1.1, default=0.75),
        Quantity("saturation_spread", "1", "scale of its spread over granules", 0.05, 0.3, default=0.1),
        Quantity("loose_packing", "1", "share of a loose bed that granules take", 0.4, 0.65, default=0.55),
        Quantity("tapped_packing", "1", "share of a tapped bed that granules take", 0.5, 0.75, default=0.64),
    ),
    settings=(
        Quantity("liquid_to_solid", "1", "liquid sprayed over powder charged", 0.02, 0.6, default=0.28),
        Quantity("spray_rate", "kg/s", "liquid sprayed a second", 1e-6, 5.0, default=0.2),
        Quantity("binder_viscosity", "Pa s", "viscosity of the liquid", 5e-4, 2.0, default=0.02),
        Quantity("binder_fraction", "1", "solids dissolved in the liquid", 0.0, 0.5, default=0.08),
        Quantity("liquid_density", "kg/m3", "density of the liquid", 700.0, 1400.0, default=1020.0),
        Quantity("dry_mixing_time", "s", "mixing before the spray starts", 0.0, 3600.0, default=120.0),
        Quantity("wet_massing_time", "s", "mixing after the spray has ended", 0.0, 1800.0, default=180.0),
        Quantity("impeller_speed", "1/s", "turns of the impeller a second", 0.5, 10.0, default=2.0),
        Quantity("fines_size", "m", "granules below it count as fines", 1e-5, 4e-3, default=150e-6),
        Quantity("oversize", "m", "granules above it count as oversize", 2e-4, 4e-3, default=1.4e-3),
    ),
    equipment=(
        Quantity("bowl_volume", "m3", "inner volume of the bowl", 1e-4, 5.0, default=1.0),
        Quantity("impeller_diameter", "m", "diameter of the impeller", 0.05, 2.5, default=1.1),
        Quantity("collision_velocity", "1", "velocity of approach over tip speed", 1e-3, 0.2, default=0.05),
        Quantity(
            "coalescence_factor", "1", "share of wet, slow meetings that count", 1e-5, 5e-3, default=2e-3
        ),
        Quantity("consolidation_rate", "1", "consolidation a turn, no viscosity", 0.0, 0.02, default=1.5e-3),
        Quantity(
            "stiffening_viscosity", "Pa s", "viscosity that halves consolidation", 1e-3, 10.0, default=0.1
        ),
        Quantity("wall_loss", "1", "share of the batch left on the walls", 0.0, 0.1, default=0.005),
    ),
    attributes=(
        Quantity("d10", "m", "size below which is 10 % of the granules' volume"),
        Quantity("d50", "m", "median size of the granules by volume"),
        Quantity("d90", "m", "size below which is 90 % of the granules' volume"),
        Quantity("fines", "1", "share by mass below the size for fines", 0.0, 1.0),
        Quantity("oversize_fraction", "1", "share by mass above the size for oversize", 0.0, 1.0),
        Quantity("granule_porosity", "1", "porosity of the granules", 0.0, 1.0),
        Quantity("granule_density", "kg/m3", "density of a granule with its pores, dry"),
        Quantity("bulk_density", "kg/m3", "density of a loose bed of the granules, dry"),
        Quantity("tapped_density", "kg/m3", "density of a tapped bed of the granules, dry"),
        Quantity("moisture", "1", "water over dry mass at the end"),
        Quantity("pore_saturation", "1", "share of the pores that liquid would fill at the end"),
        Quantity("tip_speed", "m/s", "speed of the impeller's tips"),
        Quantity("spray_time", "s", "time of spraying"),
        Quantity("liquid_added", "kg", "liquid sprayed"),
        Quantity("wet_mass", "kg", "wet granules that leave the bowl"),
        Quantity("wall_residue", "kg", "wet mass that stays on the walls"),
        Quantity("fill_fraction", "1", "powder's share of the bowl; the model holds from 0.15 to 0.9"),
    ),
    equations=_equations,
)
