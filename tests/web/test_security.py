"""What the server says of itself, and whom it turns away."""

import pytest
from flask.testing import FlaskClient

from twin.plant.errors import InputError
from twin.web import plan
from twin.web.runs_page import escaped
from twin.web.security import MAX_CONTENT_LENGTH, is_loopback
from twin.web.server import serve

POST = "/_dash-update-component"
OWN = {"Origin": "http://localhost"}


def test_the_first_page_carries_a_strict_policy(client: FlaskClient) -> None:
    headers = client.get("/").headers
    policy = headers["Content-Security-Policy"]
    scripts = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
    assert scripts.startswith("script-src 'self' 'sha256-")
    assert "unsafe" not in scripts
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/_dash-layout", "/download/0123456789abcdef/yaml", "/run/x"])
def test_data_is_never_kept_by_the_browser(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_program_text_may_be_kept(client: FlaskClient) -> None:
    assert client.get("/assets/app.css").headers["Cache-Control"] != "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/_dash-component-suites/dash/../../etc/passwd",
        "/_dash-component-suites/dash/dcc/..%2f..%2f..%2fsecret",
        "/_dash-component-suites/os/path.py",
        "/_dash-component-suites/dash/dcc/nothing.js",
        "/assets/../server.py",
        "/assets/%2e%2e/server.py",
    ],
)
def test_a_path_that_climbs_out_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
def test_a_post_from_elsewhere_is_refused(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post(POST, json={}, headers=headers).status_code == 403


@pytest.mark.parametrize("headers", [OWN, {"Sec-Fetch-Site": "same-origin"}])
def test_a_post_from_the_app_is_let_in(client: FlaskClient, headers: dict[str, str]) -> None:
    body = {
        "output": "positions.data",
        "outputs": {"id": "positions", "property": "data"},
        "inputs": [{"id": "plan-move", "property": "data", "value": None}],
        "state": [{"id": "positions", "property": "data", "value": {}}],
        "changedPropIds": ["plan-move.data"],
    }
    assert client.post(POST, json=body, headers=headers).status_code == 200


def test_a_post_that_is_too_large_is_refused(client: FlaskClient) -> None:
    body = b" " * (MAX_CONTENT_LENGTH + 1)
    answer = client.post(POST, data=body, content_type="application/json", headers=OWN)
    assert answer.status_code == 413


def test_a_foreign_name_for_this_machine_is_refused(client: FlaskClient) -> None:
    assert client.get("/", headers={"Host": "twin.evil.example"}).status_code == 403


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.20", "plant-server"])
def test_without_sign_in_the_app_listens_on_no_open_address(host: str) -> None:
    with pytest.raises(InputError, match="no sign-in"):
        serve(host, 0)


def test_loopback_is_this_machine_alone() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "[::1]", "localhost")] == [True] * 4
    assert [is_loopback(host) for host in ("0.0.0.0", "localhost.evil.example", "")] == [False] * 3


@pytest.mark.parametrize("run_id", ["..", "..%2f..", "0123456789abcdef", "0123456789ABCDEF", "runs"])
def test_a_download_goes_by_the_id_of_a_finished_run(client: FlaskClient, run_id: str) -> None:
    assert "Content-Disposition" not in client.get(f"/download/{run_id}/yaml").headers


def test_a_visitor_gets_a_name_that_scripts_cannot_read(client: FlaskClient) -> None:
    cookie = client.get("/").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_names_are_shown_as_they_are() -> None:
    assert escaped('<img src=x onerror="a">[b](javascript:c)').count("<") == 0
    assert "[" not in escaped("[b](javascript:c)")
    assert escaped("Tablet line, night shift") == "Tablet line, night shift"


def test_the_plan_reads_a_position_and_nothing_else() -> None:
    unit = {"name": "press", "equipment": "press", "center": [1.0, 2.0]}
    data = plan.moved({"units": [unit]}, {"equipment.press.at": "[3, 4.5]"})
    assert data["units"][0]["center"] == [3.0, 4.5]
