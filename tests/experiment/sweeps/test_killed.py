"""Whatever is killed and in whichever order tasks are computed, a sweep ends with the same bytes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.experiment.conftest import PLANT
from tests.experiment.sweeps.conftest import MIX, PRESS, drained, kept, scenario, swept
from twin.experiment.executors import Serial, Step
from twin.experiment.executors.shape import T, Work
from twin.experiment.sweeps.plan import plan_sweep
from twin.experiment.sweeps.running import stream_sweep
from twin.experiment.sweeps.slices import read_slices

FOUR = f"{MIX}: [5 min, 10 min], {PRESS}: [exponential(mean=8 min), exponential(mean=16 min)]"
ROOT = Path(__file__).resolve().parents[3]
RUN = """
    import multiprocessing
    import sys
    from twin.experiment.executors import Processes
    from twin.experiment.sweeps.plan import plan_sweep
    from twin.experiment.sweeps.running import stream_sweep

    if __name__ == "__main__":
        plan = plan_sweep("sweep.yaml", engine="simpy")
        for step in stream_sweep(plan, workspace="killed", executor=Processes(2)):
            children = [child.pid for child in multiprocessing.active_children()]
            print(step.done / step.total, *children, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_a_worker_killed_at_40_percent_and_the_parent_at_60(
    tmp_path: Path, computed: list[tuple[int, int]]
) -> None:
    source = scenario(tmp_path, FOUR, "{replications: 50}")
    (tmp_path / "cell.yaml").write_text(PLANT.replace("batches: 12", "batches: 80"), encoding="utf-8")
    (tmp_path / "script.py").write_text(textwrap.dedent(RUN), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen(
        [sys.executable, "script.py"], cwd=tmp_path, stdout=subprocess.PIPE, env=environment, text=True
    )
    assert parent.stdout is not None
    worker_killed = False
    for line in parent.stdout:
        share, *children = line.split()
        if float(share) >= 0.4 and not worker_killed:
            os.kill(int(children[0]), signal.SIGKILL)
            worker_killed = True
        if float(share) >= 0.6:
            parent.kill()
            break
    parent.wait()
    parent.stdout.close()
    assert worker_killed
    (folder,) = (tmp_path / "killed" / "sweeps").iterdir()
    finished = sum(each.rows for slice_ in read_slices(folder)[0] for each in slice_.covered)
    assert 0 < finished < 200
    resumed = swept(source, tmp_path / "killed", executor=Serial())
    assert len(computed) == 200 - finished
    assert kept(resumed) == kept(swept(source, tmp_path / "undisturbed", executor=Serial()))


@dataclass(frozen=True)
class Shuffled:
    """Computes tasks in any order, a few at a time, as many processes would."""

    seed: int
    together: int

    def steps(self, work: Work[T], tasks: Iterable[T], replications: int) -> Generator[Step, None, None]:
        """Compute all tasks."""
        shuffled = list(tasks)
        random.Random(self.seed).shuffle(shuffled)
        for first in range(0, len(shuffled), self.together):
            yield from work.compute(shuffled[first : first + self.together], 1)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 100), together=st.integers(1, 12), cuts=st.lists(st.integers(1, 15), max_size=3))
def test_neither_the_order_nor_interruptions_change_a_byte(
    tmp_path_factory: pytest.TempPathFactory, seed: int, together: int, cuts: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("sweep")
    plan = plan_sweep(scenario(folder, FOUR), engine="simpy")
    for number, steps_taken in enumerate(cuts):
        executor = Shuffled(seed + number, together)
        steps = stream_sweep(plan, workspace=folder / "cut", executor=executor)
        for _ in zip(range(steps_taken), steps, strict=False):
            pass
        steps.close()
    whole = drained(plan, workspace=folder / "cut", executor=Shuffled(seed, together))
    assert kept(whole) == kept(drained(plan, workspace=folder / "whole", executor=Serial()))
