"""A run's files as YAML to keep: the user's own texts, comments and all, with its changes made. Pure.

Together they are the run again: `scenario.yaml` where there is one, else `plant.yaml`. A change that has no
place of its own in the plant's text (a short form would have to be opened) goes into a scenario, as do those
of the run.
"""

from __future__ import annotations

from collections.abc import Mapping

from twin.plant.document import Document, write
from twin.plant.shipped import PREFIX

PLANT, SCENARIO = "plant.yaml", "scenario.yaml"
RUN = "run."

Values = Mapping[str, object]


def spliced(plant: str, scenario: str | None, changes: Values, title: str) -> dict[str, str]:
    """Return file names and texts.

    Args:
        plant: text of the plant's file.
        scenario: text of the scenario's file; None where a plant was run.
        changes: dotted path → value, those that the scenario itself makes among them.
        title: what a scenario is called that has to be written anew.
    """
    if scenario is not None:
        return {PLANT: plant, SCENARIO: _in_scenario(Document(scenario, SCENARIO), changes)}
    document = Document(plant, PLANT)
    left: dict[str, object] = {}
    for path, value in changes.items():
        try:
            if path.startswith(RUN):
                raise KeyError(path)
            document = document.set(tuple(path.split(".")), value)
        except KeyError:
            left[path] = value
    texts = {PLANT: document.text}
    if left:
        head = f"twin: 1\nscenario: {write(title, in_flow=False)}\nbase: {PLANT}\n"
        texts[SCENARIO] = head + blocks(left)
    return texts


def blocks(changes: Values) -> str:
    """Return changes as the `set:` and `run:` blocks of a scenario file; empty where there are none."""
    of_run = {path.removeprefix(RUN): value for path, value in changes.items() if path.startswith(RUN)}
    of_plant = {path: value for path, value in changes.items() if not path.startswith(RUN)}
    return "".join(
        f"{name}:\n" + "".join(f"  {path}: {write(value, in_flow=False)}\n" for path, value in values.items())
        for name, values in (("set", of_plant), ("run", of_run))
        if values
    )


def _in_scenario(document: Document, changes: Values) -> str:
    own = document.data.get("set")
    known = own if isinstance(own, Mapping) else {}
    for path, value in changes.items():
        if path.startswith(RUN):
            document = document.set(tuple(path.split(".")), value)
        elif path not in known or known[path] != value:
            document = document.set(("set", path), value)
    if not str(document.data["base"]).startswith(PREFIX):
        document = document.set(("base",), PLANT)
    return document.text
