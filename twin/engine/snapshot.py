"""Snapshots: the whole state of a plant at one instant, as plain values that a file can hold.

An engine takes a `Snapshot` and starts from one; `to_json` and `from_json` are its file. The file says for
which plant it was taken, so that it is refused for another one by the name of what does not fit. Other code
may go on from it where it keeps the same things of a state (the engine compares them as it thaws) and the
numbers among them mean the same (`FORMAT`); `origin` then says so. Files are read and written by
`experiment/`, not here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from twin.engine.fingerprint import code_fingerprint
from twin.engine.program import Program

# Of the file, and of what the numbers in it mean: raised when states, outcomes or kinds of effects are
# numbered otherwise, or what the state keeps under a name means something else.
FORMAT = 3
WRITE_ANEW = (
    "run what it was taken of once more with this twin (`run.snapshot_at`), or write down the state by hand"
)
_NOT_THE_PLANT = ("horizon", "terminating")  # fields of a program that say how long it runs


class SnapshotError(Exception):
    """A snapshot cannot be taken, read, or used for this plant; the message says why."""


@dataclass(frozen=True)
class Snapshot:
    """The state of one replication at `at` ns: after all that falls due until then, before all that comes.

    `names` is the plant's inventory by kind; `state` holds plain values, as the engine that took it makes
    them.
    """

    at: int
    seed: int
    replication: int
    week_offset: int  # ns from Monday 00:00 to the start of the run
    code: str  # fingerprint of the code that took it
    program: str  # `program_hash` of the plant that it was taken of
    names: dict[str, list[str]]
    state: dict[str, Any]

    def to_json(self) -> str:
        """The file's text."""
        return json.dumps({"snapshot": FORMAT, **asdict(self)}, indent=None, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Snapshot:
        """Read a file's text; raises `SnapshotError` for one that is none."""
        try:
            data = json.loads(text)
        except ValueError as wrong:
            raise SnapshotError(f"the snapshot is no JSON: {wrong}") from None
        if not isinstance(data, dict) or "snapshot" not in data:
            raise SnapshotError("the file is no snapshot: it lacks the key `snapshot`")
        version = data.pop("snapshot")
        if version != FORMAT:
            raise SnapshotError(
                f"the snapshot has version {version}, and this twin reads version {FORMAT}: {WRITE_ANEW}"
            )
        wanted = {name: kind for name, kind in _KINDS.items() if not isinstance(data.get(name), kind)}
        if wanted or data.keys() - _KINDS.keys():
            odd = ", ".join(f"`{name}`" for name in sorted({*wanted, *(data.keys() - _KINDS.keys())}))
            raise SnapshotError(f"the snapshot is damaged at {odd}")
        return cls(**data)

    def complain_unless_it_fits(self, program: Program) -> None:
        """Raise `SnapshotError`, naming what does not fit, unless the snapshot is of this plant."""
        if self.week_offset != program.week_offset:
            raise SnapshotError("the snapshot is of a run with another `start`")
        if program.horizon is not None and program.horizon < self.at:
            raise SnapshotError(
                f"the horizon, {program.horizon / 1e9:.0f} s from the start of the run, is over at the "
                f"snapshot, which is of {self.at / 1e9:.0f} s"
            )
        misfits = list(_misfits(self.names, inventory(program)))
        if misfits:
            raise SnapshotError(f"the snapshot is of another plant: {'; '.join(misfits[:5])}")

    def origin(self, program: Program) -> str:
        """Whether this code and this plant took it, in a few words; empty where both did."""
        words = []
        if self.code != code_fingerprint():
            words.append("the snapshot was taken by other code, whose rules may differ")
        if self.program != program_hash(program):
            words.append("the snapshot was taken of a plant with other numbers")
        return "; ".join(words)


_KINDS: Mapping[str, type] = {
    "at": int,
    "seed": int,
    "replication": int,
    "week_offset": int,
    "code": str,
    "program": str,
    "names": dict,
    "state": dict,
}


def program_hash(program: Program) -> str:
    """BLAKE2b-128, in hex, of all that a program says of its plant: not of how long it runs.

    Equal plants compiled by equal code have equal hashes; other code may compile the same plant otherwise.
    """
    digest = hashlib.blake2b(digest_size=16)
    for field in fields(program):
        if field.name not in _NOT_THE_PLANT:
            for text in _texts(getattr(program, field.name), field.name):
                digest.update(text.encode() + b"\0")
    return digest.hexdigest()


def _texts(part: Any, name: str) -> Iterator[str]:
    """Every value of a part of a program as text, each after its name."""
    if is_dataclass(part):
        for field in fields(part):
            yield from _texts(getattr(part, field.name), field.name)
    elif isinstance(part, np.ndarray):
        yield f"{name} {part.shape} {part.tolist()}"
    elif isinstance(part, Mapping):
        for key, each in part.items():
            yield from _texts(each, f"{name}[{key!r}]")
    elif isinstance(part, tuple):
        yield f"{name} {len(part)}"
        for each in part:
            yield from _texts(each, name)
    elif callable(part):
        yield f"{name} {part.__module__}.{part.__qualname__}"
    else:
        yield f"{name} {part!r}"


def inventory(program: Program) -> dict[str, list[str]]:
    """The names of all that a state refers to by number, by kind, in the order of their numbers."""
    machines = (*program.units, *program.stations)
    return {
        "units": [unit.name for unit in machines],
        "failures": [f"{unit.name}/{mode.name}" for unit in machines for mode in unit.failures],
        "operations": [operation.name for operation in program.operations],
        "storages": [storage.name for storage in program.storages],
        "people": [pool.name for pool in program.people],
        "containers": [pool.name for pool in program.containers],
        "calendars": [calendar.name for calendar in program.calendars],
        "loops": [loop.name for loop in program.loops],
        "orders": [program.recipes[order.recipe].name for order in program.orders],
        "materials": [material.name for material in program.materials],
        "tanks": [tank.name for tank in program.tanks],
        "utilities": [utility.name for utility in program.utilities],
    }


def _misfits(taken: Mapping[str, list[str]], now: Mapping[str, list[str]]) -> list[str]:
    found: list[str] = []
    for kind in now:
        before, after = taken.get(kind, []), now[kind]
        if before == after:
            continue
        gone = [name for name in before if name not in after]
        new = [name for name in after if name not in before]
        found += [f"{kind}: `{name}` is not there any more" for name in gone]
        found += [f"{kind}: the snapshot knows nothing of `{name}`" for name in new]
        if not gone and not new:
            found.append(f"{kind}: their order or number has changed")
    return found
