"""The arrays in which the compiled engine keeps plant and replication, as type checkers see them.

NumPy's `int64` and `float64`, one-dimensional; an element counts as a plain number.
"""

from __future__ import annotations

from collections.abc import MutableSequence
from typing import Any, Protocol, overload


class Integers(Protocol):
    """Whole numbers."""

    @overload
    def __getitem__(self, place: int, /) -> int: ...
    @overload
    def __getitem__(self, places: slice, /) -> MutableSequence[int]: ...
    def __setitem__(self, place: int, value: int, /) -> None: ...
    def __len__(self) -> int: ...


class Reals(Protocol):
    """Real numbers."""

    @overload
    def __getitem__(self, place: int, /) -> float: ...
    @overload
    def __getitem__(self, places: slice, /) -> Any: ...
    def __setitem__(self, place: int, value: float, /) -> None: ...
    def __len__(self) -> int: ...
