"""The parts that designs of assets share: the `Design` itself, connection points, legs, an operator's panel.

Pure; used by `bench_machines.py`, `solid_dose.py` and `carriers.py`. The front of a unit is its −y side, its
footprint is centred on the origin, the floor is z = 0; metres.
"""

from __future__ import annotations

from dataclasses import dataclass

from twin.scene.mesh import Solid, Vector, box, cylinder, moved, tilted


@dataclass(frozen=True)
class Port:
    """A connection point: where it sits in the unit's frame (m), and what passes there.

    `turn` are degrees (about x, y, z) that take the port's +z axis to the direction in which it faces away.
    """

    name: str
    domain: str
    direction: str
    system: str
    disconnect: str
    at: Vector
    turn: Vector = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Design:
    """An asset: its solids, where the lot in hand stands (m), and its ports."""

    label: str
    parts: tuple[Solid, ...]
    dock: Vector
    ports: tuple[Port, ...]


def legs(w: float, d: float, height: float, inset: float = 0.12) -> list[Solid]:
    """Return four round legs under a footprint `w` by `d`, `inset` from its corners; metres."""
    places = [(sx * (w / 2 - inset), sy * (d / 2 - inset)) for sx in (-1, 1) for sy in (-1, 1)]
    return [
        cylinder(f"leg_{i}", 0.05, height, "stainless_steel", (x, y, 0.0), 12)
        for i, (x, y) in enumerate(places)
    ]


def panel(x: float, y: float, z: float) -> list[Solid]:
    """Return an operator's panel on a post, facing the front."""
    screen = tilted(box("panel_screen", (-0.19, -0.045, 0.03), (0.19, -0.035, 0.27), "screen"), -12)
    case = tilted(box("panel_case", (-0.22, -0.03, 0.0), (0.22, 0.03, 0.30), "dark_plastic"), -12)
    return [
        cylinder("panel_post", 0.035, z, "brushed_steel", (x, y, 0.0), 12),
        moved(case, (x, y, z)),
        moved(screen, (x, y, z)),
    ]


def service_ports(w: float, d: float, h: float) -> list[Port]:
    """Return the ports of nearly every unit: power at the back, material in at the top, out at the front."""
    back, front = (-90.0, 0.0, 0.0), (90.0, 0.0, 0.0)
    return [
        Port("power", "electrical", "input", "power", "hardwired", (-0.35 * w, d / 2, 0.4), back),
        Port("material_in", "material", "input", "product", "split_butterfly_valve", (0.0, 0.0, h)),
        Port("material_out", "material", "output", "product", "chute", (0.0, -d / 2, 0.5), front),
    ]


def pipe_port(name: str, direction: str, system: str, at: Vector) -> Port:
    """Return a piping connection at the back of a unit."""
    return Port(name, "piping", direction, system, "tri_clamp", at, (-90.0, 0.0, 0.0))
