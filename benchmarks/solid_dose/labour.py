"""What the people of a run cost, from its record; `answers.py` calls it.

Paid are all hours in which a pool is present until the last batch is packed, busy or not. The measure
`cost.labour` pays until the run ends, which is when the last batch is released; by then production has gone
on to other campaigns.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from twin.experiment.results import Result
from twin.plant.money import parse_price

NOT_COUNTED = ("analyst", "qualified_person")  # they work office hours whatever production does


def labour_cost(result: Result) -> list[float]:
    """Labour cost of each replication, in the plant's currency."""
    return [cost_of_presence(result, replication) for replication in result.replications]


def cost_of_presence(result: Result, replication: int) -> float:
    """What production's pools are paid for being present."""
    assert result.plant.costs is not None
    wages = result.plant.costs.labour
    end = packed_after(result, replication)
    steps: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in result.replication("levels", replication).to_pylist():
        kind, _, rest = row["entity"].partition("/")
        name, _, what = rest.partition("/")
        if kind == "people" and what == "present" and name not in NOT_COUNTED:
            steps[name].append((row["time"], row["level"]))
    return sum(
        parse_price(wages[name].rate).amount * level * (min(after, end) - time) / 1e9
        for name, found in steps.items()
        for (time, level), (after, _) in pairwise([*found, (end, 0)])
        if time < end
    )


def packed_after(result: Result, replication: int) -> int:
    """When the last batch was packed, in ns."""
    lots = result.replication("lots", replication).to_pylist()
    return max(int(row["finished"] or 0) for row in lots if row["operation"] == "pack")
