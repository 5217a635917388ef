"""Reports for people who decide: one self-contained HTML file of runs and sweeps, which also prints well.

`page` puts the sections together; `sections` are what is said; `drawing` draws figures as static SVG;
`figure_page` is of one figure alone; `document` is the HTML around both; `pdf` has an installed browser print
the file. Nothing is loaded from anywhere: no script, no font, no picture. `twin report` calls `html_of` and
`print_pdf`.
"""

from twin.experiment.report.figure_page import figure_page
from twin.experiment.report.page import html_of
from twin.experiment.report.pdf import NoBrowserError, print_pdf

__all__ = ["NoBrowserError", "figure_page", "html_of", "print_pdf"]
