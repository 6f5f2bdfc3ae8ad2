"""A job goes on without its window, and any window finds it again."""

import errno
import gc
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from session_runs import PROC

from bci_online.errors import BciError
from bci_online.lab import jobs as lab_jobs
from bci_online.lab.job_news import ENDED_READ, JobReader
from bci_online.lab.job_record import Job
from bci_online.lab.jobs import Jobs

WAITS = 'import time, sys; print(\'{"type": "trial"}\', flush=True); time.sleep(60)'
FAILS = "import sys; sys.stderr.write('error: no EEG stream\\n'); sys.exit(2)"


def until(read: Callable[[], list[Job]], true: Callable[[Job], bool]) -> Job:
    """Return the newest job once it is as it shall be."""
    end = time.monotonic() + 60
    while not true(job := read()[0]):
        assert time.monotonic() < end
        time.sleep(0.01)
    return job


def has_ended(pid: int) -> bool:
    """Return whether a process computes no more; nobody may have waited for it yet."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(") ")[2][0] in "ZX"
    except OSError:
        return True


@pytest.fixture
def jobs(tmp_path: Path):
    jobs = Jobs(tmp_path)
    yield jobs
    for job in jobs.read():
        if job.is_running:
            os.killpg(job.record.pid, signal.SIGKILL)
    while any(job.is_running for job in jobs.read()):
        time.sleep(0.01)


def test_another_window_finds_a_job_that_runs_and_can_stop_it(jobs, tmp_path):
    jobs.start("spell", [sys.executable, "-c", WAITS], subject="01")
    others = Jobs(tmp_path)

    found = until(others.read, lambda job: job.news.done == 1)
    assert found.is_running
    others.stop(found)
    ended = until(others.read, lambda job: not job.is_running)

    assert ended.code not in {None, 0}
    assert ended.record.subject == "01"


def test_a_job_whose_window_is_closed_is_still_waited_for(jobs, tmp_path):
    own = Jobs(tmp_path)
    own.start("spell", [sys.executable, "-c", WAITS])
    until(jobs.read, lambda job: job.news.done == 1)

    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        del own
        gc.collect()

    assert jobs.read()[0].is_running


def test_a_job_that_fails_says_its_last_error_and_its_code(jobs):
    jobs.start("spell", [sys.executable, "-c", FAILS])

    job = until(jobs.read, lambda job: not job.is_running)

    assert (job.code, job.error, job.has_failed) == (2, "no EEG stream", True)


def test_a_job_that_is_killed_with_all_that_knows_of_it_has_failed(jobs):
    jobs.start("spell", [sys.executable, "-c", WAITS])
    job = until(jobs.read, lambda job: job.news.done == 1)

    os.killpg(job.record.pid, signal.SIGKILL)
    ended = until(jobs.read, lambda job: not job.is_running)

    assert (ended.code, ended.has_failed) == (None, True)


@pytest.mark.parametrize(
    "line",
    [
        '{"type":"session"}',
        '{"type":"session","session":1,"lsl_config":0,"recording":0,"trials":"x","planned_s":1}',
        '{"type":"progress","done":1e400,"of":1}',
        '{"type":"progress","done":null,"of":1}',
        "[" * 5000,
        '"text"',
    ],
)
def test_a_line_of_another_shape_is_counted_and_changes_nothing(tmp_path, line):
    path = tmp_path / "lines"
    path.write_text(f'{{"type":"trial","symbol":"A"}}\n{line}\n', encoding="utf-8")

    news = JobReader(path).read()

    assert (news.done, news.text, news.unread) == (1, "A", 1)


def test_a_length_that_is_no_number_is_unknown(tmp_path):
    path = tmp_path / "lines"
    path.write_text(
        '{"type":"session","session":"s","lsl_config":"","recording":"","trials":9e9,'
        '"planned_s":1e400}\n',
        encoding="utf-8",
    )

    news = JobReader(path).read()

    assert (news.of, news.planned_s) == (1_000_000, None)


def test_nonsense_in_the_jobs_folder_is_passed_over(jobs, tmp_path):
    jobs.start("spell", [sys.executable, "-c", "print('no json'); print('[1]'); print('{}')"])
    (tmp_path / "jobs" / "1.json").write_text("{", encoding="utf-8")
    (tmp_path / "jobs" / "2.json").write_text('{"action": 1}', encoding="utf-8")

    job = until(jobs.read, lambda job: not job.is_running)

    assert len(jobs.read()) == 1
    assert (job.code, job.news.unread, job.news.rows) == (0, 2, ({},))


@pytest.mark.parametrize("kind", ["json", "jsonl", "log", "code"])
def test_a_pipe_that_was_copied_in_is_not_waited_for(tmp_path, kind):
    folder = tmp_path / "jobs"
    folder.mkdir()
    (folder / "1.json").write_text('{"action": "spell", "command": []}', encoding="utf-8")
    (folder / "1.jsonl").touch()
    (folder / "1.in").mkdir()
    (folder / f"1.{kind}").unlink(missing_ok=True)
    os.mkfifo(folder / f"1.{kind}")

    assert len(Jobs(tmp_path).read()) == (kind in {"log", "code"})


def test_what_cannot_be_kept_does_not_run(jobs, tmp_path, monkeypatch):
    began = tmp_path / "began"

    def full(path: Path, content: bytes) -> None:
        while not began.exists():
            time.sleep(0.01)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(lab_jobs, "write_atomically", full)
    with pytest.raises(BciError, match="spell cannot be started: No space left on device"):
        jobs.start("spell", ["/bin/sh", "-c", f"echo $$ > {began}; exec sleep 60"])

    assert list((tmp_path / "jobs").iterdir()) == []
    while not has_ended(int(began.read_text())):
        time.sleep(0.01)


def test_a_job_that_runs_is_found_behind_any_number_of_newer_ones(jobs, tmp_path):
    jobs.start("spell", [sys.executable, "-c", WAITS])
    for n in range(lab_jobs.MOST_READ + 1):
        stem = tmp_path / "jobs" / f"2999{n:04}-spell"
        stem.with_suffix(".json").write_text('{"action": "spell", "command": []}')
        stem.with_suffix(".jsonl").touch()

    found = Jobs(tmp_path).read()

    assert len(found) == lab_jobs.MOST_READ + 1
    assert [job.record.pid > 0 for job in found if job.is_running] == [True]


def test_a_record_that_is_too_large_to_be_one_is_passed_over(tmp_path):
    folder = tmp_path / "jobs"
    folder.mkdir()
    large = '{"action": "spell", "command": ["' + "x" * lab_jobs.LARGEST_RECORD + '"]}'
    (folder / "1.json").write_text(large)
    (folder / "1.jsonl").touch()

    assert Jobs(tmp_path).read() == []


def test_of_a_long_output_that_has_ended_the_last_lines_are_read(tmp_path):
    path = tmp_path / "lines"
    path.write_text('{"type":"trial"}\n' * ENDED_READ + '{"type":"summary","mode":"copy"}\n')

    news = JobReader(path, has_ended=True).read()

    assert news.summary == {"type": "summary", "mode": "copy"}
    assert news.unread == 0
    assert 0 < news.done <= ENDED_READ // len('{"type":"trial"}')
