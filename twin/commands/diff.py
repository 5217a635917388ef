"""`twin diff`: what differs in meaning between two plants or scenarios."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twin import terminal
from twin.commands.common import Json, Quiet, WorkspaceFolder

if TYPE_CHECKING:
    from pydantic import BaseModel

    from twin.plant.scenario import Run

A_FILE = "A plant, a scenario, twin:NAME, or a run."


def show_diff(
    a: Annotated[str, typer.Argument(metavar="A", help=A_FILE)],
    b: Annotated[str, typer.Argument(metavar="B", help=A_FILE)],
    as_json: Json = False,
    quiet: Quiet = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """List what differs in meaning between two plants or scenarios, by dotted path."""
    from twin.plant.changes import diff

    before, run_before = _opened(a, workspace)
    after, run_after = _opened(b, workspace)
    found = diff(before, after)  # type: ignore[arg-type]  # plants are models of the language
    found += [(f"run.{path}", x, y) for path, x, y in diff(run_before, run_after)]
    rows = [{"path": path, "before": _plain(x), "after": _plain(y)} for path, x, y in found]
    if as_json:
        terminal.print_json({"a": a, "b": b, "differences": rows})
    elif not quiet and not rows:
        print("There is no difference in meaning.")
    elif not quiet:
        shown = [(path, _text(x), _text(y)) for path, x, y in found]
        terminal.print_table("", ("path", a, b), shown)


def _opened(reference: str, workspace: Path | None) -> tuple[BaseModel, Run]:
    """The plant, every change applied, and how it is run."""
    from twin.experiment.prepare import open_study
    from twin.experiment.results import open_result
    from twin.plant.scenario import Run
    from twin.plant.shipped import PREFIX

    file = Path(reference)
    if reference.startswith(PREFIX) or (file.is_file() and file.suffix in (".yaml", ".yml")):
        study = open_study(reference, workspace=workspace)
        return study.base.plant, study.scenario.run
    result = open_result(reference, workspace)
    said = (result.path / "inputs" / "run.json").read_text(encoding="utf-8")
    return result.plant, Run.model_validate_json(said)


def _plain(value: object) -> object:
    """A value as JSON has it."""
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


def _text(value: object) -> str:
    return "–" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
