"""The queue and its workers: one job for equal inputs, no job lost with a worker, none run twice at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from twin.experiment import worker as worker_module
from twin.experiment.jobs import ATTEMPTS, LEASE, Queue, QueueFullError
from twin.experiment.prepare import Prepared, prepare
from twin.experiment.run import run
from twin.experiment.store import Workspace
from twin.experiment.supervisor import Supervisor


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(workspace: Path, clock: Clock) -> Queue:
    return Queue(workspace, capacity=3, clock=clock)


def wait_for(what: Callable[[], Any], seconds: float = 60) -> Any:
    """Wait until something is true; a test hangs no longer than `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("It did not happen in time.")


def reached(queue: Queue, key: str, done: int) -> bool:
    """Whether a job has come so far; fails where it has failed."""
    job = queue.get(key)
    assert job.state != "failed", job.message
    return job.done >= done


def finished(queue: Queue, key: str) -> bool:
    """Whether a job is done; fails where it has failed."""
    return reached(queue, key, 0) and queue.get(key).state == "done"


def submit(queue: Queue, prepared: Prepared, who: str = "ann") -> None:
    queue.submit(prepared.id, prepared.as_request(), who, total=prepared.run.replications)


def test_two_users_with_equal_inputs_share_one_job(queue: Queue) -> None:
    queue.submit("a", {}, "ann")
    job = queue.submit("a", {}, "ben")
    assert job.watchers == ("ann", "ben")
    assert len(queue.jobs()) == 1


def test_the_oldest_job_is_claimed_first_and_only_once(queue: Queue, clock: Clock) -> None:
    for key in "ab":
        queue.submit(key, {}, "ann")
        clock.now += 1
    claimed = [queue.claim(name) for name in ("first", "second", "third")]
    assert [job and job.key for job in claimed] == ["a", "b", None]


def test_a_full_queue_says_so_and_takes_equal_inputs_still(queue: Queue) -> None:
    for key in "abc":
        queue.submit(key, {}, "ann")
    with pytest.raises(QueueFullError, match="3 jobs are waiting or running"):
        queue.submit("d", {}, "ann")
    assert queue.submit("a", {}, "ben").watchers == ("ann", "ben")
    assert len(queue.jobs()) == 3


def test_a_job_whose_worker_falls_silent_goes_to_another(queue: Queue, clock: Clock) -> None:
    queue.submit("a", {}, "ann")
    queue.claim("first")
    clock.now += LEASE - 1
    assert queue.claim("second") is None
    clock.now += 2
    taken = queue.claim("second")
    assert taken is not None
    assert (taken.worker, taken.attempts) == ("second", 2)
    assert not queue.heartbeat("a", "first")
    assert not queue.finish("a", "first")


def test_a_heartbeat_renews_the_lease_and_stores_progress(queue: Queue, clock: Clock) -> None:
    queue.submit("a", {}, "ann", total=10)
    queue.claim("first")
    clock.now += LEASE - 1
    assert queue.heartbeat("a", "first", 4, 10)
    clock.now += LEASE - 1
    assert queue.claim("second") is None
    assert (queue.get("a").done, queue.get("a").total) == (4, 10)


def test_the_job_of_a_worker_seen_dead_is_free_at_once(queue: Queue, clock: Clock) -> None:
    queue.submit("a", {}, "ann")
    queue.claim("first")
    assert queue.release("first") == 1
    clock.now += 0.001
    assert queue.claim("second") is not None


def test_a_job_that_brings_its_workers_down_is_given_up(queue: Queue, clock: Clock) -> None:
    queue.submit("a", {}, "ann")
    for attempt in range(ATTEMPTS):
        assert queue.claim(f"worker {attempt}") is not None
        clock.now += LEASE + 1
    assert queue.claim("one more") is None
    assert queue.get("a").state == "failed"
    assert "died" in queue.get("a").message
    assert queue.submit("a", {}, "ann").state == "waiting"


def test_a_job_is_cancelled_when_nobody_watches_it_any_more(queue: Queue) -> None:
    queue.submit("a", {}, "ann")
    queue.submit("a", {}, "ben")
    queue.claim("first")
    assert not queue.cancel("a", "ann")
    assert queue.heartbeat("a", "first")
    assert queue.cancel("a", "ben")
    assert not queue.heartbeat("a", "first")
    assert queue.get("a").state == "cancelled"


def test_somebody_who_does_not_watch_cannot_cancel(queue: Queue) -> None:
    queue.submit("a", {}, "ann")
    assert not queue.cancel("a", "eve")
    assert queue.get("a").state == "waiting"


def test_a_failed_job_says_why(queue: Queue) -> None:
    queue.submit("a", {}, "ann")
    queue.claim("first")
    queue.fail("a", "first", "the plant is stuck")
    assert (queue.get("a").state, queue.get("a").message) == ("failed", "the plant is stuck")
    assert queue.jobs(open_only=True) == []


def test_a_job_that_is_not_there_is_an_error(queue: Queue) -> None:
    with pytest.raises(KeyError):
        queue.get("a")


def test_a_worker_does_what_a_user_would_get_alone(folder: Path, workspace: Path, tmp_path: Path) -> None:
    prepared = prepare(folder / "slower.yaml")
    queue = Queue(workspace)
    submit(queue, prepared)
    job = queue.claim("me")
    assert job is not None
    worker_module.run_job(queue, "me", job, 1, threading.Event())
    assert queue.get(prepared.id).state == "done"
    alone = run(folder / "slower.yaml", workspace=tmp_path / "alone")
    result = Workspace(workspace).run_folder(prepared.id)
    assert result.manifest()["content"] == alone.manifest["content"]
    assert result.manifest()["made"]["by"] == "ann"


def test_a_worker_survives_a_job_that_cannot_be_done(workspace: Path) -> None:
    queue = Queue(workspace)
    queue.submit("a", {"nonsense": True}, "ann")
    job = queue.claim("me")
    assert job is not None
    worker_module.run_job(queue, "me", job, 1, threading.Event())
    assert queue.get("a").state == "failed"


def test_a_job_of_older_code_is_not_run_as_if_it_were_new(folder: Path, workspace: Path) -> None:
    queue, prepared = Queue(workspace), prepare(folder / "cell.yaml")
    request = prepared.as_request()
    queue.submit(prepared.id, {**request, "batch": {**request["batch"], "code": "old"}}, "ann")
    job = queue.claim("me")
    assert job is not None
    worker_module.run_job(queue, "me", job, 1, threading.Event())
    assert "updated" in queue.get(prepared.id).message


@pytest.fixture
def long(folder: Path) -> Prepared:
    """A run of some seconds."""
    return prepare(folder / "endless.yaml", {"run.horizon": "20 d"}, replications=40)


def test_a_worker_killed_in_the_middle_is_replaced_and_the_job_is_finished(
    long: Prepared, workspace: Path
) -> None:
    queue, folder = Queue(workspace), Workspace(workspace).run_folder(long.id)
    with Supervisor(workspace, processes=1) as supervisor:
        submit(queue, long)
        wait_for(lambda: reached(queue, long.id, 8))
        kept = {c.folder.name: (c.folder / "lots.parquet").stat().st_mtime_ns for c in folder.chunks()}
        (victim,) = supervisor.worker_ids
        os.kill(victim, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
        wait_for(lambda: supervisor.worker_ids and supervisor.worker_ids != [victim], 5)
        wait_for(lambda: finished(queue, long.id), 120)
    assert kept
    assert queue.get(long.id).attempts == 2
    chunks = list(folder.chunks())
    assert [r for c in chunks for r in c.horizons] == list(range(1, 41))
    after = {c.folder.name: (c.folder / "lots.parquet").stat().st_mtime_ns for c in chunks}
    assert kept.items() <= after.items()


def test_a_cancelled_job_stops_and_keeps_its_chunks(long: Prepared, workspace: Path) -> None:
    queue, folder = Queue(workspace), Workspace(workspace).run_folder(long.id)
    with Supervisor(workspace, processes=1):
        submit(queue, long)
        wait_for(lambda: reached(queue, long.id, 2))
        queue.cancel(long.id, "ann")
        short = prepare_like(long)
        submit(queue, short)
        wait_for(lambda: finished(queue, short.id))
    assert queue.get(long.id).state == "cancelled"
    assert not folder.finished()
    assert list(folder.chunks())


def prepare_like(long: Prepared) -> Prepared:
    """The same with two replications: it is there as soon as the worker is free."""
    request = long.as_request()
    return Prepared.from_request({**request, "run": {**request["run"], "replications": 2}, "id": "short"})


def test_one_supervisor_works_and_a_second_stands_by_until_it_ends(workspace: Path) -> None:
    first = Supervisor(workspace, processes=1).start()
    wait_for(lambda: first.worker_ids)
    with Supervisor(workspace, processes=1) as second:
        time.sleep(1.0)
        assert second.worker_ids == []
        pid = first.worker_ids[0]
        first.stop()
        wait_for(lambda: not alive(pid))
        wait_for(lambda: second.worker_ids)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL, and its processes no parent to ask for")
def test_workers_end_with_a_supervisor_that_was_killed(workspace: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from twin.experiment.supervisor import Supervisor\n"
        "s = Supervisor(Path(sys.argv[1]), processes=1).start()\n"
        "while not s.worker_ids: time.sleep(0.05)\n"
        "print(s.worker_ids[0], flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", script, str(workspace)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        worker = int(process.stdout.readline())
        process.kill()
    wait_for(lambda: not alive(worker), 20)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and is not yet buried does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        return not state.exists() or state.read_text(encoding="utf-8").rpartition(") ")[2][0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
