"""What a lot looks like when it moves: an IBC, a drum, a pallet of cartons; and what carries it.

Pure, like `equipment.py`. Which carrier a lot has at a time is decided in `motion.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from twin.scene.designs import Design
from twin.scene.mesh import box, cylinder, frustum, ring, turned


def ibc() -> Design:
    """Return an intermediate bulk container of about 1 m³: body, outlet cone, frame, lid."""
    half = 0.52
    parts = [
        box("body", (-half, -half, 0.62), (half, half, 1.38), "stainless_steel"),
        frustum("outlet_cone", (0.28, 0.28, 0.24), (2 * half, 2 * half, 0.6), "stainless_steel"),
        cylinder("outlet_valve", 0.13, 0.09, "blue_accent", (0.0, 0.0, 0.14), 20),
        cylinder("lid", 0.24, 0.08, "brushed_steel", (0.0, 0.0, 1.39), 24),
    ]
    for i, (sx, sy) in enumerate(((-1, -1), (1, -1), (1, 1), (-1, 1))):
        x, y = sx * (half + 0.04), sy * (half + 0.04)
        parts.append(box(f"post_{i}", (x - 0.03, y - 0.03, 0.0), (x + 0.03, y + 0.03, 1.42), "brushed_steel"))
    return Design("intermediate bulk container", tuple(parts), (0.0, 0.0, 0.0), ())


def drum() -> Design:
    """Return a steel drum of 200 l."""
    profile = [(0.28, 0.0), (0.29, 0.02), (0.29, 0.86), (0.27, 0.88)]
    parts = (
        turned("body", profile, "blue_accent"),
        ring("hoop_low", 0.292, 0.305, 0.03, "brushed_steel", (0.0, 0.0, 0.29)),
        ring("hoop_high", 0.292, 0.305, 0.03, "brushed_steel", (0.0, 0.0, 0.58)),
        cylinder("lid", 0.25, 0.02, "brushed_steel", (0.0, 0.0, 0.885)),
    )
    return Design("drum", parts, (0.0, 0.0, 0.0), ())


def pallet() -> Design:
    """Return a pallet with cartons."""
    parts = [
        box("pallet_deck", (-0.6, -0.4, 0.1), (0.6, 0.4, 0.144), "carton"),
        *(
            box(f"runner_{i}", (-0.6, y - 0.05, 0.0), (0.6, y + 0.05, 0.098), "carton")
            for i, y in enumerate((-0.3, 0.0, 0.3))
        ),
        *(
            box(f"carton_{i}", (x - 0.28, y - 0.18, z), (x + 0.28, y + 0.18, z + 0.34), "white_enamel")
            for i, (x, y, z) in enumerate(
                (x, y, z) for z in (0.15, 0.51) for x in (-0.3, 0.3) for y in (-0.2, 0.2)
            )
        ),
    ]
    return Design("pallet", tuple(parts), (0.0, 0.0, 0.0), ())


def transporter() -> Design:
    """Return a pallet truck with its forks under what it carries."""
    parts = (
        box("fork_left", (-0.6, 0.12, 0.02), (0.6, 0.28, 0.09), "brushed_steel"),
        box("fork_right", (-0.6, -0.28, 0.02), (0.6, -0.12, 0.09), "brushed_steel"),
        box("drive", (-0.98, -0.36, 0.0), (-0.64, 0.36, 0.72), "blue_accent"),
        cylinder("tiller", 0.03, 0.5, "brushed_steel", (-0.9, 0.0, 0.725), 12),
    )
    return Design("pallet truck", parts, (0.0, 0.0, 0.0), ())


TRANSPORTER = "transporter"
CARRIERS: dict[str, Callable[[], Design]] = {
    "ibc": ibc,
    "drum": drum,
    "pallet": pallet,
    TRANSPORTER: transporter,
}
