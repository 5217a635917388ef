"""A scenario: which plant, what is changed, how it is run, and which question that answers.

The words alone: what goes on between them is in `axes.py`, `sweep_rules.py` and `load.py`, which designs come
of a sweep in `twin.experiment.designs`, how settings are searched in `twin.experiment.optimisation`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from twin.plant.shorthand import Duration, LocalTime, Model, Number, TrueOrFalse, Whole, as_pydantic, describe
from twin.plant.units import WrongValueError, parse_any


def _number_or_quantity(value: Any) -> Any:
    """A number, or a quantity in its short form; the mapping form becomes the short one."""
    if isinstance(value, Mapping) and set(value) == {"value", "unit"}:
        value = f"{value['value']} {value['unit']}"
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise as_pydantic(WrongValueError(f"must be a number or a quantity, and {describe(value)} is not"))
    return value


def _quantity(value: Any) -> Any:
    value = _number_or_quantity(value)
    try:
        return value if not isinstance(value, str) else parse_any(value) and value
    except WrongValueError as wrong:
        raise as_pydantic(wrong) from None


_FORM = WithJsonSchema({"x-form": "QuantityForm"})
Bound = Annotated[int | float | str, BeforeValidator(_number_or_quantity), _FORM]
Amount = Annotated[int | float | str, BeforeValidator(_quantity), _FORM]


class Precision(Model):
    """When to stop adding replications: `5 %` is `{measure: throughput, relative: 5 %}`."""

    measure: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        default="throughput", description="The measure whose interval is watched."
    )
    relative: Annotated[Number, Field(gt=0, lt=1)] | None = Field(
        default=None, description="Its half-width is at most this fraction of the mean."
    )
    absolute: Amount | None = Field(
        default=None,
        description="Its half-width is at most this, in the measure's unit (`2 h` of a lead time); a plain "
        "number of what is counted, of a share or of money.",
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, (int, float, str)) and not isinstance(value, bool):
            return {"relative": value}
        return value

    @model_validator(mode="after")
    def _one(self) -> Precision:
        if (self.relative is None) == (self.absolute is None):
            raise as_pydantic(
                WrongValueError(
                    "says either how precise the mean is to be in part of itself, or in its unit",
                    "Write `5 %`, or `{measure: lead_time_mean, absolute: 2 h}`.",
                )
            )
        return self


class Run(Model):
    """How a plant is run."""

    horizon: Duration | None = Field(
        default=None,
        description="None: until the last lot has left, where the orders end; 28 days where they do not.",
    )
    kind: Literal["terminating", "steady"] | None = Field(
        default=None, description="None: terminating when the orders are finite, else steady."
    )
    start: LocalTime = Field(
        default=datetime(2026, 1, 5, 6, 0),
        description="Local date and time without daylight saving; a Monday, 06:00.",
    )
    from_: str | None = Field(
        default=None,
        alias="from",
        description="The snapshot (`.json`) or state file (`.yaml`) to start from, relative to this file or "
        "the workspace; none: empty.",
    )
    snapshot_at: Duration | None = Field(
        default=None,
        description="Since `start`: the first replication's state is kept as `snapshot.json` of the run.",
    )
    warm_up: Duration | None = Field(
        default=None,
        description="Deleted from a steady run; none: found by MSER-5 on the mean over replications.",
    )
    replications: Annotated[Whole, Field(ge=1, le=1_000_000)] = Field(
        default=10, description="Runs with random numbers of their own."
    )
    seed: Annotated[Whole, Field(ge=0, lt=2**63)] = Field(
        default=1, description="Equal seeds give equal random numbers."
    )
    level: Annotated[Number, Field(gt=0.5, lt=1)] = Field(
        default=0.95, description="Confidence level of intervals."
    )
    record: Literal["auto", "full", "folded"] = Field(
        default="auto",
        description="`full`: every replication's record is kept; `folded`: only what measures are made of; "
        "`auto`: of many large replications, the first two in full and the others folded.",
    )
    precision: Precision | None = Field(
        default=None,
        description="Replications are added, up to `replications`, until a mean is known so well: `5 %` of "
        "throughput, or of the measure and in the way that a mapping says.",
    )


class Axis(Model):
    """What a value may be: a list of choices, or a range. `[2, 3]` is `{values: [2, 3]}`."""

    values: tuple[Any, ...] | None = Field(default=None, description="Choices, in order.")
    from_: Bound | None = Field(
        default=None, alias="from", description="Where a range begins, with its unit."
    )
    to: Bound | None = Field(default=None, description="Where it ends, itself included.")
    steps: Annotated[Whole, Field(ge=2, le=1_000_000)] | None = Field(
        default=None,
        description="How many values a grid or `zip` takes of a range, both ends among them; none: all, "
        "where they are whole numbers.",
    )
    scale: Literal["linear", "log"] = Field(
        default="linear", description="`log`: equal ratios instead of equal distances; above zero only."
    )
    integer: TrueOrFalse = Field(default=False, description="Whole numbers only.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        values = value.get("values") if isinstance(value, Mapping) else value
        if isinstance(values, (list, tuple)) and not values:
            raise as_pydantic(WrongValueError("is empty", "List at least one value."))
        return {"values": value} if isinstance(value, (list, tuple)) else value


class Sweep(Model):
    """Several values along one or more axes; an axis is a dotted path."""

    method: Literal["grid", "zip", "lhs", "sobol", "morris"] = Field(
        default="grid",
        description="`grid`: every combination; `zip`: the first values, then the second, …; `lhs`: a Latin "
        "hypercube; `sobol`: Saltelli's design for Sobol indices; `morris`: trajectories for Morris "
        "screening.",
    )
    axes: Annotated[dict[str, Axis], Field(min_length=1)] = Field(description="Dotted path: its values.")
    points: Annotated[Whole, Field(ge=2, le=1_000_000)] | None = Field(
        default=None,
        description="Of `lhs`: how many points. Of `sobol`: base points, a power of two; (axes + 2) times as "
        "many are run.",
    )
    trajectories: Annotated[Whole, Field(ge=2, le=100_000)] | None = Field(
        default=None, description="Of `morris`: how many; (axes + 1) times as many points are run."
    )
    levels: Annotated[Whole, Field(ge=4, le=100)] = Field(
        default=4, description="Of `morris`: values along each range, an even number."
    )
    second_order: TrueOrFalse = Field(
        default=False, description="Of `sobol`: indices of pairs too; (2 axes + 2) times `points` are run."
    )
    seed: Annotated[Whole, Field(ge=0, lt=2**63)] = Field(
        default=1, description="Of the design of `lhs`, `sobol` and `morris`; replications have `run.seed`."
    )


class Limits(Model):
    """What a sweep may cost; beyond it nothing is run."""

    points: Annotated[Whole, Field(ge=1, le=1_000_000)] = Field(default=10_000, description="Most points.")
    replications: Annotated[Whole, Field(ge=1, le=1_000_000_000)] = Field(
        default=1_000_000, description="Most replications of all points together."
    )
    hours: Annotated[Number, Field(gt=0, le=1_000_000)] = Field(
        default=100, description="Most hours of computing of all cores together, as a pilot estimates them."
    )


class Outputs(Model):
    """What is kept of each replication of a sweep."""

    measures: tuple[Annotated[str, StringConstraints(min_length=1, max_length=200)], ...] = Field(
        default=(), description="Names or patterns (`unit.press.*`) of measures; none: all."
    )


class Goal(Model):
    """A measure that an optimisation makes as large, or as small, as can be."""

    measure: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="Its name, such as `throughput`."
    )
    aim: Literal["maximise", "minimise"] = Field(description="Whether more of it is better, or less.")


class Constraint(Model):
    """What a measure must keep at the settings that an optimisation announces: its expected value, or its
    quantile over replications, or the probability that a replication lies above or below a value.
    """

    measure: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="Its name, such as `lead_time_p95`."
    )
    quantile: Annotated[Number, Field(gt=0, lt=1)] | None = Field(
        default=None, description="The limits are those of this quantile over replications, such as 0.95."
    )
    above: Amount | None = Field(
        default=None,
        description="The limits are probabilities that a replication's value is more than this, in the "
        "measure's unit.",
    )
    below: Amount | None = Field(default=None, description="Likewise, that it is less than this.")
    at_least: Amount | None = Field(
        default=None,
        description="Least expected value, in the measure's unit, a plain number of a count; with `above` or "
        "`below` a probability.",
    )
    at_most: Amount | None = Field(default=None, description="Greatest expected value, likewise.")
    probability: Annotated[Number, Field(gt=0.5, lt=1)] = Field(
        default=0.95, description="With which fresh replications must show that it is kept."
    )


class Optimise(Model):
    """Settings that are searched for those that serve a goal best, or several goals."""

    settings: Annotated[dict[str, Axis], Field(min_length=1)] = Field(
        description="Dotted path: the values it may take. A range without `steps` that is not of whole "
        "numbers is searched in thousandths."
    )
    goals: Annotated[tuple[Goal, ...], Field(min_length=1, max_length=4)] = Field(
        description="One, or several that pull in different directions: then the answer is a Pareto front."
    )
    constraints: tuple[Constraint, ...] = Field(default=(), description="What the plant must keep.")
    trials: Annotated[Whole, Field(ge=1, le=100_000)] = Field(
        default=50, description="Different points that are tried; all of them where there are no more."
    )
    replications: Annotated[Whole, Field(ge=1, le=1_000_000)] = Field(
        default=5, description="Of each point at first."
    )
    most: Annotated[Whole, Field(ge=1, le=1_000_000)] = Field(
        default=40, description="Replications of points that may be the best, at most, while it searches."
    )
    confirm: Annotated[Whole, Field(ge=2, le=1_000_000)] = Field(
        default=30, description="Fresh replications of what is left, which alone are reported."
    )
    seed: Annotated[Whole, Field(ge=0, lt=2**63)] = Field(
        default=1, description="Of the search; replications have `run.seed`."
    )


class Scenario(Model):
    """A scenario file."""

    twin: Literal[1] = Field(default=1, description="Version of the language.")
    scenario: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="Its title."
    )
    question: str = Field(default="", description="What an engineer wants to know.")
    assumptions: tuple[str, ...] = Field(default=(), description="What is assumed and not measured.")
    base: str = Field(
        description="The plant, or the scenario to start from: `twin:NAME` or a path relative to this file."
    )
    set: dict[str, Any] = Field(default_factory=dict, description="Dotted path: new value.")
    run: Run = Field(default_factory=Run, description="How the plant is run.")
    sweep: Sweep | None = Field(default=None, description="Several values to be tried.")
    optimise: Optimise | None = Field(default=None, description="What is searched for.")
    limits: Limits = Field(default_factory=Limits, description="What a sweep may cost.")
    outputs: Outputs = Field(default_factory=Outputs, description="What is kept of a sweep.")
    compare: tuple[str, ...] = Field(
        default=(), description="Scenarios that this one is compared with when it is run."
    )
