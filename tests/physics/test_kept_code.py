"""Machine code is kept on disk and called without Numba, by every process, unless it is damaged."""

from __future__ import annotations

import ctypes
import doctest
import math
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher

from twin.engine import draws
from twin.physics.kernels import building, calling, keeping, supplies
from twin.physics.kernels.compiled import IS_OFF, Compiled, compiled, in_place, inlined

pytestmark = [
    pytest.mark.skipif(IS_OFF, reason="nothing is compiled"),
    pytest.mark.skipif(sys.platform != "linux", reason="other systems keep their caches elsewhere"),
]

PROGRAM = """
import sys
from twin.engine import draws
print(*draws.philox(0, 0, 0, 0, 0, 0), "numba" in sys.modules)
"""
FIRST_WORD = 0x6627E8D5  # of Philox4x32-10 at the counter and key 0


def a_process(folder: Path) -> list[str]:
    """What a new process says, whose caches are in a folder."""
    environment = os.environ | {"XDG_CACHE_HOME": str(folder), "NUMBA_DISABLE_JIT": "0"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True, env=environment
    )
    return done.stdout.split()


def kept_in(folder: Path, name: str = "draws.philox") -> list[Path]:
    return sorted(folder.rglob(f"{name}-*.o"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for caches of its own, for this process."""
    keeping._folder.cache_clear()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    yield tmp_path
    keeping._folder.cache_clear()


def anew(function: Any) -> Any:
    """The same function, of which this process has called nothing yet."""
    return Compiled(function.py_func, function.way)


def test_the_second_process_calls_what_the_first_has_compiled_and_needs_no_numba(tmp_path: Path) -> None:
    *words, with_numba = a_process(tmp_path)
    assert (int(words[0]), with_numba) == (FIRST_WORD, "True")
    assert len(kept_in(tmp_path)) == 1
    assert a_process(tmp_path) == [*words, "False"]


@pytest.mark.parametrize("damage", [lambda whole: whole[:-100] + bytes(100), lambda whole: whole[:50]])
def test_damaged_code_is_not_called_but_made_again(here: Path, damage: Any) -> None:
    assert anew(doubled)(2.0) == 4.0
    (file,) = kept_in(here, "test_kept_code.doubled")
    file.write_bytes(damage(file.read_bytes()))
    assert anew(doubled)(2.0) == 4.0
    function: Any = doubled
    assert keeping.read(function.py_func, function.way.code(function.py_func), ("d",)) is not None


def test_code_in_a_folder_that_may_only_be_read_is_called(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert anew(doubled)(2.0) == 4.0
    monkeypatch.setattr(keeping, "FileIO", _refuse)
    monkeypatch.setattr(Path, "write_bytes", _refuse)
    assert anew(doubled)(2.0) == 4.0
    assert anew(doubled)(3) == 6, "of other kinds, which is compiled for this process alone"
    assert len(kept_in(here, "test_kept_code.doubled")) == 1


def _refuse(*given: Any, **words: Any) -> None:
    raise PermissionError(13, "Permission denied")


def test_threads_that_call_a_function_first_compile_it_once(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, write = [], keeping.write
    monkeypatch.setattr(keeping, "write", lambda *what: (written.append(what), write(*what)))
    function, both = anew(doubled), threading.Barrier(2)

    def call(value: float) -> float:
        both.wait()
        return float(function(value))

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(call, [1.0, 2.0])) == [2.0, 4.0]
    assert len(written) == 1


class Tank(NamedTuple):
    """A tank's volume in m³, and whether it is clean."""

    volume: float
    levels: np.ndarray
    clean: bool


@inlined
def twice(value: float) -> float:
    return 2.0 * value


@in_place
def poured(tank: Tank, rows: np.ndarray, times: int) -> tuple[float, int, bool]:
    """Add to all levels; how much, how many rows, and whether it is still clean."""
    for k in range(len(tank.levels)):
        tank.levels[k] += twice(tank.volume) * times
    return twice(tank.volume), rows.reshape(2, 3).shape[1] - times, not tank.clean


@compiled
def doubled(value: float) -> float:
    return value + value


@in_place
def itself(value: int) -> int:
    return value


@compiled
def made(count: int) -> np.ndarray:
    return np.arange(count)


@compiled
def summed(count: int) -> int:
    """The sum of an array that is made here of two others."""
    return int((np.arange(count) + np.ones(count, dtype=np.int64)).sum())


@in_place
def always() -> int:
    return 1


@in_place
def parts(value: float) -> tuple[float, int]:
    """A real as its significand and its exponent."""
    return math.frexp(value)


@in_place
def functions(value: float) -> float:
    return math.exp(value) + math.log(value) + math.lgamma(value) + math.erf(value) + value**2.5


@in_place
def shared_out(tablets: int, boxes: int) -> tuple[int, int, float]:
    return tablets // boxes, tablets % boxes, tablets / boxes


@in_place
def checked(level: float) -> float:
    if level < 0:
        raise ValueError("a level below 0")
    return level


@in_place
def in_rows(values: np.ndarray, rows: int, columns: int) -> int:
    return len(values.reshape(rows, columns))


def test_arguments_and_answers_are_what_numba_has(here: Path) -> None:
    levels = np.array([1.0, 2.0])
    answer = poured(Tank(1.5, levels, True), np.zeros(6, dtype=np.int32), 4)
    assert answer == (3.0, -1, False)
    assert [type(each) for each in answer] == [float, int, bool]
    assert levels.tolist() == [13.0, 14.0]
    assert len(kept_in(here, "test_kept_code.poured")) == 1


@pytest.mark.parametrize("value", [-1, 2**63, 2**64 - 1, True, 1.5, np.uint64(7), np.int32(-7)])
def test_a_number_goes_in_and_comes_out_the_same(here: Path, value: Any) -> None:
    assert itself(value) == value


def test_a_number_written_out_comes_back(here: Path) -> None:
    assert always() == 1


def test_what_cannot_be_kept_is_left_to_numba(here: Path) -> None:
    assert made(3).tolist() == [0, 1, 2]
    (file,) = kept_in(here, "test_kept_code.made")
    function: Any = made
    known = keeping.read(function.py_func, function.way.code(function.py_func), ("q",))
    assert known == keeping.MachineCode(), f"{file} says that Numba has it"


def test_where_no_code_can_stand_alone_numba_calls_it_and_tells_its_address(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows; once as it is compiled, once from Numba's cache."""
    monkeypatch.setattr(calling, "can_be_called", lambda found: False)
    for _ in range(2):
        function = anew(doubled)
        assert function(2.0) == 4.0
        at = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p)(function.address(("d",)))
        row = (ctypes.c_double * 2)(2.5)
        assert at(ctypes.addressof(row)) == 0
        assert row[1] == 5.0


def test_arrays_out_of_order_are_left_to_numba(here: Path) -> None:
    with pytest.raises(calling.UnknownKindError):
        calling.kinds_of((np.arange(12)[::2],))
    every_second = Tank(1.0, np.zeros(4)[::2], False)
    assert poured(every_second, np.zeros(6, dtype=np.int32), 1) == (2.0, 2, True)
    assert every_second.levels.tolist() == [2.0, 2.0]


def test_arrays_made_on_the_way_are_given_back_to_memory(here: Path) -> None:
    resident = Path("/proc/self/statm")
    assert summed(10**6) == 10**6 * (10**6 + 1) // 2
    before = int(resident.read_text().split()[1])
    for _ in range(50):
        summed(10**6)
    assert int(resident.read_text().split()[1]) - before < 20_000, "pages, of 400 MB that were made"


@pytest.mark.parametrize("value", [0.0, -3.75, 1e-310, 1e308, math.inf])
def test_the_parts_of_a_real_are_pythons(here: Path, value: float) -> None:
    assert parts(value) == math.frexp(value)


def test_functions_of_the_c_library_are_called(here: Path) -> None:
    x = 2.5
    plain = math.exp(x) + math.log(x) + math.lgamma(x) + math.erf(x) + x**2.5
    assert functions(x) == pytest.approx(plain, rel=1e-15)


def test_nothing_is_raised_where_numbers_are_divided_by_0(here: Path) -> None:
    """As NumPy does: whole numbers give 0, reals infinity."""
    assert shared_out(7, 2) == (3, 1, 3.5)
    assert shared_out(7, 0) == (0, 0, math.inf)


def test_an_error_is_raised_as_the_function_says(here: Path) -> None:
    assert checked(1.0) == 1.0
    with pytest.raises(ValueError, match="a level below 0"):
        checked(-1.0)
    with pytest.raises(ValueError, match="total size of new array must be unchanged"):
        in_rows(np.zeros(6), 2, 4)


def test_arguments_of_other_kinds_have_code_of_their_own(here: Path) -> None:
    again = anew(itself)
    assert (again(3), again(3.5)) == (3, 3.5)
    assert len(kept_in(here, "test_kept_code.itself")) == 2


def test_numbas_cuda_part_finds_functions_of_its_own_kind_while_it_compiles() -> None:
    assert isinstance(twice, Compiled)
    with building.dispatchers_in_place():
        assert isinstance(twice, Dispatcher)
        assert isinstance(draws.philox, Dispatcher)
        assert draws.philox(0, 0, 0, 0, 0, 0)[0] == FIRST_WORD
    assert isinstance(twice, Compiled)
    assert isinstance(draws.philox, Compiled)


@pytest.mark.parametrize("module", [calling, supplies], ids=lambda module: module.__name__)
def test_the_examples_of_these_files_hold(module: ModuleType) -> None:
    found = doctest.testmod(module)
    assert (found.attempted > 0, found.failed) == (True, 0)


def test_decorating_compiles_nothing() -> None:
    assert isinstance(itself, Compiled)
    assert "dispatcher" not in vars(anew(itself))


@in_place
def waited(flags: np.ndarray, where: int, most: int) -> int:
    """How often the first flag was looked at before it was not 0, counted in another, or `most` times."""
    times = 0
    while times < most and flags[0] == 0:
        times += 1
        flags[where] = times
    return times


def test_the_interpreters_lock_is_free_while_compiled_code_runs(here: Path) -> None:
    """Compiled code in one thread waits for what Python writes in another."""
    flags, most = np.zeros(2, dtype=np.int64), 2**34
    assert waited(flags, 1, 3) == 3
    flags[1] = 0
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(waited, flags, 1, most)
        while flags[1] == 0:
            assert not waiting.done()
        flags[0] = 1
        assert waiting.result() < most
