"""A fed-batch culture of mammalian cells in a stirred tank, from inoculation to harvest.

Cells, glucose, glutamine, lactate, ammonia, product, volume and oxygen, sample by sample: at each sample a
bolus of feed and glucose to its target may be added, between samples feed flows evenly, and the culture is
harvested at the first sample whose viability is below the limit, or when its time is over. The equations
and what they leave out are in `cell_growth`. A lot's `batch_mass` is the broth that is harvested; the
volume to inoculate follows from it and from what was fed.

A lot is out of range where the broth does not fit the vessel, where there would be more than 64 samples,
where feed outruns the integration (a component below nothing by a quarter of its half constant, or a step
whose embedded error is 0.3 % of all cells, as where feed ends a famine within the hour), and outside the
ranges of the inputs. Lack of oxygen is not out of range: growth slows, and the lot says for how
long.
"""

from __future__ import annotations

from collections.abc import Mapping

from twin.physics.backend import namespace
from twin.physics.biologics.cell_growth import HAMSTER_OVARY, integrate
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation
from twin.physics.kernels import launch
from twin.physics.kernels.culture import CULTURE, INPUTS, OUTPUTS

MOST_SAMPLES = 64
STEPS = 24  # between two samples: an hour each where samples are daily
LARGEST_DEFICIT = 0.25  # in half constants: titres are right to 0.3 % then
ROUGHEST_STEP = 0.003  # of all cells: titres are right to 1 % then, mostly far better, at worst to 2 %
_FLOATS_A_LOT = 9 * 2 * (len(INPUTS) + 40) + 400  # what the array form holds of a lot


def _equations(given: Mapping[str, Array]) -> Answer:
    xp = namespace(given["batch_mass"])
    inputs = xp.stack([given[name] for name in INPUTS])
    if launch.takes(inputs):
        outputs = launch.run(CULTURE, (MOST_SAMPLES, STEPS), inputs)
    else:
        outputs = launch.in_chunks(lambda part: integrate(part, MOST_SAMPLES, STEPS), inputs, _FLOATS_A_LOT)
    out = {name: outputs[i, ...] for i, name in enumerate(OUTPUTS)}
    swelling = out["volume"]
    viable = out["viable"] / swelling
    nothing = xp.zeros_like(swelling)
    dead, lysed = (xp.maximum(out[name], nothing) / swelling for name in ("dead", "lysed"))
    harvested = given["batch_mass"] / given["density"]
    lived = out["viable_time"] / swelling
    titre = given["productivity"] * lived
    host = lysed * given["host_protein_of_cell"] + lived * given["host_protein_secretion"]
    some = titre > 0.0
    attributes = {
        "titre": titre,
        "impurity": xp.where(some, host / xp.where(some, titre, nothing + 1.0), nothing),
        "viability": viable / (viable + dead),
        "cell_density": viable,
        "dead_cell_density": dead,
        "lysed_cell_density": lysed,
        "solids_fraction": (viable + dead + lysed) * given["cell_volume"],
        "debris_fraction": lysed / (viable + dead + lysed),
        **{
            name: xp.maximum(out[name], nothing) / swelling
            for name in ("glucose", "glutamine", "lactate", "ammonia")
        },
        "viable_cell_time": lived,
        "harvest_volume": harvested,
        "start_volume": harvested / swelling,
        "peak_cell_density": out["peak_density"],
        "peak_oxygen_uptake": out["peak_uptake"],
        "oxygen_limited_time": out["limited_time"],
    }
    holds = (harvested <= given["working_volume"]) & (out["deepest_deficit"] <= LARGEST_DEFICIT)
    holds = holds & (out["roughest_step"] <= ROUGHEST_STEP) & (viable > 0.0)
    holds = holds & (given["culture_duration"] <= MOST_SAMPLES * given["sampling_interval"])
    return Answer(out["duration"], nothing + 1.0, attributes, holds)


def _constant(name: str, unit: str, meaning: str, spread: float = 30.0) -> Quantity:
    """Return an input whose default is that of `HAMSTER_OVARY`, in range from a `spread`th of it on."""
    value = HAMSTER_OVARY[name]
    return Quantity(name, unit, meaning, value / spread, value * spread, default=value)


FED_BATCH_CULTURE = unit_operation(
    "fed_batch_culture",
    material=(
        Quantity("batch_mass", "kg", "mass of the broth that is harvested", 1e-3, 5e4),
        Quantity("density", "kg/m3", "density of the broth", 900.0, 1200.0, default=1000.0),
        Quantity("inoculation_density", "1/m3", "viable cells at the start", 1e9, 2e13, default=3e11),
        Quantity(
            "inoculum_viability", "1", "viable fraction of the cells at the start", 0.3, 1.0, default=0.98
        ),
        Quantity("start_glucose", "mol/m3", "glucose of the medium at the start", 0.0, 200.0, default=30.0),
        Quantity("start_glutamine", "mol/m3", "glutamine of the medium at the start", 0.0, 50.0, default=6.0),
        _constant("growth_rate", "1/s", "greatest specific growth rate"),
        Quantity(
            "death_rate",
            "1/s",
            "specific death rate in much lactate and ammonia",
            0.0,
            1e-4,
            default=HAMSTER_OVARY["death_rate"],
        ),
        Quantity("starvation_rate", "1/s", "specific death rate without glucose", 0.0, 1e-4, default=0.0),
        Quantity(
            "starvation_half",
            "mol/m3",
            "glucose at which half of this death is left",
            1e-3,
            1.0,
            default=0.05,
        ),
        Quantity("lysis_rate", "1/s", "rate at which dead cells fall apart", 0.0, 1e-4, default=0.0),
        _constant("glucose_half", "mol/m3", "glucose at which growth is halved"),
        Quantity("glutamine_half", "mol/m3", "glutamine at which growth is halved", 0.0, 2.0, default=0.047),
        Quantity("lactate_inhibition", "mol/m3", "lactate that halves growth", 1.0, 1e12, default=43.0),
        Quantity("ammonia_inhibition", "mol/m3", "ammonia that halves growth", 0.1, 1e12, default=6.51),
        _constant("lactate_death", "mol/m3", "lactate at half of the death it can bring"),
        _constant("ammonia_death", "mol/m3", "ammonia at half of the death it can bring"),
        _constant("cells_per_glucose", "1/mol", "cells grown from a mole of glucose"),
        Quantity(
            "cells_per_glutamine",
            "1/mol",
            "cells grown from a mole of glutamine",
            1e10,
            1e18,
            default=HAMSTER_OVARY["cells_per_glutamine"],
        ),
        Quantity("lactate_per_glucose", "1", "lactate from a mole of glucose used", 0.0, 2.0, default=0.70),
        Quantity(
            "ammonia_per_glutamine", "1", "ammonia from a mole of glutamine grown on", 0.0, 2.0, default=0.67
        ),
        Quantity(
            "ammonia_uptake",
            "mol/s",
            "ammonia that a cell takes up",
            0.0,
            1e-16,
            default=HAMSTER_OVARY["ammonia_uptake"],
        ),
        _constant("ammonia_uptake_half", "mol/m3", "ammonia at which its uptake is halved"),
        Quantity(
            "glucose_maintenance",
            "mol/s",
            "glucose that a cell takes without growing",
            0.0,
            1e-15,
            default=HAMSTER_OVARY["glucose_maintenance"],
        ),
        Quantity(
            "glutamine_maintenance",
            "mol/s",
            "glutamine that a cell takes without growing",
            0.0,
            1e-16,
            default=HAMSTER_OVARY["glutamine_maintenance"],
        ),
        _constant(
            "glutamine_maintenance_half", "mol/m3", "glutamine at which its maintenance uptake is halved"
        ),
        Quantity("glutamine_decay", "1/s", "decay of glutamine to ammonia by itself", 0.0, 1e-5, default=0.0),
        Quantity(
            "oxygen_uptake",
            "mol/s",
            "oxygen that a cell takes at the set-point",
            0.0,
            1e-15,
            default=HAMSTER_OVARY["oxygen_uptake"],
        ),
        Quantity("oxygen_half", "mol/m3", "oxygen at which uptake is halved", 0.0, 0.1, default=0.006),
        Quantity(
            "productivity",
            "kg/s",
            "product that a viable cell makes",
            0.0,
            1e-16,
            default=HAMSTER_OVARY["productivity"],
        ),
        Quantity("cell_volume", "m3", "volume of a cell", 1e-16, 1e-14, default=1.8e-15),
        Quantity(
            "host_protein_of_cell",
            "kg",
            "protein set free when a cell falls apart",
            0.0,
            1e-11,
            default=1.5e-13,
        ),
        Quantity(
            "host_protein_secretion",
            "kg/s",
            "host-cell protein that a viable cell gives off",
            0.0,
            1e-16,
            default=2.5e-20,
        ),
    ),
    settings=(
        Quantity("culture_duration", "s", "longest time to harvest", 3600.0, 5e6, default=336 * 3600.0),
        Quantity(
            "harvest_viability", "1", "viability below which the culture is harvested", 0.0, 1.0, default=0.7
        ),
        Quantity("sampling_interval", "s", "time between samples", 7200.0, 172800.0, default=86400.0),
        Quantity(
            "feed_start",
            "s",
            "feeding begins at the first sample from then on",
            0.0,
            5e6,
            default=72 * 3600.0,
        ),
        Quantity(
            "feed_rate",
            "1/s",
            "continuous feed over the volume inoculated",
            0.0,
            1e-5,
            default=0.03 / 86400,
        ),
        Quantity(
            "bolus_volume", "1", "feed at each sample over the volume inoculated", 0.0, 0.5, default=0.0
        ),
        Quantity("feed_glucose", "mol/m3", "glucose of the feed", 0.0, 2500.0, default=250.0),
        Quantity("feed_glutamine", "mol/m3", "glutamine of the feed", 0.0, 500.0, default=40.0),
        Quantity(
            "glucose_target",
            "mol/m3",
            "glucose to which a sample below it is raised, from feed_start on; 0 for no such correction",
            0.0,
            100.0,
            default=0.0,
        ),
        Quantity(
            "glucose_stock", "mol/m3", "glucose of the solution that raises it", 200.0, 5000.0, default=2220.0
        ),
        Quantity("oxygen_setpoint", "mol/m3", "dissolved oxygen to hold", 0.005, 0.5, default=0.08),
    ),
    equipment=(
        Quantity("working_volume", "m3", "the most broth the vessel holds", 1e-6, 50.0, default=2.0),
        Quantity(
            "oxygen_transfer_coefficient", "1/s", "greatest kLa of the vessel", 1e-5, 0.1, default=10 / 3600
        ),
        Quantity(
            "oxygen_saturation",
            "mol/m3",
            "dissolved oxygen in balance with the richest gas sparged; air gives 0.21",
            0.05,
            2.0,
            default=0.6,
        ),
    ),
    attributes=(
        Quantity("titre", "kg/m3", "product in the broth"),
        Quantity("impurity", "1", "host-cell protein over product; 0 where there is no product"),
        Quantity("viability", "1", "viable over viable and dead cells"),
        Quantity("cell_density", "1/m3", "viable cells"),
        Quantity("dead_cell_density", "1/m3", "dead cells that are whole"),
        Quantity("lysed_cell_density", "1/m3", "cells that fell apart"),
        Quantity("solids_fraction", "1", "volume of cells and debris over that of the broth"),
        Quantity("debris_fraction", "1", "part of the solids from cells that fell apart"),
        Quantity("glucose", "mol/m3", "glucose at harvest"),
        Quantity("glutamine", "mol/m3", "glutamine at harvest"),
        Quantity("lactate", "mol/m3", "lactate at harvest"),
        Quantity("ammonia", "mol/m3", "ammonia at harvest"),
        Quantity(
            "viable_cell_time", "s/m3", "integral of viable cells over time, over the volume at harvest"
        ),
        Quantity("harvest_volume", "m3", "broth harvested"),
        Quantity("start_volume", "m3", "volume inoculated"),
        Quantity("peak_cell_density", "1/m3", "most viable cells at any time"),
        Quantity("peak_oxygen_uptake", "mol/(m3*s)", "greatest uptake of oxygen"),
        Quantity(
            "oxygen_limited_time", "s", "time in which oxygen was below its set-point and growth slower"
        ),
    ),
    equations=_equations,
)
