"""People, and what work needs of them."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from twin.plant.schema.names import Name
from twin.plant.shorthand import Model, Whole, as_pydantic
from twin.plant.units import WrongValueError


class People(Model):
    """A pool of people who do the same work (ISA-95 personnel class)."""

    count: Annotated[Whole, Field(ge=0, le=10_000)] = Field(description="People present while on shift.")
    calendar: Name | None = Field(default=None, description="None: always present.")


class Need(Model):
    """People that a piece of work claims.

    Short forms are `operator` and `2 operator`; in full `{people: operator, count: 2, during: setup}`.
    """

    people: Name = Field(description="The pool of people.")
    count: Annotated[Whole, Field(ge=1)] = Field(default=1, description="How many of them at once.")
    during: Literal["operation", "setup", "start_up", "load", "processing", "unload"] = Field(
        default="operation",
        description="`operation`: from the start of set-up to the end of unloading; `processing`: in every "
        "phase.",
    )

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = re.fullmatch(r"\s*(?:(\d{1,6})\s+)?([a-z][a-z0-9_]*)\s*", value)
        if match is None:
            message = f"must name people, and `{value[:60]}` does not"
            raise as_pydantic(WrongValueError(message, "Write `operator` or `2 operator`."))
        return {"people": match[2], "count": int(match[1] or 1)}
