"""Protein A capture: a harvest through a column of affinity resin in cycles, into pools of antibody.

Each cycle equilibrates, loads, washes, elutes and regenerates. Binding is kinetic Langmuir in a packed bed,
as `numerics/packed_bed.py` has it; a low pH elutes by a greater desorption rate, in a step or in a gradient.
The column takes a fraction of its dynamic binding capacity, or a load that the process sets, whichever is
less; the lot is shared evenly among the cycles that it then needs. Host-cell protein falls by a clearance
that is an input: no simple law gives it, for what co-elutes is particular to the antibody and to the wash.
Left out: diffusion into pores as such (the rates lump it), dispersion of what does not bind, pressure, and
product that regeneration would not remove.

A lot is out of range where the bed is shorter than 50 dispersivities, where the pool ends after the elution
or before it starts, where elution holds the product more strongly than the wash, where a tenth of the feed
comes through at once, and outside the other ranges of the inputs at the end of this file. On 100 cells
and 100 steps a capacity is within 0.1 % of that on finer ones up to 120 transfer units (`adsorption_rate`
times `capacity` times solid in the bed over its flow) and within 1.5 % up to 450; a yield is within 0.003
where the pool has 99 % of the product, and where it cuts through what leaves, within 0.01 up to 60 transfer
units and 0.03 up to 120.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation
from twin.physics.kernels import launch
from twin.physics.kernels.chromatography import BREAKTHROUGH, CYCLE, LEVELS
from twin.physics.numerics import packed_bed

CELLS = 100
LOAD_STEPS = 100
WASH_STEPS = 50
ELUTION_STEPS = 400
BREAKTHROUGH_LEVEL = 0.1  # of the feed's concentration: where the field reads dynamic binding capacity

# The capacity is of solid: 61.8 kg/m3 of adsorbent, static, over the solid in it at this porosity. B. Sheth,
# "Characterisation of chromatography adsorbents for antibody bioprocessing", thesis, University College
# London (2009).
MABSELECT_XTRA = {"porosity": 0.6, "capacity": 61.8 / (1.0 - 0.6)}


def langmuir_bound(concentration: Any, capacity: Any, equilibrium_constant: Any) -> Any:
    """Return what solid in equilibrium with a liquid holds, q* = qm K c / (1 + K c), in kg/m3 of solid.

    `concentration` c in kg/m3, `capacity` qm in kg/m3 of solid, `equilibrium_constant` K = ka/kd in m3/kg;
    shape (n,) or numbers.

    I. Langmuir, "The adsorption of gases on plane surfaces of glass, mica and platinum", Journal of the
    American Chemical Society 40 (1918) 1361-1403.

    >>> langmuir_bound(1.0, 60.0, 15.0)
    56.25
    """
    return capacity * equilibrium_constant * concentration / (1.0 + equilibrium_constant * concentration)


def stoichiometric_time(length: Any, velocity: Any, porosity: Any, bound: Any, feed: Any) -> Any:
    """Return when a feed would break through as a shock, (L/u) (1 + F q*/c), in s.

    F is solid over liquid in the bed, by its `porosity`; `length` L in m, `velocity` u between the solid in
    m/s, `bound` q* in kg/m3 of solid at the `feed`'s c in kg/m3; shape (n,) or numbers. It is the mean of any
    breakthrough curve, whatever its kinetics.

    D. DeVault, "The theory of chromatography", Journal of the American Chemical Society 65 (1943) 532-540.

    >>> round(stoichiometric_time(0.2, 4e-4, 0.6, 56.25, 1.0), 9)
    19250.0
    """
    return length / velocity * (1.0 + (1.0 - porosity) / porosity * bound / feed)


def breakthrough(inputs: Array, cells: int, steps: int) -> Array:
    """Return times, what passed and what is held, `BREAKTHROUGH_OUTPUTS`, of `BREAKTHROUGH_FIELDS`.

    Shapes (6, n) and (11, n). By the compiled kernel on NumPy and CuPy arrays, else by the array form: the
    same bits on a CPU.

    >>> import numpy as np
    >>> given = [1.5e-3, 60.0, 500 / 1.5, 0.0, 1e-4, 1.0, 23500.0, 0.01, 0.1, 0.5, 0.9]
    >>> times = breakthrough(np.asarray([given]).T, 200, 400)[:4, 0] + 500.0
    >>> [round(float(time), 1) for time in times]  # Thomas: 16186.59, 17785.18, 19250.00, 20714.82 s
    [16186.6, 17785.2, 19250.0, 20714.8]
    """
    sizes = (cells, steps)
    if launch.takes(inputs):
        return launch.run(BREAKTHROUGH, sizes, inputs)
    return launch.in_chunks(lambda part: packed_bed.breakthrough(sizes, part), inputs, 12 * cells + 4 * steps)


def cycle(inputs: Array, sizes: tuple[int, int, int, int]) -> Array:
    """Return where the load of a clean column goes, `CYCLE_OUTPUTS` (8, n), of `CYCLE_FIELDS` (17, n).

    `sizes` are cells and the steps of load, wash and elution. By the compiled kernel on NumPy and CuPy
    arrays, else by the array form: the same bits on a CPU.
    """
    if launch.takes(inputs):
        return launch.run(CYCLE, sizes, inputs)
    floats = 12 * sizes[0] + 4 * max(sizes[1:])
    return launch.in_chunks(lambda part: packed_bed.cycle(sizes, part), inputs, floats)


def dynamic_binding_capacity(given: Mapping[str, Array], capacity: Array) -> Array:
    """Return the product fed when the effluent of a clean bed reaches 10 % of the feed, in kg/m3 of bed.

    `given` are the operation's inputs, `capacity` that of the resin at its age; the liquid that the bed holds
    is not counted, as in practice where its volume is subtracted. A curve whose mean is the stoichiometric
    time has reached 10 % by 10/9 of it, where the calculation ends.
    """
    xp = namespace(capacity)
    feed = given["titre"]
    residence = given["bed_height"] / given["load_velocity"]
    bound = _bound_by_feed(given, capacity)
    window = (1.0 - given["porosity"]) * residence * bound / feed / (1.0 - BREAKTHROUGH_LEVEL)
    level = xp.full_like(feed, BREAKTHROUGH_LEVEL)
    inputs = xp.stack(
        [
            given["adsorption_rate"],
            capacity,
            (1.0 - given["porosity"]) * residence,
            _front_spread(given, capacity),
            given["desorption_rate"],
            feed,
            window,
            *[level] * LEVELS,
        ]
    )
    return breakthrough(inputs, CELLS, LOAD_STEPS)[0, ...] * feed / residence


def _bound_by_feed(given: Mapping[str, Array], capacity: Array) -> Array:
    return langmuir_bound(given["titre"], capacity, given["adsorption_rate"] / given["desorption_rate"])


def _front_spread(given: Mapping[str, Array], capacity: Array) -> Array:
    """Return D/(u L) for a front that binds: dispersion also acts on what is between the solid."""
    xp = namespace(capacity)
    porosity = given["porosity"]
    retention = (1.0 - porosity) / porosity * _bound_by_feed(given, capacity) / given["titre"]
    factor = 1.0 + 1.0 / xp.maximum(retention, xp.asarray(1.0))
    return given["dispersivity"] / given["bed_height"] * factor * factor


def _one_cycle(given: Mapping[str, Array], capacity: Array, load: Array) -> Array:
    """Return where `load`, in kg/m3 of bed, goes: `CYCLE_OUTPUTS` as fractions of it, shape (8, n)."""
    xp = namespace(load)
    height, solid = given["bed_height"], 1.0 - given["porosity"]
    wash, elution = height / given["buffer_velocity"], height / given["elution_velocity"]
    weaker = given["elution_desorption_rate"] / given["wash_desorption_rate"]
    gradient_steps = ELUTION_STEPS * given["gradient_volumes"] / given["elution_volumes"]
    inputs = xp.stack(
        [
            given["adsorption_rate"],
            capacity,
            solid * height / given["load_velocity"],
            _front_spread(given, capacity),
            given["desorption_rate"],
            given["titre"],
            _load_duration(given, load),
            given["dispersivity"] / height,
            solid * wash,
            given["wash_desorption_rate"],
            given["wash_volumes"] * wash,
            solid * elution,
            given["elution_desorption_rate"],
            given["elution_volumes"] * elution,
            weaker ** (1.0 / gradient_steps),  # infinite, and so at once, for a step
            given["pool_start"] / given["elution_volumes"],
            given["pool_end"] / given["elution_volumes"],
        ]
    )
    return cycle(inputs, (CELLS, LOAD_STEPS, WASH_STEPS, ELUTION_STEPS)) * solid / load


def _load_duration(given: Mapping[str, Array], load: Array) -> Array:
    return load * given["bed_height"] / (given["titre"] * given["load_velocity"])


def _equations(given: Mapping[str, Array]) -> Answer:
    xp = namespace(given["batch_mass"])
    column = 0.25 * math.pi * given["column_diameter"] ** 2 * given["bed_height"]
    product = given["titre"] * given["batch_mass"] / given["density"]
    capacity = given["capacity"] * (1.0 - given["capacity_loss"]) ** given["cycles_done"]
    dynamic = dynamic_binding_capacity(given, capacity)
    most = xp.minimum(given["load_fraction"] * dynamic, given["greatest_load"])
    cycles = xp.ceil(product / (most * column) - 1e-9)  # a lot that just fits does not take one more
    load = product / (cycles * column)
    parts = xp.clip(_one_cycle(given, capacity, load), 0.0, 1.0)  # a share of all may round to above 1
    buffers = given["equilibration_volumes"] + given["wash_volumes"] + given["regeneration_volumes"]
    pool = given["pool_end"] - given["pool_start"]
    in_pool = parts[5, ...]
    seconds = _load_duration(given, load) + given["bed_height"] * (
        buffers / given["buffer_velocity"] + given["elution_volumes"] / given["elution_velocity"]
    )
    cleared = xp.exp(-math.log(10.0) * given["impurity_log_reduction"])
    attributes = {
        "titre": load * in_pool / pool,
        "impurity": given["impurity"] * cleared / in_pool,
        "pool_volume": cycles * pool * column,
        "dynamic_binding_capacity": dynamic,
        "load": load,
        "cycles": cycles,
        "lost_in_load": parts[0, ...],
        "lost_in_wash": parts[2, ...],
        "lost_in_elution": xp.clip(parts[4, ...] + parts[6, ...], 0.0, 1.0),
        "left_on_column": parts[7, ...],
        "buffer_volume": cycles * column * (buffers + given["elution_volumes"]),
    }
    holds = (
        (given["bed_height"] >= 50.0 * given["dispersivity"])
        & (given["pool_start"] < given["pool_end"])
        & (given["pool_end"] <= given["elution_volumes"])
        & (given["wash_desorption_rate"] <= given["elution_desorption_rate"])
    )
    return Answer(cycles * seconds, in_pool, attributes, holds)


PROTEIN_A_CHROMATOGRAPHY = unit_operation(
    "protein_a_chromatography",
    material=(
        Quantity("batch_mass", "kg", "mass of the clarified harvest", 1e-3, 1e6),
        Quantity("titre", "kg/m3", "antibody in the harvest", 0.01, 30.0),
        Quantity("density", "kg/m3", "density of the harvest", 900.0, 1200.0, default=1000.0),
        Quantity("impurity", "1", "host-cell protein over product", 0.0, 1e3, default=0.3),
        Quantity(
            "impurity_log_reduction",
            "1",
            "decades of host-cell protein that the step takes",
            0.0,
            6.0,
            default=2.5,
        ),
    ),
    settings=(
        Quantity("load_fraction", "1", "most of the capacity to be loaded", 0.05, 1.5, default=0.8),
        Quantity("greatest_load", "kg/m3", "most to be loaded a volume of bed", 0.1, 1e3, default=1e3),
        Quantity("load_velocity", "m/s", "flow over section, load", 1e-5, 1e-2, default=300e-2 / 3600),
        Quantity(
            "buffer_velocity",
            "m/s",
            "flow over section, equilibration, wash and regeneration",
            1e-5,
            1e-2,
            default=300e-2 / 3600,
        ),
        Quantity("elution_velocity", "m/s", "flow over section, elution", 1e-5, 1e-2, default=200e-2 / 3600),
        Quantity("equilibration_volumes", "1", "column volumes of equilibration", 0.0, 50.0, default=5.0),
        Quantity("wash_volumes", "1", "column volumes of wash", 0.1, 50.0, default=5.0),
        Quantity("elution_volumes", "1", "column volumes of elution buffer", 0.1, 50.0, default=4.0),
        Quantity("gradient_volumes", "1", "column volumes to full strength", 0.0, 50.0, default=0.0),
        Quantity("pool_start", "1", "elution volumes before the pool", 0.0, 50.0, default=0.0),
        Quantity("pool_end", "1", "elution volumes to its end", 0.05, 50.0, default=3.0),
        Quantity(
            "regeneration_volumes", "1", "column volumes of strip, cleaning, storage", 0.0, 50.0, default=6.0
        ),
    ),
    equipment=(
        Quantity("bed_height", "m", "height of the packed bed", 0.01, 1.0, default=0.2),
        Quantity("column_diameter", "m", "inner diameter of the column", 1e-3, 3.0, default=0.8),
        Quantity(
            "porosity",
            "1",
            "part of the bed that the product's liquid fills",
            0.2,
            0.95,
            default=MABSELECT_XTRA["porosity"],
        ),
        Quantity("dispersivity", "m", "axial dispersion over velocity", 0.0, 0.02, default=1e-4),
        Quantity(
            "capacity",
            "kg/m3",
            "Langmuir's qm of new resin, of solid",
            1.0,
            1e3,
            default=MABSELECT_XTRA["capacity"],
        ),
        Quantity("capacity_loss", "1", "fraction of the capacity lost a cycle", 0.0, 0.05, default=1e-3),
        Quantity("cycles_done", "1", "cycles that the resin has behind it", 0.0, 1e3, default=0.0),
        Quantity("adsorption_rate", "m3/(kg s)", "Langmuir's ka", 1e-6, 1.0, default=1e-3),
        Quantity("desorption_rate", "1/s", "Langmuir's kd in the load", 1e-9, 1.0, default=2.5e-5),
        Quantity("wash_desorption_rate", "1/s", "Langmuir's kd in the wash", 1e-9, 1.0, default=2.5e-5),
        Quantity("elution_desorption_rate", "1/s", "Langmuir's kd at elution", 1e-6, 10.0, default=0.05),
    ),
    attributes=(
        Quantity("titre", "kg/m3", "antibody in the pool"),
        Quantity("impurity", "1", "host-cell protein over product in the pool"),
        Quantity("pool_volume", "m3", "volume of the pools of all cycles"),
        Quantity("dynamic_binding_capacity", "kg/m3", "load at 10 % breakthrough, a volume of bed"),
        Quantity("load", "kg/m3", "product loaded a cycle and volume of bed"),
        Quantity("cycles", "1", "cycles that the lot takes"),
        Quantity("lost_in_load", "1", "fraction of the product in the flow-through", 0.0, 1.0),
        Quantity("lost_in_wash", "1", "fraction of the product in the wash", 0.0, 1.0),
        Quantity("lost_in_elution", "1", "fraction eluted before and after the pool", 0.0, 1.0),
        Quantity("left_on_column", "1", "fraction that regeneration removes", 0.0, 1.0),
        Quantity("buffer_volume", "m3", "buffers and cleaning solutions of all cycles"),
    ),
    equations=_equations,
)
