"""The app as a user meets it, in a real browser: edit, run, follow, cancel, compare, move, download."""

from __future__ import annotations

import io
import os
import re
import signal
import zipfile
from collections.abc import Callable
from functools import partial
from itertools import combinations
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.conftest import Served, watch
from twin.experiment.prepare import prepare

pytestmark = pytest.mark.browser

RUN = re.compile(r"/run/[0-9a-f]{16}$")
LONG = {"orders.0.batches": "4000", "run.replications": "12"}  # in SimPy, seconds of work in many steps
PATIENCE = 120_000  # ms, for a run on a loaded machine


@pytest.fixture
def in_simpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the app run in SimPy. The compiled engine, which it takes where its kernel is kept on this
    machine, is done with `LONG` before a browser has seen it begin.
    """
    monkeypatch.setattr("twin.web.backend.prepare", partial(prepare, engine="simpy"))


def field(page: Page, path: str) -> Locator:
    return page.locator(f"[data-path='{path}'] input")


def open_workbench(page: Page, served: Served, model: str = "twin:two_machines") -> None:
    page.goto(f"{served.address}/?model={model}")
    expect(page.locator("#run")).to_be_enabled()


def edit(page: Page, changes: dict[str, str]) -> None:
    """Type each change and wait until the app has seen it."""
    folded = page.locator(".form-section:not([open]) > summary").filter(visible=True)
    while folded.count():
        folded.first.click()
    for path, text in changes.items():
        field(page, path).fill(text)
        field(page, path).press("Tab")
        expect(page.locator(f"[data-path='{path}']")).to_have_class(re.compile("is-changed"))


def run(page: Page) -> str:
    """Press Run and return the run's id."""
    page.locator("#run").click()
    expect(page).to_have_url(RUN)
    return page.url.rsplit("/", 1)[-1]


def card(page: Page, measure: str) -> Locator:
    return page.locator(f"[data-measure='{measure}']").first


def working(page: Page) -> Callable[[], int]:
    """Wait until a run is under way and return how many replications it has done."""
    progress = page.locator("#progress")
    expect(progress).to_contain_text(re.compile(r"[1-9]\d* of 12"), timeout=PATIENCE)
    return lambda: int((progress.text_content() or "").split(" of ")[0].split("Running")[-1])


def test_every_page_opens_without_a_request_elsewhere_or_a_complaint(page: Page, served: Served) -> None:
    seen = watch(page, served.address)
    answer = page.goto(served.address)
    assert answer is not None
    assert "script-src 'self' 'sha256-" in answer.headers["content-security-policy"]
    expect(page.locator("h1")).to_have_text("Two machines")
    page.get_by_role("tab", name="Floor plan").click()
    expect(page.locator(".plan-unit")).to_have_count(2)
    for name in ("Runs", "Compare"):
        page.get_by_role("navigation").get_by_role("link", name=name).click()
        expect(page.locator("h1, h2").first).to_be_visible()
    page.goto(f"{served.address}/run/0000000000000000")
    expect(page.get_by_role("heading")).to_have_text("There is no such run.")
    assert (seen.strangers, seen.complaints) == ([], [])


def test_an_edit_is_run_and_its_measures_appear_with_intervals(page: Page, served: Served) -> None:
    seen = watch(page, served.address)
    open_workbench(page, served)
    edit(page, {"orders.0.batches": "40", "run.replications": "3"})
    page.get_by_role("tab", name="Changes").click()
    expect(page.locator("#set-block")).to_have_text("set:\n  orders.0.batches: 40\nrun:\n  replications: 3\n")
    page.get_by_role("tab", name="Result").click()
    run_id = run(page)
    expect(card(page, "lots_finished").or_(card(page, "throughput"))).to_contain_text(
        re.compile(r"\d+\.\d+ to \d+\.\d+"), timeout=PATIENCE
    )
    assert (served.workspace / "runs" / run_id / "manifest.json").is_file()
    expect(page.locator(".js-plotly-plot")).to_have_count(6)
    expect(field(page, "orders.0.batches")).to_have_value("40")
    page.get_by_text("As a table").first.click()
    expect(page.locator(".twin-table[open] td", has_text="first").first).to_be_visible()
    assert (seen.strangers, seen.complaints) == ([], [])


def test_a_wrong_value_complains_beside_its_field_and_cannot_be_run(page: Page, served: Served) -> None:
    open_workbench(page, served)
    edit(page, {"recipes.part.operations.cut.takes": "3 furlongs"})
    row = page.locator("[data-path='recipes.part.operations.cut.takes']")
    expect(row).to_contain_text("unknown unit, “furlongs”")
    expect(page.locator("#run")).to_be_disabled()
    field(page, "recipes.part.operations.cut.takes").fill("3 min")
    field(page, "recipes.part.operations.cut.takes").press("Tab")
    expect(page.locator("#run")).to_be_enabled()


@pytest.mark.usefixtures("in_simpy")
def test_a_killed_worker_is_replaced_and_the_run_survives_a_reload(page: Page, served: Served) -> None:
    open_workbench(page, served)
    edit(page, LONG | {"run.seed": "11"})
    run_id = run(page)
    working(page)
    (worker,) = served.supervisor.worker_ids
    os.kill(worker, signal.SIGKILL)
    page.reload()
    expect(page.locator("#progress")).to_be_visible()
    expect(field(page, "run.seed")).to_have_value("11")
    expect(card(page, "throughput")).to_be_visible(timeout=PATIENCE)
    job = served.queue.get(run_id)
    assert (job.state, job.attempts, job.done) == ("done", 2, 12)


@pytest.mark.usefixtures("in_simpy")
def test_two_users_with_equal_inputs_share_one_job(browser: Browser, served: Served) -> None:
    users = [browser.new_context() for _ in range(2)]
    pages = [user.new_page() for user in users]
    for page in pages:
        open_workbench(page, served)
        edit(page, LONG | {"run.seed": "12"})
    ids = [run(page) for page in pages]
    assert ids[0] == ids[1]
    assert len(served.queue.get(ids[0]).watchers) == 2
    for page in pages:
        expect(card(page, "throughput")).to_be_visible(timeout=PATIENCE)
    assert served.queue.get(ids[0]).attempts == 1
    for user in users:
        user.close()


@pytest.mark.usefixtures("in_simpy")
def test_a_run_can_be_cancelled(page: Page, served: Served) -> None:
    open_workbench(page, served)
    edit(page, LONG | {"run.seed": "13"})
    run_id = run(page)
    working(page)
    page.locator("#cancel").click()
    expect(page.locator("#result-pane")).to_contain_text("The run was cancelled.")
    assert served.queue.get(run_id).state == "cancelled"
    assert not (served.workspace / "runs" / run_id / "manifest.json").exists()


def test_two_scenarios_are_compared_by_paired_differences(page: Page, served: Served) -> None:
    seen = watch(page, served.address)
    ids = []
    for places in ("1", "8"):
        open_workbench(page, served)
        changes = {"storage.buffer.capacity": places} if places != "1" else {}
        edit(page, {"run.replications": "6"} | changes)
        ids.append(run(page))
        expect(card(page, "throughput")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("navigation").get_by_role("link", name="Runs").click()
    for run_id in ids:
        page.locator(f"[row-id='{run_id}'] input[type=checkbox]").click()
    page.locator("#runs-compare").click()
    expect(page).to_have_url(re.compile("/compare"))
    row = page.locator("tr[data-measure='throughput']")
    expect(row).to_contain_text(re.compile("better|worse"))
    expect(page.get_by_text("Paired differences over 6 replications")).to_be_visible()
    assert (seen.strangers, seen.complaints) == ([], [])


def test_moving_a_unit_changes_its_position_in_the_scenario(page: Page, served: Served) -> None:
    open_workbench(page, served)
    page.get_by_role("tab", name="Floor plan").click()
    unit = page.locator("[data-unit='first']")
    expect(unit.locator(".plan-box")).to_be_visible()
    box = unit.locator(".plan-box").bounding_box()
    plan = page.locator("svg.plan").bounding_box()
    assert box is not None
    assert plan is not None
    metre = plan["width"] / 18  # the hall is 16 m wide, with a margin of 1 m on both sides
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + metre, y + 0.4 * metre, steps=4)
    page.mouse.move(x + 2.05 * metre, y + 0.55 * metre, steps=4)
    page.mouse.up()
    block = page.locator("#set-block")
    expect(block).to_have_text("set:\n  equipment.first.at: [6, 4.5]\n")
    expect(unit).to_have_attribute("aria-label", re.compile(r"x 6\.00 m, y 4\.50 m"))

    unit.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    expect(block).to_have_text("set:\n  equipment.first.at: [5.75, 4.75]\n")

    for _ in range(6):
        page.keyboard.press("Shift+ArrowRight")
    expect(unit).to_have_class(re.compile("is-clashing"))
    expect(page.locator("#run")).to_be_disabled()
    page.get_by_role("tab", name="Changes").click()
    page.get_by_role("button", name="Undo all").click()
    expect(page.get_by_text("As in the file")).to_be_visible()
    expect(page.locator("#run")).to_be_enabled()


def test_a_parameter_that_the_file_leaves_out_is_found_among_all(page: Page, served: Served) -> None:
    open_workbench(page, served)
    page.locator("#form-filter").fill("first capacity")
    expect(page.locator(".field").filter(visible=True)).to_have_count(0)
    expect(page.get_by_text("The file sets none of that name. Switch on All.")).to_be_visible()
    page.locator("#form-all").check(force=True)  # the switch is drawn over its input
    expect(page.locator("[data-path='equipment.first.capacity']")).to_be_visible()
    page.locator("#form-filter").fill("third capacity")
    expect(page.get_by_text("No parameter has that name.")).to_be_visible()


def test_a_large_plant_opens_with_a_short_form_and_names_that_keep_apart(page: Page, served: Served) -> None:
    """The solid-dose building has some 800 parameters and 30 units on 140 m."""
    seen = watch(page, served.address)
    open_workbench(page, served, "twin:solid_dose")
    assert page.locator(".field").count() < 60
    page.locator("#form-filter").fill("coat spray rate")
    wanted = "recipes.tablet_40mg.operations.coat.settings.spray_rate"
    expect(field(page, wanted)).to_have_value("250 g/min")
    field(page, wanted).fill("300 g/min")
    field(page, wanted).press("Tab")
    page.get_by_role("tab", name="Changes").click()
    expect(page.locator("#set-block")).to_have_text(f"set:\n  {wanted}: 300 g/min\n")

    page.get_by_role("tab", name="Floor plan").click()
    expect(page.locator(".plan-unit")).to_have_count(30)
    names = page.locator(".plan-name:not(.is-crowded)").filter(visible=True)
    boxes = [box for name in names.all() if (box := name.bounding_box())]
    assert len(boxes) > 15
    for one, other in combinations(boxes, 2):
        apart_x = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
        apart_y = one["y"] + one["height"] <= other["y"] + 4 or other["y"] + other["height"] <= one["y"] + 4
        assert apart_x or apart_y
    assert (seen.strangers, seen.complaints) == ([], [])


def test_a_run_is_downloaded_as_yaml_tables_and_stage(page: Page, served: Served) -> None:
    open_workbench(page, served)
    edit(page, {"orders.0.batches": "10", "run.replications": "2"})
    run(page)
    expect(card(page, "throughput")).to_be_visible(timeout=PATIENCE)
    files = {}
    for kind, text in (("yaml", "(YAML)"), ("parquet", "(Parquet)"), ("usd", "(OpenUSD)")):
        page.locator("#download").click()
        with page.expect_download() as caught:
            page.get_by_role("menuitem").filter(has_text=text).get_by_role("link").click()
        files[kind] = zipfile.ZipFile(io.BytesIO(Path(caught.value.path()).read_bytes()))
    plant = files["yaml"].read("plant.yaml").decode()
    assert "# Two machines in a row" in plant
    assert "batches: 10" in plant
    states = pq.read_table(io.BytesIO(files["parquet"].read("states.parquet")))
    assert set(states["unit"].unique().to_pylist()) == {"first", "second"}
    assert "plant.usda" in files["usd"].namelist()


def test_on_a_phone_the_form_unfolds_and_nothing_hangs_over(browser: Browser, served: Served) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = context.new_page()
    open_workbench(page, served)
    expect(field(page, "run.seed")).to_be_hidden()
    page.get_by_role("button", name="Parameters").click()
    expect(field(page, "run.seed")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
