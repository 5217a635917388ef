"""Makes a `UnitOperation` of a set of equations, with defaults, layout and status; evaluates one on a device.

A unit operation's own file says what its inputs are and what its equations compute; what all of them share
stands here. Inputs are laid out row by row in one block, so that every equation sees contiguous rows and a
lot's answer cannot depend on how the caller's arrays lay in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import array_api_compat
import numpy as np

from twin.physics.backend import Backend, Device, namespace, select
from twin.physics.contract import OK, OUT_OF_RANGE, Array, Inputs, Outcome, Quantity, UnitOperation
from twin.physics.kernels import launch


class Answer(NamedTuple):
    """What equations give, shape (n,) each; `holds` false where they fail beyond the inputs' own ranges."""

    duration: Array
    yield_: Array
    attributes: Mapping[str, Array]
    holds: Array


Equations = Callable[[Mapping[str, Array]], Answer]


def unit_operation(
    name: str,
    *,
    material: tuple[Quantity, ...],
    settings: tuple[Quantity, ...],
    equipment: tuple[Quantity, ...],
    attributes: tuple[Quantity, ...],
    equations: Equations,
) -> UnitOperation:
    """Return the unit operation of these fields, whose `evaluate` calls `equations` with all inputs by name.

    The three groups' names differ from one another, so that equations need not know who gives an input.
    Raises `ValueError` where they do not.
    """
    fields = (*material, *settings, *equipment)
    if len({field.name for field in fields}) != len(fields):
        raise ValueError(f"Two inputs of {name} have the same name.")
    evaluate = Evaluation(name, (material, settings, equipment), equations)
    return UnitOperation(name, material, settings, equipment, attributes, evaluate)


class Evaluation:
    """The `evaluate` of a unit operation that is made of equations.

    Args:
        name: of the unit operation.
        groups: its material, settings and equipment.
        equations: called with all inputs by name.
    """

    def __init__(self, name: str, groups: Sequence[tuple[Quantity, ...]], equations: Equations) -> None:
        self.__qualname__ = "unit_operation.<locals>.evaluate"  # by which kept states know it
        self._name, self._groups, self._equations = name, groups, equations
        self.fields = [field for group in groups for field in group]  # the rows of a block
        self._names = [field.name for field in self.fields]
        self._edges = [
            np.array([[getattr(field, edge)] for field in self.fields], dtype=np.float64)
            for edge in ("low", "high")
        ]

    def __call__(self, material: Inputs, settings: Inputs, equipment: Inputs) -> Outcome:
        """What comes out of inputs by name, arrays of shape (n,)."""
        given: list[Any] = []
        for group, inputs in zip(self._groups, (material, settings, equipment), strict=True):
            given.extend(_value(self._name, field, inputs) for field in group)
        return self.of_block(_layout(given))

    def of_block(self, block: Array) -> Outcome:
        """What comes out of inputs as rows of a block in the order of `fields`, shape (fields, n)."""
        xp = namespace(block)
        low, high = self._edges
        if xp is not np:
            place = array_api_compat.device(block)
            low, high = (xp.asarray(edge, dtype=xp.float64, device=place) for edge in self._edges)
        in_range = xp.all((block >= low) & (block <= high), axis=0)
        values = {name: block[i, ...] for i, name in enumerate(self._names)}
        with np.errstate(all="ignore"):  # a lot that divides by zero gets its status
            return _outcome(self._equations(values), in_range)


def evaluate_on(
    device: Device | Backend,
    operation: UnitOperation,
    material: Inputs,
    settings: Inputs,
    equipment: Inputs,
) -> Outcome:
    """Return an operation's outcome in NumPy arrays, computed on `device` from numbers and arrays.

    `gpu` computes all of it there and `cpu` nothing, as does a `Backend` of either. `auto` lets whole
    integrations go to a GPU from their kernel's measured break-even on. Raises `DeviceError` where a GPU is
    asked for and cannot be used, `ValueError` for another word.

    >>> from twin.physics import models
    >>> outcome = evaluate_on("cpu", models()["blending"], {"batch_mass": [240.0, 300.0]}, {}, {})
    >>> outcome.duration
    array([1500., 1500.])
    """
    backend = device if isinstance(device, Backend) else select(device)
    kernels = device.device if isinstance(device, Backend) else device

    def there(inputs: Inputs) -> Inputs:
        return {name: v if isinstance(v, int | float) else backend.array(v) for name, v in inputs.items()}

    with launch.kernels_on(kernels):
        outcome = operation.evaluate(there(material), there(settings), there(equipment))
    return Outcome(
        duration=backend.to_numpy(outcome.duration),
        yield_=backend.to_numpy(outcome.yield_),
        attributes={name: backend.to_numpy(values) for name, values in outcome.attributes.items()},
        status=backend.to_numpy(outcome.status),
    )


def evaluate_block(evaluation: Evaluation, block: Array) -> Outcome:
    """Return what `evaluate_on` returns, computed on the CPU from inputs laid out in a block of NumPy's."""
    with launch.kernels_on("cpu"):
        return evaluation.of_block(block)


def _value(operation: str, field: Quantity, inputs: Inputs) -> Any:
    """Return an input or its default. Raises `ValueError` where there is neither."""
    value = inputs.get(field.name, field.default)
    if value is None:
        raise ValueError(f"{operation} needs {field.name} in {field.unit}: {field.meaning}.")
    return value


def _layout(given: list[Any]) -> Array:
    """Return the inputs as a block of shape (fields, n)."""
    xp = namespace(*given)
    arrays = [value for value in given if not isinstance(value, int | float)]
    place = array_api_compat.device(arrays[0]) if arrays else None
    lots = max((array.shape[0] for array in arrays if array.ndim), default=1)
    block = xp.empty((len(given), lots), dtype=xp.float64, device=place)
    for i, value in enumerate(given):
        plain = isinstance(value, int | float) or value.dtype == xp.float64
        block[i, ...] = value if plain else xp.astype(value, xp.float64)
    return block


def _outcome(answer: Answer, in_range: Array) -> Outcome:
    """Return the answer with a status: in range, and every number finite."""
    xp = namespace(in_range)
    good = in_range & answer.holds & xp.isfinite(answer.duration) & xp.isfinite(answer.yield_)
    for values in answer.attributes.values():
        good = good & xp.isfinite(values)
    status = xp.where(good, xp.asarray(OK, dtype=xp.int8), xp.asarray(OUT_OF_RANGE, dtype=xp.int8))
    return Outcome(answer.duration, answer.yield_, dict(answer.attributes), status)
