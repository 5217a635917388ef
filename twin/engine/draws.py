"""Addressed random draws: Philox4x32-10, one uniform per address, distributions by inversion.

Nothing here has state: a draw is a pure function of seed, replication, the source's name and an address of
four words, so changing one machine leaves every other draw as it was. Engines call `draw` and the block
forms, from Python or from their own compiled code. All compiled functions stand in this one file because
what is kept of a compiled function holds for the file that it stands in; `distributions` gives their first
five arguments.
"""

from __future__ import annotations

import hashlib
import math
import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from twin.engine.distributions import KINDS as KINDS
from twin.engine.distributions import CompiledDistribution as CompiledDistribution
from twin.engine.distributions import compile_distribution as compile_distribution
from twin.engine.distributions import mean as mean
from twin.physics.kernels.compiled import compiled

LONGEST = 4.0e18  # ns, about 126 years: what the blocks in nanoseconds cut off at, to stay inside int64

_FIRST_MULTIPLIER = np.uint64(0xD2511F53)
_SECOND_MULTIPLIER = np.uint64(0xCD9E8D57)
_FIRST_WEYL = np.uint64(0x9E3779B9)
_SECOND_WEYL = np.uint64(0xBB67AE85)
_LOW_WORD = np.uint64(0xFFFFFFFF)
_WORD = np.uint64(32)
_JUST_BELOW_ONE = 1.0 - 2.0**-53
_SUMMED_POISSON_MEAN = 32.0
_STIRLING_SHAPE = 16.0

# Wichura's three ratios of polynomials, highest power first: (above, below).
_CENTRE = (
    (2.5090809287301226727e3, 5.2264952788528545610e3),
    (3.3430575583588128105e4, 2.8729085735721942674e4),
    (6.7265770927008700853e4, 3.9307895800092710610e4),
    (4.5921953931549871457e4, 2.1213794301586595867e4),
    (1.3731693765509461125e4, 5.3941960214247511077e3),
    (1.9715909503065514427e3, 6.8718700749205790830e2),
    (1.3314166789178437745e2, 4.2313330701600911252e1),
    (3.3871328727963666080e0, 1.0),
)
_SHOULDER = (
    (7.74545014278341407640e-4, 1.05075007164441684324e-9),
    (2.27238449892691845833e-2, 5.47593808499534494600e-4),
    (2.41780725177450611770e-1, 1.51986665636164571966e-2),
    (1.27045825245236838258e0, 1.48103976427480074590e-1),
    (3.64784832476320460504e0, 6.89767334985100004550e-1),
    (5.76949722146069140550e0, 1.67638483018380384940e0),
    (4.63033784615654529590e0, 2.05319162663775882187e0),
    (1.42343711074968357734e0, 1.0),
)
_TAIL = (
    (2.01033439929228813265e-7, 2.04426310338993978564e-15),
    (2.71155556874348757815e-5, 1.42151175831644588870e-7),
    (1.24266094738807843860e-3, 1.84631831751005468180e-5),
    (2.65321895265761230930e-2, 7.86869131145613259100e-4),
    (2.96560571828504891230e-1, 1.48753612908506148525e-2),
    (1.78482653991729133580e0, 1.36929880922735805310e-1),
    (5.46378491116411436990e0, 5.99832206555887937690e-1),
    (6.65790464350110377720e0, 1.0),
)

# Addresses and uniforms


_ORDER_LINE = re.compile(r"@\d+(?=/)")


@lru_cache(maxsize=10_000)
def source_hash(name: str) -> int:
    """Return the 64-bit BLAKE2b hash of a source's name, as an unsigned integer.

    A control recipe, `tablet@3` of order line 3, draws as its master recipe does.

    >>> hex(source_hash("press/production_stops/between"))
    '0x369fba95c9b709ec'
    """
    name = _ORDER_LINE.sub("", name)
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def stream_key(seed: int, replication: int, source: int) -> tuple[int, int]:
    """Return the two key words of a source's stream: Philox of (seed, replication), keyed by the source.

    `seed` below 2**64, `replication` below 2**32, `source` a `source_hash`. Raises `ValueError` outside.
    """
    if not 0 <= seed < 2**64:
        raise ValueError(f"The seed is {seed}; it is a whole number from 0 to 2**64 - 1.")
    if not 0 <= replication < 2**32:
        raise ValueError(f"The replication is {replication}; it is a whole number from 0 to 2**32 - 1.")
    low = 0xFFFFFFFF
    words = philox(source & low, source >> 32, seed & low, seed >> 32, replication, 0)
    return int(words[0]), int(words[1])


@compiled
def philox(
    k0: int, k1: int, c0: int, c1: int, c2: int, c3: int
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Return the four 32-bit words of Philox4x32-10 for a key of two words and a counter of four.

    J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11,
    2011, doi 10.1145/2063384.2063405.
    """
    key0 = np.uint64(k0) & _LOW_WORD
    key1 = np.uint64(k1) & _LOW_WORD
    x0 = np.uint64(c0) & _LOW_WORD
    x1 = np.uint64(c1) & _LOW_WORD
    x2 = np.uint64(c2) & _LOW_WORD
    x3 = np.uint64(c3) & _LOW_WORD
    for _ in range(10):
        first = _FIRST_MULTIPLIER * x0
        second = _SECOND_MULTIPLIER * x2
        x0 = (second >> _WORD) ^ x1 ^ key0
        x1 = second & _LOW_WORD
        x2 = (first >> _WORD) ^ x3 ^ key1
        x3 = first & _LOW_WORD
        key0 = (key0 + _FIRST_WEYL) & _LOW_WORD
        key1 = (key1 + _SECOND_WEYL) & _LOW_WORD
    return x0, x1, x2, x3


@compiled
def between_zero_and_one(w0: np.uint64, w1: np.uint64) -> float:
    """Return the 53-bit number strictly between 0 and 1 that two 32-bit words stand for."""
    high = np.float64(w0 >> np.uint64(5))
    low = np.float64(w1 >> np.uint64(6))
    # The highest of the 2**53 numbers would round up to 1.
    return min((high * 67108864.0 + low + 0.5) * 2.0**-53, _JUST_BELOW_ONE)


@compiled
def uniform(key: tuple[int, int], c0: int, c1: int, c2: int, c3: int) -> float:
    """Return the uniform of a stream at an address, strictly between 0 and 1, with 53 bits."""
    words = philox(key[0], key[1], c0, c1, c2, c3)
    return between_zero_and_one(words[0], words[1])


# Inverses of cumulative distributions


@compiled
def _ratio(coefficients: tuple[tuple[float, float], ...], x: float) -> float:
    """Return a ratio of polynomials, coefficients of (above, below) with the highest power first."""
    above = 0.0
    below = 0.0
    for a, b in coefficients:
        above = above * x + a
        below = below * x + b
    return above / below


@compiled
def normal_quantile(u: float) -> float:
    """Return the standard normal quantile, to about 16 digits, for 0 < u < 1.

    M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics
    37(3), 477-484, 1988, doi 10.2307/2347330; routine PPND16.
    """
    q = u - 0.5
    if abs(q) <= 0.425:
        return q * _ratio(_CENTRE, 0.180625 - q * q)
    r = math.sqrt(-math.log(min(u, 1.0 - u)))
    size = _ratio(_SHOULDER, r - 1.6) if r <= 5.0 else _ratio(_TAIL, r - 5.0)
    return math.copysign(size, q)


@compiled
def _log_gamma_density(shape: float, x: float) -> float:
    """Return log(x**shape * exp(-x) / Gamma(shape)), without cancellation where the shape is large."""
    if shape < _STIRLING_SHAPE:
        return shape * math.log(x) - x - math.lgamma(shape)
    deviation = (x - shape) / shape
    square = 1.0 / (shape * shape)
    remainder = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / shape
    return shape * (math.log1p(deviation) - deviation) + 0.5 * math.log(shape / (2 * math.pi)) - remainder


@compiled
def gamma_tails(shape: float, x: float) -> tuple[float, float]:
    """Return the lower and the upper regularised incomplete gamma function, P and Q with P + Q = 1.

    Series below `shape + 1`, Legendre's continued fraction above (Abramowitz & Stegun 6.5.29 and 6.5.31), to
    about 14 digits, in at most 10,000 terms.
    """
    if x <= 0.0:
        return 0.0, 1.0
    density = math.exp(_log_gamma_density(shape, x))
    if x < shape + 1.0:
        term = 1.0 / shape
        total = term
        for n in range(1, 10_000):
            term *= x / (shape + n)
            total += term
            if term < total * 1e-17:
                break
        lower = min(density * total, 1.0)
        return lower, 1.0 - lower
    b = x + 1.0 - shape
    c = 1e300
    d = 1.0 / b
    fraction = d
    for n in range(1, 10_000):
        a = n * (shape - n)
        b += 2.0
        d = 1.0 / (a * d + b)
        c = b + a / c
        change = c * d
        fraction *= change
        if abs(change - 1.0) < 1e-16:
            break
    upper = min(density * fraction, 1.0)
    return 1.0 - upper, upper


@compiled
def gamma_quantile(shape: float, u: float) -> float:
    """Return the quantile of the gamma distribution of scale 1, to about 12 digits.

    At most 40 Newton steps on the logarithm of the nearer tail as a function of log x, from Wilson and
    Hilferty's approximation or, where it is lower, from the bound P <= x**shape / Gamma(shape + 1).
    """
    bound = (math.log(u) + math.lgamma(shape + 1.0)) / shape
    if bound < -700.0:
        return math.exp(bound)  # P is x**shape / Gamma(shape + 1) to the last digit here
    ninth = 1.0 / (9.0 * shape)
    root = 1.0 - ninth + normal_quantile(u) * math.sqrt(ninth)
    y = bound
    if root > 0.0:
        y = max(bound, math.log(shape) + 3.0 * math.log(root))
    for _ in range(40):
        x = math.exp(y)
        lower, upper = gamma_tails(shape, x)
        density = math.exp(_log_gamma_density(shape, x))
        if u <= 0.5:
            step = (math.log(u) - math.log(lower)) * lower / density
        else:
            step = (math.log(upper) - math.log1p(-u)) * upper / density
        y += min(max(step, -2.0), 2.0)
        if abs(step) < 1e-15:
            break
    return math.exp(y)


@compiled
def poisson_quantile(mean: float, u: float) -> float:
    """Return the least count whose cumulative probability is at least `u`.

    By summing probabilities up to a mean of 32, above it by bisection on the incomplete gamma function.
    """
    if mean <= _SUMMED_POISSON_MEAN:
        probability = math.exp(-mean)
        total = probability
        count = 0
        while total < u and count < 256:
            count += 1
            probability *= mean / count
            total += probability
        return float(count)
    spread = 40.0 * math.sqrt(mean)
    below = max(math.floor(mean - spread), 0.0) - 1.0
    enough = math.ceil(mean + spread) + 40.0
    while enough - below > 1.0:
        middle = math.floor((below + enough) / 2.0)
        lower, upper = gamma_tails(middle + 1.0, mean)
        reached = upper >= u if u <= 0.5 else lower <= 1.0 - u
        if reached:
            enough = middle
        else:
            below = middle
    return enough


@compiled
def inverse(kind: int, p0: float, p1: float, p2: float, table: npt.NDArray[np.float64], u: float) -> float:
    """Return the quantile of a compiled distribution at `u`, strictly between 0 and 1.

    The numbers of the kinds are those of `distributions.KINDS`.
    """
    if kind == 0:
        return p0
    if kind == 1:
        return p0 + (p1 - p0) * u
    if kind == 2:
        rising = p1 - p0
        width = p2 - p0
        if u * width <= rising:
            return p0 + math.sqrt(u * width * rising)
        return p2 - math.sqrt((1.0 - u) * width * (p2 - p1))
    if kind == 3:
        return -p0 * math.log1p(-u)
    if kind == 4:
        below = (1.0 - p2) + p2 * u
        z = normal_quantile(below) if below <= 0.5 else -normal_quantile(p2 * (1.0 - u))
        return max(p0 + p1 * z, 0.0) if p2 < 1.0 else p0 + p1 * z
    if kind == 5:
        return math.exp(p0 + p1 * normal_quantile(u))
    if kind == 6:
        return p1 * math.pow(-math.log1p(-u), 1.0 / p0)
    if kind == 7:
        return p1 * gamma_quantile(p0, u)
    if kind == 8:
        return poisson_quantile(p0, u)
    last = table.shape[1] - 1
    place = 0
    while place < last and table[0, place] < u:
        place += 1
    return float(table[1, place])


# Draws


@compiled
def draw(
    kind: int,
    p0: float,
    p1: float,
    p2: float,
    table: npt.NDArray[np.float64],
    k0: int,
    k1: int,
    c0: int,
    c1: int,
    c2: int,
    c3: int,
) -> float:
    """Return the draw of a compiled distribution from the stream (k0, k1) at the address (c0, c1, c2, c3)."""
    return inverse(kind, p0, p1, p2, table, uniform((k0, k1), c0, c1, c2, c3))


@compiled
def draw_nanoseconds(
    kind: int,
    p0: float,
    p1: float,
    p2: float,
    table: npt.NDArray[np.float64],
    k0: int,
    k1: int,
    c0: int,
    c1: int,
    c2: int,
    c3: int,
) -> int:
    """Return `draw` of seconds as whole nanoseconds, rounded half to even and cut off at `LONGEST`."""
    seconds = inverse(kind, p0, p1, p2, table, uniform((k0, k1), c0, c1, c2, c3))
    return round(min(seconds * 1e9, LONGEST))  # not NumPy's `rint`, which compiled code on a GPU has not


def draw_block(
    kind: int,
    p0: float,
    p1: float,
    p2: float,
    table: npt.NDArray[np.float64],
    k0: int,
    k1: int,
    first: int,
    count: int,
) -> npt.NDArray[np.float64]:
    """Return the draws at the addresses (first, 0, 0, 0) to (first + count - 1, 0, 0, 0), shape (count,)."""
    values = np.empty(count, dtype=np.float64)
    _fill_block(kind, p0, p1, p2, table, k0, k1, first, values)
    return values


@compiled
def _fill_block(
    kind: int,
    p0: float,
    p1: float,
    p2: float,
    table: npt.NDArray[np.float64],
    k0: int,
    k1: int,
    first: int,
    values: npt.NDArray[np.float64],
) -> None:
    for i in range(len(values)):
        values[i] = draw(kind, p0, p1, p2, table, k0, k1, first + i, 0, 0, 0)


def draw_nanoseconds_block(
    kind: int,
    p0: float,
    p1: float,
    p2: float,
    table: npt.NDArray[np.float64],
    k0: int,
    k1: int,
    first: int,
    count: int,
) -> npt.NDArray[np.int64]:
    """Return `draw_nanoseconds` at the same addresses as `draw_block`, shape (count,)."""
    values = np.empty(count, dtype=np.int64)
    _fill_nanoseconds(kind, p0, p1, p2, table, k0, k1, first, values)
    return values


@compiled
def _fill_nanoseconds(
    kind: int,
    p0: float,
    p1: float,
    p2: float,
    table: npt.NDArray[np.float64],
    k0: int,
    k1: int,
    first: int,
    values: npt.NDArray[np.int64],
) -> None:
    for i in range(len(values)):
        values[i] = draw_nanoseconds(kind, p0, p1, p2, table, k0, k1, first + i, 0, 0, 0)


def draw_addresses(
    kind: int,
    p0: float,
    p1: float,
    p2: float,
    table: npt.NDArray[np.float64],
    source: int,
    seed: int,
    replication: npt.NDArray[np.int64],
    c0: npt.NDArray[np.int64],
    c1: npt.NDArray[np.int64],
    c2: npt.NDArray[np.int64],
    c3: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Return the draws of a source at addresses of several replications; arrays of shape (n,).

    `source`, a `source_hash`, and `seed` come as `uint64`, so that one compiled form serves all.
    """
    values = np.empty(len(c0), dtype=np.float64)
    _fill_addresses(kind, p0, p1, p2, table, source, seed, replication, c0, c1, c2, c3, values)
    return values


@compiled
def _fill_addresses(
    kind: int,
    p0: float,
    p1: float,
    p2: float,
    table: npt.NDArray[np.float64],
    source: int,
    seed: int,
    replication: npt.NDArray[np.int64],
    c0: npt.NDArray[np.int64],
    c1: npt.NDArray[np.int64],
    c2: npt.NDArray[np.int64],
    c3: npt.NDArray[np.int64],
    values: npt.NDArray[np.float64],
) -> None:
    s0, s1, e0, e1 = source, source >> 32, seed, seed >> 32
    for i in range(len(c0)):
        words = philox(s0, s1, e0, e1, replication[i], 0)
        k0, k1 = int(words[0]), int(words[1])
        values[i] = draw(kind, p0, p1, p2, table, k0, k1, c0[i], c1[i], c2[i], c3[i])
