"""Lots that wait for results of tests, where lots are divided or merge: a row for each lot and test."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the replication.
(
    JOB,  # slot of the test
    LOT,  # slot of the lot that waits
    INQUIRY,
) = range(3)
NOW = 3  # columns


@inner
def now(s: Integers, number: int) -> int:
    """Where a row begins in the replication's integers."""
    return s[head.RESULTS] + number * NOW
