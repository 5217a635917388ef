"""Milling of granules through a screen: a cone or hammer mill, fed at a constant rate.

What is fed at one instant breaks as the impeller hits it and leaves as it passes the screen: a population
balance in the time since it was fed, on 48 sections. When the batch has been fed, the mill runs on until the
share of the last that is still inside has come down to a residue; what is then in the mill is lost, and so is
dust. Breakage follows impact energy, the screen size and probability. Left out: breakage between impeller and
screen for its own sake, packing of the chamber (a mill that is fuller than it may be is out of range), heat,
wear, blinding of the screen, and moisture, which is the granules' strength here.

A lot is out of range where d10 < d50 < d90 does not hold, where more than 1 % of the feed is larger than
10 mm, where the mill cannot clear in the time that the balance covers (nothing breaks what is too large to
pass), where it would hold more than it may, where feeding is over before the first has passed, and outside
the other ranges of the inputs at the end of this file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation
from twin.physics.kernels import launch
from twin.physics.kernels.balance_inputs import fragments_by_parent, sizes_of
from twin.physics.kernels.population_balance import milling_kernel
from twin.physics.numerics import runge_kutta
from twin.physics.numerics.population_balance import (
    ACCOUNTS,
    Breakage,
    breaking,
    column,
    fragments,
    rates,
    spanning,
    state_of,
    sum_of,
    tables_of,
)
from twin.physics.numerics.size_distribution import (
    lognormal_below,
    sectioned,
    share_above,
    share_below,
    sphere_volume,
    volume_at,
)

SECTIONS = spanning(sphere_volume(10e-6), sphere_volume(10e-3), 48)  # m3 of a granule, pores included
STEPS = 400
STRIDE = 1.2  # a time step, in the shortest mean time in which a section loses its particles
DECILE = 1.2815515655446004  # standard deviations from the median to d10 or d90
SCRATCH = 12 * SECTIONS.count**2  # numbers that the array form holds for a lot


def vogel_peukert_breakage_probability(size: Any, energy: Any, strength: Any, threshold: Any) -> Any:
    """Return the share of particles that one impact breaks, 1 - exp(-f (x W - x W_min)), 0 below threshold.

    `size` x in m, `energy` W of the impact in J/kg, `strength` parameter f_mat in kg/(J m), the larger the
    weaker, `threshold` x W_min in J m/kg, both of the material; any shapes that go together.

    L. Vogel, W. Peukert, "Breakage behaviour of different materials - construction of a mastercurve for the
    breakage probability", Powder Technology 129 (2003) 101-110.

    >>> import numpy as np
    >>> round(float(vogel_peukert_breakage_probability(np.asarray(1e-3), 50.0, 10.0, 0.004)), 6)
    0.368716
    """
    xp = namespace(size, energy, strength, threshold)
    return -xp.expm1(-strength * xp.clip(size * energy - threshold, 0.0, None))


def gaudin_passing_probability(size: Any, aperture: Any, open_area: Any) -> Any:
    """Return the chance that a particle passes a screen at one try, phi (1 - d/a)**2, 0 where it is larger.

    `size` d and `aperture` a in m, `open_area` phi of the screen; any shapes that go together. A sphere that
    falls straight on passes where it touches no edge.

    A. M. Gaudin, Principles of Mineral Dressing, McGraw-Hill (1939).

    >>> import numpy as np
    >>> float(gaudin_passing_probability(np.asarray(0.5e-3), 1e-3, 0.4))
    0.1
    """
    xp = namespace(size, aperture, open_area)
    room = xp.clip(1.0 - size / aperture, 0.0, None)
    return open_area * room * room


def austin_fragments_below(ratio: Any, fines_share: Any, fine: Any, coarse: Any) -> Any:
    """Return the share of a broken particle's volume in fragments up to `ratio` of its volume.

    B = phi y**gamma + (1 - phi) y**beta, with y the ratio of sizes, a cube root; `fines_share` phi, exponents
    `fine` gamma and `coarse` beta; any shapes that go together.

    L. G. Austin, P. T. Luckie, "Methods for determination of breakage distribution parameters", Powder
    Technology 5 (1972) 215-222.

    >>> round(austin_fragments_below(0.125, 0.3, 1.0, 4.0), 5)
    0.19375
    """
    size = ratio ** (1.0 / 3.0)
    return fines_share * size**fine + (1.0 - fines_share) * size**coarse


def austin_fragments_above(ratio: Any, fines_share: Any, fine: Any, coarse: Any) -> Any:
    """Return how many fragments are larger than `ratio` of the volume; as `austin_fragments_below`.

    The integral of dB/z; endless at 0 where an exponent is up to 3.

    >>> import numpy as np
    >>> round(float(austin_fragments_above(np.asarray(0.125), 0.0, 1.0, 6.0)), 6)
    1.75
    """
    xp = namespace(ratio, fines_share, fine, coarse)

    def many(exponent: Any) -> Any:
        power = xp.asarray(exponent / 3.0)
        beyond = xp.where(xp.abs(power - 1.0) < 1e-6, power - 1.0 + 2e-6, power - 1.0)  # a limit, near enough
        return -power / beyond * xp.expm1(beyond * xp.log(ratio))

    return fines_share * many(fine) + (1.0 - fines_share) * many(coarse)


def feed(lower: Any, median: Any, upper: Any) -> tuple[Any, Any]:
    """Return a state, (m + 3, n), of 1 m3 of particles with sizes d10, d50 and d90, and what is above 10 mm.

    Sizes are lognormal below the median with one spread, and above with another; (n,) in m.
    """
    xp = namespace(lower, median, upper)
    edges = column(xp, SECTIONS.edges, median)
    small = lognormal_below(edges, median, xp.log(median / lower) / DECILE)
    large = lognormal_below(edges, median, xp.log(upper / median) / DECILE)
    below = xp.where(edges < sphere_volume(median), small, large)
    volumes = sectioned(below)
    return state_of(SECTIONS, volumes / column(xp, SECTIONS.pivots, median), volumes), 1.0 - below[-1, ...]


def by_arrays(step: Any, residue: Any, passing: Any, breakage: Breakage, state: Any, steps: int) -> Any:
    """Return what the kernel of milling gives, (2 m + 6, n): what is in the mill, what passed by section, the
    integral over time of the volume in the mill, when that came down to `residue`, and the integral then.

    `step` in s and `residue` of shape (n,), `passing` rates by section (m, n), `state` (m + 3, n) of 1 m3.
    """
    xp = namespace(state)
    m = SECTIONS.count
    tables = tables_of(SECTIONS, state)
    pivots = tables.pivots

    def slope(_: Any, at: Any) -> Any:
        inside = at[: m + ACCOUNTS, ...]
        passed = passing * at[:m, ...]
        leaves = xp.concat([passed, xp.zeros_like(at[:ACCOUNTS, ...])], axis=0)
        held = sum_of(pivots * at[:m, ...])
        change = rates(tables, breaking(inside, breakage)) - leaves
        return xp.concat([change, passed, held[None, ...]], axis=0)

    at = xp.concat([state, xp.zeros_like(state[: m + 1, ...])], axis=0)
    before = sum_of(pivots * at[:m, ...])
    cleared, integral = 0.0 * step - 1.0, 0.0 * step
    for k in range(steps):
        held = at[-1, ...]
        at = runge_kutta.rk4(slope, at, step, 1)
        now = sum_of(pivots * at[:m, ...])
        part = xp.log(before / residue) / xp.log(before / now)
        here = (now <= residue) & (cleared < 0.0)
        cleared = xp.where(here, (k + part) * step, cleared)
        integral = xp.where(here, held + part * (at[-1, ...] - held), integral)
        before = now
    never = cleared < 0.0
    cleared = xp.where(never, steps * step, cleared)
    integral = xp.where(never, at[-1, ...], integral)
    return xp.concat([at, cleared[None, ...], integral[None, ...]], axis=0)


def milling_inputs(step: Any, residue: Any, passing: Any, breakage: Breakage, state: Any) -> Any:
    """Return the inputs, (fields, n), of the kernel of milling, from what `by_arrays` takes."""
    xp = namespace(state)
    rows = [
        step[None, ...],
        residue[None, ...],
        column(xp, (SECTIONS.ratio, *SECTIONS.pivots), state),
        breakage.rates,
        passing,
        fragments_by_parent(breakage),
        state,
    ]
    return xp.concat([xp.broadcast_to(row, (row.shape[0], state.shape[1])) for row in rows], axis=0)


def _milled(step: Any, residue: Any, passing: Any, breakage: Breakage, state: Any) -> Any:
    """Return what the kernel gives: by the kernel where it runs, else by arrays, in chunks."""
    xp = namespace(state)
    m = SECTIONS.count
    if launch.takes(state):
        inputs = milling_inputs(step, residue, passing, breakage, state)
        return launch.run(milling_kernel(m), sizes_of(SECTIONS, STEPS), inputs)
    flat = (m * m, state.shape[1])
    whole = xp.concat(
        [
            xp.stack([step, residue]),
            passing,
            breakage.rates,
            state,
            xp.reshape(breakage.numbers, flat),
            xp.reshape(breakage.excess, flat),
        ],
        axis=0,
    )

    def some(part: Any) -> Any:
        matrices = part[3 * m + 5 :, ...]
        square = (m, m, part.shape[1])
        broken = Breakage(
            part[m + 2 : 2 * m + 2, ...],
            xp.reshape(matrices[: m * m, ...], square),
            xp.reshape(matrices[m * m :, ...], square),
        )
        start = part[2 * m + 2 : 3 * m + 5, ...]
        return by_arrays(part[0, ...], part[1, ...], part[2 : m + 2, ...], broken, start, STEPS)

    return launch.in_chunks(some, whole, SCRATCH)


def _tip_speed(given: Mapping[str, Array]) -> Array:
    return math.pi * given["impeller_diameter"] * given["impeller_speed"]


def _passing_and_breakage(given: Mapping[str, Array]) -> tuple[Array, Breakage]:
    """Return rates of passing by section, (m, n), and how granules break."""
    turning, speed = given["impeller_speed"], _tip_speed(given)
    sizes = (6.0 / math.pi * column(namespace(speed), SECTIONS.pivots, speed)) ** (1.0 / 3.0)
    broken = vogel_peukert_breakage_probability(
        sizes, 0.5 * speed * speed, given["weakness"], given["breakage_threshold"]
    )
    passes = gaudin_passing_probability(sizes, given["aperture"], given["open_area"])
    law = (given["fines_share"], given["fines_exponent"], given["fragment_exponent"])
    numbers, excess = fragments(
        SECTIONS,
        lambda z: austin_fragments_below(z, *law),
        lambda z: austin_fragments_above(z, *law),
        speed,
    )
    breakage = Breakage(given["impacts"] * turning * broken, numbers, excess)
    return given["screen_tries"] * turning * passes, breakage


def _sizes(given: Mapping[str, Array], passed: Array) -> dict[str, Array]:
    """Return sizes and the shares of fines and oversize of what `passed`, volumes by section."""
    xp = namespace(passed)
    shares = xp.concat([passed, 0.0 * passed[:1, ...]], axis=0) / sum_of(passed)
    sizes = {
        name: (6.0 / math.pi * volume_at(SECTIONS, shares, share)) ** (1.0 / 3.0)
        for name, share in (("d10", 0.1), ("d50", 0.5), ("d90", 0.9))
    }
    return sizes | {
        "fines": share_below(SECTIONS, shares, sphere_volume(given["fines_size"])),
        "oversize_fraction": share_above(SECTIONS, shares, sphere_volume(given["oversize"])),
    }


def _equations(given: Mapping[str, Array]) -> Answer:
    mass, throughput, residue = given["batch_mass"], given["throughput"], given["residue"]
    xp = namespace(mass)
    m = SECTIONS.count
    pivots = column(xp, SECTIONS.pivots, mass)
    passing, breakage = _passing_and_breakage(given)
    start, too_large = feed(given["d10"], given["d50"], given["d90"])
    step = STRIDE / xp.max(breakage.rates + passing, axis=0)
    outcome = _milled(step, residue, passing, breakage, start)
    inside = sum_of(outcome[:m, ...] * pivots)
    all_time, run_out, integral = (outcome[2 * m + 3 + i, ...] for i in range(3))
    left, dust = throughput * (all_time - integral), given["dust_loss"] * mass
    attributes = _sizes(given, outcome[m + ACCOUNTS : 2 * m + ACCOUNTS, ...] * pivots)
    attributes |= {
        "tip_speed": _tip_speed(given),
        "residence_time": all_time,
        "hold_up": throughput * all_time,
        "run_out_time": run_out,
        "left_in_mill": left,
        "dust": dust,
        "milled_mass": mass - left - dust,
    }
    feeding = mass / throughput
    holds = (
        (given["d10"] < given["d50"])
        & (given["d50"] < given["d90"])
        & (too_large <= 1e-2)
        & (inside <= residue)
        & (throughput * all_time <= given["chamber_capacity"])
        & (run_out <= feeding)
    )
    return Answer(feeding + run_out, 1.0 - (left + dust) / mass, attributes, holds)


MILLING = unit_operation(
    "milling",
    material=(
        Quantity("batch_mass", "kg", "mass of granules to be milled", low=1e-2, high=1e4),
        Quantity("d10", "m", "size of the feed below which is 10 % by mass", 2e-5, 2e-3, default=150e-6),
        Quantity("d50", "m", "median size of the feed by mass", 4e-5, 4e-3, default=450e-6),
        Quantity("d90", "m", "size of the feed below which is 90 % by mass", 6e-5, 5e-3, default=1.4e-3),
        Quantity("weakness", "kg/(J m)", "Vogel and Peukert's strength parameter", 0.1, 200.0, default=10.0),
        Quantity("breakage_threshold", "J m/kg", "size times least energy", 0.0, 0.5, default=0.004),
        Quantity("fines_share", "1", "Austin's phi, share of fine fragments", 0.0, 1.0, default=0.3),
        Quantity("fines_exponent", "1", "Austin's gamma, of fine fragments", 0.4, 3.0, default=1.0),
        Quantity("fragment_exponent", "1", "Austin's beta, of coarse fragments", 2.0, 12.0, default=4.0),
    ),
    settings=(
        Quantity("throughput", "kg/s", "granules fed a second", 1e-4, 5.0, default=0.1),
        Quantity("impeller_speed", "1/s", "turns of the impeller a second", 2.0, 120.0, default=20.0),
        Quantity("residue", "1", "share of the last fed at which the mill stops", 1e-6, 0.1, default=1e-3),
        Quantity("fines_size", "m", "granules below it count as fines", 1.5e-5, 5e-3, default=150e-6),
        Quantity("oversize", "m", "granules above it count as oversize", 2e-5, 9e-3, default=1.0e-3),
    ),
    equipment=(
        Quantity("aperture", "m", "holes of the screen", 1e-4, 8e-3, default=1.4e-3),
        Quantity("open_area", "1", "share of the screen that is holes", 0.05, 0.8, default=0.35),
        Quantity("impeller_diameter", "m", "diameter of the impeller at the screen", 0.02, 1.0, default=0.15),
        Quantity("impacts", "1", "hits that a granule gets in a turn", 0.01, 5.0, default=0.25),
        Quantity(
            "screen_tries", "1", "times that a granule tries the screen in a turn", 0.02, 20.0, default=1.0
        ),
        Quantity("chamber_capacity", "kg", "the most that the mill may hold", 1e-3, 100.0, default=1.0),
        Quantity("dust_loss", "1", "share of the batch lost as dust", 0.0, 0.1, default=0.002),
    ),
    attributes=(
        Quantity("d10", "m", "size below which is 10 % of the granules by mass"),
        Quantity("d50", "m", "median size of the granules by mass"),
        Quantity("d90", "m", "size below which is 90 % of the granules by mass"),
        Quantity("fines", "1", "share by mass below the size for fines", 0.0, 1.0),
        Quantity("oversize_fraction", "1", "share by mass above the size for oversize", 0.0, 1.0),
        Quantity("tip_speed", "m/s", "speed of the impeller's tips"),
        Quantity("residence_time", "s", "mean time in the mill"),
        Quantity("hold_up", "kg", "what the mill holds while it is fed"),
        Quantity("run_out_time", "s", "time from the end of feeding to the stop"),
        Quantity("left_in_mill", "kg", "what stays in the mill"),
        Quantity("dust", "kg", "what is lost as dust"),
        Quantity("milled_mass", "kg", "what comes out"),
    ),
    equations=_equations,
)
