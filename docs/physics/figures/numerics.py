"""The errors of the numerical methods against SciPy's integration at a tolerance of 1e-12."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from twin.physics.numerics import diffusion, rosenbrock, runge_kutta, splitting

STEPS = np.asarray([16, 32, 64, 128, 256])
START = np.asarray([[1.0], [0.5]])
SPAN = np.asarray([4.0])
CELLS = 20


def populations(t: Any, state: Any) -> Any:
    """Lotka and Volterra's hares and lynxes."""
    hares, lynxes = state
    return np.stack([1.5 * hares - hares * lynxes, hares * lynxes - lynxes])


def oscillator(t: Any, state: Any) -> Any:
    """Van der Pol's oscillator at a stiffness of 1000."""
    place, speed = state
    return np.stack([speed, 1000.0 * ((1.0 - place * place) * speed - place)])


def _truth(rhs: Any, start: Any, span: float, method: str) -> Any:
    def flat(t: float, y: Any) -> Any:
        return rhs(np.asarray([t]), y[:, None])[:, 0]

    return solve_ivp(flat, (0.0, span), start[:, 0], method=method, rtol=1e-12, atol=1e-14).y[:, -1]


def _hares(t: Any, span: Any, state: Any) -> Any:
    """Hares alone, exactly, the lynxes as they are."""
    return np.stack([state[0] * np.exp((1.5 - state[1]) * span), state[1]])


def _lynxes(t: Any, span: Any, state: Any) -> Any:
    return np.stack([state[0], state[1] * np.exp((state[0] - 1.0) * span)])


def _wall(steps: int) -> float:
    """Error of heat that leaves a wall, against the matrix exponential."""
    wall = diffusion.exchange(
        np.full((CELLS - 1, 1), 1.0 * CELLS), np.full((CELLS, 1), 1 / CELLS), last=2.0 * CELLS
    )
    matrix = np.diag(wall.diagonal[:, 0]) + np.diag(wall.lower[1:, 0], -1) + np.diag(wall.upper[:-1, 0], 1)
    after = diffusion.tr_bdf2(wall, 0.0, np.ones((CELLS, 1)), np.asarray([0.3]), steps)
    return float(np.max(np.abs(after[:, 0] - expm(0.3 * matrix) @ np.ones(CELLS))))


def _fixed(axes: Axes) -> None:
    truth = _truth(populations, START, SPAN[0], "DOP853")

    def error(state: Any) -> float:
        return float(np.max(np.abs(state[:, 0] - truth)))

    methods = {
        "Runge–Kutta": (4, lambda n: error(runge_kutta.rk4(populations, START, SPAN, n))),
        "RODAS": (4, lambda n: error(rosenbrock.integrate(populations, None, START, SPAN, n))),
        "Strang": (2, lambda n: error(splitting.strang(_hares, _lynxes, START, SPAN, n))),
        "TR-BDF2 along a wall": (2, _wall),
    }
    for name, (order, measure) in methods.items():
        errors = [measure(int(steps)) for steps in STEPS]
        line = axes.loglog(STEPS, errors, "o-", markersize=4, label=f"{name}: {order}")[0]
        slope = errors[-1] * (STEPS / STEPS[-1]) ** (-float(order))
        axes.loglog(STEPS, slope, ":", color=line.get_color(), linewidth=1)
    axes.set(xlabel="steps", ylabel="largest error")
    axes.set_xticks(STEPS, [str(steps) for steps in STEPS])
    axes.minorticks_off()
    axes.legend(title="method: order (dotted)", fontsize=7, title_fontsize=7)


def _own(axes: Axes) -> None:
    stiff_start = np.asarray([[2.0], [-2.0 / 3.0]])
    tolerances = 10.0 ** -np.arange(3.0, 9.0)
    for name, rhs, start, span, method, most in (
        ("Dormand–Prince, populations", populations, START, SPAN, "explicit", 4000),
        ("RODAS, populations", populations, START, SPAN, "implicit", 4000),
        ("RODAS, stiff oscillator", oscillator, stiff_start, np.asarray([0.7]), "implicit", 4000),
    ):
        truth = _truth(rhs, start, float(span[0]), "Radau" if rhs is oscillator else "DOP853")
        errors = []
        for tolerance in tolerances:
            limits = {"relative": tolerance, "absolute": tolerance, "most_steps": most}
            if method == "explicit":
                state, _ = runge_kutta.adaptive(rhs, start, span, **limits)
            else:
                state, _ = rosenbrock.adaptive(rhs, None, start, span, **limits)
            errors.append(np.max(np.abs(state[:, 0] - truth)))
        axes.loglog(tolerances, errors, "o-", markersize=4, label=name)
    axes.loglog(tolerances, tolerances, "k:", linewidth=1, label="as asked")
    axes.set(xlabel="tolerance of a step", ylabel="largest error")
    axes.legend(fontsize=7, loc="upper left")


def draw() -> Figure:
    """Return errors by steps for fixed steps, and by tolerance for steps that each lot chooses."""
    figure = Figure()
    fixed, own = figure.subplots(1, 2)
    _fixed(fixed)
    _own(own)
    return figure
