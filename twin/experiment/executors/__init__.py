"""Ways to compute tasks, of one shape: here and now, or in processes of this machine. The caller decides
what.

`shape` says what a task, a work and an executor are; `serial`, `processes`, `standing` and `dask_workers` are
executors, `packets` deals tasks out by the seconds they take, and `child` is what runs in a spawned process.
Nothing here knows plants, so that a process can be told its threads before it loads anything that has some.
Called by `run.py` and `sweeps/`.
"""

from __future__ import annotations

from twin.experiment.executors.adaptive import Adaptive, cores
from twin.experiment.executors.processes import Processes
from twin.experiment.executors.serial import Serial
from twin.experiment.executors.shape import Executor, Failure, Step, Task, Work
from twin.experiment.executors.standing import Standing

__all__ = [
    "Adaptive",
    "Executor",
    "Failure",
    "Processes",
    "Serial",
    "Standing",
    "Step",
    "Task",
    "Work",
    "cores",
]
