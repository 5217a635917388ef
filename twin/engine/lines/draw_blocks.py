"""Durations of many lots at once: the very whole nanoseconds of `draws.draw_nanoseconds`, in vector loops.

The loops stand apart by what they do, so that the compiler turns each into vector instructions: Philox with
the lot's number as its counter, the uniform of its words, and the inverse of uniform and exponential
distributions. An exponential's logarithm is a series here, with an error far below a nanosecond of most
durations; where that could change how a draw rounds, the draw is made again as `draws` makes it. All other
distributions are inverted one by one by `draws.inverse`. Compiled parts of the recursion call this.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twin.engine.draws import LONGEST, inverse, philox
from twin.engine.lines.compiling import inner

Integers = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Reals = npt.NDArray[np.float64]

KIND, TABLE_FROM, TABLE_TO = range(3)  # columns of sources, whose tables stand side by side

BLOCK = 256  # lots whose durations are drawn at once: what the first cache holds of ten units

_FIRST_MULTIPLIER = np.uint64(0xD2511F53)
_SECOND_MULTIPLIER = np.uint64(0xCD9E8D57)
_FIRST_WEYL = np.uint64(0x9E3779B9)
_SECOND_WEYL = np.uint64(0xBB67AE85)
_LOW_WORD = np.uint64(0xFFFFFFFF)
_WORD = np.uint64(32)
_JUST_BELOW_ONE = 1.0 - 2.0**-53

_ROOT_OF_HALF = np.int64(0x3FE6A09E667F3BCD)  # the bits of √½
_FRACTION_BITS = np.int64(52)
_LOG_TWO = 0.6931471805599453
_LARGEST = 2.0**51  # ns: above, half a nanosecond is not told apart

# Bounds of what the series and libm may differ by, in exponential(mean=1) and of it: see `exponentials`.
_ABSOLUTE = 4e-16
_RELATIVE = 3e-15


@inner
def stream_keys(seed: Integers, replication: int, hashes: Integers, keys: Words) -> None:
    """Fill `keys`, shape (sources, 2), with `draws.stream_key` of each source.

    `seed` are its low and its high word; `hashes` those of each source's hash, shape (sources, 2).
    """
    for i in range(hashes.shape[0]):
        words = philox(hashes[i, 0], hashes[i, 1], seed[0], seed[1], replication, 0)
        keys[i, 0] = words[0]
        keys[i, 1] = words[1]


@inner
def uniforms(k0: np.uint64, k1: np.uint64, lots: Integers, count: int, values: Reals) -> None:
    """Fill `values` with `draws.uniform` of the stream (k0, k1) at (lot, 0, 0, 0), for `count` lots."""
    for i in range(count):
        key0 = k0
        key1 = k1
        x0 = np.uint64(lots[i])
        x1 = np.uint64(0)
        x2 = np.uint64(0)
        x3 = np.uint64(0)
        for _ in range(10):
            first = _FIRST_MULTIPLIER * x0
            second = _SECOND_MULTIPLIER * x2
            x0 = (second >> _WORD) ^ x1 ^ key0
            x1 = second & _LOW_WORD
            x2 = (first >> _WORD) ^ x3 ^ key1
            x3 = first & _LOW_WORD
            key0 = (key0 + _FIRST_WEYL) & _LOW_WORD
            key1 = (key1 + _SECOND_WEYL) & _LOW_WORD
        high = np.float64(x0 >> np.uint64(5))
        low = np.float64(x1 >> np.uint64(6))
        values[i] = min((high * 67108864.0 + low + 0.5) * 2.0**-53, _JUST_BELOW_ONE)


@inner
def exponentials(u: Reals, count: int, scale: float, whole: Integers, work: Reals) -> int:
    """Fill `whole` with exponential draws of mean `scale` ns, or -1 where their rounding is in doubt.

    Returns how many are in doubt. `work` has shape (2, n). With v = 1 - u = m 2**e and √½ <= m < √2, log v is
    e log 2 + 2 artanh s with s = (m - 1)/(m + 1), whose odd series has terms below 1e-17 from s**23 / 23 on,
    since |s| < 0.172. Rounding 1 - u adds less than 1.2e-16 to the logarithm, the sums and products here and
    in libm's `log1p` less than 1.5e-15 of it.
    """
    rest, fraction = work[0], work[1]
    bits = rest.view(np.int64)
    fraction_bits = fraction.view(np.int64)
    for i in range(count):
        rest[i] = 1.0 - u[i]
    for i in range(count):
        exponent = (bits[i] - _ROOT_OF_HALF) >> _FRACTION_BITS
        fraction_bits[i] = bits[i] - (exponent << _FRACTION_BITS)
        whole[i] = exponent
    doubtful = 0
    for i in range(count):
        m = fraction[i]
        s = (m - 1.0) / (m + 1.0)
        square = s * s
        series = 1 / 21 + square * (1 / 23)
        series = 1 / 19 + square * series
        series = 1 / 17 + square * series
        series = 1 / 15 + square * series
        series = 1 / 13 + square * series
        series = 1 / 11 + square * series
        series = 1 / 9 + square * series
        series = 1 / 7 + square * series
        series = 1 / 5 + square * series
        series = 1 / 3 + square * series
        logarithm = 2.0 * s + 2.0 * s * (square * series) + np.float64(whole[i]) * _LOG_TWO
        time = -scale * logarithm
        rounded = np.rint(time)
        margin = _ABSOLUTE * scale + _RELATIVE * time
        doubt = (abs(time - rounded) > 0.5 - margin) | (time >= _LARGEST)
        doubtful += doubt
        whole[i] = -1 if doubt else np.int64(rounded)
    return doubtful


@inner
def nanoseconds(kind: int, p0: float, p1: float, p2: float, table: Reals, speed: float, u: float) -> int:
    """Return the duration at the uniform `u` in whole ns, as `draws.draw_nanoseconds` and `rules.speeds`."""
    seconds = inverse(kind, p0, p1, p2, table, u)
    return round(min(seconds / speed * 1e9, LONGEST))


@inner
def durations(
    kind: int,
    parameters: Reals,
    table: Reals,
    key: Words,
    lots: Integers,
    count: int,
    whole: Integers,
    work: Reals,
) -> None:
    """Fill `whole` with the durations in ns of one source for `count` lots, each a first visit.

    `parameters` are p0, p1, p2 and the unit's speed, `key` the words of the stream, `work` has shape (3, n).
    """
    p0, p1, p2, speed = parameters[0], parameters[1], parameters[2], parameters[3]
    u = work[0]
    some = count
    if kind == 0:
        u[0] = 0.5
        some = 1
    else:
        uniforms(key[0], key[1], lots, count, u)
    if kind == 1:
        for i in range(count):
            whole[i] = np.int64(np.rint(min((p0 + (p1 - p0) * u[i]) / speed * 1e9, LONGEST)))
        return
    if kind == 3:
        if exponentials(u, count, p0 / speed * 1e9, whole, work[1:]) == 0:
            return
    else:
        for i in range(some):
            whole[i] = -1
    for i in range(some):
        if whole[i] < 0:
            whole[i] = nanoseconds(kind, p0, p1, p2, table, speed, u[i])
    for i in range(some, count):  # of a constant
        whole[i] = whole[0]


@inner
def draw_units(
    takes: Integers,
    sources: Integers,
    parameters: Reals,
    table: Reals,
    keys: Words,
    lots: Integers,
    count: int,
    drawn: Integers,
    work: Reals,
) -> None:
    """Fill `drawn`, shape (units, n), with the durations of `count` lots on each unit."""
    for unit in range(takes.shape[0]):
        source = takes[unit]
        values = table[:, sources[source, TABLE_FROM] : sources[source, TABLE_TO]]
        durations(
            sources[source, KIND], parameters[source], values, keys[source], lots, count, drawn[unit], work
        )
