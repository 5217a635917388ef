"""Writing a finished run as an OpenUSD stage: the only module of the scene that knows results and files.

`export_usd` is called by the command line, the app's worker and notebooks. Equal results give equal bytes.
"""

from __future__ import annotations

import math
import shutil
import tempfile
from datetime import datetime, time, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from twin.experiment.results import Result
from twin.scene import schemas
from twin.scene.building import building
from twin.scene.carriers import CARRIERS, TRANSPORTER
from twin.scene.glb import SUFFIX, check_suffix, write_glb
from twin.scene.itinerary import looks
from twin.scene.layers import save
from twin.scene.layout_layer import layout_layer, root_layer
from twin.scene.library import write_asset
from twin.scene.motion import Window
from twin.scene.motion_layer import motion_layer
from twin.scene.palette import state_colors
from twin.scene.places import Floor, floor_of
from twin.scene.results_layer import results_layer
from twin.scene.shown import SECOND, Measure, Shown

DAY = 86_400 * SECOND
ROOT = "plant.usda"
DATE = "%Y-%m-%d %H:%M:%S"


def export_usd(
    result: Result, path: str | Path, *, replication: int = 1, window: Window | None = None
) -> Path:
    """Write the stage of a run and return its root layer.

    Args:
        result: the finished run.
        path: a folder, or a file name ending in `.usda` for the root layer; existing layers are replaced.
        replication: which replication moves on the stage; the first is 1, as everywhere in results.
        window: (from, to) in ns after the run's start; default: the first full day after warm-up, or the
        whole run
            where it holds no such day.

    Raises:
        ValueError: the replication is not there, the window is empty or outside the run, or holds too much.
    """
    root = Path(path)
    if root.suffix != ".usda":
        if root.suffix in (".usd", ".usdc", ".usdz"):
            raise ValueError(
                f"{root}: the root layer is text; name it with the ending .usda, or give a folder"
            )
        root = root / ROOT
    return write_stage(shown(result, replication, window), root)


def export_files(
    result: Result,
    usd: Path | None,
    glb: Path | None,
    *,
    several: bool = False,
    replication: int = 1,
    window: Window | None = None,
) -> dict[str, str]:
    """Write a run as a stage, as binary glTF, or both from one stage, and return what lies where.

    Where `several` runs are written, both paths are folders, in which the run's files bear its id. Without
    `usd` the stage that glTF is made of goes to a temporary folder.

    Raises:
        ValueError: as `export_usd`, and where `glb` does not end in `.glb`, or does for several runs.
    """
    if glb is not None and several:
        if glb.suffix == SUFFIX:
            raise ValueError(f"{glb}: one file cannot hold several runs; give a folder")
        glb = glb / f"{result.id}{SUFFIX}"
    if glb is not None:
        check_suffix(glb)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        place = Path(scratch) if usd is None else usd / result.id if several else usd
        root = export_usd(result, place, replication=replication, window=window)
        written = {} if usd is None else {"usd": str(root)}
        return written if glb is None else {**written, "glb": str(write_glb(root, glb))}


def shown(result: Result, replication: int = 1, window: Window | None = None) -> Shown:
    """Return what a stage shows of a result, as plain data; raises as `export_usd`."""
    if replication not in result.horizons:
        last = max(result.horizons)
        raise ValueError(f"there is no replication {replication}; the run has replications 1 to {last}")
    horizon = result.horizons[replication]
    span = default_window(result.start, result.windows[replication][0], horizon) if window is None else window
    if not 0 <= span[0] < span[1] <= horizon:
        hours = [round(value / SECOND / 3600, 3) for value in (*span, horizon)]
        raise ValueError(
            f"the window from {hours[0]} h to {hours[1]} h is not inside the run of {hours[2]} h"
        )
    starts, ends = (f"{result.date(moment):{DATE}}" for moment in span)
    facts: dict[str, str | int] = {
        "plant": result.plant.plant,
        "replication": replication,
        "replications": len(result.horizons),
        "run": result.id,
        "scenario": str(result.manifest["scenario"] or ""),
        "seed": str(result.manifest["seed"]),
        "time_codes": "seconds after window_from",
        "version": twin_version(),
        "window_from": starts,
        "window_to": ends,
    }
    measures = tuple(_measure(row) for row in result.measures.to_pylist())
    states, lots, levels = (result.replication(name, replication) for name in ("states", "lots", "levels"))
    return Shown(result.plant, states, lots, levels, horizon, span, starts, ends, result.id, measures, facts)


def _measure(row: dict[str, Any]) -> Measure:
    mean, low, high = (math.nan if row[key] is None else row[key] for key in ("mean", "low", "high"))
    return Measure(row["measure"], mean, low, high, row["level"], row["n"], row["unit"])


def twin_version() -> str:
    """Return the installed version of twin, or `source` where it is not installed."""
    try:
        return version("plant-twin")
    except PackageNotFoundError:
        return "source"


def default_window(start: datetime, warm_up: int, horizon: int) -> Window:
    """Return the first full calendar day after warm-up, in ns, or the whole run where it holds none."""
    ready = start + timedelta(microseconds=-(-warm_up // 1000))
    midnight = datetime.combine(ready.date(), time.min)
    if midnight < ready:
        midnight += timedelta(days=1)
    first = round((midnight - start) / timedelta(microseconds=1)) * 1000
    return (first, first + DAY) if first + DAY <= horizon else (0, horizon)


def write_stage(data: Shown, root: Path) -> Path:
    """Write library, layers, schema and root layer beside `root`, and return `root`."""
    folder = root.parent
    floor = floor_of(data.plant)
    write_library(data, floor, folder / "library")
    results = f"results/{data.run}.usdc"
    save(results_layer(data, floor.by_name), folder / results)
    save(motion_layer(data, floor, state_colors()), folder / "layers" / "motion.usdc")
    save(layout_layer(data, floor), folder / "layers" / "layout.usda")
    (folder / "schema").mkdir(exist_ok=True)
    for name in schemas.FILES:
        shutil.copyfile(schemas.FOLDER / name, folder / "schema" / name)
    layers = ("./layers/motion.usdc", "./layers/layout.usda")
    return save(root_layer(data, f"./{results}", layers), root)


def write_library(data: Shown, floor: Floor, folder: Path) -> None:
    """Write one asset for each distinct design of a unit, each carrier of a lot, and the building."""
    for asset, unit in sorted({place.asset: place for place in floor.places}.items()):
        write_asset(folder, asset, unit.design, unit.class_)
    moving = {look.carrier for look in looks(data.plant)}
    if data.plant.transport is not None and data.plant.transport.fleets:
        moving.add(TRANSPORTER)
    for carrier in sorted(moving):
        write_asset(folder, carrier.capitalize(), CARRIERS[carrier](), carrier)
    design, groups = building(data.plant, floor)
    write_asset(folder, "Building", design, "building", groups)
