"""The materials of the asset library as UsdPreviewSurface values: a table, no code.

Colours are linear RGB. Assets copy the materials they use, so each asset is complete in itself.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Material:
    """The inputs of a UsdPreviewSurface: linear colour, and roughness, metalness and opacity from 0 to 1."""

    color: tuple[float, float, float]
    roughness: float
    metallic: float = 0.0
    opacity: float = 1.0


MATERIALS = {
    "stainless_steel": Material((0.56, 0.57, 0.58), 0.32, 1.0),
    "brushed_steel": Material((0.42, 0.43, 0.45), 0.5, 1.0),
    "white_enamel": Material((0.80, 0.82, 0.83), 0.4),
    "grey_enamel": Material((0.30, 0.33, 0.36), 0.5),
    "dark_plastic": Material((0.03, 0.035, 0.04), 0.45),
    "screen": Material((0.02, 0.09, 0.16), 0.15),
    "blue_accent": Material((0.03, 0.16, 0.36), 0.4),
    "guard_glass": Material((0.62, 0.74, 0.80), 0.08, 0.0, 0.28),
    "rubber": Material((0.02, 0.02, 0.02), 0.9),
    "copper": Material((0.60, 0.26, 0.12), 0.35, 1.0),
    "film": Material((0.70, 0.72, 0.76), 0.25, 0.3),
    "carton": Material((0.45, 0.30, 0.16), 0.85),
    "floor": Material((0.46, 0.48, 0.48), 0.7),
    "floor_clean": Material((0.50, 0.56, 0.58), 0.55),
    "wall": Material((0.74, 0.75, 0.73), 0.8, 0.0, 0.55),
    "aisle": Material((0.62, 0.56, 0.34), 0.75),
    "marking": Material((0.75, 0.52, 0.04), 0.7),
    "lettering": Material((0.05, 0.07, 0.10), 0.7),
}
