"""A scenario: which plant, what is changed, how it is run, and which question that answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from twin.plant.shorthand import Duration, LocalTime, Model, Number, Whole


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
    precision: Annotated[Number, Field(gt=0, lt=1)] | None = Field(
        default=None,
        description="Replications are added, up to `replications`, until the half-width of throughput's "
        "interval is at most this fraction of its mean.",
    )


class Sweep(Model):
    """Several values along one or more axes; an axis is a dotted path."""

    method: Literal["grid", "zip"] = Field(
        default="grid", description="`grid`: every combination; `zip`: the first values, then the second, …"
    )
    axes: Annotated[dict[str, Annotated[tuple[Any, ...], Field(min_length=1)]], Field(min_length=1)] = Field(
        description="Dotted path: its values."
    )


class Scenario(Model):
    """A scenario file."""

    twin: Literal[1] = Field(default=1, description="Version of the language.")
    scenario: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="Its title."
    )
    question: str = Field(default="", description="What an engineer wants to know.")
    assumptions: tuple[str, ...] = Field(default=(), description="What is assumed and not measured.")
    base: str = Field(description="`twin:NAME` or a path relative to this file.")
    set: dict[str, Any] = Field(default_factory=dict, description="Dotted path: new value.")
    run: Run = Field(default_factory=Run, description="How the plant is run.")
    sweep: Sweep | None = Field(default=None, description="Several values to be tried.")
    compare: tuple[str, ...] = Field(
        default=(), description="Scenarios this one is meant to be compared with."
    )
