"""A document knows where its parts stand; edits are spliced: comments stay, undo gives the same bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.plant.document import Document
from twin.plant.errors import Complaint
from twin.plant.tree import resolve

COMMENTED = """\
# A plant
twin: 1   # the language
people:
  operator: {count: 2}  # two of them
  # nobody else

equipment:
  press:
    takes: {between: weibull(shape=0.5, mean=98 min), repair: uniform(low=1 h, high=2 h)}
    note: "quoted, with a comma"
  mixer:
orders:
  - {name: first, batches: 3}
  - release:
      batches: 4
"""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12:30", "12:30"),
        ("NO", "NO"),
        ("on", "on"),
        ("yes", "yes"),
        ("1e3", 1000.0),
        ("0o10", 8),
        ("010", 10),
        ("2026-01-05", "2026-01-05"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("null", None),
        ("true", True),
    ],
)
def test_plain_scalars_are_read_as_yaml_1_2(text, value):
    assert Document(f"a: {text}\n", "f").data == {"a": value}
    assert type(resolve(text)) is type(value)


def test_a_short_form_inside_braces_is_one_value():
    takes = Document(COMMENTED, "f").data["equipment"]["press"]["takes"]
    assert takes == {"between": "weibull(shape=0.5, mean=98 min)", "repair": "uniform(low=1 h, high=2 h)"}


def test_positions_of_values_keys_and_what_is_not_there():
    document = Document(COMMENTED, "f")
    assert document.position(("people", "operator", "count")) == (4, 21)
    assert document.position(("people", "operator", "count"), at_key=True) == (4, 14)
    assert document.position(("people", "operator")) == (4, 3)
    assert document.position(("people", "operator", "calendar")) == (4, 3)
    assert document.position(("equipment", "press", "takes", "repair"), offset=8) == (9, 71)
    assert document.position(("orders", "first", "batches")) == (13, 28)
    assert document.position(("orders", "release", "batches")) == (15, 16)
    assert document.position(("orders", 1, "release", "batches")) == (15, 16)
    assert document.position(()) == (2, 1)


def test_a_complaint_gets_its_place():
    problem = Document(COMMENTED, "f").problem(Complaint(("twin",), "No.", "Hint."))
    assert (problem.file, problem.line, problem.column, problem.hint) == ("f", 2, 7, "Hint.")


EDITS = [
    (("twin",), 2),
    (("people", "operator", "count"), 7),
    (("people", "operator"), {"count": 3, "calendar": "NO"}),
    (("people", "operator", "calendar"), "day"),
    (("people", "cleaner"), {"count": 1}),
    (("equipment", "press", "takes", "repair"), "lognormal(mean=1 h, cv=2)"),
    (("equipment", "press", "takes"), "lognormal(mean=1 h, cv=2)"),
    (("equipment", "press", "note"), "it's: # odd\n"),
    (("equipment", "mixer"), {"count": 2}),
    (("equipment", "mixer", "at"), [1, 2.5]),
    (("layout", "aisles"), [[[0, 0], [1, 1]]]),
    (("orders", 0, "batches"), 1e-7),
    (("orders", "release", "priority"), -1),
    (("orders",), []),
    (("note",), None),
]


@pytest.mark.parametrize(("path", "value"), EDITS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_an_edit_is_read_back_and_undone_to_the_same_bytes(path, value, newline, start):
    text = start + COMMENTED.replace("\n", newline)
    edited, splice = Document(text, "f").edit(path, value)
    data = edited.data
    for part in path:
        data = data[part] if not (isinstance(data, list) and isinstance(part, str)) else data[1][part]
    assert data == value
    assert edited.apply(splice.reversed).text == text
    kept = [line for line in text.split(newline) if "#" in line and "operator" not in line]
    assert all(line in edited.text for line in kept if path != ("twin",))


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
KEY = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
NUMBER = st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
DATA = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=3),
    max_leaves=8,
)


@given(DATA)
def test_any_data_spliced_in_is_read_back(value):
    edited, splice = Document("twin: 1\na: {b: 1, c: 2}  # c\n", "f").edit(("a", "b"), value)
    assert edited.data["a"] == {"b": value, "c": 2}
    assert edited.apply(splice.reversed).text == "twin: 1\na: {b: 1, c: 2}  # c\n"


def test_a_key_is_taken_away_with_its_line():
    assert Document(COMMENTED, "f").remove(("people",)).data.keys() == {"twin", "equipment", "orders"}
    with pytest.raises(KeyError):
        Document(COMMENTED, "f").remove(("people", "operator", "count"))


def test_an_edit_through_what_is_not_there_is_refused():
    with pytest.raises(KeyError):
        Document(COMMENTED, "f").edit(("orders", 7, "batches"), 1)
    with pytest.raises(KeyError):
        Document(COMMENTED, "f").edit(("twin", "version"), 1)
