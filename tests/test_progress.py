import pytest

from bci_online.progress import progress_bar


@pytest.fixture
def terminal(monkeypatch):
    """Let standard error pass for a terminal of 80 columns."""
    for name, value in (("FORCE_COLOR", "1"), ("TERM", "xterm"), ("COLUMNS", "80")):
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("counted", [False, True])
def test_a_bar_says_what_is_done_and_on_request_how_many(counted, terminal, capsys):
    with progress_bar(counted=counted) as bar:
        bar.update(bar.add_task("letters of [x].xdf", total=36), completed=7)

    shown = capsys.readouterr()
    assert "letters of [x].xdf" in shown.err
    assert ("7/36" in shown.err) == counted
    assert shown.out == ""


def test_a_hidden_bar_shows_nothing(terminal, capsys):
    with progress_bar(hidden=True) as bar:
        bar.add_task("letters", total=36)

    assert capsys.readouterr().err == ""


def test_where_standard_error_is_no_terminal_nothing_is_shown(capsys):
    with progress_bar() as bar:
        bar.add_task("letters", total=36)

    assert capsys.readouterr().err == ""
