"""Binary glTF 2.0 of models and where they stand: pure, a `Drawing` goes in and bytes come out.

Every model is one mesh with a primitive for each of its surfaces. A model that stands in several places is
drawn as instances (`EXT_mesh_gpu_instancing`), so a plant of many units costs few draw calls. Called by
`glb.py`; knows neither OpenUSD nor files. Equal drawings give equal bytes.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.scene.mesh import Vector

INSTANCING = "EXT_mesh_gpu_instancing"
MAGIC, VERSION = 0x46546C67, 2  # `glTF`
JSON_CHUNK, BINARY_CHUNK = 0x4E4F534A, 0x004E4942
FLOAT, UNSIGNED_INT = 5126, 5125  # component types
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963  # what a buffer view is for
KINDS = {1: "SCALAR", 3: "VEC3", 4: "VEC4"}  # by numbers per element
UPRIGHT = [-math.sqrt(0.5), 0.0, 0.0, math.sqrt(0.5)]  # x, y, z, w: z up becomes y up

Singles = NDArray[np.float32]
Indices = NDArray[np.uint32]


@dataclass(frozen=True)
class Surface:
    """A metallic-roughness material: linear colour; roughness, metalness and opacity from 0 to 1."""

    color: Vector
    roughness: float = 0.5
    metallic: float = 0.0
    opacity: float = 1.0


@dataclass(frozen=True)
class Part:
    """Triangles of one surface: `points` and unit `normals` (n, 3), `triangles` (m, 3) anticlockwise."""

    surface: Surface
    points: Singles
    normals: Singles
    triangles: Indices


@dataclass(frozen=True)
class Placed:
    """A model and where it stands: one row of `moves`, `turns` and `scales` for each of its `names`.

    `moves` and `scales` (k, 3), `turns` (k, 4) as unit quaternions x, y, z, w; points are scaled, then
    turned, then moved.
    """

    name: str
    parts: tuple[Part, ...]
    names: tuple[str, ...]
    moves: Singles
    turns: Singles
    scales: Singles


@dataclass(frozen=True)
class Drawing:
    """Everything a file shows: `placed` in the drawing's own axes and unit, and `facts` about it.

    `scale` is the unit's length in metres; `z_up` says whether z is the vertical, else y is.
    """

    name: str
    placed: tuple[Placed, ...]
    facts: Mapping[str, Any]
    scale: float = 1.0
    z_up: bool = True


@dataclass
class _File:
    """The lists of the file as they grow, and its binary part."""

    binary: bytearray = field(default_factory=bytearray)
    views: list[dict[str, Any]] = field(default_factory=list)
    accessors: list[dict[str, Any]] = field(default_factory=list)
    materials: list[dict[str, Any]] = field(default_factory=list)
    surfaces: dict[Surface, int] = field(default_factory=dict)
    meshes: list[dict[str, Any]] = field(default_factory=list)
    nodes: list[dict[str, Any]] = field(default_factory=list)

    def accessor(self, values: Singles | Indices, target: int | None = None) -> int:
        """Append (n, k) or (n,) numbers to the binary part, and return their accessor's number."""
        component = UNSIGNED_INT if values.dtype.kind == "u" else FLOAT
        rows = np.ascontiguousarray(values, dtype="<u4" if component == UNSIGNED_INT else "<f4")
        rows = rows.reshape(len(rows), -1)
        view: dict[str, Any] = {"buffer": 0, "byteOffset": len(self.binary), "byteLength": rows.nbytes}
        if target is not None:
            view["target"] = target
        self.binary += rows.tobytes()  # every number has four bytes, so every view begins at a multiple
        self.views.append(view)
        self.accessors.append(
            {
                "bufferView": len(self.views) - 1,
                "componentType": component,
                "count": len(rows),
                "max": rows.max(axis=0).tolist(),
                "min": rows.min(axis=0).tolist(),
                "type": KINDS[rows.shape[1]],
            }
        )
        return len(self.accessors) - 1

    def material(self, surface: Surface) -> int:
        """Return the number of a surface's material, made where it is new."""
        if surface not in self.surfaces:
            made: dict[str, Any] = {
                "pbrMetallicRoughness": {
                    "baseColorFactor": [*surface.color, surface.opacity],
                    "metallicFactor": surface.metallic,
                    "roughnessFactor": surface.roughness,
                }
            }
            if surface.opacity < 1:
                made["alphaMode"] = "BLEND"
            self.surfaces[surface] = len(self.materials)
            self.materials.append(made)
        return self.surfaces[surface]

    def mesh(self, name: str, parts: tuple[Part, ...]) -> int:
        """Append a mesh with one primitive for each part, and return its number."""
        primitives = [
            {
                "attributes": {
                    "NORMAL": self.accessor(part.normals, ARRAY_BUFFER),
                    "POSITION": self.accessor(part.points, ARRAY_BUFFER),
                },
                "indices": self.accessor(part.triangles.reshape(-1), ELEMENT_ARRAY_BUFFER),
                "material": self.material(part.surface),
            }
            for part in parts
        ]
        self.meshes.append({"name": name, "primitives": primitives})
        return len(self.meshes) - 1

    def node(self, placed: Placed) -> None:
        """Append the node of a model: by its own name in one place, as instances in several."""
        mesh = self.mesh(placed.name, placed.parts)
        rows = {"TRANSLATION": placed.moves, "ROTATION": placed.turns, "SCALE": placed.scales}
        if len(placed.names) == 1:
            values = {word.lower(): row[0].tolist() for word, row in rows.items()}
            self.nodes.append({"mesh": mesh, "name": placed.names[0], **values})
            return
        attributes = {word: self.accessor(row) for word, row in rows.items()}
        self.nodes.append(
            {
                "extensions": {INSTANCING: {"attributes": attributes}},
                "extras": {"names": list(placed.names)},
                "mesh": mesh,
                "name": placed.name,
            }
        )


def gltf_bytes(drawing: Drawing) -> bytes:
    """Return a drawing as one binary glTF 2.0 file, in metres with y up."""
    file = _File()
    for placed in drawing.placed:
        file.node(placed)
    root: dict[str, Any] = {"name": drawing.name}
    if file.nodes:
        root["children"] = list(range(len(file.nodes)))
    if drawing.z_up:
        root["rotation"] = UPRIGHT
    if drawing.scale != 1:
        root["scale"] = [drawing.scale] * 3
    document: dict[str, Any] = {
        "asset": {"extras": dict(drawing.facts), "generator": "twin", "version": "2.0"},
        "nodes": [*file.nodes, root],
        "scene": 0,
        "scenes": [{"name": drawing.name, "nodes": [len(file.nodes)]}],
    }
    lists = {"accessors": file.accessors, "bufferViews": file.views, "materials": file.materials}
    document |= {name: values for name, values in {**lists, "meshes": file.meshes}.items() if values}
    if file.binary:
        document["buffers"] = [{"byteLength": len(file.binary)}]
    if any("extensions" in node for node in file.nodes):
        document["extensionsRequired"] = document["extensionsUsed"] = [INSTANCING]
    return _container(document, bytes(file.binary))


def _container(document: Mapping[str, Any], binary: bytes) -> bytes:
    """Return header and chunks; each chunk is filled up to a multiple of four bytes."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), JSON_CHUNK) + text
    if binary:
        chunks += struct.pack("<II", len(binary), BINARY_CHUNK) + binary
    return struct.pack("<III", MAGIC, VERSION, 12 + len(chunks)) + chunks
