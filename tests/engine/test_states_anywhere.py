"""Whatever a state file says of whatever plant: time, lots, people, containers and levels are conserved."""

from __future__ import annotations

from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from tests.engine.generated import HORIZON
from tests.engine.generated_rules import combined
from tests.engine.test_invariants import (
    EXAMPLES,
    check_buffers,
    check_containers,
    check_lots,
    check_people,
    check_shared_units,
    check_states,
    check_storages,
    check_tanks,
    check_utilities,
    check_work_in_process,
)
from tests.engine.test_situations import said, wrong
from twin.engine.compile import compile_program
from twin.engine.simpy_engine import SimulationError, simulate
from twin.plant.scenario import Run


@st.composite
def lots(draw, what):
    """Lots here and there, with what they have behind them."""
    found = []
    for name, recipe in what.recipes.items():
        before = []
        for step, words in recipe.operations.items():
            lot = {"recipe": name, "waits_for": step, "waiting": draw(st.integers(0, 9)) * 1800.0}
            if draw(st.booleans()):
                lot = {"recipe": name, "in_work": step, "on": draw(st.sampled_from(words.on))}
                flow = what.equipment[lot["on"]].flow
                if flow is None:
                    lot["remaining"] = 600.0
                    lot["count"] = 1 if words.together is None else draw(st.integers(1, words.together.max))
                else:
                    size = f"{draw(st.integers(0, 40))} {recipe.batch.unit}"
                    lot["passed"] = dict.fromkeys(flow.stations, size)
                    lot["starting_up"] = {next(iter(flow.stations)): 300.0}
            elif before and draw(st.booleans()):
                lot["on"] = draw(st.sampled_from(recipe.operations[before[-1]].on))
            if before and draw(st.booleans()):
                lot["ended"] = {draw(st.sampled_from(before)): 7200.0}
            samples = [sample for earlier in before for sample in recipe.operations[earlier].sampling]
            if samples and draw(st.booleans()):
                sample = {"on": draw(st.sampled_from(sorted(what.equipment))), "remaining": 900.0}
                lot["samples"] = {draw(st.sampled_from(samples)): draw(st.sampled_from([{}, sample]))}
            before.append(step)
            found.append(lot)
    return found


@st.composite
def units(draw, what):
    """Units that are down, dirty, clean, worn or at work for themselves."""
    found = {}
    for name, equipment in what.equipment.items():
        chores = [each.name for each in (*equipment.cleaning, *equipment.maintenance)]
        words = {}
        if equipment.failures and draw(st.booleans()):
            words["down"] = 3000.0
        if chores and draw(st.booleans()):
            done = {"lots": draw(st.integers(0, 3)), "running": 9000.0, "time": 20000.0}
            words["since"] = {draw(st.sampled_from(chores)): done}
            words["unused"] = draw(st.sampled_from([0.0, 4000.0]))
        if equipment.cleaning and draw(st.booleans()):
            words |= {"cleaned": equipment.cleaning[0].name, "cleaned_for": 3000.0}
        elif (chores or what.containers) and draw(st.booleans()):
            words |= {"doing": draw(st.sampled_from([*chores, *what.containers])), "remaining": 1200.0}
        found[name] = words
    return found


@st.composite
def states(draw, what):
    """All that a state file can say of a plant; not all of it fits."""
    half = {
        name: {"level": f"{tank.volume.mean / 2} {tank.volume.unit}"} for name, tank in what.tanks.items()
    }
    stored = {name: each.storage for name, each in what.utilities.items() if each.storage is not None}
    return {
        "lots": draw(lots(what)),
        "units": draw(units(what)),
        "containers": {name: {"dirty": draw(st.integers(0, 2))} for name in what.containers},
        "materials": {
            name: {
                "stock": f"{draw(st.integers(0, 300))} {words.lot.unit}",
                "age": draw(st.sampled_from([0.0, 36000.0])),
            }
            for name, words in what.materials.items()
        },
        "tanks": {name: words for name, words in half.items() if draw(st.booleans())},
        "utilities": {
            name: f"{storage.volume.mean / 3} {storage.volume.unit}"
            for name, storage in stored.items()
            if draw(st.booleans())
        },
    }


def that_fits(what, words):
    """The words without what does not fit; what is left may be wrong by that."""
    for _ in range(4):
        found = [path for path, _ in wrong(what, **words)]
        for number in sorted({path[1] for path in found if path[0] == "lots"}, reverse=True):
            del words["lots"][number]
        for path in found:
            if path[0] != "lots":
                words[path[0]].pop(path[1], None)
    return words


@settings(EXAMPLES, max_examples=25, phases=[Phase.generate])  # to shrink a plant takes minutes
@given(st.data())
def test_wherever_a_plant_begins_all_is_conserved(data):
    what = data.draw(combined())
    words = that_fits(what, data.draw(states(what)))
    run = Run(horizon=HORIZON)
    start = said(what, run, **words)
    try:
        record = simulate(compile_program(what, run), 1, start=start)
    except SimulationError:
        assume(False)
        raise
    check_states(record)
    check_lots(record, what)
    check_work_in_process(record)
    check_storages(record, what)
    check_containers(record, what)
    check_people(record, what)
    check_utilities(record, what)
    check_tanks(record)
    check_shared_units(record, what)
    check_buffers(record, what)
