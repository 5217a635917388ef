"""A state file being read: the plant and program that it is of, what it has taken so far, and what is wrong.

Shared by the files that read its chapters (`state_lots`, `state_units`, `state_stores`) for `situation`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from twin.engine.compile.context import MILLIGRAMS
from twin.engine.program import NONE, Program
from twin.plant import schema
from twin.plant.checking import complain
from twin.plant.errors import Complaint, Path
from twin.plant.scenario import Run
from twin.plant.sentences import did_you_mean
from twin.plant.shorthand import AnyQuantity, LotSize
from twin.plant.situation import StateFile


@dataclass
class Reading:
    """A state file being read, with what it has taken so far."""

    words: StateFile
    plant: schema.Plant  # control recipes written out
    program: Program
    run: Run
    products: dict[str, int]
    found: list[Complaint] = field(default_factory=list)
    taken: dict[int, int] = field(default_factory=dict)  # how many are on each unit
    batches: dict[int, tuple[int, float | None]] = field(
        default_factory=dict
    )  # operation, time left, by unit
    stored: dict[int, int] = field(default_factory=dict)  # lots by storage
    in_use: dict[int, int] = field(default_factory=dict)  # containers by kind

    def wrong(self, path: Path, predicate: str, hint: str = "", at_key: bool = False) -> None:
        """Note a complaint."""
        self.found.append(complain(path, predicate, hint, at_key=at_key))

    def knows(self, path: Path, name: str, known: Iterable[str], what: str = "") -> bool:
        """Whether a name is known; else note that it is `what`, or that the plant has no such key."""
        known = list(known)
        if name in known:
            return True
        message = f"{what}, `{name}`" if what else "is not in the plant"
        self.wrong(path, message, did_you_mean(name, known), at_key=not what)
        return False

    def amount(self, path: Path, given: AnyQuantity | LotSize, unit: str) -> int:
        """An amount in whole mg or pieces; `unit` is that of the program."""
        if (given.unit == "pieces") != (unit == "pieces"):
            wanted = "pieces" if unit == "pieces" else "kg"
            self.wrong(path, "is not in the unit that the plant gives it in", f"Write it in {wanted}.")
        size = given.amount if isinstance(given, LotSize) else given.mean
        return round(size * (MILLIGRAMS if given.unit == "kg" else 1))

    def count_containers(self, path: Path, kind: int, count: int) -> None:
        """Note that so many containers are in use, where there are as many."""
        self.in_use[kind] = self.in_use.get(kind, 0) + count
        pool = self.program.containers[kind]
        if self.in_use[kind] > pool.count:
            self.wrong(path, f"would have a container `{pool.name}`, of which there are {pool.count}")

    def units_by_name(self) -> dict[str, int]:
        """The units that have a name, by it: of a unit for several lots the first."""
        return {u.name: number for number, u in enumerate(self.program.units) if u.part_of == NONE}


def last_of(name: str) -> str:
    """The last part of a name of the program: the operation of `recipe/operation`."""
    return name.rpartition("/")[2]
