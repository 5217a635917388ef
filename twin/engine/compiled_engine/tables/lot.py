"""Lots, in slots; a job (a task of a unit, a dirty container) is one with a number below 0."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

(
    NUMBER,
    ORDER,
    PRIORITY,
    OPERATION,
    QUANTITY,
    CONTAINER,
    HOLDER,  # the unit on which it waits
    STORED,  # the storage in which it waits
    PLACE,  # where it stands, for transport
    READY,  # ns; since when it waits
    DUE,  # ns
    ARRIVED,  # ns
    LOSES_PATIENCE,
    BORN,  # parts so far, those of earlier splits included
    PARTS,  # into which it is to be divided when it is laid down
    SPLIT_AT,  # operation at the end of which it was split
    IN_LINE,
    MOVING,  # on its way to a storage
    NEXT,  # in its line, or among free slots
    PREVIOUS,
    TURN_NEXT,  # in its line, by priority
    TURN_PREVIOUS,
    QUEUE_NEXT,  # for a place
    QUEUE_PREVIOUS,
    CLEANED_AGAIN,  # a job for a container that has stood clean for too long
    LATER,  # the next of a list of lots of this instant
    STRAYED,  # from what was computed ahead of it
    KEPT_BY,  # the unit that is cleaned or set up for it
    VISITS,  # here begin the visits to each operation of its recipe so far
) = range(29)


@inner
def now(s: Integers, slot: int) -> int:
    """Where the row of a lot begins in the replication's integers; it is as wide as recipes are long."""
    return s[head.LOT_NOW] + slot * s[head.LOT_WIDTH]
