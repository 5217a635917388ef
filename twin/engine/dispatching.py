"""Dispatching rules by name: twin's own, and those that installed packages add.

A package adds one by an entry point of the group `twin.dispatching` whose name is the rule's and whose object
is a function of eight whole numbers that returns one; of the waiting lots the one with the lowest goes first:

    def rule(now, ready, due, priority, processing, remaining, changeover, lot): ...

`now`, `ready` (since when it waits) and `due` (2**62 where it is not) are ns since the start of the run,
`processing` (of its operation on this unit), `remaining` (of this and all that follow) and `changeover` (to
clean and set up this unit for it) nominal durations in ns; `priority` and `lot` are its priority and number.
The function must be pure, and such that Numba compiles it without Python objects, because a compiled engine
calls it as well. Paths in a plant file never name code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import entry_points
from types import FunctionType, MappingProxyType
from typing import Any

from twin.engine.program import DispatchingRule
from twin.engine.rules.dispatching import (
    CRITICAL_RATIO,
    EDD,
    FIFO,
    LEAST_SETUP,
    OWN,
    PRIORITY,
    SPT,
)
from twin.plant.checking import complain
from twin.plant.errors import Complaint
from twin.plant.schema import Plant
from twin.plant.sentences import did_you_mean

GROUP = "twin.dispatching"
BUILT_IN = {
    "priority": PRIORITY,
    "fifo": FIFO,
    "spt": SPT,
    "edd": EDD,
    "critical_ratio": CRITICAL_RATIO,
    "least_setup": LEAST_SETUP,
}
ARGUMENTS = 8


class RuleError(RuntimeError):
    """A package offers a dispatching rule that cannot be used; the message says which."""


@cache
def added() -> Mapping[str, DispatchingRule]:
    """The rules that packages add, by name.

    Raises `RuleError` where one has a name that is taken, is no function, or cannot be compiled.
    """
    found: dict[str, DispatchingRule] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        if entry.name in BUILT_IN or entry.name in found:
            raise RuleError(f"{entry.value} would add the rule {entry.name}, and there is one of that name.")
        found[entry.name] = usable(entry.name, entry.load())
    return MappingProxyType(found)


def usable(name: str, rule: object) -> DispatchingRule:
    """`rule`, where it is a function that Numba compiles to one of whole numbers. Raises `RuleError`."""
    import numba  # a quarter of a second, for those who have such rules only

    if not isinstance(rule, FunctionType):
        raise RuleError(f"The dispatching rule {name} is no function.")
    compiled: Any = numba.njit(rule)
    try:
        compiled.compile((numba.int64,) * ARGUMENTS)
    except numba.core.errors.NumbaError as error:
        reason = str(error).strip().splitlines()[0]
        raise RuleError(f"The dispatching rule {name} cannot be compiled by Numba: {reason}") from error
    answer = compiled.nopython_signatures[0].return_type
    if not isinstance(answer, numba.types.Integer):
        raise RuleError(f"The dispatching rule {name} returns {answer}, and must return a whole number.")
    return rule


def rules_in_use(plant: Plant) -> tuple[str, ...]:
    """Names of the rules of packages that units of `plant` name, in file order."""
    named = dict.fromkeys(equipment.dispatching for equipment in plant.equipment.values())
    return tuple(name for name in named if name not in BUILT_IN and name in added())


def functions(names: Sequence[str]) -> tuple[DispatchingRule, ...]:
    """The rules of these names."""
    return tuple(added()[name] for name in names)


def number(name: str, of_packages: Sequence[str]) -> int:
    """The number of a rule in a program; of one that is not there, that of `priority`."""
    if name in of_packages:
        return OWN + of_packages.index(name)
    return BUILT_IN.get(name, PRIORITY)


def complaints(plant: Plant) -> Iterator[Complaint]:
    """Units that name a rule that is not there."""
    for name, equipment in plant.equipment.items():
        rule = equipment.dispatching
        if rule not in BUILT_IN and rule not in added():
            message = f"names a rule that is not there, `{rule}`"
            known = did_you_mean(rule, [*BUILT_IN, *added()])
            yield complain(("equipment", name, "dispatching"), message, known)
