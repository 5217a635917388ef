"""Plants without chance end at the hour that one can work out by hand."""

from __future__ import annotations

import pytest

from tests.verification.systems import plant
from twin.engine.compile import compile_program
from twin.engine.record import SECOND
from twin.engine.simpy_engine import simulate
from twin.plant.scenario import Run

pytestmark = pytest.mark.verification

HOUR = 3600 * SECOND


def makespan(what) -> float:
    """Time of the last exit in hours, from a Monday at 06:00."""
    record = simulate(compile_program(what, Run()), 1)
    return max(record.lots["left"].to_pylist()) / HOUR


@pytest.mark.parametrize(
    ("at_close", "end"), [("finish_operation", 30), ("suspend", 50), ("do_not_start_unless_it_fits", 54)]
)
def test_k1_three_operations_of_six_hours_in_shifts_of_eight(at_close, end):
    shift = {"open": [{"days": "daily", "from": "06:00", "to": "14:00"}], "at_close": at_close}
    what = plant(
        calendars={"day": shift},
        equipment={"unit": {"calendar": "day"}},
        recipes={"lot": {"operations": [{"work": {"on": ["unit"], "takes": "6 h"}}]}},
        orders=[{"recipe": "lot", "batches": 3}],
    )
    assert makespan(what) == end


@pytest.mark.parametrize(
    ("at_close", "end"), [("finish_operation", 30), ("suspend", 50), ("do_not_start_unless_it_fits", 54)]
)
def test_k1_holds_for_the_shift_of_the_only_operator(at_close, end):
    shift = {"open": [{"days": "daily", "from": "06:00", "to": "14:00"}], "at_close": at_close}
    what = plant(
        calendars={"day": shift},
        people={"operator": {"count": 1, "calendar": "day"}},
        equipment={"unit": {}},
        recipes={"lot": {"operations": [{"work": {"on": ["unit"], "takes": "6 h", "needs": ["operator"]}}]}},
        orders=[{"recipe": "lot", "batches": 3}],
    )
    assert makespan(what) == end


def test_j2_a_flow_shop_of_two_machines_in_johnsons_order():
    recipes = {
        f"job_{i}": {
            "operations": [
                {"cut": {"on": ["first"], "takes": f"{cut} h"}},
                {"drill": {"on": ["second"], "takes": f"{drill} h"}},
            ]
        }
        for i, (cut, drill) in enumerate([(3, 6), (4, 7), (7, 4), (5, 3), (7, 2)])
    }
    what = plant(
        equipment={"first": {}, "second": {}},
        recipes=recipes,
        orders=[{"recipe": name} for name in recipes],
    )
    assert makespan(what) == 28


def test_b1_a_batch_plant_with_two_reactors():
    what = plant(
        equipment={"mixer": {}, "reactor": {"count": 2}, "dryer": {}},
        recipes={
            "batch": {
                "operations": [
                    {"mix": {"on": ["mixer"], "takes": "4 h"}},
                    {"react": {"on": ["reactor"], "takes": "6 h"}},
                    {"dry": {"on": ["dryer"], "takes": "3 h"}},
                ]
            }
        },
        orders=[{"recipe": "batch", "batches": 10}],
    )
    assert makespan(what) == 49
