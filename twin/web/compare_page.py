"""Two runs side by side: paired differences with their intervals, and what they show."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html

from twin.experiment.compare import Compared, Comparison, compare
from twin.experiment.results import Result
from twin.web.attributes import attributes
from twin.web.backend import Backend
from twin.web.icons import icon
from twin.web.measure_names import lower, measure_name
from twin.web.parts import empty, notice, panel
from twin.web.wording import ratio_unit, scale, signed, significant

SYMBOLS = {"better": "▲", "worse": "▼", "higher": "↑", "lower": "↓", "equal": "=", "no difference shown": "·"}


def register(app: Dash, backend: Backend) -> None:
    """Install the page's callback: the address names the two runs."""

    @app.callback(
        Output("url", "search", allow_duplicate=True),
        Input("compare-a", "value"),
        Input("compare-b", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def choose(a: str | None, b: str | None, search: str | None) -> Any:
        wanted = "?" + "&".join(f"{name}={value}" for name, value in (("a", a), ("b", b)) if value)
        return dash.no_update if wanted == (search or "?") else wanted


def page(backend: Backend, a: str | None, b: str | None) -> Any:
    """Return the page for two runs' ids; what is not chosen or not there is asked for."""
    results = backend.results()
    if len(results) < 2:
        return empty("compare", "Nothing to compare yet", "Run two scenarios; then choose them here.")
    known = {result.id: result for result in results}
    first = known.get(a or backend.baseline_run(b) or "")
    second = known.get(b or "")
    body = _comparison(backend, first, second) if first and second else _ask()
    return html.Div(
        [
            html.Div([html.H1("Compare")], className="title-row"),
            _choice(backend, results, first, second),
            body,
        ],
        className="sheet",
    )


def _choice(backend: Backend, results: list[Result], first: Result | None, second: Result | None) -> Any:
    options = [
        {
            "value": r.id,
            "label": f"{backend.title(r)} · {r.manifest['replications']} replications · {r.id[:6]}",
        }
        for r in results
    ]
    common: dict[str, Any] = {
        "data": options,
        "searchable": True,
        "placeholder": "Choose a run",
        "allowDeselect": False,
        "comboboxProps": {"shadow": "md"},
    }
    selects = [
        dmc.Select(id=name, label=label, value=chosen.id if chosen else None, **common)
        for name, label, chosen in (
            ("compare-a", "Baseline", first),
            ("compare-b", "Compared with it", second),
        )
    ]
    return html.Div(selects, className="pair")


def _ask() -> Any:
    return empty("compare", "Choose two runs", "A difference is the second run minus the baseline.")


def _comparison(backend: Backend, first: Result, second: Result) -> Any:
    if first.id == second.id:
        return notice(icon("warning"), "Both are the same run.")
    comparison = compare(first, second)
    return html.Div(
        [
            _summary(backend, comparison),
            panel("Differences", _method(comparison), html.Div(_table(comparison), className="scroll-x")),
            html.Div(
                [_link(first, "Open the baseline"), _link(second, "Open the other run")], className="actions"
            ),
        ],
        className="stack",
    )


def _summary(backend: Backend, comparison: Comparison) -> Any:
    shown = [row for row in comparison.rows if row.verdict in ("better", "worse")]
    if not shown:
        text = "No measure shows a difference. More replications narrow the intervals."
    else:
        text = f"{backend.title(comparison.others[0])} is"
        for verdict in ("better", "worse"):
            names = [lower(measure_name(row.measure)) for row in shown if row.verdict == verdict]
            text += f" {verdict} in {', '.join(names)};" if names else ""
        text = f"{text.rstrip(';')}."
    return notice(icon("compare"), text)


def _method(comparison: Comparison) -> str:
    row = comparison.rows[0]
    how = (
        f"Paired differences over {row.n} replications that share their random numbers"
        if row.paired
        else "Unpaired (Welch), as seeds differ"
    )
    return f"{how}; {row.level * 100:.3g} % intervals, corrected for {len(comparison.rows)} measures."


def _table(comparison: Comparison) -> Any:
    names = (
        "Measure",
        "Baseline",
        "Difference",
        "Relative",
        "Interval of the difference",
        "Unit",
        "",
        "Verdict",
    )
    kinds = ("", "number", "number", "number", "number", "", "", "")
    head = html.Tr(
        [html.Th(name, className=kind, scope="col") for name, kind in zip(names, kinds, strict=True)]
    )
    reach = max((_reach(row) for row in comparison.rows), default=0.0)
    body = [html.Tr(_cells(row, reach), **attributes(data_measure=row.measure)) for row in comparison.rows]
    return html.Table([html.Thead(head), html.Tbody(body)], className="plain-table compare-table")


def _cells(row: Compared, reach: float) -> list[Any]:
    unit, factor = scale(ratio_unit(row.measure, row.unit), row.baseline)
    interval = "–"
    if row.low is not None and row.high is not None:
        interval = f"{signed(row.low, factor)} to {signed(row.high, factor)}"
    relative = f"{signed(100 * row.difference / row.baseline)} %" if row.baseline else "–"
    tone = {"better": "better", "worse": "worse"}.get(row.verdict, "soft")
    verdict = html.Span(
        [html.Span(SYMBOLS.get(row.verdict, ""), **attributes(aria_hidden="true")), row.verdict],
        className=f"verdict {tone}",
    )
    return [
        html.Td(measure_name(row.measure)),
        html.Td(significant(row.baseline * factor), className="number"),
        html.Td(signed(row.difference, factor), className="number"),
        html.Td(relative, className="number soft"),
        html.Td(interval, className="number soft"),
        html.Td("" if unit == "1" else unit, className="soft"),
        html.Td(_whisker(row, reach), className="whisker-cell"),
        html.Td(verdict),
    ]


def _reach(row: Compared) -> float:
    """The widest relative bound of a row, by which all whiskers are scaled."""
    if row.low is None or row.high is None or not row.baseline:
        return 0.0
    return max(abs(row.low), abs(row.high)) / abs(row.baseline)


def _whisker(row: Compared, reach: float) -> Any:
    """A small picture of the interval around zero; the numbers stand beside it."""
    if not _reach(row) or row.low is None or row.high is None:
        return ""
    low, high, middle = (
        50 + 48 * value / abs(row.baseline) / reach for value in (row.low, row.high, row.difference)
    )
    return html.Div(
        [
            html.Div(className="whisker-zero"),
            html.Div(className="whisker-line", style={"left": f"{low:.2f}%", "width": f"{high - low:.2f}%"}),
            html.Div(className="whisker-dot", style={"left": f"{middle:.2f}%"}),
        ],
        className="whisker",
        **attributes(aria_hidden="true"),
    )


def _link(result: Result, text: str) -> Any:
    return html.A([icon("link"), text], href=f"/run/{result.id}", className="quiet-button")
