"""The form as components: one text field or choice for each `Parameter`, in foldable sections."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html

from twin.web.attributes import attributes
from twin.web.form import Group, Parameter, Section

OPEN_AT_FIRST = ("Run", "Orders")
ALWAYS_SHOWN = re.compile(r"run\.(horizon|replications|seed|warm_up)|equipment\.\w+\.count")


def form(sections: tuple[Section, ...], changes: Mapping[str, str]) -> list[Any]:
    """Return the form; the texts of `changes` (dotted path → text) stand in place of the file's."""
    return [_section(section, changes) for section in sections]


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
    elif not parameter.given and not ALWAYS_SHOWN.fullmatch(parameter.path):
        names.append("is-unset")
    return " ".join(names)


def _section(section: Section, changes: Mapping[str, str]) -> Any:
    paths = [parameter.path for group in section.groups for parameter in group.parameters]
    changed = any(path in changes for path in paths)
    return html.Details(
        className="form-section",
        open=section.title in OPEN_AT_FIRST or changed,
        children=[
            html.Summary([section.title, html.Span(_count(section), className="count number")]),
            *[_group(section, group, changes) for group in section.groups],
        ],
    )


def _count(section: Section) -> str:
    titled = [group for group in section.groups if group.title]
    return str(len(titled)) if len(titled) > 1 else ""


def _group(section: Section, group: Group, changes: Mapping[str, str]) -> Any:
    fields = [
        _field(section, group, parameter, changes.get(parameter.path)) for parameter in group.parameters
    ]
    heading = [html.H3(group.title)] if group.title else []
    return html.Div([*heading, *fields], className="form-group")


def _field(section: Section, group: Group, parameter: Parameter, typed: str | None) -> Any:
    value = parameter.text if typed is None else typed
    spoken = ", ".join(part for part in (section.title, group.title, parameter.label) if part)
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
    words = " ".join((section.title, group.title, parameter.label, parameter.path)).lower()
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
