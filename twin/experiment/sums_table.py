"""The sums of folded replications as an Arrow table, one row a replication, and back. Pure; for the store.

A column holds one field of `Sums`: a number, or a list over the names that the schema's metadata gives.
Times that 64 bits may not hold are decimals without a fraction.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from twin.experiment.names import Names
from twin.experiment.sums import DTYPES, SPECS, Kind, Sums

_NAMES = b"twin.names"
_TYPES: dict[Kind, pa.DataType] = {"whole": pa.int64(), "real": pa.float64(), "wide": pa.decimal128(38, 0)}


def to_table(sums: Sums) -> pa.Table:
    """The table of these sums; equal sums give equal tables."""
    columns: dict[str, pa.Array] = {"replication": pa.array(sums.replications, pa.int32())}
    for name, spec in SPECS.items():
        values = getattr(sums, name)
        flat: Any = values.ravel()
        if spec.kind == "wide":
            flat = [Decimal(int(number)) for number in flat]
        numbers = pa.array(flat, _TYPES[spec.kind])
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
        column = table.column(name).combine_chunks()
        flat = column.flatten() if spec.axes else column
        numbers = [int(number) for number in flat.to_pylist()] if spec.kind == "wide" else flat.to_numpy()
        array = np.empty(len(flat), dtype=DTYPES[spec.kind])
        array[:] = numbers
        fields[name] = array.reshape(len(table), *spec.shape(names))
    return Sums(table.column("replication").to_numpy().astype(np.int64), names, **fields)


def _lists(numbers: pa.Array, values: NDArray[Any]) -> pa.Array:
    """Numbers as one list for each replication."""
    each = int(np.prod(values.shape[1:]))
    return pa.ListArray.from_arrays(pa.array(np.arange(len(values) + 1) * each, pa.int32()), numbers)


def _frozen(name: str | list[str]) -> str | tuple[str, ...]:
    return name if isinstance(name, str) else tuple(name)
