"""Replications that nobody waits for any more stop where they are, and those that have ended are kept; what
has ended is told while others run.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.engine.plants import operation, plant
from twin.engine import takers
from twin.engine.broker import Broker
from twin.engine.compile import compile_program
from twin.engine.compiled_engine import blocks, replications
from twin.engine.compiled_engine.image import image
from twin.engine.compiled_engine.memory import Room, layout
from twin.engine.compiled_engine.physics import Asking
from twin.engine.compiled_engine.simulate import Ends, Watch, run
from twin.engine.compiled_engine.tables import head
from twin.engine.program import Program
from twin.engine.rows import Stores
from twin.experiment.folding import Folder
from twin.physics.backend import select
from twin.physics.kernels.compiled import IS_OFF, in_place
from twin.plant.scenario import Run


def press(batches: int) -> Program:
    """A press that takes a minute for each batch."""
    order = {"batches": 1, "every": "2 min", "times": batches}
    return compile_program(plant({"press": {}}, operation("press", "press", "1 min"), order=order), Run())


class Heard:
    """Hears of replications; the second one hands over no rows before `go_on`."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.ended: list[int] = []
        self.go_on, self.first_has_ended = threading.Event(), threading.Event()

    def begin(
        self, replications: Sequence[int], causes: Sequence[str], entities: Sequence[str], begins: int = 0
    ) -> One:
        (number,) = replications
        self.numbers.append(number)
        return One(self, number)


class One:
    """Hears of one replication."""

    def __init__(self, of: Heard, number: int) -> None:
        self.of, self.number = of, number

    def rows(self, stores: Stores) -> None:
        if self.number:
            assert self.of.go_on.wait(60)

    def taker(self, columns: Any, width: int) -> takers.Taker | None:
        return None

    def end(self, places: Sequence[int], horizons: Sequence[int]) -> None:
        self.of.ended.append(self.number)


def test_a_replication_that_runs_when_nobody_wants_more_does_not_go_on_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard, stopped = Heard(), []

    class Noted(Watch):
        def stop(self) -> None:
            super().stop()
            stopped.append(self)
            if len(stopped) == 2:
                heard.go_on.set()

    monkeypatch.setattr(replications, "MOST", 1)
    monkeypatch.setattr(replications, "Watch", Noted)
    found: Any = replications.simulate_into(heard, press(2000), 1, [0, 1], threads=2)
    assert next(found)[0] == 0
    found.close()
    assert set(heard.numbers) == {0, 1}
    assert heard.ended == [0]


@in_place
def returns_at_once(context: int, place: int, at: int, whole: int, reals: int) -> int:
    """Takes rows, and has the kernel return."""
    takers.integers_at(at)[blocks.STOP] = 1
    return 1


class Returns(One):
    """Hears of replications whose kernel returns whenever it has handed rows over."""

    def taker(self, columns: Any, width: int) -> takers.Taker:
        taker: Any = returns_at_once
        return takers.Taker(taker.address(("q",) * 5), 0)


def run_three(heard: Heard, watch: Watch) -> tuple[list[int], Ends, list[bool]]:
    """What becomes of three replications: their status, who was not told of, and who had not begun."""
    of = image(press(2000))
    begun = layout(of, Room())
    asking, memory = Asking(of, Broker(of.program, 1, select("cpu"))), begun.memory(3)
    ended = run(begun, memory, asking, 1, np.arange(3), Returns(heard, 0), watch)
    return ended.status, ended.ends, [bool(fresh) for fresh in memory.s[:, head.FRESH]]


@pytest.mark.skipif(IS_OFF, reason="nothing compiled takes rows")
def test_the_kernel_stops_after_the_next_rows_that_it_hands_over() -> None:
    class StopsSoon(Watch):
        looks = 0

        def goes_on(self) -> bool:
            self.looks += 1
            return super().goes_on() and self.looks == 1

    heard = Heard()
    status, ends, fresh = run_three(heard, StopsSoon())
    assert status == [head.ROWS_FULL] * 3
    assert fresh == [False, True, True]
    assert (heard.ended, ends) == ([], [])


@pytest.mark.skipif(IS_OFF, reason="nothing compiled takes rows")
def test_a_replication_is_told_of_when_it_has_ended_while_others_go_on() -> None:
    told: list[list[int]] = []
    status, ends, _ = run_three(Heard(), Watch(lambda ends: told.append([number for number, _ in ends])))
    assert status == [head.DONE] * 3
    assert told == [[0], [1]]
    assert [number for number, _ in ends] == [2]


def test_a_watch_that_has_stopped_goes_on_no_more() -> None:
    watch = Watch()
    watch.ask()
    assert watch.goes_on()
    assert not watch.at[blocks.STOP]
    watch.stop()
    assert not watch.goes_on()


@pytest.mark.skipif(IS_OFF, reason="finding a place for a lot counts on overflow")
def test_asking_time_and_again_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, left_alone = Folder(press(300)), Folder(press(300))
    for _ in replications.simulate_into(left_alone, press(300), 1, range(20), threads=2):
        pass
    monkeypatch.setattr(replications, "REPORT", 0.002)
    found = [number for number, _ in replications.simulate_into(asked, press(300), 1, range(20), threads=2)]
    assert sorted(found) == list(range(20))
    assert asked.table().equals(left_alone.table())


def test_replications_that_had_ended_before_are_folded() -> None:
    folder, program = Folder(press(3)), press(3)
    found: Any = replications.simulate_into(folder, program, 1, range(200), threads=1)
    kept = [next(found)[0] for _ in range(5)]
    found.close()
    assert folder.taken(kept).replications.tolist() == kept
