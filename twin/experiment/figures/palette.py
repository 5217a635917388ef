"""The one palette: how each state of a unit looks in every chart, lamp and legend, and the colours of series.

Told apart without colour too, by pattern, label and order. The colours are Paul Tol's and Okabe & Ito's
schemes for colour-blind readers; neighbours in a stack differ in lightness.
"""

from __future__ import annotations

from dataclasses import dataclass

from twin.engine.record import STATES


@dataclass(frozen=True)
class Look:
    """How a state looks: `#rrggbb`, a Plotly fill pattern (empty: plain), and its label."""

    color: str
    pattern: str
    label: str


STATE_LOOKS: dict[str, Look] = {
    "producing": Look("#0072b2", "", "producing"),
    "loading": Look("#332288", "/", "loading"),
    "unloading": Look("#6699cc", "\\", "unloading"),
    "setup": Look("#56b4e9", "/", "set-up"),
    "start_up": Look("#88ccee", "x", "start-up"),
    "cleaning": Look("#009e73", ".", "cleaning"),
    "maintenance": Look("#117733", "x", "maintenance"),
    "blocked": Look("#d55e00", "\\", "blocked"),
    "starved": Look("#ddcc77", "", "starved"),
    "waiting_people": Look("#cc79a7", "|", "waiting for people"),
    "waiting_container": Look("#aa4499", "-", "waiting for a container"),
    "waiting_transport": Look("#e69f00", "+", "waiting for transport"),
    "waiting_utility": Look("#44aa99", "-", "waiting for a utility"),
    "waiting_quality": Look("#999933", ".", "waiting for quality"),
    "waiting_unit": Look("#f0e442", "+", "waiting for another unit"),
    "down": Look("#882255", "x", "down"),
    "off_shift": Look("#dedede", "", "off shift"),
}
assert tuple(STATE_LOOKS) == STATES, "the palette's order is the record's"

# Series told apart in one figure, such as compared runs; baseline first.
SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
MARKERS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
VERDICTS = {"better": "#009e73", "worse": "#d55e00"}
NEUTRAL = "#888888"
