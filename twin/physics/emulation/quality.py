"""How good an emulator is, and how good it must be. `fitting` measures it, manifests state it.

Apart from the fit, because whoever only uses an emulator should not wait for SciPy.
"""

from __future__ import annotations

from dataclasses import dataclass

TOLERANCE = 0.1  # of the lot-to-lot noise, that the error of an output may be with 95 % confidence


@dataclass(frozen=True)
class Quality:
    """How well an output is emulated, by points that had no part in the fit.

    `noise` is the output's standard deviation between lots, in its unit; all errors are over it. `error` is
    the root mean square over lots, `bound` what that is below with 95 % confidence, given how few lots
    there are; `in_box` the root mean square over all points of the box, `largest` the largest of a lot.
    """

    method: str
    noise: float
    error: float
    bound: float
    in_box: float
    largest: float
