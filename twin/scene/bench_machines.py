"""Designs of equipment that is not special to a product: machine cabinet, bench, vessel, rack."""

from __future__ import annotations

from math import cos, sin

from twin.scene.designs import Design, Port, legs, panel, pipe_port, service_ports
from twin.scene.mesh import box, cylinder, ring, turned


def machine_cabinet(w: float, d: float, h: float) -> Design:
    """Return the plain machine of a class without a design of its own: cabinet, window, table."""
    top = 0.45 * h
    parts = [
        box("plinth", (-w / 2 + 0.06, -d / 2 + 0.06, 0.0), (w / 2 - 0.06, d / 2 - 0.06, 0.1), "dark_plastic"),
        box("cabinet", (-w / 2, -d / 2, 0.1), (w / 2, d / 2, top), "white_enamel"),
        box("upper_cabinet", (-w / 2, 0.05 * d, top), (w / 2, d / 2, h), "grey_enamel"),
        box("guard", (-w / 2 + 0.03, -d / 2 + 0.03, top), (w / 2 - 0.03, 0.05 * d, 0.9 * h), "guard_glass"),
        box("door", (-0.35 * w, -d / 2 - 0.015, 0.18), (0.35 * w, -d / 2, top - 0.08), "brushed_steel"),
    ]
    return Design("machine", tuple(parts), (0.0, -0.2 * d, top), tuple(service_ports(w, d, h)))


def workplace(w: float, d: float, h: float) -> Design:
    """Return a bench with a shelf."""
    top = min(0.9, 0.5 * h)
    parts = [
        *legs(w, d, top - 0.05),
        box("bench_top", (-w / 2, -d / 2, top - 0.05), (w / 2, d / 2, top), "stainless_steel"),
        box(
            "bench_shelf",
            (-w / 2 + 0.08, -d / 2 + 0.08, 0.25),
            (w / 2 - 0.08, d / 2 - 0.08, 0.28),
            "brushed_steel",
        ),
        box("back_board", (-w / 2, d / 2 - 0.05, top), (w / 2, d / 2, h), "white_enamel"),
        box("screen", (-0.12 * w, d / 2 - 0.1, top + 0.12), (0.2 * w, d / 2 - 0.06, 0.85 * h), "screen"),
    ]
    ports = (
        Port("power", "electrical", "input", "power", "plug", (-0.35 * w, d / 2, 0.4), (-90.0, 0.0, 0.0)),
    )
    return Design("workplace", tuple(parts), (0.0, -0.1 * d, top), ports)


def process_vessel(w: float, d: float, h: float) -> Design:
    """Return a vessel on legs with a cone below, a dome above, and a control cabinet (granulator, dryer)."""
    radius = 0.36 * min(w, d)
    middle = -w / 2 + radius + 0.15
    low, belly, shoulder = 0.16 * h, 0.36 * h, 0.78 * h
    shell = [
        (0.35 * radius, low),
        (radius, belly),
        (radius, shoulder),
        (0.7 * radius, 0.9 * h),
        (0.2 * radius, 0.96 * h),
    ]
    parts = [
        turned("shell", shell, "stainless_steel", (middle, 0.0, 0.0), 32),
        cylinder("outlet", 0.3 * radius, 0.5 * low, "brushed_steel", (middle, 0.0, 0.5 * low - 0.002)),
        ring("flange", radius + 0.002, 1.06 * radius, 0.05, "brushed_steel", (middle, 0.0, 0.58 * h)),
        cylinder("duct", 0.15 * radius, 0.04 * h - 0.002, "stainless_steel", (middle, 0.0, 0.96 * h + 0.002)),
        box("cabinet", (middle + radius + 0.2, -0.3 * d, 0.0), (w / 2, 0.3 * d, 0.75 * h), "white_enamel"),
    ]
    for i in range(3):
        angle = 2.0944 * i + 0.5236
        x, y = middle + 0.97 * radius * cos(angle), 0.97 * radius * sin(angle)
        parts.append(cylinder(f"leg_{i}", 0.05, belly, "brushed_steel", (x, y, 0.0), 12))
    parts += panel(w / 2 - 0.25, -d / 2 + 0.15, 1.1)
    ports = [
        *service_ports(w, d, h)[:1],
        Port("material_in", "material", "input", "product", "split_butterfly_valve", (middle, 0.0, h)),
        Port(
            "air_supply",
            "airflow",
            "supply",
            "process_air",
            "flanged",
            (0.2 * w, d / 2, 1.0),
            (-90.0, 0.0, 0.0),
        ),
        pipe_port("liquid", "supply", "binder", (-0.1 * w, d / 2, 0.6)),
    ]
    return Design("process vessel", tuple(parts), (middle, -d / 2 - 0.4, 0.0), tuple(ports))


def storage_rack(w: float, d: float, h: float) -> Design:
    """Return a rack with three levels and bays of about two metres."""
    bays = max(1, round(w / 2))
    parts = []
    for bay in range(bays + 1):
        for row, y in enumerate((-d / 2, d / 2 - 0.08)):
            x = -w / 2 + bay * (w - 0.1) / bays
            parts.append(box(f"upright_{bay}_{row}", (x, y, 0.0), (x + 0.1, y + 0.08, h), "blue_accent"))
    for level in range(3):
        z = 0.12 + level * (h - 0.3) / 3
        low, high = (-w / 2 + 0.02, -d / 2 + 0.02, z), (w / 2 - 0.02, d / 2 - 0.02, z + 0.08)
        parts.append(box(f"shelf_{level}", low, high, "marking"))
    return Design("storage rack", tuple(parts), (0.0, 0.0, 0.2), ())
