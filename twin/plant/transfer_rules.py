"""What transfer by portions asks of an operation and of the one after it. Called by `parts_rules.py`.

Portions go on before the visit is over, so that nothing may decide at its end what becomes of the whole lot.
Pure functions from a checked plant to complaints.
"""

from __future__ import annotations

from collections.abc import Iterator

from twin.plant.checking import complain
from twin.plant.errors import Complaint, Path
from twin.plant.remainder import Refused
from twin.plant.schema import Equipment, Operation, Plant, Recipe

AS_A_WHOLE = (
    "together",
    "phases",
    "split",
    "pack",
    "rework",
    "scrap",
    "sampling",
    "specification",
    "shelf_life",
    "hold",
    "draws",
    "fills",
    "transfer_to",
)


def complaints(
    path: Path,
    plant: Plant,
    recipe: Recipe,
    operation: Operation,
    following: Operation | None,
    refused: Refused,
) -> Iterator[Complaint]:
    """What stands beside `transfer` of the operation at `path`, or after it, and cannot."""
    words = operation.transfer
    if words is None:
        return
    here = (*path, "transfer")
    if (words.portions is None) == (words.portion is None) and not refused.touches(here):
        yield complain(here, "needs one of `portions` and `portion`", "Write `transfer: {portions: 4}`.")
    if words.portions is not None and recipe.batch.unit == "pieces" and recipe.batch.amount < words.portions:
        message = f"makes {words.portions} portions of a lot of {recipe.batch.amount:g} pieces"
        yield complain((*here, "portions"), message, "Give the recipe its `batch`.")
    for key in AS_A_WHOLE:
        if getattr(operation, key):
            message = "concerns the whole lot, of which portions have gone on"
            yield complain((*path, key), message, "Leave it or `transfer` out, or `split` the lot before.")
    late = None if following is None else following.max_wait_before
    if late is not None and late.when_late == "rework":
        message = "goes on in portions, which the next operation's `max_wait_before` could send back"
        yield complain(here, message, "Write `when_late: scrap` or `flag` there.")
    for index, name in enumerate(operation.on):
        equipment = plant.equipment.get(name)
        if equipment is not None and equipment.flow is not None:
            message = f"names `{name}`, through which lots flow continuously"
            yield complain((*path, "on", index), message, "Leave `transfer` out.")
        yield from _undoing((*path, "on", index), equipment, name)
    for index, need in enumerate(operation.needs):
        if need.unit is not None:
            yield from _undoing((*path, "needs", index), plant.equipment.get(need.unit), need.unit)


def _undoing(path: Path, equipment: Equipment | None, name: str) -> Iterator[Complaint]:
    """A failure that scraps or repeats the work in hand."""
    for failure in () if equipment is None else equipment.failures:
        if failure.work != "resume":
            message = f"names `{name}`, whose failure `{failure.name}` undoes what portions have taken on"
            yield complain(path, message, "Write `work: resume` there.")
