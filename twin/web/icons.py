"""Icons: our own drawings in assets/icons.css, painted in the colour of the text around them."""

from __future__ import annotations

from dash import html

from twin.web.attributes import attributes


def icon(name: str) -> html.Span:
    """Return the icon `name` of assets/icons.css; it carries no meaning of its own to a screen reader."""
    return html.Span(className=f"icon icon-{name}", **attributes(aria_hidden="true"))
