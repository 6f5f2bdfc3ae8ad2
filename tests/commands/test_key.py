"""The command `bci-online key`: the key of a session goes from one computer to another."""

import io

import pytest

from bci_online.commands.bodies.panel_window import show_panel
from bci_online.commands.key import key
from bci_online.errors import BciError
from bci_online.session_keys import KEYS_VARIABLE, has_key, session_key


@pytest.fixture
def computers(tmp_path, monkeypatch):
    """Two computers: the answer goes to one of them."""

    def go_to(name: str) -> None:
        monkeypatch.setenv(KEYS_VARIABLE, str(tmp_path / name))

    return go_to


def test_what_one_computer_shows_another_one_takes(computers, capsys, monkeypatch):
    computers("session's")
    own = session_key("monday")
    key("monday")
    shown = capsys.readouterr().out

    computers("operator's")
    monkeypatch.setattr("sys.stdin", io.StringIO(shown))
    key("monday", enter=True)

    assert session_key("monday") == own


def test_where_no_session_runs_there_is_no_key_and_none_is_made(computers):
    computers("operator's")

    with pytest.raises(BciError, match="session monday has no key of yours on this computer"):
        key("monday")
    assert not has_key("monday")


def test_a_panel_without_the_key_says_how_to_get_it(computers, monkeypatch):
    computers("operator's")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")

    with pytest.raises(BciError, match=r"`bci-online key monday` shows it.*--enter` takes it here"):
        show_panel("monday", 50.0)
