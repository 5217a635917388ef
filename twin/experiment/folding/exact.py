"""Sums of reals of which no bit is lost, in fixed point of 32 bits a limb, so that they are rounded once.

Compiled; called by `lots.py` and `visits.py`, and at the end of replications by `folds.py`.

Source: Kulisch, Very fast and exact accumulation of products, Computing 91, 2011.
"""

from __future__ import annotations

import math

import numpy as np

from twin.experiment.arrays import Integers, Reals
from twin.experiment.folding.compiling import entry
from twin.physics.kernels.compiled import inlined

NONE = -1
REAL_LIMB, REAL_LIMBS, REAL_ONE = 32, 68, 1126  # bits of a limb, limbs, and the bit of 1
_REAL_MASK = (1 << REAL_LIMB) - 1
NOT_FINITE = REAL_LIMBS  # the column of a real that is 1 for ∞, + 2 for -∞, + 4 for NaN


@entry
def add_real(value: float, limbs: Integers, k: int) -> None:
    """Add a real to a sum in fixed point, of which no bit is lost."""
    if not math.isfinite(value):
        limbs[k, NOT_FINITE] |= 4 if math.isnan(value) else 1 if value > 0 else 2
        return
    fraction, exponent = math.frexp(value)
    digits = np.int64(fraction * 9007199254740992.0)  # 2⁵³
    sign = 1 if digits >= 0 else -1
    digits *= sign
    position = exponent - 53 + REAL_ONE
    limb, shift = position >> 5, position & 31
    low = (digits & _REAL_MASK) << shift
    high = ((digits >> REAL_LIMB) << shift) + (low >> REAL_LIMB)
    limbs[k, limb] += sign * (low & _REAL_MASK)
    limbs[k, limb + 1] += sign * (high & _REAL_MASK)
    limbs[k, limb + 2] += sign * (high >> REAL_LIMB)


@entry
def round_reals(places: Integers, limbs: Integers, found: Reals) -> None:
    """Round the sums in fixed point of replications, once each, to `found` (m, sums)."""
    for place in places:
        for k in range(limbs.shape[1]):
            found[place, k] = _rounded(limbs[place, k])


@inlined
def _rounded(limbs: Integers) -> float:
    """A sum in fixed point, rounded once, half to even; `limbs` are changed."""
    odd = limbs[NOT_FINITE]
    if odd:
        return math.inf if odd == 1 else -math.inf if odd == 2 else math.nan
    sign, top = 1.0, _carry(limbs)
    if top == NONE:  # below 0
        for k in range(REAL_LIMBS):
            limbs[k] = -limbs[k]
        limbs[REAL_LIMBS - 1] += 1 << REAL_LIMB
        sign, top = -1.0, _carry(limbs)
    if limbs[top] == 0:
        return 0.0
    length = REAL_LIMB * top
    while limbs[top] >> (length - REAL_LIMB * top) > 0:
        length += 1
    lowest = max(length - 53, REAL_ONE - 1074)  # the last bit that a double has room for
    digits, half, below = 0, False, False
    for k in range(top, -1, -1):
        shift = REAL_LIMB * k - lowest
        if shift >= 0:
            digits += limbs[k] << shift
        elif shift > -REAL_LIMB:
            digits += limbs[k] >> -shift
            half = (limbs[k] >> (-shift - 1)) & 1 == 1
            below = limbs[k] & ((1 << (-shift - 1)) - 1) != 0
        elif shift == -REAL_LIMB:
            half = limbs[k] >> (REAL_LIMB - 1) == 1
            below = limbs[k] & ((1 << (REAL_LIMB - 1)) - 1) != 0
        else:
            below = below or limbs[k] != 0
    if half and (below or digits & 1 == 1):
        digits += 1
    return sign * math.ldexp(float(digits), lowest - REAL_ONE)


@inlined
def _carry(limbs: Integers) -> int:
    """Have every limb hold its own bits only; returns the highest one that is not 0, and none where the sum
    is below 0.
    """
    top = carry = 0
    for k in range(REAL_LIMBS):
        total = limbs[k] + carry
        limbs[k], carry = total & _REAL_MASK, total >> REAL_LIMB
        if limbs[k]:
            top = k
    return top if carry >= 0 else NONE
