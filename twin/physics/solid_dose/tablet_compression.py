"""Tablet compression: how long a rotary press takes for a batch, and what tablets come out.

Flat-faced round tablets. Powder is densified as Heckel has it, strength falls with porosity as Ryshkewitch
and Duckworth have it, scaled by what lubrication left of it; a powder that is sensitive to speed yields
later the shorter it is pressed. Kawakita's law says how deep the die is filled and how thin the powder is
under the punch. Weights vary normally about the set weight and the press sorts out those beyond a limit.
Left out: elastic recovery, capping, and start-up and stops, which are the unit's affair and not the powder's.

A lot is out of range outside 50 to 300 MPa, K of 1e-10 to 1e-7 /Pa, A of 0 to 2, k of 0 to 30, tablets of 5
mg to 3 g, punches of 2 to 30 mm, mean weights 10 % off target, at a rate above the press's greatest, and
outside the other ranges of the inputs at the end of this file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation
from twin.physics.numerics.special import normal_below


def heckel_solid_fraction(pressure: Any, slope: Any, intercept: Any) -> Any:
    """Return the solid fraction of a powder bed under pressure, by Heckel: ln(1/(1 - D)) = K P + A.

    `pressure` P in Pa, `slope` K in 1/Pa, `intercept` A; all of shape (n,) or numbers. Returns D, shape (n,).
    Holds between some 50 MPa, where rearrangement ends, and 300 MPa, where work hardening sets in.

    R. W. Heckel, "Density-pressure relationships in powder compaction", Transactions of the Metallurgical
    Society of AIME 221 (1961) 671-675.

    >>> round(float(heckel_solid_fraction(100e6, 0.01e-6, 0.5)), 8)
    0.77686984
    """
    xp = namespace(pressure, slope, intercept)
    return -xp.expm1(-(slope * pressure + intercept))


def slope_at_speed(slope: Any, sensitivity: Any, dwell: Any, reference_dwell: Any) -> Any:
    """Return Heckel's K in 1/Pa for a dwell time: yield pressure 1/K grows a decade by `sensitivity`.

    K / (1 + s log10(t0/t)), with `slope` K in 1/Pa at `reference_dwell` t0 and `dwell` t in s; shape (n,) or
    numbers. From the strain-rate sensitivities of the source, taken between 0.033 and 300 mm/s of punch
    velocity, `sensitivity` s is 0 for calcium phosphate, some 0.05 for lactose, 0.16 for microcrystalline
    cellulose and 0.25 for maize starch. That yield pressure rises with punch speed was measured; that it does
    so in a straight line over the logarithm is an assumption.

    R. J. Roberts, R. C. Rowe, "The effect of punch velocity on the compaction of a variety of materials",
    Journal of Pharmacy and Pharmacology 37 (1985) 377-384.

    >>> round(float(1.0 / slope_at_speed(1e-8, 0.1, 1e-3, 10e-3)))
    110000000
    """
    xp = namespace(slope, sensitivity, dwell, reference_dwell)
    return slope / (1.0 + sensitivity * xp.log10(xp.asarray(reference_dwell / dwell)))


def kawakita_volume_reduction(pressure: Any, greatest: Any, compressibility: Any) -> Any:
    """Return by what fraction of its loose volume a powder bed shrinks under pressure, a b P/(1 + b P).

    `pressure` P in Pa, `greatest` a the reduction at infinite pressure, `compressibility` b in 1/Pa; shape
    (n,) or numbers. In the die, under the punch: the tablet springs back when it leaves.

    K. Kawakita, K.-H. Lüdde, "Some considerations on powder compression equations", Powder Technology 4
    (1971) 61-68.

    >>> round(kawakita_volume_reduction(100e6, 0.6, 1e-7), 8)
    0.54545455
    """
    return greatest * compressibility * pressure / (1.0 + compressibility * pressure)


def ryshkewitch_duckworth_tensile_strength(
    solid_fraction: Any, strength_without_pores: Any, bonding: Any
) -> Any:
    """Return the tensile strength of a porous compact: TS = TS0 exp(-k (1 - D)).

    `solid_fraction` D, `strength_without_pores` TS0 in Pa, `bonding` k; shape (n,) or numbers. Returns Pa,
    shape (n,). Holds for porosities up to some 0.4.

    E. Ryshkewitch, "Compression strength of porous sintered alumina and zirconia", with W. Duckworth's
    discussion, Journal of the American Ceramic Society 36 (1953) 65-68.

    >>> round(float(ryshkewitch_duckworth_tensile_strength(1 - math.exp(-2), 10e6, 8.0)))
    3386859
    """
    xp = namespace(solid_fraction, strength_without_pores, bonding)
    return strength_without_pores * xp.exp(-bonding * (1.0 - solid_fraction))


def flat_tablet_thickness(mass: Any, diameter: Any, density: Any) -> Any:
    """Return the thickness in m of a flat-faced round tablet: mass over density and face, 4 m / (pi d**2
    rho).

    `mass` in kg, `diameter` in m, `density` of the compact, pores included, in kg/m3; shape (n,) or numbers.

    >>> round(1e3 * flat_tablet_thickness(200e-6, 8e-3, 1500 * (1 - math.exp(-2))), 6)
    3.067758
    """
    return 4.0 * mass / (math.pi * diameter * diameter * density)


def diametral_crushing_force(tensile_strength: Any, diameter: Any, thickness: Any) -> Any:
    """Return the force in N that crushes a flat-faced round tablet across its diameter, pi d t TS / 2.

    Pharmacists call it hardness. `tensile_strength` in Pa, `diameter` and `thickness` in m; shape (n,) or
    numbers.

    J. T. Fell, J. M. Newton, "Determination of tablet strength by the diametral-compression test", Journal of
    Pharmaceutical Sciences 59 (1970) 688-691, doi 10.1002/jps.2600590523.

    >>> round(diametral_crushing_force(3.386859e6, 8e-3, 3.067758e-3), 4)
    130.5654
    """
    return 0.5 * math.pi * diameter * thickness * tensile_strength


def rejected_by_weight(weight_error: Any, weight_variation: Any, limit: Any) -> Any:
    """Return the fraction of normally distributed weights further than `limit` from the target.

    `weight_error` is the mean's distance from the target, `weight_variation` the standard deviation and
    `limit` the distance sorted out, all as fractions of the target; shape (n,) or numbers.

    >>> round(float(rejected_by_weight(0.0, 0.02, 0.05)), 10)
    0.0124193307
    """
    xp = namespace(weight_error, weight_variation, limit)
    below = xp.asarray((-limit - weight_error) / weight_variation)
    above = xp.asarray((weight_error - limit) / weight_variation)
    tails = normal_below(xp.stack(xp.broadcast_arrays(below, above)))
    return xp.clip(tails[0, ...] + tails[1, ...], 0.0, 1.0)  # the sum may round to just above 1


def acceptance_value(content: Any, variation: Any) -> Any:
    """Return the acceptance value of USP <905> that ten units are expected near, |M - X| + 2.4 s, in % of
    label.

    `content` is the mean content as a fraction of the label claim, `variation` its relative standard
    deviation; shape (n,) or numbers. X = 100 content, s = X variation; M is X between 98.5 and 101.5 and
    the nearer of the two outside, for a target of at most 101.5. The limit L1 of the test is 15. It stands
    with the true mean and deviation where the test has the sample's, so that it tells where a batch lies
    and not how a test ends.

    United States Pharmacopeia, chapter <905>, Uniformity of Dosage Units.

    >>> round(float(acceptance_value(0.97, 0.03)), 3)
    8.484
    """
    xp = namespace(content, variation)
    mean = 100.0 * xp.asarray(content)
    reference = xp.clip(mean, 98.5, 101.5)
    return xp.abs(reference - mean) + 2.4 * mean * variation


def dwell_time(head_flat: Any, pitch_circle_diameter: Any, stations: Any, tablet_rate: Any) -> Any:
    """Return how long in s a punch head's flat stays under the roll: its length over its speed on the circle.

    `head_flat` and `pitch_circle_diameter` in m, `stations` of the turret, `tablet_rate` in 1/s of a press
    with one compression per station and turn; shape (n,) or numbers.

    >>> round(1e3 * dwell_time(9.5e-3, 0.41, 37.0, 100e3 / 3600), 3)
    9.824
    """
    return head_flat * stations / (math.pi * pitch_circle_diameter * tablet_rate)


def _equations(given: Mapping[str, Array]) -> Answer:
    xp = namespace(given["tablet_mass"])
    diameter = given["punch_diameter"]
    mass = given["tablet_mass"] * (1.0 + given["weight_error"])  # as pressed, on average
    pressure = given["compression_pressure"]
    tablets = given["batch_mass"] / mass
    dwell = dwell_time(
        given["punch_head_flat"], given["pitch_circle_diameter"], given["stations"], given["tablet_rate"]
    )
    slope = slope_at_speed(given["heckel_slope"], given["speed_sensitivity"], dwell, given["reference_dwell"])
    solid_fraction = heckel_solid_fraction(pressure, slope, given["heckel_intercept"])
    filled = flat_tablet_thickness(mass, diameter, given["bulk_density"])
    shrunk = kawakita_volume_reduction(pressure, given["kawakita_a"], given["kawakita_b"])
    strength = given["lubrication_factor"] * ryshkewitch_duckworth_tensile_strength(
        solid_fraction, given["strength_without_pores"], given["bonding_capacity"]
    )
    thickness = flat_tablet_thickness(mass, diameter, given["true_density"] * solid_fraction)
    rejected = rejected_by_weight(given["weight_error"], given["weight_variation"], given["weight_limit"])
    variation = xp.sqrt(given["weight_variation"] ** 2 + given["blend_variation"] ** 2)
    content = given["assay"] * (1.0 + given["weight_error"])
    attributes = {
        "solid_fraction": solid_fraction,
        "porosity": 1.0 - solid_fraction,
        "tensile_strength": strength,
        "thickness": thickness,
        "hardness": diametral_crushing_force(strength, diameter, thickness),
        "compression_force": pressure * math.pi * diameter * diameter / 4.0,
        "dwell_time": dwell,
        "fill_depth": filled,
        "thickness_in_die": filled * (1.0 - shrunk),
        "weight_rejects": rejected,
        "content_variation": variation,
        "acceptance_value": acceptance_value(content, variation),
        "tablets": tablets,
    }
    possible = (given["tablet_rate"] <= given["greatest_tablet_rate"]) & (slope > 0.0)
    return Answer(tablets / given["tablet_rate"], 1.0 - rejected, attributes, possible)


TABLET_COMPRESSION = unit_operation(
    "tablet_compression",
    material=(
        Quantity("batch_mass", "kg", "mass of the blend to be compressed", low=1e-3, high=1e5),
        Quantity(
            "heckel_slope", "1/Pa", "Heckel's K, one over the yield pressure", 1e-10, 1e-7, default=1e-8
        ),
        Quantity(
            "heckel_intercept", "1", "Heckel's A, densification by rearrangement", 0.0, 2.0, default=0.5
        ),
        Quantity(
            "true_density", "kg/m3", "density of the solid without pores", 500.0, 5000.0, default=1500.0
        ),
        Quantity(
            "speed_sensitivity",
            "1",
            "rise of yield pressure a decade shorter",
            0.0,
            0.5,
            default=0.0,
        ),
        Quantity("reference_dwell", "s", "dwell time at which K was measured", 1e-4, 10.0, default=0.01),
        Quantity("bulk_density", "kg/m3", "density of the loose powder", 100.0, 2000.0, default=500.0),
        Quantity(
            "kawakita_a", "1", "Kawakita's a, volume lost at infinite pressure", 0.0, 0.95, default=0.63
        ),
        Quantity("kawakita_b", "1/Pa", "Kawakita's b", 1e-9, 1e-5, default=1.5e-7),
        Quantity("strength_without_pores", "Pa", "tensile strength at no porosity", 1e5, 1e8, default=1e7),
        Quantity("bonding_capacity", "1", "Ryshkewitch and Duckworth's k", 0.0, 30.0, default=8.0),
        Quantity(
            "lubrication_factor", "1", "what lubrication left of tensile strength", 0.0, 1.0, default=1.0
        ),
        Quantity(
            "blend_variation",
            "1",
            "relative standard deviation of content in the blend",
            0.0,
            0.5,
            default=0.0,
        ),
        Quantity("assay", "1", "mean content of the blend over the label claim", 0.5, 1.5, default=1.0),
    ),
    settings=(
        Quantity("tablet_rate", "1/s", "tablets pressed a second while running", low=0.1, high=1000.0),
        Quantity("tablet_mass", "kg", "target mass of a tablet", low=5e-6, high=3e-3),
        Quantity("compression_pressure", "Pa", "highest pressure on the tablet", 5e7, 3e8, default=1.5e8),
        Quantity(
            "weight_error", "1", "mean mass of a tablet over its target, less 1", -0.1, 0.1, default=0.0
        ),
        Quantity(
            "weight_limit", "1", "distance from the target sorted out, as a fraction", 0.0, 0.5, default=0.05
        ),
    ),
    equipment=(
        Quantity("punch_diameter", "m", "diameter of flat round punches", 2e-3, 30e-3, default=8e-3),
        Quantity(
            "weight_variation", "1", "relative standard deviation of die filling", 1e-4, 0.2, default=0.01
        ),
        Quantity(
            "greatest_tablet_rate",
            "1/s",
            "the most tablets a second the press can do",
            0.1,
            1000.0,
            default=280.0,
        ),
        Quantity("stations", "1", "punch stations of the turret", 1.0, 200.0, default=37.0),
        Quantity("pitch_circle_diameter", "m", "diameter of the circle of punches", 0.05, 2.0, default=0.41),
        Quantity("punch_head_flat", "m", "length of the flat of a punch head", 1e-3, 0.1, default=9.5e-3),
    ),
    attributes=(
        Quantity("solid_fraction", "1", "solid fraction of the tablet", 0.0, 1.0),
        Quantity("porosity", "1", "porosity of the tablet", 0.0, 1.0),
        Quantity("tensile_strength", "Pa", "tensile strength of the tablet"),
        Quantity("thickness", "m", "thickness of the tablet"),
        Quantity("hardness", "N", "force that crushes the tablet across its diameter"),
        Quantity("compression_force", "N", "main compression force"),
        Quantity("dwell_time", "s", "time at the highest pressure"),
        Quantity("fill_depth", "m", "depth of the die that the loose powder fills"),
        Quantity("thickness_in_die", "m", "distance of the punches at the highest pressure, by Kawakita"),
        Quantity("weight_rejects", "1", "fraction of tablets sorted out by weight", 0.0, 1.0),
        Quantity("content_variation", "1", "relative standard deviation of content, tablet to tablet"),
        Quantity("acceptance_value", "1", "acceptance value of USP <905>, expected, in % of label"),
        Quantity("tablets", "1", "tablets pressed, good or not"),
    ),
    equations=_equations,
)
