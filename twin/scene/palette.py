"""The colours of the unit states on the stage: the palette of all figures, as USD's linear RGB."""

from __future__ import annotations

from twin.experiment.figures.palette import STATE_LOOKS
from twin.scene.mesh import Vector


def state_colors() -> dict[str, Vector]:
    """Return state → linear RGB from 0 to 1."""
    return {state: linear(look.color) for state, look in STATE_LOOKS.items()}


def linear(color: str) -> Vector:
    """Return the linear RGB of a colour `#rrggbb`, which is sRGB."""
    red, green, blue = (_linear(int(color[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return red, green, blue


def _linear(value: float) -> float:
    return round(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4, 5)
