"""A sample of lots for each kernel, and the same kernel on a simulated GPU.

`SAMPLES` gives each kernel's sizes and inputs (fields, n) by its name: few lots on a small grid, because the
simulator interprets every line. As a program, `python -m tests.physics.kernel_samples NAME FILE` in Numba's
CUDA simulator writes the outputs of kernel NAME to FILE.
"""

import math
import sys

import numpy as np

from twin.physics.biologics.fed_batch_culture import FED_BATCH_CULTURE
from twin.physics.fill_finish.lyophilisation_data import LYOPRONTO_EXAMPLE
from twin.physics.fill_finish.primary_drying import kernel_inputs
from twin.physics.kernels.balance_inputs import inputs_of, sizes_of
from twin.physics.kernels.catalogue import KERNELS
from twin.physics.kernels.compiled import compiled
from twin.physics.kernels.culture import INPUTS
from twin.physics.kernels.launch import Kernel, on_gpu
from twin.physics.numerics.population_balance import Breakage, fragments, spanning, state_of
from twin.physics.solid_dose.granule_growth import SECTIONS, Bed, granulation_inputs
from twin.physics.solid_dose.high_shear_granulation import powder
from twin.physics.solid_dose.milling import SECTIONS as MILL_SECTIONS
from twin.physics.solid_dose.milling import feed, milling_inputs


@compiled
def decay(sizes, inputs, outputs, work):
    """First-order decay by explicit steps, which scratch keeps, and in closed form."""
    steps = sizes[0]
    work[0] = inputs[0]
    for step in range(steps):
        work[step + 1] = work[step] * (1.0 - inputs[1] / steps)
    outputs[0] = work[steps]
    outputs[1] = inputs[0] * math.exp(-inputs[1])


@compiled
def several_decays(sizes, inputs, outputs, work, first, last):
    for lot in range(first, last):
        decay(sizes, inputs[lot], outputs[lot], work)


DECAY = Kernel("decay", decay, several_decays, outputs=2, work=lambda sizes: sizes[0] + 1)


def joining_and_breaking():
    """Lots of particles that join in proportion to their volume, and break in two, on 48 sections."""
    grid, lots = spanning(1e-3, 1e3, 48), 3
    pivots = np.array(grid.pivots)[:, None]
    start = state_of(grid, np.linspace(1.0, 2.0, lots) * np.exp(-pivots), pivots * np.exp(-pivots))
    meetings = (pivots + pivots.T)[..., None] * np.linspace(0.1, 0.5, lots)
    law = fragments(grid, lambda z: z * z, lambda z: 2.0 * (1.0 - z), pivots)
    breakage = Breakage(np.minimum(pivots, 1.0) * np.ones((1, lots)), *law)
    return sizes_of(grid, 2), inputs_of(grid, start, np.linspace(0.1, 0.2, lots), meetings, breakage)


PANS = np.stack(
    [
        np.asarray([3.0, 12.5, 20.0, 7.0, 30.0]),  # mean passes; the last pan is not followed to its end
        np.asarray([0.5, 0.0, 0.3, 1.0, 0.2]),
        np.asarray([1.0, 0.5, 0.0, 0.8, 0.2]),
        np.asarray([1.0, 7.0, 2.0**53 - 1, 0.0, 5.0]),
        np.full(5, 0.9),
    ]
)


def cultures():
    """Five lots of a fed-batch culture for 50 h, short of oxygen at the end, one harvested early."""
    fields = (*FED_BATCH_CULTURE.material, *FED_BATCH_CULTURE.settings, *FED_BATCH_CULTURE.equipment)
    inputs = {field.name: np.full(5, field.default or 0.0) for field in fields}
    changed = {
        "culture_duration": np.linspace(40.0, 50.0, 5) * 3600.0,
        "feed_start": np.full(5, 80e3),
        "bolus_volume": np.linspace(0.0, 0.05, 5),
        "glucose_target": np.full(5, 30.0),
        "inoculation_density": np.linspace(1e12, 6e12, 5),
        "lysis_rate": np.full(5, 1e-6),
        "starvation_rate": np.full(5, 1e-5),
        "harvest_viability": np.asarray([0.0, 0.0, 0.999, 0.0, 0.0]),
    }
    return np.stack([(inputs | changed)[name] for name in INPUTS])


def vials_to_dry():
    """Vials that dry after the shelf's ramp, within it, at a held shelf, and never."""
    fills = np.array([2e-6, 1e-9, 2e-7, 5e-6, 2e-6, 2e-6])
    starts = np.array([238.15, 238.15, 238.15, 228.15, 263.15, 228.15])
    holds = np.array([293.15, 293.15, 293.15, 258.15, 263.15, 228.15])
    vials = {"fill_volume": fills, "shelf_start": starts, "shelf_hold": holds}
    return (4,), kernel_inputs({**LYOPRONTO_EXAMPLE, **vials})


def granulating():
    """Lots of wet powder in a granulator: one step of spraying and one of wet massing."""
    lots = 3
    values = (2.0, 1.0, 0.02, 0.28, 0.012, 2e4, 0.3, 1e-6, 0.04, 1.5, 0.75, 0.1, 2e-3, 0.2, 0.3)
    bed = Bed(*(np.linspace(0.9, 1.1, lots) * value for value in values))
    start = powder(np.linspace(50e-6, 100e-6, lots), np.full(lots, 0.5))
    return sizes_of(SECTIONS, 1), granulation_inputs(SECTIONS, bed, start)


def columns_of_resin():
    """Lots of feed on columns of resin that differ in capacity, dispersion and kinetics."""
    lots = np.linspace(0.0, 1.0, 4)
    column = [1e-3 + 2e-3 * lots, 60.0 + 20.0 * lots, 300.0 + 0.0 * lots, 0.01 * lots]
    return np.stack([*column, 1e-4 + 0.0 * lots, 1.0 + lots, 2e4 - 5e3 * lots, *[0.01 + 0.4 * lots] * 4])


def cycles_on_resin():
    """Lots of load, wash and elution, one by a step and others in a gradient of desorption."""
    lots = np.linspace(0.0, 1.0, 4)
    column = [1e-3 + 2e-3 * lots, 60.0 + 20.0 * lots]
    load = [300.0 + 0.0 * lots, 0.01 * lots, 1e-4 + 0.0 * lots, 1.0 + lots, 1e4 - 5e3 * lots]
    wash = [0.001 + 0.0 * lots, 250.0 + 0.0 * lots, 2e-4 + 0.0 * lots, 2500.0 + 0.0 * lots]
    elution = [400.0 + 0.0 * lots, 0.05 + 0.1 * lots, 3600.0 + 0.0 * lots]
    growth = np.asarray([np.inf, 4.0, 2.0, 1.5])
    return np.stack([*column, *load, *wash, *elution, growth, 0.1 * lots, 0.6 + 0.3 * lots])


def milling():
    """Lots of granules in a mill, one of which has come down to the residue after the second step."""
    lots = 3
    start, _ = feed(np.full(lots, 1e-4), np.linspace(3e-4, 5e-4, lots), np.full(lots, 1e-3))
    pivots = np.array(MILL_SECTIONS.pivots)[:, None]
    sizes = np.cbrt(6.0 / np.pi * pivots)
    law = fragments(MILL_SECTIONS, lambda z: z * z, lambda z: 2.0 * (1.0 - z), pivots)
    breakage = Breakage(500.0 * sizes * np.ones((1, lots)), *law)
    passing = np.linspace(1.0, 6.0, lots) * np.exp(-sizes / 1e-3)
    residue = np.full(lots, 0.2)
    return sizes_of(MILL_SECTIONS, 3), milling_inputs(np.full(lots, 0.2), residue, passing, breakage, start)


def dissolving():
    """Powders in a sink, in a medium that fills up and in one that cannot hold them; one barely dissolves.
    The last five are of one spread: slow and fast, and one whose medium is full.
    """
    rates = [1e-3, 1e-3, 5e-3, 1e-6, 1e-3, 1e-5, 5e-3, 1e-3, 5e-3]
    loadings = [0.0, 0.5, 1.5, 0.1, 0.5, 0.5, 2.0, 0.0, 0.9]
    spreads = [0.001, 0.6, 1.0, 0.3, 0.6, 0.6, 0.6, 0.6, 0.6]
    times = np.array([0.0, 300.0, 900.0, 1800.0, 2700.0])[:, None] * np.ones(len(rates))
    return np.concatenate([np.array([rates, loadings, spreads]), times])


SAMPLES = {
    "dissolution": ((8,), dissolving()),
    "primary_drying": vials_to_dry(),
    "coating": ((9, 28), PANS),
    "fed_batch_culture": ((8, 3), cultures()),
    "decay": ((8,), np.stack([np.linspace(1.0, 3.0, 7), np.linspace(0.1, 2.0, 7)])),
    "population_balance_48": joining_and_breaking(),
    "granulation_48": granulating(),
    "breakthrough": ((6, 12), columns_of_resin()),
    "chromatography_cycle": ((5, 8, 4, 9), cycles_on_resin()),
    "milling_48": milling(),
}

TRIED = {kernel.name: kernel for kernel in (DECAY, *KERNELS)}


def in_three_chunks(kernel, sizes, inputs):
    """Return the bytes with which the lots go through a GPU in about three chunks."""
    floats = inputs.shape[0] + kernel.outputs + max(1, kernel.work(sizes))
    return 8 * floats * -(-inputs.shape[1] // 3)


if __name__ == "__main__":
    kernel = TRIED[sys.argv[1]]
    sizes, inputs = SAMPLES[kernel.name]
    whole = on_gpu(kernel, sizes, inputs)
    chunked = on_gpu(kernel, sizes, inputs, in_three_chunks(kernel, sizes, inputs))
    np.savez(sys.argv[2], whole=whole, chunked=chunked)
