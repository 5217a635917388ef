"""Replications folded in pieces of any size, beside their whole records, for tests that compare the two."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.rows import Rows, Stores, stores_of
from twin.engine.simpy_engine import simulate, simulate_into
from twin.engine.snapshot import Snapshot
from twin.experiment.charges import Charges
from twin.experiment.folding import Folder
from twin.experiment.measures import measure
from twin.experiment.planned import planned_times


@dataclass(frozen=True)
class Simulated:
    """A replication: its record, and the rows of which that was made, as they came."""

    program: Program
    replication: int
    record: Record
    block: Rows
    causes: tuple[str, ...]
    entities: tuple[str, ...]
    begins: int
    end: int
    planned: Mapping[str, float] = field(default_factory=dict)

    def folded(
        self,
        start: int = 0,
        end: int | None = None,
        pieces: int = 1,
        dice: random.Random | None = None,
        charges: Charges | None = None,
    ) -> pa.Table:
        """Measures over a window, from the rows in so many pieces."""
        folder = Folder(self.program, start, end, self.planned)
        self.fold_into(folder, self.replication, pieces, dice)
        return folder.table(charges=charges)

    def fold_into(
        self, folder: Folder, number: int, pieces: int = 1, dice: random.Random | None = None
    ) -> None:
        """Hand the rows over, in so many pieces, as those of the replication of a number."""
        fold = folder.begin([number], self.causes, self.entities, self.begins)
        for piece in cut(self.block, pieces, dice or random.Random(1)):
            fold.rows(stores_of(piece))
        fold.end([0], [self.end])

    def measured(self, start: int = 0, end: int | None = None, charges: Charges | None = None) -> pa.Table:
        """Measures over a window, from the record."""
        return measure(
            self.record.states,
            self.record.lots,
            self.record.levels,
            {self.replication: (start, self.end if end is None else end)},
            planned=self.planned,
            genealogy=self.record.genealogy,
            charges=charges,
        )


class Kept:
    """Takes the rows of one replication, and keeps them."""

    def begin(
        self, replications: Sequence[int], causes: Sequence[str], entities: Sequence[str], begins: int = 0
    ) -> Kept:
        self.names, self.begins = (tuple(causes), tuple(entities)), begins
        return self

    def rows(self, stores: Stores) -> None:
        self.block = stores.rows(0)

    def taker(self, columns: Any, width: int) -> None:
        return None

    def end(self, places: Sequence[int], horizons: Sequence[int]) -> None:
        (self.horizon,) = horizons


def simulated(
    program: Program, seed: int = 1, replication: int = 0, start: Snapshot | None = None
) -> Simulated:
    """One replication of a program."""
    record, kept = simulate(program, seed, replication, start=start), Kept()
    for _ in simulate_into(kept, program, seed, [replication], start=start):
        pass
    of = (record, kept.block, *kept.names, kept.begins, kept.horizon)
    return Simulated(program, replication, *of, planned_times(program))


def cut(block: Rows, pieces: int, dice: random.Random) -> Iterator[Rows]:
    """A block's rows in so many pieces of random sizes; due dates and genealogy come first."""
    tables: dict[str, Any] = {"states": block.states, "lots": block.lots, "levels": block.levels}
    bounds = {
        name: [0, *sorted(dice.randint(0, len(rows)) for _ in range(pieces - 1)), len(rows)]
        for name, rows in tables.items()
    }
    for k in range(pieces):
        part = {name: slice(edges[k], edges[k + 1]) for name, edges in bounds.items()}
        yield Rows(
            states=block.states[part["states"]],
            lots=block.lots[part["lots"]],
            attributes=block.attributes[part["lots"]],
            levels=block.levels[part["levels"]],
            rates=block.rates[part["levels"]],
            due=block.due if k == 0 else block.due[:0],
            genealogy=block.genealogy if k == 0 else block.genealogy[:0],
        )


def differences(one: pa.Table, other: pa.Table) -> list[tuple[str, float | None, float | None]]:
    """Measures that differ in name or by a bit."""
    mine, theirs = one.to_pylist(), other.to_pylist()
    names, others = ([row["measure"] for row in rows] for rows in (mine, theirs))
    if names != others:
        return [(name, None, None) for name in sorted({*names} ^ {*others}) or ["order"]]
    return [
        (a["measure"], a["value"], b["value"])
        for a, b in zip(mine, theirs, strict=True)
        if a["value"] != b["value"]
    ]
