"""A plant in words of every part: cleaning with a shared skid, hold times, quarantine, skills, campaigns."""

from __future__ import annotations

from twin.engine.compile import compile_program
from twin.engine.simpy_engine import simulate
from twin.plant.load import load_plant
from twin.plant.scenario import Run

SAMPLE = """
twin: 1
plant: Solid-dose building
layout:
  areas:
    compression: {outline: [[12, 0], [30, 0], [30, 9], [12, 9]], grade: D}
  aisles: [[[2, 4], [30, 4]], [[12, 4], [12, 9]]]
calendars:
  two_shifts: {open: [{days: Mon-Fri, from: "06:00", to: "22:00"}], at_close: finish_operation}
people:
  operator: {count: 6, calendar: two_shifts, skills: [granulation, compression]}
equipment:
  blender: {class: bin_blender, parameters: {blender_volume: 1.2 m3}}
  press_1:
    class: rotary_tablet_press
    at: [18, 5]
    start_up: lognormal(mean=38 min, cv=0.8)
    parameters: {punch_diameter: 8 mm}
    failures:
      - {clock: running, between: weibull(shape=0.52, mean=98 min), repair: lognormal(mean=4.2 min, cv=2.2), work: resume}
    cleaning: {between_products: 6 h, every: 120 h, needs: [{people: operator}, {unit: cip_skid}]}
  press_2: {class: rotary_tablet_press, parameters: {punch_diameter: 8 mm}}
  qc_lab: {class: laboratory}
  cip_skid: {class: cip_skid}
containers:
  ibc: {count: 24, volume: 1.2 m3, clean_hold: 7 days}
recipes:
  tablet_10mg:
    batch: 240 kg
    piece: 200 mg
    material: {true_density: 1500 kg/m3, strength_without_pores: 10 MPa}
    operations:
      - blend:
          on: [blender]
          physics: blending
          settings: {blending_revolutions: 240, lubrication_revolutions: 60, rotation_speed: 12 rpm}
          take: ibc
          needs: [{people: operator, during: setup}]
      - compress:
          on: [press_1, press_2]
          physics: tablet_compression
          settings: {tablet_rate: 120000/h, tablet_mass: 200 mg, compression_pressure: 119 MPa}
          max_wait_before: 72 h
          return: {ibc: dirty}
      - release: {on: [qc_lab], takes: "lognormal(mean=36 h, cv=0.3)", hold: quarantine}
orders: [{recipe: tablet_10mg, batches: 8, every: 1 week, release: campaign}]
"""  # noqa: E501


def test_the_sample_is_read_and_run(tmp_path):
    path = tmp_path / "plant.yaml"
    path.write_text(SAMPLE, encoding="utf-8")
    plant = load_plant(path).plant
    record = simulate(compile_program(plant, Run(horizon=21 * 24 * 3600)), seed=1)
    rows = record.lots.to_pandas()
    assert set(rows[rows.outcome == "done"].operation) == {"blend", "compress", "release"}
