"""Columns in CADET-Core: its side of `chromatography.py`, run by the Python of an environment with h5py.

    echo '[{…}]' | python chromatography_cadet.py CADET_CLI

Reads a JSON list of columns with their numerical methods from standard input, and prints a JSON list of
what CADET-Core's lumped rate model without pores makes of each: the effluent at the times asked for, and the
seconds that the program itself says its simulation took, files and start left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np

TIMES = 481


def put(file: h5py.File, group: str, **values: Any) -> None:
    """Write values in a group: words as bytes, whole numbers as 32 bits, which is what CADET reads."""
    folder = file.require_group(f"input/{group}")
    for name, value in values.items():
        if isinstance(value, str):
            value = np.bytes_(value)
        elif isinstance(value, int):
            value = np.int32(value)
        elif isinstance(value, list):
            value = np.asarray(value)
        folder.create_dataset(name, data=value)


def write_bed(file: h5py.File, column: dict[str, Any], **more: Any) -> None:
    put(
        file,
        "model/unit_001",
        UNIT_TYPE="LUMPED_RATE_MODEL_WITHOUT_PORES",
        COL_LENGTH=column["length"],
        VELOCITY=column["velocity"],
        TOTAL_POROSITY=column["porosity"],
        COL_DISPERSION=column["dispersion"],
        **more,
    )


def write_breakthrough(file: h5py.File, column: dict[str, Any]) -> None:
    """Write a column that takes one feed: Langmuir's kinetics of one component."""
    write_bed(
        file,
        column,
        NCOMP=1,
        NBOUND=np.asarray([1], dtype=np.int32),
        ADSORPTION_MODEL="MULTI_COMPONENT_LANGMUIR",
        INIT_C=[0.0],
        INIT_Q=[0.0],
    )
    rates = {"MCL_KA": [column["adsorption"]], "MCL_KD": [column["desorption"]]}
    put(file, "model/unit_001/adsorption", IS_KINETIC=1, MCL_QMAX=[column["capacity"]], **rates)
    write_liquids(file, [([column["feed"]], column["until"])])


def write_cycle(file: h5py.File, column: dict[str, Any]) -> None:
    """Write a column that is loaded, washed and eluted: a modifier, of which kd is a multiple, goes along."""
    write_bed(
        file,
        column,
        NCOMP=2,
        NBOUND=np.asarray([0, 1], dtype=np.int32),
        ADSORPTION_MODEL="MOBILE_PHASE_MODULATOR",
        INIT_C=[1.0, 0.0],
        INIT_Q=[0.0],
    )
    binding = {"MPM_KA": [0.0, column["adsorption"]], "MPM_KD": [0.0, column["desorption"]]}
    powers = {"MPM_BETA": [0.0, 1.0], "MPM_GAMMA": [0.0, 0.0], "MPM_LINEAR_THRESHOLD": 1e-8}
    capacity = [0.0, column["capacity"]]
    put(file, "model/unit_001/adsorption", IS_KINETIC=1, MPM_QMAX=capacity, **binding, **powers)
    stronger = column["elution_desorption"] / column["desorption"]
    liquids = (([1.0, column["feed"]], "load"), ([1.0, 0.0], "wash"), ([stronger, 0.0], "elution"))
    write_liquids(file, [(inlet, column[name]) for inlet, name in liquids])


def write_liquids(file: h5py.File, liquids: list[tuple[list[float], float]]) -> None:
    """Write the column's inlet: concentrations and seconds of one liquid after another."""
    parts = len(liquids[0][0])
    put(file, "model", NUNITS=2)
    put(file, "model/solver", GS_TYPE=1, MAX_KRYLOV=0, MAX_RESTARTS=10, SCHUR_SAFETY=1e-8)
    put(file, "model/connections", NSWITCHES=1)
    put(file, "model/connections/switch_000", SECTION=0, CONNECTIONS=[0.0, 1.0, -1.0, -1.0, 1.0])
    put(file, "model/unit_000", UNIT_TYPE="INLET", NCOMP=parts, INLET_TYPE="PIECEWISE_CUBIC_POLY")
    none = [0.0] * parts
    for number, (inlet, _) in enumerate(liquids):
        powers = {"LIN_COEFF": none, "QUAD_COEFF": none, "CUBE_COEFF": none}
        put(file, f"model/unit_000/sec_{number:03d}", CONST_COEFF=inlet, **powers)
    times = np.cumsum([0.0, *(seconds for _, seconds in liquids)])
    broken = np.zeros(len(liquids) - 1, dtype=np.int32)
    put(file, "solver/sections", NSEC=len(liquids), SECTION_TIMES=times, SECTION_CONTINUITY=broken)
    put(file, "solver", NTHREADS=1, CONSISTENT_INIT_MODE=1)
    put(file, "solver", USER_SOLUTION_TIMES=np.linspace(0.0, times[-1], column_times(liquids)))


def column_times(liquids: list[tuple[list[float], float]]) -> int:
    """Return at how many times the effluent is wanted: more where it is summed over a cycle."""
    return TIMES if len(liquids) == 1 else 40 * (TIMES - 1) + 1


def write_method(file: h5py.File, column: dict[str, Any]) -> None:
    place = "model/unit_001/discretization"
    put(file, place, SPATIAL_METHOD=column["method"], USE_ANALYTIC_JACOBIAN=1)
    if column["method"] == "FV":
        put(file, place, NCOL=column["cells"], RECONSTRUCTION="WENO")
        put(file, f"{place}/weno", BOUNDARY_MODEL=0, WENO_EPS=1e-10, WENO_ORDER=3)
    else:
        put(file, place, NELEM=column["cells"], POLYDEG=column["degree"], EXACT_INTEGRATION=0)
    tolerance = column["tolerance"]
    steps = {"INIT_STEP_SIZE": 1e-6, "MAX_STEPS": 1_000_000}
    absolute = 1e-2 * tolerance
    put(file, "solver/time_integrator", ABSTOL=absolute, RELTOL=tolerance, ALGTOL=1e-10, **steps)
    put(file, "return", WRITE_SOLUTION_TIMES=1)
    put(file, "return/unit_001", WRITE_SOLUTION_OUTLET=1, WRITE_SOLUTION_BULK=0)


def run(program: str, column: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "column.h5"
        with h5py.File(path, "w") as file:
            write = write_cycle if "elution" in column else write_breakthrough
            write(file, column)
            write_method(file, column)
        subprocess.run([program, str(path)], check=True, stdout=subprocess.DEVNULL)
        with h5py.File(path) as file:
            solution = file["output/solution"]
            outlet = max(name for name in solution["unit_001"] if "OUTLET" in name)  # of the last component
            return {
                "times": np.asarray(solution["SOLUTION_TIMES"]).tolist(),
                "effluent": np.asarray(solution["unit_001"][outlet]).ravel().tolist(),
                "seconds": float(file["meta/TIME_SIM"][()]),
                "version": file["meta/CADET_VERSION"][()].decode(),
            }


if __name__ == "__main__":
    print(json.dumps([run(sys.argv[1], column) for column in json.load(sys.stdin)]))
