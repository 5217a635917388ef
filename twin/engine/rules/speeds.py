"""How fast a unit is: processing takes the time drawn or computed, divided by the unit's speed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twin.engine.draws import LONGEST


def processing_time(seconds: float, speed: float) -> int:
    """Processing in ns of what takes `seconds` at speed 1; rounded once, half to even, up to `LONGEST`."""
    return round(min(seconds / speed * 1e9, LONGEST))


def processing_times(
    seconds: npt.NDArray[np.float64], speed: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64]:
    """`processing_time` of arrays of shape (n,).

    >>> processing_times(np.array([1e-9, 5e-9]), np.array([2.0, 2.0])).tolist()
    [0, 2]
    """
    return np.rint(np.minimum(seconds / speed * 1e9, LONGEST)).astype(np.int64)
