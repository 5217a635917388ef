"""Rules of calendars, people, teams and needs: who is asked for is there, and a need asks for one thing.

Called by `consistency.py`, which knows the names that a file gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from twin.plant.checking import complain
from twin.plant.errors import Complaint, Path
from twin.plant.remainder import Refused
from twin.plant.schema import Calendar, Member, Need, People, Plant
from twin.plant.schema.calendars import WEEK
from twin.plant.sentences import did_you_mean

Named = Callable[[Path, str, str | None], Iterator[Complaint]]  # path, section and name to be found there


class PeopleRules:
    """The rules over one plant; `named` complains of names that are not there."""

    def __init__(self, plant: Plant, refused: Refused, named: Named) -> None:
        self._plant, self._refused, self._named = plant, refused, named

    def calendar(self, path: Path, calendar: Calendar) -> Iterator[Complaint]:
        """Weeks are those of the cycle."""
        weeks = round(calendar.cycle / WEEK)
        for key, openings in (("open", calendar.open), ("breaks", calendar.breaks)):
            for index, opening in enumerate(openings):
                late = opening.week is not None and opening.week > weeks
                if late and not self._refused.touches((*path, "cycle")):
                    message = f"is week {opening.week} of a cycle of {weeks}"
                    yield complain((*path, key, index, "week"), message, "Add `cycle: 2 weeks`, or more.")

    def pool(self, path: Path, people: People) -> Iterator[Complaint]:
        """A pool has a count, or shifts."""
        yield from self._named((*path, "calendar"), "calendars", people.calendar)
        for index, shift in enumerate(people.shifts):
            yield from self._named((*path, "shifts", index, "calendar"), "calendars", shift.calendar)
        if any(self._refused.touches((*path, key)) for key in ("count", "shifts")):
            return
        if people.count is None and not people.shifts:
            yield complain(path, "lacks the key `count`", "Add `count: …`, or `shifts: […]`.", at_key=True)
        if people.shifts and (people.count is not None or people.calendar is not None):
            key = "calendar" if people.count is None else "count"
            hint = "Give each of the shifts its `count` and `calendar`."
            yield complain((*path, key), "stands beside `shifts`", hint, at_key=True)

    def needs(self, path: Path, needs: Sequence[Need], on: Sequence[str] = ()) -> Iterator[Complaint]:
        """The needs of work that is done `on` these units."""
        yield from self.members(path, needs)
        for index, need in enumerate(needs):
            here = (*path, index)
            yield from self._named((*here, "team"), "teams", need.team)
            yield from self._named((*here, "unit"), "equipment", need.unit)
            if need.unit is None:
                continue
            if need.unit in on:
                hint = "Name a unit on which it is not done."
                yield complain((*here, "unit"), f"names `{need.unit}`, on which the work is done", hint)
            equipment = self._plant.equipment.get(need.unit)
            counted = not self._refused.touches(("equipment", need.unit, "count"))
            if equipment is not None and counted and need.count > equipment.count * equipment.capacity:
                yield self._too_many(here, need.count, need.unit, equipment.count * equipment.capacity)

    def members(self, path: Path, members: Sequence[Member]) -> Iterator[Complaint]:
        """The people of needs or of a team."""
        for index, member in enumerate(members):
            here = (*path, index)
            yield from self._kind(here, member)
            yield from self._named((*here, "people"), "people", member.people)
            if member.skill is not None:
                yield from self._skill(here, member, member.skill)
            pool = self._plant.people.get(member.people or "")
            counted = not self._refused.touches(("people", member.people or ""))
            told = pool is not None and (pool.count is not None or pool.shifts)
            if pool is not None and counted and told and member.count > pool.size:
                yield self._too_many(here, member.count, member.people or "", pool.size)

    def _kind(self, path: Path, member: Member) -> Iterator[Complaint]:
        """A need asks for one kind of thing, and what else it says goes with that."""
        if self._refused.touches(path):
            return
        kinds = ("people", "skill", *(("team", "unit") if isinstance(member, Need) else ()))
        given = [kind for kind in kinds if getattr(member, kind) is not None]
        hint = f"Name one: {', '.join(f'`{kind}`' for kind in kinds)}."
        if not given:
            yield complain(path, "does not say who is needed", hint)
        for second in given[1:]:
            yield complain((*path, second), f"stands beside `{given[0]}`", hint, at_key=True)
        if member.skill is None and member.level != 1:
            yield complain((*path, "level"), "stands without `skill`", "Add `skill: …`.", at_key=True)
        alone = member.count == 1 and given[:1] not in (["team"], ["unit"])
        if member.attention < 1 and not alone:
            hint = "Leave out `attention`, or ask for one person."
            yield complain((*path, "attention"), "is the share of one person", hint, at_key=True)

    def _skill(self, path: Path, member: Member, skill: str) -> Iterator[Complaint]:
        if self._refused.touches(("people",)):
            return
        able = {
            name: people.skills[skill]
            for name, people in self._plant.people.items()
            if skill in people.skills
        }
        if not able:
            known = [each for people in self._plant.people.values() for each in people.skills]
            hint = did_you_mean(skill, known) or "Add `skills: […]` to people."
            yield complain((*path, "skill"), f"names a skill that nobody has, `{skill}`", hint)
        elif max(able.values()) < member.level:
            hint = f"The most is {max(able.values())}."
            yield complain((*path, "level"), f"asks for more than anyone has of `{skill}`", hint)
        else:
            size = sum(self._plant.people[n].size for n, level in able.items() if level >= member.level)
            if member.count > size:
                yield self._too_many(path, member.count, skill, size)

    def _too_many(self, path: Path, count: int, name: str, size: int) -> Complaint:
        message = f"asks for {count} `{name}`, and the plant has {size}"
        return complain(path, message, "The work could never start.")
