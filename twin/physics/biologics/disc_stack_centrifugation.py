"""Clarification of a harvest in a disc-stack centrifuge: what goes over with the liquid, and what is lost.

Cells and debris have lognormal sizes and settle by Stokes's law, slower in a crowd; Ambler's Sigma makes the
stack a settling tank of so many square metres in plug flow, and the fraction that is not caught has a closed
form. Sediment is ejected at intervals with the liquid between the solids and some more. Left out: flow that
is not even over the discs, wear of flocs, foam, heating, and what a filling bowl does to separation.

A lot is out of range where solids are more than 25 % of the broth or than the sediment, where the cut size
is outside 0.05 to 50 um, and outside the ranges of the inputs at the end of this file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation
from twin.physics.numerics.special import normal_below

GRAVITY = 9.80665  # m/s2


def disc_stack_sigma(discs: Any, speed: Any, outer_radius: Any, inner_radius: Any, half_angle: Any) -> Any:
    """Return the settling area in m2 that a disc stack equals, 2 pi n w**2 (r2**3 - r1**3) / (3 g tan theta).

    `discs` n, `speed` in turns a second (w = 2 pi speed), radii r2 and r1 of the discs in m, `half_angle`
    theta of their cone in rad; shape (n,) or numbers.

    C. M. Ambler, "The theory of scaling up laboratory data for the sedimentation type centrifuge", Journal
    of Biochemical and Microbiological Technology and Engineering 1 (1959) 185-205.

    >>> round(float(disc_stack_sigma(80.0, 150.0, 0.075, 0.030, math.radians(40))), 4)
    7141.9415
    """
    xp = namespace(discs, speed, outer_radius, inner_radius, half_angle)
    turning = 2.0 * math.pi * speed
    cubes = outer_radius**3 - inner_radius**3
    tangent = xp.tan(xp.asarray(half_angle))
    return 2.0 * math.pi * discs * turning * turning * cubes / (3.0 * GRAVITY * tangent)


def cut_size(flow: Any, sigma: Any, density_difference: Any, viscosity: Any, hindrance: Any) -> Any:
    """Return the size in m of the smallest particles that are all caught: v(d) = Q / Sigma by Stokes's law.

    d = sqrt(18 eta Q / (dRho g Sigma h)) with `flow` Q in m3/s, `sigma` in m2, `density_difference` dRho in
    kg/m3, `viscosity` eta in Pa s and `hindrance` h, what others leave of the settling speed; shape (n,) or
    numbers.

    >>> round(1e6 * float(cut_size(1e-3, 7000.0, 50.0, 1e-3, 1.0)), 4)
    2.29
    """
    xp = namespace(flow, sigma, density_difference, viscosity, hindrance)
    square = 18.0 * viscosity * flow / (density_difference * GRAVITY * sigma * hindrance)
    return xp.sqrt(xp.asarray(square))


def carried_over(cut: Any, median: Any, spread: Any) -> Any:
    """Return the volume fraction of particles that stays in the liquid.

    Of particles of size d below the cut d0, a fraction (d / d0)**2 is caught, of larger ones all. Sizes are
    lognormal by volume around `median` with `spread` s of ln d, so that with z = ln(d0 / median) / s

    carried over = P(z) - exp(2 s**2) (median / d0)**2 P(z - 2 s), P the normal distribution.

    >>> round(float(carried_over(10e-6, 10e-6, 0.3)), 12)
    0.171659405539
    """
    xp = namespace(cut, median, spread)
    z = xp.log(xp.asarray(cut / median)) / spread
    scale = xp.exp(xp.asarray(2.0 * spread * spread)) * (median / cut) * (median / cut)
    left = normal_below(z) - scale * normal_below(z - 2.0 * spread)
    return xp.maximum(left, xp.zeros_like(left))


def _equations(given: Mapping[str, Array]) -> Answer:
    xp = namespace(given["batch_mass"])
    solids = given["solids_fraction"]
    broth = given["batch_mass"] / given["density"]
    sigma = disc_stack_sigma(
        given["discs"], given["bowl_speed"], given["outer_radius"], given["inner_radius"], given["disc_angle"]
    )
    area = sigma * given["sigma_efficiency"]
    hindrance = (1.0 - solids) ** 4.65  # J. F. Richardson, W. N. Zaki, 1954
    flow, viscosity = given["feed_flow"], given["viscosity"]
    cell_cut = cut_size(flow, area, given["cell_density_difference"], viscosity, hindrance)
    debris_cut = cut_size(flow, area, given["debris_density_difference"], viscosity, hindrance)
    debris = given["debris_fraction"] + given["shear_breakage"] * (1.0 - given["debris_fraction"])
    cells_over = solids * (1.0 - debris) * carried_over(cell_cut, given["cell_size"], given["cell_spread"])
    debris_over = solids * debris * carried_over(debris_cut, given["debris_size"], given["debris_spread"])
    over = cells_over + debris_over  # for each volume of broth
    sediment = broth * (solids - over) / given["sediment_solids"]
    ejections = xp.maximum(xp.ceil(sediment / given["sediment_space"] - 1e-9), xp.ones_like(sediment))
    lost = sediment * (1.0 - given["sediment_solids"]) + ejections * given["ejected_liquid"]
    liquid = broth * (1.0 - solids)
    yield_ = 1.0 - lost / liquid
    centrate = liquid - lost + broth * over
    attributes = {
        "titre": given["titre"] * yield_ * broth / centrate,
        "solids_fraction": broth * over / centrate,
        "debris_fraction": xp.where(over > 0.0, debris_over / over, 0.0 * over),
        "turbidity": broth
        * (given["cell_turbidity"] * cells_over + given["debris_turbidity"] * debris_over)
        / centrate,
        "solids_removed": 1.0 - over / solids,
        "product_recovered": yield_,
        "sigma": sigma,
        "cut_size": cell_cut,
        "ejections": ejections,
        "sediment_volume": sediment,
    }
    duration = broth / flow + ejections * given["ejection_time"]
    holds = (lost < liquid) & (solids < given["sediment_solids"]) & (cell_cut >= 5e-8) & (cell_cut <= 5e-5)
    return Answer(duration, centrate / broth, attributes, holds)


DISC_STACK_CENTRIFUGATION = unit_operation(
    "disc_stack_centrifugation",
    material=(
        Quantity("batch_mass", "kg", "mass of the broth", 1e-3, 1e5),
        Quantity("density", "kg/m3", "density of the broth", 900.0, 1200.0, default=1000.0),
        Quantity("titre", "kg/m3", "product in the broth, cells included", 0.0, 100.0, default=3.0),
        Quantity("solids_fraction", "1", "volume of cells and debris in the broth", 1e-6, 0.25, default=0.03),
        Quantity("debris_fraction", "1", "part of the solids that is debris", 0.0, 1.0, default=0.03),
        Quantity("cell_size", "m", "median size of cells by volume", 2e-6, 5e-5, default=1.5e-5),
        Quantity(
            "cell_spread", "1", "standard deviation of the logarithm of their size", 0.01, 1.0, default=0.2
        ),
        Quantity("debris_size", "m", "median size of debris by volume", 1e-7, 2e-5, default=3e-6),
        Quantity(
            "debris_spread", "1", "standard deviation of the logarithm of its size", 0.01, 1.5, default=0.6
        ),
        Quantity(
            "cell_density_difference",
            "kg/m3",
            "how much denser than the liquid cells are",
            1.0,
            500.0,
            default=50.0,
        ),
        Quantity("debris_density_difference", "kg/m3", "how much denser debris is", 1.0, 500.0, default=30.0),
        Quantity("viscosity", "Pa*s", "viscosity of the liquid", 1e-4, 0.1, default=1e-3),
        Quantity(
            "cell_turbidity", "1", "turbidity in NTU over volume fraction of cells", 1.0, 1e7, default=1e5
        ),
        Quantity("debris_turbidity", "1", "the same of debris", 1.0, 1e8, default=3e5),
    ),
    settings=(
        Quantity("feed_flow", "m3/s", "flow of broth", 1e-7, 1e-2, default=1.0 / 3600),
        Quantity("bowl_speed", "1/s", "turns of the bowl a second", 5.0, 500.0, default=150.0),
        Quantity("sediment_space", "m3", "sediment between two ejections", 1e-6, 0.1, default=2e-3),
        Quantity(
            "ejected_liquid", "m3", "liquid lost at each ejection beside the sediment", 0.0, 0.1, default=5e-4
        ),
    ),
    equipment=(
        Quantity("discs", "1", "discs of the stack", 1.0, 500.0, default=80.0),
        Quantity("outer_radius", "m", "outer radius of the discs", 0.02, 0.6, default=0.075),
        Quantity("inner_radius", "m", "inner radius of the discs", 0.001, 0.5, default=0.03),
        Quantity(
            "disc_angle", "1", "half angle of the discs' cone, in rad", 0.3, 1.2, default=math.radians(40)
        ),
        Quantity(
            "sigma_efficiency",
            "1",
            "fraction of Sigma that the stack does in practice",
            0.1,
            1.0,
            default=0.5,
        ),
        Quantity(
            "shear_breakage", "1", "fraction of cells broken as they enter the bowl", 0.0, 1.0, default=0.02
        ),
        Quantity("sediment_solids", "1", "volume fraction of solids in the sediment", 0.1, 1.0, default=0.6),
        Quantity("ejection_time", "s", "time without feed at an ejection", 0.0, 600.0, default=15.0),
    ),
    attributes=(
        Quantity("titre", "kg/m3", "product in the centrate"),
        Quantity("solids_fraction", "1", "volume of cells and debris in the centrate"),
        Quantity("debris_fraction", "1", "part of these that is debris"),
        Quantity("turbidity", "1", "turbidity of the centrate in NTU"),
        Quantity("solids_removed", "1", "fraction of the solids that was caught"),
        Quantity("product_recovered", "1", "fraction of the product in the centrate"),
        Quantity("sigma", "m2", "settling area that the stack equals, without its efficiency"),
        Quantity("cut_size", "m", "size of the smallest cells that are all caught"),
        Quantity("ejections", "1", "ejections of sediment"),
        Quantity("sediment_volume", "m3", "sediment ejected"),
    ),
    equations=_equations,
)
