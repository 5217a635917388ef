"""Rows of what replications ask physics, one after another in an array of integers."""

from __future__ import annotations

(
    UNIT,
    OPERATION,
    NUMBER,  # of the lot
    VISIT,
    ATTEMPT,
    QUANTITY,
    WANTED,  # can be computed ahead, and is not there yet
    SLOT,  # of a lot that waits for its operation; none where it is on the unit
    PLACE,  # of the replication among those that run side by side
) = range(9)
WIDTH = 9  # columns; the attributes that the lot brings stand beside, in an array of reals
