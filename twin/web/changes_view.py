"""What was changed against the source, as YAML that can be reviewed, and line by line with a way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html

from twin.web.attributes import attributes
from twin.web.draft import Draft, set_block
from twin.web.icons import icon
from twin.web.parts import empty, notice, panel


def changes_view(draft: Draft) -> Any:
    """Return the draft's changes: the YAML that says the same, and each change beside the file's value."""
    if not draft.changes:
        text = "Edit a parameter or move a unit: the change appears here as YAML, ready for a scenario file."
        return empty("check", "As in the file", text)
    block = set_block(draft.changes)
    head = html.Tr([html.Th(name, scope="col") for name in ("Path", "In the file", "Here", "")])
    rows = [html.Tr(_cells(draft, path, text)) for path, text in draft.changes.items()]
    line_by_line = html.Table([html.Thead(head), html.Tbody(rows)], className="plain-table")
    return html.Div(
        [
            panel(
                "As YAML",
                "These lines in a scenario file say the same.",
                html.Pre(html.Code(block, id="set-block"), className="yaml"),
                html.Div(
                    [dcc.Clipboard(target_id="set-block", title="Copy the YAML", className="quiet-button"),
                     html.Button([icon("undo"), "Undo all"], id={"reset": "*"}, className="quiet-button")],
                    className="actions",
                    style={"marginTop": "12px"},
                ),
            ),
            panel(
                "Line by line",
                f"Against {draft.source.title}.",
                html.Div(line_by_line, className="scroll-x"),
            ),
        ],
        className="stack",
    )  # fmt: skip


def pending_notice(changes: Mapping[str, str], run_changes: Mapping[str, str], run_id: str | None) -> Any:
    """Return the line that says that the result shown is not of the inputs as they are now, or nothing."""
    if run_id is None or changes == run_changes:
        return []
    return notice(icon("sliders"), "The inputs have changed since this result. Press Run for the new one.")


def _cells(draft: Draft, path: str, text: str) -> list[Any]:
    known = draft.base.parameters.get(path)
    before = (known.text or known.default or "–") if known else _at_in_file(draft, path)
    undo = html.Button(
        icon("undo"),
        id={"reset": path},
        className="quiet-button",
        title="Undo",
        **attributes(aria_label=f"Undo {path}"),
    )
    return [
        html.Td(html.Code(path)),
        html.Td(html.Code(before), className="soft"),
        html.Td(html.Code(text)),
        html.Td(undo),
    ]


def _at_in_file(draft: Draft, path: str) -> str:
    parts = path.split(".")
    equipment = draft.base.study.base.plant.equipment.get(parts[1]) if parts[0] == "equipment" else None
    return f"[{equipment.at[0]:g}, {equipment.at[1]:g}]" if equipment and equipment.at else "–"
