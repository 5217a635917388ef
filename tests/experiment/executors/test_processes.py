"""Processes compute every task once, whatever becomes of any of them."""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.experiment.executors.works import Notes, tasks
from twin.experiment.executors import Processes, Serial, Standing, Step, Task
from twin.experiment.executors.packets import Packets


def finished(steps: Iterator[Step]) -> list[str]:
    return sorted(identity for step in steps for identity in step.finished)


def names(count: int) -> list[str]:
    return sorted(task.identity for task in tasks(count))


def test_every_task_is_computed_once(tmp_path: Path) -> None:
    assert finished(Processes(2).steps(Notes(tmp_path), tasks(12), 24)) == names(12)
    assert {(tmp_path / name).read_text(encoding="utf-8") for name in names(12)} == {"1"}


def test_a_process_that_is_killed_is_replaced_and_its_task_computed(tmp_path: Path) -> None:
    work = Notes(tmp_path, lethal_once=("t5",))
    assert finished(Processes(2).steps(work, tasks(12), 24)) == names(12)
    assert (tmp_path / "t5").read_text(encoding="utf-8") == "2"
    assert len(list(tmp_path.glob("tidied-*"))) >= 1


def test_a_task_that_kills_two_processes_is_given_up_by_name(tmp_path: Path) -> None:
    steps = list(Processes(2).steps(Notes(tmp_path, lethal=("t3",)), tasks(8), 16))
    failed = [failure for step in steps for failure in step.failed]
    assert [failure.task for failure in failed] == ["t3"]
    assert "2 processes ended" in failed[0].message
    assert finished(iter(steps)) == [name for name in names(8) if name != "t3"]


def test_a_task_that_cannot_be_computed_leaves_the_others(tmp_path: Path) -> None:
    steps = list(Processes(2).steps(Notes(tmp_path, impossible=("t2",)), tasks(5), 10))
    assert [failure.message for step in steps for failure in step.failed] == ["the plant is stuck"]
    assert finished(iter(steps)) == ["t1", "t3", "t4", "t5"]


def test_what_breaks_the_work_is_raised_here(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left on device"):
        list(Processes(2).steps(Notes(tmp_path, broken=("t4",)), tasks(6), 12))


def test_processes_are_told_their_threads_and_one_of_them_has_the_gpu(tmp_path: Path) -> None:
    list(Processes(2, threads=3).steps(Notes(tmp_path), tasks(40), 80))
    told = [json.loads(path.read_text(encoding="utf-8")) for path in tmp_path.glob("t*.json")]
    assert {each["threads"] for each in told} == {3}
    assert {each["NUMBA_NUM_THREADS"] for each in told} == {"3"}
    assert {each["OMP_NUM_THREADS"] for each in told} == {"3"}
    blind = {each["process"] for each in told if each["CUDA_VISIBLE_DEVICES"] == ""}
    assert len({each["process"] for each in told} - blind) <= 1


def test_closing_ends_the_processes_and_keeps_what_is_finished(tmp_path: Path) -> None:
    steps = Processes(2).steps(Notes(tmp_path, slow=("t4",)), tasks(4), 8)
    seen: list[str] = []
    while len(seen) < 3:
        seen += next(steps).finished
    began = time.monotonic()
    steps.close()
    assert time.monotonic() - began < 20
    assert sorted(seen) == ["t1", "t2", "t3"]


@pytest.mark.skipif(sys.platform == "win32", reason="counts processes by /proc")
def test_processes_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    script = """
        from pathlib import Path
        from tests.experiment.executors.works import Notes, tasks
        from twin.experiment.executors import Processes

        if __name__ == "__main__":
            for step in Processes(2).steps(Notes(Path("."), slow=("t2", "t3", "t4")), tasks(4), 8):
                if step.begun:
                    print(*step.begun, flush=True)
    """
    root = Path(__file__).resolve().parents[3]
    file = tmp_path / "script.py"
    file.write_text(textwrap.dedent(script), encoding="utf-8")
    parent = subprocess.Popen(
        [sys.executable, file], cwd=tmp_path, stdout=subprocess.PIPE, env={"PYTHONPATH": str(root)}
    )
    assert parent.stdout is not None
    while parent.stdout.readline() != b"t3\n":
        pass
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text(encoding="utf-8").split()
    parent.kill()
    parent.wait()
    until = time.monotonic() + 20
    while any(alive(child) for child in children) and time.monotonic() < until:
        pass
    assert children
    assert not any(alive(child) for child in children)


def alive(process: str) -> bool:
    """Whether a process is there, and not only the memory of it."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_here_tasks_come_in_their_order(tmp_path: Path) -> None:
    steps = Serial().steps(Notes(tmp_path), iter(tasks(3)), 6)
    assert [step.finished for step in steps if step.finished] == [("t1",), ("t2",), ("t3",)]


@given(
    sizes=st.lists(st.integers(1, 50), max_size=60),
    workers=st.integers(1, 8),
    seconds=st.floats(0, 100),
    back=st.sets(st.integers(0, 59)),
)
def test_no_task_is_lost_however_packets_are_dealt(
    sizes: list[int], workers: int, seconds: float, back: set[int]
) -> None:
    given_tasks = [Task(str(k), 1, size) for k, size in enumerate(sizes)]
    packets = Packets(given_tasks, sum(sizes), workers)
    dealt: list[str] = []
    while packet := packets.take():
        again = [task for task in packet if int(task.identity) in back]
        back -= {int(task.identity) for task in again}
        packets.put_back(again)
        packets.measured(sum(task.replications for task in packet), seconds)
        dealt += [task.identity for task in packet if task not in again]
    assert sorted(dealt) == sorted(task.identity for task in given_tasks)


def test_tasks_that_follow_each_other_stay_together_but_for_the_last() -> None:
    """Ten plants of three tasks of ten replications, ten of which make four seconds."""
    ranges = [(1, 10), (11, 20), (21, 30)]
    given_tasks = [Task(f"{plant}/{first}", first, last) for plant in range(10) for first, last in ranges]
    packets = Packets(given_tasks, 300, workers=2)
    dealt = []
    while packet := packets.take():
        packets.measured(1, 0.04)
        dealt.append([task.identity for task in packet])
    assert [len(packet) for packet in dealt] == [1, 8, 6, 6, 3, 3, 2, 1]
    assert dealt[1] == ["0/11", "0/21", *(task.identity for task in given_tasks[3:9])]
    assert [name for packet in dealt for name in packet] == [task.identity for task in given_tasks]


def processes_of(folder: Path, named: list[str]) -> set[int]:
    return {json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["process"] for name in named}


def test_standing_processes_answer_the_next_question_too(tmp_path: Path) -> None:
    standing, work = Standing(2), Notes(tmp_path)
    assert not standing.is_ready
    assert finished(standing.steps(work, tasks(6), 12)) == names(6)
    first = processes_of(tmp_path, names(6))
    assert standing.is_ready
    assert finished(standing.steps(Notes(tmp_path), tasks(8), 16)) == names(8)
    assert processes_of(tmp_path, names(8)) <= first


def test_standing_processes_make_way_for_another_work(tmp_path: Path) -> None:
    standing = Standing(1)
    list(standing.steps(Notes(tmp_path), tasks(1), 2))
    first = processes_of(tmp_path, names(1))
    list(standing.steps(Notes(tmp_path, slow=("t9",)), tasks(1), 2))
    assert not processes_of(tmp_path, names(1)) & first


def test_a_standing_process_that_died_meanwhile_is_replaced(tmp_path: Path) -> None:
    standing, work = Standing(1), Notes(tmp_path)
    list(standing.steps(work, tasks(1), 2))
    for process in multiprocessing.active_children():
        process.kill()
        process.join()
    assert finished(standing.steps(work, tasks(3), 6)) == names(3)


def test_a_question_that_is_broken_off_leaves_no_process(tmp_path: Path) -> None:
    standing = Standing(2)
    steps = standing.steps(Notes(tmp_path, slow=("t1", "t2")), tasks(4), 8)
    next(steps)
    steps.close()
    assert not standing.is_ready
    assert not multiprocessing.active_children()


def test_standing_processes_end_with_whoever_held_them(tmp_path: Path) -> None:
    standing = Standing(2)
    list(standing.steps(Notes(tmp_path), tasks(4), 8))
    assert multiprocessing.active_children()
    del standing
    gc.collect()
    assert not multiprocessing.active_children()


def test_standing_processes_do_not_keep_a_program_from_ending(tmp_path: Path) -> None:
    code = """
        from tests.experiment.executors.works import Notes, tasks
        from twin.experiment.executors import Standing
        from pathlib import Path
        import sys
        if __name__ == "__main__":
            held = Standing(2)
            list(held.steps(Notes(Path(sys.argv[1])), tasks(4), 8))
        """
    file = tmp_path / "program.py"
    file.write_text(textwrap.dedent(code), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    subprocess.run([sys.executable, file, tmp_path], check=True, timeout=60, env=environment)
