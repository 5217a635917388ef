"""People, and what work needs of them and of shared units."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from twin.plant.schema.names import Name
from twin.plant.shorthand import Model, Number, TrueOrFalse, Whole, as_pydantic
from twin.plant.units import WrongValueError

Level = Annotated[Whole, Field(ge=1, le=100)]


def _levels(value: Any) -> Any:
    """A list of skills as a mapping to level 1."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        return value
    for index, name in enumerate(value):
        if name in value[:index]:
            message = f"names `{name}` for the second time"
            raise as_pydantic(WrongValueError(message, "Keep one.", path=(index,)))
    return dict.fromkeys(value, 1)


class Shift(Model):
    """A part of a pool with a calendar of its own."""

    count: Annotated[Whole, Field(ge=0, le=10_000)] = Field(description="People present while it is open.")
    calendar: Name | None = Field(default=None, description="None: always present.")


class People(Model):
    """A pool of people who do the same work (ISA-95 personnel class).

    `skills: [granulation, compression]` is `{granulation: 1, compression: 1}`.
    """

    count: Annotated[Whole, Field(ge=0, le=10_000)] | None = Field(
        default=None, description="People present while on shift; required without `shifts`."
    )
    calendar: Name | None = Field(default=None, description="None: always present.")
    shifts: tuple[Shift, ...] = Field(
        default=(), description="Instead of `count` and `calendar`, where so many come on each shift."
    )
    skills: Annotated[dict[Name, Level], BeforeValidator(_levels)] = Field(
        default_factory=dict, description="What each of them can do, and how well; first what they do first."
    )

    @property
    def parts(self) -> tuple[Shift, ...]:
        """The shifts; a pool without is one."""
        return self.shifts or _one_shift(self.count or 0, self.calendar)

    @property
    def size(self) -> int:
        """People of all shifts together."""
        return sum(shift.count for shift in self.shifts) if self.shifts else self.count or 0


@lru_cache(maxsize=1_000)
def _one_shift(count: int, calendar: str | None) -> tuple[Shift, ...]:
    return (Shift(count=count, calendar=calendar),)


def _thousandths(value: float) -> float:
    if round(value * 1000) < 1:
        raise as_pydantic(WrongValueError("must be at least 0.1 %"))
    return value


class Member(Model):
    """People of a team: so many of a pool, or so many with a skill."""

    people: Name | None = Field(default=None, description="The pool of people.")
    skill: Name | None = Field(default=None, description="Instead of a pool: anyone who has this skill.")
    level: Level = Field(default=1, description="Least level of the `skill`.")
    count: Annotated[Whole, Field(ge=1)] = Field(default=1, description="How many of them at once.")
    attention: Annotated[Number, Field(gt=0, le=1), AfterValidator(_thousandths)] = Field(
        default=1.0,
        description="Share of one person's time, to a tenth of a per cent; the rest is free for other work.",
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


class Need(Member):
    """People or units that a piece of work claims besides the unit on which it is done.

    Short forms are `operator` and `2 operator`; in full `{people: operator, count: 2, during: setup}`.
    """

    team: Name | None = Field(default=None, description="Instead of a pool: everybody of this team.")
    unit: Name | None = Field(
        default=None, description="Instead of people: a unit of this equipment that is free."
    )
    during: Literal["operation", "setup", "start_up", "load", "processing", "unload"] = Field(
        default="operation",
        description="`operation`: from the start of set-up to the end of unloading; `processing`: in every "
        "phase.",
    )
    keep: TrueOrFalse = Field(
        default=True,
        description="Does it stay while a failure interrupts the work? `false`: it is free until then.",
    )


def _name(item: tuple[Any, Any]) -> str:
    return str(item[0])


def team_members(value: Any) -> Any:
    """A mapping of pools to counts as a list of members."""
    if not isinstance(value, Mapping):
        return value
    return [{"people": name, "count": count} for name, count in sorted(value.items(), key=_name)]


Team = Annotated[tuple[Member, ...], Field(min_length=1), BeforeValidator(team_members)]
