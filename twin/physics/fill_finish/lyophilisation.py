"""Lyophilisation: the freeze-drying cycle of a load of vials, from cooling the shelf to the last desorption.

A lot is one load of a freeze-dryer, and all its vials run under one shelf programme. Four vials stand for
them: one in the centre and one at the edge, which gets more heat, each with average properties; and for each
place a vial at the far end of the spread, some `deviations` standard deviations away. The slow one, in the
centre, gets less heat, nucleated colder and so resists more; it says how long the shelf is held. The warm
one, at the edge, gets more heat and resists more; it says how near the load comes to collapse. Single vials
by the thousand, each with its own drawn nucleation, heat transfer and resistance, go through `freeze_vials`,
`dry_vials` and `load_of_vials`, and `drawn_load` is a load of such vials instead of the four.

The programme: cool to the freezing temperature until the slow vial has frozen and cooled; evacuate; ramp to
the primary temperature and hold until the slow vial is dry and a margin longer; ramp and hold for desorption.
Good are the vials whose front stayed below the collapse temperature, by normal spread of that temperature.

Left out: loading, stoppering and unloading, annealing, collapse in secondary drying, choked flow and the
condenser's capacity, breakage. The parts' own files say what each leaves out. That resistance rises with
supercooling is what J. A. Searles, J. F. Carpenter, T. W. Randolph found ("The ice nucleation temperature
determines the primary drying rate of lyophilization for samples frozen on a temperature-controlled shelf",
Journal of Pharmaceutical Sciences 90 (2001)); its strength is a product's own. That vials at the edge get
more heat: S. Rambhatla, M. J. Pikal, "Heat and mass transfer scale-up issues during freeze-drying, I:
atypical radiation and the edge vial effect", AAPS PharmSciTech 4 (2003) 22-31, doi 10.1208/pt040214.

A lot is out of range where the load does not fit, some vial never nucleates, the shelf is too cold for ice to
sublime, ice would melt at the front, the frozen layer is thinner than 0.1 mm or thicker than 5 cm, the shelf
cools between phases, and outside the inputs' ranges below.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from twin.physics.backend import namespace
from twin.physics.contract import OK, OUT_OF_RANGE, Array, Outcome, Quantity
from twin.physics.evaluation import Answer, unit_operation
from twin.physics.fill_finish.freezing import Freezing, freezing
from twin.physics.fill_finish.lyophilisation_data import LYOPRONTO_EXAMPLE, WATER_DENSITY
from twin.physics.fill_finish.primary_drying import VIAL, PrimaryDrying, frozen_layer, primary_drying
from twin.physics.fill_finish.secondary_drying import desorption_rate, ramp_desorption, residual_moisture
from twin.physics.numerics.special import normal_below

MELTING = 273.16  # K, triple point
LEAST_SPREAD = 1e-6  # K
LEAST_LAYER, MOST_LAYER = 1e-4, 5e-2  # m, frozen


class Load(NamedTuple):
    """What becomes of vials that share a dryer, shape (vials,) each, and the programme, in s and SI.

    `held` is the primary phase, the same for all; `moisture` in kg a kg of dry solids.
    """

    held: Array
    moisture: Array
    collapse_margin: Array


def freeze_vials(given: Mapping[str, Any]) -> Freezing:
    """Return the freezing of vials by the names of this operation's inputs, shape (vials,) or numbers."""
    dilution = 1.0 - given["solute_concentration"] / given["solute_density"]
    return freezing(
        loading_temperature=given["loading_temperature"],
        shelf_final=given["freezing_shelf_temperature"],
        cooling_rate=given["cooling_rate"],
        nucleation_temperature=given["nucleation_temperature"],
        freezing_temperature=given["freezing_temperature"],
        solution_mass=given["solution_density"] * given["fill_volume"],
        water_mass=WATER_DENSITY * given["fill_volume"] * dilution,
        conductance=given["freezing_coefficient"] * given["vial_area"],
        liquid_heat_capacity=given["liquid_heat_capacity"],
        frozen_heat_capacity=given["frozen_heat_capacity"],
        closeness=given["freezing_closeness"],
    )


def dry_vials(given: Mapping[str, Any], heat_factor: Any, resistance_factor: Any) -> PrimaryDrying:
    """Return the primary drying of vials by the names of this operation's inputs, shape (vials,) or numbers.

    `heat_factor` multiplies K_v and `resistance_factor` R_p, besides what the nucleation temperature does.
    """
    colder = given["reference_nucleation_temperature"] - given["nucleation_temperature"]
    resistance = resistance_factor * (1.0 + given["supercooling_resistance"] * colder)
    vials = {name: given[name] for name in VIAL if name in given}
    vials["shelf_start"] = given["freezing_shelf_temperature"]
    vials["shelf_hold"] = given["primary_shelf_temperature"]
    vials["ramp_rate"] = given["primary_ramp_rate"]
    for name in ("heat_contact", "heat_gas"):
        vials[name] = given[name] * heat_factor
    for name in ("resistance_start", "resistance_slope"):
        vials[name] = given[name] * resistance
    return primary_drying(vials)


def load_of_vials(given: Mapping[str, Any], dried: PrimaryDrying, slowest: Any) -> Load:
    """Return what becomes of vials of one load, whose shelf is held for its `slowest` vial, in s.

    `given` by the names of this operation's inputs; `dried` from `dry_vials`.
    """
    held = slowest * (1.0 + given["primary_drying_margin"])
    warm, warmer = given["primary_shelf_temperature"], given["secondary_shelf_temperature"]
    rate, energy = given["desorption_rate"], given["desorption_energy"]
    desorbed = (
        desorption_rate(rate, energy, warm) * (held - dried.duration)
        + ramp_desorption(rate, energy, warm, warmer, given["secondary_ramp_rate"])
        + desorption_rate(rate, energy, warmer) * given["secondary_hold"]
    )
    moisture = residual_moisture(given["bound_moisture"], given["equilibrium_moisture"], desorbed)
    return Load(held, moisture, given["collapse_temperature"] - dried.sublimation_temperature)


def drawn_load(
    given: Mapping[str, Any], edge: Array, heat_factor: Array, resistance_factor: Array
) -> Outcome:
    """Return a load whose vials were drawn one by one, as the unit operation gives a lot: shape (1,).

    `given` by the names of this operation's inputs, numbers, but `nucleation_temperature` of shape (vials,)
    in K; `edge` true for the vials that get `edge_heat_factor` times the heat; the factors of K_v and R_p as
    for `dry_vials`. All have shape (vials,); the caller draws them. `batch_mass` and the spreads are not
    used. Slowest, warmest and wettest are those drawn, and the yield is the fraction that did not collapse.
    A load with a vial that never nucleates or dries, or whose ice would melt, is out of range.
    """
    xp = namespace(heat_factor)
    at_edge = xp.astype(edge, xp.float64)
    heat = heat_factor * (1.0 + at_edge * (given["edge_heat_factor"] - 1.0))
    frozen, dried = freeze_vials(given), dry_vials(given, heat, resistance_factor)
    slowest, warmest = xp.max(dried.duration), xp.max(dried.sublimation_temperature)
    load = load_of_vials(given, dried, slowest)
    times = (at_edge * dried.duration, (1.0 - at_edge) * dried.duration)
    attributes = {
        "primary_drying_time": slowest,
        "primary_drying_time_centre": xp.sum(times[1]) / xp.sum(1.0 - at_edge),
        "primary_drying_time_edge": xp.sum(times[0]) / xp.sum(at_edge),
        "sublimation_temperature": warmest,
        "collapse_margin": xp.min(load.collapse_margin),
        "residual_moisture": xp.max(load.moisture),
        "residual_moisture_edge": xp.sum(at_edge * load.moisture) / xp.sum(at_edge),
        "nucleation_temperature": xp.mean(given["nucleation_temperature"]),
        "freezing_time": xp.max(frozen.duration),
        "secondary_drying_time": _secondary_time(given),
        "vials": float(edge.shape[0]),
    }
    held = slowest * (1.0 + given["primary_drying_margin"])
    duration = attributes["freezing_time"] + given["evacuation_time"] + held + _secondary_time(given)
    good = xp.mean(xp.astype(load.collapse_margin > 0.0, xp.float64))
    fits = bool(xp.isfinite(duration)) and bool(warmest < MELTING)
    status = xp.asarray([OK if fits else OUT_OF_RANGE], dtype=xp.int8)
    rows = {name: xp.asarray([float(value)]) for name, value in attributes.items()}
    return Outcome(xp.asarray([float(duration)]), xp.asarray([float(good)]), rows, status)


def _secondary_time(given: Mapping[str, Any]) -> Any:
    warming = given["secondary_shelf_temperature"] - given["primary_shelf_temperature"]
    return warming / given["secondary_ramp_rate"] + given["secondary_hold"]


def _four_vials(given: Mapping[str, Array]) -> tuple[dict[str, Array], Array, Array]:
    """Return the inputs of centre, slow, edge and warm vials in turn, and the factors of K_v and R_p."""
    xp = namespace(given["edge_heat_factor"])
    four = {name: xp.concat([values] * 4) for name, values in given.items()}
    far = given["deviations"]
    mean, cold = given["nucleation_temperature"], far * given["nucleation_spread"]
    four["nucleation_temperature"] = xp.concat([mean, mean - cold, mean, mean - cold])
    one, edge = xp.ones_like(far), given["edge_heat_factor"]
    heat, resistance = far * given["heat_variation"], 1.0 + far * given["resistance_variation"]
    return (
        four,
        xp.concat([one, 1.0 - heat, edge, edge * (1.0 + heat)]),
        xp.concat([one, resistance, one, resistance]),
    )


def _good_fraction(given: Mapping[str, Array], margin: list[Array]) -> Array:
    """Return the fraction of vials below collapse from the margins of centre, slow, edge and warm vials."""
    xp = namespace(margin[0])
    spread = xp.maximum(margin[2] - margin[3], 0.0 * margin[2]) / given["deviations"] + LEAST_SPREAD
    edge = given["edge_fraction"]
    return edge * normal_below(margin[2] / spread) + (1.0 - edge) * normal_below(margin[0] / spread)


def _equations(given: Mapping[str, Array]) -> Answer:
    xp = namespace(given["fill_volume"])
    four, heat, resistance = _four_vials(given)
    lots = given["fill_volume"].shape[0]

    def by_vial(values: Array) -> list[Array]:
        return [values[k * lots : (k + 1) * lots] for k in range(4)]

    frozen = freeze_vials(four)
    dried = dry_vials(four, heat, resistance)
    times, warmth = by_vial(dried.duration), by_vial(dried.sublimation_temperature)
    slowest, warmest = _largest(xp, times), _largest(xp, warmth)
    load = load_of_vials(four, dried, xp.concat([slowest] * 4))
    moisture, margin = by_vial(load.moisture), by_vial(load.collapse_margin)
    freezing_time = _largest(xp, by_vial(frozen.duration))
    secondary = _secondary_time(given)
    vials = given["batch_mass"] / (given["solution_density"] * given["fill_volume"])
    attributes = {
        "primary_drying_time": slowest,
        "primary_drying_time_centre": times[0],
        "primary_drying_time_edge": times[2],
        "sublimation_temperature": warmest,
        "collapse_margin": given["collapse_temperature"] - warmest,
        "residual_moisture": _largest(xp, moisture),
        "residual_moisture_edge": moisture[2],
        "nucleation_temperature": given["nucleation_temperature"] + 0.0 * slowest,
        "freezing_time": freezing_time,
        "secondary_drying_time": secondary,
        "vials": vials,
    }
    duration = freezing_time + given["evacuation_time"] + load.held[:lots] + secondary
    return Answer(
        duration,
        _good_fraction(given, margin),
        attributes,
        _holds(given, four, heat, vials, warmest),
    )


def _holds(
    given: Mapping[str, Array], four: Mapping[str, Array], heat: Array, vials: Array, warmest: Array
) -> Array:
    """Return where the model holds beyond the inputs' own ranges."""
    lots = vials.shape[0]
    coldest = four["nucleation_temperature"][lots : 2 * lots]
    layer, _ice = frozen_layer(
        *(given[name] for name in ("fill_volume", "solute_concentration", "solute_density", "product_area"))
    )
    weakest = given["reference_nucleation_temperature"] - given["nucleation_temperature"]
    return (
        (vials <= given["vial_capacity"])
        & (coldest > given["freezing_shelf_temperature"])
        & (given["nucleation_temperature"] <= given["freezing_temperature"])
        & (given["freezing_temperature"] < given["loading_temperature"])
        & (given["primary_shelf_temperature"] >= given["freezing_shelf_temperature"])
        & (given["secondary_shelf_temperature"] >= given["primary_shelf_temperature"])
        & (given["solute_concentration"] < given["solute_density"])
        & (given["equilibrium_moisture"] <= given["bound_moisture"])
        & (1.0 + given["supercooling_resistance"] * weakest > 0.0)
        & (heat[lots : 2 * lots] > 0.0)
        & (layer >= LEAST_LAYER)
        & (layer <= MOST_LAYER)
        & (warmest < MELTING)
    )


def _largest(xp: Any, values: list[Array]) -> Array:
    most = values[0]
    for value in values[1:]:
        most = xp.maximum(most, value)
    return most


def _example(name: str, unit: str, meaning: str, low: float, high: float) -> Quantity:
    return Quantity(name, unit, meaning, low, high, default=LYOPRONTO_EXAMPLE[name])


LYOPHILISATION = unit_operation(
    "lyophilisation",
    material=(
        Quantity("batch_mass", "kg", "mass of the solution in all vials", low=1e-3, high=1e4),
        Quantity("solution_density", "kg/m3", "density of the solution", 950.0, 1300.0, default=1000.0),
        _example("solute_concentration", "kg/m3", "mass of solids a volume of solution", 1.0, 400.0),
        _example("solute_density", "kg/m3", "true density of the solids", 1000.0, 2500.0),
        Quantity("liquid_heat_capacity", "J/(kg K)", "of the solution", 2500.0, 4500.0, default=4000.0),
        Quantity(
            "frozen_heat_capacity", "J/(kg K)", "of the frozen solution", 1500.0, 3000.0, default=2000.0
        ),
        Quantity(
            "freezing_temperature", "K", "where ice and solution are in balance", 253.15, 273.15, 272.65
        ),
        Quantity("nucleation_temperature", "K", "mean over the vials", 235.0, 273.15, 263.15),
        Quantity("nucleation_spread", "K", "standard deviation among vials", 0.0, 10.0, default=2.0),
        _example("resistance_start", "m/s", "R_0 of the dried layer: Pa a flux", 5e3, 1e6),
        _example("resistance_slope", "1/s", "A_1 of the dried layer", 0.0, 5e8),
        _example("resistance_bend", "1/m", "A_2 of the dried layer", 0.0, 1e3),
        Quantity("resistance_variation", "1", "relative spread among vials", 0.0, 0.5, default=0.05),
        Quantity(
            "reference_nucleation_temperature",
            "K",
            "nucleation temperature at which the resistance was measured",
            235.0,
            273.15,
            default=263.15,
        ),
        Quantity(
            "supercooling_resistance", "1/K", "rise of the resistance a kelvin colder", 0.0, 0.2, default=0.02
        ),
        Quantity("collapse_temperature", "K", "above which the cake loses its form", 213.15, 273.15, 248.15),
        Quantity("bound_moisture", "1", "bound water a mass of solids when the ice is gone", 0.0, 0.5, 0.2),
        Quantity("equilibrium_moisture", "1", "the same after endless desorption", 0.0, 0.2, default=0.002),
        Quantity("desorption_rate", "1/s", "at 25 C", 1e-7, 1e-2, default=1e-4),
        Quantity("desorption_energy", "J/mol", "activation energy", 0.0, 1.2e5, default=4e4),
    ),
    settings=(
        Quantity("fill_volume", "m3", "solution a vial", 1e-7, 1e-4, LYOPRONTO_EXAMPLE["fill_volume"]),
        Quantity("loading_temperature", "K", "of vials and shelf at the start", 253.15, 313.15, 278.15),
        Quantity("cooling_rate", "K/s", "of the shelf", 1e-4, 0.1, default=0.5 / 60.0),
        Quantity("freezing_shelf_temperature", "K", "end of cooling", 193.15, 263.15, 228.15),
        Quantity(
            "freezing_closeness", "K", "vial less shelf when frozen vials count as cold", 0.01, 20.0, 1.0
        ),
        Quantity("evacuation_time", "s", "from frozen to the chamber's pressure", 0.0, 86400.0, 1800.0),
        Quantity("chamber_pressure", "Pa", "in drying", 1.0, 100.0, default=10.0),
        Quantity("primary_ramp_rate", "K/s", "of the shelf", 5e-4, 0.1, default=0.5 / 60.0),
        Quantity("primary_shelf_temperature", "K", "held in primary drying", 213.15, 333.15, 253.15),
        Quantity(
            "primary_drying_margin", "1", "time held on after the slow vial, a part of its own", 0.0, 2.0, 0.1
        ),
        Quantity("secondary_ramp_rate", "K/s", "of the shelf", 1e-4, 0.1, default=0.1 / 60.0),
        Quantity("secondary_shelf_temperature", "K", "held for desorption", 253.15, 353.15, 298.15),
        Quantity("secondary_hold", "s", "at that temperature", 0.0, 2.6e6, default=6.0 * 3600.0),
    ),
    equipment=(
        _example("vial_area", "m2", "of a vial's outside, through which heat enters", 1e-5, 1e-2),
        _example("product_area", "m2", "of a vial's inside, through which vapour leaves", 1e-5, 1e-2),
        _example("heat_contact", "W/(m2 K)", "K_C of a vial in the centre", 0.1, 100.0),
        _example("heat_gas", "W/(m2 K Pa)", "K_P of a vial in the centre", 0.0, 10.0),
        _example("heat_saturation", "1/Pa", "K_D", 0.0, 1.0),
        Quantity("edge_heat_factor", "1", "K_v at the edge over that in the centre", 1.0, 3.0, default=1.3),
        Quantity("edge_fraction", "1", "of the vials that stand at the edge", 0.0, 1.0, default=0.15),
        Quantity("heat_variation", "1", "relative spread of K_v among vials of a place", 0.0, 0.3, 0.05),
        Quantity("deviations", "1", "standard deviations to the slow and the warm vial", 0.5, 5.0, 3.0),
        Quantity("freezing_coefficient", "W/(m2 K)", "shelf to vial in freezing", 1.0, 500.0, default=38.0),
        Quantity("vial_capacity", "1", "vials that the shelves hold", 1.0, 1e7, default=160e3),
    ),
    attributes=(
        Quantity("primary_drying_time", "s", "of the slow vial"),
        Quantity("primary_drying_time_centre", "s", "of an average vial in the centre"),
        Quantity("primary_drying_time_edge", "s", "of an average vial at the edge"),
        Quantity("sublimation_temperature", "K", "of the warmest front, when its last ice goes"),
        Quantity("collapse_margin", "K", "collapse temperature less that of the warmest front"),
        Quantity("residual_moisture", "1", "water a mass of solids in the wettest of the four vials"),
        Quantity("residual_moisture_edge", "1", "the same of an average vial at the edge"),
        Quantity("nucleation_temperature", "K", "mean over the vials"),
        Quantity("freezing_time", "s", "until the slow vial has frozen and cooled"),
        Quantity("secondary_drying_time", "s", "ramp and hold"),
        Quantity("vials", "1", "in the load"),
    ),
    equations=_equations,
)
