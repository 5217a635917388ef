"""Numba's compiler for hundreds of small functions that end up in one: each lowered once, all optimised once.

Numba by itself links every compiled function with all that it calls, optimises the whole and makes machine
code of it, again for every caller. Here only an entry goes that far; an inner one stays what lowering has
made of it, until the entry that calls it is linked. Measured on some three hundred functions of the engine:
27 s of processor time instead of 68 s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numba
from llvmlite.binding import Linkage, create_pass_builder, create_pipeline_tuning_options
from llvmlite.ir import LoadInstr
from numba.core import cgutils, ir, types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.lowering import Lower
from numba.core.typed_passes import NativeLowering
from numba.core.typing.templates import Signature
from numba.core.untyped_passes import TranslateByteCode

from twin.engine.compiled_engine.tables import head
from twin.physics.kernels.building import add_call

_numba: Any = numba


class _Part(JITCodeLibrary):  # type: ignore[misc]
    """A function as lowered; the entry that calls it links it."""

    def finalize(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        return 0  # it is no machine code by itself


class _Whole(JITCodeLibrary):  # type: ignore[misc]
    """A function with all that it calls, which nobody else can call there: the optimiser sees the whole."""

    def finalize(self) -> None:
        module = self._final_module
        called = _all_called(self)
        for part in called:
            if isinstance(part, _Part):
                module.link_in(part._final_module, preserve=True)
        for part in called:
            for function in part._final_module.functions if isinstance(part, _Part) else ():
                if not function.is_declaration and function.linkage == Linkage.external:
                    module.get_function(function.name).linkage = Linkage.internal
        self._linking_libraries = [library for library in called if not isinstance(library, _Part)]
        super().finalize()

    def _optimize_final_module(self) -> None:
        """Have LLVM optimise the whole, for little code rather than long loops.

        Loops here go over a few units, lots or people each: written out several times over, or for several
        numbers at once, as Numba has it, they take longer, and take two fifths more of a core's cache.
        """
        for function in self._final_module.functions:
            if function.linkage == Linkage.linkonce_odr:  # what others may have as well
                function.linkage = Linkage.internal
        tuning = create_pipeline_tuning_options(speed_level=3)
        tuning.loop_unrolling = tuning.loop_vectorization = tuning.slp_vectorization = False
        builder = create_pass_builder(self._codegen._tm, tuning)
        builder.getModulePassManager().run(self._final_module, builder)


def _all_called(library: Any) -> list[Any]:
    """The libraries that a library calls, and those that these call."""
    found: dict[int, Any] = {}
    waiting = list(library._linking_libraries)
    while waiting:
        one = waiting.pop()
        if id(one) not in found:
            found[id(one)] = one
            waiting += one._linking_libraries if isinstance(one, _Part) else []
    return list(found.values())


@register_pass(mutates_CFG=False, analysis_only=False)
class _KeepApart(FunctionPass):  # type: ignore[misc]
    _name = "twin_keep_apart"

    def __init__(self) -> None:
        super().__init__()

    def run_pass(self, state: Any) -> bool:
        state.library = _Part(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        return False


@register_pass(mutates_CFG=False, analysis_only=False)
class _LinkAll(FunctionPass):  # type: ignore[misc]
    _name = "twin_link_all"

    def __init__(self) -> None:
        super().__init__()

    def run_pass(self, state: Any) -> bool:
        state.library = _Whole(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        return False


def _count_from_the_front(state: Any) -> None:
    """Take every index for one from the front, and each array of the arguments for one of its own.

    Numba would ask before each access whether the index is below 0, and read again after each what may have
    been written by another name. Places in the arrays are sums of a table's beginning and a column, never
    below 0, and no function is given the same numbers twice.
    """
    state.flags.noalias = True
    state.calltypes = {what: _from_the_front(what, how) for what, how in state.calltypes.items()}


def _from_the_front(what: Any, signature: Any) -> Any:
    if not isinstance(what, ir.SetItem) and not (isinstance(what, ir.Expr) and what.op == "getitem"):
        return signature
    array, index, *value = signature.args
    if not isinstance(array, types.Array) or not isinstance(index, types.Integer):
        return signature
    return Signature(signature.return_type, (array, types.uint64, *value), signature.recvr)


class _Lower(Lower):  # type: ignore[misc]
    """Has what is never written read but once, whatever else is written; takes parts as they are."""

    def lower_expr(self, resty: Any, expr: Any) -> Any:
        if expr.op == "getitem" and self.typeof(expr.index.name) == types.slice2_type:
            return self._lower_part(resty, expr)
        value = super().lower_expr(resty, expr)
        if expr.op == "static_getitem" and isinstance(value, LoadInstr):
            array = expr.value.name.split(".")[0]
            if array == "p" or (array == "s" and expr.index in head.FIXED):
                value.set_metadata("invariant.load", self.module.add_metadata([]))
        return value

    def _lower_part(self, resty: Any, expr: Any) -> Any:
        """A part of an array from one place up to another: both are given, and in it.

        Numba would count from the back what is below 0, and cut off what is beyond the end.
        """
        from numba.np.arrayobj import populate_array  # only who compiles waits for it

        context, builder = self.context, self.builder
        whole = context.make_array(self.typeof(expr.value.name))(
            context, builder, self.loadvar(expr.value.name)
        )
        ends = context.make_helper(builder, types.slice2_type, self.loadvar(expr.index.name))
        (stride,) = cgutils.unpack_tuple(builder, whole.strides)
        if self.typeof(expr.value.name).layout == "C":
            data = builder.gep(whole.data, [ends.start])
        else:
            data = cgutils.pointer_add(builder, whole.data, builder.mul(ends.start, stride), whole.data.type)
        part = context.make_array(resty)(context, builder)
        length = builder.sub(ends.stop, ends.start)
        populate_array(part, data, [length], [stride], whole.itemsize, whole.meminfo, whole.parent)
        return part._getvalue()


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerPart(NativeLowering):  # type: ignore[misc]
    """Lowers a function, makes no machine code of it, and lets others call it."""

    _name = "twin_lower_part"

    def __init__(self) -> None:
        super().__init__()

    @property
    def lowering_class(self) -> type[Lower]:
        return _Lower

    def run_pass(self, state: Any) -> bool:
        state.flags.no_compile = True
        _count_from_the_front(state)
        changed = super().run_pass(state)
        # Python cannot call a part. What stands for it, a function of an empty list, finds nothing in that.
        nothing: list[int] = []
        stands_for_it = nothing.index
        state["cr"] = state["cr"]._replace(cfunc=stands_for_it)
        state.targetctx.insert_user_function(stands_for_it, state["cr"].fndesc, [state.library])
        return bool(changed)


class _LowerCallable(_Lower):
    """Adds the function that Python calls."""

    def lower(self) -> None:
        super().lower()
        add_call(self)


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerWhole(NativeLowering):  # type: ignore[misc]
    """Lowers a function that Python calls."""

    _name = "twin_lower_whole"

    def __init__(self) -> None:
        super().__init__()

    @property
    def lowering_class(self) -> type[Lower]:
        return _LowerCallable

    def run_pass(self, state: Any) -> bool:
        _count_from_the_front(state)
        return bool(super().run_pass(state))


def _replace_lowering(manager: Any, by: type[NativeLowering]) -> None:
    manager.passes = [(by, what) if one is NativeLowering else (one, what) for one, what in manager.passes]


class PartCompiler(CompilerBase):  # type: ignore[misc]
    """Compiles an inner function."""

    def define_pipelines(self) -> list[Any]:
        """Numba's own passes, with the lowering of a part."""
        manager = DefaultPassBuilder.define_nopython_pipeline(self.state)
        manager.add_pass_after(_KeepApart, TranslateByteCode)
        _replace_lowering(manager, _LowerPart)
        manager.finalize()
        return [manager]


class WholeCompiler(CompilerBase):  # type: ignore[misc]
    """Compiles an entry."""

    def define_pipelines(self) -> list[Any]:
        """Numba's own passes, with a library that links parts."""
        manager = DefaultPassBuilder.define_nopython_pipeline(self.state)
        manager.add_pass_after(_LinkAll, TranslateByteCode)
        _replace_lowering(manager, _LowerWhole)
        manager.finalize()
        return [manager]


def part(function: Callable[..., Any], options: Mapping[str, Any]) -> Any:
    """A part of entries that Numba compiles."""
    return _numba.njit(
        pipeline_class=PartCompiler, no_cpython_wrapper=True, no_cfunc_wrapper=True, **options
    )(function)


def part_of_any_number(function: Callable[..., Any], options: Mapping[str, Any]) -> Any:
    """`part`, compiled once for all numbers written out where it is called.

    Numba by itself compiles it anew for each: two fifths of all parts were such copies, more than a core's
    cache of instructions holds.
    """
    found = part(function, options)
    template = found.get_call_template
    found.get_call_template = lambda given, named: template(
        tuple(map(types.unliteral, given)), {name: types.unliteral(kind) for name, kind in named.items()}
    )
    return found
