"""Reports: all that decides is in them, figures carry tables, and nothing a user wrote becomes markup."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

import twin
from tests.experiment.query.made_sweeps import make_sweep
from twin.cli import execute
from twin.experiment.figures.theme import new_figure
from twin.experiment.query.stored import StoredSweep
from twin.experiment.report import NoBrowserError, html_of, pdf, print_pdf
from twin.experiment.report.drawing import svg_of
from twin.experiment.report.drawing.axes import Axis, axis_of
from twin.experiment.report.section import Figures, Section
from twin.experiment.report.sections import RUN_SECTIONS
from twin.experiment.results import Result
from twin.plant.errors import InputError

HOSTILE = """\
scenario: "</h1><script>alert('1')</script>"
question: "<img src=x onerror=alert(1)> & is it \\"fast\\"?"
assumptions: ["<b>bold</b>"]
base: cell.yaml
set: {recipes.tablet.operations.press.takes: exponential(mean=60 min)}
run: {replications: 8}
"""
LOADS = {
    "script",
    "link",
    "iframe",
    "object",
    "embed",
    "img",
    "image",
    "use",
    "base",
    "form",
    "video",
    "audio",
}


class Page(HTMLParser):
    """The elements of a page, its links, its ids, and whether they nest."""

    EMPTY = frozenset({"meta", "line", "rect", "circle", "path", "polygon", "polyline"})

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for element, attributes in self.elements if element == name]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def baseline(folder: Path, workspace: Path) -> Result:
    return twin.run(folder / "cell.yaml", replications=8, engine="simpy", workspace=workspace)


@pytest.fixture
def hostile(folder: Path, workspace: Path) -> Result:
    (folder / "hostile.yaml").write_text(HOSTILE, encoding="utf-8")
    return twin.run(folder / "hostile.yaml", engine="simpy", workspace=workspace)


@pytest.fixture
def sweep(workspace: Path) -> StoredSweep:
    def formula(point: Mapping[str, Any], replication: int) -> dict[str, float | None]:
        return {"throughput": point["equipment.press.speed"] / 3600 + replication / 1e5, "wip_mean": 4.0}

    points = [
        {"equipment.press.speed": s, "rule": r} for s in (1.0, 1.5, 2.0) for r in ("<i>fifo</i>", "spt")
    ]
    failed = [{"point": 7, "label": "rule=<u>", "error": "the plant is stuck <here>"}]
    said = {"title": "How <fast>?", "question": "Which speed?", "failed": failed, "changes": {}}
    return StoredSweep(make_sweep(workspace, points, 3, formula, **said))


def test_the_page_says_what_was_asked_run_and_found(baseline: Result, hostile: Result) -> None:
    text = Page(html_of([baseline, hostile])).text
    made = baseline.manifest["made"]
    for said in (
        baseline.id, hostile.id, made["audit_head"], baseline.manifest["content"], made["versions"]["numpy"],
        '<img src=x onerror=alert(1)> & is it "fast"?', "<b>bold</b>",
        "exponential(mean=12 min)", "exponential(mean=60 min)",  # what it was, and what it is now
        ["twin", "run", "plant.yaml", "--replications", "4", "--seed", "1"][0], "95 % interval",
        "press is the bottleneck for", "Replications of equal number share their random numbers",
    ):  # fmt: skip
        assert said in text, said
    worse = next(row for row in twin.compare(baseline, hostile).rows if row.measure == "makespan")
    assert worse.verdict == "worse"
    assert re.search(r"makespan \+[\d.]+ h \(\+[\d.]+ %\), worse", text)


def test_nothing_that_a_user_wrote_becomes_markup(
    baseline: Result, hostile: Result, sweep: StoredSweep
) -> None:
    page = Page(html_of([baseline, hostile], [sweep]))
    assert page.open == []
    assert not LOADS & {name for name, _ in page.elements}
    assert not any(key.startswith("on") for _, attributes in page.elements for key in attributes)
    assert "</h1><script>alert('1')</script>" in page.text
    assert "<i>fifo</i>" in page.text
    assert "the plant is stuck <here>" in page.text


def test_the_page_needs_no_other_file(baseline: Result, sweep: StoredSweep) -> None:
    html = html_of([baseline], [sweep])
    page = Page(html)
    links = [str(a["href"]) for a in page.all("a")]
    ids = {attributes["id"] for _, attributes in page.elements if attributes.get("id")}
    assert all(link.startswith("#") and link[1:] in ids for link in links)
    assert not re.search(r"url\((?!#)|@import|https?://", html)
    assert len(html) < 1_000_000
    (policy,) = (m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert str(policy).startswith("default-src 'none'; style-src 'sha256-")


def test_every_figure_carries_a_table(baseline: Result, hostile: Result, sweep: StoredSweep) -> None:
    page = Page(html_of([baseline, hostile], [sweep]))
    ids = {str(attributes["id"]) for _, attributes in page.elements if attributes.get("id")}
    figures = {i.removeprefix("figure-") for i in ids if i.startswith("figure-")}
    assert figures == {i.removeprefix("table-") for i in ids if i.startswith("table-")}
    assert len(figures) == len(page.all("svg")) >= 8  # each of them is drawn
    patterns = [attributes["id"] for attributes in page.all("pattern")]
    assert len(patterns) == len(set(patterns))


def test_equal_runs_give_equal_pages(baseline: Result, sweep: StoredSweep) -> None:
    assert html_of([baseline], [sweep]) == html_of([baseline], [sweep])


def test_the_command_told_gives_the_same_run(folder: Path, workspace: Path, tmp_path: Path) -> None:
    change = {"recipes.tablet.operations.mix.takes": "9 min", "run.horizon": "2 days"}
    result = twin.run(folder / "slower.yaml", set=change, seed=3, replications=2, workspace=workspace)
    page = Page(html_of([result]))
    told = re.search(r"twin run scenario\.yaml (.*?) The plant", page.text)
    assert told is not None
    words = re.findall(r"'([^']*)'|(\S+)", told[1].replace("\\ ", ""))
    arguments = [quoted or plain for quoted, plain in words]
    inputs = result.path / "inputs"
    (tmp_path / "again").mkdir()
    for name, source in (("scenario.yaml", "scenario.yaml"), ("cell.yaml", "plant.yaml")):
        (tmp_path / "again" / name).write_text(
            (inputs / source).read_text(encoding="utf-8"), encoding="utf-8"
        )
    code = execute(["run", str(tmp_path / "again" / "scenario.yaml"), *arguments, "--quiet", "--workspace",
                    str(tmp_path / "new")])  # fmt: skip
    assert code == 0
    assert (tmp_path / "new" / "runs" / result.id).is_dir()


def test_points_of_a_sweep_are_reported_and_compared(folder: Path, workspace: Path, tmp_path: Path) -> None:
    assert call(workspace, "sweep", folder / "sweep.yaml", "--workers", 1, "--quiet") == 0
    (sweep,) = (workspace / "sweeps").iterdir()
    page = tmp_path / "points.html"
    assert call(workspace, "report", f"{sweep.name}:1", f"{sweep.name}:2", "--html", page) == 0
    text = Page(page.read_text(encoding="utf-8")).text
    assert f"2 of the sweep {sweep.name}" in text or f"1 of the sweep {sweep.name}" in text
    assert "takes=exponential(mean=16 min)" in text
    told = "--set sweep=null --set 'recipes.tablet.operations.press.takes=exponential(mean=8 min)'"
    assert told in text.replace(" \\ ", " ")
    whole = tmp_path / "sweep.html"
    assert call(workspace, "report", sweep.name, "--html", whole) == 0
    assert "is the highest mean of 2 points" in Page(whole.read_text(encoding="utf-8")).text


def test_points_of_different_replications_are_told_as_such(
    folder: Path, workspace: Path, tmp_path: Path
) -> None:
    text = (folder / "sweep.yaml").read_text(encoding="utf-8")
    more = text.replace("  axes:\n", "  method: zip\n  axes:\n    run.replications: [2, 5]\n")
    (folder / "more.yaml").write_text(more, encoding="utf-8")
    assert call(workspace, "sweep", folder / "more.yaml", "--engine", "simpy", "--quiet") == 0
    (sweep,) = (workspace / "sweeps").iterdir()
    page = tmp_path / "more.html"
    assert call(workspace, "report", sweep.name, "--html", page) == 0
    told = Page(page.read_text(encoding="utf-8")).text
    assert "2 to 5 at each point" in told
    assert "throughput over 2 to 5 replications" in told


MORRIS = """\
scenario: Which settings matter?
base: cell.yaml
run: {replications: 5}
sweep:
  method: morris
  trajectories: 16
  axes:
    equipment.press.speed: {from: 0.25, to: 4}
    equipment.mixer.speed: {from: 0.95, to: 1.05}
"""


def test_a_screening_tells_which_settings_matter(folder: Path, workspace: Path) -> None:
    (folder / "morris.yaml").write_text(MORRIS, encoding="utf-8")
    assert call(workspace, "sweep", folder / "morris.yaml", "--workers", 1, "--quiet") == 0
    (path,) = (workspace / "sweeps").iterdir()
    page = Page(html_of([], [StoredSweep(path)]))
    assert "of 2 settings these matter beyond the noise, the strongest first: press.speed" in page.text
    assert "What each axis does" not in page.text
    assert {"press.speed", "mixer.speed"} <= set(page.words)  # at their points in the figure


def test_a_section_of_a_package_comes_along(baseline: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    def own(result: Result, figures: Figures) -> Section:
        from twin.experiment.report.markup import tag

        return Section("What the press says", tag("p", f"{result.id} < all"))

    monkeypatch.setattr("twin.experiment.report.page.RUN_SECTIONS", [*RUN_SECTIONS, own])
    assert f"{baseline.id} < all" in Page(html_of([baseline])).text


def test_a_damaged_run_is_not_reported(baseline: Result, workspace: Path) -> None:
    file = baseline.path / "measures.parquet"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(InputError, match="damaged"):
        html_of([twin.open_result(baseline.id, workspace)])


# --- drawing


def test_bars_stand_where_their_numbers_are() -> None:
    figure = new_figure("light", "c", ("unit", "share"), [])
    figure.add_bar(y=["a", "b"], x=[25.0, 50.0], orientation="h", name="one")
    figure.add_bar(y=["a", "b"], x=[25.0, 0.0], orientation="h", name="two")
    figure.update_layout(barmode="stack", height=220)
    figure.update_xaxes(range=[0, 100])
    drawn = [a for a in Page(str(svg_of(figure, "f", "t"))).all("rect") if a.get("stroke")]
    lefts, widths = ([float(str(a[key])) for a in drawn] for key in ("x", "width"))
    assert widths[1] == pytest.approx(2 * widths[0], abs=0.02)
    assert lefts[2] == pytest.approx(lefts[0] + widths[0], abs=0.02)  # the second stands on the first
    assert widths[3] == 0


def test_a_date_axis_and_a_category_axis_place_values() -> None:
    dates = axis_of(["2026-01-05 00:00:00", "2026-01-09 00:00:00"], {"type": "date"}, 0.0, 400.0)
    assert dates.at("2026-01-06 00:00:00") == pytest.approx(100.0)
    assert [label for _, label in dates.marks()][:2] == ["5 Jan", "6 Jan"]
    names = axis_of(["b", "a"], {"autorange": "reversed", "categoryarray": ["a", "b"]}, 0.0, 100.0)
    assert names.marks() == [(75.0, "a"), (25.0, "b")]


@pytest.mark.parametrize("ends", [(0.0, 1.0), (-3e-7, 5e-7), (1e9, 7e9), (99.0, 101.0)])
def test_marks_of_an_axis_are_round_and_inside(ends: tuple[float, float]) -> None:
    marks = Axis("number", *ends, 0.0, 600.0).marks()
    assert 3 <= len(marks) <= 14
    assert all(-1e-6 <= at <= 600 + 1e-6 for at, _ in marks)
    assert len({label for _, label in marks}) == len(marks)


def test_a_figure_with_other_marks_is_left_to_its_table() -> None:
    figure = new_figure("light", "heat", ("x",), [(1.0,)])
    figure.add_heatmap(z=[[1, 2], [3, 4]])
    assert svg_of(figure, "f", "t") is None
    assert "stand in the table" in str(Figures().draw(figure, "Heat"))
    with pytest.raises(KeyError):
        Figures().draw(go.Figure(), "nothing")


# --- PDF and the command


def call(workspace: Path, *arguments: object) -> int:
    return execute([*map(str, arguments), "--workspace", str(workspace)])


def test_the_command_writes_html(baseline: Result, sweep: StoredSweep, workspace: Path, tmp_path: Path,
                                 capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    page = tmp_path / "report.html"
    assert (
        call(workspace, "report", baseline.id, sweep.id, "--html", page, "--title", "Press <1>", "--json")
        == 0
    )
    assert json.loads(capsys.readouterr().out) == {"html": str(page), "error": None}
    assert "<title>Press &lt;1&gt;</title>" in page.read_text(encoding="utf-8")
    assert call(workspace, "report", baseline.id) == 2
    assert call(workspace, "report", "nothing", "--html", page) == 2


def test_without_a_browser_the_html_stays(
    baseline: Result, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("TWIN_BROWSER", raising=False)
    monkeypatch.setattr(pdf, "USUAL_PLACES", {})
    assert call(workspace, "report", baseline.id, "--pdf", tmp_path / "report.pdf") == 1
    assert "no Chromium, Chrome or Edge" in capsys.readouterr().err
    assert (tmp_path / "report.html").is_file()
    assert not (tmp_path / "report.pdf").exists()
    monkeypatch.setenv("TWIN_BROWSER", "nowhere/chrome")
    assert call(workspace, "report", baseline.id, "--pdf", tmp_path / "report.pdf") == 1
    assert "TWIN_BROWSER names" in capsys.readouterr().err


def stand_in(folder: Path, code: str) -> Path:
    """A program that stands in for a browser."""
    script = folder / "browser.py"
    script.write_text(
        f"#!{sys.executable}\nimport sys, pathlib\nflags = sys.argv[1:]\n{code}", encoding="utf-8"
    )
    script.chmod(0o755)
    return script


@pytest.mark.skipif(sys.platform == "win32", reason="a script is no program there")
def test_a_browser_that_fails_is_quoted_and_leaves_no_pdf(tmp_path: Path) -> None:
    browser = stand_in(tmp_path, "sys.exit('no display at all')")
    with pytest.raises(NoBrowserError, match="no display at all"):
        print_pdf(tmp_path / "a.html", tmp_path / "a.pdf", browser=browser)
    assert not (tmp_path / "a.pdf").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a script is no program there")
def test_the_browser_keeps_its_sandbox_and_gets_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = "target = [f for f in flags if f.startswith('--print-to-pdf=')][0].split('=')[1]\n"
    write += "pathlib.Path(target).write_text('\\n'.join(flags))"
    monkeypatch.setattr(pdf, "_is_root", lambda: False)
    printed = print_pdf(tmp_path / "a.html", tmp_path / "a.pdf", browser=stand_in(tmp_path, write))
    flags = printed.path.read_text(encoding="utf-8").splitlines()
    assert printed.sandboxed
    assert "--no-sandbox" not in flags
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in flags
    assert any(flag.startswith("--user-data-dir=") and "twin-print-" in flag for flag in flags)


@pytest.mark.browser
def test_a_real_browser_prints_the_report(baseline: Result, tmp_path: Path) -> None:
    try:
        browser = pdf.find_browser()
    except NoBrowserError:
        pytest.skip("no browser is installed")
    page = tmp_path / "report.html"
    page.write_text(html_of([baseline]), encoding="utf-8")
    data = print_pdf(page, tmp_path / "report.pdf", browser=browser).path.read_bytes()
    assert data.startswith(b"%PDF")
    assert b"/JavaScript" not in data
    assert len(data) < 5_000_000
