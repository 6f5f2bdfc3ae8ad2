import io
import sys

import pytest
from rich.console import Console

from bci_online.config import Config
from bci_online.notes import Pause, Resume
from bci_online.session.folder import SessionFolder
from bci_online.session.plan import SessionPlan
from bci_online.session_lines import EngineReady
from bci_online.terminal.session_output import SessionOutput, _Lines


def test_a_pause_and_its_way_out_are_lines(capsys):
    with _Lines("copy", False, Console()) as lines:
        lines(Pause())
        lines(Resume())

    assert capsys.readouterr().out == "pause; Space or the panel resumes it\nresume\n"


def test_what_is_wrong_with_the_amplifier_is_said_once_before_the_session_begins(capsys):
    ready = EngineReady(0.0, "amp", findings=("channel Trig1: no sensor's name, left out",))

    with _Lines("copy", False, Console()) as lines:
        lines(ready)
        lines(ready)

    assert capsys.readouterr().out == "warning: channel Trig1: no sensor's name, left out\n"


class Terminal(io.StringIO):
    """A terminal that may go away."""

    is_gone = False

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.is_gone:
            raise OSError(5, "Input/output error")
        return super().write(text)


def interrupted_as_its_terminal_goes_away(plan: SessionPlan, terminal: Terminal) -> None:
    with SessionOutput(headless=False, as_json=False).session("copying B", plan):
        terminal.is_gone = True
        raise KeyboardInterrupt


def test_a_picture_whose_terminal_goes_away_keeps_what_ended_its_session(monkeypatch, tmp_path):
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", terminal)
    folder = SessionFolder(tmp_path)
    plan = SessionPlan(name="x", folder=folder, config=Config(), mode="copy", words=("B",))

    with pytest.raises(KeyboardInterrupt):
        interrupted_as_its_terminal_goes_away(plan, terminal)
