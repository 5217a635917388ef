"""Replications that nobody waits for any more stop where they are, and those that have ended are kept."""

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
from twin.engine.compiled_engine.simulate import no_rows, run
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
    heard, stop = Heard(), replications._Worker.stop

    def stop_and_go_on(worker: replications._Worker) -> None:
        stop(worker)
        if all(each._at[blocks.STOP] for each in workers):
            heard.go_on.set()

    workers: list[replications._Worker] = []
    begin = replications._Worker.__init__

    def begin_and_note(worker: replications._Worker, *given: Any) -> None:
        begin(worker, *given)
        workers.append(worker)

    monkeypatch.setattr(replications, "MOST", 1)
    monkeypatch.setattr(replications._Worker, "__init__", begin_and_note)
    monkeypatch.setattr(replications._Worker, "stop", stop_and_go_on)
    found: Any = replications.simulate_into(heard, press(2000), 1, [0, 1], threads=2)
    assert next(found)[0] == 0
    found.close()
    assert set(heard.numbers) == {0, 1}
    assert heard.ended == [0]


@pytest.mark.skipif(IS_OFF, reason="nothing compiled takes rows")
def test_the_kernel_stops_after_the_next_rows_that_it_hands_over() -> None:
    @in_place
    def stops_all(context: int, place: int, at: int, whole: int, reals: int) -> int:
        takers.integers_at(at)[blocks.STOP] = 1
        return 1

    taker: Any = stops_all

    class Takes(One):
        def taker(self, columns: Any, width: int) -> takers.Taker:
            return takers.Taker(taker.address(("q",) * 5), 0)

    program = press(2000)
    of = image(program)
    begun = layout(of, Room())
    asking = Asking(of, Broker(program, 1, select("cpu")))
    heard, memory, at = Heard(), begun.memory(3), no_rows()
    ended = run(begun, memory, asking, 1, np.arange(3), Takes(heard, 0), at)
    assert ended.status == [head.ROWS_FULL] * 3
    assert [bool(fresh) for fresh in memory.s[:, head.FRESH]] == [False, True, True]
    assert heard.ended == []


def test_replications_that_had_ended_before_are_folded() -> None:
    folder, program = Folder(press(3)), press(3)
    found: Any = replications.simulate_into(folder, program, 1, range(200), threads=1)
    kept = [next(found)[0] for _ in range(5)]
    found.close()
    assert folder.taken(kept).replications.tolist() == kept
