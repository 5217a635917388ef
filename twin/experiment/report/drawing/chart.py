"""A Plotly figure as one SVG element: frame, axes, legend, marks in the figure's order."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from twin.experiment.report.drawing import marks
from twin.experiment.report.drawing.axes import Axis, axis_of
from twin.experiment.report.markup import Markup, tag

WIDTH = 760.0  # px of the drawing's own measure; it is scaled to the page
LETTER = 6.4  # px of a letter of 12 px, on average
BESIDE = 11.0  # px between points that share a name
LINE = 18.0  # px of a line of the legend
LONGEST_LABEL = 26  # letters of a name on an axis; the table has the whole
INK, GRID = "#52606d", "#e4e7eb"
DRAWN = frozenset({"bar", "scatter"})

Trace = Mapping[str, Any]


def svg_of(figure: Any, name: str, title: str) -> Markup | None:
    """Draw a figure; None where it has a mark that is not drawn here, several pairs of axes, axes of one
    scale, or nothing at all.

    Args:
        figure: a Plotly figure.
        name: unique in the page; it begins the names of patterns.
        title: read out instead of the drawing.
    """
    traces = [trace.to_plotly_json() for trace in figure.data]
    layout = figure.layout.to_plotly_json()
    if not traces or any(trace["type"] not in DRAWN for trace in traces) or _is_several(traces, layout):
        return None
    legend = _legend_rows(traces)
    top = 14.0 + LINE * len(legend)
    height = _height(traces, layout) + LINE * max(len(legend) - 1, 0)
    x_layout, y_layout = dict(layout.get("xaxis") or {}), dict(layout.get("yaxis") or {})
    bottom = height - (44.0 if _title(x_layout) else 28.0)
    stacked = layout.get("barmode") in ("stack", "relative")
    x_values, y_values = _values(traces, "x", stacked), _values(traces, "y", stacked)
    y_axis = axis_of(y_values, y_layout, bottom, top, with_zero=_stands(traces))
    left = _left(y_axis) + (18.0 if _title(y_layout) else 0.0)
    x_axis = axis_of(x_values, x_layout, left, WIDTH - 24.0, with_zero=_lies(traces))
    canvas = marks.Canvas(x_axis, y_axis, name)
    drawn = [*_marks(canvas, traces, layout), *_across(canvas, layout, top, bottom)]
    return tag(
        "svg",
        tag("title", title),
        canvas.definitions(),
        *_grid(x_axis, y_axis, top, bottom, left),
        *drawn,
        *_labels(x_axis, y_axis, _title(x_layout), _title(y_layout), top, bottom, left, height),
        *_legend(canvas, legend),
        viewBox=f"0 0 {WIDTH:g} {height:g}",
        role="img",
        aria_label=title,
    )


def _is_several(traces: Sequence[Trace], layout: Mapping[str, Any]) -> bool:
    """Whether there are more axes than two, or axes whose scales are tied to each other."""
    tied = any((layout.get(axis) or {}).get("scaleanchor") for axis in ("xaxis", "yaxis"))
    return tied or any(trace.get(k) not in (None, k[0]) for trace in traces for k in ("xaxis", "yaxis"))


def _marks(canvas: marks.Canvas, traces: Sequence[Trace], layout: Mapping[str, Any]) -> Iterator[Markup]:
    bars = [trace for trace in traces if trace["type"] == "bar"]
    stacked = layout.get("barmode") in ("stack", "relative")
    gap = float(layout.get("bargap", 0.3))
    for k, trace in enumerate(bars):
        yield from marks.bars(canvas, trace, k, stacked=stacked, of=len(bars), gap=gap)
    grouped = layout.get("scattermode") == "group"
    for k, trace in enumerate(traces):
        canvas.shift = (k - (len(traces) - 1) / 2) * BESIDE if grouped else 0.0
        if trace["type"] == "bar" and not stacked:
            names = canvas.y if trace.get("orientation") == "h" else canvas.x
            canvas.shift = (bars.index(trace) - (len(bars) - 1) / 2) * names.band * (1 - gap) / len(bars)
        mode = str(trace.get("mode") or "lines")
        if trace["type"] == "scatter" and "lines" in mode:
            yield from marks.lines(canvas, trace, k)
        yield from marks.errors(canvas, trace, k)
        if trace["type"] == "scatter" and "markers" in mode:
            yield from marks.points(canvas, trace, k)
        if trace["type"] == "scatter" and "text" in mode:
            yield from marks.words(canvas, trace)


def _across(canvas: marks.Canvas, layout: Mapping[str, Any], top: float, bottom: float) -> Iterator[Markup]:
    """Straight lines across the figure, and the words at them."""
    for shape in layout.get("shapes") or ():
        if shape.get("type") != "line":
            continue
        line = shape.get("line") or {}
        look = {
            "stroke": line.get("color") or INK,
            "stroke_width": float(line.get("width") or 1.5),
            "stroke_dasharray": marks.DASHES.get(str(line.get("dash"))),
        }
        if shape.get("x0") == shape.get("x1"):
            at = canvas.x.at(shape["x0"])
            yield tag("line", x1=at, x2=at, y1=top, y2=bottom, **look)
        elif shape.get("y0") == shape.get("y1"):
            at = canvas.y.at(shape["y0"])
            yield tag("line", x1=canvas.x.start, x2=canvas.x.end, y1=at, y2=at, **look)
    for note in layout.get("annotations") or ():
        if note.get("text") and note.get("x") is not None and "domain" not in str(note.get("xref")):
            text = html.unescape(str(note["text"]))
            yield tag("text", text, x=canvas.x.at(note["x"]) + 6, y=top + 12, font_size=12, fill=INK)


def _grid(x: Axis, y: Axis, top: float, bottom: float, left: float) -> Iterator[Markup]:
    look = {"stroke": GRID, "stroke_width": 1}
    for axis, upright in ((x, True), (y, False)):
        for at, _ in axis.marks() if axis.kind != "category" else ():
            if upright:
                yield tag("line", x1=at, x2=at, y1=top, y2=bottom, **look)
            else:
                yield tag("line", x1=left, x2=WIDTH - 24.0, y1=at, y2=at, **look)


def _labels(
    x: Axis, y: Axis, x_title: str, y_title: str, top: float, bottom: float, left: float, height: float
) -> Iterator[Markup]:
    look = {"font_size": 12, "fill": INK}
    for at, label in x.marks():
        yield tag("text", _short(label, 14), x=at, y=bottom + 17, text_anchor="middle", **look)
    for at, label in y.marks():
        yield tag("text", _short(label, LONGEST_LABEL), x=left - 8, y=at + 4, text_anchor="end", **look)
    if x_title:
        yield tag("text", x_title, x=(left + WIDTH - 24) / 2, y=height - 6, text_anchor="middle", **look)
    if y_title:
        middle = (top + bottom) / 2
        turned = f"rotate(-90 14 {middle:.1f})"
        yield tag("text", y_title, x=14, y=middle, text_anchor="middle", transform=turned, **look)


def _legend_rows(traces: Sequence[Trace]) -> list[list[tuple[int, Trace, str]]]:
    """Traces with a name, in rows that fit the width; none where one alone needs no telling."""
    named = [
        (k, trace, html.unescape(str(trace["name"])))
        for k, trace in enumerate(traces)
        if trace.get("name") and trace.get("showlegend") is not False
    ]
    if len(named) < 2:
        return []
    rows: list[list[tuple[int, Trace, str]]] = [[]]
    used = 0.0
    for item in named:
        needed = 34 + LETTER * len(item[2])
        if rows[-1] and used + needed > WIDTH - 20:
            rows.append([])
            used = 0.0
        rows[-1].append(item)
        used += needed
    return rows


def _legend(canvas: marks.Canvas, rows: Sequence[Sequence[tuple[int, Trace, str]]]) -> Iterator[Markup]:
    for line, row in enumerate(rows):
        x, y = 10.0, 12.0 + LINE * line
        for k, trace, name in row:
            color = marks.color_of(trace, k)
            if trace["type"] == "bar":
                fill = canvas.fill(color, marks.pattern_of(trace))
                yield tag("rect", x=x, y=y - 9, width=16, height=11, fill=fill)
            elif trace.get("fill") == "toself":
                yield tag("rect", x=x, y=y - 9, width=16, height=11, fill=trace.get("fillcolor"))
            elif "markers" in str(trace.get("mode")):
                kind = (trace.get("marker") or {}).get("symbol")
                first = kind if isinstance(kind, str) else next(iter(kind or ()), "circle")
                yield marks.symbol(str(first).replace("-open", ""), x + 8, y - 4, 9, color)
            else:
                yield tag("line", x1=x, x2=x + 16, y1=y - 4, y2=y - 4, stroke=color, stroke_width=2.5)
            yield tag("text", name, x=x + 22, y=y, font_size=12, fill=INK)
            x += 34 + LETTER * len(name)


def _values(traces: Sequence[Trace], name: str, stacked: bool) -> list[object]:
    """All values that an axis must hold: of traces, of their error bars, and of stacks."""
    found: list[object] = []
    heights: dict[object, float] = {}
    for trace in traces:
        given = trace.get(name)
        values = [] if given is None else list(given)
        found += values
        is_length = trace["type"] == "bar" and (trace.get("orientation") == "h") == (name == "x")
        if is_length and stacked:
            others = trace["y" if name == "x" else "x"]
            for where, value in zip(others, values, strict=True):
                heights[where] = heights.get(where, 0.0) + (value or 0.0)
        error = trace.get(f"error_{name}") or {}
        above = error.get("array")
        if above is not None:
            below = error.get("arrayminus")
            for value, plus, minus in zip(values, above, above if below is None else below, strict=True):
                if value is not None and plus is not None and minus is not None:
                    found += [value + plus, value - minus]
        width = trace.get("width")
        if trace["type"] == "bar" and not is_length and width is not None and values:
            found += [values[0] - width[0] / 2, values[-1] + width[-1] / 2]
    return [value for value in [*found, *heights.values()] if value is not None]


def _lies(traces: Sequence[Trace]) -> bool:
    return any(trace["type"] == "bar" and trace.get("orientation") == "h" for trace in traces)


def _stands(traces: Sequence[Trace]) -> bool:
    return any(trace["type"] == "bar" and trace.get("orientation") != "h" for trace in traces)


def _height(traces: Sequence[Trace], layout: Mapping[str, Any]) -> float:
    """Height in px: the figure's own, and no more than its names need."""
    own = float(layout.get("height") or 320)
    names = {value for trace in traces for value in trace.get("y") or () if isinstance(value, str)}
    return min(own, 90.0 + (24.0 + BESIDE * len(traces)) * len(names)) if names else own


def _left(axis: Axis) -> float:
    longest = max((min(len(label), LONGEST_LABEL) for _, label in axis.marks()), default=1)
    return 20.0 + LETTER * longest


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _title(axis: Mapping[str, Any]) -> str:
    title = axis.get("title") or {}
    return html.unescape(str(title.get("text") or "")) if isinstance(title, Mapping) else str(title)
