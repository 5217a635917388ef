"""A block of durations is what single draws are, to the nanosecond."""

from __future__ import annotations

import numpy as np
import pytest

from twin.engine.draws import compile_distribution, draw, draw_nanoseconds_block
from twin.engine.lines.compiling import entry
from twin.engine.lines.draw_blocks import durations, exponentials
from twin.engine.rules.speeds import processing_time
from twin.plant.shorthand import Distribution

KEY = np.array([0x9E3779B9, 0x1234567], dtype=np.uint64)


@entry
def drawn(kind, parameters, table, key, lots, whole, work):
    durations(kind, parameters, table, key, lots, lots.shape[0], whole, work)


@entry
def in_doubt(u, scale, whole, work):
    return exponentials(u, u.shape[0], scale, whole, work)


def block(distribution, speed, lots):
    kind, p0, p1, p2, table = compile_distribution(distribution)
    whole = np.empty(len(lots), dtype=np.int64)
    drawn(kind, np.array([p0, p1, p2, speed]), table, KEY, lots, whole, np.empty((3, len(lots))))
    return whole


def of(kind, **parameters):
    return Distribution(kind=kind, parameters=parameters, unit="s")


@pytest.mark.parametrize("mean", [1e-6, 0.3, 1.0, 77.7, 3600.0, 2e5, 4e7])
def test_exponentials_are_those_drawn_one_by_one(mean):
    """The longer the mean, the more draws are in doubt; over months all are."""
    lots = np.arange(300_000)
    one_by_one = draw_nanoseconds_block(
        *compile_distribution(of("exponential", mean=mean)), *KEY, 0, len(lots)
    )
    assert (block(of("exponential", mean=mean), 1.0, lots) == one_by_one).all()


def test_few_exponentials_are_in_doubt():
    u = (np.arange(1_000_000) + 0.5) / 1_000_000
    whole = np.empty(len(u), dtype=np.int64)
    doubtful = in_doubt(u, 1e9, whole, np.empty((2, len(u))))
    assert doubtful == (whole == -1).sum()
    assert 0 < doubtful < 40


@pytest.mark.parametrize("u", [2.0**-54, 2.0**-53, 0.25, 0.5, 1 - 2.0**-0.5, 1 - 2.0**-53])
def test_the_series_is_the_logarithm_at_its_corners(u):
    whole = np.empty(1, dtype=np.int64)
    in_doubt(np.array([u]), 1e9, whole, np.empty((2, 1)))
    assert whole[0] == round(-np.log1p(-u) * 1e9)


@pytest.mark.parametrize(
    "distribution",
    [
        of("constant", value=2.5),
        of("uniform", low=1.0, high=7.0),
        of("triangular", low=1.0, mode=2.0, high=7.0),
        of("exponential", mean=40.0),
        of("normal", mean=5.0, sd=2.0),
        of("lognormal", mean=5.0, cv=0.6),
        of("weibull", shape=0.7, mean=40.0),
        of("gamma", mean=5.0, cv=0.5),
        Distribution(kind="discrete", parameters={}, values=(1.0, 4.0), weights=(0.3, 0.7), unit="s"),
    ],
    ids=lambda distribution: distribution.kind,
)
@pytest.mark.parametrize("speed", [1.0, 0.7])
def test_every_distribution_is_drawn_as_by_the_reference_engine(distribution, speed):
    lots = np.array([0, 1, 2, 900, 5, 77, 2**31])
    compiled = compile_distribution(distribution)
    seconds = [draw(*compiled, *KEY, lot, 0, 0, 0) for lot in lots]
    assert block(distribution, speed, lots).tolist() == [processing_time(s, speed) for s in seconds]
