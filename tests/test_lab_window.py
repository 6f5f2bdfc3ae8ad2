"""The lab's window with real processes: from an empty folder to a spelled word, and what dies."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from session_runs import PROC, children_of
from test_sessions import BRISK

from bci_online.gui.lab.application import reader_of
from bci_online.gui.lab.texts import Texts
from bci_online.gui.lab.window import LabWindow
from bci_online.gui.themes import THEMES
from bci_online.lab import new_configuration
from bci_online.lab.job_record import Job

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]

PATIENCE_MS = 180_000
SUBJECT = 'paradigm = "p300"' + BRISK.format(repetitions=4, word="ABC")
# Another window, in a process of its own, in which somebody asks for another word.
OTHER_WINDOW = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from bci_online.gui.lab import application
from bci_online.gui.lab.window import LabWindow

class Pressed(LabWindow):
    def start(self):
        super().start()
        self.steps.use.panel.setChecked(False)
        self.timer = QTimer(self)
        self.timer.timeout.connect(self.press)
        self.timer.start(50)

    def press(self):
        view = self.steps.views["use"]
        if view.buttons:
            self.timer.stop()
            self.steps.use.copy.setText("ABCABC")
            self.steps.use.changed.emit()
            view.buttons[0].click()

application.LabWindow = Pressed
application.run_lab(Path(sys.argv[1]), "en")
"""


@pytest.fixture
def windows(qtbot, tmp_path) -> Iterator[Callable[[], LabWindow]]:
    """Open windows on one lab; what they have started does not outlive the test."""
    opened = []

    def window() -> LabWindow:
        window = LabWindow(tmp_path, Texts("en"), THEMES["dark"], reader_of)
        opened.append(window)
        qtbot.addWidget(window)
        window.show()
        window.start()
        return window

    yield window
    for job in opened[-1].state.jobs if opened else ():
        if job.is_running:
            os.killpg(job.record.pid, signal.SIGKILL)
    for each in opened:
        each.close()


def session_of(job: Job) -> int:
    """Return the process id of the command, which a shell waits for."""
    return int((PROC / str(job.record.pid) / "task" / str(job.record.pid) / "children").read_text())


def test_a_lab_goes_from_nothing_to_a_word_and_outlives_its_engine_and_its_window(
    qtbot, windows, tmp_path, monkeypatch
):
    monkeypatch.setattr(new_configuration, "SIMULATED", SUBJECT)
    window = windows()

    def until(true: Callable[[], object]) -> None:
        qtbot.waitUntil(lambda: bool(true()), timeout=PATIENCE_MS)

    def press(step: str) -> None:
        view = window.steps.views[step]
        until(lambda: view.is_open and view.buttons and view.buttons[0].isVisible())
        qtbot.mouseClick(view.buttons[0], Qt.MouseButton.LeftButton)

    def ended(action: str, n: int = 1) -> list[Job]:
        over = [j for j in window.state.jobs if j.record.action == action and not j.is_running]
        return over if len(over) >= n else []

    # From nothing to a spelled word in three clicks.
    until(lambda: window.pages.currentWidget() is window.first)
    window.steps.use.panel.setChecked(False)
    qtbot.mouseClick(window.first.buttons["simulated"], Qt.MouseButton.LeftButton)
    until(lambda: ended("calibrate"))
    press("decoder")
    until(lambda: ended("train"))
    assert window.state.jobs[0].error == ""
    press("use")
    until(lambda: ended("spell"))
    assert window.state.jobs[0].news.text == "BCI"
    until(lambda: window.steps.open_step == "afterwards")
    (calibrated, spelled) = window.state.lab.runs_of("01")
    assert (calibrated.shown, calibrated.mode) == (3, "calibration")
    assert (spelled.correct, spelled.known, spelled.mode) == (3, 3, "copy")

    # An engine that is killed leaves the window alive, which says what died.
    window.steps.choose("use")
    press("use")
    until(lambda: window.state.session and window.state.session.news.has_begun)
    os.kill(children_of(session_of(window.state.session))["engine"], signal.SIGKILL)
    until(lambda: ended("spell", 2))
    view = window.steps.views["use"]
    until(lambda: "engine was killed" in view.job.alarm.text())
    assert view.buttons[0].isEnabled()

    # A window that is killed leaves the session running; another one finds it, and can end it.
    window.close()
    other = subprocess.Popen([sys.executable, "-c", OTHER_WINDOW, str(tmp_path)])
    window = windows()
    try:
        until(lambda: window.state.session and window.state.session.news.has_begun)
    finally:
        other.kill()
        other.wait()
    window.close()
    window = windows()
    until(lambda: window.state.session and window.state.session.news.done >= 1)
    assert window.bar.chosen_subject == "01"
    qtbot.mouseClick(window.steps.views["use"].job.stop, Qt.MouseButton.LeftButton)
    until(lambda: ended("spell", 3))
    until(lambda: window.steps.views["use"].job.alarm.text() == "It was stopped.")
    assert len(window.state.lab.runs_of("01")) == 4
    assert not any(one.is_open or one.fault for one in window.state.lab.runs_of("01")[:2])
