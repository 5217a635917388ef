"""Who does what: places people and shared units so that work has all that it needs, if that can be.

A place is one whole person or one unit that is asked for; a resource is a pool of people or a unit. Which of
the resources come into question for a place stands, the preferred first, in `wanted[first[p]:first[p + 1]]`.
"""

from __future__ import annotations

from collections.abc import Sequence

Numbers = Sequence[int]
Store = list[int]  # or an array, of a compiled engine


def assign(wanted: Numbers, first: Numbers, free: Store, taken: Store, asked_by: Store, asking: Store) -> int:
    """Give each place, in order, a resource of which there is one `free`; the first place that finds none.

    Places that came earlier move to another of theirs where a later one finds none otherwise. `free` is
    counted down, and `taken`, -1 at the start, holds the resource of each place. `asked_by` and `asking` are
    room for as many numbers as there are resources, and places. Returns the number of places where all found
    one.
    """
    places = len(first) - 1
    for place in range(places):
        if not make_room(wanted, first, free, taken, asked_by, asking, place):
            return place
    return places


def make_room(
    wanted: Numbers, first: Numbers, free: Store, taken: Store, asked_by: Store, asking: Store, place: int
) -> bool:
    """Give a place a resource, moving earlier places on where that frees one (an augmenting path)."""
    for resource in range(len(free)):
        asked_by[resource] = -1
    asking[0] = place
    at, waiting = 0, 1
    while at < waiting:
        for i in range(first[asking[at]], first[asking[at] + 1]):
            resource = wanted[i]
            if asked_by[resource] >= 0:
                continue
            asked_by[resource] = asking[at]
            if free[resource] > 0:
                free[resource] -= 1
                hand_down(asked_by, taken, resource, place)
                return True
            for other in range(place):
                if taken[other] == resource:
                    asking[waiting] = other
                    waiting += 1
        at += 1
    return False


def hand_down(asked_by: Store, taken: Store, resource: int, place: int) -> None:
    """Let each place on the path take the resource that it asked for, down to `place`."""
    while True:
        owner = asked_by[resource]
        given_up = taken[owner]
        taken[owner] = resource
        if owner == place:
            return
        resource = given_up
