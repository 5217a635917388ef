"""Blending in a tumbling container: mixing of the drug, then of the lubricant, and what both do to the blend.

The two stages are counted in revolutions at one speed. The variance of content decays by a constant
fraction a revolution towards that of a random mixture; what was charged side by side along the axis of
rotation evens out by dispersion, which is slow; the lubricant coats particles as blending goes on
and weakens the tablets pressed from them. Left out: segregation, filling and emptying, cohesion and clumps.

A lot is out of range where the container is filled to less than 0.2 or more than 0.85 of its volume, outside
beta of 0 to 1, gamma of 0 to 10 /m, 1.2 to 60 turns a minute, and outside the other ranges of the inputs at
the end of this file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation


def lubrication_extent(volume: Any, headspace: Any, revolutions: Any) -> Any:
    """Return Kushner and Moore's extent of lubrication K = V**(1/3) F r, in m.

    `volume` V of the blender in m3, `headspace` F its empty fraction, `revolutions` r with the lubricant in;
    shape (n,) or numbers. Their paper has V in litres and K in dm: 1 m is 10 dm.

    J. Kushner, F. Moore, "Scale-up model describing the impact of lubrication on tablet tensile strength",
    International Journal of Pharmaceutics 399 (2010) 19-30.

    >>> round(float(lubrication_extent(1.0, 0.5, 100.0)), 12)
    50.0
    """
    xp = namespace(volume, headspace, revolutions)
    return xp.asarray(volume) ** (1.0 / 3.0) * headspace * revolutions


def kushner_moore_factor(extent: Any, rate: Any, sensitivity: Any) -> Any:
    """Return what lubrication leaves of tensile strength, TS/TS0 = (1 - beta) + beta exp(-gamma K).

    `extent` K, `rate` gamma in one over the unit of K, `sensitivity` beta from 0 (none) to 1; shape (n,) or
    numbers. Fitted on diffusion mixers from 0.03 to 200 litres and more, at tablets of solid fraction 0.85.
    Source: as `lubrication_extent`.

    >>> round(float(kushner_moore_factor(50.0, 0.05, 0.6)), 8)
    0.449251
    """
    xp = namespace(extent, rate, sensitivity)
    return (1.0 - sensitivity) + sensitivity * xp.exp(-rate * xp.asarray(extent))


def lacey_random_variance(fraction: Any, particles: Any) -> Any:
    """Return the variance of content among samples of a random mixture of equal particles, p (1 - p) / n.

    `fraction` p of the particles that are drug, `particles` n in a sample; shape (n,) or numbers.

    P. M. C. Lacey, "Developments in the theory of particle mixing", Journal of Applied Chemistry 4 (1954)
    257-268.

    >>> lacey_random_variance(0.5, 100.0)
    0.0025
    """
    return fraction * (1.0 - fraction) / particles


def dispersed_share(dispersion: Any, length: Any, revolutions: Any) -> Any:
    """Return what axial dispersion leaves of the variance of two halves charged side by side.

    8/pi**2 times the sum over odd k of exp(-2 k**2 pi**2 D N/L**2)/k**2: Fourier's series of diffusion
    between closed ends, whose terms from the twentieth on decay with the twentieth here. `dispersion` D in
    m2 a revolution, `length` L of the blender along its axis in m, `revolutions` N; shape (n,) or numbers.

    R. Hogg, D. S. Cahn, T. W. Healy, D. W. Fuerstenau, "Diffusional mixing in an ideal system", Chemical
    Engineering Science 21 (1966) 1025-1038.

    >>> round(float(dispersed_share(1e-4, 1.0, 300.0)), 6)
    0.44878
    """
    xp = namespace(dispersion, length, revolutions)
    decay = xp.asarray(2.0 * math.pi**2 * dispersion * revolutions / (length * length))
    share, weights = 0.0 * decay, 0.0
    for k in range(1, 39, 2):
        weight = 8.0 / (math.pi * k) ** 2
        share = share + weight * xp.exp(-k * k * decay)
        weights += weight
    return share + (1.0 - weights) * xp.exp(-(39.0**2) * decay)


def blend_content_variation(
    fraction: Any,
    particles: Any,
    mixing_rate: Any,
    revolutions: Any,
    layering: Any = 0.0,
    dispersed: Any = 0.0,
) -> Any:
    """Return the relative standard deviation of content among samples after some revolutions.

    The variance falls from p (1 - p), all separate, towards that of `lacey_random_variance` by the factor
    exp(-`mixing_rate`) a revolution: sigma**2 = sigma_r**2 + (sigma_0**2 - sigma_r**2) exp(-c N); the share
    `layering` of it that lies along the axis falls to `dispersed`, of `dispersed_share`, instead. `fraction`
    p, `particles` in a sample, `mixing_rate` c per revolution, `revolutions` N; shape (n,) or numbers.
    First-order decay is Lacey's diffusive mixing; it holds where nothing segregates. Source: as
    `lacey_random_variance`.

    >>> round(float(blend_content_variation(0.05, 1e6, 0.05, 300.0)), 7)
    0.0049812
    """
    xp = namespace(fraction, particles, mixing_rate, revolutions)
    separate = fraction * (1.0 - fraction)
    random = lacey_random_variance(fraction, particles)
    left = (1.0 - layering) * xp.exp(xp.asarray(-mixing_rate * revolutions)) + layering * dispersed
    return xp.sqrt(random + (separate - random) * left) / fraction


def _equations(given: Mapping[str, Array]) -> Answer:
    revolutions = given["blending_revolutions"] + given["lubrication_revolutions"]
    fill = given["batch_mass"] / (given["bulk_density"] * given["blender_volume"])
    extent = lubrication_extent(given["blender_volume"], 1.0 - fill, given["lubrication_revolutions"])
    attributes = {
        "lubrication_factor": kushner_moore_factor(
            extent, given["lubrication_rate"], given["lubricant_sensitivity"]
        ),
        "blend_variation": blend_content_variation(
            given["drug_fraction"],
            given["particles_in_sample"],
            given["mixing_rate"],
            revolutions,
            given["axial_layering"],
            dispersed_share(given["axial_dispersion"], given["axial_length"], revolutions),
        ),
        "lubrication_extent": extent,
        "fill_fraction": fill,
    }
    holds = (fill >= 0.2) & (fill <= 0.85)
    return Answer(revolutions / given["rotation_speed"], 0.0 * revolutions + 1.0, attributes, holds)


BLENDING = unit_operation(
    "blending",
    material=(
        Quantity("batch_mass", "kg", "mass of the blend", low=1e-3, high=1e5),
        Quantity("bulk_density", "kg/m3", "density of the loose powder", 100.0, 2000.0, default=500.0),
        Quantity("drug_fraction", "1", "fraction of the particles that are drug", 1e-4, 0.9999, default=0.05),
        Quantity("particles_in_sample", "1", "particles in a sample of one tablet", 1e2, 1e12, default=1e6),
        Quantity("lubricant_sensitivity", "1", "Kushner and Moore's beta", 0.0, 1.0, default=0.6),
        Quantity(
            "lubrication_rate",
            "1/m",
            "Kushner and Moore's gamma; 0.05 /m is 0.005 /dm",
            0.0,
            10.0,
            default=0.05,
        ),
    ),
    settings=(
        Quantity("blending_revolutions", "1", "turns before the lubricant goes in", 0.0, 1e4, default=240.0),
        Quantity("lubrication_revolutions", "1", "turns with the lubricant in", 0.0, 1e4, default=60.0),
        Quantity(
            "axial_layering", "1", "share of the variance charged side by side along the axis", 0.0, 1.0, 0.0
        ),
        Quantity("rotation_speed", "1/s", "turns a second", 0.02, 1.0, default=0.2),
    ),
    equipment=(
        Quantity("blender_volume", "m3", "inner volume of the tumbling container", 1e-5, 10.0, default=1.2),
        Quantity("mixing_rate", "1", "decay of the variance of content a turn", 1e-4, 1.0, default=0.05),
        Quantity("axial_dispersion", "m2", "dispersion along the axis a turn", 0.0, 1.0, default=5e-4),
        Quantity("axial_length", "m", "length of the container along the axis", 0.01, 10.0, default=1.1),
    ),
    attributes=(
        Quantity("lubrication_factor", "1", "what lubrication left of tensile strength", 0.0, 1.0),
        Quantity("blend_variation", "1", "relative standard deviation of content, sample to sample"),
        Quantity("lubrication_extent", "m", "Kushner and Moore's K"),
        Quantity("fill_fraction", "1", "fill of the container; the model holds from 0.2 to 0.85", 0.2, 0.85),
    ),
    equations=_equations,
)
