"""Designs of a solid-dose building's machines: booth, blender, press, coater, blister line, washer."""

from __future__ import annotations

from twin.scene.designs import Design, Port, panel, pipe_port, service_ports
from twin.scene.mesh import along, box, cylinder, frustum, moved, ring, tilted, turned


def dispensing_booth(w: float, d: float, h: float) -> Design:
    """Return a down-flow booth: walls, filter ceiling, floor scale, bench."""
    roof = h - 0.35
    parts = [
        box("left_wall", (-w / 2, -d / 2, 0.0), (-w / 2 + 0.08, d / 2, roof), "white_enamel"),
        box("right_wall", (w / 2 - 0.08, -d / 2, 0.0), (w / 2, d / 2, roof), "white_enamel"),
        box("back_wall", (-w / 2 + 0.08, d / 2 - 0.3, 0.0), (w / 2 - 0.08, d / 2, roof), "stainless_steel"),
        box("plenum", (-w / 2, -d / 2, roof), (w / 2, d / 2, h), "white_enamel"),
        box("filter", (-w / 2 + 0.2, -d / 2 + 0.2, roof - 0.03), (w / 2 - 0.2, d / 2 - 0.4, roof), "film"),
        box("floor_scale", (-0.6, -0.6, 0.0), (0.6, 0.6, 0.08), "brushed_steel"),
        box("bench", (w / 2 - 0.7, -0.3 * d, 0.85), (w / 2 - 0.08, 0.25 * d, 0.9), "stainless_steel"),
        box("balance", (w / 2 - 0.55, -0.1, 0.9), (w / 2 - 0.2, 0.25, 1.02), "dark_plastic"),
    ]
    ports = (
        Port(
            "power", "electrical", "input", "power", "hardwired", (-0.35 * w, d / 2, 0.4), (-90.0, 0.0, 0.0)
        ),
        Port("air_supply", "airflow", "supply", "hvac", "flanged", (0.0, 0.0, h)),
    )
    return Design("dispensing booth", tuple(parts), (0.0, 0.0, 0.08), ports)


def bin_blender(w: float, d: float, h: float) -> Design:
    """Return a post blender: column, drive, and the cage that holds the bin."""
    cage_low, cage_high, half = 0.32 * h, 0.86 * h, min(0.27 * w, 0.36 * d)
    column = -w / 2 + 0.5
    middle = 0.14 * w
    drive = along(cylinder("drive_shaft", 0.12, middle - half - column, "stainless_steel"), "x")
    parts = [
        box("column", (-w / 2, -0.3 * d, 0.0), (column, 0.3 * d, h), "white_enamel"),
        moved(drive, (column, 0.0, 0.6 * h)),
        ring("guard_rail", 0.45 * d, 0.47 * d, 0.05, "blue_accent", (middle, 0.0, 1.05)),
    ]
    for i, (sx, sy) in enumerate(((-1, -1), (1, -1), (1, 1), (-1, 1))):
        x, y = middle + sx * half, sy * half
        parts.append(
            box(
                f"cage_post_{i}",
                (x - 0.04, y - 0.04, cage_low),
                (x + 0.04, y + 0.04, cage_high),
                "blue_accent",
            )
        )
    for name, z in (("cage_floor", cage_low - 0.06), ("cage_roof", cage_high)):
        low, high = (middle - half - 0.04, -half - 0.04, z), (middle + half + 0.04, half + 0.04, z + 0.06)
        parts.append(box(name, low, high, "stainless_steel"))
    parts += panel(-w / 2 + 0.25, -d / 2 + 0.15, 1.1)
    return Design("bin blender", tuple(parts), (middle, 0.0, cage_low), tuple(service_ports(w, d, h)[:1]))


def rotary_tablet_press(w: float, d: float, h: float) -> Design:
    """Return a press: base, turret behind glass, head with hopper, docking frame above, discharge chute."""
    waist, head = 0.42 * h, 0.66 * h
    body = min(w, d) * 0.42
    chute = tilted(
        box("discharge_chute", (-0.09, body - d / 2 - 0.08, -0.03), (0.09, 0.0, 0.03), "stainless_steel"), 25
    )
    parts = [
        frustum("base", (2 * body, 2 * body, 0.0), (1.9 * body, 1.9 * body, waist), "white_enamel"),
        cylinder("die_table", 0.62 * body, 0.06, "stainless_steel", (0.0, 0.0, waist + 0.1), 32),
        ring("lower_turret", 0.4 * body, 0.6 * body, 0.1, "copper", (0.0, 0.0, waist)),
        ring("upper_turret", 0.4 * body, 0.6 * body, 0.12, "copper", (0.0, 0.0, waist + 0.22)),
        cylinder("turret_shaft", 0.2 * body, head - waist, "brushed_steel", (0.0, 0.0, waist)),
        turned("guard", [(0.92 * body, waist), (0.92 * body, head)], "guard_glass", sides=8),
        turned(
            "head",
            [(0.98 * body, head), (0.98 * body, head + 0.12), (0.55 * body, head + 0.3)],
            "white_enamel",
            sides=8,
        ),
        turned("hopper", [(0.06, head + 0.3), (0.32 * body, 0.9 * h)], "stainless_steel"),
        ring("docking_ring", 0.3 * body, 0.42 * body, 0.05, "blue_accent", (0.0, 0.0, 0.9 * h)),
        moved(chute, (0.0, -body, waist + 0.12)),
        box("deduster", (-0.2, -d / 2, 0.0), (0.2, -d / 2 + 0.4, waist - 0.25), "brushed_steel"),
    ]
    for i, (sx, sy) in enumerate(((-1, -1), (1, -1), (1, 1), (-1, 1))):
        parts.append(
            cylinder(
                f"frame_post_{i}", 0.04, h, "stainless_steel", (sx * 0.98 * body, sy * 0.98 * body, 0.0), 12
            )
        )
    parts += panel(w / 2 - 0.25, -d / 2 + 0.15, 1.15)
    ports = [
        *service_ports(w, d, 0.9 * h),
        Port(
            "dust_extraction",
            "airflow",
            "return",
            "dust",
            "quick_disconnect",
            (0.3 * w, d / 2, 1.2),
            (-90.0, 0.0, 0.0),
        ),
    ]
    return Design("rotary tablet press", tuple(parts), (0.0, 0.0, 0.9 * h + 0.05), tuple(ports))


def pan_coater(w: float, d: float, h: float) -> Design:
    """Return a coater: cabinet, drum behind a round door, exhaust duct, spray pump."""
    radius = 0.33 * min(w, h)
    middle = 0.55 * h
    door = along(
        turned("door", [(radius, 0.0), (radius, 0.04), (0.8 * radius, 0.07)], "stainless_steel", sides=40),
        "y",
    )
    window = along(cylinder("door_window", 0.55 * radius, 0.02, "guard_glass", sides=40), "y")
    deep = min(0.85, 0.7 * (d - 0.2))
    profile = [(0.5 * radius, 0.0), (radius, 0.3 * deep), (radius, 0.7 * deep), (0.5 * radius, deep)]
    drum = along(turned("drum", profile, "brushed_steel"), "y")
    front = -d / 2 + 0.12
    parts = [
        box("plinth", (-w / 2 + 0.05, front + 0.05, 0.0), (w / 2 - 0.05, d / 2 - 0.05, 0.12), "dark_plastic"),
        box("cabinet", (-w / 2, front, 0.12), (w / 2, d / 2, 0.9 * h), "white_enamel"),
        moved(drum, (0.0, front + 0.05, middle)),
        moved(tilted(door, 180), (0.0, front, middle)),
        moved(tilted(window, 180), (0.0, front - 0.07, middle)),
        cylinder("exhaust_duct", 0.18, 0.1 * h, "stainless_steel", (0.25 * w, 0.2 * d, 0.9 * h)),
        cylinder("inlet_duct", 0.18, 0.1 * h, "stainless_steel", (-0.25 * w, 0.2 * d, 0.9 * h)),
        box("panel", (0.32 * w, front - 0.03, 0.48 * h), (0.46 * w, front, 0.68 * h), "screen"),
        cylinder("solution_tank", 0.16, 0.4, "stainless_steel", (-w / 2 + 0.25, -d / 2 + 0.17, 0.0)),
    ]
    ports = [
        *service_ports(w, d, h)[:1],
        Port("air_supply", "airflow", "supply", "process_air", "flanged", (-0.25 * w, 0.2 * d, h)),
        Port("air_return", "airflow", "return", "process_air", "flanged", (0.25 * w, 0.2 * d, h)),
        pipe_port("coating_liquid", "supply", "coating", (-w / 2 + 0.3, d / 2, 0.6)),
    ]
    return Design("pan coater", tuple(parts), (0.28 * w, -d / 2 - 0.45, 0.0), tuple(ports))


def blister_line(w: float, d: float, h: float) -> Design:
    """Return a blister line along x: film reels, forming, filling, sealing, cartoner, discharge belt."""
    bed, side = 0.85, 0.3 * d

    def x(share: float) -> float:
        return (share - 0.5) * w

    reel = along(cylinder("film_reel", 0.3, 0.3, "film", sides=32), "y")
    lid = along(cylinder("lid_foil_reel", 0.24, 0.3, "stainless_steel", sides=32), "y")
    above = bed + 0.05
    parts = [
        box("bed", (x(0.05), -0.25 * d, 0.12), (x(0.66), 0.25 * d, bed), "white_enamel"),
        box("web", (x(0.05), -0.15 * d, bed), (x(0.65), 0.15 * d, bed + 0.02), "film"),
        box("forming_station", (x(0.16), -side, above), (x(0.26), side, 0.85 * h), "grey_enamel"),
        box("filling_guard", (x(0.3), -side, above), (x(0.46), side, 0.75 * h), "guard_glass"),
        frustum("hopper", (0.2, 0.2, 0.75 * h), (0.6, 0.6, h), "stainless_steel", (x(0.38), 0.0)),
        box("sealing_station", (x(0.5), -side, above), (x(0.6), side, 0.85 * h), "grey_enamel"),
        box("cartoner", (x(0.68), -d / 2 + 0.1, 0.1), (x(0.9), d / 2, 0.8 * h), "white_enamel"),
        box("window", (x(0.7), -d / 2 + 0.07, 0.9), (x(0.88), -d / 2 + 0.1, 0.72 * h), "guard_glass"),
        box("discharge_belt", (x(0.9), -0.2 * d, 0.7), (w / 2, 0.2 * d, 0.76), "rubber"),
        box("belt_stand", (x(0.93), -0.1 * d, 0.0), (x(0.96), 0.1 * d, 0.7), "brushed_steel"),
        moved(reel, (x(0.07), -0.15, bed + 0.36)),
        moved(lid, (x(0.48), -0.15, 0.85 * h + 0.26)),
        *panel(x(0.28), -d / 2 + 0.1, 1.15),
    ]
    back = (-90.0, 0.0, 0.0)
    ports = [
        *service_ports(w, d, h)[:1],
        Port("material_in", "material", "input", "product", "split_butterfly_valve", (x(0.38), 0.0, h)),
        Port("air", "piping", "supply", "compressed_air", "quick_disconnect", (0.0, d / 2, 0.3), back),
    ]
    return Design("blister line", tuple(parts), (x(0.38), 0.0, h), tuple(ports))


def ibc_washer(w: float, d: float, h: float) -> Design:
    """Return a washing cabin with open front, spray pipes and a pump skid behind."""
    cabin = d / 2 - 0.5
    parts = [
        box("floor_pan", (-w / 2, -d / 2, 0.0), (w / 2, cabin, 0.1), "stainless_steel"),
        box("left_wall", (-w / 2, -d / 2, 0.1), (-w / 2 + 0.08, cabin, h - 0.12), "stainless_steel"),
        box("right_wall", (w / 2 - 0.08, -d / 2, 0.1), (w / 2, cabin, h - 0.12), "stainless_steel"),
        box(
            "back_wall",
            (-w / 2 + 0.08, cabin - 0.08, 0.1),
            (w / 2 - 0.08, cabin, h - 0.12),
            "stainless_steel",
        ),
        box("roof", (-w / 2, -d / 2, h - 0.12), (w / 2, cabin, h), "stainless_steel"),
        box("pump_skid", (-0.3 * w, cabin + 0.05, 0.0), (0.3 * w, d / 2, 0.9), "blue_accent"),
        cylinder("spray_pipe", 0.04, 0.4, "copper", (0.0, 0.0, h - 0.52), 12),
        box("panel", (w / 2, -0.3 * d, 1.1), (w / 2 + 0.05, -0.3 * d + 0.35, 1.5), "screen"),
    ]
    ports = (
        Port(
            "power", "electrical", "input", "power", "hardwired", (-0.25 * w, d / 2, 0.4), (-90.0, 0.0, 0.0)
        ),
        pipe_port("purified_water", "supply", "purified_water", (0.0, d / 2, 0.6)),
        pipe_port("drain", "return", "drain", (0.2 * w, d / 2, 0.1)),
    )
    return Design("IBC washer", tuple(parts), (0.0, -0.2, 0.1), ports)
