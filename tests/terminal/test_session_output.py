from rich.console import Console

from bci_online.notes import Pause, Resume
from bci_online.terminal.session_output import _Lines


def test_a_pause_and_its_way_out_are_lines(capsys):
    with _Lines("copy", False, Console()) as lines:
        lines(Pause())
        lines(Resume())

    assert capsys.readouterr().out == "pause; Space or the panel resumes it\nresume\n"
