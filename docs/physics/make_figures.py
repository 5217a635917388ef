"""Draw the figures of docs/physics anew, from the library itself. Not part of the package.

`python docs/physics/make_figures.py` draws all, `… make_figures.py blending` one. Each operation has a module
`figures/NAME.py` with a function `draw()` that returns a Matplotlib figure. Needs Matplotlib.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

FOLDER = Path(__file__).parent / "figures"
STYLE = {
    "figure.figsize": (7.2, 3.2),
    "figure.constrained_layout.use": True,
    "font.size": 9,
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "twin",  # the same figure gives the same file
}


def figures() -> dict[str, Callable[[], Figure]]:
    """Return what draws each figure, by name."""
    return {path.stem: _drawing(path) for path in sorted(FOLDER.glob("*.py"))}


def drawn(draw: Callable[[], Figure]) -> Figure:
    """Return a figure in the pages' style."""
    with matplotlib.rc_context(STYLE):
        return draw()


def main(names: list[str]) -> None:
    """Write the figures named, or all, as SVG."""
    known = figures()
    for name in names or known:
        with matplotlib.rc_context(STYLE):
            known[name]().savefig(FOLDER / f"{name}.svg", metadata={"Date": None})


def _drawing(path: Path) -> Callable[[], Figure]:
    spec = importlib.util.spec_from_file_location(f"figure_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python module.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    draw: Callable[[], Figure] = module.draw
    return draw


if __name__ == "__main__":
    main(sys.argv[1:])
