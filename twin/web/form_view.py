"""The form as components: one text field or choice for each `Parameter`, in foldable sections."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html

from twin.web.attributes import attributes
from twin.web.form import Parameter, Section

OPEN_AT_FIRST = ("Run", "Orders")
ALWAYS_SHOWN = re.compile(r"run\.(horizon|replications|seed|warm_up)|equipment\.\w+\.count")
NOTHING, SHOWN, EVERYTHING = "", "shown", "everything"  # how much of a section is in the page, in this order


def form(sections: tuple[Section, ...], changes: Mapping[str, str]) -> list[Any]:
    """Return the form; the texts of `changes` (dotted path → text) stand in place of the file's.

    A folded section is empty until it is wanted: a field costs the browser some milliseconds, and a plant
    has a thousand.
    """
    return [_section(section, changes) for section in sections]


def extent_at_first(section: Section, changes: Mapping[str, str]) -> str:
    """Return how much of a section the page has when it opens."""
    changed = any(p.path in changes for group in section.groups for p in group.parameters)
    return SHOWN if section.title in OPEN_AT_FIRST or changed else NOTHING


def fields(section: Section, changes: Mapping[str, str], extent: str) -> list[Any]:
    """Return a section's groups: what is set, or everything that can be."""
    chosen = [
        (group, [p for p in group.parameters if extent == EVERYTHING or _shows(p, p.path in changes)])
        for group in section.groups
    ]
    return [_group(section, group.title, kept, changes) for group, kept in chosen if kept]


def body_id(section: Section) -> dict[str, str]:
    """Return the Dash id of a section's body."""
    return {"section": section.title}


def field_id(path: str) -> dict[str, str]:
    """Return the Dash id of a parameter's field."""
    return {"field": path}


def frame_id(path: str) -> dict[str, str]:
    """Return the Dash id of the row around a parameter's field."""
    return {"field-row": path}


def row_class(parameter: Parameter, changed: bool) -> str:
    """Return the class of a field's row: unset ones hide until asked for, changed ones are marked."""
    names = ["field"]
    if changed:
        names.append("is-changed")
    elif not _shows(parameter, changed):
        names.append("is-unset")
    return " ".join(names)


def _shows(parameter: Parameter, changed: bool) -> bool:
    return changed or parameter.given or ALWAYS_SHOWN.fullmatch(parameter.path) is not None


def _section(section: Section, changes: Mapping[str, str]) -> Any:
    extent = extent_at_first(section, changes)
    bare = not any(_shows(p, p.path in changes) for group in section.groups for p in group.parameters)
    return html.Details(
        className="form-section is-bare" if bare else "form-section",
        open=extent != NOTHING,
        children=[
            html.Summary([section.title, html.Span(_count(section), className="count number")]),
            html.Div(
                fields(section, changes, extent) if extent else [],
                id=body_id(section),
                **attributes(data_extent=extent),
            ),
        ],
        **attributes(data_section=section.title),
    )


def _count(section: Section) -> str:
    titled = [group for group in section.groups if group.title]
    return str(len(titled)) if len(titled) > 1 else ""


def _group(section: Section, title: str, parameters: Sequence[Parameter], changes: Mapping[str, str]) -> Any:
    made = [_field(section, title, parameter, changes.get(parameter.path)) for parameter in parameters]
    heading = [html.H3(title)] if title else []
    return html.Div([*heading, *made], className="form-group")


def _field(section: Section, group: str, parameter: Parameter, typed: str | None) -> Any:
    value = parameter.text if typed is None else typed
    spoken = ", ".join(part for part in (section.title, group, parameter.label) if part)
    common: dict[str, Any] = {
        "id": field_id(parameter.path),
        "value": value or None if parameter.choices else value,
        "placeholder": parameter.text or parameter.default or _left_out(parameter.help),
        "size": "sm",
        "attributes": {"input": {"aria-label": spoken}},
    }
    control = (
        dmc.Select(data=list(parameter.choices), clearable=True, comboboxProps={"shadow": "md"}, **common)
        if parameter.choices
        else dmc.TextInput(debounce=True, spellCheck=False, autoComplete="off", **common)
    )
    words = " ".join((section.title, group, parameter.label, parameter.path)).lower()
    return html.Div(
        [html.Label(parameter.label, title=parameter.help.replace("`", "")), control],
        id=frame_id(parameter.path),
        className=row_class(parameter, typed is not None),
        **attributes(data_words=words, data_path=parameter.path),
    )


def _left_out(help_text: str) -> str:
    """What holds where nothing is typed, in the schema's words: `None: until the last lot has left, …`."""
    if help_text.startswith("None: "):
        return re.split(r"[,;.]", help_text.removeprefix("None: "))[0]
    return "not set"
