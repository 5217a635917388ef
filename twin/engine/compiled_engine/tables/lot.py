"""Lots, in slots; a job (a task of a unit, a dirty container) is one with a number below 0."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Eight to a line of the processor's cache: those together that are asked for together. What comes before a
# lot in a chain stands behind what comes next.
(
    NUMBER,
    NEXT,  # in its line, or among free slots
    PREVIOUS,
    OPERATION,
    PLACE,  # where it stands, for transport
    HOLDER,  # the unit on which it waits
    PARTS,  # into which it is to be divided when it is laid down
    KEPT_BY,  # the unit that is cleaned or set up for it
    IN_LINE,
    CONTAINER,
    STORED,  # the storage in which it waits
    LOSES_PATIENCE,
    MOVING,  # on its way to a storage
    QUANTITY,
    ORDER,
    CLEANED_AGAIN,  # a job for a container that has stood clean for too long
    QUEUE_NEXT,  # for a place
    QUEUE_PREVIOUS,
    ARRIVED,  # ns
    PRIORITY,
    STRAYED,  # from what was computed ahead of it
    READY,  # ns; since when it waits
    SPLIT_AT,  # operation at the end of which it was split
    BORN,  # parts so far, those of earlier splits included
    TURN_NEXT,  # in its line, by priority
    TURN_PREVIOUS,
    LATER,  # the next of a list of lots of this instant
    DUE,  # ns
    VISITS,  # here begin the visits to each operation of its recipe so far
) = range(29)


@inner
def now(s: Integers, slot: int) -> int:
    """Where the row of a lot begins in the replication's integers; it is as wide as recipes are long."""
    return s[head.LOT_NOW] + slot * s[head.LOT_WIDTH]
