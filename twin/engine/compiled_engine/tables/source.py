"""Sources of draws."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    KIND,
    REALS,  # where its three parameters stand in the plant's reals
    TABLE,  # where its table stands there: values below, values
    TABLE_N,  # columns of the table
    HASH_LOW,
    HASH_HIGH,
) = range(6)
PLAN = 6  # columns

# Of the replication.
(
    KEY0,
    KEY1,
) = range(2)
NOW = 2  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a source of draws begins in the plant's integers."""
    return p[head.SOURCE_PLAN] + number * PLAN


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of a source of draws begins in the replication's integers."""
    return s[head.SOURCE_NOW] + number * NOW
