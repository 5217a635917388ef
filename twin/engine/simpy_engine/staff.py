"""Staff: who is there and what they are busy with, person by person where attention is shared.

`people.py` decides who is claimed; this file counts. People of one shift of a pool are alike, so that whole
persons are only counted; those who attend several works have a number and the share that is taken of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from twin.engine.program import NONE, WHOLE, Program
from twin.engine.simpy_engine.hours import calendar_open, fits, time_to_close


@dataclass(frozen=True)
class Claim:
    """One person or unit that work holds: for which demand, and who it is."""

    demand: int
    shift: int = NONE  # of people
    person: int = NONE  # within the shift, where attention is shared
    share: int = WHOLE
    unit: int = NONE  # a shared unit


class Staff:
    """The people of all pools, by shift; shifts are numbered through, pool by pool."""

    __slots__ = ("busy", "calendar", "on", "parts", "pool", "program", "shifts", "size", "whole")

    def __init__(self, program: Program) -> None:
        self.program = program
        self.shifts: list[range] = []  # of each pool
        self.pool: list[int] = []  # of each shift, as are all that follow
        self.size: list[int] = []
        self.calendar: list[int] = []
        for number, pool in enumerate(program.people):
            first = len(self.pool)
            for shift in pool.shifts:
                self.pool.append(number)
                self.size.append(shift.count)
                self.calendar.append(shift.calendar)
            self.shifts.append(range(first, len(self.pool)))
        self.on = [c == NONE or calendar_open(program, c, 0) for c in self.calendar]
        self.whole = [0] * len(self.pool)  # people of whom the whole is claimed
        self.parts: list[dict[int, int]] = [{} for _ in self.pool]  # thousandths taken of other people
        self.busy = [0] * len(program.people)

    def present(self, pool: int) -> int:
        """People of a pool who are on shift."""
        return sum(self.size[s] for s in self.shifts[pool] if self.on[s])

    def idle(self, shift: int) -> int:
        """People of a shift who are there and do nothing."""
        return self.size[shift] - self.whole[shift] - len(self.parts[shift]) if self.on[shift] else 0

    def usable(self, shift: int, now: int, nominal: int) -> bool:
        """Whether people of a shift may start work of `nominal` ns now; 0 where it is under way already."""
        calendar = self.calendar[shift]
        return self.on[shift] and (
            not nominal or calendar == NONE or fits(self.program, calendar, now, nominal)
        )

    def available(self, pool: int, now: int, nominal: int) -> int:
        """People of a pool who can be claimed whole for work of `nominal` ns."""
        return sum(self.idle(s) for s in self.shifts[pool] if self.on[s] and self.usable(s, now, nominal))

    def whole_person(self, demand: int, pool: int, now: int, nominal: int) -> Claim:
        """Somebody who is idle, of the shift that is there longest."""
        shifts = self.shifts[pool]
        if len(shifts) == 1:
            return Claim(demand, shifts[0])
        found = [s for s in shifts if self.idle(s) and self.usable(s, now, nominal)]
        if len(found) > 1:
            found.sort(key=lambda shift: -self._stays(shift, now))
        return Claim(demand, found[0])

    def _stays(self, shift: int, now: int) -> int:
        calendar = self.calendar[shift]
        return 2**62 if calendar == NONE else time_to_close(self.program, calendar, now)

    def part_of_a_person(self, demand: int, pool: int, share: int, now: int, nominal: int) -> Claim | None:
        """The busiest person who has so much attention left, else somebody who is idle."""
        best: Claim | None = None
        most = -1
        for shift in self.shifts[pool]:
            if not self.usable(shift, now, nominal):
                continue
            parts = self.parts[shift]
            for person, taken in sorted(parts.items()):
                if most < taken <= WHOLE - share:
                    best, most = Claim(demand, shift, person, share), taken
            if self.idle(shift) and most < 0:
                newcomer = next(n for n in range(len(parts) + 1) if n not in parts)
                best, most = Claim(demand, shift, newcomer, share), 0
        return best

    def occupy(self, claim: Claim) -> None:
        """Count a person as claimed."""
        shift = claim.shift
        if claim.share == WHOLE:
            self.whole[shift] += 1
            self.busy[self.pool[shift]] += 1
            return
        parts = self.parts[shift]
        if claim.person not in parts:
            self.busy[self.pool[shift]] += 1
        parts[claim.person] = parts.get(claim.person, 0) + claim.share

    def let_go(self, claim: Claim) -> None:
        """Count a claimed person as free again."""
        shift = claim.shift
        if claim.share == WHOLE:
            self.whole[shift] -= 1
            self.busy[self.pool[shift]] -= 1
            return
        parts = self.parts[shift]
        parts[claim.person] -= claim.share
        if not parts[claim.person]:
            del parts[claim.person]
            self.busy[self.pool[shift]] -= 1
