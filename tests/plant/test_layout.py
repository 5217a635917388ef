"""Units stand where the file puts them, and transport follows the aisles."""

import math
from itertools import pairwise

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plant.sample import GOOD
from twin.plant import layout
from twin.plant.aisles import Network, meeting_points
from twin.plant.load import load_plant


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "plant.yaml"
    path.write_text(GOOD, encoding="utf-8")
    return lambda **changes: load_plant(path, {k.replace("__", "."): v for k, v in changes.items()}).plant


def test_identical_units_stand_side_by_side_one_metre_clear(small):
    placed = layout.place_units(small(equipment__mixer__count=3, equipment__mixer__at=[4, 2]))
    assert [(unit.name, unit.center) for unit in placed] == [
        ("mixer", (4, 2)),
        ("mixer_2", (4, 4.5)),
        ("mixer_3", (4, 7)),
        ("press", (12, 5)),
    ]
    assert {unit.area for unit in placed} == {"hall"}


def test_a_pitch_says_where_the_next_unit_stands(small):
    plant = small(equipment__mixer__count=2, equipment__mixer__pitch=[3, 0])
    assert layout.place_units(plant)[1].center == (7, 5)


def test_corners_turn_with_the_unit(small):
    mixer = layout.place_units(small(equipment__mixer__rotation=90))[0]
    assert layout.corners(mixer) == ((4.75, 4), (4.75, 6), (3.25, 6), (3.25, 4))


def test_units_that_only_touch_do_not_overlap(small):
    plant = small(equipment__press__at=[5.8, 5])
    assert layout.complaints(plant) == []


def test_turned_footprints_overlap_only_where_they_do(small):
    beside = {"equipment__press__rotation": 45, "equipment__press__at": [6.2, 5]}
    assert layout.complaints(small(**beside)) == []
    with pytest.raises(Exception, match="puts it where `mixer` stands"):
        small(**{**beside, "equipment__press__at": [6.0, 5]})


def test_ways_follow_the_aisles(small):
    plant = small()
    assert layout.distance(plant, "mixer", "press") == 3 + 8 + 3
    assert layout.path_between(plant, "mixer", "press") == ((4, 5), (4, 2), (12, 2), (12, 5))
    assert layout.path_between(plant, "mixer", "buffer")[-1] == (8, 5)


def test_distances_are_of_units_then_storages(small):
    assert layout.distances(small()) == ((0, 14, 10), (14, 0, 10), (10, 10, 0))
    assert list(layout.positions(small())) == ["mixer", "press", "storage/buffer"]


def test_without_a_place_there_is_no_way(small):
    plant = small(equipment__press__at=None)
    assert layout.distance(plant, "mixer", "press") == 0
    assert layout.path_between(plant, "mixer", "press") == ()
    with pytest.raises(KeyError):
        layout.distance(plant, "mixer", "nobody")


def test_without_aisles_the_way_is_straight(small):
    assert layout.distance(small(layout__aisles=[]), "mixer", "press") == 8


def test_aisles_join_where_they_cross_and_where_they_touch():
    cross = Network([[(0, 0), (10, 0)], [(5, -5), (5, 5)]], [(1, 0), (5, 4)])
    assert cross.way((1, 0), (5, 4)).length == 8
    touch = Network([[(0, 0), (10, 0)], [(5, 0), (5, 5)]], [(1, 0), (5, 4)])
    assert touch.way((1, 0), (5, 4)).points == ((1, 0), (5, 0), (5, 4))


def test_aisles_that_do_not_meet_do_not_connect():
    apart = Network([[(0, 0), (10, 0)], [(5, 1), (5, 5)]], [(1, 0), (5, 4)])
    assert apart.lengths_from((1, 0), [(5, 4)]) == [math.inf]
    with pytest.raises(ValueError, match="do not connect"):
        apart.way((1, 0), (5, 4))


def test_the_shortest_of_two_ways_is_taken():
    ring = [[(0, 0), (10, 0), (10, 4), (0, 4), (0, 0)]]
    assert Network(ring, [(2, 0), (2, 4)]).way((2, 0), (2, 4)).length == 2 + 4 + 2


def test_parallel_and_collinear_aisles_meet_only_at_shared_points():
    assert meeting_points(((0, 0), (4, 0)), ((0, 1), (4, 1))) == []
    assert (4, 0) in meeting_points(((0, 0), (4, 0)), ((4, 0), (8, 0)))


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=4, unique=True),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=60, deadline=None)
def test_ways_are_as_long_as_an_independent_graph_library_finds_them(aisles):
    ends = sorted({aisle[0] for aisle in aisles} | {aisle[-1] for aisle in aisles})
    network = Network(aisles, ends)
    graph = networkx.Graph()
    stretches = [stretch for aisle in aisles for stretch in pairwise(aisle)]
    for first in stretches:
        meeting = {point for second in stretches for point in meeting_points(first, second)}
        nodes = {(round(x, 6), round(y, 6)) for x, y in {*first, *meeting}}
        on_it = sorted(nodes, key=lambda point: math.dist(point, first[0]))
        for a, b in pairwise(on_it):
            graph.add_edge(a, b, length=math.dist(a, b))
    for start in ends:
        known = networkx.single_source_dijkstra_path_length(graph, start, weight="length")
        expected = [known.get(end, math.inf) for end in ends]
        assert network.lengths_from(start, ends) == pytest.approx(expected)
        for end, length in zip(ends, expected, strict=True):
            if length < math.inf:
                assert network.way(start, end).length == pytest.approx(length)
