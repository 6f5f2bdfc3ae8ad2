"""Promises reach the screen as notes; a worker that fails is one warning and nothing else."""

import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest

from bci_online.config import Config, Presentation, Promise
from bci_online.markers import SessionStarted, TrialEnd
from bci_online.messages import Status
from bci_online.notes import Promised
from bci_online.session.folder import SessionFolder
from bci_online.session.plan import SessionPlan
from bci_online.session.promises import PromiseLine, Promises

pytestmark = pytest.mark.live

PATIENCE_S = 20.0
RIGHT = (0.85, 0.93, 0.98)
PROMISE = Promise(letters=3, right=RIGHT, seconds=(9, 12, 15), error=(0, 0.02, 0.06))
LINE = msgspec.json.encode(PromiseLine(PROMISE)).decode()
ANSWERS = f"import sys\nfor line in sys.stdin: print({LINE!r}, flush=True)"
CRASHES = "import sys; sys.stdin.readline(); sys.exit('error: the disk is full')"


class Control:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.notes: list[Promised] = []

    def send(self, name: str, note: Promised) -> None:
        assert name == "note"
        self.notes.append(note)


class Asked:
    """Promises of one session, and all that came of them."""

    def __init__(self, folder: Path, script: str, until: str = "9/10", mode: str = "calibration"):
        plan = SessionPlan(
            name="a", folder=SessionFolder(folder), mode=mode,
            config=Config(presentation=Presentation(until=until)),
        )  # fmt: skip
        self.promises = Promises(plan, (sys.executable, "-c", script))
        self.control, self.said = Control(), []

    def serve(self) -> None:
        self.promises.serve(self.control, self.said.append)

    def wait(self, true) -> None:
        until = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < until
            self.serve()
            time.sleep(0.01)


def test_a_promise_travels_as_a_note_after_each_letter(tmp_path):
    asked = Asked(tmp_path, ANSWERS)
    asked.promises.observe(SessionStarted({}))

    asked.promises.observe(TrialEnd(1))
    asked.wait(lambda: len(asked.control.notes) == 1)
    asked.promises.observe(TrialEnd(2))
    asked.wait(lambda: len(asked.control.notes) == 2)
    asked.promises.close()

    assert asked.control.notes == 2 * [Promised(3, RIGHT, 0.9)]
    assert [each.level for each in asked.said] == ["info", "info"]
    assert "promises" not in {thread.name for thread in threading.enumerate()}


def test_a_worker_that_fails_is_one_warning_and_is_not_asked_again(tmp_path):
    asked = Asked(tmp_path, CRASHES)
    asked.promises.observe(SessionStarted({}))
    asked.promises.observe(TrialEnd(1))

    asked.wait(lambda: asked.said)
    for number in (2, 3):
        asked.promises.observe(TrialEnd(number))
        asked.serve()

    (warning,) = asked.said
    assert isinstance(warning, Status)
    assert warning.level == "warning"
    assert "has ended: the disk is full; all words will be shown" in warning.text
    assert asked.control.notes == []


@pytest.mark.parametrize(("until", "mode"), [("", "calibration"), ("9/10", "copy")])
def test_nothing_is_asked_where_nothing_is_wanted(tmp_path, until, mode):
    asked = Asked(tmp_path, CRASHES, until, mode)

    asked.promises.observe(SessionStarted({}))
    asked.promises.observe(TrialEnd(1))
    asked.serve()

    assert asked.said == []
    assert list(tmp_path.iterdir()) == []


def test_a_worker_in_the_middle_of_a_training_is_not_waited_for(tmp_path):
    asked = Asked(tmp_path, "import time; time.sleep(600)")
    asked.promises.observe(SessionStarted({}))

    asked.promises.close()

    assert "promises" not in {thread.name for thread in threading.enumerate()}


def test_what_cannot_be_read_and_what_promises_nothing_end_nothing(tmp_path):
    lines = ["nonsense", msgspec.json.encode(PromiseLine(None, "too few")).decode(), LINE]
    asked = Asked(tmp_path, f"import sys\nfor line in {lines}: print(line, flush=True)\ninput()")
    asked.promises.observe(SessionStarted({}))

    asked.wait(lambda: asked.control.notes)
    asked.promises.close()

    assert [each.text for each in asked.said] == [
        "nothing is promised yet: too few",
        "3 letters promise 9.3 of 10 right (8.5-9.8); the calibration ends at 9.0",
    ]
