"""Exports: the same cells in CSV, Excel and Parquet, units in headers, and texts that stay texts."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from tests.experiment.query.made_sweeps import make_sweep
from twin.cli import execute
from twin.experiment.export import Sheet, write_csv, write_excel, write_parquet
from twin.experiment.export.cells import DANGEROUS

NAMES = [
    "=cmd|' /C calc'!A0",
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "plain",
    "http://x.org",
    "007",
]
NUMBERS = [-1.5, 0.0, 1e-9, 123456789.125, -3, 12]


def sheet() -> Sheet:
    rows = [(name, number, None) for name, number in zip(NAMES, [*NUMBERS, *NUMBERS], strict=False)]
    return Sheet("points", ("=name", "value [s]", "nothing"), iter(rows))


def test_texts_stay_text_and_numbers_numbers_in_csv(tmp_path: Path) -> None:
    (path,) = write_csv([sheet()], tmp_path)
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["'=name", "value [s]", "nothing"]
    assert not any(row[0].startswith(DANGEROUS) for row in rows)
    assert [row[0].removeprefix("'") for row in rows] == NAMES
    assert [float(row[1]) for row in rows] == [*NUMBERS, *NUMBERS][: len(NAMES)]
    assert {row[2] for row in rows} == {""}


def test_texts_stay_text_and_numbers_numbers_in_excel(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_excel([sheet()], tmp_path / "results.xlsx"))
    header, *rows = list(book["points"].rows)
    assert [cell.value for cell in header] == ["=name", "value [s]", "nothing"]
    assert {cell.data_type for row in (header, *rows) for cell in row} <= {"s", "n"}
    assert [row[0].data_type for row in rows] == ["s"] * len(NAMES)
    assert [row[0].value.replace("_x000D_", "\r") for row in rows] == [n.replace("\t", "\t") for n in NAMES]
    assert [row[1].value for row in rows] == [*NUMBERS, *NUMBERS][: len(NAMES)]
    assert not any(row[0].hyperlink for row in rows)


def test_a_sheet_longer_than_excels_goes_on_in_another(tmp_path: Path) -> None:
    rows = [(k,) for k in range(7)]
    path = write_excel([Sheet("replications", ("k",), rows)], tmp_path / "long.xlsx", most_rows=4)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["replications", "replications 2", "replications 3"]
    found = [cell.value for page in book for (cell,) in list(page.rows)[1:]]
    assert found == list(range(7))


def test_what_excel_cannot_hold_is_left_empty_or_text(tmp_path: Path) -> None:
    row = (float("nan"), float("inf"), 2**60, "x" * 40_000, True)
    book = openpyxl.load_workbook(write_excel([Sheet("s", tuple("abcde"), [row])], tmp_path / "x.xlsx"))
    values = [cell.value for cell in list(book["s"].rows)[1]]
    assert values[:3] == [None, "inf", str(2**60)]
    assert len(values[3]) == 32_767
    assert values[4] is True


def test_a_half_written_book_does_not_take_its_place(tmp_path: Path) -> None:
    def broken() -> Any:
        yield (1,)
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="full"):
        write_excel([Sheet("s", ("a",), broken())], tmp_path / "x.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_parquet_has_numbers_where_all_are(tmp_path: Path) -> None:
    (path,) = write_parquet([Sheet("s", ("a", "b"), [(1, "=x"), (2.5, None)])], tmp_path)
    assert pq.read_table(path).to_pylist() == [{"a": 1.0, "b": "=x"}, {"a": 2.5, "b": None}]


@pytest.fixture
def cli(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def call(*arguments: str | Path) -> tuple[int, str]:
        code = execute([*map(str, arguments), "--workspace", str(workspace)])
        return code, capsys.readouterr().out

    return call


def test_a_run_and_a_sweep_have_the_same_four_sheets(
    cli: Callable[..., tuple[int, str]], folder: Path, workspace: Path, tmp_path: Path
) -> None:
    run = json.loads(cli("run", folder / "slower.yaml", "--json")[1])
    points = [{"takes": 120.0, "rule": "=fifo"}, {"takes": 240.0, "rule": "spt"}]

    def formula(point: Mapping[str, Any], replication: int) -> dict[str, float | None]:
        return {"throughput": 1 / point["takes"], "wip_mean": None if replication == 2 else 1.5}

    make_sweep(workspace, points, 3, formula, axis_units={"takes": "s"})
    for name in (run["run"], "5eed"):
        path = tmp_path / f"{name}.xlsx"
        assert cli("results", "export", name, "--out", path)[0] == 0
        book = openpyxl.load_workbook(path)
        assert book.sheetnames == ["summary", "points", "replications", "inputs"]
    rows = [[cell.value for cell in row] for row in book["replications"].rows]
    assert rows[0] == ["point", "task", "replication", "throughput [1/s]", "wip_mean [lots]"]
    assert rows[2] == [1, "task-1", 2, 1 / 120, None]
    head, first, _ = [[cell.value for cell in row] for row in book["points"].rows]
    assert head[3:9] == ["takes [s]", "rule", *(f"throughput {x} [1/s]" for x in ("mean", "low", "high")),
                         "throughput n"]  # fmt: skip
    assert first[3:7] == [120.0, "=fifo", 1 / 120, 1 / 120]
    assert cli("results", "export", "5eed", "--out", tmp_path / "csv", "--format", "csv")[0] == 0
    assert "'=fifo" in (tmp_path / "csv" / "points.csv").read_text(encoding="utf-8")
    assert cli("results", "export", "5eed", "--out", tmp_path / "parquet")[0] == 0
    assert pq.read_table(tmp_path / "parquet" / "replications.parquet").num_rows == 6


def test_the_record_in_csv_guards_its_texts_too(
    cli: Callable[..., tuple[int, str]], workspace: Path, tmp_path: Path
) -> None:
    import pyarrow as pa

    from twin.experiment.tables import _write_csv

    table = pa.table({"cause": pa.array(["=1+1", "jam", None]).dictionary_encode(), "n": [-1, 2, 3]})
    _write_csv(table, tmp_path / "states.csv")
    assert (tmp_path / "states.csv").read_text(encoding="utf-8").splitlines()[1:3] == [
        '"\'=1+1",-1',
        '"jam",2',
    ]


@pytest.mark.parametrize(
    "arguments", [["--out", "a.xlsx", "--format", "csv"], ["--out", "a", "--format", "ods"]]
)
def test_a_format_that_does_not_fit_is_refused(
    cli: Callable[..., tuple[int, str]], arguments: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("results", "export", "any", *arguments)[0] == 2
    assert not list(tmp_path.iterdir())
