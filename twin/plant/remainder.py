"""What remains of a file's data when the schema has refused parts of it, so that the rules can still speak.

A refused part is left out where the language can do without it; where it cannot, a stand-in takes its place.
`Refused` remembers those places: no rule complains of a stand-in. Called by `checking.py` only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from twin.plant import scenario, schema
from twin.plant.errors import Path
from twin.plant.shapes import Shape, bare_type, shape
from twin.plant.shorthand import Model

STAND_IN = "stand_in"

_OPENING = {"days": "daily", "from": "00:00", "to": "24:00"}
_OPERATION = {"on": [STAND_IN], "takes": "1 s"}
_PHASE = {"takes": "1 s"}
_WHOLE: Mapping[object, Mapping[str, Any]] = {schema.Operation: _OPERATION, schema.Phase: _PHASE}
STAND_INS: Mapping[type[Model], Mapping[str, Any]] = {
    schema.Area: {"outline": [[0, 0], [1, 0], [0, 1]]},
    schema.Opening: _OPENING,
    schema.Closure: {"from": "2000-01-01", "to": "2000-01-01"},
    schema.Calendar: {"open": [_OPENING]},
    schema.People: {"count": 1},
    schema.Shift: {"count": 1},
    schema.Member: {"people": STAND_IN},
    schema.Need: {"people": STAND_IN},
    schema.Failure: {"clock": "running", "between": "1 h", "repair": "1 s"},
    schema.StartUp: {"takes": "1 s"},
    schema.Changeover: {},
    schema.Cleaning: {"takes": "1 s"},
    schema.UnitHold: {"limit": "1 s"},
    schema.Station: {},
    schema.FlowSection: {"stations": {STAND_IN: {}}},
    schema.Maintenance: {"takes": "1 s"},
    schema.Wear: {},
    schema.Equipment: {},
    schema.Storage: {},
    schema.ContainerCleaning: {"takes": "1 s", "on": [STAND_IN]},
    schema.ContainerHold: {"limit": "1 s"},
    schema.Container: {"count": 1},
    schema.Material: {"lot": "1 kg"},
    schema.Costs: {"currency": "EUR"},
    schema.Labour: {"rate": "1 EUR/h"},
    schema.UnitPower: {"producing": "1 kW"},
    schema.Factors: {},
    schema.Footprint: {},
    schema.Utility: {"capacity": "1 m3/h"},
    schema.UtilityStorage: {"volume": "1 m3", "generation": "1 m3/h"},
    schema.Use: {},
    schema.Tank: {"material": STAND_IN, "volume": "1 m3"},
    schema.TankHold: {"limit": "1 s"},
    schema.Supply: {"every": "1 h"},
    schema.Reorder: {"below": "1 kg", "lead_time": "1 h"},
    schema.Transport: {"speed": "1 m/s"},
    schema.Fleet: {"count": 1, "speed": "1 m/s"},
    schema.Battery: {"lasts": "1 h", "charge": "1 h"},
    schema.Airlock: {"between": ["outside", "outside"], "takes": "1 s"},
    schema.Conveyor: {"length": "1 m", "speed": "1 m/s"},
    schema.InProcess: {"every": "1 h", "takes": "1 s"},
    schema.LabTest: {"on": [STAND_IN], "takes": "1 s"},
    schema.Sample: {"test": {"on": [STAND_IN], "takes": "1 s"}},
    schema.Specified: {},
    schema.HoldTime: {"limit": "1 s"},
    schema.ShelfLife: {"limit": "1 s"},
    schema.Split: {},
    schema.Transfer: {},
    schema.Rework: {"probability": 0, "to": STAND_IN},
    schema.Operation: {"on": [STAND_IN]},
    schema.Phase: _PHASE,
    schema.Together: {"max": 2},
    schema.Recipe: {"operations": [{STAND_IN: _OPERATION}]},
    schema.ReleaseRule: {"rule": "conwip", "limit": 1},
    schema.Loop: {"limit": 1, "from": STAND_IN},
    schema.Order: {"recipe": STAND_IN},
    schema.Plant: {
        "twin": 1,
        "plant": STAND_IN,
        "equipment": {STAND_IN: {}},
        "recipes": {STAND_IN: {"operations": [{STAND_IN: _OPERATION}]}},
        "orders": [{"recipe": STAND_IN}],
    },
    scenario.Axis: {"values": [1]},
    scenario.Sweep: {"axes": {STAND_IN: [1]}},
    scenario.Goal: {"measure": "throughput", "aim": "maximise"},
    scenario.Constraint: {"measure": "throughput", "at_least": 0},
    scenario.Optimise: {"settings": {STAND_IN: [1]}, "goals": [{"measure": "throughput", "aim": "maximise"}]},
    scenario.Scenario: {"scenario": STAND_IN, "base": STAND_IN},
}
"""For each model what stands in for its required keys."""


@dataclass(frozen=True)
class Refused:
    """The `paths` of refused parts, operations by name; `inside` has for what is above them the next keys."""

    paths: frozenset[Path] = frozenset()
    inside: Mapping[Path, frozenset[str | int]] = field(default_factory=dict)

    def and_also(self, paths: Iterable[Path]) -> Refused:
        """These and more."""
        more = self.paths.union(paths)
        inside: dict[Path, set[str | int]] = {}
        for path in more:
            for end, key in enumerate(path):
                inside.setdefault(path[:end], set()).add(key)
        return Refused(more, {path: frozenset(keys) for path, keys in inside.items()})

    def hides(self, path: Path) -> bool:
        """Is the part at `path` refused, or one that contains it?"""
        return bool(self.paths) and any(path[:end] in self.paths for end in range(len(path) + 1))

    def touches(self, path: Path) -> bool:
        """Is the part at `path` refused, or one that contains it, or one inside it?"""
        return path in self.inside or self.hides(path)

    def keys(self, path: Path) -> frozenset[str | int]:
        """The keys of the part at `path` that are refused, or have something refused inside."""
        return self.inside.get(path, frozenset())


def leave_out(model: type[Model], data: dict[str, Any], path: Path) -> Path | None:
    """Leave out of `data`, or replace in it, what a validation by `model` refused at `path`.

    Changes `data`. Returns the path of the part that went; None where that is all of it.
    """
    return _leave_out(shape(model), data, path)


def _leave_out(here: Shape, data: Any, path: Path) -> Path | None:
    """As `leave_out`; None where the part as a whole has to go."""
    if not path:
        return None
    if here.kind == "model" and isinstance(data, dict):
        return _in_model(here, data, path)
    if here.kind == "mapping" and isinstance(data, dict):
        return _in_mapping(here, data, path)
    if here.kind == "mapping" and isinstance(data, list):
        return _in_one_keys(here, data, path)
    if here.kind == "list" and isinstance(data, list):
        return _in_list(here, data, path)
    if here.kind == "list" and isinstance(data, dict) and path[0] == 0:  # a list of one, as its only item
        inner = _leave_out(shape(here.inside), data, path[1:])
        return None if inner is None else (0, *inner)
    return None


def _in_model(here: Shape, data: dict[str, Any], path: Path) -> Path | None:
    key = str(path[0])
    if here.fields is not None and key in here.fields and key in data:
        inner = _leave_out(shape(here.fields[key]), data[key], path[1:])
        if inner is not None:
            return key, *inner
    model = here.annotation
    if key in required_keys(model):
        if key not in STAND_INS.get(model, {}):
            return None
        data[key] = _fresh(STAND_INS[model][key])
        return (key,)
    if key not in data:
        return None
    del data[key]
    return (key,)


def _in_mapping(here: Shape, data: dict[str, Any], path: Path) -> Path | None:
    name = str(path[0])
    if name not in data:
        return None
    inside = shape(here.inside)
    inner = _leave_out(inside, data[name], path[1:])
    if inner is not None:
        return name, *inner
    del data[name]
    if inside.annotation in STAND_INS:
        name = _new_name(data) if path[1:] == ("[key]",) else name
        data[name] = _fresh(STAND_INS[inside.annotation])
    return (name,)


def _in_one_keys(here: Shape, data: list[Any], path: Path) -> Path | None:
    """In a list of one-key mappings, which the schema reads as one mapping."""
    for index, item in enumerate(data):
        found = index if isinstance(path[0], int) else next(iter(item), None) if _has_one_key(item) else None
        if found != path[0]:
            continue
        if _has_one_key(item) and not isinstance(path[0], int) and path[1:] != ("[key]",):
            inner = _leave_out(shape(here.inside), item[path[0]], path[1:])
            name = str(path[0])
        else:
            inner, name = None, _new_name([next(iter(each), "") for each in data if isinstance(each, dict)])
        if inner is None and shape(here.inside).annotation not in _WHOLE:
            del data[index]  # names alone, as of skills: the others do without it
        elif inner is None:
            data[index] = {name: _fresh(_WHOLE[shape(here.inside).annotation])}
        return (name, *(inner or ()))
    return None


def _in_list(here: Shape, data: list[Any], path: Path) -> Path | None:
    index = path[0]
    if not isinstance(index, int) or index >= len(data):
        return None
    inside = shape(here.inside)
    inner = _leave_out(inside, data[index], path[1:])
    if inner is not None:
        return index, *inner
    if inside.annotation in STAND_INS:
        data[index] = _fresh(STAND_INS[inside.annotation])
    elif bare_type(here.inside) is str:
        data[index] = STAND_IN
    else:
        return None
    return (index,)


def required_keys(model: type[Model]) -> set[str]:
    """The keys that a file cannot leave out."""
    return {info.alias or name for name, info in model.model_fields.items() if info.is_required()}


def _has_one_key(item: Any) -> bool:
    return isinstance(item, dict) and len(item) == 1


def _new_name(taken: Iterable[str]) -> str:
    names = set(taken)
    return next(name for i in range(len(names) + 1) if (name := f"{STAND_IN}_{i}") not in names)


def _fresh(value: Any) -> Any:
    """A copy that may be changed."""
    if isinstance(value, Mapping):
        return {key: _fresh(item) for key, item in value.items()}
    return [_fresh(item) for item in value] if isinstance(value, list) else value
