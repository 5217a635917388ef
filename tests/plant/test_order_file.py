"""Order books from CSV and Excel: what the columns say, and every mistake with its row and column."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, timedelta

import openpyxl
import pytest

from twin.experiment.prepare import prepare
from twin.plant.errors import InputError
from twin.plant.load import load_plant, load_scenario

PLANT = """
twin: 1
plant: Made to order
equipment: {press: {}}
recipes:
  white: {operations: [{press: {on: [press], takes: 1 h}}]}
  red: {operations: [{press: {on: [press], takes: 2 h}}]}
releases: {loop: {rule: conwip, limit: 2}}
orders: {file: orders.csv}
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with a plant whose orders are in `orders.csv`."""
    (tmp_path / "plant.yaml").write_text(PLANT, encoding="utf-8")
    return tmp_path


def orders_of(folder, text, encoding="utf-8", changes=None):
    """The orders of the plant where the order file has this text."""
    (folder / "orders.csv").write_bytes(text.encode(encoding))
    return load_plant(folder / "plant.yaml", changes).plant.orders


def problems_of(folder, text, **words):
    """(file, row, column, message) of each problem."""
    with pytest.raises(InputError) as caught:
        orders_of(folder, text, **words)
    return [(p.file, p.line, p.column, p.message) for p in caught.value.problems]


def workbook(folder, *rows, name="orders.xlsx", change=None, title="Orders"):
    """Write a workbook with these rows; `change` may alter the sheet."""
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    if change:
        change(book.active)
    book.save(folder / name)


def from_excel(folder, sheet=None):
    words = {"file": "orders.xlsx"} | ({} if sheet is None else {"sheet": sheet})
    return load_plant(folder / "plant.yaml", {"orders": words}).plant.orders


def excel_problems(folder, sheet=None):
    with pytest.raises(InputError) as caught:
        from_excel(folder, sheet)
    return [(p.file, p.line, p.column, p.message) for p in caught.value.problems]


def test_each_row_is_an_order_line(folder):
    first, second = orders_of(
        folder,
        "recipe,batches,at,due,priority,hot,release,when_full,every,times,first\n"
        'white,3,,"5 days",-1,TRUE,loop,lost,exponential(mean=1 h),4,30 min\n'
        "red,,2026-03-02 06:00,2026-03-09,,,,,,,\n",
    )
    assert (first.recipe, first.batches, first.due, first.priority, first.hot) == (
        "white",
        3,
        432000,
        -1,
        True,
    )
    assert (first.release, first.when_full, first.times, first.first.mean) == ("loop", "lost", 4, 1800)
    assert first.every.text == "exponential(mean=1 h)"
    assert (second.recipe, second.batches, second.hot) == ("red", 1, False)
    assert (second.at, second.due) == (datetime(2026, 3, 2, 6), datetime(2026, 3, 9))


@pytest.mark.parametrize(
    "text",
    [
        "recipe;batches;due\nwhite;2;5 h\n",
        "recipe\tbatches\tdue\r\nwhite\t2\t5 h\r\n",
        "sep=;\r\nrecipe;batches;due\r\nwhite;2;5 h\r\n",
        "\ufeffrecipe,batches,due\nwhite,2,5 h",
        ",,\nrecipe,batches,due\n\n,,\n white , 2 , 5 h \n,,\n",
        'Recipe,"Batches",Due\n"white","2","5 h"\n',
        "recipe,batches,due [h]\nwhite,2,5\n",
    ],
)
def test_what_spreadsheets_make_of_a_table_means_the_same(folder, text):
    (line,) = orders_of(folder, text)
    assert (line.recipe, line.batches, line.due) == ("white", 2, 5 * 3600)


def test_all_mistakes_are_told_at_once_with_row_and_column(folder):
    text = (
        "recipe,batches,due,at,hot,every\n"
        "white,1,5 h,,,\n"
        "wite,1,5 h,,,\n"
        'white,"2,5",5,,,\n'
        '\nred,1,"2,5 h",02.03.2026,yes,=A1\n'
        "red,-1,1 h,,,,7\n"
        ",1,1 h,,,\n"
    )
    assert problems_of(folder, text) == [
        ("orders.csv", 3, 1, "`recipe` of order 2 names a recipe that is not there, `wite`."),
        ("orders.csv", 4, 2, "`batches` of order 3 must be a whole number, and `2,5` is not."),
        ("orders.csv", 4, 3, "`due` of order 3 needs the unit of a time, and `5` has none."),
        ("orders.csv", 6, 3, "`due` of order 4 has a comma where a point must be, `2,5 h`."),
        ("orders.csv", 6, 4, "`at` of order 4 has a date that can be read in two ways, `02.03.2026`."),
        ("orders.csv", 6, 5, "`hot` of order 4 must be `true` or `false`, and `yes` is not."),
        ("orders.csv", 6, 6, "`every` of order 4 is a formula, `=A1`."),
        ("orders.csv", 7, 2, "`batches` of order 5 must be at least 1, and `-1` is not."),
        ("orders.csv", 7, 7, "The cell stands in a column without a heading."),
        ("orders.csv", 8, 1, "Order 6 lacks the key `recipe`."),
    ]


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("batches\n1\n", (1, 1), "The table lacks the column `recipe`."),
        ("recipe,recipe\nwhite,red\n", (1, 2), "`recipe` heads a second column."),
        ("recipe,batch\nwhite,2\n", (1, 2), "`batch` is none of the columns."),
        ("recipe\n\n", (1, 1), "The table has no row below its heading."),
        ("", (0, 0), "The table is empty."),
        ('recipe\n"white\n', (2, 1), "The row cannot be read: unexpected end of data."),
    ],
)
def test_a_wrong_table_says_what_is_wrong(folder, text, place, says):
    assert ("orders.csv", *place, says) in problems_of(folder, text)


def test_other_encodings_are_named(folder):
    assert problems_of(folder, "recipe\nwhité\n", encoding="cp1252") == [
        ("orders.csv", 2, 1, "The line is not in UTF-8.")
    ]
    assert problems_of(folder, "recipe\nwhite\n", encoding="utf-16") == [
        ("orders.csv", 0, 0, "The file is in UTF-16.")
    ]


def test_a_file_that_is_too_large_or_not_there_is_refused(folder):
    (missing,) = [problem.message for problem in _missing(folder)]
    assert missing.startswith("The file cannot be read:")
    many = "recipe\n" + "white\n" * 100_001
    assert problems_of(folder, many) == [("orders.csv", 0, 0, "The table has more than 100,000 rows.")]
    assert problems_of(folder, "recipe\n" + " " * 20_000_000) == [
        ("orders.csv", 0, 0, "The file is larger than 20 MB.")
    ]


def _missing(folder):
    with pytest.raises(InputError) as caught:
        load_plant(folder / "plant.yaml")
    return caught.value.problems


@pytest.mark.parametrize("file", ["../orders.csv", "/etc/hosts", "inside/../../orders.csv"])
def test_an_order_file_lies_in_the_folder_of_its_plant(folder, file):
    (folder / "plant.yaml").write_text(PLANT.replace("orders.csv", file), encoding="utf-8")
    (problem,) = _missing(folder)
    assert problem.line == 9
    assert problem.message.endswith("leads outside the folder of the file that names it.")


def test_a_link_out_of_the_folder_is_refused(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "orders.csv"
    outside.write_text("recipe\nwhite\n", encoding="utf-8")
    (folder / "orders.csv").symlink_to(outside)
    (problem,) = _missing(folder)
    assert "leads outside" in problem.message


def test_mistakes_of_plant_and_order_file_are_told_together(folder):
    (folder / "plant.yaml").write_text(PLANT.replace("takes: 2 h", "takes: 2"), encoding="utf-8")
    files = {file.rpartition("/")[2] for file, *_ in problems_of(folder, "recipe,due\nwhite,5\n")}
    assert files == {"plant.yaml", "orders.csv"}


def test_a_change_may_name_another_file_or_change_a_line(folder):
    (folder / "other.csv").write_text("recipe\nred\nred\n", encoding="utf-8")
    text = "recipe,batches\nwhite,1\n"
    assert [o.recipe for o in orders_of(folder, text, changes={"orders.file": "other.csv"})] == ["red", "red"]
    assert orders_of(folder, text, changes={"orders.0.batches": 7})[0].batches == 7
    scenario = "twin: 1\nscenario: More\nbase: plant.yaml\nset: {orders: {file: other.csv}}\n"
    (folder / "more.yaml").write_text(scenario, encoding="utf-8")
    assert len(load_scenario(folder / "more.yaml").base.plant.orders) == 2
    sweep = "twin: 1\nscenario: Both\nbase: plant.yaml\nsweep: {axes: {orders.file: [none.csv]}}\n"
    (folder / "both.yaml").write_text(sweep, encoding="utf-8")
    with pytest.raises(InputError, match=r"cannot be read"):
        load_scenario(folder / "both.yaml")


def test_what_the_file_says_is_part_of_the_runs_identity_and_inputs(folder):
    text = "recipe,batches\nwhite,2\n"
    orders_of(folder, text)
    one = prepare(folder / "plant.yaml")
    assert one.inputs["orders.csv"] == text
    assert prepare(load_plant(folder / "plant.yaml")).id == one.id
    orders_of(folder, text.replace("2", "3"))
    assert prepare(folder / "plant.yaml").id != one.id
    workbook(folder, ["recipe", "batches"], ["white", 2])
    excel = prepare(folder / "plant.yaml", {"orders": {"file": "orders.xlsx"}})
    assert excel.id == one.id
    assert excel.inputs["orders.xlsx.csv"] == text


def test_a_workbook_says_the_same_as_a_list(folder):
    workbook(
        folder,
        [None, "recipe", "batches", "at", "due", "every", "first [h]", "hot"],
        [None, "white", 2.0, datetime(2026, 3, 2, 6), date(2026, 3, 9), None, None, True],
        [],
        [None, "red", None, None, timedelta(hours=5), "2 h", 1.5, None],
    )
    first, second = from_excel(folder)
    assert (first.batches, first.at, first.due, first.hot) == (
        2,
        datetime(2026, 3, 2, 6),
        datetime(2026, 3, 9),
        True,
    )
    assert (second.recipe, second.due, second.every.mean, second.first.mean) == ("red", 18000, 7200, 5400)


def test_a_sheet_is_chosen_by_its_name(folder):
    def another(sheet):
        other = sheet.parent.create_sheet("Next")
        other.append(["recipe"])
        other.append(["red"])

    workbook(folder, ["recipe"], ["white"], change=another)
    assert [o.recipe for o in from_excel(folder, "Next")] == ["red"]
    assert excel_problems(folder, "Last") == [("orders.xlsx", 0, 0, "The file has no sheet `Last`.")]


def test_formulas_count_by_their_values_and_need_one(folder):
    workbook(folder, ["recipe", "batches"], ["white", "=1+1"])
    assert excel_problems(folder) == [("orders.xlsx", 2, 2, "The cell has a formula without a value.")]


def test_merged_cells_and_errors_are_refused(folder):
    workbook(folder, ["recipe"], ["white"], ["red"], change=lambda sheet: sheet.merge_cells("A2:A3"))
    assert excel_problems(folder) == [("orders.xlsx", 0, 0, "Sheet `Orders` has merged cells.")]
    workbook(folder, ["recipe", "batches"], ["white", "#REF!"])
    assert excel_problems(folder) == [("orders.xlsx", 2, 2, "The cell has the error `#REF!`.")]


def test_a_serial_number_is_no_date(folder):
    workbook(folder, ["recipe", "due"], ["white", 46083.25])
    assert excel_problems(folder)[0][:3] == ("orders.xlsx", 2, 2)


def test_a_workbook_may_not_declare_entities(folder):
    workbook(folder, ["recipe"], ["white"])
    path = folder / "orders.xlsx"
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>'
    parts["xl/workbook.xml"] = bomb + parts["xl/workbook.xml"].partition(b"?>")[2]
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    ((_, _, _, message),) = excel_problems(folder)
    assert message == "`xl/workbook.xml` in the workbook declares a document type."


def test_what_is_no_workbook_is_refused(folder):
    (folder / "orders.xlsx").write_bytes(b"recipe\nwhite\n")
    assert excel_problems(folder) == [("orders.xlsx", 0, 0, "The file is no Excel workbook.")]
    with zipfile.ZipFile(folder / "orders.xlsx", "w") as package:
        package.writestr("nothing.xml", "<a/>")
    assert excel_problems(folder)[0][3].startswith("The file is no Excel workbook that can be read")


def test_ten_thousand_orders_are_read(folder):
    text = "recipe,batches,due\n" + "white,2,5 h\n" * 10_000
    assert len(orders_of(folder, text)) == 10_000
