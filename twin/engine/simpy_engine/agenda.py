"""The agenda: entries that fall due, on SimPy's own calendar of events."""

from __future__ import annotations

from simpy.events import NORMAL, Event

from twin.engine.simpy_engine.state import Entry, State


class Due(Event):  # type: ignore[misc]  # SimPy ships no types
    """An entry that is due when SimPy processes it."""

    _ok = True  # all that SimPy's loop asks of an event, besides its callbacks

    def __init__(self, state: State, entry: Entry) -> None:
        self.callbacks = _CALLBACKS
        self.state = state
        self.entry = entry


def _falls_due(event: Due) -> None:
    event.state.due.append(event.entry)


_CALLBACKS = (_falls_due,)


def schedule(state: State, delay: int, entry: Entry) -> None:
    """Have an entry fall due after `delay` ns."""
    state.environment.schedule(Due(state, entry), NORMAL, delay)
