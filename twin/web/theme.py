"""The look of the app: Mantine's theme. Colours of text, surfaces and lines are in assets/app.css.

One accent colour, for what can be acted on; colours of unit states belong to the figures, not to this file.
"""

from __future__ import annotations

from typing import Any

ACCENT = (
    "#ecf8f8",
    "#d3eeee",
    "#a5dcdc",
    "#72c8c9",
    "#48b4b6",
    "#2aa0a3",
    "#13868a",
    "#0b6f73",
    "#09595d",
    "#063f42",
)

# Mantine's dark shades, from text to the deepest ground, in the hue of assets/app.css.
DARK = (
    "#dfe6ea",
    "#b6c1c9",
    "#8b99a3",
    "#63717b",
    "#3b4852",
    "#2f3a43",
    "#1b2228",
    "#151b20",
    "#11161b",
    "#0e1317",
)

THEME: dict[str, Any] = {
    "primaryColor": "petrol",
    "primaryShade": {"light": 7, "dark": 5},
    "colors": {"petrol": list(ACCENT), "dark": list(DARK)},
    "autoContrast": True,
    "defaultRadius": "md",
    "fontFamily": "Inter, ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif",
    "fontFamilyMonospace": "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
    "fontSizes": {"xs": "12px", "sm": "13px", "md": "14px", "lg": "16px", "xl": "20px"},
    "headings": {"fontWeight": "600"},
}
