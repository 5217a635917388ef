"""The rows of `states` of a unit that works on several lots at once, made from those of its parts.

Each part of such a unit takes one lot. The unit as a whole is in the state of the part that says most: it
produces while one of its parts does, and starves only while none has anything to say. Where parts are in that
state for different causes, the cause shown is the first by name. Pure; for the recorder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from twin.engine.record import STATES

Row = tuple[int, ...]

NULL = -1

# What a part says goes before what those after it say; a state not named here goes before `starved`.
FIRST = (
    "producing",
    "loading",
    "unloading",
    "setup",
    "start_up",
    "cleaning",
    "maintenance",
    "down",
    "blocked",
)
LAST = ("starved", "off_shift")
_BETWEEN = tuple(state for state in STATES if state not in FIRST + LAST)
RANK = [(*FIRST, *_BETWEEN, *LAST).index(state) for state in STATES]


def merged(rows: Sequence[Row], unit: int, turn: Sequence[int]) -> list[Row]:
    """The rows of `unit` as a whole: (unit, state, start, end, no lot, no operation, cause) in order of time.

    `rows` are those of all its parts, (part, state, start, end, lot, operation, cause) in any order; those of
    each part follow each other without a gap. Of parts in one state, the one shows its cause whose `turn` is
    first: by number of the cause, with that of none, -1, at the end.
    """
    turns = [(start, 1, state, cause) for _, state, start, _, _, _, cause in rows]
    turns += [(end, -1, state, cause) for _, state, _, end, _, _, cause in rows]
    turns.sort()
    parts: Counter[tuple[int, int, int, int]] = Counter()
    found: list[Row] = []
    at, shown = min((row[2] for row in rows), default=0), None
    for time, change, state, cause in turns:
        if time > at:
            now = min(parts)
            if now == shown:
                found[-1] = (*found[-1][:3], time, *found[-1][4:])
            else:
                found.append((unit, now[1], at, time, NULL, NULL, now[3]))
            at, shown = time, now
        key = (RANK[state], state, turn[cause], cause)
        parts[key] += change
        if not parts[key]:
            del parts[key]
    return found


def turn_by_name(causes: Sequence[str]) -> list[int]:
    """The place of each cause, by its number, among all by name; behind them, at -1, that of none."""
    turn = [NULL] * (len(causes) + 1)
    for place, cause in enumerate(sorted(range(len(causes)), key=causes.__getitem__)):
        turn[cause] = place
    return turn
