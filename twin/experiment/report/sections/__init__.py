"""The sections of a report, in their order. Append to these lists to add one; see `report.section`."""

from twin.experiment.report.section import OfRun, OfSweep
from twin.experiment.report.sections.asked import asked
from twin.experiment.report.sections.axes import best_points, failed_points, of_axes
from twin.experiment.report.sections.charts import bottleneck_of, charts
from twin.experiment.report.sections.outcome import outcome
from twin.experiment.report.sections.ran import ran
from twin.experiment.report.sections.sensitivity import sensitivity

RUN_SECTIONS: list[OfRun] = [asked, ran, outcome, bottleneck_of, charts]
"""Of the first run; what is asked and run of the others stands in the comparison."""

OTHER_RUN_SECTIONS: list[OfRun] = [asked, outcome, bottleneck_of]
"""Of each run that is compared with the first."""

SWEEP_SECTIONS: list[OfSweep] = [asked, ran, sensitivity, of_axes, best_points, failed_points]
"""Of each sweep."""
