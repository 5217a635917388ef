"""Work that shares one machine's worth of a utility is a queue with processor sharing, whose answer is known.

In the M/G/1 queue with processor sharing the mean time in the system is E[S] / (1 - ρ), whatever the
distribution of the work S: L. Kleinrock, "Time-shared systems: a theoretical treatment", J. ACM 14 (1967)
242-261; for general S: M. Sakata, S. Noguchi, J. Oizumi, Operations Research 19 (1971) 371-385.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.plants import operation, plant, run


@pytest.mark.parametrize("work", ["exponential(mean=1 s)", "1 s"])
def test_sharing_a_utility_is_processor_sharing(work):
    load = 0.5
    what = plant(
        {"place": {"count": 40}},  # that all are taken has a probability of 2 ** -40
        operation("serve", "place", work, uses={"power": "10 kW"}),
        utilities={"power": {"capacity": "10 kW", "when_short": "slow_down"}},
        order={"every": f"exponential(mean={1 / load} s)", "times": 25_000},
    )
    rows = run(what).lots
    assert rows.column("started").equals(rows.column("arrived"))
    times = (rows.column("left").to_numpy() - rows.column("arrived").to_numpy())[1000:] * 1e-9
    batches = times[: len(times) // 24 * 24].reshape(24, -1).mean(axis=1)
    error = 4 * np.std(batches, ddof=1) / np.sqrt(len(batches))
    assert error < 0.25
    assert np.mean(times) == pytest.approx(1 / (1 - load), abs=error)
