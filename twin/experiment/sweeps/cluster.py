"""A sweep on an existing Dask cluster: the client, and whether its workers may compute for this sweep.

A worker must run the same code and libraries, since its results are those of everybody who asks the same, and
must see the sweep's folder, into which it writes. Both are looked at before anything is handed out, and again
by each worker before each packet, as workers come and go. Needs the extra `dask`.
"""

from __future__ import annotations

import platform
import threading
import time
import uuid
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twin.engine.fingerprint import code_fingerprint
from twin.experiment.executors import Step
from twin.experiment.executors.shape import T, Work
from twin.experiment.identity import digest, folding_code, measuring_code
from twin.experiment.made import LIBRARIES
from twin.experiment.store import workspace_at
from twin.experiment.sweeps.folder import folder_for
from twin.experiment.sweeps.plan import SweepPlan
from twin.experiment.sweeps.slices import paths_of, read_slice
from twin.plant.errors import InputError, Problem

if TYPE_CHECKING:
    from twin.experiment.executors.dask_workers import Dask

ANSWERS_WITHIN = 10.0  # s: a scheduler
SEEN_WITHIN = (
    90.0  # s: a file by another machine; network file systems remember for a minute what was not there
)
LOOK = 0.5  # s between looks
_TOKEN = "shared-"
_ALIKE = "All workers need the workspace, or `--out`, at the same path, and one version of everything."
_INSTALL = "Install it with `pip install 'plant-twin[dask]'`, here and on the workers."


@dataclass(frozen=True)
class Passport:
    """What a worker has to be: the client's code and libraries, and a file that it has to see."""

    code: str
    libraries: tuple[tuple[str, str], ...]
    token: str

    def complaint(self) -> str:
        """What is wrong with this process as a worker; empty: nothing."""
        own = passport(self.token)
        if own.code != self.code:
            return f"On {platform.node()}, twin is another version: its code is not the one that asks."
        pairs = zip(own.libraries, self.libraries, strict=True)
        other = [f"{name} {have}, not {want}" for (name, have), (_, want) in pairs if have != want]
        if other:
            return f"On {platform.node()}, results may differ: it has {', '.join(other)}."
        if not Path(self.token).exists():
            return f"{platform.node()} does not see the folder `{Path(self.token).parent}`."
        return ""


@dataclass(frozen=True)
class Cluster:
    """The executor of a sweep on Dask's workers: waits at the end until what they wrote is seen here."""

    workers: Dask
    folder: Path

    def steps(self, work: Work[T], tasks: Iterable[T], replications: int) -> Generator[Step, None, None]:
        """As `Executor.steps`."""
        finished: set[str] = set()
        for step in self.workers.steps(work, tasks, replications):
            finished |= set(step.finished)
            yield step
        _wait_for(finished, self.folder)


def passport(token: str) -> Passport:
    """What this process is."""
    return Passport(_code(), _libraries(), token)


@contextmanager
def cluster(
    address: str, plan: SweepPlan, workspace: str | Path | None = None, out: str | Path | None = None
) -> Iterator[Cluster]:
    """The executor for a plan on the workers of the scheduler at `address`.

    Raises: InputError: the extra is not installed, no scheduler answers, it has no workers, or a worker may
    not compute.
    """
    client = _client(address)
    place = workspace_at(workspace)
    folder = folder_for(plan, place, None if out is None else Path(out), resume=True).path
    folder.parent.mkdir(parents=True, exist_ok=True)
    token = folder.parent / f".{_TOKEN}{uuid.uuid4().hex[:12]}"
    try:
        token.write_bytes(b"")
        wanted = passport(str(token.resolve()))
        _check(client, wanted, address)
        yield Cluster(_workers(client, wanted), folder)
    finally:
        token.unlink(missing_ok=True)
        client.close()


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise _wrong("A Dask cluster needs the extra `dask`, which is not installed.", _INSTALL) from None
    try:
        return Client(address, timeout=ANSWERS_WITHIN, set_as_default=False)
    except (OSError, TimeoutError) as error:
        hint = "Start one with `dask scheduler`; docs/cluster.md says how, also on SLURM and Kubernetes."
        raise _wrong(f"No scheduler answers at `{address}`.", hint) from error
    except ValueError as error:
        raise _wrong(
            f"`{address}` is no address of a scheduler: {error}.", "Such as `tcp://10.0.0.7:8786`."
        ) from error


def _workers(client: Any, wanted: Passport) -> Dask:
    from twin.experiment.executors.dask_workers import Dask

    return Dask(client, wanted.complaint)


def _check(client: Any, wanted: Passport, address: str) -> None:
    """Raise InputError where there are no workers, or some may not compute for this sweep."""
    answers = client.run(wanted.complaint, on_error="return")
    if not answers:
        hint = f"Start some with `dask worker {address}`."
        raise _wrong(f"The scheduler at `{address}` has no workers.", hint)
    problems = []
    for worker, answer in sorted(answers.items()):
        if isinstance(answer, BaseException):
            message = f"The worker {worker} cannot load twin: {answer}."
            problems.append(Problem("--scheduler", 0, 0, message, _INSTALL))
        elif answer:
            message = f"The worker {worker} cannot compute: {answer}"
            problems.append(Problem("--scheduler", 0, 0, message, _ALIKE))
    if problems:
        raise InputError(problems)


def _wrong(message: str, hint: str) -> InputError:
    return InputError([Problem("--scheduler", 0, 0, message, hint)])


def _wait_for(tasks: set[str], folder: Path) -> None:
    """Wait until the slices of these tasks are seen, or for as long as a file system may take."""
    seen: set[Path] = set()
    until = time.monotonic() + SEEN_WITHIN
    while tasks and time.monotonic() < until:
        for path in set(paths_of(folder)) - seen:
            seen.add(path)
            tasks = tasks - {each.task for each in read_slice(path).covered}
        if tasks:
            threading.Event().wait(LOOK)


@cache
def _code() -> str:
    return digest([code_fingerprint(), folding_code(), measuring_code()])


@cache
def _libraries() -> tuple[tuple[str, str], ...]:
    return (("Python", platform.python_version()), *((name, version(name)) for name in LIBRARIES))
