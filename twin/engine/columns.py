"""Arrow arrays from NumPy arrays and from names, and back, by their buffers.

`pyarrow.array` and `pyarrow.scalar` ask pandas what they are given, and so import pandas, which takes longer
than all else that a short run needs; nothing of twin hands them anything of pandas. Called by whoever makes
or reads the record's tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def column(values: npt.NDArray[Any], mask: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """The numbers or truths of an array, shape (n,), as an Arrow array of their type; null where `mask` is.

    >>> column(np.array([1.5, 2.5]), np.array([False, True])).to_pylist()
    [1.5, None]
    >>> column(np.array([True, False, True])).to_pylist()
    [True, False, True]
    """
    data = _bits(values) if values.dtype == np.bool_ else np.ascontiguousarray(values)
    there = None if mask is None or not mask.any() else pa.py_buffer(_bits(~mask))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [there, pa.py_buffer(data)])


def texts(names: Sequence[str]) -> pa.StringArray:
    """Names as an Arrow array.

    >>> texts(["press", "", "Füller"]).to_pylist()
    ['press', '', 'Füller']
    """
    encoded = [name.encode() for name in names]
    ends = np.fromiter(accumulate(map(len, encoded), initial=0), np.int32, count=len(names) + 1)
    return pa.StringArray.from_buffers(len(names), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded)))


def numbers(values: pa.Array | pa.ChunkedArray, null: float = 0) -> npt.NDArray[Any]:
    """The numbers or truths of an Arrow array, shape (n,), in their own type; `null` where there is none.

    >>> numbers(column(np.array([1, 2, 3]), np.array([False, True, False]))[1:], -1)
    array([-1,  3])
    """
    chunks = values.chunks if isinstance(values, pa.ChunkedArray) else [values]
    parts = [_of_chunk(chunk, null) for chunk in chunks if len(chunk)]
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.empty(0, dtype=values.type.to_pandas_dtype())


def _of_chunk(values: pa.Array, null: float) -> npt.NDArray[Any]:
    there, data = values.buffers()
    if values.type == pa.bool_():
        found = _truths(data, values)
    else:
        own = slice(values.offset, values.offset + len(values))
        found = np.frombuffer(data, dtype=values.type.to_pandas_dtype())[own]
    if not values.null_count:
        return found
    return np.where(_truths(there, values), found, found.dtype.type(null))


def _truths(bits: pa.Buffer, values: pa.Array) -> npt.NDArray[np.bool_]:
    """The part of a row of bits that belongs to an array."""
    last = values.offset + len(values)
    whole = np.unpackbits(np.frombuffer(bits, dtype=np.uint8), count=last, bitorder="little")
    return whole[values.offset :].astype(np.bool_)


def _bits(truths: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    return np.packbits(truths, bitorder="little")
