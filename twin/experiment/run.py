"""The one way to run: `stream` yields progress and returns the result; everybody else calls it.

Command line, Python, the app's worker and sweeps run a plant through `stream`, so the same inputs give the
same run id and the same bytes from each. Chunks that exist, here or in another run of the workspace, are used
again. Interrupting leaves the finished chunks for the next time.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.engine.broker import Counts
from twin.engine.choice import COMPILED
from twin.experiment import audit, emulated, files, index
from twin.experiment.charges import charges_of
from twin.experiment.chunk_measures import values_of_chunks
from twin.experiment.chunks import ChunkTask, ChunkWork, Computation, SimulationError, program_of
from twin.experiment.executors import Adaptive, Executor, Processes, Serial, Step, cores
from twin.experiment.identity import chunk_identity, digest, folded_identity
from twin.experiment.keeping import decides_later, folded_from, kept_of
from twin.experiment.made import made_of, own_version
from twin.experiment.prepare import Prepared, prepare
from twin.experiment.ranges import chunk_ranges
from twin.experiment.results import Result
from twin.experiment.starting import parsed, write_snapshot
from twin.experiment.steady import WarmUp, warm_up
from twin.experiment.store import Chunk, Kept, RunFolder, Workspace, workspace_at
from twin.experiment.wanted import reached
from twin.plant.errors import InputError, Problem
from twin.plant.scenario import Run

__all__ = ["Progress", "SimulationError", "chunk_ranges", "drain", "own_version", "run", "stream"]


@dataclass(frozen=True)
class Progress:
    """How far a run is: replications done of all that it may need, and those of them that are on the disk."""

    run: str
    done: int
    total: int
    kept: int = 0


def run(
    source: Any,
    *,
    set: dict[str, object] | None = None,
    replications: int | None = None,
    seed: int | None = None,
    engine: str = "auto",
    device: str = "auto",
    record: str | None = None,
    workspace: str | Path | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Result:
    """Run a plant or scenario and return its result.

    Args:
        source: a path, `twin:NAME`, or what `twin.load` returned.
        set: dotted path → new value, of the plant or, with `run.` before it, of how it is run.
        replications: instead of the scenario's.
        seed: instead of the scenario's.
        engine: `auto`, `simpy` or `compiled`.
        device: `auto`, `cpu` or `gpu`: where physics is computed.
        record: `auto`, `full` or `folded`, instead of the scenario's: what is kept of each replication.
        workspace: folder that holds the runs; default `TWIN_WORKSPACE`, else the current folder.
        out: a folder to hold this run alone.
        workers: processes; default: one, or as many as there are cores where that pays.
        progress: called after each replication, or chunk of them.

    Raises:
        InputError: the input is wrong, or `out` holds something else.
    """
    prepared = prepare(
        source,
        set,
        replications=replications,
        seed=seed,
        engine=engine,
        device=device,
        record=record,
        workspace=workspace,
    )
    if prepared.sweep:
        hint = "Run its points with `twin sweep`, or set `sweep` to None."
        raise InputError([Problem(str(source), 0, 0, "The scenario sweeps over several values.", hint)])
    steps = stream(prepared, workspace=workspace, out=out, workers=workers, why="python")
    return drain(steps, progress)


def drain(
    steps: Generator[Progress, None, Result], progress: Callable[[Progress], None] | None = None
) -> Result:
    """Follow a stream to its result, handing each progress on."""
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            result: Result = end.value
            return result
        if progress is not None:
            progress(step)


def stream(
    prepared: Prepared,
    *,
    workspace: str | Path | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    who: str | None = None,
    why: str = "",
) -> Generator[Progress, None, Result]:
    """Run, yielding progress; returns the result. Closing the generator stops the run and keeps finished
    chunks.

    Raises:
        InputError: `out` is neither empty nor this very run.
    """
    place = workspace_at(workspace)
    folder = place.run_folder(prepared.id) if out is None else _out_folder(Path(out), prepared.id)
    if folder.finished() and _whole(Result(folder)):
        audit.record(place.path, "open run", before=prepared.id, after=prepared.id, why=why, who=who)
        result = Result(folder)
        count = len(result.replications)
        yield Progress(prepared.id, count, count, count)
        return result
    began = time.perf_counter()
    files.remove_leftovers(folder.path / "chunks")
    folder.write_inputs(prepared.inputs)
    asked = Counts()
    chunks = yield from _chunks(prepared, folder, place if out is None else None, place, workers, asked)
    write_snapshot(folder.path, prepared.plant, prepared.run, prepared.device, prepared.start)
    cut = _warm_up(prepared, chunks)
    content = digest([chunk.hashes for chunk in chunks])
    entry = audit.record(place.path, "run", before=prepared.id, after=content, why=why, who=who)
    made = made_of(time.perf_counter() - began, entry, asked)
    folder.write_manifest(_manifest(prepared, chunks, cut, content, made))
    result = Result(folder)
    result.keep_measures()
    return result


def _chunks(
    prepared: Prepared,
    folder: RunFolder,
    note: Workspace | None,
    place: Workspace,
    workers: int | None,
    asked: Counts,
) -> Generator[Progress, None, list[Chunk]]:
    """All chunks of the run in order, computing those that are nowhere yet, until the stopping rule is
    met. Where it may be met early, as many chunks are computed at a time as there are processes; the rule
    looks at each in order, so that what it keeps does not depend on how many that are. `asked` goes on
    counting what was asked of physics.
    """
    window = folded_from(prepared.run, prepared.kind, prepared.start)
    chunks: list[Chunk] = []
    done = kept = 0
    for wave in _waves(prepared.run, window, workers):
        sample = chunks[0] if chunks and decides_later(prepared.run, window) else None
        tasks = {r: _task(prepared, *r, kept_of(prepared.run, r[0], window, sample)) for r in wave}
        found = {r: _existing(task, folder, place) for r, task in tasks.items()}
        there = sum(chunk.last - chunk.first + 1 for chunk in found.values() if chunk is not None)
        done, kept = done + there, kept + there
        yield Progress(prepared.id, done, prepared.run.replications, kept)
        missing = {tasks[r].identity: tasks[r] for r, chunk in found.items() if chunk is None}
        for step in _compute(ChunkWork(_computation(prepared), folder.path), missing, workers):
            done += step.replications
            if step.physics is not None:
                asked.add(step.physics)
            for task in (missing[identity] for identity in step.finished):
                chunk = _existing(task, folder, place)
                if chunk is not None and note is not None:
                    index.note_chunk(note, prepared.id, chunk)
                found[task.first, task.last] = chunk
                kept += task.replications
            yield Progress(prepared.id, done, prepared.run.replications, kept)
        for chunk in found.values():
            if chunk is not None:
                chunks.append(chunk)
            if _precise(prepared, chunks):
                return chunks
    return chunks


def _waves(run: Run, window: int | None, workers: int | None) -> list[list[tuple[int, int]]]:
    """Ranges of replications that are computed at a time; the first one alone where it tells what is kept of
    the others.
    """
    ranges = list(chunk_ranges(run.replications))
    alone = 1 if decides_later(run, window) else 0
    size = len(ranges) if run.precision is None else workers or cores()
    waves = [ranges[k : k + size] for k in range(alone, len(ranges), size)]
    return [ranges[:alone], *waves] if alone else waves


def _compute(work: ChunkWork, tasks: Mapping[str, ChunkTask], workers: int | None) -> Iterator[Step]:
    """Compute chunks where that pays; the compiled engine has threads of its own. Raises SimulationError
    where a chunk cannot be computed.
    """
    if not tasks:
        return
    emulated.make_ready(program_of(work.computation))
    for step in _executor(work.computation, len(tasks), workers).steps(
        work, tasks.values(), sum(task.replications for task in tasks.values())
    ):
        for failure in step.failed:
            task = tasks[failure.task]
            raise SimulationError(f"Replications {task.first} to {task.last}: {failure.message}")
        yield step


def _executor(of: Computation, tasks: int, workers: int | None) -> Executor:
    wanted = cores(workers)
    if of.engine == COMPILED or of.device == "gpu" or wanted == 1 or tasks == 1:
        return Serial(wanted)
    return Adaptive(wanted) if workers is None else Processes(min(wanted, tasks))


def _existing(task: ChunkTask, folder: RunFolder, place: Workspace) -> Chunk | None:
    """A chunk that needs no computing: in the run's own folder, or taken over from another run of the
    workspace. One with a damaged file is removed, which the audit trail says, and so is computed anew.
    """
    chunk = folder.chunk(task.identity, task.first, task.last)
    if chunk is not None and (damages := chunk.damages()):
        names = " ".join(str(damage.file.relative_to(folder.path)) for damage in damages)
        audit.record(place.path, "remove damaged files", before=folder.path.name, after=names)
        shutil.rmtree(chunk.folder)
        chunk = None
    if chunk is None:
        other = index.find_chunk(place, task.identity)
        chunk = None if other is None else folder.adopt_chunk(other)
    return chunk


def _computation(prepared: Prepared) -> Computation:
    return Computation(
        digest(prepared.batch),
        prepared.plant,
        prepared.run,
        prepared.device,
        prepared.start,
        prepared.engine,
    )


def _task(prepared: Prepared, first: int, last: int, kept: Kept) -> ChunkTask:
    if kept == "full":
        return ChunkTask(chunk_identity(prepared.batch, first, last), first, last)
    window = folded_from(prepared.run, prepared.kind, prepared.start)
    assert window is not None, "what cannot be folded is refused before it is run"
    return ChunkTask(folded_identity(prepared.batch, first, last, window), first, last, kept, window)


def _precise(prepared: Prepared, chunks: list[Chunk]) -> bool:
    """Whether the run's precision is reached by the replications of these chunks."""
    wanted = prepared.run.precision
    if wanted is None or chunks[-1].last == prepared.run.replications:
        return False
    start = _warm_up(prepared, chunks).cut
    windows = {r: (start, end) for chunk in chunks for r, end in chunk.horizons.items()}
    charges = charges_of(prepared.plant)
    values = values_of_chunks(wanted.measure, chunks, windows, prepared.planned, charges)
    return reached(values, prepared.run)


def _warm_up(prepared: Prepared, chunks: list[Chunk]) -> WarmUp:
    """What is deleted from the start: nothing of a terminating run; what the run says, else MSER-5, of a
    steady one.
    """
    begins = 0 if prepared.start is None else parsed(prepared.start).at
    if prepared.kind == "terminating":
        return WarmUp(begins, True)
    if prepared.run.warm_up is not None:
        return WarmUp(round(prepared.run.warm_up * 1e9), True)
    horizons = {r: end for chunk in chunks for r, end in chunk.horizons.items()}
    return warm_up(((chunk.table("lots"), chunk.table("levels")) for chunk in chunks), horizons)


def _manifest(
    prepared: Prepared, chunks: list[Chunk], cut: WarmUp, content: str, made: dict[str, Any]
) -> dict[str, Any]:
    """What the run is (`identity`), what came out (`chunks`, `content`), and apart from both how it was made
    (`made`).
    """
    method = (
        "snapshot"
        if prepared.start is not None
        else "none"
        if prepared.kind == "terminating"
        else "given"
        if prepared.run.warm_up is not None
        else "MSER-5"
    )
    return {
        "twin": 1,
        "run": prepared.id,
        "plant": prepared.plant_name,
        "scenario": prepared.scenario_name,
        "question": prepared.question,
        "assumptions": list(prepared.assumptions),
        "changes": prepared.changes,
        "engine": prepared.engine,
        "engine_note": prepared.engine_note,
        "device": prepared.device,
        "kind": prepared.kind,
        "seed": prepared.run.seed,
        "replications": sum(chunk.last - chunk.first + 1 for chunk in chunks),
        "horizon_s": None if prepared.horizon is None else prepared.horizon / 1e9,
        "warm_up": {"ns": cut.cut, "method": method, "settled": cut.settled},
        "start_note": prepared.start_note,
        "planned_s": prepared.planned,
        "attribute_units": prepared.attribute_units,
        "physics": prepared.physics,
        "emulated": emulated.report(program_of(_computation(prepared)), chunks),
        "identity": prepared.identity,
        "record": "folded" if any(chunk.kept == "folded" for chunk in chunks) else "full",
        "chunks": [
            {"first": c.first, "last": c.last, "identity": c.identity, "sha256": c.hashes, **_kept(c)}
            for c in chunks
        ],
        "content": content,
        "made": made,
    }


def _kept(chunk: Chunk) -> dict[str, str]:
    return {} if chunk.kept == "full" else {"record": chunk.kept}


def _whole(result: Result) -> bool:
    """Whether every chunk that the manifest names is there and undamaged."""
    try:
        chunks = list(result.chunks())
        return len(chunks) > 0 and not any(chunk.damages() for chunk in chunks)
    except InputError:
        return False


def _out_folder(path: Path, run_id: str) -> RunFolder:
    """The folder given with `--out`; InputError where it holds anything but this run, finished or begun."""
    folder = RunFolder(path.expanduser().resolve())
    if not folder.path.exists():
        return folder
    if folder.path.is_dir() and not any(folder.path.iterdir()):
        return folder
    if folder.path.is_dir() and _belongs_to(folder, run_id):
        return folder
    hint = "Give an empty or a new folder."
    raise InputError([Problem(str(path), 0, 0, "This place holds something other than this run.", hint)])


def _belongs_to(folder: RunFolder, run_id: str) -> bool:
    """Whether the folder holds this run, finished, interrupted or damaged: its inputs name it."""
    mark = folder.path / "inputs" / "run_id.txt"
    return mark.is_file() and mark.read_text(encoding="utf-8").strip() == run_id
