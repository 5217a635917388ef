"""An emulator: what stands in for a model, what it says of itself, and how it answers.

`stand_in` is a model that asks emulators first, in the model's place wherever one is called. A lot outside
the box of the design, or near where the model does not hold, is solved in full, so that its answer is the
model's own to the bit. `design` makes emulators and `cache` keeps them, as the bytes that stand here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import array_api_compat
import numpy as np
import numpy.typing as npt

from twin.physics.backend import namespace
from twin.physics.contract import OK, Inputs, Outcome, Quantity, UnitOperation
from twin.physics.emulation.kernel import predict
from twin.physics.emulation.quality import Quality

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

DURATION, YIELD = "duration", "yield"  # names of these two among the outputs
EMULATED = "physics_emulated"  # attribute: 1 where a lot was emulated, 0 where it was solved in full

_NO_SIZES: Integers = np.empty(0, dtype=np.int64)
_NO_NUMBERS: Floats = np.empty(0)


@dataclass(frozen=True)
class Emulator:
    """What stands in for the model of this name. `inputs` and `outputs` are the names of the kernel's rows.

    `points` of the design, of which the model did not hold at `failed`; `quality` by output. `declined`
    says why it is not good enough to be used; empty where it is. `sizes` and `numbers` are the kernel's
    tables.
    """

    model: str
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    points: int = 0
    failed: int = 0
    quality: Mapping[str, Quality] = field(default_factory=dict)
    declined: str = ""
    sizes: Integers = field(default_factory=lambda: _NO_SIZES, repr=False)
    numbers: Floats = field(default_factory=lambda: _NO_NUMBERS, repr=False)

    @property
    def worst(self) -> float:
        """The largest error that an output may have, over its lot-to-lot noise."""
        return max((quality.bound for quality in self.quality.values()), default=0.0)

    def to_bytes(self) -> bytes:
        """Return all of it; equal emulators give equal bytes."""
        words = {
            "model": self.model,
            "inputs": self.inputs,
            "outputs": self.outputs,
            "points": self.points,
            "failed": self.failed,
            "quality": {name: asdict(quality) for name, quality in self.quality.items()},
            "declined": self.declined,
            "sizes": self.sizes.size,
        }
        head = json.dumps(words, separators=(",", ":")).encode()
        rows = self.sizes.astype("<i8").tobytes() + self.numbers.astype("<f8").tobytes()
        return len(head).to_bytes(8, "little") + head + rows

    @classmethod
    def from_bytes(cls, content: bytes) -> Emulator:
        """Return what `to_bytes` gave."""
        start = 8 + int.from_bytes(content[:8], "little")
        words = json.loads(content[8:start])
        count = words["sizes"]
        return cls(
            model=words["model"],
            inputs=tuple(words["inputs"]),
            outputs=tuple(words["outputs"]),
            points=words["points"],
            failed=words["failed"],
            quality={name: Quality(**quality) for name, quality in words["quality"].items()},
            declined=words["declined"],
            sizes=np.frombuffer(content, "<i8", count, start).astype(np.int64),
            numbers=np.frombuffer(content, "<f8", -1, start + 8 * count).astype(np.float64),
        )


def stand_in(model: UnitOperation, emulators: Callable[[], Sequence[Emulator]]) -> UnitOperation:
    """Return a unit operation with the model's name and fields, and `EMULATED`, that is emulated where it
    may be.

    `emulators` is called when the first lot comes, so that nothing is made for lots that never do.
    """

    def evaluated(material: Inputs, settings: Inputs, equipment: Inputs) -> Outcome:
        return evaluate(emulators(), model, material, settings, equipment)

    flag = Quantity(EMULATED, "1", "1 where the lot was emulated, 0 where it was solved in full", 0.0, 1.0)
    return replace(model, attributes=(*model.attributes, flag), evaluate=evaluated)


def evaluate(
    emulators: Sequence[Emulator],
    model: UnitOperation,
    material: Inputs,
    settings: Inputs,
    equipment: Inputs,
    threads: int | None = None,
) -> Outcome:
    """Return an operation's outcome, (n,), emulated where one of `emulators` may, by the model elsewhere.

    Inputs as `model.evaluate` takes them, of its own array library. The attribute `EMULATED` tells which
    lot was which. Prediction is on the CPU, with `threads` at most; the answer is the same for any.
    """
    groups = (material, settings, equipment)
    given = {name: values for group in groups for name, values in group.items()}
    xp = namespace(*given.values())
    columns = _columns(model, given)
    lots = max((values.size for values in columns.values()), default=1)
    rest = np.arange(lots)  # lots that none has emulated yet
    found = {name: np.empty(lots) for name in (DURATION, YIELD, *(q.name for q in model.attributes))}
    found[EMULATED] = np.zeros(lots)
    status = np.full(lots, OK, dtype=np.int8)
    for emulator in emulators:
        if emulator.declined or not rest.size:
            continue
        predicted = predict(emulator.sizes, emulator.numbers, _rows(emulator, columns, rest), threads)
        here = predicted[:, -1] > 0.5
        done, outputs = rest[here], predicted.T[:, here]
        for name, values in zip(emulator.outputs, outputs, strict=False):
            found[name][done] = values
        found[EMULATED][done] = 1.0
        rest = rest[~here]
    if rest.size:
        full = model.evaluate(*({name: _some(xp, group[name], rest) for name in group} for group in groups))
        for name, values in {DURATION: full.duration, YIELD: full.yield_, **full.attributes}.items():
            found[name][rest] = _numpy(values)
        status[rest] = _numpy(full.status)
    back = {name: xp.asarray(values) for name, values in found.items()}
    return Outcome(back.pop(DURATION), back.pop(YIELD), back, xp.asarray(status))


def _rows(emulator: Emulator, columns: Mapping[str, Floats], lots: Integers) -> Floats:
    """The inputs of some lots as the kernel takes them, a row each."""
    rows = np.empty((len(lots), len(emulator.inputs)))
    for i, name in enumerate(emulator.inputs):
        values = columns[name]
        rows[:, i] = values[lots] if values.ndim and values.size > 1 else values
    return rows


def _columns(model: UnitOperation, given: Inputs) -> dict[str, Floats]:
    """All inputs as NumPy has them; where none is given, the model's default."""
    defaults = {q.name: q.default for q in (*model.material, *model.settings, *model.equipment)}
    known = {name: value for name, value in defaults.items() if value is not None} | dict(given)
    return {name: np.asarray(_numpy(values), dtype=np.float64) for name, values in known.items()}


def _numpy(values: Any) -> Any:
    return values.get() if array_api_compat.is_cupy_array(values) else values


def _some(xp: Any, values: Any, rows: Integers) -> Any:
    """Some lots of an input; one number is that of all of them."""
    if isinstance(values, int | float) or not values.ndim:
        return values
    return xp.take(values, xp.asarray(rows), axis=0)
