"""The agenda: entries that fall due, on SimPy's own calendar of events."""

from __future__ import annotations

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


def schedule(state: State, delay: int, entry: Entry) -> None:
    """Have an entry fall due after `delay` ns."""
    state.schedule(Due(state, entry), NORMAL, delay)
