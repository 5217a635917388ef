"""numba-cuda's compiler for hundreds of small functions that end up in one kernel: as `linking` on a CPU.

numba-cuda by itself compiles a function anew for each number written out where it is called, hands it to
NVIDIA's compiler once for every way from the kernel to it, and gives it arrays as seven numbers each: of the
network kernel's functions 71,928 instead of 679, which took nine minutes and became 39 MB of PTX. Here a
function is compiled once for all numbers and handed over once (`lanes_text`), in 1.8 MB. Only `lanes` comes
here, and only where a kernel is compiled for a GPU.

A lane's arrays, of Numba's layout `A`, have a stride of `LANES` numbers. All others are contiguous, and of
the plant, which nothing writes while a kernel runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, islice
from typing import Any

from llvmlite import ir as llvm
from numba.cuda import types
from numba.cuda.codegen import CUDACodeLibrary
from numba.cuda.compiler import CreateLibrary, CUDACompiler, CUDANativeLowering, compile_extra
from numba.cuda.core import ir
from numba.cuda.core.callconv import CUDACABICallConv
from numba.cuda.core.compiler_machinery import LoweringPass, PassManager, register_pass
from numba.cuda.cudadrv.nvvm import ADDRSPACE_GENERIC, ADDRSPACE_GLOBAL
from numba.cuda.descriptor import cuda_target
from numba.cuda.dispatcher import CUDADispatcher, get_current_device
from numba.cuda.flags import CUDAFlags
from numba.cuda.lowering import CUDALower
from numba.cuda.utils import numba_target_override

from twin.engine.compiled_engine.lanes import LANES
from twin.engine.compiled_engine.lanes_text import merged
from twin.engine.compiled_engine.tables import head
from twin.physics.kernels.compiled import Compiled

_NUMBER = llvm.IntType(64)
_names = count()


class _Arguments:
    """How a part takes its arguments: of an array where it begins, in the GPU's global memory, and its
    lengths; all else as numba-cuda has it.
    """

    def __init__(self, context: Any, kinds: Sequence[Any]) -> None:
        self._ways = [
            _OfArray(context, kind) if isinstance(kind, types.Array) else context.get_arg_packer((kind,))
            for kind in kinds
        ]
        self.argument_types = [each for way in self._ways for each in way.argument_types]

    def as_arguments(self, builder: Any, values: Sequence[Any]) -> list[Any]:
        """The arguments of a call."""
        both = zip(self._ways, values, strict=True)
        return [each for way, value in both for each in way.as_arguments(builder, [value])]

    def from_arguments(self, builder: Any, given: Sequence[Any]) -> list[Any]:
        """The values of arguments."""
        rest, found = iter(given), list[Any]()
        for way in self._ways:
            found += way.from_arguments(builder, list(islice(rest, len(way.argument_types))))
        return found

    def assign_names(self, given: Sequence[Any], names: Sequence[str]) -> None:
        """Leave them the names that they have."""


class _OfArray:
    """`_Arguments` of one array."""

    def __init__(self, context: Any, kind: Any) -> None:
        if kind.layout != "C" and (kind.layout, kind.ndim) != ("A", 1):
            raise TypeError(f"{kind} is no array of a lane, nor one of the plant.")
        self._context, self._kind = context, kind
        self._item = context.get_data_type(kind.dtype)
        self.argument_types = [self._item.as_pointer(ADDRSPACE_GLOBAL), *[_NUMBER] * kind.ndim]

    def as_arguments(self, builder: Any, values: Sequence[Any]) -> list[Any]:
        (value,) = values
        data = builder.addrspacecast(
            _field(self._context, builder, self._kind, value, "data"), self.argument_types[0]
        )
        shape = _field(self._context, builder, self._kind, value, "shape")
        return [data, *[builder.extract_value(shape, k) for k in range(self._kind.ndim)]]

    def from_arguments(self, builder: Any, given: Sequence[Any]) -> list[Any]:
        data = builder.addrspacecast(given[0], self._item.as_pointer(ADDRSPACE_GENERIC))
        return [_array(self._context, builder, self._kind, data, given[1:])]


def _field(context: Any, builder: Any, kind: Any, value: Any, name: str) -> Any:
    return builder.extract_value(value, context.data_model_manager[kind].get_field_position(name))


def _array(context: Any, builder: Any, kind: Any, data: Any, lengths: Sequence[Any]) -> Any:
    """An array: one of a lane, or a contiguous one."""
    size = context.get_abi_sizeof(data.type.pointee)
    strides = [_NUMBER(size * LANES if kind.layout == "A" else size)]
    count = lengths[-1]
    for length in reversed(lengths[:-1]):
        strides.insert(0, builder.mul(_NUMBER(size), count))
        count = builder.mul(count, length)
    model = context.data_model_manager[kind]
    value = llvm.Constant(model.get_value_type(), None)
    fields = {"nitems": count, "itemsize": _NUMBER(size), "data": data}
    fields |= {"shape": _row(builder, lengths), "strides": _row(builder, strides)}
    for name, field in fields.items():
        value = builder.insert_value(value, field, model.get_field_position(name))
    return value


def _row(builder: Any, numbers: Sequence[Any]) -> Any:
    row = llvm.Constant(llvm.ArrayType(_NUMBER, len(numbers)), llvm.Undefined)
    for k, number in enumerate(numbers):
        row = builder.insert_value(row, number, k)
    return row


class _CallingConvention(CUDACABICallConv):  # type: ignore[misc]
    """Parts give their result itself; what would raise an exception stops the GPU."""

    def _get_arg_packer(self, argtypes: Sequence[Any]) -> _Arguments:
        return _Arguments(self.context, argtypes)

    def return_user_exc(self, builder: Any, *what: Any, **more: Any) -> None:
        trap = builder.module.declare_intrinsic("llvm.trap", (), llvm.FunctionType(llvm.VoidType(), ()))
        builder.call(trap, ())
        builder.unreachable()


class _Part(CUDACodeLibrary):  # type: ignore[misc]
    """A part as lowered; NVIDIA's compiler gets it with all that it calls, each once, as one module."""

    def finalize(self) -> None:
        self._raise_if_finalized()
        self._finalized = True

    @property
    def modules(self) -> list[_Module]:
        return [_Module(self)]


class _Module:
    """What numba-cuda takes for a module: the text of a part and of all that it calls."""

    functions = ()  # whose linkage it would set

    def __init__(self, top: _Part) -> None:
        self._top = top

    def __str__(self) -> str:
        others = sorted((each._module for each in _all_called(self._top)), key=lambda module: module.name)
        return merged(str(self._top._module), map(str, others))


def _all_called(library: Any) -> list[Any]:
    """The libraries that a library calls, and those that these call, each once."""
    found: dict[int, Any] = {}
    waiting = list(library._linking_libraries)
    while waiting:
        one = waiting.pop()
        if id(one) not in found:
            found[id(one)] = one
            waiting += one._linking_libraries
    return list(found.values())


class _Lower(CUDALower):  # type: ignore[misc]
    """Takes every index for one from the front, and an array for one of a lane or of the plant."""

    def lower_expr(self, resty: Any, expr: Any) -> Any:
        if expr.op in ("getitem", "static_getitem") and self._is_row(expr.value.name):
            if isinstance(resty, types.Array) and resty.layout != self.typeof(expr.value.name).layout:
                raise TypeError(f"{self.fndesc.qualname} takes numbers of {expr.value.name} in steps.")
            if expr.op == "getitem" and self.typeof(expr.index.name) == types.slice2_type:
                return self._part(resty, expr)
            index = self._index(expr)
            if index is not None:
                return self._number(resty, expr, index)
        return super().lower_expr(resty, expr)

    def lower_inst(self, inst: Any) -> Any:
        if isinstance(inst, ir.SetItem | ir.StaticSetItem) and self._is_row(inst.target.name):
            index, array = self._index(inst), self.typeof(inst.target.name)
            if index is not None:
                if array.layout == "C":
                    raise TypeError(f"{self.fndesc.qualname} writes to {inst.target.name}, of the plant.")
                value = self.loadvar(inst.value.name)
                value = self.context.cast(self.builder, value, self.typeof(inst.value.name), array.dtype)
                self.builder.store(value, self._place(inst.target.name, index))
                return None
        return super().lower_inst(inst)

    def _is_row(self, name: str) -> bool:
        kind = self.typeof(name)
        return isinstance(kind, types.Array) and kind.ndim == 1

    def _number(self, resty: Any, expr: Any, index: Any) -> Any:
        """A number of an array; one that is never written may be read once for all times."""
        array, name = self.typeof(expr.value.name), expr.value.name.split(".")[0]
        value = self.builder.load(self._place(expr.value.name, index))
        if array.layout == "C" or (name == "s" and isinstance(expr.index, int) and expr.index in head.FIXED):
            value.set_metadata("invariant.load", self.module.add_metadata([]))
        return self.context.cast(self.builder, value, array.dtype, resty)

    def _lower_call_normal(self, fnty: Any, expr: Any, signature: Any) -> Any:
        if isinstance(fnty, types.BoundFunction) and fnty.typing_key == "array.reshape":
            return self._reshaped(fnty, expr, signature)
        return super()._lower_call_normal(fnty, expr, signature)

    def _index(self, expr: Any) -> Any:
        """A whole number, none where it is something else."""
        if isinstance(expr.index, int):
            return _NUMBER(expr.index)
        variable = expr.index if isinstance(expr.index, ir.Var) else expr.index_var
        kind = self.typeof(variable.name)
        if not isinstance(kind, types.Integer):
            return None
        return self.context.cast(self.builder, self.loadvar(variable.name), kind, types.int64)

    def _place(self, name: str, index: Any) -> Any:
        kind = self.typeof(name)
        data = _field(self.context, self.builder, kind, self.loadvar(name), "data")
        step = self.builder.mul(index, _NUMBER(LANES)) if kind.layout == "A" else index
        return self.builder.gep(data, [step])

    def _part(self, resty: Any, expr: Any) -> Any:
        """A part of an array from one place up to another: both are given, and in it."""
        ends = self.context.make_helper(self.builder, types.slice2_type, self.loadvar(expr.index.name))
        data = self._place(expr.value.name, ends.start)
        return _array(self.context, self.builder, resty, data, [self.builder.sub(ends.stop, ends.start)])

    def _reshaped(self, fnty: Any, expr: Any, signature: Any) -> Any:
        """The numbers of a contiguous array in rows and columns."""
        data = _field(self.context, self.builder, fnty.this, self.loadvar(expr.func.name), "data")
        lengths = [
            self.context.cast(self.builder, self.loadvar(each.name), self.typeof(each.name), types.int64)
            for each in expr.args
        ]
        return _array(self.context, self.builder, signature.return_type, data, lengths)


@register_pass(mutates_CFG=False, analysis_only=False)
class _KeepApart(LoweringPass):  # type: ignore[misc]
    _name = "twin_lane_part"

    def __init__(self) -> None:
        super().__init__()

    def run_pass(self, state: Any) -> bool:
        state.library = _Part(state.targetctx.codegen(), state.func_id.func_qualname)
        return True


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerPart(CUDANativeLowering):  # type: ignore[misc]
    _name = "twin_lower_lane_part"

    def __init__(self) -> None:
        super().__init__()

    @property
    def lowering_class(self) -> type[CUDALower]:
        return _Lower


class _PartCompiler(CUDACompiler):  # type: ignore[misc]
    """Compiles a part."""

    def define_cuda_lowering_pipeline(self, state: Any) -> PassManager:
        """numba-cuda's own passes, with the library and the lowering of a part."""
        manager = super().define_cuda_lowering_pipeline(state)
        instead = {CreateLibrary: _KeepApart, CUDANativeLowering: _LowerPart}
        manager.passes = [(instead.get(one, one), what) for one, what in manager.passes]
        return manager


class _AnyNumber(CUDADispatcher):  # type: ignore[misc]
    """A part, compiled once for all numbers written out where it is called."""

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """How it is called with arguments of these types."""
        return super().get_call_template(tuple(map(types.unliteral, args)), kws)

    def compile_device(self, args: Any, return_type: Any = None) -> Any:
        """Compile it for arguments of these types."""
        if args not in self.overloads:
            flags = CUDAFlags()
            flags.no_compile = flags.no_cpython_wrapper = flags.no_cfunc_wrapper = True
            flags.error_model = "numpy"
            flags.inline = self.targetoptions.get("inline", "never")
            flags.forceinline = bool(self.targetoptions.get("forceinline"))
            flags.compute_capability = get_current_device().compute_capability
            target = cuda_target.target_context
            with self._compiling_counter, numba_target_override():
                self.overloads[args] = compiled = compile_extra(
                    cuda_target.typing_context,
                    target,
                    self.py_func,
                    args,
                    return_type,
                    flags,
                    {},
                    pipeline_class=_PartCompiler,
                    call_conv=_CallingConvention(target),
                    abi_info={"abi_name": f"{self.py_func.__name__}_{next(_names)}"},
                )
            compiled.library.finalize()
            target.insert_user_function(compiled.entry_point, compiled.fndesc, [compiled.library])
        return self.overloads[args]


_parts: dict[Compiled, CUDADispatcher] = {}


def part(function: Compiled) -> CUDADispatcher:
    """A function as a part of kernels."""
    if function not in _parts:
        _parts[function] = _AnyNumber(function.py_func, {**function.way.options, "device": True, "opt": True})
    return _parts[function]
