"""A fed-batch culture from inoculation to harvest: the whole integration of one lot as plain loops.

The equations are those of `twin.physics.biologics.cell_growth`, whose array form is the reference; what this
file adds is speed. Amounts are counted for each cubic metre inoculated. Lactate is not integrated: it is
what all glucose so far gave, less what the glucose left can still give. Four components act on one another
(viable cells, glucose, glutamine, ammonia), so that a step factors a matrix of four; dead cells, lysed cells
and the time that viable cells lived follow from them. Called by `launch` for `fed_batch_culture`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from twin.physics.kernels.compiled import compiled
from twin.physics.kernels.launch import Floats, Integers, Kernel

INPUTS = (
    "growth_rate",
    "death_rate",
    "starvation_rate",
    "starvation_half",
    "lysis_rate",
    "glucose_half",
    "glutamine_half",
    "lactate_inhibition",
    "ammonia_inhibition",
    "lactate_death",
    "ammonia_death",
    "cells_per_glucose",
    "cells_per_glutamine",
    "lactate_per_glucose",
    "ammonia_per_glutamine",
    "ammonia_uptake",
    "ammonia_uptake_half",
    "glucose_maintenance",
    "glutamine_maintenance",
    "glutamine_maintenance_half",
    "glutamine_decay",
    "oxygen_uptake",
    "oxygen_half",
    "oxygen_transfer_coefficient",
    "oxygen_saturation",
    "oxygen_setpoint",
    "inoculation_density",
    "inoculum_viability",
    "start_glucose",
    "start_glutamine",
    "culture_duration",
    "harvest_viability",
    "sampling_interval",
    "feed_start",
    "feed_rate",
    "bolus_volume",
    "feed_glucose",
    "feed_glutamine",
    "glucose_target",
    "glucose_stock",
)
OUTPUTS = (
    "duration",
    "volume",
    "viable",
    "glucose",
    "glutamine",
    "ammonia",
    "dead",
    "lysed",
    "viable_time",
    "lactate",
    "peak_density",
    "peak_uptake",
    "limited_time",
    "deepest_deficit",
    "roughest_step",
)

(
    _MU,
    _KD,
    _KS,
    _HS,
    _LYSIS,
    _KG,
    _KQ,
    _IL,
    _IA,
    _DL,
    _DA,
    _YG,
    _YQ,
    _YL,
    _YA,
    _RA,
    _RK,
    _MG,
    _A1,
    _A2,
    _DQ,
) = range(21)
(_QO, _KO, _KLA, _OSAT, _OSET, _N0, _VIABLE, _G0, _Q0) = range(21, 30)
(_LAST, _LOWEST, _EVERY, _FROM, _RATE, _BOLUS, _FG, _FQ, _TARGET, _STOCK) = range(30, 40)

# Where things lie in the scratch: a state has viable cells, glucose, glutamine, ammonia, dead cells, lysed
# cells and time lived, in this order.
_N, _G, _Q, _A, _D, _E, _C = range(7)
_STATE, _STAGE, _SLOPE, _BY_TIME, _K1, _K2, _K3, _K4 = 0, 7, 14, 21, 28, 35, 42, 49
_SUPPLY = 56  # lactate so far, and what the glucose left can still give
_JACOBIAN, _MATRIX = 57, 82  # five rows (dead cells the last), by four components and by the supply
_SHARES = 82 + 16  # what growth takes of glucose and glutamine and gives of ammonia, a cell
_WORK = 101


@compiled
def oxygen_factor(p: Floats, density: float) -> tuple[float, float]:
    """Return the factor of growth at a cell density, and its derivative; see `cell_growth`."""
    demand = p[_QO] * density
    if demand <= p[_KLA] * (p[_OSAT] - p[_OSET]):
        return 1.0, 0.0
    scale = (p[_KO] + p[_OSET]) / p[_OSET]
    half_sum = p[_KO] + scale * demand / p[_KLA] - p[_OSAT]
    root = math.sqrt(half_sum * half_sum + 4.0 * p[_KO] * p[_OSAT])
    oxygen = 2.0 * p[_KO] * p[_OSAT] / (half_sum + root) if half_sum > 0.0 else 0.5 * (root - half_sum)
    left = p[_KLA] * (p[_OSAT] - oxygen) / demand
    return left, (scale * oxygen / root - left) / density


@compiled
def slopes(p: Floats, volume: float, feed: float, w: Floats, at: int) -> None:
    """Fill the slopes at the state in `w[at:]`; `feed` is the rate of feeding."""
    over = 1.0 / volume
    n = w[at + _N]
    glucose = max(w[at + _G], 0.0) * over
    glutamine = max(w[at + _Q], 0.0) * over
    ammonia = max(w[at + _A], 0.0) * over
    lactate = max(w[_SUPPLY] - p[_YL] * w[at + _G], 0.0) * over
    growth = p[_MU] * oxygen_factor(p, n * over)[0]
    growth *= glucose * glutamine / ((p[_KG] + glucose) * (p[_KQ] + glutamine))
    growth *= p[_IL] * p[_IA] / ((p[_IL] + lactate) * (p[_IA] + ammonia))
    death = p[_KD] * lactate * ammonia / ((p[_DL] + lactate) * (p[_DA] + ammonia))
    if p[_KS] > 0.0:
        death += p[_KS] * p[_HS] / (p[_HS] + glucose)
    eaten = p[_MG] * glucose / (p[_KG] + glucose)
    kept = p[_A1] * glutamine / (p[_A2] + glutamine)
    taken = p[_RA] * ammonia / (p[_RK] + ammonia)
    _balance(p, feed, w, at, growth, death, eaten, kept, taken)


@compiled
def _balance(
    p: Floats,
    feed: float,
    w: Floats,
    at: int,
    growth: float,
    death: float,
    eaten: float,
    kept: float,
    taken: float,
) -> None:
    """Fill the slopes from what a cell does a second: grow, die, and take up beside growth."""
    n, decay = w[at + _N], p[_DQ] * max(w[at + _Q], 0.0)
    w[_SLOPE + _N] = (growth - death) * n
    w[_SLOPE + _G] = feed * p[_FG] - (growth * w[_SHARES] + eaten) * n
    w[_SLOPE + _Q] = feed * p[_FQ] - (growth * w[_SHARES + 1] + kept) * n - decay
    w[_SLOPE + _A] = (growth * w[_SHARES + 2] - taken) * n + decay
    w[_SLOPE + _D] = death * n - p[_LYSIS] * w[at + _D]
    w[_SLOPE + _E] = p[_LYSIS] * w[at + _D]
    w[_SLOPE + _C] = n


@compiled
def linearise(p: Floats, volume: float, feed: float, w: Floats) -> None:
    """Fill the slopes at the state and their derivatives: by each component, and by the supply of lactate."""
    over = 1.0 / volume
    n = w[_N] * over
    glucose, glutamine = max(w[_G], 0.0) * over, max(w[_Q], 0.0) * over
    ammonia, lactate = max(w[_A], 0.0) * over, max(w[_SUPPLY] - p[_YL] * w[_G], 0.0) * over
    factor, by_density = oxygen_factor(p, n)
    g, q = 1.0 / (p[_KG] + glucose), 1.0 / (p[_KQ] + glutamine)
    i, j = 1.0 / (p[_IL] + lactate), 1.0 / (p[_IA] + ammonia)
    x, y = 1.0 / (p[_DL] + lactate), 1.0 / (p[_DA] + ammonia)
    e, f = 1.0 / (p[_A2] + glutamine), 1.0 / (p[_RK] + ammonia)
    free = p[_MU] * p[_IL] * i * p[_IA] * j  # growth where neither substrates nor oxygen limit it
    fed = glucose * g * glutamine * q
    growth = free * fed * factor
    poisoned = p[_KD] * lactate * x * ammonia * y
    hunger = 1.0 / (p[_HS] + glucose)
    death = poisoned + p[_KS] * p[_HS] * hunger
    eaten, kept, taken = p[_MG] * glucose * g, p[_A1] * glutamine * e, p[_RA] * ammonia * f
    _balance(p, feed, w, _STATE, growth, death, eaten, kept, taken)
    growth_l, death_l = -growth * i, p[_KD] * ammonia * y * p[_DL] * x * x
    growth_g = free * factor * glutamine * q * p[_KG] * g * g - p[_YL] * growth_l
    _columns(w, 0, n * free * fed * by_density, 0.0)
    _columns(w, 1, n * growth_g, -n * (p[_YL] * death_l + p[_KS] * p[_HS] * hunger * hunger))
    _columns(w, 2, n * free * factor * glucose * g * p[_KQ] * q * q, 0.0)
    _columns(w, 3, -n * growth * j, n * p[_KD] * lactate * x * p[_DA] * y * y)
    _columns(w, 4, n * growth_l, n * death_l)
    w[_JACOBIAN] += growth - death
    w[_JACOBIAN + 5] -= growth * w[_SHARES] + eaten
    w[_JACOBIAN + 6] -= n * p[_MG] * p[_KG] * g * g
    w[_JACOBIAN + 10] -= growth * w[_SHARES + 1] + kept
    w[_JACOBIAN + 12] -= n * p[_A1] * p[_A2] * e * e + p[_DQ]
    w[_JACOBIAN + 15] += growth * w[_SHARES + 2] - taken
    w[_JACOBIAN + 17] += p[_DQ]
    w[_JACOBIAN + 18] -= n * p[_RA] * p[_RK] * f * f
    w[_JACOBIAN + 20] += death


@compiled
def _columns(w: Floats, column: int, growth: float, death: float) -> None:
    """Fill what a component does to all slopes by way of growth and death."""
    w[_JACOBIAN + column] = growth - death
    w[_JACOBIAN + 5 + column] = -growth * w[_SHARES]
    w[_JACOBIAN + 10 + column] = -growth * w[_SHARES + 1]
    w[_JACOBIAN + 15 + column] = growth * w[_SHARES + 2]
    w[_JACOBIAN + 20 + column] = death


@compiled
def by_time(p: Floats, volume: float, feed: float, w: Floats) -> None:
    """Fill the derivatives of the slopes by time: feed dilutes, and brings glucose, lactate to come."""
    over = 1.0 / volume
    n, glucose = w[_N] * over, max(w[_G], 0.0) * over
    glutamine, ammonia = max(w[_Q], 0.0) * over, max(w[_A], 0.0) * over
    supply = p[_YL] * p[_FG] - w[_SUPPLY] * over
    for r in range(5):
        row = _JACOBIAN + 5 * r
        made = w[_SLOPE + r]
        if r == _G:
            made -= feed * p[_FG]
        elif r == _Q:
            made -= feed * p[_FQ]
        elif r == _D:
            made += p[_LYSIS] * w[_D]
        moved = w[row] * n + w[row + 1] * glucose + w[row + 2] * glutamine + w[row + 3] * ammonia
        w[_BY_TIME + r] = feed * (made * over - moved + w[row + 4] * supply)


@compiled
def factor(w: Floats, diagonal: float) -> None:
    """Fill the factors of `diagonal` less the Jacobian of four; pivots as their reciprocals."""
    for i in range(4):
        for j in range(4):
            w[_MATRIX + 4 * i + j] = -w[_JACOBIAN + 5 * i + j]
        w[_MATRIX + 5 * i] += diagonal
    for i in range(4):
        pivot = 1.0 / w[_MATRIX + 5 * i]
        w[_MATRIX + 5 * i] = pivot
        for k in range(i + 1, 4):
            share = w[_MATRIX + 4 * k + i] * pivot
            w[_MATRIX + 4 * k + i] = share
            for j in range(i + 1, 4):
                w[_MATRIX + 4 * k + j] -= share * w[_MATRIX + 4 * i + j]


@compiled
def solve(p: Floats, w: Floats, k: int, half_step: float) -> None:
    """Turn the right side in `w[k:]` into the stage: four components together, then what follows."""
    for i in range(1, 4):
        for j in range(i):
            w[k + i] -= w[_MATRIX + 4 * i + j] * w[k + j]
    for i in range(3, -1, -1):
        for j in range(i + 1, 4):
            w[k + i] -= w[_MATRIX + 4 * i + j] * w[k + j]
        w[k + i] *= w[_MATRIX + 5 * i]
    for j in range(4):
        w[k + _D] += w[_JACOBIAN + 20 + j] * w[k + j]
    w[k + _D] *= half_step / (1.0 + half_step * p[_LYSIS])
    w[k + _E] = half_step * (w[k + _E] + p[_LYSIS] * w[k + _D])
    w[k + _C] = half_step * (w[k + _C] + w[k + _N])


@compiled
def step(p: Floats, volume: float, feed: float, span: float, w: Floats) -> None:
    """Move the state on by `span`, with one step of Rodas3; see `cell_growth`."""
    over, later = 1.0 / span, volume + span * feed
    linearise(p, volume, feed, w)
    if feed > 0.0:
        by_time(p, volume, feed, w)
    factor(w, 2.0 * over)
    for i in range(7):
        dilution = span * w[_BY_TIME + i] if feed > 0.0 and i < 5 else 0.0
        w[_K1 + i] = w[_SLOPE + i] + 0.5 * dilution
        w[_K2 + i] = w[_SLOPE + i] + 1.5 * dilution
    solve(p, w, _K1, 0.5 * span)
    for i in range(7):
        w[_K2 + i] += 4.0 * over * w[_K1 + i]
        w[_STAGE + i] = w[_STATE + i] + 2.0 * w[_K1 + i]
    solve(p, w, _K2, 0.5 * span)
    w[_SUPPLY] += span * feed * p[_YL] * p[_FG]
    slopes(p, later, feed, w, _STAGE)
    for i in range(7):
        w[_K3 + i] = w[_SLOPE + i] + over * (w[_K1 + i] - w[_K2 + i])
    solve(p, w, _K3, 0.5 * span)
    for i in range(7):
        w[_STAGE + i] += w[_K3 + i]
    slopes(p, later, feed, w, _STAGE)
    for i in range(7):
        w[_K4 + i] = w[_SLOPE + i] + over * (w[_K1 + i] - w[_K2 + i] - 8.0 / 3.0 * w[_K3 + i])
    solve(p, w, _K4, 0.5 * span)
    for i in range(7):
        w[_STATE + i] = w[_STAGE + i] + w[_K4 + i]


@compiled
def add(p: Floats, w: Floats, share: float, glucose: float, glutamine: float) -> None:
    """Add a volume of feed, a share of that inoculated, of these concentrations."""
    w[_G] += share * glucose
    w[_Q] += share * glutamine
    w[_SUPPLY] += p[_YL] * share * glucose


@compiled
def feed_at_sample(p: Floats, volume: float, w: Floats) -> float:
    """Give the bolus, then raise glucose to its target; return the volume afterwards."""
    add(p, w, p[_BOLUS], p[_FG], p[_FQ])
    volume += p[_BOLUS]
    lacking = p[_TARGET] * volume - w[_G]
    if lacking > 0.0:
        share = lacking / (p[_STOCK] - p[_TARGET])
        add(p, w, share, p[_STOCK], 0.0)
        volume += share
    return volume


@compiled
def watch(p: Floats, volume: float, span: float, w: Floats, outputs: Floats) -> None:
    """Keep the peaks, the time short of oxygen, how far below nothing a component came, and what the embedded
    second order made of the step's cells otherwise.
    """
    density = w[_N] / volume
    share = oxygen_factor(p, density)[0]
    outputs[10] = max(outputs[10], density)
    outputs[11] = max(outputs[11], p[_QO] * density * share)
    if share < 1.0:
        outputs[12] += span
    deficit = max(-w[_G] / p[_KG], max(-w[_Q] / p[_KQ], -w[_A] / p[_RK])) / volume
    outputs[13] = max(outputs[13], deficit)
    missed = max(abs(w[_K4 + _N]), max(abs(w[_K4 + _D]), abs(w[_K4 + _E])))
    outputs[14] = max(outputs[14], missed / abs(w[_N] + w[_D] + w[_E]))


@compiled
def inoculate(p: Floats, w: Floats, outputs: Floats) -> None:
    """Set the state at the start and clear the outputs."""
    for i in range(7):
        w[_STATE + i] = 0.0
    for i in range(15):
        outputs[i] = 0.0
    w[_N], w[_G], w[_Q] = p[_N0], p[_G0], p[_Q0]
    w[_D] = p[_N0] * (1.0 - p[_VIABLE]) / p[_VIABLE]
    w[_SUPPLY] = p[_YL] * p[_G0]
    w[_SHARES], w[_SHARES + 1] = 1.0 / p[_YG], 1.0 / p[_YQ]
    w[_SHARES + 2] = p[_YA] / p[_YQ]


@compiled
def one(sizes: Integers, inputs: Floats, outputs: Floats, work: Floats) -> None:
    """Integrate one lot; `sizes` are the most samplings and the steps between two."""
    p, w = inputs, work
    inoculate(p, w, outputs)
    volume, time = 1.0, 0.0
    for sample in range(sizes[0]):
        begin = sample * p[_EVERY]
        left = p[_LAST] - begin
        if not left > 1e-9 * p[_LAST]:
            break
        feed = 0.0
        if begin >= p[_FROM]:
            feed = p[_RATE]
            volume = feed_at_sample(p, volume, w)
        length = min(p[_EVERY], left)
        span = length / sizes[1]
        for _ in range(sizes[1]):
            step(p, volume, feed, span, w)
            volume += span * feed
            watch(p, volume, span, w, outputs)
        time = begin + length
        if not w[_N] >= p[_LOWEST] * (w[_N] + w[_D]):
            break
    outputs[0], outputs[1] = time, volume
    outputs[2], outputs[3], outputs[4], outputs[5] = w[_N], w[_G], w[_Q], w[_A]
    outputs[6], outputs[7], outputs[8] = w[_D], w[_E], w[_C]
    outputs[9] = w[_SUPPLY] - p[_YL] * w[_G]


@compiled
def several(sizes: Integers, inputs: Floats, outputs: Floats, work: Floats, first: int, last: int) -> None:
    """Integrate lots `first` to `last` - 1."""
    for lot in range(first, last):
        one(sizes, inputs[lot], outputs[lot], work)


def work(sizes: Sequence[int]) -> int:
    """Return the length of a lot's scratch."""
    return _WORK


CULTURE = Kernel("fed_batch_culture", one, several, len(OUTPUTS), work)
