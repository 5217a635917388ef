"""Job shops with known best makespans: no dispatching rule goes below them, and each does what it says.

Instances: H. Fisher and G. L. Thompson in J. F. Muth and G. L. Thompson (eds.), Industrial Scheduling, 1963
(FT06, FT10); S. Lawrence, Resource constrained project scheduling, Carnegie-Mellon University, 1984 (LA01).
A row is a job: machine and time of each operation. Johnson's flow shop: S. M. Johnson, Optimal two- and
three-stage production schedules with setup times included, Naval Research Logistics Quarterly 1, 1954.
"""

from __future__ import annotations

import pytest

from tests.verification.systems import SECOND, plant
from twin.engine.compile import compile_program
from twin.engine.simpy_engine import simulate
from twin.plant.scenario import Run

pytestmark = pytest.mark.verification

FT06 = """
2 1 0 3 1 6 3 7 5 3 4 6
1 8 2 5 4 10 5 10 0 10 3 4
2 5 3 4 5 8 0 9 1 1 4 7
1 5 0 5 2 5 3 3 4 8 5 9
2 9 1 3 4 5 5 4 0 3 3 1
1 3 3 3 5 9 0 10 4 4 2 1
"""
FT10 = """
0 29 1 78 2 9 3 36 4 49 5 11 6 62 7 56 8 44 9 21
0 43 2 90 4 75 9 11 3 69 1 28 6 46 5 46 7 72 8 30
1 91 0 85 3 39 2 74 8 90 5 10 7 12 6 89 9 45 4 33
1 81 2 95 0 71 4 99 6 9 8 52 7 85 3 98 9 22 5 43
2 14 0 6 1 22 5 61 3 26 4 69 8 21 7 49 9 72 6 53
2 84 1 2 5 52 3 95 8 48 9 72 0 47 6 65 4 6 7 25
1 46 0 37 3 61 2 13 6 32 5 21 9 32 8 89 7 30 4 55
2 31 0 86 1 46 5 74 4 32 6 88 8 19 9 48 7 36 3 79
0 76 1 69 3 76 5 51 2 85 9 11 6 40 7 89 4 26 8 74
1 85 0 13 2 61 6 7 8 64 9 76 5 47 3 52 4 90 7 45
"""
LA01 = """
1 21 0 53 4 95 3 55 2 34
0 21 3 52 4 16 2 26 1 71
3 39 4 98 1 42 2 31 0 12
1 77 0 55 4 79 2 66 3 77
0 83 3 34 2 64 1 19 4 37
1 54 2 43 4 79 0 92 3 62
3 69 4 77 1 87 2 87 0 93
2 38 0 60 1 41 3 24 4 83
3 17 1 49 4 25 0 44 2 98
4 77 3 79 2 43 1 75 0 96
"""
RULES = ("priority", "fifo", "spt", "edd", "critical_ratio", "least_setup")
TIGHTNESS = 1.5  # a job is due after so many times its own work

Job = list[tuple[int, int]]


def jobs_of(text: str) -> list[Job]:
    """(machine, time) of each operation of each job."""
    rows = [[int(number) for number in line.split()] for line in text.strip().splitlines()]
    return [list(zip(row[::2], row[1::2], strict=True)) for row in rows]


def due(job: Job) -> int:
    """The due date of a job, whole."""
    return int(TIGHTNESS * sum(time for _, time in job))


def makespan(jobs: list[Job], dispatching: str) -> float:
    """The time of the last exit by the engine: each job an order line with a recipe of its own."""
    machines = range(1 + max(machine for job in jobs for machine, _ in job))
    recipes = {
        f"job_{i}": {
            "operations": [
                {f"step_{k}": {"on": [f"machine_{machine}"], "takes": f"{time} s"}}
                for k, (machine, time) in enumerate(job)
            ]
        }
        for i, job in enumerate(jobs)
    }
    what = plant(
        equipment={f"machine_{m}": {"dispatching": dispatching} for m in machines},
        recipes=recipes,
        orders=[{"recipe": f"job_{i}", "due": f"{due(job)} s"} for i, job in enumerate(jobs)],
    )
    record = simulate(compile_program(what, Run()), 1)
    return max(record.lots["left"].to_pylist()) / SECOND


def makespan_second_by_second(jobs: list[Job], key) -> int:
    """The same by the simplest simulation there is; `key(now, job, step, since)` is lowest for the next."""
    now, step, since = 0, [0] * len(jobs), [0] * len(jobs)
    busy: dict[int, tuple[int, int]] = {}  # machine to job and the time of its end
    while True:
        for machine, (job, end) in list(busy.items()):
            if end == now:
                del busy[machine]
                step[job] += 1
                since[job] = now
        in_work = {job for job, _ in busy.values()}
        left = [j for j in range(len(jobs)) if step[j] < len(jobs[j])]
        if not left:
            return now
        for machine in range(10):
            waiting = [j for j in left if j not in in_work and jobs[j][step[j]][0] == machine]
            if machine not in busy and waiting:
                job = min(waiting, key=lambda j: (key(now, jobs[j], step[j], since[j]), since[j], j))
                busy[machine] = (job, now + jobs[job][step[job]][1])
                in_work.add(job)
        now += 1


KEYS = {
    "priority": lambda now, job, step, since: 0,
    "fifo": lambda now, job, step, since: since,
    "spt": lambda now, job, step, since: job[step][1],
    "edd": lambda now, job, step, since: due(job),
    "critical_ratio": lambda now, job, step, since: (
        (due(job) - now) * 1_000_000 // sum(time for _, time in job[step:])
    ),
    "least_setup": lambda now, job, step, since: 0,
}


@pytest.mark.parametrize("dispatching", RULES)
@pytest.mark.parametrize(
    ("text", "best"), [(FT06, 55), (FT10, 930), (LA01, 666)], ids=["FT06", "FT10", "LA01"]
)
def test_j1_no_dispatching_rule_beats_the_best_makespan(text, best, dispatching):
    jobs = jobs_of(text)
    found = makespan(jobs, dispatching)
    assert found >= best
    assert found == makespan_second_by_second(jobs, KEYS[dispatching])


def test_j1_the_busiest_machine_of_la01_has_as_much_work_as_the_best_makespan():
    jobs = jobs_of(LA01)
    assert max(sum(time for job in jobs for m, time in job if m == each) for each in range(5)) == 666


FLOW_SHOP = [(3, 6), (7, 2), (4, 7), (5, 3), (7, 4)]


def test_j2_johnsons_order_as_priorities_of_the_order_book():
    """Jobs that take less on the first machine, by that time; then the others, by falling second time."""
    first = sorted((i for i, (a, b) in enumerate(FLOW_SHOP) if a < b), key=lambda i: FLOW_SHOP[i][0])
    rest = sorted((i for i, (a, b) in enumerate(FLOW_SHOP) if a >= b), key=lambda i: -FLOW_SHOP[i][1])
    what = plant(
        equipment={"first": {}, "second": {}},
        recipes={
            f"job_{i}": {
                "operations": [
                    {"cut": {"on": ["first"], "takes": f"{a} h"}},
                    {"drill": {"on": ["second"], "takes": f"{b} h"}},
                ]
            }
            for i, (a, b) in enumerate(FLOW_SHOP)
        },
        orders=[{"recipe": f"job_{i}", "priority": [*first, *rest].index(i)} for i in range(len(FLOW_SHOP))],
    )
    record = simulate(compile_program(what, Run()), 1)
    assert max(record.lots["left"].to_pylist()) == 28 * 3600 * SECOND
