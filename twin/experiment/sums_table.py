"""The sums of folded replications as an Arrow table, one row a replication, and back. Pure; for the store.

A column holds one field of `Sums`: a number, or a list over the names that the schema's metadata gives.
Times that 64 bits may not hold are decimals without a fraction.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from twin.engine.columns import column, numbers
from twin.experiment.names import Names
from twin.experiment.sums import DTYPES, SPECS, Sums

_NAMES = b"twin.names"
LOW_WORD = 2**64 - 1  # of a number of 16 bytes
_WIDE = pa.decimal128(38, 0)  # 16 bytes a number, the low ones first


def to_table(sums: Sums) -> pa.Table:
    """The table of these sums; equal sums give equal tables."""
    columns: dict[str, pa.Array] = {"replication": column(np.asarray(sums.replications).astype(np.int32))}
    for name, spec in SPECS.items():
        values = getattr(sums, name)
        flat = values.ravel()
        numbers = _wide(flat) if spec.kind == "wide" else column(flat)
        columns[name] = _lists(numbers, values) if spec.axes else numbers
    names = json.dumps(asdict(sums.names), ensure_ascii=False, separators=(",", ":"))
    return pa.table(columns).replace_schema_metadata({_NAMES: names.encode()})


def from_table(table: pa.Table) -> Sums:
    """The sums that `to_table` made a table of."""
    known = json.loads(table.schema.metadata[_NAMES])
    lists: dict[str, Any] = {key: tuple(map(_frozen, values)) for key, values in known.items()}
    names = Names(**lists)
    fields = {}
    for name, spec in SPECS.items():
        kept = table.column(name).combine_chunks()
        flat = kept.flatten() if spec.axes else kept
        array = np.empty(len(flat), dtype=DTYPES[spec.kind])
        array[:] = _wide_numbers(flat) if spec.kind == "wide" else numbers(flat)
        fields[name] = array.reshape(len(table), *spec.shape(names))
    return Sums(numbers(table.column("replication")).astype(np.int64), names, **fields)


def _lists(numbers: pa.Array, values: NDArray[Any]) -> pa.Array:
    """Numbers as one list for each replication."""
    each = int(np.prod(values.shape[1:]))
    return pa.ListArray.from_arrays(column((np.arange(len(values) + 1) * each).astype(np.int32)), numbers)


def _wide(values: NDArray[Any]) -> pa.Array:
    """Python's integers, shape (n,), as decimals."""
    data = b"".join(number.to_bytes(16, "little", signed=True) for number in map(int, values.tolist()))
    return pa.Array.from_buffers(_WIDE, len(values), [None, pa.py_buffer(data)])


def _wide_numbers(decimals: pa.Array) -> list[int]:
    """What `_wide` made decimals of."""
    if not len(decimals):
        return []
    data = decimals.buffers()[1]
    halves = np.frombuffer(data, dtype="<i8", count=2 * len(decimals), offset=16 * decimals.offset)
    low, high = halves[::2], halves[1::2]
    if (high == low >> 63).all():
        narrow: list[int] = low.tolist()
        return narrow
    pairs = zip(high.tolist(), low.tolist(), strict=True)
    return [(above << 64) + (below & LOW_WORD) for above, below in pairs]


def _frozen(name: str | list[str]) -> str | tuple[str, ...]:
    return name if isinstance(name, str) else tuple(name)
