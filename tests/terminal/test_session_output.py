from rich.console import Console

from bci_online.notes import Pause, Resume
from bci_online.session_lines import EngineReady
from bci_online.terminal.session_output import _Lines


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
