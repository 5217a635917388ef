"""Calendars: when units and people work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from twin.plant.shorthand import Duration, FirstInstant, LastInstant, Model, Whole, as_pydantic
from twin.plant.units import WrongValueError
from twin.plant.weeks import weekdays

WEEK = 604_800.0  # s
MOST_WEEKS = 52

AtClose = Literal["finish_operation", "suspend", "do_not_start_unless_it_fits", "hand_over"]


def _days(text: str) -> str:
    try:
        weekdays(text)
    except WrongValueError as wrong:
        raise as_pydantic(wrong) from None
    return text


class Opening(Model):
    """An opening or a break: `{days: Mon-Fri, from: "06:00", to: "22:00"}`.

    It goes past midnight where `to` ≤ `from`.
    """

    days: Annotated[str, AfterValidator(_days)] = Field(
        description="`Mon-Fri`, `Sat`, `Mon,Wed,Fri` or `daily`."
    )
    from_: str = Field(alias="from", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Clock time, `HH:MM`.")
    to: str = Field(
        pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$", description="Clock time; `24:00` is midnight."
    )

    week: Annotated[Whole, Field(ge=1, le=MOST_WEEKS)] | None = Field(
        default=None, description="Only in this week of the `cycle`, counted from 1; none: in each."
    )


class Closure(Model):
    """Closed dates, such as a holiday: `{on: 2026-12-25}` or `{from: 2026-12-24, to: 2027-01-02}`.

    `on` is `from` and `to` the same date. A date stands for the whole day, from midnight to midnight.
    """

    from_: FirstInstant = Field(alias="from", description="First date, or date and time, closed.")
    to: LastInstant = Field(description="Last date closed, or date and time of opening again.")
    why: str = Field(default="", max_length=200, description="Its name, for the reader.")

    @model_validator(mode="before")
    @classmethod
    def _one_day(cls, value: Any) -> Any:
        if not isinstance(value, Mapping) or "on" not in value:
            return value
        rest = {key: part for key, part in value.items() if key != "on"}
        if {"from", "to"} & rest.keys():
            raise as_pydantic(WrongValueError("has `on` beside `from` or `to`", "Keep one."))
        return {"from": value["on"], "to": value["on"], **rest}

    @model_validator(mode="after")
    def _in_order(self) -> Closure:
        if self.to <= self.from_:
            raise as_pydantic(WrongValueError("ends before it begins", "Put the earlier date in `from`."))
        return self


def _whole_weeks(seconds: float) -> float:
    if seconds % WEEK or not WEEK <= seconds <= MOST_WEEKS * WEEK:
        message = f"must be whole weeks, 1 to {MOST_WEEKS}"
        raise as_pydantic(WrongValueError(message, "Write for example `2 weeks`."))
    return seconds


class Calendar(Model):
    """When something works, in the local time of the plant, cycle by cycle."""

    open: Annotated[tuple[Opening, ...], Field(min_length=1)] = Field(description="Openings of each cycle.")
    breaks: tuple[Opening, ...] = Field(
        default=(), description="Closed stretches inside openings, such as meals."
    )
    closed: tuple[Closure, ...] = Field(default=(), description="Closed dates, whatever the openings say.")
    cycle: Annotated[Duration, AfterValidator(_whole_weeks)] = Field(
        default=WEEK, description="After how many weeks openings and breaks repeat: `2 weeks` for a rotation."
    )
    cycle_from: FirstInstant | None = Field(
        default=None, description="A date in a week 1 of the cycle; none: the week in which the run starts."
    )
    at_close: AtClose = Field(
        default="finish_operation",
        description="What happens to work in hand at closing time. `hand_over`: its people stay until others "
        "who can do it are there and free; a unit finishes it.",
    )
    at_break: AtClose | None = Field(
        default=None, description="What happens to it when a break begins; none: the same as `at_close`."
    )
