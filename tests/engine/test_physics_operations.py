"""Operations whose duration, yield and quality come from physics: lots blended and compressed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.engine.plants import attribute_of, operation, plant, quantities_of, run, states_of, visits_of
from twin import physics
from twin.engine.compile import compile_program
from twin.engine.simpy_engine import SimulationError, simulate
from twin.engine.streams import Streams
from twin.physics.contract import OK, OUT_OF_RANGE
from twin.plant.errors import ComplaintError
from twin.plant.scenario import Run

COMPRESSION = {"tablet_rate": "50 1/s", "tablet_mass": "200 mg"}


def blender_and_press(lots=2, batch="100 kg", press=None, compression=COMPRESSION, **words):
    """Blending makes `lubrication_factor` and `blend_variation`, which compression needs."""
    return plant(
        {"blender": {"parameters": {"blender_volume": "0.4 m3"}}, "press": press or {}},
        operation("blend", "blender", None, physics="blending"),
        operation("compress", "press", None, physics="tablet_compression", settings=compression),
        lots=lots,
        batch=batch,
        **words,
    )


def defaults(quantities):
    return {q.name: q.default for q in quantities if q.default is not None}


def ask(name, material, settings, equipment):
    """The model's answer for one lot, with its defaults where nothing is given."""
    model = physics.models()[name]
    given = (
        defaults(wanted) | have
        for wanted, have in (
            (model.material, material),
            (model.settings, settings),
            (model.equipment, equipment),
        )
    )
    outcome = model.evaluate(*({k: np.array([v]) for k, v in values.items()} for values in given))
    attributes = {name: float(value[0]) for name, value in outcome.attributes.items()}
    return float(outcome.duration[0]), float(outcome.yield_[0]), attributes, int(outcome.status[0])


BLENDED = ask("blending", {"batch_mass": 100.0}, {}, {"blender_volume": 0.4})


def compressed(attributes=BLENDED[2], mass=100.0, **settings):
    carried = {name: attributes[name] for name in ("lubrication_factor", "blend_variation")}
    given = {"tablet_rate": 50.0, "tablet_mass": 200e-6, **settings}
    return ask("tablet_compression", {"batch_mass": mass, **carried}, given, {})


def test_physics_says_how_long_an_operation_lasts():
    blending, compression = BLENDED[0], compressed()[0]
    assert compression == pytest.approx(10_000)  # 500 000 tablets at 50 a second
    assert visits_of(blender_and_press()) == [
        (0, "blend", "blender", 0, blending, blending, "done"),
        (0, "compress", "press", blending, blending + compression, blending + compression, "done"),
        (1, "blend", "blender", blending, 2 * blending, 2 * blending, "done"),
        (1, "compress", "press", *[blending + n * compression for n in (1, 2, 2)], "done"),
    ]


def test_attributes_are_carried_from_blending_to_compression():
    what = blender_and_press()
    assert BLENDED[2]["lubrication_factor"] < 0.9
    factor = BLENDED[2]["lubrication_factor"]
    assert attribute_of(what, "lubrication_factor") == [factor, None, factor, None]
    hardness = compressed()[2]["hardness"]
    assert attribute_of(what, "hardness") == [None, hardness, None, hardness]
    unlubricated = compressed({"lubrication_factor": 1.0, "blend_variation": 0.0})[2]["hardness"]
    assert hardness == pytest.approx(factor * unlubricated)


def test_physics_says_what_is_good():
    rejected = compressed()[2]["weight_rejects"]
    assert rejected > 0
    lost = round(100_000_000 * (1.0 - (1.0 - rejected)))
    assert quantities_of(blender_and_press(lots=1)) == [
        ("blend", 100_000_000, 100_000_000, 0),
        ("compress", 100_000_000, 100_000_000 - lost, lost),
    ]


def test_the_status_says_whether_the_model_holds():
    """The second recipe presses with 40 MPa, below the range of Heckel's equation."""
    what = blender_and_press(
        lots=1,
        recipes={
            "soft": {
                "batch": "100 kg",
                "operations": [
                    operation(
                        "compress",
                        "press",
                        None,
                        physics="tablet_compression",
                        settings={**COMPRESSION, "compression_pressure": "40 MPa"},
                    )
                ],
            }
        },
        orders=[{"recipe": "part"}, {"recipe": "soft"}],
    )
    assert attribute_of(what, "physics_status") == [OK, OK, OUT_OF_RANGE]
    assert [outcome for *_, outcome in visits_of(what)] == ["done"] * 3


def test_settings_and_raw_material_are_drawn_once_for_each_lot():
    settings = {"tablet_rate": "uniform(low=40 1/s, high=60 1/s)", "tablet_mass": "200 mg"}
    what = plant(
        {"press": {}},
        operation("compress", "press", None, physics="tablet_compression", settings=settings),
        lots=3,
        batch="100 kg",
        recipe={"material": {"true_density": "normal(mean=1500 kg/m3, sd=30 kg/m3)"}},
    )
    call = compile_program(what, Run()).operations[0].physics
    streams = Streams(1, 0)
    (density,) = [source for name, source in call.material if name == "true_density"]
    (rate,) = [source for name, source in call.settings if name == "tablet_rate"]
    answers = [
        ask(
            "tablet_compression",
            {"batch_mass": 100.0, "true_density": streams.of(density).value(lot)},
            {"tablet_rate": streams.of(rate).value(lot), "tablet_mass": 200e-6},
            {},
        )
        for lot in range(3)
    ]
    assert attribute_of(what, "thickness") == [attributes["thickness"] for _, _, attributes, _ in answers]
    rows = run(what).lots.to_pylist()
    assert [r["finished"] - r["started"] for r in rows] == [round(duration * 1e9) for duration, *_ in answers]


def granulator_and_dryer(**material):
    """Both take `moisture`: the powder's goes into the granulator, the granules' into the dryer."""
    return plant(
        {"granulator": {}, "dryer": {}},
        operation("granulate", "granulator", None, physics="high_shear_granulation"),
        operation("dry", "dryer", None, physics="fluid_bed_drying"),
        batch="300 kg",
        recipe={"material": material},
    )


def test_an_operation_has_what_the_one_before_made_of_the_raw_material():
    what = granulator_and_dryer(moisture=0.05)
    powder = {"batch_mass": 300.0, "moisture": 0.05}
    granules = ask("high_shear_granulation", powder, {}, {})[2]
    assert granules["moisture"] > 0.3
    left = 300.0 * (1.0 - 0.005)  # on the walls
    arriving = {name: granules[name] for name in ("moisture", "d50", "granule_density")}
    dry = ask("fluid_bed_drying", {"batch_mass": left, **arriving}, {}, {})
    assert attribute_of(what, "moisture") == [granules["moisture"], dry[2]["moisture"]]
    assert attribute_of(what, "water_evaporated")[1] == pytest.approx(dry[2]["water_evaporated"])


def test_what_is_nominal_follows_the_lot_from_operation_to_operation():
    granulate, dry = compile_program(granulator_and_dryer(moisture=0.1), Run()).operations
    wetter = ask("high_shear_granulation", {"batch_mass": 300.0, "moisture": 0.1}, {}, {})[2]
    arriving = {name: wetter[name] for name in ("moisture", "d50", "granule_density")}
    assert "moisture" in dict(granulate.physics.material)
    assert "moisture" in dict(dry.physics.carried)
    assert dry.nominal == round(ask("fluid_bed_drying", {"batch_mass": 300.0, **arriving}, {}, {})[0] * 1e9)


def test_the_next_operation_weighs_what_the_one_before_left():
    what = plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "1 s", yields=0.5),
        operation("compress", "press", None, physics="tablet_compression", settings=COMPRESSION),
        batch="100 kg",
    )
    tablets = attribute_of(what, "tablets")[1]
    assert tablets == pytest.approx(250_000)


def test_parameters_of_the_unit_reach_its_physics():
    what = blender_and_press(lots=1, press={"parameters": {"punch_diameter": "10 mm"}})
    narrow = blender_and_press(lots=1)
    wide, small = (attribute_of(p, "compression_force")[1] for p in (what, narrow))
    assert wide / small == pytest.approx((10 / 8) ** 2)


def test_resumed_work_keeps_the_answer_and_takes_the_time_that_was_left():
    mode = {"clock": "running", "between": "2 h", "repair": "1 h"}
    what = blender_and_press(lots=1, press={"failures": [mode]})
    blending, compression = BLENDED[0], compressed()[0]
    assert states_of(what, "press") == [
        ("starved", 0, blending),
        ("producing", blending, blending + 7200),
        ("down", blending + 7200, blending + 10800),
        ("producing", blending + 10800, blending + 3600 + compression),
    ]
    assert attribute_of(what, "hardness")[1] == compressed()[2]["hardness"]


def test_repeated_work_is_asked_about_again():
    """The rate is drawn anew for the second attempt."""
    mode = {"clock": "calendar", "between": "2 h", "repair": "1 h", "work": "repeat"}
    what = plant(
        {"press": {"failures": [{**mode, "between": "discrete(values=[1 h, 90 h], weights=[0.5, 0.5])"}]}},
        operation(
            "compress",
            "press",
            None,
            physics="tablet_compression",
            settings={"tablet_rate": "uniform(low=40 1/s, high=60 1/s)", "tablet_mass": "200 mg"},
        ),
        batch="100 kg",
    )
    call = compile_program(what, Run()).operations[0].physics
    (rate,) = [source for name, source in call.settings if name == "tablet_rate"]
    repeated = 0
    for replication in range(10):
        attempt = int(attribute_of(what, "stops", replication=replication)[0])
        drawn = Streams(1, replication).of(rate).value(0, 0, attempt)
        last = states_of(what, "press", per=1, replication=replication)[-1]
        assert last[2] - last[1] == round(500_000 / drawn * 1e9)
        repeated += attempt > 0
    assert repeated > 2


def test_work_that_one_failure_repeats_and_another_scraps_at_once_is_scrapped():
    modes = [
        {"name": name, "clock": "running", "between": "2 h", "repair": "1 h", "work": work}
        for name, work in (("jam", "repeat"), ("spill", "scrap"))
    ]
    what = blender_and_press(lots=1, press={"failures": modes})
    assert [outcome for *_, outcome in visits_of(what)] == ["done", "scrapped"]


def test_scrapped_work_has_no_attributes():
    mode = {"clock": "running", "between": "2 h", "repair": "1 h", "work": "scrap"}
    what = blender_and_press(lots=1, press={"failures": [mode]})
    assert attribute_of(what, "hardness") == [None, None]
    assert attribute_of(what, "physics_status") == [OK, None]
    assert [outcome for *_, outcome in visits_of(what)] == ["done", "scrapped"]


def test_work_that_the_horizon_cuts_has_no_attributes_yet():
    assert attribute_of(blender_and_press(lots=1), "hardness", horizon=BLENDED[0] + 60) == [None, None]


def test_set_up_and_start_up_go_before_what_physics_takes():
    compression = compressed({"lubrication_factor": 1.0, "blend_variation": 0.0})[0]
    what = plant(
        {"press": {"start_up": "5 min"}},
        operation(
            "compress", "press", None, physics="tablet_compression", settings=COMPRESSION, setup="10 min"
        ),
        batch="100 kg",
    )
    assert states_of(what, "press") == [
        ("setup", 0, 600),
        ("start_up", 600, 900),
        ("producing", 900, 900 + compression),
    ]


def test_an_answer_that_is_no_duration_is_an_error_that_names_the_lot():
    model = physics.models()["tablet_compression"]

    def no_duration(material, settings, equipment):
        outcome = model.evaluate(material, settings, equipment)
        return type(outcome)(outcome.duration * np.nan, outcome.yield_, outcome.attributes, outcome.status)

    program = compile_program(blender_and_press(lots=1), Run())
    broken = replace(program.operations[1].physics, model=replace(model, evaluate=no_duration))
    program = replace(
        program, operations=(program.operations[0], replace(program.operations[1], physics=broken))
    )
    with pytest.raises(SimulationError, match=r"gives no duration for lot 0 in 'part/compress' \(nan s\)"):
        simulate(program, 1)


@pytest.mark.parametrize(
    ("words", "path", "says"),
    [
        ({"batch": "100 pieces"}, ("recipes", "part"), "needs lots in kilograms"),
        ({"compression": {"tablet_rate": "50 1/s"}}, ("recipes", "part"), "lacks the setting `tablet_mass`"),
        (
            {"compression": {**COMPRESSION, "pressure": "1 Pa"}},
            ("recipes", "part"),
            "Setting `pressure` of operation",
        ),
        (
            {"compression": {**COMPRESSION, "tablet_mass": "200 mm"}},
            ("recipes", "part"),
            "is in `m`, and must be in `kg`",
        ),
        (
            {"press": {"parameters": {"punch_diameter": "8 kg"}}},
            ("equipment", "press", "parameters", "punch_diameter"),
            "is in `kg`, and must be in `m`",
        ),
    ],
)
def test_inputs_that_a_model_cannot_use_are_refused_with_their_path(words, path, says):
    with pytest.raises(ComplaintError) as refused:
        compile_program(blender_and_press(**words), Run())
    found = [c for c in refused.value.complaints if says in c.message]
    assert found
    assert found[0].path[: len(path)] == path
