"""Physics of the compiled engine: what waiting replications ask the broker, and where the answers go.

The kernel returns when work waits for physics and nothing else can start; the units that ask stand in the
head's list of requests.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from twin.engine.broker import Answer, Request
from twin.engine.broker.rows import ABSENT, NO_TIME
from twin.engine.compiled_engine.endings import ATTRIBUTES, STATUS, YIELD
from twin.engine.compiled_engine.image import Image
from twin.engine.compiled_engine.tables import head, lot, unit
from twin.engine.program import PROCESSING

Integers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]


class CannotGoOnError(Exception):
    """A replication is stuck, time stands still, or physics gives no duration; the SimPy engine says why."""


def requests(of: Image, replication: int, s: Integers, f: Reals) -> Iterator[Request]:
    """The requests of a replication, in their order."""
    first = int(s[head.REQUESTS])
    for i in s[first : first + int(s[head.REQUESTS_N])].tolist():
        u = int(s[head.UNIT_NOW]) + i * unit.NOW
        slot = int(s[u + unit.LOT])
        b = int(s[head.LOT_NOW] + slot * s[head.LOT_WIDTH])
        carried = int(s[head.ATTRIBUTES_AT]) + slot * len(of.attributes)
        call = of.program.operations[int(s[u + unit.OPERATION])].physics
        assert call is not None
        yield Request(
            int(s[u + unit.OPERATION]),
            i,
            replication,
            int(s[b + lot.NUMBER]),
            int(s[u + unit.VISIT]),
            int(s[u + unit.ATTEMPT]),
            float(f[int(s[head.SPEEDS_AT]) + i]),
            int(s[b + lot.QUANTITY]),
            tuple(_brought(of, f, carried, name) for name, _ in call.carried),
        )


def _brought(of: Image, f: Reals, carried: int, name: str) -> float:
    """What a lot brings; `ABSENT` where it brings none."""
    if name not in of.attributes:
        return ABSENT
    value = float(f[carried + of.attributes.index(name)])
    return ABSENT if value != value else value


def put(of: Image, s: Integers, f: Reals, i: int, given: Answer) -> None:
    """Give a unit the answer to its request. Raises `CannotGoOnError` where there is none."""
    if given.time == NO_TIME:
        raise CannotGoOnError
    answers = int(s[head.ANSWERS_AT]) + i * (ATTRIBUTES + len(of.attributes))
    f[answers + YIELD], f[answers + STATUS] = given.good, given.status
    for k, name in enumerate(of.attributes):
        f[answers + ATTRIBUTES + k] = given.attributes.get(name, np.nan)
    s[int(s[head.DURATIONS] + i * s[head.STRETCHES]) + PROCESSING] = given.time
