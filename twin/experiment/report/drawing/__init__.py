"""Figures as static SVG, drawn from the same Plotly figures that app and notebooks show.

Plotly's own static export starts a browser, and its script weighs more than four megabytes a file; a report
needs neither. What is drawn are the marks that twin's figures use: stacked and grouped bars, lines, bands,
points with error bars, and straight lines across. `svg_of` returns None for a figure with any other mark,
whose table then stands alone.
"""

from twin.experiment.report.drawing.chart import svg_of

__all__ = ["svg_of"]
