"""What happens in the form: sections are filled when they are wanted, and fields read as changes.

A section is wanted when it is unfolded; all are when a parameter is looked for. `assets/form.js` says which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash
from dash import ALL, Dash, Input, Output, State

from twin.web import form_view
from twin.web.backend import Backend
from twin.web.draft import Base, open_base

FIELDS = {"field": ALL}
BODIES = {"section": ALL}
EXTENTS = (form_view.NOTHING, form_view.SHOWN, form_view.EVERYTHING)
Ids = Sequence[Mapping[str, str]]


def register(app: Dash, backend: Backend) -> None:
    """Install the callback that fills sections."""

    @app.callback(
        Output(BODIES, "children"),
        Output(BODIES, "data-extent"),
        Input("form-wants", "data"),
        State(BODIES, "id"),
        State(BODIES, "data-extent"),
        State(FIELDS, "value"),
        State(FIELDS, "id"),
        State("base", "data"),
        prevent_initial_call=True,
    )
    def fill(
        wants: Mapping[str, str] | None,
        bodies: Ids,
        extents: list[str],
        values: list[str | None],
        ids: Ids,
        base: dict[str, Any],
    ) -> Any:
        opened = open_base(backend.workspace, backend.require_source(base["source"]))
        named = {section.title: section for section in opened.sections}
        changes = typed_changes(opened, ids, values, {})
        made: list[tuple[Any, str]] = []
        for body, extent in zip(bodies, extents, strict=True):
            wanted = (wants or {}).get(body["section"], form_view.NOTHING)
            if EXTENTS.index(wanted) > EXTENTS.index(extent):
                made.append((form_view.fields(named[body["section"]], changes, wanted), wanted))
            else:
                made.append((dash.no_update, extent))
        return [children for children, _ in made], [extent for _, extent in made]


def typed_changes(
    base: Base, ids: Ids, values: Sequence[str | None], positions: Mapping[str, str]
) -> dict[str, str]:
    """Return what differs from the file, by dotted path; an empty field means what the file says."""
    changes: dict[str, str] = {}
    for field, value in zip(ids, values, strict=True):
        parameter = base.parameters.get(field["field"])
        text = str(value).strip() if value is not None else ""
        if (
            parameter is not None
            and text not in ("", parameter.text)
            and not (not parameter.given and text == parameter.default)
        ):
            changes[parameter.path] = text
    return changes | dict(positions)
