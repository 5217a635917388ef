"""What a computation is, as a hash: equal inputs and equal code have equal identities, everywhere.

Identity lies in the chunk, a range of replications of one resolved plant. A run is its chunks and its
stopping rule. Nothing that only labels (a scenario's title, a user, a time) enters.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from twin.engine.fingerprint import PACKAGE
from twin.plant.order import ORDERED
from twin.plant.remembered import remembered
from twin.plant.scenario import Precision, Run
from twin.plant.schema import Plant

ID_LENGTH = 16  # hexadecimal digits shown to users: 64 bits
_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_CHARGES = {"costs", "footprint"}  # chapters that say nothing of what happens in the plant


def canonical(value: Any) -> str:
    """JSON with sorted keys and no blanks; raises ValueError for a number that JSON does not have."""
    return _JSON.encode(value)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def plant_data(plant: Plant) -> dict[str, Any]:
    """What happens in the resolved plant as plain data in which order stands only where order counts.

    What it costs is left out: a record is the same whatever the prices are.
    """
    data: dict[str, Any] = _in_order(plant.model_dump(mode="json", by_alias=True, exclude=_CHARGES))
    return data


def plant_digest(plant: Plant) -> str:
    """The digest of `plant_data`, made of the texts of its chapters, which plants of a sweep share."""
    parts = {key: part for key, part in plant.__dict__.items() if key not in _CHARGES}
    return hashlib.sha256(_object(parts, _text_of_chapter).encode()).hexdigest()


def _object(parts: Mapping[str, Any], text: Callable[[Any, str], str]) -> str:
    return f"{{{','.join(f'{canonical(name)}:{text(parts[name], name)}' for name in sorted(parts))}}}"


def _text_of_chapter(chapter: Any, key: str) -> str:
    return (_text_of_names if isinstance(chapter, dict) else _text)(chapter, key)


@remembered(most=1_000)
def _text_of_names(chapter: dict[str, Any], key: str) -> str:
    return _text(chapter, key)


def _text(value: Any, key: str) -> str:
    """Canonical JSON of the part of a plant that stands under `key`, its mappings in order."""
    in_pairs = key in ORDERED
    if isinstance(value, BaseModel):
        return _text_of(value, in_pairs)
    if isinstance(value, dict) and in_pairs:
        return _listed(f"[{canonical(name)},{_text(part, '')}]" for name, part in value.items())
    if isinstance(value, dict):
        return _object(value, _text)
    if isinstance(value, tuple):
        return _listed(_text(part, "") for part in value)
    return canonical(value)


def _listed(texts: Iterable[str]) -> str:
    return f"[{','.join(texts)}]"


@remembered(most=10_000)
def _text_of(model: BaseModel, in_pairs: bool) -> str:
    """That of a model; a part that a plant calls as one of `ORDERED` is told in pairs too."""
    data = model.model_dump(mode="json", by_alias=True)
    text = canonical(data)
    if not in_pairs and not any(f'"{key}":' in text for key in ORDERED):
        return text
    key = ORDERED[0] if in_pairs else ""
    return canonical(_in_order({key: data})[key])


def _in_order(value: Any) -> Any:
    """Turn the mappings whose order counts into lists of pairs, so that sorting keys leaves them as they
    are.
    """
    if isinstance(value, dict):
        return {
            key: [[k, _in_order(v)] for k, v in item.items()]
            if key in ORDERED and isinstance(item, dict)
            else _in_order(item)
            if isinstance(item, (dict, list))
            else item
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_in_order(item) if isinstance(item, (dict, list)) else item for item in value]
    return value


def batch_identity(
    plant: Plant,
    run: Run,
    code: str,
    *,
    physics: str = "full",
    arithmetic: str = "cpu",
    start: str | None = None,
) -> dict[str, Any]:
    """What all chunks of a run have in common: what is computed, with which seed, by which code.

    Args:
        plant: resolved, with every change applied.
        run: of which horizon, start and seed decide what a replication is.
        code: fingerprint of the source that computes.
        physics: `full` or `emulated`.
        arithmetic: `cpu` or `gpu`; the two round differently.
        start: text of the snapshot that replications start from; none: they start empty.
    """
    return {
        "plant": plant_digest(plant),
        "horizon": run.horizon,
        "start": run.start.isoformat(),
        "seed": run.seed,
        "physics": physics,
        "arithmetic": arithmetic,
        "code": code,
        **({} if start is None else {"from": digest(start)}),
    }


def chunk_identity(batch: dict[str, Any], first: int, last: int) -> str:
    """Hash of one range of replications, both ends included, whose record is kept."""
    return digest({**batch, "first": first, "last": last})


def folded_identity(batch: dict[str, Any], first: int, last: int, start: int) -> str:
    """Hash of one range of replications that are folded over a window from `start` ns, by this code."""
    return digest({**batch, "first": first, "last": last, "folded_from": start, "folding": folding_code()})


def evaluation_key(batch: dict[str, Any], plant: Plant, start: int) -> str:
    """Hash of what the measures of a replication follow from but its number: what is computed, over a window
    from `start` ns, what that costs, and the code that folds and measures.
    """
    code = {"folding": folding_code(), "measuring": measuring_code()}
    return digest({**batch, **charges_data(plant), "folded_from": start, **code})


@cache
def folding_code() -> str:
    """Fingerprint of the code that folds."""
    own = PACKAGE / "experiment"
    return _code([*own.glob("folding/*.py"), *(own / f"{name}.py" for name in _FOLDING)])


@cache
def measuring_code() -> str:
    """Fingerprint of the code that makes measures of what was folded."""
    own = PACKAGE / "experiment"
    return _code([*own.glob("*_measures.py"), *(own / f"{name}.py" for name in _MEASURING)])


def _code(files: list[Path]) -> str:
    text = b"".join(path.read_bytes().replace(b"\r\n", b"\n") for path in sorted(files))
    return hashlib.sha256(text).hexdigest()[:32]


_FOLDING = ("active_periods", "arrays", "lots", "names", "planned", "sums", "sums_table")
_MEASURING = ("arrays", "charges", "measures", "names", "planned", "sums")


def charges_data(plant: Plant) -> dict[str, Any]:
    """What the plant says of costs and footprint."""
    data: dict[str, Any] = plant.model_dump(mode="json", by_alias=True, include=_CHARGES, exclude_none=True)
    return data


def run_identity(batch: dict[str, Any], plant: Plant, run: Run, kind: str) -> dict[str, Any]:
    """What a run is: what its chunks compute, what that costs, its stopping rule, and what is cut off and
    stated of it.
    """
    return {
        **batch,
        **charges_data(plant),
        "kind": kind,
        "warm_up": run.warm_up,
        "replications": run.replications,
        "precision": _precision(run.precision),
        "level": run.level,
        **({} if run.snapshot_at is None else {"snapshot_at": run.snapshot_at}),
        **({} if run.record == "auto" else {"record": run.record}),
    }


def _precision(wanted: Precision | None) -> object:
    """A stopping rule; that of throughput as the number that it was when there was no other."""
    if wanted is None:
        return None
    if wanted.measure == "throughput" and wanted.relative is not None:
        return wanted.relative
    return wanted.model_dump(mode="json", exclude_none=True)


def run_id(identity: dict[str, Any]) -> str:
    """The short id by which users and folders name a run."""
    return digest(identity)[:ID_LENGTH]
