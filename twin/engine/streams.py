"""Draws of one replication, a block at a time: what an engine in plain Python asks for, already as a list.

The values are those of `draws.draw` at the same addresses; blocks only save calls.
"""

from __future__ import annotations

import numpy as np

from twin.engine.draws import (
    KINDS,
    draw,
    draw_block,
    draw_nanoseconds,
    draw_nanoseconds_block,
    source_hash,
    stream_key,
)
from twin.engine.program import Source
from twin.engine.rules.speeds import processing_time

BLOCK_BITS = 8
BLOCK = 1 << BLOCK_BITS
REST = BLOCK - 1

# A number of more than one word is that of a part of a lot: see `rules/parts.py`.
WORD = 32
LOW = (1 << WORD) - 1


class Stream:
    """Draws of one source in one replication, by (number, visit, attempt)."""

    __slots__ = ("_arguments", "_constant", "_constant_ns", "_ns", "_speed", "_values")

    def __init__(self, source: Source, seed: int, replication: int, speed: float = 1.0) -> None:
        k0, k1 = stream_key(seed, replication, source_hash(source.name))
        self._arguments = (source.kind, source.p0, source.p1, source.p2, source.table, k0, k1)
        self._speed = speed
        self._constant: float | None = None
        self._constant_ns: int | None = None
        if source.constant:
            self._constant = float(source.p0)
            self._constant_ns = processing_time(self._constant, speed)
        self._ns: dict[int, list[int]] = {}
        self._values: dict[int, list[float]] = {}

    def nanoseconds(self, number: int, visit: int = 0, attempt: int = 0) -> int:
        """A duration in whole ns, at the stream's speed."""
        if self._constant_ns is not None:
            return self._constant_ns
        if visit or attempt:
            if self._speed != 1.0:
                return processing_time(self.value(number, visit, attempt), self._speed)
            return int(draw_nanoseconds(*self._arguments, number & LOW, visit, attempt, number >> WORD))
        return self.first_visit(number)

    def first_visit(self, number: int) -> int:
        """`nanoseconds` of a first visit and first attempt."""
        if number > LOW:
            if self._speed != 1.0:
                return processing_time(self.value(number), self._speed)
            return int(draw_nanoseconds(*self._arguments, number & LOW, 0, 0, number >> WORD))
        block = self._ns.get(number >> BLOCK_BITS)
        if block is None:
            first = number & ~REST
            block = self._ns[number >> BLOCK_BITS] = self._nanoseconds_block(first)
        return block[number & REST]

    def _nanoseconds_block(self, first: int) -> list[int]:
        if self._speed == 1.0:
            whole: list[int] = draw_nanoseconds_block(*self._arguments, first, BLOCK).tolist()
            return whole
        seconds = draw_block(*self._arguments, first, BLOCK).tolist()
        return [processing_time(each, self._speed) for each in seconds]

    def value(self, number: int, visit: int = 0, attempt: int = 0) -> float:
        """A value in SI."""
        if self._constant is not None:
            return self._constant
        if visit or attempt or number > LOW:
            return float(draw(*self._arguments, number & LOW, visit, attempt, number >> WORD))
        block = self._values.get(number >> BLOCK_BITS)
        if block is None:
            first = number & ~REST
            block = self._values[number >> BLOCK_BITS] = draw_block(*self._arguments, first, BLOCK).tolist()
        return block[number & REST]


class Streams:
    """All streams of one replication, made as they are asked for."""

    def __init__(self, seed: int, replication: int) -> None:
        self.seed, self.replication = seed, replication
        self._streams: dict[int, Stream] = {}
        self._faster: dict[tuple[int, float], Stream] = {}
        self._uniforms: dict[str, Source] = {}

    def of(self, source: Source) -> Stream:
        """The stream of a source."""
        stream = self._streams.get(id(source))
        if stream is None:
            stream = self._streams[id(source)] = Stream(source, self.seed, self.replication)
        return stream

    def at_speed(self, source: Source, speed: float) -> Stream:
        """The stream of a source whose durations are divided by `speed`; its draws are the same."""
        if speed == 1.0:
            return self.of(source)
        key = (id(source), speed)
        if key not in self._faster:
            self._faster[key] = Stream(source, self.seed, self.replication, speed)
        return self._faster[key]

    def uniform(self, name: str, number: int, visit: int, attempt: int = 0) -> float:
        """A number between 0 and 1, addressed by `name`."""
        source = self._uniforms.get(name)
        if source is None:
            source = self._uniforms[name] = Source(
                name, KINDS["uniform"], 0.0, 1.0, 0.0, np.empty((2, 0)), 0.5
            )
        return self.of(source).value(number, visit, attempt)
