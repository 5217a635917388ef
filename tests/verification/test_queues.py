"""Queues reproduce Pollaczek and Khinchine, Erlang, Jackson, Cobham and machine interference.

The everyday half-width is at most 5 %: queues vary more than lines. `table.py` runs them to 1 %.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.verification.systems import agree, mean_in, plant, queue, replicate, replicate_all, seconds

pytestmark = pytest.mark.verification

WIDE = 0.05
HORIZON = 60_000.0
WARM_UP = 3_000.0


def waiting(record) -> float:
    return mean_in(record, "serve", "arrived", "started", WARM_UP)


def share_lost(record) -> float:
    lots = record.lots.to_pandas()
    lots = lots[seconds(lots.arrived) > WARM_UP]
    return float((lots.outcome == "lost").mean())


@pytest.mark.parametrize(
    ("service", "length"),
    [("exponential(mean=1 s)", 3.2), ("1 s", 1.6), ("lognormal(mean=1 s, cv=1.4142135623730951)", 4.8)],
)
def test_q1_a_single_server(service, length):
    agree(
        replicate(queue("exponential(mean=1.25 s)", service), 16, waiting, HORIZON), length, half_width=WIDE
    )


def test_q2_three_servers():
    what = queue("exponential(mean=0.5 s)", "exponential(mean=1 s)", servers=3)

    def waits(record) -> float:
        lots = record.lots.to_pandas()
        lots = lots[(seconds(lots.arrived) > WARM_UP) & lots.started.notna()]
        return float((lots.started > lots.arrived).mean())

    waited, length = replicate_all(what, 16, [waits, waiting], HORIZON / 2)
    agree(waited, 0.44444, half_width=WIDE)
    agree(length, 0.88889, half_width=WIDE)


def test_q2_five_servers_and_no_place_to_wait():
    what = queue(
        "exponential(mean=0.25 s)",
        "exponential(mean=1 s)",
        servers=5,
        operation={"wait_in": "none"},
        order={"when_full": "lost"},
    )
    agree(replicate(what, 8, share_lost, HORIZON / 3), 0.19907, half_width=WIDE)


def test_q2_one_server_and_four_places_to_wait():
    what = queue(
        "exponential(mean=1.25 s)",
        "exponential(mean=1 s)",
        operation={"wait_in": "room"},
        order={"when_full": "lost"},
        storage={"room": {"capacity": 4}},
    )
    agree(replicate(what, 8, share_lost, HORIZON), 0.08882, half_width=WIDE)


def test_q3_a_server_that_fails_while_it_works():
    failures = [{"clock": "running", "between": "exponential(mean=100 s)", "repair": "exponential(mean=5 s)"}]
    what = queue(
        "exponential(mean=1.4285714285714286 s)", "exponential(mean=1 s)", unit={"failures": failures}
    )

    def wait(record) -> float:
        lots = record.lots.to_pandas()
        lots = lots[(seconds(lots.arrived) > WARM_UP) & lots.started.notna()]
        return float(np.mean(seconds(lots.started) - seconds(lots.arrived)))

    agree(replicate(what, 24, wait, HORIZON), 3.57264, half_width=WIDE)


def test_q4_a_tandem():
    names = ["fast", "slower", "slow"]
    what = plant(
        equipment={name: {} for name in names},
        recipes={
            "part": {
                "operations": [
                    {name: {"on": [name], "takes": f"exponential(mean={mean} s)"}}
                    for name, mean in zip(names, ("1", "1.25", "1.6"), strict=True)
                ]
            }
        },
        orders=[{"recipe": "part", "every": "exponential(mean=2 s)"}],
    )
    numbers = [lambda r, n=name: mean_in(r, n, "arrived", "left", WARM_UP) for name in names]
    estimates = replicate_all(what, 24, numbers, HORIZON)
    for values, number in zip(estimates, (1.0, 1.66667, 4.0), strict=True):
        agree(values, number, half_width=WIDE)


def test_q5_rework():
    rework = {"rework": {"probability": 0.1, "to": "serve"}}
    what = queue("exponential(mean=1.4285714285714286 s)", "exponential(mean=1 s)", operation=rework)

    def sojourn(record) -> float:
        lots = record.lots.to_pandas()
        visits = lots.groupby("lot").agg(
            arrived=("arrived", "min"), left=("left", "max"), outcome=("outcome", "last")
        )
        visits = visits[(visits.outcome == "done") & (seconds(visits.arrived) > WARM_UP)]
        return float(np.mean(seconds(visits.left) - seconds(visits.arrived)))

    def inside(record) -> float:
        return mean_in(record, "serve", "arrived", "left", WARM_UP)

    lots, times = replicate_all(what, 12, [inside, sojourn], HORIZON)
    agree(lots, 3.5, half_width=WIDE)
    agree(times, 5.0, half_width=WIDE)


def test_q6_priority_without_interruption():
    service = {"on": ["server"], "takes": "exponential(mean=1 s)"}
    what = plant(
        equipment={"server": {}},
        recipes={
            "hurried": {"operations": [{"first": service}]},
            "patient": {"operations": [{"second": service}]},
        },
        orders=[
            {"recipe": "hurried", "every": "exponential(mean=3.3333333333333335 s)", "priority": 1},
            {"recipe": "patient", "every": "exponential(mean=2 s)", "priority": 2},
        ],
    )

    def wait(recipe):
        def statistic(record) -> float:
            lots = record.lots.to_pandas()
            lots = lots[(lots.recipe == recipe) & (seconds(lots.arrived) > WARM_UP) & lots.started.notna()]
            return float(np.mean(seconds(lots.started) - seconds(lots.arrived)))

        return statistic

    hurried, patient = replicate_all(what, 24, [wait("hurried"), wait("patient")], HORIZON)
    agree(hurried, 1.14286, half_width=WIDE)
    agree(patient, 5.71429, half_width=WIDE)


@pytest.mark.parametrize(("machines", "down"), [(5, 0.28716), (10, 0.75926)])
def test_q7_one_repair_crew(machines, down):
    failure = {
        "clock": "calendar",
        "between": "exponential(mean=100 s)",
        "repair": "exponential(mean=5 s)",
        "needs": ["crew"],
    }
    what = plant(
        people={"crew": {"count": 1}},
        equipment={"machine": {"count": machines, "failures": [failure]}},
        recipes={"part": {"operations": [{"work": {"on": ["machine"], "takes": "1 s"}}]}},
        orders=[{"recipe": "part", "every": "10 min"}],
    )

    def mean_down(record) -> float:
        states = record.states.to_pandas()
        states = states[states.state == "down"]
        return float((states.end - states.start).sum() / next(iter(record.horizon.values())))

    agree(replicate(what, 12, mean_down, 200_000.0), down, half_width=WIDE)
