"""Calendars: when units and people work."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from twin.plant.shorthand import Model, as_pydantic
from twin.plant.units import WrongValueError
from twin.plant.weeks import weekdays

AtClose = Literal["finish_operation", "suspend", "do_not_start_unless_it_fits"]


def _days(text: str) -> str:
    try:
        weekdays(text)
    except WrongValueError as wrong:
        raise as_pydantic(wrong) from None
    return text


class Opening(Model):
    """A weekly opening: `{days: Mon-Fri, from: "06:00", to: "22:00"}`; past midnight where `to` ≤ `from`."""

    days: Annotated[str, AfterValidator(_days)] = Field(
        description="`Mon-Fri`, `Sat`, `Mon,Wed,Fri` or `daily`."
    )
    from_: str = Field(alias="from", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Clock time, `HH:MM`.")
    to: str = Field(
        pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$", description="Clock time; `24:00` is midnight."
    )


class Calendar(Model):
    """When something works, in the local time of the plant, week by week."""

    open: Annotated[tuple[Opening, ...], Field(min_length=1)] = Field(description="Weekly openings.")
    at_close: AtClose = Field(
        default="finish_operation",
        description="What happens to work in hand at closing time.",
    )
