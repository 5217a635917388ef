"""What each equipment class looks like: the table from class or form to a parametric design.

A class without a design of its own is drawn in the form that the equipment class library gives it, and
without a form as a machine cabinet. Called by `places.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from twin.scene.bench_machines import machine_cabinet, process_vessel, storage_rack, workplace
from twin.scene.designs import Design
from twin.scene.solid_dose import (
    bin_blender,
    blister_line,
    dispensing_booth,
    ibc_washer,
    pan_coater,
    rotary_tablet_press,
)

# A design for a class, or else for the form that the class is drawn in.
DESIGNS: dict[str, Callable[[float, float, float], Design]] = {
    "ibc_washer": ibc_washer,
    "bench": workplace,
    "blender": bin_blender,
    "booth": dispensing_booth,
    "cabinet": machine_cabinet,
    "drum": pan_coater,
    "line": blister_line,
    "press": rotary_tablet_press,
    "rack": storage_rack,
    "vessel": process_vessel,
}


def design(class_: str, form: str, title: str, size: tuple[float, float], height: float) -> Design:
    """Return the design of an equipment class for a footprint `size` (x, y) and a height, in metres.

    `form` and `title` are the class's in the equipment class library.
    """
    build = DESIGNS.get(class_) or DESIGNS.get(form) or machine_cabinet
    return replace(build(size[0], size[1], height), label=title)
