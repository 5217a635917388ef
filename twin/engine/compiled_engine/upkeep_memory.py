"""What upkeep and standing containers take of a replication's memory, and how they begin."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twin.engine.codes import MAINTENANCE
from twin.engine.compiled_engine.image import Image
from twin.engine.compiled_engine.tables import care, chore, head, mode, standing
from twin.engine.program import NONE


def tables(image: Image) -> tuple[tuple[int, int, int], ...]:
    """The tables of a replication: slot of the head, rows, columns."""
    p = image.integers
    return (
        (head.CARE_NOW, int(p[head.MACHINES] if p[head.UPKEEPS] else 0), care.NOW),
        (head.CHORE_NOW, int(p[head.CHORES]), chore.NOW),
        (head.STANDING_NOW, len(image.program.containers), standing.NOW),
        (head.CLEANED_SINCE, sum(each.count for each in image.program.containers), 1),
    )


def fill(image: Image, s: npt.NDArray[np.int64]) -> None:
    """What these tables begin with where that is not 0."""
    p = image.integers
    for i in range(int(p[head.MACHINES] if p[head.UPKEEPS] else 0)):
        here, w = int(p[head.CARE_PLAN]) + i * care.PLAN, int(s[head.CARE_NOW]) + i * care.NOW
        s[w + care.LAST] = p[here + care.LAST_PRODUCT]
        s[w + care.CLEANED] = p[here + care.HIGHEST] if p[here + care.LAST_PRODUCT] == NONE else 0
        for column in (care.KEEPS, care.SET_UP, care.TARGET):
            s[w + column] = NONE
    for c in range(int(p[head.CHORES])):
        beside = int(p[p[head.CHORE_PLAN] + c * chore.PLAN + chore.BESIDE])
        if beside != NONE:
            s[s[head.MODE_NOW] + beside * mode.NOW + mode.SHOWN] = MAINTENANCE
