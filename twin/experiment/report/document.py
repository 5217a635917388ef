"""An HTML document around what a page says: head, style sheet, what a browser may do with it, title.

Reports (`page.py`) and figures by themselves (`figure_page.py`) are such documents; nothing else of
twin writes HTML files.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from twin.experiment.report.markup import Markup, tag, verbatim

STYLE = Path(__file__).with_name("style.css")
STATIC, WITH_SCRIPT = "style-src 'sha256-{digest}'", "style-src 'unsafe-inline'; script-src 'unsafe-inline'"
"""What a document may hold: this very style sheet and no script; or a chart that draws itself."""


def document(title: str, kind: str, subtitle: str | None, body: Markup, allowed: str = STATIC) -> str:
    """A whole document that loads no other file.

    Args:
        title: its heading, and the name of the window.
        kind: what sort of document it is, in a line above the heading.
        subtitle: a line below it.
        body: what stands below that.
        allowed: `STATIC` or `WITH_SCRIPT`.
    """
    style = STYLE.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; {allowed.format(digest=digest)}"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("title", title),
        tag("style", verbatim(style)),
    )
    header = tag(
        "header",
        tag("p", kind, class_="kind"),
        tag("h1", title),
        None if subtitle is None else tag("p", subtitle, class_="subtitle"),
    )
    return "<!DOCTYPE html>\n" + tag("html", head, tag("body", tag("main", header, body)), lang="en")
