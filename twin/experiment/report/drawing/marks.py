"""The marks of a drawn figure, each from one Plotly trace: bars, lines and bands, points with error bars."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from twin.experiment.figures.palette import SERIES
from twin.experiment.report.drawing.axes import Axis, number_of
from twin.experiment.report.markup import Markup, tag

Trace = Mapping[str, Any]
DASHES = {"dash": "6 4", "dot": "2 3", "dashdot": "6 3 2 3"}
CAP = 4.0  # px; half the end of an error bar


@dataclass
class Canvas:
    """Two axes, the patterns used so far, and how far bars are stacked at each place."""

    x: Axis
    y: Axis
    name: str
    patterns: dict[tuple[str, str], str] = field(default_factory=dict)
    stacked: dict[object, float] = field(default_factory=dict)
    shift: float = 0.0  # px by which points stand beside those of other traces at the same name

    def place(self, x: object, y: object) -> tuple[float, float]:
        """The pixels of a point."""
        return (
            self.x.at(x) + (self.shift if self.x.kind == "category" else 0.0),
            self.y.at(y) + (self.shift if self.y.kind == "category" else 0.0),
        )

    def fill(self, color: str, pattern: str) -> str:
        """The fill of a colour with a pattern over it."""
        if not pattern:
            return color
        key = (color, pattern)
        self.patterns.setdefault(key, f"{self.name}-p{len(self.patterns)}")
        return f"url(#{self.patterns[key]})"

    def definitions(self) -> Markup | None:
        """The patterns that were used."""
        if not self.patterns:
            return None
        return tag("defs", *(_pattern(name, *key) for key, name in self.patterns.items()))


def color_of(trace: Trace, place: int) -> str:
    """The one colour of a trace, else the palette's."""
    for part in (trace.get("marker") or {}, trace.get("line") or {}):
        color = part.get("color")
        if isinstance(color, str):
            return color
    return SERIES[place % len(SERIES)]


def pattern_of(trace: Trace) -> str:
    """The pattern over a trace's fill; empty where it is plain."""
    shape = ((trace.get("marker") or {}).get("pattern") or {}).get("shape")
    return shape if isinstance(shape, str) else ""


def bars(canvas: Canvas, trace: Trace, place: int, *, stacked: bool, of: int, gap: float) -> Iterator[Markup]:
    """Bars of one trace: stacked on those before, or the `place`-th `of` so many beside each other."""
    lying = trace.get("orientation") == "h"
    along, across = (canvas.x, canvas.y) if lying else (canvas.y, canvas.x)
    lengths, places = (trace["x"], trace["y"]) if lying else (trace["y"], trace["x"])
    fill = canvas.fill(color_of(trace, place), pattern_of(trace))
    widths = trace.get("width")
    for k, (length, where) in enumerate(zip(lengths, places, strict=True)):
        if length is None or not math.isfinite(number_of(length)):
            continue
        begin = canvas.stacked.get(where, 0.0) if stacked else 0.0
        end = begin + number_of(length)
        if stacked:
            canvas.stacked[where] = end
        low, high = sorted((along.at(begin), along.at(end)))
        middle, thick = _breadth(across, where, widths, k, gap)
        if not stacked and of > 1:
            thick /= of
            middle += (place - (of - 1) / 2) * thick
        side = {"x": low, "y": middle - thick / 2, "width": high - low, "height": thick}
        up = {"x": middle - thick / 2, "y": low, "width": thick, "height": high - low}
        yield tag("rect", **(side if lying else up), fill=fill, stroke="#ffffff", stroke_width=0.5)


def lines(canvas: Canvas, trace: Trace, place: int) -> Iterator[Markup]:
    """A band, a line, or both of a trace."""
    points = [
        f"{canvas.x.at(x):.1f},{canvas.y.at(y):.1f}"
        for x, y in zip(trace["x"], trace["y"], strict=True)
        if y is not None and x is not None
    ]
    if not points:
        return
    line = trace.get("line") or {}
    if trace.get("fill") == "toself":
        yield tag("polygon", points=" ".join(points), fill=trace.get("fillcolor") or color_of(trace, place))
        return
    yield tag(
        "polyline",
        points=" ".join(points),
        fill="none",
        stroke=color_of(trace, place),
        stroke_width=float(line.get("width") or 2),
        stroke_dasharray=DASHES.get(str(line.get("dash"))),
        stroke_linejoin="round",
    )


def errors(canvas: Canvas, trace: Trace, place: int) -> Iterator[Markup]:
    """Error bars of a trace, along either axis."""
    lying_bar = trace.get("type") == "bar" and trace.get("orientation") == "h"
    for name, along in (("error_x", True), ("error_y", False)):
        error = trace.get(name) or {}
        above, below = error.get("array"), error.get("arrayminus")
        if above is None:
            continue
        below = above if below is None else below
        dark = trace.get("type") == "bar" or lying_bar
        color = "#52606d" if dark else str(error.get("color") or color_of(trace, place))
        for x, y, plus, minus in zip(trace["x"], trace["y"], above, below, strict=True):
            if x is None or y is None or plus is None or minus is None:
                continue
            if along:
                yield _whisker(canvas, (number_of(x) - minus, y), (number_of(x) + plus, y), color)
            else:
                yield _whisker(canvas, (x, number_of(y) - minus), (x, number_of(y) + plus), color)


def points(canvas: Canvas, trace: Trace, place: int) -> Iterator[Markup]:
    """Markers of a trace."""
    marker = trace.get("marker") or {}
    colors, symbols = marker.get("color"), marker.get("symbol")
    sizes = marker.get("size")
    for k, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True)):
        if x is None or y is None:
            continue
        color = _each(colors, k) or color_of(trace, place)
        size = float(_each(sizes, k) or 7)
        yield symbol(str(_each(symbols, k) or "circle"), *canvas.place(x, y), size, str(color))


def words(canvas: Canvas, trace: Trace) -> Iterator[Markup]:
    """Texts at the points of a trace."""
    for text, x, y in zip(trace.get("text") or (), trace["x"], trace["y"], strict=False):
        if x is not None and y is not None:
            left, top = canvas.place(x, y)
            shown = html.unescape(str(text))
            yield tag("text", shown, x=left, y=top - 8, text_anchor="middle", font_size=11, fill="#52606d")


def symbol(kind: str, x: float, y: float, size: float, color: str) -> Markup:
    """A marker of a form; `-open` is drawn as its outline."""
    form, is_open = kind.removesuffix("-open"), kind.endswith("-open")
    r = size / 2
    look = {"fill": "#ffffff" if is_open else color, "stroke": color, "stroke_width": 1.6}
    corners = {
        "square": ((-r, -r), (r, -r), (r, r), (-r, r)),
        "diamond": ((0, -1.3 * r), (1.3 * r, 0), (0, 1.3 * r), (-1.3 * r, 0)),
        "triangle-up": ((0, -1.2 * r), (1.1 * r, 0.9 * r), (-1.1 * r, 0.9 * r)),
    }
    if form in corners:
        return tag("polygon", points=" ".join(f"{x + a:.1f},{y + b:.1f}" for a, b in corners[form]), **look)
    if form in ("x", "cross"):
        a, b = (r, r) if form == "x" else (r, 0.0)
        strokes = ((x - a, y - b, x + a, y + b), (x - b, y + a, x + b, y - a))
        path = "".join(f"M{x1:.1f},{y1:.1f}L{x2:.1f},{y2:.1f}" for x1, y1, x2, y2 in strokes)
        return tag("path", d=path, stroke=color, stroke_width=2.4, fill="none")
    return tag("circle", cx=x, cy=y, r=r, **look)


def _whisker(canvas: Canvas, low: tuple[Any, Any], high: tuple[Any, Any], color: str) -> Markup:
    (x1, y1), (x2, y2) = canvas.place(*low), canvas.place(*high)
    across, along = (0.0, CAP) if abs(y1 - y2) < abs(x1 - x2) else (CAP, 0.0)
    ends = "".join(
        f"M{x - across:.1f},{y - along:.1f}L{x + across:.1f},{y + along:.1f}" for x, y in ((x1, y1), (x2, y2))
    )
    return tag(
        "path", d=f"M{x1:.1f},{y1:.1f}L{x2:.1f},{y2:.1f}{ends}", stroke=color, stroke_width=1.4, fill="none"
    )


def _breadth(across: Axis, where: object, widths: object, k: int, gap: float) -> tuple[float, float]:
    """Middle and breadth in px of a bar."""
    if across.kind == "category":
        return across.at(where), across.band * (1 - gap)
    width = _each(widths, k)
    middle = number_of(where)
    own = float(width) if width is not None else 0.8 * (across.high - across.low) / 40
    return across.at(middle), abs(across.at(middle + own / 2) - across.at(middle - own / 2))


def _each(values: Any, k: int) -> Any:
    """The k-th of values given for each point, or the one given for all."""
    if values is None or isinstance(values, (str, int, float)):
        return values
    listed: Sequence[Any] = values
    return listed[k]


def _pattern(name: str, color: str, shape: str) -> Markup:
    """A hatching of white lines or dots over a colour."""
    lines_of = {
        "/": ("M0,6L6,0M-1,1L1,-1M5,7L7,5",),
        "\\": ("M0,0L6,6M-1,5L1,7M5,-1L7,1",),
        "x": ("M0,0L6,6M0,6L6,0",),
        "-": ("M0,3L6,3",),
        "|": ("M3,0L3,6",),
        "+": ("M0,3L6,3M3,0L3,6",),
    }
    marks = [tag("path", d=d, stroke="#ffffff", stroke_width=1, fill="none") for d in lines_of.get(shape, ())]
    if shape == ".":
        marks = [tag("circle", cx=3, cy=3, r=1, fill="#ffffff")]
    ground = tag("rect", width=6, height=6, fill=color)
    return tag("pattern", ground, *marks, id=name, width=6, height=6, patternUnits="userSpaceOnUse")
