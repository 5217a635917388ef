"""What grows while a program is laid out: the plant's arrays, and the numbers of what records name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from twin.engine.compiled_engine.tables import head, needs
from twin.engine.draws import KINDS
from twin.engine.program import NONE, Program, Source
from twin.engine.simpy_engine.stretches import Required


@dataclass
class Names:
    """Names by number, each once."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """The number of a name."""
        return self.numbers.setdefault(name, len(self.numbers))


class Builder:
    """What grows while the tables are filled."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.p: list[int] = [0] * head.PLANT
        self.q: list[float] = []
        self.causes, self.entities = Names(), Names()
        self.sources: list[Source] = []
        self._known: dict[int, int] = {}
        self.sets: dict[Required, int] = {(): needs.NOTHING}
        self.services: list[tuple[int, ...]] = []
        self.ahead: dict[int, int] = {}  # operations whose physics is computed ahead, numbered

    def real(self, *values: float) -> int:
        """Keep reals; returns where the first stands."""
        self.q += values
        return len(self.q) - len(values)

    def pool(self, numbers: Iterable[int]) -> int:
        """Keep a list of integers; returns where it begins."""
        at = len(self.p)
        self.p += numbers
        return at

    def source(self, found: Source | None) -> int:
        """The number of a source, or none."""
        if found is None:
            return NONE
        if id(found) not in self._known:
            self._known[id(found)] = len(self.sources)
            self.sources.append(found)
        return self._known[id(found)]

    def uniform(self, name: str) -> int:
        """A source between 0 and 1, addressed by `name`."""
        return self.source(_uniform(name))

    def needs(self, required: Required) -> int:
        """The number of a set of needs."""
        return self.sets.setdefault(required, len(self.sets))

    def table(self, slot: int, rows: Sequence[Sequence[int]]) -> None:
        """Keep a table, whose place goes to the head."""
        self.p[slot] = len(self.p)
        for row in rows:
            self.p += row


@lru_cache(maxsize=10_000)
def _uniform(name: str) -> Source:
    return Source(name, KINDS["uniform"], 0.0, 1.0, 0.0, np.empty((2, 0)), 0.5)


def filled(width: int, columns: dict[int, int]) -> list[int]:
    """A row of a table from its columns, all of which must be there."""
    assert len(columns) == width
    return [columns[k] for k in range(width)]
