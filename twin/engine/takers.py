"""Rows handed from compiled code to compiled code that it does not know, by address: no interpreter between.

An engine's kernel hands a replication's rows over while they are in the processor's cache; who takes them
gives a `Taker`. Called by `compiled_engine.blocks` and by `experiment.folding`, on CPUs only. Where Numba is
switched off nothing has an address, and rows go through `rows.Takes.rows`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from twin.physics.kernels.compiled import Intrinsic


class Taker(NamedTuple):
    """A compiled function that takes the rows of one replication, in the thread that calls it.

    At `address` stands machine code, called as `kernels.calling` says, of five whole numbers: `context`; the
    replication's place among those begun together; and the addresses of a row as those of `rows.Stores.at`,
    and of the whole numbers and the reals that this refers to. It gives a whole number, 1 when it has taken
    all, and 0 where it lacks room for the rest: then the same rows must go through `rows.Takes.rows`, which
    makes room and goes on.
    """

    address: int
    context: int


_HERE = "twin.engine.handing_over"
hand_over: Any = Intrinsic(
    f"{_HERE}:hand_over"
)  # (taker's address, context, place, at, whole, reals) to 1 or 0
integers_at: Any = Intrinsic(f"{_HERE}:integers_at")  # whole numbers from an address on
reals_at: Any = Intrinsic(f"{_HERE}:reals_at")  # reals from an address on
