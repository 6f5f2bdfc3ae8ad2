"""What the operator is shown of the electrodes, and asked."""

import io
import sys

import pytest
from rich.console import Console

from bci_online.commands.electrode_page import ElectrodePage
from bci_online.errors import BciError
from bci_online.preprocessing.quality import ChannelQuality
from bci_online.runtime.electrodes import Electrodes

GOOD = ChannelQuality("Cz", 9.0, False, False, 0.1, 5.0)
FLAT = ChannelQuality("P[b]z", 0.0, True, False, 0.0, 80.0)
ALL_GOOD = Electrodes((GOOD, GOOD), "microvolts")
ONE_FLAT = Electrodes((GOOD, FLAT), "microvolts")


class Terminal(io.StringIO):
    """A keyboard at which somebody types."""

    def isatty(self) -> bool:
        return True


def asked(electrodes, monkeypatch, typed=None, **keys):
    """Return what is accepted, and what was shown."""
    monkeypatch.setattr(sys, "stdin", io.StringIO() if typed is None else Terminal(typed))
    console = Console(file=io.StringIO(), width=80, highlight=False)
    page = ElectrodePage(console, **({"unattended": False} | keys))
    return page.accept(electrodes), console.file.getvalue()


def test_channels_that_are_not_good_are_shown_and_want_a_reason(monkeypatch):
    accepted, shown = asked(ONE_FLAT, monkeypatch, "gel is on its way\n")

    assert accepted.note() == (
        "electrodes accepted by the operator, in spite of P[b]z flat; reason: gel is on its way"
    )
    assert "1 of 2 channels good   impedances 5-80 kΩ" in shown
    (line,) = (line for line in shown.splitlines() if "flat" in line)
    assert line.split("│")[1:-1] != []
    assert "P[b]z" in line
    assert "80" in line


def test_without_a_reason_they_are_looked_at_again(monkeypatch):
    assert asked(ONE_FLAT, monkeypatch, "\n")[0] is None


def test_good_ones_are_accepted_with_a_key_or_looked_at_again(monkeypatch):
    accepted, _ = asked(ALL_GOOD, monkeypatch, "\n")

    assert accepted.note() == "electrodes accepted by the operator, all channels good"
    assert asked(ALL_GOOD, monkeypatch, "l\n")[0] is None


def test_who_closes_the_terminal_has_accepted_nothing(monkeypatch):
    with pytest.raises(BciError, match="not accepted"):
        asked(ONE_FLAT, monkeypatch, "")


def test_a_reason_given_beforehand_is_taken_without_asking(monkeypatch):
    accepted, shown = asked(ONE_FLAT, monkeypatch, reason="a test\nrun")

    assert shown == ""
    assert accepted.note().endswith("--accept-quality, in spite of P[b]z flat; reason: a test run")


def test_where_nobody_can_be_asked_bad_ones_are_refused_with_the_way_out(monkeypatch):
    with pytest.raises(BciError, match=r"electrodes: P\[b\]z flat; .*--accept-quality REASON"):
        asked(ONE_FLAT, monkeypatch)
    assert asked(ALL_GOOD, monkeypatch)[0].by == "by itself"


def test_an_unattended_session_accepts_by_itself_and_names_what_is_wrong(monkeypatch):
    accepted, shown = asked(ONE_FLAT, monkeypatch, unattended=True)

    assert accepted.note() == "electrodes accepted by itself, in spite of P[b]z flat"
    assert shown == ""
