"""What the app does when it opens: the tablet line is loaded, and its baseline run is asked for once."""

from pathlib import Path

import pytest

from twin.plant.errors import InputError
from twin.web.backend import Backend
from twin.web.server import ask_for_first_run
from twin.web.workbench import page_of_run, page_of_source


def test_the_baseline_of_the_tablet_line_is_asked_for_once(tmp_path: Path) -> None:
    backend = Backend(tmp_path)
    ids = {ask_for_first_run(backend) for _ in range(2)}
    (job,) = backend.open_jobs()
    assert ids == {job.key}
    assert job.label == "tablet_line_baseline"
    assert backend.title_of_job(job) == "Tablet line as it is"
    source, changes = backend.inputs(job.key)
    assert source is not None
    assert (source.id, changes) == ("twin:tablet_line_baseline", {})


def test_a_page_of_an_unknown_id_says_so(tmp_path: Path) -> None:
    backend = Backend(tmp_path)
    assert "There is no such run." in str(page_of_run(backend, "../../etc"))
    assert "There is no such plant" in str(page_of_source(backend, "plant:../secret"))


def test_a_start_page_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not there"):
        Backend(tmp_path, "twin:nothing").first_source()


def test_a_full_queue_says_so(tmp_path: Path) -> None:
    backend = Backend(tmp_path)
    object.__setattr__(backend.queue, "capacity", 0)
    with pytest.raises(InputError, match="queue is full"):
        ask_for_first_run(backend)
