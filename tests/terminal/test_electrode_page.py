"""What the operator is shown of the electrodes, and asked."""

import io
import os
import pty
import subprocess
import sys
import time

import pytest
from rich.console import Console

from bci_online.channel_quality import ChannelQuality, Electrodes
from bci_online.errors import BciError
from bci_online.terminal.electrode_page import ElectrodePage

GOOD = ChannelQuality("Cz", 9.0, False, False, 0.1, 5.0)
FLAT = ChannelQuality("P[b]z", 0.0, True, False, 0.0, 80.0)
ALL_GOOD = Electrodes((GOOD, GOOD), "microvolts")
ONE_FLAT = Electrodes((GOOD, FLAT), "microvolts")


class Terminal:
    """One at which something was typed before it was closed."""

    def __init__(self, typed: str) -> None:
        self._reads, writes = os.pipe()
        os.write(writes, typed.encode())
        os.close(writes)

    def fileno(self) -> int:
        return self._reads

    def isatty(self) -> bool:
        return True


class Looks:
    """A session that listens: look after look, each of which may wait for an answer."""

    def __init__(self, *looks):
        self.left = list(looks)
        self.n_listened = 0

    def __call__(self, ready=lambda: True):
        until = time.monotonic() + 10.0
        while not ready():
            assert time.monotonic() < until
            self.n_listened += 1
            time.sleep(0.001)
        return self.left.pop(0) if len(self.left) > 1 else self.left[0]


def asked(looks, monkeypatch, typed=None, **keys):
    """Return what is accepted, and what was shown."""
    look = looks if isinstance(looks, Looks) else Looks(looks)
    monkeypatch.setattr(sys, "stdin", io.StringIO() if typed is None else Terminal(typed))
    console = Console(file=io.StringIO(), width=80, highlight=False)
    page = ElectrodePage(console, **({"unattended": False} | keys))
    return page.accept(look), console.file.getvalue()


def test_channels_that_are_not_good_are_shown_and_want_a_reason(monkeypatch):
    accepted, shown = asked(ONE_FLAT, monkeypatch, "gel is on its way\n")

    assert accepted.words == (
        "electrodes accepted by the operator, in spite of P[b]z flat; reason: gel is on its way"
    )
    assert "1 of 2 channels good   impedances 5-80 kΩ" in shown
    (line,) = (line for line in shown.splitlines() if "flat" in line)
    assert line.split("│")[1:-1] != []
    assert "P[b]z" in line
    assert "80" in line


def test_without_a_reason_they_are_looked_at_again(monkeypatch):
    accepted, shown = asked(Looks(ONE_FLAT, ONE_FLAT, ALL_GOOD), monkeypatch, "\n\n\n")

    assert shown.count("1 of 2 channels good") == 2
    assert accepted.words == "electrodes accepted by the operator, all channels good"


def test_good_ones_are_accepted_with_a_key_or_looked_at_again(monkeypatch):
    accepted, shown = asked(ALL_GOOD, monkeypatch, "l\n\n")

    assert accepted.words == "electrodes accepted by the operator, all channels good"
    assert shown.count("2 of 2 channels good") == 2


def test_what_went_wrong_while_the_page_stood_is_not_accepted_with_it(monkeypatch):
    accepted, shown = asked(Looks(ALL_GOOD, ONE_FLAT), monkeypatch, "\nlast minute\n")

    assert "no longer good: P[b]z" in shown
    assert (accepted.reason, accepted.faults) == ("last minute", {"P[b]z": "flat"})


def test_what_came_right_while_the_page_stood_needs_no_other_answer(monkeypatch):
    accepted, _ = asked(Looks(ONE_FLAT, ALL_GOOD), monkeypatch, "gel is on its way\n")

    assert accepted.faults == {}


def test_the_session_listens_while_it_is_asked_and_may_end_meanwhile(monkeypatch):
    class Slow(Terminal):
        def fileno(self) -> int:
            time.sleep(0.1)
            return super().fileno()

    listening, aborted = Looks(ALL_GOOD), Looks(ALL_GOOD)
    page = ElectrodePage(Console(file=io.StringIO()), unattended=False)

    def abort(ready=None):
        if ready is not None:
            raise BciError("the session was ended before it began")
        return aborted()

    monkeypatch.setattr(sys, "stdin", Slow("\n"))
    page.accept(listening)
    monkeypatch.setattr(sys, "stdin", Slow("\n"))
    with pytest.raises(BciError, match="before it began"):
        page.accept(abort)

    assert listening.n_listened > 0


def test_who_closes_the_terminal_has_accepted_nothing(monkeypatch):
    with pytest.raises(BciError, match="not accepted"):
        asked(ONE_FLAT, monkeypatch, "")


def test_a_reason_given_beforehand_is_taken_without_asking(monkeypatch):
    accepted, shown = asked(ONE_FLAT, monkeypatch, reason="a test\nrun")

    assert shown == ""
    assert accepted.words.endswith("--accept-quality, in spite of P[b]z flat; reason: a test run")


def test_where_nobody_can_be_asked_bad_ones_are_refused_with_the_way_out(monkeypatch):
    with pytest.raises(BciError, match=r"electrodes: P\[b\]z flat; .*--accept-quality REASON"):
        asked(ONE_FLAT, monkeypatch)
    assert asked(ALL_GOOD, monkeypatch)[0].by == "by itself"


def test_an_unattended_session_accepts_by_itself_and_names_what_is_wrong(monkeypatch):
    accepted, shown = asked(ONE_FLAT, monkeypatch, unattended=True)

    assert accepted.words == "electrodes accepted by itself, in spite of P[b]z flat"
    assert shown == ""


@pytest.mark.slow
def test_a_program_ends_as_it_should_while_nobody_has_answered_yet():
    """With its output in a pipe, and a terminal to type at."""
    ours, theirs = pty.openpty()
    code = (
        "import sys, time\n"
        "from bci_online.terminal.electrode_page import _answers\n"
        "_answers(); time.sleep(0.5); sys.exit(2)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], stdin=theirs, capture_output=True, text=True, check=False
    )
    os.close(ours)
    os.close(theirs)

    assert (ended.returncode, ended.stderr) == (2, "")
