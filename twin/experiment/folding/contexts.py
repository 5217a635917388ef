"""What is kept of replications as compiled code has it, written to numbers and read from their address.

In the language of LLVM: read by Numba when it compiles `taking`.
"""

from __future__ import annotations

from typing import Any

import numba
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from twin.experiment.folding import taking

WORD = 8  # bytes
_typeof: Any = numba.typeof  # has no types


def _size_of(typing: Any, of: Any) -> tuple[Any, Any]:
    """How many numbers of 8 bytes hold what is kept."""

    def generate(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        size = target.get_abi_sizeof(target.get_value_type(signature.args[0]))
        return ir.Constant(ir.IntType(64), -(-size // WORD))

    return types.int64(of), generate


def _write(typing: Any, of: Any, context: Any) -> tuple[Any, Any]:
    """Write what is kept into an array of numbers."""

    def generate(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = target.make_array(signature.args[1])(target, builder, arguments[1])
        kind = target.get_value_type(signature.args[0]).as_pointer()
        builder.store(arguments[0], builder.bitcast(array.data, kind))
        return target.get_dummy_value()

    return types.void(of, context), generate


def _read(typing: Any, context: Any) -> tuple[Any, Any]:
    """What is kept, from the address to which it was written."""

    def generate(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = target.get_value_type(signature.return_type).as_pointer()
        return builder.load(builder.inttoptr(arguments[0], kind))

    return _typeof(taking.example())(types.int64), generate


size: Any = intrinsic(_size_of)  # Numba's own types would have them called as they are written
store: Any = intrinsic(_write)
kept_at: Any = intrinsic(_read)
