"""The agenda: entries that fall due, on SimPy's own calendar of events."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import simpy
from simpy.events import NORMAL as SIMPYS_NORMAL

from twin.engine.simpy_engine.state import Entry, State

NORMAL = int(SIMPYS_NORMAL)  # the priority of every entry: rounds order what is due, not SimPy


class Due:
    """An entry on SimPy's calendar: all that SimPy's loop asks of an event, and nothing for processes.

    When SimPy comes to it, it is put among those that are due.
    """

    __slots__ = ("callbacks", "entry")
    _ok = True

    def __init__(self, state: State, entry: Entry) -> None:
        self.callbacks = state.when_due
        self.entry = entry


def pending(state: State) -> list[tuple[int, Entry]]:
    """What is on the agenda, with its time in ns; the order among equals means nothing."""
    return sorted((int(time), cast(Due, event).entry) for time, _, _, event in state.environment._queue)


def begin_at(state: State, time: int) -> None:
    """Begin with an empty agenda at `time` ns."""
    state.environment = simpy.Environment(initial_time=time)
    state.schedule = cast(Callable[[object, int, int], None], state.environment.schedule)
    state.due.clear()


def schedule(state: State, delay: int, entry: Entry) -> None:
    """Have an entry fall due after `delay` ns."""
    state.schedule(Due(state, entry), NORMAL, delay)
