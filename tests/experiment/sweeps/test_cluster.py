"""A sweep on a Dask cluster of this machine: the same bytes, a worker killed half-way, strangers refused."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.experiment.executors.works import Notes, tasks
from tests.experiment.sweeps.conftest import MIX, kept, scenario, swept
from twin.cli import execute
from twin.experiment.sweeps import cluster as module
from twin.experiment.sweeps.cluster import Passport, cluster, passport
from twin.experiment.sweeps.plan import plan_sweep
from twin.experiment.sweeps.running import stream_sweep
from twin.plant.errors import InputError

distributed = pytest.importorskip("distributed", reason="computing on a cluster is an extra, `dask`")
dask = pytest.importorskip("dask")

from twin.experiment.executors.dask_workers import Dask, StrangerError  # noqa: E402  # after the extra is there

MANY = f"{MIX}: {{from: 5 min, to: 35 min, steps: 12}}"


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a scheduler with two workers, each a process that is started anew when it dies."""
    quiet = {"distributed.scheduler.allowed-failures": 0, "distributed.admin.log-format": "%(message)s"}
    with (
        dask.config.set(quiet),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        ) as local,
    ):
        yield local.scheduler_address


@pytest.fixture
def client(scheduler: str) -> Iterator[Any]:
    with distributed.Client(scheduler, set_as_default=False) as connected:
        connected.wait_for_workers(1, timeout=60)  # one that was killed may still be starting anew
        yield connected


def nothing_wrong() -> str:
    return ""


def one_stranger() -> str:
    return "This is another computer."


def test_a_sweep_of_which_a_worker_is_killed_half_way_is_the_sweep_byte_for_byte(
    tmp_path: Path, scheduler: str, client: Any
) -> None:
    source = scenario(tmp_path, MANY, "{replications: 40}")
    plan = plan_sweep(source, engine="simpy")
    client.wait_for_workers(2, timeout=60)
    pids, killed = set(client.run(os.getpid).values()), 0
    with cluster(scheduler, plan, tmp_path / "shared") as executor:
        for step in stream_sweep(plan, workspace=tmp_path / "shared", executor=executor):
            if not killed and step.done >= step.total / 2:
                killed = pids.pop()
                os.kill(killed, signal.SIGKILL)
    assert killed
    assert kept(tmp_path / "shared" / "sweeps" / plan.id) == kept(swept(source, tmp_path / "alone"))
    assert not list((tmp_path / "shared" / "sweeps").glob(".shared-*"))


def test_from_the_command_line(tmp_path: Path, scheduler: str, client: Any) -> None:
    source = scenario(tmp_path, MANY)
    arguments = [
        "sweep",
        str(source),
        "--engine",
        "simpy",
        "--quiet",
        "--workspace",
        str(tmp_path / "shared"),
    ]
    assert execute([*arguments, "--scheduler", scheduler]) == 0
    own = tmp_path / "shared" / "sweeps" / plan_sweep(source, engine="simpy").id
    assert kept(own) == kept(swept(source, tmp_path / "alone"))


def test_only_what_became_of_tasks_comes_back(tmp_path: Path, client: Any) -> None:
    work = Notes(tmp_path, impossible=("t3",))
    steps = list(Dask(client, nothing_wrong).steps(work, tasks(6), 12))
    finished = {task for step in steps for task in step.finished}
    assert finished == {"t1", "t2", "t4", "t5", "t6"}
    assert [(f.task, f.message) for step in steps for f in step.failed] == [("t3", "the plant is stuck")]
    assert sum(step.replications for step in steps) == 10


def test_what_breaks_the_work_is_raised_here(tmp_path: Path, client: Any) -> None:
    with pytest.raises(OSError, match="No space left"):
        list(Dask(client, nothing_wrong).steps(Notes(tmp_path, broken=("t1",)), tasks(2), 4))


def test_a_worker_that_comes_later_and_is_another_computes_nothing(tmp_path: Path, client: Any) -> None:
    with pytest.raises(StrangerError, match="another computer"):
        list(Dask(client, one_stranger).steps(Notes(tmp_path), tasks(2), 4))
    assert not list(tmp_path.iterdir())


def test_workers_with_other_code_are_named(
    tmp_path: Path, scheduler: str, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_code", lambda: "the code of tomorrow")
    plan = plan_sweep(scenario(tmp_path, MANY), engine="simpy")
    with pytest.raises(InputError) as caught, cluster(scheduler, plan, tmp_path):
        pass
    assert caught.value.problems
    assert all("its code is not the one that asks" in problem.message for problem in caught.value.problems)


def test_a_worker_says_what_keeps_it_from_computing(tmp_path: Path) -> None:
    own = passport(str(tmp_path / "token"))
    (tmp_path / "token").touch()
    assert own.complaint() == ""
    other = Passport(own.code, (("Python", "2.7.18"), *own.libraries[1:]), own.token)
    assert f"it has Python {own.libraries[0][1]}, not 2.7.18" in other.complaint()
    assert "does not see the folder" in replace(own, token=str(tmp_path / "elsewhere" / "token")).complaint()


def test_where_no_scheduler_answers_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "ANSWERS_WITHIN", 0.5)
    arguments = ["sweep", str(scenario(tmp_path, MANY)), "--workspace", str(tmp_path)]
    assert execute([*arguments, "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert "No scheduler answers at `tcp://127.0.0.1:9`." in capsys.readouterr().err
    assert execute([*arguments, "--scheduler", "somewhere over there"]) == 2


def test_without_the_extra_it_is_said_how_to_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    arguments = ["sweep", str(scenario(tmp_path, MANY)), "--workspace", str(tmp_path)]
    assert execute([*arguments, "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert "plant-twin[dask]" in capsys.readouterr().err


def test_a_task_that_takes_worker_after_worker_along_is_given_up_by_name(tmp_path: Path, client: Any) -> None:
    steps = list(Dask(client, nothing_wrong).steps(Notes(tmp_path, lethal=("t2",)), tasks(3), 6))
    assert {task for step in steps for task in step.finished} == {"t1", "t3"}
    [failure] = [failure for step in steps for failure in step.failed]
    assert failure.task == "t2"
    assert "not tried again" in failure.message
