"""Viral inactivation at low pH: a pool is acidified, held, and neutralised.

Enveloped viruses lose infectivity and antibody aggregates, both at first order, faster in more acid and
warmer. Acid and base run in at the pump's rate; what viruses lose meanwhile is not counted, and what the
product loses is counted from the last of the acid to the last of the base. Left out: viruses without an
envelope (they survive), tails of resistant virus, haze and precipitates, buffers' own curves of titration.

The rates hold from pH 3.0 to 4.0 and from 10 to 30 degrees Celsius, around the conditions at which they were
measured; a lot is out of range elsewhere, and outside the other ranges of the inputs at the end of this file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation

GAS_CONSTANT = 8.31446261815324  # J/(mol K)
REFERENCE_PH = 3.6
REFERENCE_TEMPERATURE = 293.15  # K


def log_reduction(rate: Any, duration: Any) -> Any:
    """Return the decimal logarithm by which first-order inactivation lowers a virus, k t / ln 10.

    >>> round(log_reduction(0.2, 60.0), 8)
    5.21153378
    """
    return rate * duration / math.log(10.0)


def rate_at(rate: Any, ph: Any, temperature: Any, ph_slope: Any, activation_energy: Any) -> Any:
    """Return a rate constant at another pH and temperature, k 10**(a (pH0 - pH)) exp(E/R (1/T0 - 1/T)).

    `rate` k at pH0 = 3.6 and T0 = 293.15 K, `ph_slope` a in decades a unit of pH, `activation_energy` E in
    J/mol, `temperature` T in K; shape (n,) or numbers.

    >>> round(float(rate_at(0.2, 3.3, 293.15, 1.0, 5e4)), 6)
    0.399052
    """
    xp = namespace(rate, ph, temperature, ph_slope, activation_energy)
    warmth = activation_energy / GAS_CONSTANT * (1.0 / REFERENCE_TEMPERATURE - 1.0 / temperature)
    acidity = math.log(10.0) * ph_slope * (REFERENCE_PH - ph)
    return rate * xp.exp(xp.asarray(acidity + warmth))


def _equations(given: Mapping[str, Array]) -> Answer:
    xp = namespace(given["pool_volume"])
    conditions = given["hold_ph"], given["hold_temperature"]
    killing = rate_at(
        given["inactivation_rate"], *conditions, given["inactivation_ph_slope"], given["inactivation_energy"]
    )
    aggregation = rate_at(
        given["aggregation_rate"], *conditions, given["aggregation_ph_slope"], given["aggregation_energy"]
    )
    acid = given["pool_volume"] * given["acid_fraction"]
    base = given["pool_volume"] * given["base_fraction"]
    acidifying = acid / given["titrant_flow"] + given["mixing_time"]
    neutralising = base / given["titrant_flow"] + given["mixing_time"]
    kept = xp.exp(-aggregation * (given["hold_duration"] + neutralising))
    recovered = kept * (1.0 - given["transfer_loss"])
    poured = given["pool_volume"] + acid + base
    pool = poured * (1.0 - given["transfer_loss"])
    attributes = {
        "titre": given["pool_volume"] * given["titre"] * recovered / pool,
        "pool_volume": pool,
        "log_reduction": log_reduction(killing, given["hold_duration"]),
        "monomer_kept": kept,
        "aggregate_fraction": 1.0 - (1.0 - given["aggregate_fraction"]) * kept,
        "inactivation_rate_held": killing,
        "titration_time": acidifying + neutralising,
    }
    holds = poured <= given["vessel_volume"]
    return Answer(acidifying + given["hold_duration"] + neutralising, recovered, attributes, holds)


VIRAL_INACTIVATION = unit_operation(
    "viral_inactivation",
    material=(
        Quantity("pool_volume", "m3", "volume of the pool", 1e-6, 50.0),
        Quantity("titre", "kg/m3", "product that is not aggregated in the pool", 0.0, 200.0, default=10.0),
        Quantity("aggregate_fraction", "1", "aggregate over all product before", 0.0, 1.0, default=0.01),
        Quantity(
            "inactivation_rate", "1/s", "first-order rate at pH 3.6 and 20 °C", 0.0, 1.0, default=0.2 / 60
        ),
        Quantity("inactivation_ph_slope", "1", "decades of this rate a unit of pH", 0.0, 5.0, default=1.5),
        Quantity("inactivation_energy", "J/mol", "activation energy of this rate", 0.0, 2e5, default=5e4),
        Quantity("aggregation_rate", "1/s", "first-order loss at pH 3.6 and 20 °C", 0.0, 1e-3, default=1e-6),
        Quantity("aggregation_ph_slope", "1", "decades of this loss a unit of pH", 0.0, 5.0, default=2.0),
        Quantity("aggregation_energy", "J/mol", "activation energy of this loss", 0.0, 3e5, default=8e4),
    ),
    settings=(
        Quantity("hold_duration", "s", "hold at low pH", 60.0, 86400.0, default=3600.0),
        Quantity("hold_ph", "1", "pH of the hold", 3.0, 4.0, default=3.6),
        Quantity("hold_temperature", "K", "temperature of the hold", 283.15, 303.15, default=293.15),
        Quantity("acid_fraction", "1", "acid over the pool's volume", 0.0, 1.0, default=0.05),
        Quantity("base_fraction", "1", "base over the pool's volume", 0.0, 1.0, default=0.05),
    ),
    equipment=(
        Quantity("vessel_volume", "m3", "the most the vessel holds", 1e-6, 50.0, default=2.0),
        Quantity("titrant_flow", "m3/s", "flow of acid and of base", 1e-9, 1e-2, default=1e-5),
        Quantity("mixing_time", "s", "mixing and check of pH after each", 0.0, 7200.0, default=600.0),
        Quantity(
            "transfer_loss", "1", "fraction of the pool left in vessel and lines", 0.0, 0.5, default=0.005
        ),
    ),
    attributes=(
        Quantity("titre", "kg/m3", "product that is not aggregated in the pool"),
        Quantity("pool_volume", "m3", "volume of the neutralised pool"),
        Quantity("log_reduction", "1", "decimal logarithm of what the virus was divided by"),
        Quantity("monomer_kept", "1", "fraction of the product that did not aggregate"),
        Quantity("aggregate_fraction", "1", "aggregate over all product after", 0.0, 1.0),
        Quantity("inactivation_rate_held", "1/s", "rate of inactivation in the hold"),
        Quantity("titration_time", "s", "acidifying and neutralising"),
    ),
    equations=_equations,
)
