"""The equipment class library: how large a unit of a class is and what form it is drawn in.

The data are in `classes.yaml` beside this file. `layout.py` takes footprints from here, the scene the forms.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from twin.plant.document import read_document
from twin.plant.shorthand import Model, Number, Point

Form = Literal["bench", "booth", "vessel", "cabinet", "blender", "press", "drum", "line", "rack"]


class EquipmentClass(Model):
    """A class of equipment: `size` is the footprint along x and y before turning, in metres."""

    title: str
    size: Point
    height: Annotated[Number, Field(gt=0)]
    form: Form


@cache
def library() -> dict[str, EquipmentClass]:
    """All classes by name."""
    path = Path(__file__).with_name("classes.yaml")
    return TypeAdapter(dict[str, EquipmentClass]).validate_python(read_document(path, path.name).data)


def equipment_class(name: str) -> EquipmentClass:
    """The class `name`, or the plain workplace where the library has none of that name."""
    return library().get(name) or library()["workplace"]
