"""What quality, loops and release rules keep of each lot: columns at the end of its row, 0 when it begins."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head, lot
from twin.engine.compiled_engine.tables.types import Integers

(
    INSIDE,  # in quarantine
    STORAGE,  # in which a lot stands that is worked on in quarantine
    PLACE,  # where it stands, for transport
    CONCERNS,  # the slot of the lot of which a test is, one higher
    COUNTED,  # by the release rule of its order line
) = range(5)
FIXED = 5  # columns

# For each hold time.
(
    SINCE,  # ns, one higher; 0: the clock does not run
    LATE,  # ns, one higher; when the limit passed in work or on the way
) = range(2)
OF_HOLD = 2  # columns

# For each inquiry.
(
    ASKED,  # how often
    PENDING,  # results that are not there
    BAD,
) = range(3)
OF_INQUIRY = 3  # columns

# For each loop.
(
    HAS_CARD,
    BACK,  # waits and may have a card
) = range(2)
OF_LOOP = 2  # columns


@inner
def now(p: Integers, s: Integers, slot: int) -> int:
    """Where what quality keeps of a lot begins in the replication's integers."""
    return lot.now(s, slot) + p[head.KEPT]


@inner
def of_hold(p: Integers, s: Integers, slot: int, number: int) -> int:
    """Where the columns of a hold time begin."""
    return now(p, s, slot) + FIXED + number * OF_HOLD


@inner
def of_inquiry(p: Integers, s: Integers, slot: int, number: int) -> int:
    """Where the columns of an inquiry begin."""
    return now(p, s, slot) + FIXED + p[head.HOLDS] * OF_HOLD + number * OF_INQUIRY


@inner
def of_loop(p: Integers, s: Integers, slot: int, number: int) -> int:
    """Where the columns of a loop begin."""
    return of_inquiry(p, s, slot, p[head.INQUIRIES]) + number * OF_LOOP


@inner
def of_desk(p: Integers, s: Integers, slot: int) -> int:
    """Where it stands whether the release rule of its order line counts a lot."""
    return now(p, s, slot) + COUNTED
