"""Flow sections: their stations, and how each operation flows through them."""

from __future__ import annotations

import math

from twin.engine.compile.context import MILLIGRAMS, Context, source
from twin.engine.compile.units import failure, start_up_source
from twin.engine.program import NONE, Flow, Unit
from twin.engine.rules.dispatching import FIFO
from twin.plant import schema


def stations(at: Context) -> tuple[Unit, ...]:
    """The stations of all flow sections, in the order of the units and then of the stations."""
    return tuple(
        Unit(
            name=name,
            calendar=NONE,
            dispatching=FIFO,
            blocking_before=False,
            failures=tuple(failure(at, name, f) for f in station.failures),
            operations=(),
            parameters={},
        )
        for number, section in enumerate(at.placed)
        for name, station in _stations_of(at, number, section.name)
    )


def _stations_of(at: Context, unit: int, name: str) -> list[tuple[str, schema.Station]]:
    flow = at.plant.equipment[at.placed[unit].equipment].flow
    return [] if flow is None else [(f"{name}/{station}", s) for station, s in flow.stations.items()]


def station_numbers(at: Context, unit: int) -> tuple[int, ...]:
    """Numbers of a unit's stations; none where it is no flow section."""
    before = sum(len(_stations_of(at, number, "")) for number in range(unit))
    return tuple(range(before, before + len(_stations_of(at, unit, ""))))


def flow_of(at: Context, unit: int, recipe: schema.Recipe, address: str) -> Flow | None:
    """How an operation flows through a unit; its draws are addressed by operation and station."""
    section = at.plant.equipment[at.placed[unit].equipment].flow
    if section is None:
        return None
    entering, good = 1.0, []
    scale, room, in_seconds = [], [], []
    for station in section.stations.values():
        rate_unit = "1/s" if station.rate is None else station.rate.unit
        scale.append(_per_lot(recipe, rate_unit, station) / entering)
        entering *= 1.0 - station.rejects
        good.append(entering)
        held = station.buffer_after
        timed = held is not None and held.unit == "s"
        in_seconds.append(timed)
        amount = 0.0 if held is None else held.mean
        counted = 1.0 if held is None or timed else _per_lot(recipe, held.unit, station) / entering
        room.append(amount * counted)
    return Flow(
        stations=station_numbers(at, unit),
        rates=tuple(
            None if s.rate is None else source(f"{address}/{name}/rate", s.rate)
            for name, s in section.stations.items()
        ),
        scale=tuple(scale),
        room=tuple(room[:-1]),
        in_seconds=tuple(in_seconds[:-1]),
        good=tuple(good),
        start_up=tuple(
            None if s.start_up is None else start_up_source(s.start_up, f"{address}/{name}")
            for name, s in section.stations.items()
        ),
    )


def _per_lot(recipe: schema.Recipe, unit: str, station: schema.Station) -> float:
    """Pieces or mg of the lot in one of what a rate or a buffer counts."""
    in_kg = recipe.batch.unit == "kg"
    if unit in ("kg", "kg/s"):
        return MILLIGRAMS if in_kg else 1.0 / (recipe.piece or math.nan)
    return station.pieces_each * ((recipe.piece or math.nan) * MILLIGRAMS if in_kg else 1.0)


def nominal_seconds(flow: Flow, quantity: int) -> float:
    """How long a lot of `quantity` takes where nothing stops, in s; stations of unknown rate left out."""
    rates = [r.mean * scale for r, scale in zip(flow.rates, flow.scale, strict=True) if r is not None]
    start_up = max((s.takes.mean for s in flow.start_up if s is not None), default=0.0)
    return start_up + (quantity / min(rates) if rates and min(rates) > 0 else 0.0)
