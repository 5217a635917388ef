"""Which operations' physics can be computed before anybody asks, and why the others cannot.

An operation is *ahead* where every input of a lot's first visit follows from draws of that lot alone: raw
material, settings, the recipe's batch and what the lot loses by drawn yields, and attributes that operations
give which are ahead themselves. It is *live* where an input depends on what happens in the plant. Lots that
come otherwise (sent back, repeated after a failure, inside when the run starts) are always asked live.
Static: decided from the program, before a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from twin.engine.physics_call import BATCH_MASS
from twin.engine.program import NONE, Operation, PhysicsCall, Program

FULL, EMULATED = "full", "emulated"  # how the model is solved
MOST_WAYS = 16  # through unequal units, all of which are computed


@dataclass(frozen=True)
class PlannedOperation:
    """An operation with physics: `ahead` or live, and `why`.

    `kinds` numbers the units by equal parameters; `ways` counts the ways that a lot can have come, one for
    each combination of kinds of units at the operations before that are ahead.
    """

    number: int
    recipe: int
    name: str
    model: str
    ahead: bool
    why: str
    kinds: dict[int, int] = field(default_factory=dict, repr=False)
    ways: int = 1
    weighs: bool = False  # the answer depends on the lot's quantity
    mode: str = FULL

    def as_row(self) -> dict[str, str]:
        """What users are shown, and the manifest says."""
        return {
            "operation": self.name,
            "model": self.model,
            "when": "ahead" if self.ahead else "live",
            "why": self.why,
            "mode": self.mode,
        }


def physics_plan(program: Program) -> tuple[PlannedOperation, ...]:
    """Every operation with physics in the order of the program, ahead or live."""
    return tuple(p for r in range(len(program.recipes)) for p in _Recipe(program, r).plan())


def chain(program: Program, recipe: int) -> Iterator[int]:
    """The operations of a recipe in the order in which a lot goes through them."""
    number = program.recipes[recipe].first
    while number != NONE:
        yield number
        number = program.operations[number].next


class _Recipe:
    """What is known ahead of a recipe's lots as they go from operation to operation."""

    def __init__(self, program: Program, recipe: int) -> None:
        self.program, self.recipe = program, recipe
        self.given: dict[str, str] = {}  # attributes, and the operation that gave them last
        self.live: set[str] = set()  # operations
        self.weight_unknown = ""  # why
        self.parts = ""  # why a lot is not the released one any more
        self.ways = 1
        self.waste = {c.operation for c in program.quality.checks if c.waste is not None}
        self.samples = {i.operation for i in program.quality.inquiries if i.quantity}

    def plan(self) -> Iterator[PlannedOperation]:
        for number in chain(self.program, self.recipe):
            operation = self.program.operations[number]
            if operation.merges:
                self.parts = f"its lots are merged before `{_short(operation)}`"
            if operation.physics is not None:
                yield self._planned(number, operation, operation.physics)
            self._after(number, operation)

    def _planned(self, number: int, operation: Operation, call: PhysicsCall) -> PlannedOperation:
        weighs = BATCH_MASS in {q.name for q in call.model.material}
        kinds = _kinds(call)
        ways = self.ways
        why = self._live(operation, call, weighs, max(kinds.values(), default=0) + 1)
        ahead = not why
        why = why or self._sources(call, weighs)
        self.given |= dict.fromkeys([q.name for q in call.model.attributes], _short(operation))
        if ahead:
            self.ways *= max(kinds.values()) + 1
        else:
            self.live.add(_short(operation))
        mode = FULL if call.emulation is None else EMULATED
        return PlannedOperation(
            number, self.recipe, operation.name, call.model.name, ahead, why, kinds, ways, weighs, mode
        )

    def _live(self, operation: Operation, call: PhysicsCall, weighs: bool, kinds: int) -> str:
        """Why an operation is live; empty where it is not."""
        if self.parts:
            return self.parts
        if operation.batch[1] > 1:
            return "several lots are done together"
        for name, _ in call.carried:
            if self.given.get(name) in self.live:
                return f"`{name}` comes from `{self.given[name]}`, which is live"
        if weighs and self.weight_unknown:
            return f"the batch mass depends on {self.weight_unknown}"
        if self.ways * kinds > MOST_WAYS:
            return f"there are more than {MOST_WAYS} ways to it through units of unequal parameters"
        return ""

    def _sources(self, call: PhysicsCall, weighs: bool) -> str:
        """Why an operation is ahead: where its inputs come from."""
        drawn = any(not source.constant for _, source in (*call.material, *call.settings))
        before = dict.fromkeys(self.given[n] for n, _ in call.carried if n in self.given)
        sources = ["draws of the lot"] * drawn + ["the batch mass"] * weighs
        sources += [f"`{each}`, which is ahead" for each in before]
        return f"its inputs come from {', '.join(sources)}" if sources else "its inputs are fixed"

    def _after(self, number: int, operation: Operation) -> None:
        """What becomes unknown when an operation is done."""
        if operation.split_into or operation.split_each or operation.portions or operation.portion_each:
            self.parts = self.parts or f"its lots are parts since `{_short(operation)}`"
        self.weight_unknown = self.weight_unknown or self._loses(number, operation)

    def _loses(self, number: int, operation: Operation) -> str:
        """What makes a lot's quantity after an operation depend on the plant."""
        name = _short(operation)
        units = [self.program.units[u] for u in operation.units]
        stations = [self.program.stations[s] for u in units for s in u.stations]
        if name in self.live:
            return f"the yield of `{name}`, which is live"
        if any(start.waste is not None for start in operation.start_up.values()):
            return f"the waste of starting up in `{name}`"
        if any(mode.waste is not None for unit in (*units, *stations) for mode in unit.failures):
            return f"the waste of stops in `{name}`"
        if number in self.waste:
            return f"the waste of checks in `{name}`"
        if number in self.samples:
            return f"the samples of `{name}`"
        if operation.flows:
            return f"the rejects of the flow in `{name}`"
        if operation.pack:
            return f"the packs of `{name}`"
        if operation.tanks or operation.transfer_to != NONE:
            return f"the tanks of `{name}`"
        return ""


def _kinds(call: PhysicsCall) -> dict[int, int]:
    """Units by equal parameters, numbered in the order of the units."""
    seen: list[dict[str, float]] = []
    found = {}
    for unit, parameters in call.equipment.items():
        if parameters not in seen:
            seen.append(parameters)
        found[unit] = seen.index(parameters)
    return found


def _short(operation: Operation) -> str:
    return operation.name.rpartition("/")[2]
