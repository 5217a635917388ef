"""Rules of quality between the parts of a plant: samples, release, specifications, hold times.

Pure functions from a plant to complaints, called by `consistency.py`. What needs the models of physics (is
there such an attribute, in which unit) the compiler of an engine checks.
"""

from __future__ import annotations

from collections.abc import Iterator

from twin.plant.checking import complain
from twin.plant.errors import Complaint, Path
from twin.plant.schema import HoldTime, LabTest, Operation, Recipe, Specified
from twin.plant.sentences import did_you_mean


def tests(operation: Operation) -> Iterator[tuple[Path, LabTest]]:
    """Every test that an operation can ask for, with its path from the operation."""
    for name, sample in operation.sampling.items():
        yield ("sampling", name, "test"), sample.test
    for name, specified in operation.specification.items():
        if specified.review is not None:
            yield ("specification", name, "review"), specified.review


def complaints(path: Path, recipe: Recipe) -> Iterator[Complaint]:
    """All that is wrong with the quality words of the recipe at `path`."""
    names = list(recipe.operations)
    sampled: dict[str, bool] = {}  # samples so far: whether they can fail
    needed: set[str] = set()
    for position, (name, operation) in enumerate(recipe.operations.items()):
        here = (*path, "operations", name)
        needed.update(operation.needs_release)
        yield from _checked(here, operation, recipe)
        yield from _needed(here, operation, sampled)
        yield from _sampled(here, operation, recipe, sampled)
        yield from _specified(here, operation, names, position)
        yield from _waits(here, operation, names, position)
        if operation.hold is not None:
            following = recipe.operations[names[position + 1]] if position + 1 < len(names) else None
            yield from _quarantine(here, operation, following)
    for name, operation in recipe.operations.items():
        for sample, plan in operation.sampling.items():
            if plan.test.fails and sample not in needed:
                where = (*path, "operations", name, "sampling", sample, "test", "fails")
                hint = f"Add `needs_release: [{sample}]` to a later operation."
                yield complain(where, "fails without effect: nothing needs the result", hint)


def _checked(path: Path, operation: Operation, recipe: Recipe) -> Iterator[Complaint]:
    check = operation.in_process
    if check is None:
        return
    here = (*path, "in_process")
    if check.fails and check.adjusting is None:
        yield complain((*here, "fails"), "is given without `adjusting`", "Say how long the unit stops.")
    for key in ("adjusting", "waste"):
        if not check.fails and getattr(check, key) is not None:
            yield complain((*here, key), "never takes place, because no check `fails`")
    if operation.hold is not None or operation.merge or operation.together is not None:
        yield complain(here, "stands beside `hold`, `merge` or `together`", "Leave one of them out.")
    if check.every.unit not in ("s", recipe.batch.unit) and (
        check.every.unit == "kg" or recipe.piece is None
    ):
        message = f"is in {check.every.unit}, and lots are in {recipe.batch.unit}"
        yield complain((*here, "every"), message, "Write it in their unit, or give the mass of a `piece`.")
    in_pieces = check.waste is not None and check.waste.unit == "pieces"
    if in_pieces and recipe.batch.unit == "kg" and recipe.piece is None:
        yield complain((*here, "waste"), "is in pieces, and the recipe does not say what a `piece` weighs")


def _needed(path: Path, operation: Operation, sampled: dict[str, bool]) -> Iterator[Complaint]:
    for index, name in enumerate(operation.needs_release):
        if name not in sampled:
            predicate = f"names no sample of an earlier operation, `{name}`"
            hint = did_you_mean(name, sampled) or "Add `sampling: {…}` to an earlier operation."
            yield complain((*path, "needs_release", index), predicate, hint)


def _sampled(
    path: Path, operation: Operation, recipe: Recipe, sampled: dict[str, bool]
) -> Iterator[Complaint]:
    for name, plan in operation.sampling.items():
        here = (*path, "sampling", name)
        if name in sampled:
            yield complain(here, "has the name of an earlier sample", "Give it another name.", at_key=True)
        sampled[name] = plan.test.fails > 0
        if plan.every is not None and plan.fraction is not None:
            yield complain((*here, "fraction"), "stands beside `every`", "Keep one of them.")
        if plan.quantity is not None and plan.quantity.unit != recipe.batch.unit:
            predicate = f"is in `{plan.quantity.unit}`, while lots are in `{recipe.batch.unit}`"
            yield complain((*here, "quantity"), predicate, "Write it in the unit of the batch.")


def _specified(path: Path, operation: Operation, names: list[str], position: int) -> Iterator[Complaint]:
    for name, specified in operation.specification.items():
        here = (*path, "specification", name)
        if specified.min is None and specified.max is None:
            yield complain(here, "lacks `min` or `max`", "Give at least one of them.")
        for key, bound in (("min", specified.min), ("max", specified.max)):
            if bound is not None and bound.kind != "constant":
                yield complain((*here, key), "must be one quantity", "Write for example `80 N`.")
        yield from _otherwise(here, specified, names[: position + 1])
        if specified.otherwise == "hold" and position + 1 == len(names):
            hint = "Add an operation, such as packing, to hold it from."
            yield complain((*here, "otherwise"), "holds a lot that has left", hint)


def _otherwise(path: Path, specified: Specified, names: list[str]) -> Iterator[Complaint]:
    if (specified.review is None) == (specified.otherwise == "hold"):
        if specified.review is None:
            yield complain((*path, "otherwise"), "holds lots that nobody reviews", "Add `review: {…}`.")
        else:
            yield complain((*path, "review"), "needs `otherwise: hold`", "Add it, or leave `review` out.")
    for key in ("to", "limit"):
        if getattr(specified, key) is not None and specified.otherwise != "rework":
            yield complain((*path, key), "needs `otherwise: rework`", f"Add it, or leave `{key}` out.")
    yield from _target((*path, "to"), specified.to, names)


def _target(path: Path, to: str | None, names: list[str]) -> Iterator[Complaint]:
    if to is not None and to not in names:
        predicate = f"names `{to}`, which is no operation up to this one"
        yield complain(path, predicate, did_you_mean(to, names))


def _waits(path: Path, operation: Operation, names: list[str], position: int) -> Iterator[Complaint]:
    if operation.max_wait_before is not None:
        yield from _late((*path, "max_wait_before"), operation.max_wait_before, names[: position + 1])
    life = operation.shelf_life
    if life is None:
        return
    here = (*path, "shelf_life")
    yield from _late(here, life, names[: position + 1])
    later = names[position + 1 :]
    if not later:
        yield complain(here, "has no later operation to limit", "Leave it out.")
    elif life.until is not None and life.until not in later:
        predicate = f"names `{life.until}`, which is no later operation"
        yield complain((*here, "until"), predicate, did_you_mean(life.until, later))


def _late(path: Path, held: HoldTime, names: list[str]) -> Iterator[Complaint]:
    if (held.to is None) == (held.when_late == "rework"):
        if held.to is None:
            yield complain((*path, "when_late"), "does not say where rework goes", "Add `to: …`.")
        else:
            yield complain((*path, "to"), "needs `when_late: rework`", "Add it, or leave `to` out.")
    yield from _target((*path, "to"), held.to, names)


def _quarantine(path: Path, operation: Operation, following: Operation | None) -> Iterator[Complaint]:
    """A lot in quarantine stays in its place until the operation after it starts."""
    if operation.wait_in == "none":
        hint = "Name a storage, or leave `wait_in` out."
        yield complain((*path, "wait_in"), "gives the lot no place for its quarantine", hint)
    for key in ("rework", "take", "setup", "sampling", "specification"):
        if getattr(operation, key):
            yield complain((*path, key), "cannot stand beside `hold`", "Give it an operation of its own.")
    if operation.return_:
        yield complain((*path, "return"), "cannot stand beside `hold`", "Let a later operation do it.")
    if following is not None and following.wait_in is not None:
        predicate = "is followed by an operation with a place of its own, and the lot stays where it is"
        yield complain((*path, "hold"), predicate, "Leave `wait_in` out there.")
