"""One command that judges tablet compression: `python -m twin.calibration.compaction_report DATA_DIR`.

Reads the press's tables, fits and judges strength by strength, and writes `compaction.md` with its figure.
The figure needs Matplotlib, the extra `docs`.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from twin.calibration.compaction import (
    TRUE_DENSITY,
    Cores,
    Explained,
    Judgement,
    fit_compaction,
    halves,
    judge,
    read_cores,
    within_range,
)
from twin.calibration.plots import Cloud, cloud_plot
from twin.calibration.report import table

MEGA = 1e6
SENSES = 0.1  # of the variance: below this a force says nothing that a planner could use


def page(judgements: Sequence[Judgement], without_values: int) -> str:
    """The page in Markdown; sentences that judge depend on the numbers that they judge."""
    lines = [
        *_opening(judgements, without_values),
        "",
        *_explained(judgements),
        "",
        *_constants(judgements),
        "",
        *_reading(judgements),
    ]
    return "\n".join(lines) + "\n"


def _opening(judgements: Sequence[Judgement], without_values: int) -> list[str]:
    batches = sum(j.fitted + j.judged for j in judgements)
    beyond = sum(j.out_of_range for j in judgements)
    return [
        "# Compression against a real press",
        "",
        f"`tablet_compression` fitted to and judged on {batches} batches of a rotary press, strength by "
        f"strength. Left out are {without_values} more without a weight or a size and {beyond} pressed "
        "outside the 50 to 300 MPa that the model holds for. Made by",
        "",
        "```",
        "python -m twin.calibration.compaction_report DATA_DIR --out docs/",
        "```",
        "",
        'Data: J. Žagar, J. Mihelič, "Big data collection in pharmaceutical manufacturing", Scientific Data '
        "9:99 (2022), doi 10.1038/s41597-022-01203-x, CC BY 4.0: mean main compression force by batch "
        "(`process.csv`), hardness, tensile strength, weight and size of the cores (`laboratory.csv`).",
        "",
        "Every other batch fits, the others judge. Heckel's law is fitted to solid fraction over "
        "pressure, Ryshkewitch and Duckworth's to tensile strength over measured porosity, each by least "
        "squares where it is straight. Solid fraction is that of a flat cylinder of the laboratory's size "
        f"(thickness is recorded to 0.1 mm, 3 % of a core) and a true density of {TRUE_DENSITY:.0f} kg/m³, "
        "which is assumed.",
    ]


def _explained(judgements: Sequence[Judgement]) -> list[str]:
    head = [
        "strength",
        "batches judged",
        "spread of tensile strength",
        "tensile strength from force",
        "hardness from force and size",
        "tensile strength from solid fraction",
        "tensile strength by a line on force",
    ]
    rows = [
        [
            j.strength,
            str(j.judged),
            f"{j.spread:.1%}",
            *(
                _share(e)
                for e in (
                    j.strength_from_force,
                    j.hardness_from_force,
                    j.strength_from_solid_fraction,
                    j.strength_by_a_line,
                )
            ),
        ]
        for j in judgements
    ]
    return [
        "## How much of the variance is explained",
        "",
        "The share of the variance between batches that were not fitted, with a 95 % interval "
        "(jackknife). 0 is what the mean of the fitted batches knows; below 0 is worse than that mean.",
        "",
        *table(head, rows),
        "",
        "![Tensile strength over pressure](validation/compaction.svg)",
    ]


def _share(explained: Explained) -> str:
    return f"{explained.share:.2f} ({explained.low:.2f} to {explained.high:.2f})"


def _constants(judgements: Sequence[Judgement]) -> list[str]:
    head = ["strength", "pressure, MPa (5 to 95 %)", "K, 1/MPa", "A", "TS0, MPa", "k", "held at an end"]
    rows = [
        [
            j.strength,
            f"{j.pressures[0] / MEGA:.0f} to {j.pressures[1] / MEGA:.0f}",
            f"{j.compaction.heckel_slope * MEGA:.3g}",
            f"{j.compaction.heckel_intercept:.3g}",
            f"{j.compaction.strength_without_pores / MEGA:.3g}",
            f"{j.compaction.bonding_capacity:.3g}",
            ", ".join(f"`{name}`" for name in j.compaction.at_a_bound) or "none",
        ]
        for j in judgements
    ]
    return ["## What was fitted", "", *table(head, rows)]


def _reading(judgements: Sequence[Judgement]) -> list[str]:
    blind = [j.strength for j in judgements if j.strength_from_force.share < SENSES]
    dense = [j.strength for j in judgements if j.strength_from_solid_fraction.low > 0]
    held = [j.strength for j in judgements if j.compaction.at_a_bound]
    lines = ["## What that means", ""]
    if blind:
        lines += [
            "- **Force explains next to nothing of tensile strength between batches** "
            f"({', '.join(blind)}: less than {SENSES:.0%}), and neither does a straight line that knows no "
            "physics. A press whose operators set force until hardness lies where the specification wants "
            "it shows just that: force follows the powder and strength stays. The tables do not say "
            "whether that is the reason here.",
        ]
    if dense:
        lines += [
            f"- Measured solid fraction does tell ({', '.join(dense)}): the interval of its share lies "
            "above 0. Part of that is arithmetic and not powder: the laboratory divides hardness by "
            "thickness to get tensile strength, and thickness is in solid fraction too, with the same "
            "error.",
        ]
    if held:
        lines += [
            f"- Where a slope is held at the end of its range ({', '.join(held)}), the batches do not show "
            "the law: the data, not the law, are too narrow. Do not carry these constants to another "
            "pressure.",
        ]
    lines += [
        "- Hardness from force also knows each batch's diameter and thickness. Where a strength is "
        "pressed with punches of two diameters, that alone explains a part of hardness; where it is not, "
        "errors of the recorded size make it worse than the mean.",
        "- What follows for a plant: take the mean strength of a product from its batches and the spread "
        "between them as drawn, and fit `heckel_slope` and `bonding_capacity` to a compression profile "
        "from the laboratory, where pressure is varied on purpose. This press's logs cannot give them.",
    ]
    return lines


def clouds(cores: Mapping[str, Cores]) -> list[Cloud]:
    """Fitted and judged batches with the fitted curve, one panel a strength, in MPa."""
    drawn = []
    for strength, batches in cores.items():
        held = within_range(batches)
        fitted, judged = halves(held)
        compaction = fit_compaction(fitted)
        along = held.pick(held.pressure.argsort())
        curve = compaction.tensile_strength(compaction.solid_fraction(along))
        drawn.append(
            Cloud(
                title=strength,
                fitted=(fitted.pressure / MEGA, fitted.tensile_strength / MEGA),
                judged=(judged.pressure / MEGA, judged.tensile_strength / MEGA),
                curve=(along.pressure / MEGA, curve / MEGA),
            )
        )
    return drawn


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page and its figure."""
    parser = argparse.ArgumentParser(
        prog="python -m twin.calibration.compaction_report", description=main.__doc__
    )
    parser.add_argument("data", type=Path, help="folder with laboratory.csv and process.csv")
    parser.add_argument("--out", type=Path, default=Path("docs"), help="folder for compaction.md")
    given = parser.parse_args(arguments)
    cores, without_values = read_cores(given.data)
    judgements = [judge(strength, batches) for strength, batches in cores.items()]
    cloud_plot(
        clouds(cores), "pressure, MPa", "tensile strength, MPa", given.out / "validation" / "compaction.svg"
    )
    (given.out / "compaction.md").write_text(page(judgements, without_values), encoding="utf-8")


if __name__ == "__main__":
    main()
