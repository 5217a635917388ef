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

THEME: dict[str, Any] = {
    "primaryColor": "petrol",
    "primaryShade": {"light": 7, "dark": 5},
    "colors": {"petrol": list(ACCENT)},
    "autoContrast": True,
    "defaultRadius": "md",
    "fontFamily": "Inter, ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif",
    "fontFamilyMonospace": "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
    "fontSizes": {"xs": "12px", "sm": "13px", "md": "14px", "lg": "16px", "xl": "20px"},
    "headings": {"fontWeight": "600"},
}
