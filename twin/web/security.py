"""What the server lets in and what it says of itself: headers, origins, hosts, and where it may listen.

One pair of hooks for every response and every request; the pages know nothing of it. Sign-in `none` means
that whoever reaches the server may use it, so the server listens on this machine only, and answers only
requests addressed to this machine (a foreign name that resolves here is turned away).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from dash.exceptions import DependencyException, InvalidResourceError
from flask import Flask, Request, Response, request

from twin.plant.errors import InputError, Problem

MAX_CONTENT_LENGTH = 4 * 1024 * 1024  # bytes
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
STATIC = ("/assets/", "/_dash-component-suites/")


def content_security_policy(script_hashes: Sequence[str]) -> str:
    """Return the policy: everything from this server, inline scripts only by their hash.

    Inline *styles* are allowed: Mantine and Plotly write them.
    """
    rules = {
        "default-src": ["'self'"],
        "script-src": ["'self'", *script_hashes],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{rule} {' '.join(sources)}" for rule, sources in rules.items())


def is_loopback(host: str) -> bool:
    """Tell whether `host` (a name or an address, without port) is this machine and nothing else."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def refuse_open_address(host: str) -> None:
    """Raise `InputError` when `host` can be reached from other machines: there is no sign-in."""
    if not is_loopback(host):
        raise InputError(
            [
                Problem(
                    "--host",
                    0,
                    0,
                    f"the app has no sign-in, so it does not listen on {host}, which others can reach",
                    "use 127.0.0.1, and an SSH tunnel to reach it from elsewhere",
                )
            ]
        )


def refusal(incoming: Request) -> str | None:
    """Return why a request is turned away, or None: foreign host names, and writes from other sites."""
    if not is_loopback(urlsplit(f"//{incoming.host}").hostname or ""):
        return "This server answers only requests addressed to this machine."
    if incoming.method in SAFE_METHODS:
        return None
    site = incoming.headers.get("Sec-Fetch-Site")
    if site is not None:
        return None if site == "same-origin" else "Requests from other sites are refused."
    origin = incoming.headers.get("Origin")
    if origin is None:
        return "A request that changes something must say where it comes from (Origin)."
    return None if urlsplit(origin).netloc == incoming.host else "Requests from other sites are refused."


def protect(server: Flask, script_hashes: Callable[[], Sequence[str]]) -> None:
    """Install the hooks; `script_hashes` is asked at each response, since pages add scripts late."""
    server.config["MAX_CONTENT_LENGTH"] = MAX_CONTENT_LENGTH

    @server.before_request
    def check() -> Response | None:
        why = refusal(request)
        return Response(why, status=403, mimetype="text/plain") if why else None

    @server.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers["Content-Security-Policy"] = content_security_policy(script_hashes())
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if not request.path.startswith(STATIC):
            headers["Cache-Control"] = "no-store"
        return response

    def missing(_: Exception) -> Response:
        return Response("There is no such file.", status=404, mimetype="text/plain")

    server.register_error_handler(DependencyException, missing)
    server.register_error_handler(InvalidResourceError, missing)
