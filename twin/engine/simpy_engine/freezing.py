"""Freezing and thawing: the state of a replication as plain values, and plain values as state again.

Everything that changes is reached from `State`: numbers, lists, dictionaries and objects of plain slots, the
rules' own in `State.rules` among them, which therefore need no code here. An object is written once and
referred to by number; what belongs to the program is referred to by its path. Thawing fills a state that has
just been made, so that whoever holds one of its lists or objects holds the right one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from twin.engine.program import Program
from twin.engine.simpy_engine.state import LotState, State, UnitState
from twin.engine.snapshot import WRITE_ANEW, SnapshotError

# What follows from the program and the rules in use, and is there when a state has been made.
DERIVED: dict[type, frozenset[str]] = {
    State: frozenset(
        {
            "causes",
            "certain",
            "desk",
            "due",
            "environment",
            "free",
            "hooks",
            "operations",
            "plain",
            "program",
            "recorder",
            "required",
            "schedule",
            "storage_entities",
            "streams",
            "takes",
            "travel",
            "when_due",
            "wip_entity",
        }
    ),
    UnitState: frozenset(
        {
            "line",
            "next",
            "next_line",
            "next_storage",
            "next_units",
            "plain",
            "program",
            "serves",
            "starts_at_once",
            "storage",
            "suspends",
            "takes",
        }
    ),
}

Frozen = Any  # what JSON can hold
UNSET: Frozen = {"unset": []}  # a slot without a value


class Freezer:
    """Turns state into plain values; `objects` holds each object once, as [class, slots]."""

    def __init__(self, program: Program) -> None:
        self.objects: list[Frozen] = []
        self._kept: list[object] = []  # alive, so that no number is given twice
        self._numbers: dict[int, int] = {}
        self._paths = {id(part): path for path, part in _parts(program, "")}

    def freeze(self, value: Any, where: str) -> Frozen:
        """The value as JSON can hold it; raises `SnapshotError` for what is no plain value."""
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        if type(value) is list:
            return [self.freeze(each, f"{where}[…]") for each in value]
        if type(value) in (tuple, deque):
            return {type(value).__name__: [self.freeze(each, f"{where}[…]") for each in value]}
        if isinstance(value, range):
            return {"range": [value.start, value.stop, value.step]}
        if type(value) in (set, frozenset):
            in_order = sorted(value, key=_rank)
            return {type(value).__name__: [self.freeze(each, f"{where}[…]") for each in in_order]}
        if type(value) is dict:
            pairs = value.items()
            return {"dict": [[self.freeze(k, where), self.freeze(v, f"{where}[{k!r}]")] for k, v in pairs]}
        if id(value) in self._paths:
            return {"program": self._paths[id(value)]}
        if is_dataclass(value):
            return self._record(value, where)
        return {"object": self._object(value, where)}

    def _record(self, value: Any, where: str) -> Frozen:
        """A value of fields: the engine's own, or one that a rule made of the program and makes again."""
        name = _name(value)
        if name not in _classes():
            return {"fixed": name}
        inside = {f.name: self.freeze(getattr(value, f.name), f"{where}.{f.name}") for f in fields(value)}
        return {"record": [name, inside]}

    def _object(self, value: object, where: str) -> int:
        known = self._numbers.get(id(value))
        if known is not None:
            return known
        name = _name(value)
        if name not in _classes():
            raise SnapshotError(f"a snapshot cannot hold {where}, a `{name}`")
        number = self._numbers[id(value)] = len(self.objects)
        self._kept.append(value)
        self.objects.append(None)
        self.objects[number] = [name, {slot: self._slot(value, slot, where) for slot in _slots(name)}]
        return number

    def _slot(self, value: object, slot: str, where: str) -> Frozen:
        return self.freeze(getattr(value, slot), f"{where}.{slot}") if hasattr(value, slot) else UNSET


class Thawer:
    """Turns plain values into state again, into what is there where it is of the same kind."""

    def __init__(self, program: Program, objects: list[Frozen]) -> None:
        self._frozen = objects
        self._made: dict[int, object] = {}
        self._used: set[int] = set()
        self._parts = dict(_parts(program, ""))

    def stands_for(self, number: int, there: object) -> None:
        """Say which object there is for a number, before anything refers to it."""
        self._made[number] = there
        self._used.add(id(there))

    def thaw(self, frozen: Frozen, there: object = None) -> Any:
        """The value; `there` is what stands in its place now."""
        if isinstance(frozen, list):
            return _into_list(there, [*self._each(frozen, there)])
        if not isinstance(frozen, dict):
            return frozen
        ((kind, inner),) = frozen.items()
        if kind == "object":
            return self._object(inner, there)
        if kind == "program":
            return self._parts[inner]
        if kind == "fixed":
            return self._fixed(inner, there)
        if kind == "record":
            name, values = inner
            return _class(name, values)(**{key: self.thaw(value) for key, value in values.items()})
        if kind == "dict":
            old = there if isinstance(there, dict) else {}
            pairs = [(self.thaw(key), value) for key, value in inner]
            found = {key: self.thaw(value, old.get(key)) for key, value in pairs}
            if isinstance(there, dict):
                there.clear()
                there.update(found)
                return there
            return found
        return self._collection(kind, [self.thaw(each) for each in inner], there)

    def _fixed(self, name: str, there: object) -> object:
        if _name(there) != name:
            raise SnapshotError(f"the snapshot has a `{name}` where there is none now")
        return there

    def _each(self, frozen: list[Frozen], there: object) -> Iterator[Any]:
        old = there if isinstance(there, list) and len(there) == len(frozen) else [None] * len(frozen)
        for each, before in zip(frozen, old, strict=True):
            yield self.thaw(each, before)

    def _collection(self, kind: str, values: list[Any], there: object) -> Any:
        if kind == "range":
            return range(*values)
        if kind in ("tuple", "frozenset"):
            return (tuple if kind == "tuple" else frozenset)(values)
        if isinstance(there, (set, deque)):
            there.clear()
            (there.update if isinstance(there, set) else there.extend)(values)
            return there
        return set(values) if kind == "set" else deque(values)

    def _object(self, number: int, there: object) -> object:
        made = self._made.get(number)
        if made is not None and self._frozen[number] is None:
            return made
        name, slots = self._frozen[number]
        kind = _class(name, slots)
        if made is None:
            fits = type(there) is kind and id(there) not in self._used
            made = there if fits else object.__new__(kind)
        self._used.add(id(made))
        self._made[number], self._frozen[number] = made, None
        for slot, value in slots.items():
            if value != UNSET:
                setattr(made, slot, self.thaw(value, getattr(made, slot, None)))
        return made


def _into_list(there: object, values: list[Any]) -> list[Any]:
    if not isinstance(there, list):
        return values
    there[:] = values
    return there


def _rank(value: Any) -> Any:
    """The place of a set's item in the file; lots and jobs come by operation and number."""
    return (value.operation, value.number) if isinstance(value, LotState) else value


def _name(value: object) -> str:
    """The name of a value's class: of the engine's own without the module, which may change."""
    kind = type(value)
    return (
        kind.__name__ if _classes().get(kind.__name__) is kind else f"{kind.__module__}.{kind.__qualname__}"
    )


def _class(name: str, values: Mapping[str, Frozen]) -> type:
    """The engine's class of a name, which keeps just these values; raises `SnapshotError`."""
    kind = _classes().get(name)
    if kind is None:
        raise SnapshotError(f"the snapshot holds a `{name}`, which this twin does not know: {WRITE_ANEW}")
    wanted = [f.name for f in fields(kind)] if is_dataclass(kind) else _slots(name)
    odd = sorted(set(wanted) ^ values.keys())
    if odd:
        raise SnapshotError(f"the snapshot keeps `{name}` otherwise, such as its `{odd[0]}`: {WRITE_ANEW}")
    return kind


def _is_plain(kind: type) -> bool:
    """Whether the objects of a class are plain slots, or a frozen value of fields."""
    return "__slots__" in vars(kind) or is_dataclass(kind)


@cache
def _classes() -> dict[str, type]:
    """The classes of the engine's modules whose objects are plain values, by their names."""
    found: dict[str, type] = {}
    package = importlib.import_module(__name__.rpartition(".")[0])
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for kind in vars(module).values():
            if isinstance(kind, type) and kind.__module__ == module.__name__ and _is_plain(kind):
                assert kind.__name__ not in found, kind
                found[kind.__name__] = kind
    return found


@cache
def _slots(name: str) -> tuple[str, ...]:
    kind = _classes()[name]
    every = [slot for base in kind.__mro__ for slot in getattr(base, "__slots__", ())]
    return tuple(slot for slot in every if slot not in DERIVED.get(kind, ()))


def _parts(part: object, path: str) -> Iterator[tuple[str, object]]:
    """Every object of a program with its path."""
    inside: list[tuple[str, object]] = []
    if is_dataclass(part) and not isinstance(part, type):
        yield path, part
        inside = [(f.name, getattr(part, f.name)) for f in fields(part)]
    elif isinstance(part, tuple):
        inside = [(str(i), each) for i, each in enumerate(part)]
    elif isinstance(part, dict):
        inside = [(str(key), each) for key, each in part.items()]
    for name, each in inside:
        yield from _parts(each, f"{path}.{name}")
