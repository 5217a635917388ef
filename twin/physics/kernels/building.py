"""What only those need who compile: Numba, and a function around each compiled one that Python can call.

That function takes the address of a row of numbers, as `calling` says, and hands them on. It needs nothing of
Python or Numba, so that the machine code can be kept by itself. `compiled` comes here where nothing is kept.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from threading import RLock
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, registry, types
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.lowering import Lower
from numba.core.typed_passes import NativeLowering
from numba.core.typing.typeof import typeof_impl
from numba.np.arrayobj import populate_array

from twin.physics.kernels import compiled, keeping
from twin.physics.kernels.compiled import Compiled, Intrinsic, Way

CALL = "twin_call"  # the function that Python calls
_SLOT = ir.IntType(64)
_PLACE = RLock()  # of what modules name
_numba: Any = numba
_registry: Any = registry
_typeof: Any = typeof_impl


def _type_of(value: Compiled, context: Any) -> Any:
    """A function to be compiled is, for one that calls it, what Numba makes of it."""
    return _typeof(value.dispatcher, context)


def _type_of_intrinsic(value: Intrinsic, context: Any) -> Any:
    typing, meant = _registry.cpu_target.typing_context, named(value.path)
    typing.refresh()  # it may have been loaded just now
    return typing.resolve_value_type(meant)


_typeof.register(Compiled)(_type_of)
_typeof.register(Intrinsic)(_type_of_intrinsic)


def named(path: str) -> Any:
    """What stands in a module under a name, by `module:name`."""
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)


def part(function: Callable[..., Any], options: Mapping[str, Any]) -> Any:
    """A function as others call it that Numba compiles."""
    return _numba.njit(**options)(function)


def by_numba(function: Callable[..., Any], way: Way) -> Any:
    """A function as Python calls it by Numba, kept in Numba's own cache where that has a folder."""
    options = {**way.options, "pipeline_class": named(way.whole)}
    try:
        dispatcher = _numba.njit(cache=True, **options)(function)
    except RuntimeError:  # Numba's word for: no folder to cache in
        return _numba.njit(**options)(function)
    index = dispatcher._cache._cache_file
    index._source_stamp = (index._source_stamp, way.code(function))
    return dispatcher


def machine_code(function: Callable[..., Any], way: Way, kinds: keeping.Kinds) -> keeping.MachineCode:
    """Compile a function for arguments of these kinds; without code where it cannot stand alone."""
    apart = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "pipeline_class": named(way.whole)}
    dispatcher = _numba.njit(**way.options, **apart)(function)
    dispatcher.compile(tuple(_type(kind) for kind in kinds))
    (result,) = dispatcher.overloads.values()
    given = result.signature.return_type
    parts = [] if given == types.none else _parts(given)
    is_plain = all(_is_number(each) for each in parts) and not isinstance(given, types.BaseNamedTuple)
    if not is_plain or result.library.has_dynamic_globals:  # which hold addresses of this process
        return keeping.MachineCode()
    name, code = _called(result), result.library._get_compiled_object()
    letters = "".join(_letter(each) for each in parts)
    return keeping.MachineCode(
        code, name, letters, isinstance(given, types.BaseTuple), _needs(result.library)
    )


def address(dispatcher: Any, kinds: keeping.Kinds) -> int:
    """Where the function that `calling` knows how to call stands in what Numba compiles, or has kept."""
    arguments = tuple(_type(kind) for kind in kinds)
    dispatcher.compile(arguments)
    result = dispatcher.overloads[arguments]
    return int(result.library.get_pointer_to_function(_called(result)))


def _dispatcher(function: Compiled) -> Any:
    return function.dispatcher


@contextmanager
def dispatchers_in_place(of: Callable[[Compiled], Any] = _dispatcher) -> Iterator[None]:
    """Have modules name what Numba makes of compiled functions, or what `of` does, while its CUDA part looks
    for it.
    """
    with _PLACE:
        modules = [vars(module) for name, module in list(sys.modules.items()) if name.startswith("twin.")]
        modules += [each.py_func.__globals__ for each in compiled.ALL]
        named_so = [
            (names, name, value)
            for names in modules
            for name, value in list(names.items())
            if isinstance(value, Compiled)
        ]
        for names, name, value in named_so:
            names[name] = of(value)
        try:
            yield
        finally:
            for names, name, value in named_so:
                names[name] = value


def _called(result: Any) -> str:
    """The name of the function that Python calls."""
    return f"{CALL}_{result.fndesc.mangled_name}"


def _needs(library: Any) -> tuple[str, ...]:
    """The functions and numbers of others that the code of a library names."""
    module = library._final_module
    declared = [each for each in [*module.functions, *module.global_variables] if each.is_declaration]
    return tuple(sorted(each.name for each in declared if not each.name.startswith("llvm.")))


def _is_number(given: Any) -> bool:
    return isinstance(given, types.Integer | types.Boolean) or given in (types.float32, types.float64)


def _parts(kind: Any) -> list[Any]:
    """The types of a tuple's parts, or the one type."""
    tuple_or_one: Any = kind
    return list(tuple_or_one) if isinstance(kind, types.BaseTuple) else [kind]


def _letter(given: Any) -> str:
    return "?" if isinstance(given, types.Boolean) else np.dtype(str(types.unliteral(given))).char


def _type(kind: Any) -> Any:
    """Numba's type of arguments of a kind."""
    if isinstance(kind, str):
        return _numba.from_dtype(np.dtype(kind))
    if isinstance(kind[0], str):
        letter, dimensions, writeable = kind
        return types.Array(_numba.from_dtype(np.dtype(letter)), dimensions, "C", readonly=not writeable)
    parts = [_type(each) for each in kind[1:]]
    return types.BaseTuple.from_types(parts, None if kind[0] is tuple else kind[0])


class CallableLower(Lower):  # type: ignore[misc]
    """Puts the function that Python calls beside the one compiled."""

    def lower(self) -> None:
        """Lower both."""
        super().lower()
        add_call(self)


def add_call(lower: Any) -> None:
    """Add the function that Python calls to the library of one that has been lowered."""
    context, described = lower.context, lower.fndesc
    module = lower.library.create_ir_module(CALL)
    inside = context.call_conv.get_function_type(described.restype, described.argtypes)
    compiled_one = ir.Function(module, inside, described.llvm_func_name)
    outside = ir.FunctionType(ir.IntType(32), [_SLOT])
    around = ir.Function(module, outside, f"{CALL}_{described.mangled_name}")
    builder = ir.IRBuilder(around.append_basic_block())
    slots = _slots(builder, around.args[0])
    values = [_argument(context, builder, each, slots) for each in described.argtypes]
    status, result = context.call_conv.call_function(
        builder, compiled_one, described.restype, described.argtypes, values
    )
    with cgutils.if_likely(builder, status.is_ok):
        _give_back(context, builder, described.restype, result, slots)
    with cgutils.if_unlikely(builder, status.is_error):
        builder.store(builder.ptrtoint(status.excinfoptr, _SLOT), next(_slots(builder, around.args[0])))
    builder.ret(builder.zext(status.is_error, ir.IntType(32)))
    lower.library.add_ir_module(module)


def _slots(builder: Any, begins: Any) -> Iterator[Any]:
    """Pointers to the numbers of a row, one after the other."""
    at = 0
    while True:
        yield builder.inttoptr(builder.add(begins, _SLOT(8 * at)), _SLOT.as_pointer())
        at += 1


def _argument(context: Any, builder: Any, kind: Any, slots: Iterator[Any]) -> Any:
    """The next argument, from the next numbers."""
    if isinstance(kind, types.BaseTuple):
        parts = [_argument(context, builder, each, slots) for each in _parts(kind)]
        return context.make_tuple(builder, kind, parts)
    if isinstance(kind, types.Array):
        return _array(context, builder, kind, slots)
    number = builder.load(next(slots))
    if isinstance(kind, types.Float):
        real = builder.bitcast(number, ir.DoubleType())
        return real if kind.bitwidth == 64 else builder.fptrunc(real, ir.FloatType())
    width = 1 if isinstance(kind, types.Boolean) else kind.bitwidth
    return number if width == 64 else builder.trunc(number, ir.IntType(width))


def _array(context: Any, builder: Any, kind: Any, slots: Iterator[Any]) -> Any:
    data = builder.inttoptr(builder.load(next(slots)), context.get_data_type(kind.dtype).as_pointer())
    shape = [builder.load(next(slots)) for _ in range(kind.ndim)]
    size = _SLOT(context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    strides: list[Any] = []
    stride = size
    for length in reversed(shape):
        strides.insert(0, stride)
        stride = builder.mul(stride, length)
    array = context.make_array(kind)(context, builder)
    populate_array(array, data=data, shape=shape, strides=strides, itemsize=size, meminfo=None)
    return array._getvalue()


def _give_back(context: Any, builder: Any, kind: Any, result: Any, slots: Iterator[Any]) -> None:
    """Write what comes back to the next numbers; what is no number stays, as nobody reads it."""
    parts = _parts(kind)
    if not all(_is_number(each) for each in parts):
        return
    for k, each in enumerate(parts):
        value = builder.extract_value(result, k) if isinstance(kind, types.BaseTuple) else result
        builder.store(_number(builder, each, value), next(slots))


def _number(builder: Any, kind: Any, value: Any) -> Any:
    """A number in eight bytes."""
    if isinstance(kind, types.Float):
        wide = value if kind.bitwidth == 64 else builder.fpext(value, ir.DoubleType())
        return builder.bitcast(wide, _SLOT)
    if value.type.width == 64:
        return value
    signed = not isinstance(kind, types.Boolean) and kind.signed
    return builder.sext(value, _SLOT) if signed else builder.zext(value, _SLOT)


@register_pass(mutates_CFG=True, analysis_only=False)
class CallableLowering(NativeLowering):  # type: ignore[misc]
    """Numba's own last pass, with the function that Python calls."""

    _name = "twin_callable_lowering"

    def __init__(self) -> None:
        super().__init__()

    @property
    def lowering_class(self) -> type[Lower]:
        """What lowers a function."""
        return CallableLower


class CallableCompiler(CompilerBase):  # type: ignore[misc]
    """Numba's own passes, for a function whose machine code is kept by itself."""

    def define_pipelines(self) -> list[Any]:
        """The passes, of which the last adds the function that Python calls."""
        manager = DefaultPassBuilder.define_nopython_pipeline(self.state)
        manager.passes = [
            (CallableLowering if one is NativeLowering else one, what) for one, what in manager.passes
        ]
        manager.finalize()
        return [manager]
