"""Downloads of a run, each one zip file: its YAML as it was run, its tables as Parquet, its OpenUSD stage."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

import pyarrow.parquet as pq
from dash import Dash
from flask import Flask, Response, abort, send_file

from twin.experiment.results import Result
from twin.experiment.store import TABLES as RECORD
from twin.plant.errors import InputError
from twin.scene.export import export_usd
from twin.web.backend import Backend
from twin.web.form import humane
from twin.web.spliced import spliced

IN_MEMORY = 32 * 1024 * 1024  # bytes of a zip file that are kept in memory
MEASURES = ("measures", "replication_measures")
EPOCH = (2020, 1, 1, 0, 0, 0)  # the date of every file in a zip, so that equal content gives equal bytes

KINDS = {
    "yaml": "Plant and scenario (YAML)",
    "parquet": "Tables (Parquet)",
    "usd": "3D stage (OpenUSD)",
}

Entries = Iterable[tuple[str, Path]]


def register(app: Dash, backend: Backend) -> None:
    """Install `/download/<run>/<kind>`."""

    def download(run_id: str, kind: str) -> Response:
        if kind not in KINDS or not backend.finished(run_id):
            abort(404)
        try:
            return send(backend.result(run_id), kind)
        except InputError as error:  # the stage of a run that kept no record
            abort(409, description=str(error))

    server: Flask = app.server
    server.add_url_rule("/download/<run_id>/<kind>", view_func=download)


def send(result: Result, kind: str) -> Response:
    """Return the zip file of a result's `kind`."""
    makers: dict[str, Callable[[Result, Path], Entries]] = {
        "yaml": yaml_files,
        "parquet": tables,
        "usd": stage,
    }
    with tempfile.TemporaryDirectory() as folder:
        archive = _zipped(makers[kind](result, Path(folder)))
    name = f"twin-{result.id}-{kind}.zip"
    return send_file(archive, mimetype="application/zip", as_attachment=True, download_name=name)


def yaml_files(result: Result, folder: Path) -> Entries:
    """Yield the plant and the scenario as they were run: the user's text, comments kept, changes made."""
    inputs = result.path / "inputs"
    scenario = inputs / "scenario.yaml"
    texts = spliced(
        (inputs / "plant.yaml").read_text(encoding="utf-8"),
        scenario.read_text(encoding="utf-8") if scenario.is_file() else None,
        result.manifest["changes"],
        f"{humane(result.name)}, changed",
    )
    for name, text in texts.items():
        path = folder / name
        path.write_bytes(text.encode())
        yield name, path


def tables(result: Result, folder: Path) -> Entries:
    """Yield the record, as far as it was kept, and the measures as Parquet, and the manifest that says what
    they are of.
    """
    yield "manifest.json", result.path / "manifest.json"
    for name in (*(RECORD if result.has_records else ()), *MEASURES):
        path = folder / f"{name}.parquet"
        table = result.kept_table(name) if name in RECORD else getattr(result, name)
        pq.write_table(table, path, compression="zstd")
        yield path.name, path


def stage(result: Result, folder: Path) -> Entries:
    """Yield the files of the stage of the first replication."""
    root = folder / "stage"
    root.mkdir()
    export_usd(result, root / "plant.usda")
    for path in sorted(root.rglob("*")):
        if path.is_file():
            yield path.relative_to(root).as_posix(), path


def _zipped(entries: Entries) -> IO[Any]:
    archive = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # the response closes it
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, path in entries:
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(info, path.read_bytes())
    archive.seek(0)
    return archive
