"""Columns in twin and in CADET-Core beside each other: the tables of docs/verification_physics.md.

    python benchmarks/physics/chromatography_compare.py

Breakthrough of case C2 and of columns that differ from it, and a cycle of load, wash and elution. CADET-Core
is installed as `chromatography.py` says.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from chromatography import C2, LEVELS, by_kernel, cadet, finite_volumes, reached, thomas

from twin.physics.numerics import packed_bed

OTHERS = {
    "C2": C2,
    "C2, D = 1.6e-7 m2/s (uL/D = 500)": replace(C2, dispersion=1.6e-7),
    "C2, D = 8e-7 m2/s (uL/D = 100)": replace(C2, dispersion=8e-7),
    "C2, kd ten times": replace(C2, desorption=1e-3, until=18_000.0),
    "C2, ka and kd a third": replace(C2, adsorption=5e-4, desorption=1e-4 / 3, until=30_000.0),
    "C2, feed 5 g/L": replace(C2, feed=5.0, until=6_000.0),
}


def comparison() -> list[str]:
    """Return the times of several columns in both programs as a table."""
    lines = [
        "| column | level | twin, 200 cells, s | CADET-Core, 800 volumes, s | Thomas, s | twin − CADET |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    answers = cadet([finite_volumes(column, 800, 1e-8) for column in OTHERS.values()])
    for (name, column), answer in zip(OTHERS.items(), answers, strict=True):
        own = by_kernel(column, (200, 400), 1)
        peer = reached(np.asarray(answer["times"]), np.asarray(answer["effluent"]), column.feed)
        exact = thomas(column)
        for k, level in enumerate(LEVELS):
            known = f"{exact[k]:.2f}" if column.dispersion == 0.0 else ""
            lines.append(
                f"| {name} | {level:g} | {own[k]:.2f} | {peer[k]:.2f} | {known} "
                f"| {100 * (own[k] / peer[k] - 1):+.3f} % |"
            )
    return lines


def cycle_comparison() -> list[str]:
    """Return what has left a column of C2 by some moments of a cycle, in both programs, as a table.

    Load for 16,500 s, wash for 3,000 s, elution in a step: a desorption rate of 0.05 /s comes along with it.
    """
    seconds, elution = {"load": 16_500.0, "wash": 3_000.0, "elution": 6_000.0}, 0.05
    answer = cadet([finite_volumes(C2, 800, 1e-7) | seconds | {"elution_desorption": elution}])[0]
    times, effluent = np.asarray(answer["times"]), np.asarray(answer["effluent"])
    left = np.concatenate([[0.0], np.cumsum(np.diff(times) * (effluent[1:] + effluent[:-1]) / 2)])
    own_times, own_left = one_cycle(tuple(seconds.values()), (C2.desorption, C2.desorption, elution))
    volume = C2.length / (C2.velocity * C2.porosity)
    interface = seconds["load"] + seconds["wash"] + C2.dead_time
    moments = {
        "the load has left": interface - seconds["wash"],
        "half of the wash has left": interface - seconds["wash"] / 2,
    }
    for volumes in (0.5, 1.0, 2.0):
        moments[f"{volumes:g} volumes of elution buffer have left"] = interface + volumes * volume
    lines = ["| when | twin, 200 cells | CADET-Core, 800 volumes |", "| --- | ---: | ---: |"]
    fed = seconds["load"] * C2.feed
    for name, moment in moments.items():
        own, peer = np.interp(moment, own_times, own_left), np.interp(moment, times, left)
        lines.append(f"| {name} | {100 * own / fed:.3f} % | {100 * peer / fed:.3f} % |")
    return lines


def one_cycle(seconds: tuple[float, ...], rates: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return times and what has left C2's column by then, when liquids of some desorption rates follow."""
    steps, solid = 800, np.zeros((200, 1))
    times, left = [C2.dead_time], [0.0]
    for number, (duration, rate) in enumerate(zip(seconds, rates, strict=True)):
        feed = C2.feed if number == 0 else 0.0
        values = (C2.adsorption, C2.capacity, C2.exchange_time, 0.0, feed, duration)
        liquid = packed_bed.Liquid(*(np.asarray([value]) for value in values))
        solid, leaving = packed_bed.pass_liquid(liquid, np.full((steps, 1), rate), solid)
        times.extend(times[-1] + np.linspace(0.0, duration, steps + 1)[1:])
        left.extend(left[-1] + np.cumsum(leaving[:, 0]) * duration / steps)
    return np.asarray(times), np.asarray(left)


if __name__ == "__main__":
    print("\n".join([*comparison(), "", *cycle_comparison()]))
