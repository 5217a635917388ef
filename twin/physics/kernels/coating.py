"""Monte Carlo of a coating pan as a kernel: each tablet's passes through the spray, one after another.

The array form in `solid_dose/film_coating_monte_carlo.py` is the reference and says what is simulated. Draws
are addressed by (seed, tablet, number of the draw), so that neither order nor hardware changes them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from twin.physics.kernels.compiled import compiled
from twin.physics.kernels.launch import Kernel

# Numba makes float64 of uint64 and int64 together: everything that meets a word is one.
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST_MULTIPLIER = np.uint64(0xBF58476D1CE4E5B9)
_SECOND_MULTIPLIER = np.uint64(0x94D049BB133111EB)
_FIRST_SHIFT, _SECOND_SHIFT, _LAST_SHIFT = np.uint64(30), np.uint64(27), np.uint64(31)
_LOW_BITS = np.uint64(11)
_TABLET = np.uint64(2**32)  # draws that belong to one tablet
_ONE = np.uint64(1)


@compiled
def mix(word: Any) -> Any:
    """Return the 64 bits that SplitMix64 makes of a word.

    G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA (2014)
    453-472, with the constants of D. Stafford's variant 13.
    """
    word = (word ^ (word >> _FIRST_SHIFT)) * _FIRST_MULTIPLIER
    word = (word ^ (word >> _SECOND_SHIFT)) * _SECOND_MULTIPLIER
    return word ^ (word >> _LAST_SHIFT)


@compiled
def uniform(key: Any, index: Any) -> float:
    """Return draw `index` of the stream `key`, strictly between 0 and 1."""
    bits = mix(key + _GOLDEN * (index + _ONE))
    draw: float = ((bits >> _LOW_BITS) + 0.5) * 2.0**-53
    return draw


@compiled
def coat_one_pan(sizes: Any, inputs: Any, outputs: Any, work: Any) -> None:
    """Fill `outputs`: variation, thin fraction, mean passes, 1 where every tablet was followed to the end.

    `sizes`: tablets, and the most passes of one. `inputs`: mean passes of a tablet while spraying lasts, CVx
    of the mass gathered in a pass, CVc of the time between passes, the seed (a whole number below 2**53) and
    the share of the mean coat below which a tablet is thin. `work` has a place for each tablet.
    """
    tablets, most = sizes[0], sizes[1]
    end = inputs[0]
    gain_spread = math.sqrt(math.log(1.0 + inputs[1] * inputs[1]))
    time_spread = math.sqrt(math.log(1.0 + inputs[2] * inputs[2]))
    gain_shift, time_shift = 0.5 * gain_spread * gain_spread, 0.5 * time_spread * time_spread
    key = mix(np.uint64(inputs[3]))
    passes_of_all, total, followed = 0.0, 0.0, 1.0
    for tablet in range(tablets):
        index = np.uint64(tablet) * _TABLET
        mass, time, passes = 0.0, 0.0, 0
        waiting = uniform(key, index)  # sprayed from somewhere in its way round on
        while passes <= most:
            radius = math.sqrt(-2.0 * math.log(uniform(key, index + _ONE)))
            angle = 2.0 * math.pi * uniform(key, index + _ONE + _ONE)
            index = index + _ONE + _ONE
            time += waiting * math.exp(time_spread * radius * math.cos(angle) - time_shift)
            if time > end:
                break
            waiting = 1.0
            mass += math.exp(gain_spread * radius * math.sin(angle) - gain_shift)
            passes += 1
        if passes > most:
            followed = 0.0
        work[tablet] = mass
        total += mass
        passes_of_all += passes
    mean = total / tablets
    squares, thin = 0.0, 0.0
    for tablet in range(tablets):
        off = work[tablet] - mean
        squares += off * off
        if work[tablet] < inputs[4] * mean:
            thin += 1.0
    outputs[0] = math.sqrt(squares / (tablets - 1)) / mean
    outputs[1] = thin / tablets
    outputs[2] = passes_of_all / tablets
    outputs[3] = followed


@compiled
def coat_pans(sizes: Any, inputs: Any, outputs: Any, work: Any, first: int, last: int) -> None:
    """Coat pans `first` to `last` - 1."""
    for lot in range(first, last):
        coat_one_pan(sizes, inputs[lot], outputs[lot], work)


def _work(sizes: Sequence[int]) -> int:
    return sizes[0]


COATING = Kernel("coating", coat_one_pan, coat_pans, outputs=4, work=_work, lots_a_task=4)
