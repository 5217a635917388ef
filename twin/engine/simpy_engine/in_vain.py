"""Deliveries in vain: stock that comes and expires for ever while no lot can go on is a plant that is stuck.

Without this rule such a plant would run for ever, for something is always on its way. `instant` installs it;
`stuck` names who waits for whom.
"""

from __future__ import annotations

from twin.engine.simpy_engine import stuck
from twin.engine.simpy_engine.materials import deliveries
from twin.engine.simpy_engine.state import State

NAME = "in_vain"
MOST_IN_VAIN = 10_000  # deliveries since a lot last started or was let in


class Watch:
    """When a lot last started or was let in, and how many deliveries had come by then."""

    __slots__ = ("came", "moved")

    def __init__(self) -> None:
        self.moved = 0  # ns
        self.came = 0


def install(state: State) -> None:
    """Watch the deliveries, where there are any and nothing else ends the run."""
    if state.program.materials and state.program.horizon is None:
        state.rules[NAME] = Watch()
        state.hooks.ends.append(_look)


def _look(state: State) -> None:
    """Complain where so many deliveries have set no lot going, and nothing else is under way."""
    watch = state.rules[NAME]
    assert isinstance(watch, Watch)
    came, coming = deliveries(state)
    moved = max(state.last_start, state.last_release)
    if moved != watch.moved:
        watch.moved, watch.came = moved, came
    elif came - watch.came > MOST_IN_VAIN and state.in_hand == coming:
        stuck.complain_of_waiting(state, state.now)
