"""A small plant that uses every chapter of the language, and ways to spoil it."""

GOOD = """\
twin: 1
plant: Small
layout:
  areas:
    hall: {outline: [[0, 0], [20, 0], [20, 10], [0, 10]]}
  aisles: [[[1, 2], [19, 2]]]
calendars:
  day: {open: [{days: Mon-Fri, from: "06:00", to: "14:00"}]}
people:
  operator: {count: 2, calendar: day}
equipment:
  mixer: {at: [4, 5]}
  press:
    class: rotary_tablet_press
    at: [12, 5]
    start_up: 38 min
    failures:
      - {clock: running, between: weibull(shape=0.52, mean=98 min), repair: 4 min}
storage:
  buffer: {capacity: 3, at: [8, 5]}
containers:
  ibc: {count: 4, volume: 1.2 m3}
transport: {speed: 1 m/s}
recipes:
  tablet:
    batch: 240 kg
    operations:
      - mix: {on: [mixer], takes: 1 h, take: ibc, needs: [operator]}
      - press: {on: [press], takes: 2 h, return: {ibc: dirty}, wait_in: buffer}
orders:
  - {recipe: tablet, batches: 8}
"""

SCENARIO = """\
twin: 1
scenario: A faster press
question: How much faster?
base: plant.yaml
set:
  recipes.tablet.operations.press.takes: 1 h
run:
  horizon: 4 weeks
  warm_up: 1 week
"""

MARK = "«"


def spoiled(good: str, old: str, new: str) -> tuple[str, int, int]:
    """`good` with `old` replaced by `new`, and line and column of the mark in it."""
    assert good.count(old) == 1, old
    return marked(good.replace(old, new))


def marked(text: str) -> tuple[str, int, int]:
    """The text without its mark, and where the mark was."""
    before, _, after = text.partition(MARK)
    return before + after, before.count("\n") + 1, len(before) - before.rfind("\n")
