"""What `takers` promises to compiled code, in the language of LLVM: read by Numba when it compiles."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np import arrayobj

_fill_in: Any = arrayobj.populate_array  # has no types
_alloca: Any = cgutils.alloca_once
WORD = ir.IntType(64)
ALL = 2**40  # numbers; an array known by its address alone is as long as it has to be
ROW = 5  # numbers given to a taker; what it gives back comes behind them


def _hand_over(
    typing: Any, address: Any, context: Any, place: Any, at: Any, whole: Any, reals: Any
) -> tuple[Any, Any]:
    """Call a taker's function with `context`, `place` and where the data of three arrays begin."""

    def generate(of: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        begins = [
            builder.ptrtoint(of.make_array(kind)(of, builder, value).data, WORD)
            for kind, value in zip(signature.args[3:], arguments[3:], strict=True)
        ]
        row = _alloca(builder, WORD, size=ROW + 1)
        places = [builder.gep(row, [ir.Constant(WORD, k)]) for k in range(ROW + 1)]
        for number, where in zip([arguments[1], arguments[2], *begins], places, strict=False):
            builder.store(number, where)
        builder.store(ir.Constant(WORD, 0), places[ROW])
        function = ir.FunctionType(ir.IntType(32), [WORD]).as_pointer()
        builder.call(builder.inttoptr(arguments[0], function), [builder.ptrtoint(row, WORD)])
        return builder.load(places[ROW])

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


# Numba's own types would have them called as they are written.
hand_over: Any = intrinsic(_hand_over)
integers_at: Any = intrinsic(_integers_at)
reals_at: Any = intrinsic(_reals_at)
