"""A better layout as a scenario: what `twin layout` writes, for `twin run` and `twin compare` to prove.
Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from twin.experiment.layouts.arrangement import Improved
from twin.plant.changes import value_from_text
from twin.plant.document import Document


def scenario_text(
    title: str, base: str, run: Mapping[str, object], changes: Mapping[str, object], improved: Improved
) -> str:
    """A scenario that sets the places of what moved; the other words of the run are those given.

    Args:
        title: its title.
        base: what it starts from, as it is written in a file beside it.
        run: the words of `run` that the comparison needs, such as replications and seed.
        changes: that the present layout was run with; those of `run` go there.
        improved: the layout.
    """
    less = (improved.before - improved.after) / improved.before if improved.before else 0.0
    document = Document("twin: 1\nscenario: x\n", "scenario")
    document = document.set(("scenario",), title)
    document = document.set(("question",), "Does the plant make more when lots travel less?")
    said = (
        f"Lots travel {improved.after / 1000:.4g} km instead of {improved.before / 1000:.4g} km in a "
        f"replication ({less:.1%} less), if they take the same ways."
    )
    document = document.set(("assumptions",), [said])
    document = document.set(("base",), base)
    for path, value in changes.items():
        read = value_from_text(value) if isinstance(value, str) else value
        own = path.split(".") if path.startswith("run.") else ["set", path]
        document = document.set(tuple(own), read)
    places = {f"equipment.{name}.at": [round(x, 6), round(y, 6)] for name, (x, y) in improved.moved.items()}
    for path, place in places.items():
        document = document.set(("set", path), place)
    for key, value in run.items():
        document = document.set(("run", key), value)
    return document.text
