"""What an engine asks physics and what it gets back, as plain rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

NO_TIME = -1
ABSENT = float("-inf")  # an attribute that a lot does not bring: its raw material's, or the model's default


class Request(NamedTuple):
    """A visit that waits for physics."""

    operation: int
    unit: int
    replication: int
    number: int  # of the lot
    visit: int
    attempt: int
    speed: float  # of the unit, now
    quantity: int  # mg or pieces of the lot, or of all lots that are done together
    brought: tuple[float, ...]  # of the call's `carried`, in its order; `ABSENT` where the lot brings none


class Answer(NamedTuple):
    """What physics says of a visit."""

    time: int  # ns of processing at the unit's speed, rounded once; `NO_TIME` where there is none
    seconds: float  # at speed 1, as computed
    good: float  # fraction, from 0 to 1
    status: int  # as in `physics.contract`
    attributes: dict[str, float]  # SI


class Visits(NamedTuple):
    """Visits to one operation as arrays of shape (n,); `brought` by name, `ABSENT` where there is none."""

    replication: Integers
    number: Integers
    visit: Integers
    attempt: Integers
    unit: Integers
    quantity: Integers
    brought: dict[str, Reals]
