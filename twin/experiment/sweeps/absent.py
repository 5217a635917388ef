"""What a measure is in a replication in which nothing of it occurred, though in another one of its point.

A run ranges over the names that occur in any of its replications; a task knows its own. A unit that never
broke down has spent no time in that state, so 0; a mean over nothing has no value. Pure.
"""

from __future__ import annotations

import re
from functools import cache

_ZERO = re.compile(
    r"output_(mass|pieces)"
    r"|unit\..+\.(state|cause)\..+"
    r"|(unit|operation)\..+\.lots\.\w+"
    r"|operation\..+\.(queue_mean|deviations|hold_time_violations)"
    r"|storage\..+\.mean|(container|loop)\..+\.in_use_mean|people\..+\.busy_mean"
    r"|utility\..+\.(mean|consumed)"
    r"|.+_violations"
)


@cache
def is_zero_where_absent(measure: str) -> bool:
    """Whether a replication in which a measure's name did not occur has 0 of it, and not no value.

    >>> is_zero_where_absent("unit.press.cause.down.jam"), is_zero_where_absent("attribute.assay.mean")
    (True, False)
    """
    return _ZERO.fullmatch(measure) is not None
