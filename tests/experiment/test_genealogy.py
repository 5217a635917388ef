"""A recall: from a pallet to the deliveries behind it, and from a delivery to every pallet it is in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.plants import operation, plant, run
from twin.engine.rules.parts import part
from twin.experiment.genealogy import Node, ancestors, descendants, label, node, nodes


@pytest.fixture(scope="module")
def genealogy():
    """Two lots of granules from three deliveries of api; a tablet lot of both, on two pallets."""
    what = plant(
        {"granulator": {}, "press": {}, "store": {}},
        operation("granulate", "granulator", "1 h", bill={"api": "60 kg"}),
        batch="100 kg",
        recipe={"makes": "granules"},
        recipes={
            "tablet": {
                "batch": "200 kg",
                "operations": [
                    operation("compress", "press", "1 h", bill={"granules": "200 kg"}, split=2),
                    operation("store", "store", "1 h"),
                ],
            }
        },
        orders=[{"recipe": "part", "batches": 2}, {"recipe": "tablet"}],
        materials={"granules": {"lot": "100 kg"}, "api": {"lot": "50 kg", "stock": 3}},
    )
    return run(what).genealogy


def told(links):
    return [(link.depth, str(link.node), link.quantity / 1e6, link.again) for link in links]


def test_a_pallet_leads_back_to_every_delivery(genealogy):
    assert told(ancestors(genealogy, node("2.1"))) == [
        (1, "2", 100, False),
        (2, "0", 100, False),
        (3, "api#0", 50, False),
        (3, "api#1", 10, False),
        (2, "1", 100, False),
        (3, "api#1", 40, False),
        (3, "api#2", 20, False),
    ]


def test_a_delivery_leads_to_every_pallet_that_it_is_in(genealogy):
    found = descendants(genealogy, node("api#1"))
    assert {str(link.node) for link in found if link.depth == 3} == {"2.0", "2.1"}
    assert [str(link.node) for link in found if link.depth == 1] == ["0", "1"]


def test_what_has_been_told_is_not_told_again(genealogy):
    found = descendants(genealogy, node("api#1"))
    assert [(str(link.node), link.again) for link in found if link.depth == 2] == [("2", False), ("2", True)]


def test_every_lot_with_a_link_is_known(genealogy):
    assert {str(each) for each in nodes(genealogy)} == {
        *("0", "1", "2", "2.0", "2.1"),
        *("api#0", "api#1", "api#2"),
    }


def test_a_lot_that_was_split_and_merged_is_its_own_ancestor():
    what = plant(
        {"cutter": {}, "joiner": {}},
        operation("cut", "cutter", "1 h", split=2),
        operation("join", "joiner", "1 h", merge=True),
        batch="10 kg",
    )
    table = run(what).genealogy
    assert told(ancestors(table, node("0"))) == [
        (1, "0.0", 5, False),
        (2, "0", 5, False),
        (1, "0.1", 5, False),
        (2, "0", 5, False),
    ]


@given(st.integers(0, 10**6), st.lists(st.integers(0, 999), max_size=3))
def test_a_label_reads_back(lot, way):
    number = lot
    for k in way:
        number = part(number, k)
    assert node(label(number)) == Node(number)


@pytest.mark.parametrize("text", ["", "x", "1.x", "1.1000", "-1", "api#x"])
def test_what_is_no_label_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        node(text)
