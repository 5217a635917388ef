"""Primary drying of vials in twin and by SciPy beside each other: a section of docs/verification_physics.md.

    python benchmarks/physics/lyophilisation_compare.py --figure docs/verification/lyophilisation.svg

SciPy gets the equations as they are printed: a bracketed root for the ice front at each instant (`brentq`),
DOP853 in time at a relative tolerance of 1e-11 through ramp and hold, and an event where the last ice goes.
Needs Matplotlib for the figure.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from twin.physics.fill_finish.lyophilisation_data import (
    HOUR,
    LYOPRONTO_EXAMPLE,
    RESISTANCE,
    TORR,
    ZERO_CELSIUS,
)
from twin.physics.fill_finish.primary_drying import kernel_inputs, primary_drying

VIALS = {
    "Y1, LyoPRONTO's example": ({}, "6.65407867"),
    "Y2, held at −10 °C, 0.10 Torr": (
        {
            "shelf_start": ZERO_CELSIUS - 10.0,
            "shelf_hold": ZERO_CELSIUS - 10.0,
            "chamber_pressure": 0.1 * TORR,
        },
        "15.46834484",
    ),
    "Y1, ramp of 0.1 K/min": ({"ramp_rate": 0.1 / 60.0}, ""),
    "Y1, 0.1 mL, dry within the ramp": ({"fill_volume": 0.1e-6}, ""),
    "Y1, 10 mL": ({"fill_volume": 10e-6}, ""),
    "Y1, −20 °C, 0.05 Torr": ({"shelf_hold": ZERO_CELSIUS - 20.0, "chamber_pressure": 0.05 * TORR}, ""),
    "Y1, R0 = 0.1 cm² h Torr/g": ({"resistance_start": 0.1 * RESISTANCE}, ""),
    "Y1, A2 = 3 /cm": ({"resistance_bend": 300.0}, ""),
}


def by_scipy(given: list[float]) -> float:
    """Return a vial's drying time in s from the kernel's fields."""
    start, hold, rate, pressure, layer, ice, first, slope, bend, heat, heat_slope, factor, boiling = given
    balance = boiling / math.log(factor / pressure)

    def growth(time: float, state: np.ndarray) -> list[float]:
        shelf, dried = min(start + rate * time, hold), min(max(float(state[0]), 0.0), layer)
        if shelf <= balance:
            return [0.0]
        resistance = first + slope * dried / (1.0 + bend * dried)

        def surplus(temperature: float) -> float:
            flux = (factor * math.exp(-boiling / temperature) - pressure) / resistance
            return flux * (heat - heat_slope * dried) - (shelf - temperature)

        front = brentq(surplus, balance - 1.0, shelf + 1.0, xtol=1e-13, rtol=1e-15)
        return [(shelf - front) / (heat - heat_slope * dried) / ice]

    def dry(time: float, state: np.ndarray) -> float:
        return float(state[0]) - layer

    dry.terminal = True  # type: ignore[attr-defined]
    options = {"method": "DOP853", "rtol": 1e-11, "atol": 1e-11 * layer, "events": dry}
    end, state = max((hold - start) / rate, 0.0), np.zeros(1)
    if end > 0.0:
        ramp = solve_ivp(growth, (max(0.0, (balance - start) / rate), end), state, **options)
        if ramp.t_events[0].size:
            return float(ramp.t_events[0][0])
        state = ramp.y[:, -1]
    return float(solve_ivp(growth, (end, end + 1e8), state, **options).t_events[0][0])


def hours(changes: dict[str, float], steps: int) -> float:
    return float(primary_drying({**LYOPRONTO_EXAMPLE, **changes}, ramp_steps=steps).duration[0]) / HOUR


def table() -> list[str]:
    lines = [
        "| vial | twin, 8 steps, h | twin, 64 steps, h | SciPy, h | twin, 8 steps − SciPy | published, h |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, (changes, published) in VIALS.items():
        exact = by_scipy(kernel_inputs({**LYOPRONTO_EXAMPLE, **changes})[:, 0].tolist()) / HOUR
        ours, fine = hours(changes, 8), hours(changes, 64)
        lines.append(
            f"| {name} | {ours:.8f} | {fine:.8f} | {exact:.8f} | {100 * (ours / exact - 1):+.6f} % "
            f"| {published} |"
        )
    return lines


def figure() -> Figure:
    """Return the error of the drying time against the time steps over the ramp."""
    drawing = Figure(figsize=(4.6, 3.2), layout="constrained")
    axes = drawing.subplots()
    steps = 2 ** np.arange(1, 8)
    for name in ("Y1, LyoPRONTO's example", "Y1, ramp of 0.1 K/min", "Y1, 0.1 mL, dry within the ramp"):
        changes, _published = VIALS[name]
        exact = by_scipy(kernel_inputs({**LYOPRONTO_EXAMPLE, **changes})[:, 0].tolist()) / HOUR
        axes.loglog(steps, [abs(hours(changes, int(n)) / exact - 1) for n in steps], "o-", label=name)
    axes.loglog(steps, 1e-3 * (steps / 2.0) ** -4, color="0.5", linestyle=":", label="order 4")
    axes.set(xlabel="time steps over the ramp", ylabel="error of the drying time against SciPy")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=8)
    return drawing


def main() -> None:
    parser = argparse.ArgumentParser(description="Dry vials in twin and by SciPy.")
    parser.add_argument("--figure", type=Path, help="write the figure of errors there")
    options = parser.parse_args()
    print("\n".join(table()))
    if options.figure:
        import matplotlib

        matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "twin"})
        options.figure.parent.mkdir(exist_ok=True)
        figure().savefig(options.figure, metadata={"Date": None} if options.figure.suffix == ".svg" else None)


if __name__ == "__main__":
    main()
