"""Lines: the compiled engine's way through a serial or tree-like plant, a max-plus recursion over its lots.

`line_of` says whether a program is such a line; `simulate_line` gives the record of replications, equal to
the SimPy engine's to the byte, and `fold_line` their totals without a record. The recursion (`recursion`,
`through`) knows no events: a lot starts where its unit, its arrival and a place for it have all come, each of
them the maximum of times of lots before. Plants with other rules are left to the network kernel.
"""

from twin.engine.lines.running import NotALineError, fold_line, left_to_reference, line_into, simulate_line
from twin.engine.lines.shape import Line, Segment, line_of
from twin.engine.lines.totals import LineTotals

__all__ = [
    "Line",
    "LineTotals",
    "NotALineError",
    "Segment",
    "fold_line",
    "left_to_reference",
    "line_into",
    "line_of",
    "simulate_line",
]
