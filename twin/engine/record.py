"""The record: an engine's only output, four Arrow tables of whole nanoseconds.

Every measure, chart and animation is a pure function of these tables. Rows are sorted, so equal inputs give
equal bytes.

- `states`: for each unit, closed intervals that add up to the horizon.
- `lots`: one row for each visit of a lot to an operation.
- `levels`: steps of counted things: entity, time, level from then on.
- `genealogy`: which lots and materials a lot was made of.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

# SEMI E10 / ISO 22400 states of a unit, in the order of every legend.
STATES = (
    "producing",
    "loading",
    "unloading",
    "setup",
    "start_up",
    "cleaning",
    "maintenance",
    "blocked",
    "starved",
    "waiting_people",
    "waiting_container",
    "waiting_transport",
    "waiting_utility",
    "waiting_quality",
    "waiting_unit",
    "down",
    "off_shift",
)

# States that only some plants know. A run in which one never occurs has no measure of it.
OCCASIONAL = (
    "loading",
    "unloading",
    "maintenance",
    "waiting_utility",
    "waiting_quality",
    "waiting_unit",
)

# What became of a visit: `open` only where the horizon cut it.
OUTCOMES = ("done", "rework", "scrapped", "lost", "open", "rejected", "expired", "split", "merged")

TEXT = pa.dictionary(pa.int32(), pa.string())

STATES_SCHEMA = pa.schema(
    [
        ("replication", pa.int32()),
        ("unit", TEXT),
        ("state", TEXT),
        ("start", pa.int64()),  # ns
        ("end", pa.int64()),  # ns, > start
        ("lot", pa.int64()),  # null: none
        ("operation", TEXT),  # `recipe/operation`, `containers/ibc`; null: none
        ("cause", TEXT),  # failure, pool, skill, unit, container or storage; null: none
        ("cut", pa.bool_()),  # closed by the horizon
    ]
)

LOTS_SCHEMA = pa.schema(
    [
        ("replication", pa.int32()),
        ("lot", pa.int64()),  # numbered at release from 0
        ("order", pa.int32()),  # line of the order book from 0
        ("due", pa.int64()),  # ns; before the start where negative; null: never
        ("recipe", TEXT),
        ("operation", TEXT),
        ("visit", pa.int16()),  # from 0; more than one with rework
        ("unit", TEXT),  # null until claimed
        ("arrived", pa.int64()),  # ns: released, or left the previous operation
        ("started", pa.int64()),  # ns: claimed by the unit; null: not yet
        ("finished", pa.int64()),  # ns: processing done; null: not yet
        ("left", pa.int64()),  # ns: gone to the next operation, or out; null: not yet
        ("outcome", TEXT),
        ("unit_of_quantity", TEXT),  # `mg` or `pieces`
        ("quantity_in", pa.int64()),
        ("good", pa.int64()),  # null: not finished
        ("scrapped", pa.int64()),
        ("cut", pa.bool_()),
        # then a float64 column `attribute.NAME` for each attribute that the program's physics computes, and
        # for `start_up_stops`, `stops` and `physics_status` where used; null where not computed; for
        # `hold_exceeded` (s) where a hold time can pass. Where lots leave or go back for a cause of quality,
        # a text column `cause`; where something is taken out of lots, an int64 column `sink.sampled`, which
        # is not part of `scrapped`.
    ]
)

# Entities: `wip`; `orders/RULE/waiting`, lots that have come in and are not let in yet; `loop/NAME`, cards
# that are with lots; `transport/FLEET/count|busy|empty|loaded|charging`, transporters;
# `storage/NAME`; `people/NAME/busy|present`; `container/NAME/clean|in_use|dirty`;
# `material/NAME`, in mg or pieces; `buffer/SECTION/STATION`, behind a station of a flow section, in mg or
# pieces, rounded, and changing at `rate`; `quarantine`, in lots; `utility/NAME/rate|capacity`, in millionths
# of its SI unit per hour, and `utility/NAME/level`, in millionths of it, changing at `rate`; `tank/NAME`, in
# mg, changing at `rate`, `tank/NAME/volume|heel|discarded`, in mg, and `tank/NAME/hold_violations`.
LEVELS_SCHEMA = pa.schema(
    [
        ("replication", pa.int32()),
        ("entity", TEXT),
        ("time", pa.int64()),  # ns
        ("level", pa.int64()),
        ("rate", pa.float64()),  # per s until the next row; 0 for counts
    ]
)

# Who was made of what: one row for each amount that a lot took over from a lot before it, or from stock. A
# stock's lot is a delivered one, numbered by material from 0, or a lot that was made.
GENEALOGY_SCHEMA = pa.schema(
    [
        ("replication", pa.int32()),
        ("time", pa.int64()),  # ns
        ("operation", TEXT),  # `recipe/operation` of the lot that took it
        ("material", TEXT),  # null: straight from the lot before
        ("delivered", pa.int64()),  # the delivered lot of the material; null: it was made
        ("parent", pa.int64()),  # the lot before; null: it was delivered
        ("child", pa.int64()),  # the lot that took it
        ("unit_of_quantity", TEXT),  # `mg` or `pieces`
        ("quantity", pa.int64()),
    ]
)

SECOND = 1_000_000_000  # ns


@dataclass(frozen=True)
class Record:
    """One or more replications' tables; `horizon` in ns for each replication number."""

    states: pa.Table
    lots: pa.Table
    levels: pa.Table
    genealogy: pa.Table
    horizon: dict[int, int]
