"""What becomes of a lot at the end of an operation: on, back, or out."""

from __future__ import annotations

DONE = 0
REWORK = 1
SCRAPPED = 2
REJECTED = 5  # by a specification or a bad result
EXPIRED = 6  # by a hold time or shelf life

NO_LIMIT = 0


def outcome(
    scrap_draw: float,
    scrap_probability: float,
    rework_draw: float,
    rework_probability: float,
    visit: int,
    limit: int,
) -> int:
    """Outcome of a visit (0 the first): scrap is decided first; a lot that fails at its limit is scrapped.

    The draws are uniform on (0, 1); `limit` counts visits, `NO_LIMIT` for none.
    """
    if scrap_draw < scrap_probability:
        return SCRAPPED
    if rework_draw < rework_probability:
        if limit != NO_LIMIT and visit + 1 >= limit:
            return SCRAPPED
        return REWORK
    return DONE
