"""Who asks: a random name in a cookie, so that the queue tells two browsers apart. It identifies nobody."""

from __future__ import annotations

import re
import secrets

from flask import Flask, Response, request

COOKIE = "twin_visitor"
NAME = re.compile(r"[0-9a-f]{16}")
YEAR = 365 * 86_400  # s


def visitor() -> str:
    """Return the name of the browser whose request is being answered."""
    name = request.cookies.get(COOKIE, "")
    return f"browser {name}" if NAME.fullmatch(name) else "browser"


def name_visitors(server: Flask) -> None:
    """Give each browser a name with its first page."""

    @server.after_request
    def name(response: Response) -> Response:
        if request.method == "GET" and not NAME.fullmatch(request.cookies.get(COOKIE, "")):
            response.set_cookie(COOKIE, secrets.token_hex(8), max_age=YEAR, httponly=True, samesite="Lax")
        return response
