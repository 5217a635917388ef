"""Film coating with its evenness simulated: some hundred tablets of each pan, pass by pass.

Everything but evenness is `film_coating`. There the variation of coat mass is the limit of many passes; here
tablets are followed one by one, so that few passes and the share of thin tablets come out too. A tablet's
times between passes and the masses that it gathers are lognormal and independent, with mean 1 (the mean time
between passes and the mean mass of a pass) and the coefficients of variation CVc and CVx; spraying begins
when it is somewhere on its way round, a uniform share of its first time from the spray.

A lot is out of range where `film_coating` is, save that 3 passes are enough, and where a tablet would pass
more than 5,000 times.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation
from twin.physics.kernels import launch
from twin.physics.kernels.coating import COATING
from twin.physics.numerics.sums import ordered_sum
from twin.physics.solid_dose.film_coating import FILM_COATING, coated

TABLETS = 400  # of a pan: the variation of one pan comes out to some 4 %
MOST_PASSES = 5_000
FEWEST_SIMULATED = 3.0
THIN = 0.9  # of the mean coat

_GOLDEN = 0x9E3779B97F4A7C15
_MULTIPLIERS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


class Evenness(NamedTuple):
    """How even the coats of simulated tablets are, shape (n,) each."""

    variation: Array  # coefficient of variation of coat mass, tablet to tablet
    thin: Array  # fraction of tablets with less than a share of the mean coat
    passes: Array  # mean passes of a tablet
    followed: Array  # 1 where every tablet was followed to the end


def simulate_passes(
    passes: Array, pass_variation: Array, cycle_variation: Array, seed: Array, tablets: int, most: int
) -> Evenness:
    """Return how even the coats of `tablets` tablets are after the time of `passes` mean passes.

    `pass_variation` CVx, `cycle_variation` CVc and `seed`, a whole number below 2**53; shape (n,), float64.
    No tablet is followed for more than `most` passes. NumPy and CuPy arrays go to the kernel, others through
    the array form.
    """
    xp = namespace(passes)
    thin = xp.full_like(passes, THIN)
    block = xp.stack([passes, pass_variation, cycle_variation, seed, thin])
    if launch.takes(block):
        answers = launch.run(COATING, (tablets, most), block)
    else:
        floats_a_lot = 12 * tablets

        def in_arrays(part: Array) -> Array:
            return simulate_in_arrays(part, tablets, most)

        answers = launch.in_chunks(in_arrays, block, floats_a_lot)
    return Evenness(answers[0, ...], answers[1, ...], answers[2, ...], answers[3, ...])


def simulate_in_arrays(inputs: Array, tablets: int, most: int) -> Array:
    """Return variation, thin fraction, mean passes and whether all were followed, shape (4, n).

    `inputs` has the rows that `kernels.coating.coat_one_pan` lists. All tablets of all pans take a step
    together until none is left that spraying still reaches.
    """
    xp = namespace(inputs)
    end, thin = inputs[0, ...], inputs[4, ...]
    gain_spread = xp.sqrt(xp.log(1.0 + inputs[1, ...] * inputs[1, ...]))
    time_spread = xp.sqrt(xp.log(1.0 + inputs[2, ...] * inputs[2, ...]))
    gain_shift, time_shift = 0.5 * gain_spread * gain_spread, 0.5 * time_spread * time_spread
    key = _mix(xp.astype(inputs[3, ...], xp.uint64))
    first = xp.astype(xp.arange(tablets), xp.uint64)[:, None] * 2**32
    mass = xp.zeros((tablets, inputs.shape[1]), dtype=xp.float64)
    time, passes = 0.0 * mass, 0.0 * mass
    waiting = _uniform(key, first)
    sprayed = xp.ones(mass.shape, dtype=xp.bool)
    for step in range(most + 1):
        radius = xp.sqrt(-2.0 * xp.log(_uniform(key, first + (2 * step + 1))))
        angle = 2.0 * math.pi * _uniform(key, first + (2 * step + 2))
        time = time + waiting * xp.exp(time_spread * radius * xp.cos(angle) - time_shift)
        sprayed = sprayed & (time <= end)
        if not bool(xp.any(sprayed)):
            break
        waiting = xp.ones_like(mass)
        gained = xp.exp(gain_spread * radius * xp.sin(angle) - gain_shift)
        mass = mass + xp.where(sprayed, gained, 0.0 * gained)
        passes = passes + xp.astype(sprayed, xp.float64)
    mean = ordered_sum(mass) / tablets
    off = mass - mean
    below = xp.astype(mass < thin * mean, xp.float64)
    return xp.stack(
        [
            xp.sqrt(ordered_sum(off * off) / (tablets - 1)) / mean,
            ordered_sum(below) / tablets,
            ordered_sum(passes) / tablets,
            xp.astype(xp.all(passes <= most, axis=0), xp.float64),
        ]
    )


def _mix(word: Array) -> Array:
    """Return the 64 bits that SplitMix64 makes of each word; source as `kernels.coating.mix`."""
    word = (word ^ (word >> 30)) * _MULTIPLIERS[0]
    word = (word ^ (word >> 27)) * _MULTIPLIERS[1]
    return word ^ (word >> 31)


def _uniform(key: Array, index: Array) -> Array:
    """Return draw `index` of the stream `key`, strictly between 0 and 1."""
    xp = namespace(key, index)
    bits = _mix(key + (index + 1) * _GOLDEN)
    return (xp.astype(bits >> 11, xp.float64) + 0.5) * 2.0**-53


def _equations(given: Mapping[str, Array]) -> Answer:
    limit = coated(given)
    xp = namespace(limit.duration)
    passes = limit.attributes["coating_passes"]
    possible = limit.holds & (passes >= FEWEST_SIMULATED) & (passes <= MOST_PASSES / 2.0)
    possible = possible & (given["seed"] >= 0.0) & (given["seed"] < 2.0**53)
    safe = xp.asarray(1.0, dtype=xp.float64)  # for lots that have no answer: these cost next to nothing
    even = simulate_passes(
        xp.where(possible, passes, safe),
        xp.where(possible, given["pass_variation"], safe),
        xp.where(possible, given["cycle_variation"], safe),
        xp.floor(xp.where(possible, given["seed"], safe)),
        TABLETS,
        MOST_PASSES,
    )
    attributes = {
        **limit.attributes,
        "coating_variation": even.variation,
        "coating_passes": even.passes,
        "thin_tablets": even.thin,
    }
    return Answer(limit.duration, limit.yield_, attributes, possible & (even.followed > 0.5))


_ATTRIBUTES = tuple(  # as those of film coating, but holding from fewer passes on
    replace(field, low=0.0, meaning="mean passes of a tablet through the spray; the model holds from 3 on")
    if field.name == "coating_passes"
    else field
    for field in FILM_COATING.attributes
)

FILM_COATING_MONTE_CARLO = unit_operation(
    "film_coating_monte_carlo",
    material=FILM_COATING.material,
    settings=(
        *FILM_COATING.settings,
        Quantity("seed", "1", "what the draws of this lot start from", 0.0, 2.0**53 - 1.0, default=1.0),
    ),
    equipment=FILM_COATING.equipment,
    attributes=(
        *_ATTRIBUTES,
        Quantity("thin_tablets", "1", "fraction of tablets with less than 90 % of the mean coat", 0.0, 1.0),
    ),
    equations=_equations,
)
