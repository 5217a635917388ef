"""The numbers by which engines tell states of units and kinds of effects apart."""

from __future__ import annotations

from twin.engine.record import STATES

(
    PRODUCING,
    LOADING,
    UNLOADING,
    SETTING_UP,
    STARTING_UP,
    CLEANING,
    MAINTENANCE,
    BLOCKED,
    STARVED,
    WAITING_PEOPLE,
    WAITING_CONTAINER,
    WAITING_TRANSPORT,
    WAITING_UTILITY,
    WAITING_QUALITY,
    WAITING_UNIT,
    DOWN,
    OFF_SHIFT,
) = range(len(STATES))

# Kinds of effects, in the order in which they take place within an instant. Rules own kinds through `hooks`.
(
    REPAIRED,
    COMPLETED,
    CHECKED,
    PORTION_DONE,
    TRANSFERRED,
    CARRIED,
    FAILS,
    FALLS_DUE,
    CHECK_DUE,
    CALENDAR_TURNS,
    RELEASED,
    LET_IN,
    DELIVERED,
    LEVEL_REACHED,
    TANK_REACHED,
    TIME_OUT,
    EXPIRES,
    STOCK_EXPIRES,
    HELD_TOO_LONG,
) = range(19)
