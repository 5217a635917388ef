"""Rows handed from compiled code to compiled code that it does not know, by address: no interpreter between.

An engine's kernel hands a replication's rows over while they are in the processor's cache; who takes them
gives a `Taker`. Called by `compiled_engine.blocks` and by `experiment.folding`, on CPUs only. Where Numba is
switched off nothing has an address, and rows go through `rows.Takes.rows`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic
from numba.np import arrayobj

_fill_in: Any = arrayobj.populate_array  # has no types
WORD = ir.IntType(64)
ALL = 2**40  # numbers; an array known by its address alone is as long as it has to be


class Taker(NamedTuple):
    """A compiled function that takes the rows of one replication, in the thread that calls it.

    At `address` stands a C function of five whole numbers: `context`; the replication's place among those
    begun together; and the addresses of a row as those of `rows.Stores.at`, and of the whole numbers and the
    reals that this refers to. It returns 1 when it has taken all, and 0 where it lacks room for the rest:
    then the same rows must go through `rows.Takes.rows`, which makes room and goes on.
    """

    address: int
    context: int


def _hand_over(
    typing: Any, address: Any, context: Any, place: Any, at: Any, whole: Any, reals: Any
) -> tuple[Any, Any]:
    """Call a taker's function with `context`, `place` and where the data of three arrays begin."""

    def generate(of: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        begins = [
            builder.ptrtoint(of.make_array(kind)(of, builder, value).data, WORD)
            for kind, value in zip(signature.args[3:], arguments[3:], strict=True)
        ]
        function = ir.FunctionType(WORD, [WORD] * 5).as_pointer()
        called = builder.inttoptr(arguments[0], function)
        return builder.call(called, [arguments[1], arguments[2], *begins])

    return types.int64(types.int64, types.int64, types.int64, at, whole, reals), generate


def _array_at(kind: Any) -> Any:
    """An array of numbers from an address on, as long as it has to be."""

    def generate(of: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, step = of.make_array(kind)(of, builder), of.get_constant(types.intp, 8)
        length = of.get_constant(types.intp, ALL)
        data = builder.inttoptr(arguments[0], array.data.type)
        _fill_in(array, data, [length], [step], step, None)
        return array._getvalue()

    return generate


def _integers_at(typing: Any, address: Any) -> tuple[Any, Any]:
    """Whole numbers from an address on."""
    kind = types.Array(types.int64, 1, "C")
    return kind(types.int64), _array_at(kind)


def _reals_at(typing: Any, address: Any) -> tuple[Any, Any]:
    """Reals from an address on."""
    kind = types.Array(types.float64, 1, "C")
    return kind(types.int64), _array_at(kind)


# What compiled code calls; Numba's own types would have them called as they are written.
hand_over: Any = intrinsic(_hand_over)
integers_at: Any = intrinsic(_integers_at)
reals_at: Any = intrinsic(_reals_at)
