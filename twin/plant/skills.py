"""Who can do what: the members of needs and teams, and the pools of people that have a skill.

`consistency.py` and the engine's compiler call it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from twin.plant.schema import Member, Need, Plant


def members(plant: Plant, need: Need) -> Iterator[tuple[Member, int]]:
    """The people for whom a need asks, a team one by one, with how many; nobody where it asks for a unit."""
    if need.unit is not None:
        return
    each: Sequence[Member] = (need,) if need.team is None else plant.teams[need.team]
    for member in each:
        yield member, member.count if need.team is None else member.count * need.count


def pools_of(plant: Plant, member: Member) -> list[str]:
    """The pools of people from whom a member may come, in the order in which they are asked."""
    if member.people is not None:
        return [member.people]
    return skilled(plant, member.skill or "", member.level)


def skilled(plant: Plant, skill: str, level: int) -> list[str]:
    """Pools of people who have a skill, in the order in which they are asked.

    First those who name it earlier among their skills, then the less skilled in it, then those of fewer
    skills, then by name.
    """
    found = [name for name, people in plant.people.items() if people.skills.get(skill, 0) >= level]

    def rank(name: str) -> tuple[int, int, int, str]:
        skills = plant.people[name].skills
        return list(skills).index(skill), skills[skill], len(skills), name

    return sorted(found, key=rank)
