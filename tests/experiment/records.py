"""Hand-made records of small plants, with times in seconds, for tests of what is computed from a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from twin.engine.record import LEVELS_SCHEMA, LOTS_SCHEMA, SECOND, STATES_SCHEMA

# Replication, unit, state, start, end, and where there is one the cause.
State = tuple[int, str, str, float, float] | tuple[int, str, str, float, float, str]
Level = tuple[int, str, float, int]  # replication, entity, time, level


def states(rows: Sequence[State]) -> pa.Table:
    filled = [
        {
            "replication": r,
            "unit": unit,
            "state": state,
            "start": ns(a),
            "end": ns(b),
            "cause": cause[0] if cause else None,
            "cut": False,
        }
        for r, unit, state, a, b, *cause in rows
    ]
    return pa.Table.from_pylist(filled, schema=STATES_SCHEMA)


def lots(*rows: dict[str, Any], attributes: Sequence[str] = ()) -> pa.Table:
    schema = LOTS_SCHEMA
    if "due" not in schema.names and any("due" in row for row in rows):
        schema = schema.append(pa.field("due", pa.int64()))
    for name in attributes:
        schema = schema.append(pa.field(f"attribute.{name}", pa.float64()))
    return pa.Table.from_pylist(list(rows), schema=schema)


def visit(
    lot: int,
    operation: str,
    arrived: float,
    started: float | None = None,
    finished: float | None = None,
    left: float | None = None,
    *,
    replication: int = 1,
    unit: str | None = "press",
    outcome: str = "done",
    number: int = 0,
    quantity: int = 100,
    good: int | None = None,
    kind: str = "pieces",
    due: float | None = None,
    **attributes: float,
) -> dict[str, Any]:
    """One visit; `left` defaults to the end of processing, `good` to everything."""
    left = finished if left is None else left
    good = quantity if good is None else good
    times = {"arrived": arrived, "started": started, "finished": finished, "left": left}
    return {
        "replication": replication,
        "lot": lot,
        "order": 0,
        "recipe": "tablet",
        "operation": operation,
        "visit": number,
        "unit": unit,
        **{name: None if time is None else ns(time) for name, time in times.items()},
        "outcome": outcome,
        "unit_of_quantity": kind,
        "quantity_in": quantity,
        "good": good if finished is not None else None,
        "scrapped": quantity - good if finished is not None else None,
        "cut": left is None,
        **({} if due is None else {"due": ns(due)}),
        **{f"attribute.{name}": value for name, value in attributes.items()},
    }


def levels(rows: Sequence[Level]) -> pa.Table:
    filled = [
        {"replication": r, "entity": entity, "time": ns(t), "level": level, "rate": 0.0}
        for r, entity, t, level in rows
    ]
    return pa.Table.from_pylist(filled, schema=LEVELS_SCHEMA)


def ns(seconds: float) -> int:
    return round(seconds * SECOND)
