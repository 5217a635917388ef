"""What compiled code calls and the C library has not, in the language of LLVM: put in memory with it by
`calling`.

Numba brings such functions in its own library, which is loaded with Numba only. Of giving an array another
shape only the case is here that compiled functions of twin have, an array in order; any other is refused.
Arrays that compiled code makes for itself are described as Numba does, by six words: references, two of what
cleans up, which there is nothing of here, where the numbers begin, their size in bytes, and one of another's
memory.
"""

from __future__ import annotations

from collections.abc import Iterable

# int numba_attempt_nocopy_reshape(dimensions, shape, strides, new dimensions, new shape, new strides, size of
# an element, Fortran's order): writes the new strides; 0 where the array is not in order.
_SHAPES = """
define i32 @numba_attempt_nocopy_reshape(i64 %nd, ptr %shape, ptr %strides, i64 %newnd, ptr %newshape,
                                         ptr %newstrides, i64 %size, i32 %fortran) {
begin:
  %is_c = icmp eq i32 %fortran, 0
  br i1 %is_c, label %look, label %refuse
look:
  %left = phi i64 [ %nd, %begin ], [ %k, %same ]
  %expected = phi i64 [ %size, %begin ], [ %times, %same ]
  %all = icmp eq i64 %left, 0
  br i1 %all, label %fill, label %one
one:
  %k = sub i64 %left, 1
  %at = getelementptr i64, ptr %shape, i64 %k
  %length = load i64, ptr %at
  %stride_at = getelementptr i64, ptr %strides, i64 %k
  %stride = load i64, ptr %stride_at
  %times = mul i64 %expected, %length
  %equal = icmp eq i64 %stride, %expected
  %single = icmp eq i64 %length, 1
  %good = or i1 %equal, %single
  br i1 %good, label %same, label %refuse
same:
  br label %look
fill:
  %rest = phi i64 [ %newnd, %look ], [ %j, %put ]
  %now = phi i64 [ %size, %look ], [ %next, %put ]
  %done = icmp eq i64 %rest, 0
  br i1 %done, label %well, label %put
put:
  %j = sub i64 %rest, 1
  %new_at = getelementptr i64, ptr %newstrides, i64 %j
  store i64 %now, ptr %new_at
  %new_length_at = getelementptr i64, ptr %newshape, i64 %j
  %new_length = load i64, ptr %new_length_at
  %next = mul i64 %now, %new_length
  br label %fill
well:
  ret i32 1
refuse:
  ret i32 0
}
"""

# double numba_frexp(value, exponent): writes the exponent, 0 of what has none; gives the rest of the value.
# double numba_ldexp(value, exponent): the value times a power of two.
_POWERS = """
declare double @frexp(double, ptr)
declare double @ldexp(double, i32)

define double @numba_frexp(double %value, ptr %exponent) {
begin:
  %nothing = fsub double %value, %value
  %finite = fcmp oeq double %nothing, 0.0
  br i1 %finite, label %take, label %leave
take:
  %rest = call double @frexp(double %value, ptr %exponent)
  ret double %rest
leave:
  store i32 0, ptr %exponent
  ret double %value
}

define double @numba_ldexp(double %value, i32 %exponent) {
  %times = call double @ldexp(double %value, i32 %exponent)
  ret double %times
}
"""

# void *NRT_Allocate(bytes), void NRT_Free(memory): the C library's.
# void *NRT_MemInfo_alloc(bytes), void *NRT_MemInfo_alloc_aligned(bytes, alignment): an array's description,
# none where there is no memory.
# void NRT_MemInfo_call_dtor(description): gives the array's memory back.
_MEMORY = """
declare ptr @malloc(i64)
declare void @free(ptr)

define ptr @NRT_Allocate(i64 %size) {
  %at = call ptr @malloc(i64 %size)
  ret ptr %at
}

define void @NRT_Free(ptr %at) {
  call void @free(ptr %at)
  ret void
}

define ptr @NRT_MemInfo_alloc(i64 %size) {
  %at = call ptr @NRT_MemInfo_alloc_aligned(i64 %size, i32 16)
  ret ptr %at
}

define ptr @NRT_MemInfo_alloc_aligned(i64 %size, i32 %alignment) {
begin:
  %align = zext i32 %alignment to i64
  %head = add i64 48, %align
  %whole = add i64 %head, %size
  %at = call ptr @malloc(i64 %whole)
  %none = icmp eq ptr %at, null
  br i1 %none, label %done, label %describe
describe:
  %number = ptrtoint ptr %at to i64
  %behind = add i64 %number, %head
  %over = urem i64 %behind, %align
  %first = sub i64 %behind, %over
  %data = inttoptr i64 %first to ptr
  %data_at = getelementptr i64, ptr %at, i64 3
  %size_at = getelementptr i64, ptr %at, i64 4
  call void @llvm.memset.p0.i64(ptr %at, i8 0, i64 48, i1 false)
  store i64 1, ptr %at
  store ptr %data, ptr %data_at
  store i64 %size, ptr %size_at
  br label %done
done:
  ret ptr %at
}

declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)

define void @NRT_MemInfo_call_dtor(ptr %at) {
  call void @free(ptr %at)
  ret void
}
"""

_TEXTS = {
    "numba_attempt_nocopy_reshape": _SHAPES,
    **dict.fromkeys(("numba_frexp", "numba_ldexp"), _POWERS),
    **dict.fromkeys(("NRT_Allocate", "NRT_Free"), _MEMORY),
    **dict.fromkeys(("NRT_MemInfo_alloc", "NRT_MemInfo_alloc_aligned", "NRT_MemInfo_call_dtor"), _MEMORY),
}
NAMES = frozenset(_TEXTS)


def text_of(needs: Iterable[str]) -> str:
    """The functions of these names that are here, and those that belong to them.

    >>> "double @numba_ldexp" in text_of(["numba_frexp", "sqrt"])
    True
    """
    return "".join(dict.fromkeys(_TEXTS[name] for name in needs if name in NAMES))
