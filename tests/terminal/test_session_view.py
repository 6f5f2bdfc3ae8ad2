import time

import pytest
from rich.console import Console
from rich.text import Text

from bci_online.config import LayoutSpec
from bci_online.markers import (
    Flash,
    Layout,
    SessionEnded,
    SessionStarted,
    TrialEnd,
    TrialStart,
)
from bci_online.messages import DecisionLine, Gap, Marker, Rejected, Status, TrialEvidence
from bci_online.notes import Undo
from bci_online.terminal.session_output import _Lines
from bci_online.terminal.session_view import SessionView

LAYOUT = LayoutSpec()
SIZES = [(80, 24), (160, 50)]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def view(clock: Clock | None = None) -> SessionView:
    rows = [tuple(row) for row in LAYOUT.rows]
    return SessionView("a demo of spelling", rows, ["HELLO"], clock or Clock())


def rendered(shown: SessionView, size: tuple[int, int] = (80, 24)) -> list[str]:
    width, height = size
    console = Console(width=width, height=height, file=None, force_terminal=True, _environ={})
    with console.capture() as captured:
        console.print(shown, height=height, crop=False, soft_wrap=False)
    return [line.rstrip() for line in Text.from_ansi(captured.get()).plain.splitlines()]


def in_mid_letter() -> SessionView:
    shown = view()
    for received in (
        SessionStarted({"calibration": False}),
        Layout(LAYOUT.symbols_of_code),
        TrialStart(1, "H"),
        Flash(1, True),
        TrialEvidence(1, 24, 0.99, {"H": 0.7, "G": 0.2, "I": 0.1}),
    ):
        shown.observe(received)
    return shown


@pytest.mark.parametrize("size", SIZES)
def test_every_state_fits_the_terminal(size):
    shown = in_mid_letter()
    states = [
        DecisionLine(value="H", trial=1, truth="H", correct=True, repetitions=3),
        TrialStart(2, "E"),
        Status("alarm", "no sample for 0.6 s: " + "look at the amplifier, " * 20),
        Status("alarm", "data are 400 ms old"),
        Gap(0, 12, 1.0, bridged=False),
        SessionEnded("done"),
    ]
    for received in [None, *states]:
        if received is not None:
            shown.observe(received)

        lines = rendered(shown, size)

        assert len(lines) <= size[1]
        assert max(map(len, lines)) <= size[0]
        assert all(any(symbol in line for line in lines) for symbol in "A9_")


def test_the_likeliest_symbols_are_drawn_with_their_probabilities():
    text = "\n".join(rendered(in_mid_letter()))

    assert "0.70" in text
    assert "0.20" in text
    assert "decides at 0.99" in text


def test_letters_right_and_speed_count_the_pauses():
    clock = Clock()
    shown = view(clock)
    shown.observe(SessionStarted({}))
    for trial, value in enumerate("HEX", start=1):
        truth = "HEL"[trial - 1]
        line = DecisionLine(value=value, trial=trial, truth=truth, correct=value == truth)
        shown.observe(line)
    clock.now = 60.0

    text = "\n".join(rendered(shown))

    assert "2 of 3 right   3.0 letters/min" in text


def test_a_late_decision_is_not_shown_as_spelled():
    shown = in_mid_letter()
    shown.observe(DecisionLine(value="Q", trial=1, truth="H", correct=False, late=True))

    assert "spelled" in rendered(shown)[3]
    assert "Q" not in rendered(shown)[3]


def test_a_calibration_shows_what_was_copied_and_says_that_nothing_is_decided():
    shown = view()
    for received in (
        SessionStarted({"calibration": True}),
        Layout(LAYOUT.symbols_of_code),
        TrialStart(1, "H"),
        TrialEnd(1),
        TrialStart(2, "E"),
    ):
        shown.observe(received)

    text = "\n".join(rendered(shown))

    assert "copied    H" in text
    assert "nothing is decided" in text


def copying(*received: object) -> str:
    """Return what is shown of a session that copies HELLO, at most two trials a letter."""
    rows = [tuple(row) for row in LAYOUT.rows]
    shown = SessionView("copying", rows, ["HELLO"], Clock(), attempts=2)
    for each in received:
        shown.observe(each)
    return "\n".join(rendered(shown))


def decided(trial: int, value: str | None) -> DecisionLine:
    return DecisionLine(type="decision" if value else "no_decision", value=value, trial=trial)


def test_a_letter_that_is_asked_again_is_no_other_letter():
    first = TrialStart(1, "H"), decided(1, None), Undo(1), TrialStart(2, "H")

    assert "letter 1 of 5" in copying(*first)
    assert "letter 1 of 5" in copying(*first, decided(2, "H"))
    assert "letter 2 of 5" in copying(*first, decided(2, "H"), TrialStart(3, "E"))


def test_a_letter_that_is_given_up_is_left_behind():
    twice = TrialStart(1, "H"), TrialStart(2, "H"), decided(2, None), TrialStart(3, "E")

    assert "letter 2 of 5" in copying(*twice)
    assert "letter 2 of 5" in copying(*twice, TrialStart(4, "E"))
    assert "letter 3 of 5" in copying(*twice, TrialStart(4, "E"), TrialStart(5, "L"))


def test_a_letter_that_is_undone_is_asked_again_and_no_longer_spelled():
    undone = TrialStart(1, "H"), decided(1, "Q"), TrialStart(2, "E"), Undo(1)
    again = *undone, decided(2, "E"), TrialStart(3, "H")

    assert "spelled   Q" in copying(*undone[:-1])
    assert "letter 1 of 5" in copying(*again)
    assert "Q" not in copying(*again).splitlines()[3]
    assert "letter 2 of 5" in copying(*again, decided(3, "H"), TrialStart(4, "E"))


def test_a_decision_that_came_too_late_answers_nothing():
    late = DecisionLine(value="H", trial=1, late=True)

    assert "letter 1 of 5" in copying(TrialStart(1, "H"), late, TrialStart(2, "H"))
    assert "letter 1 of 5" in copying(TrialStart(1, "H"), TrialStart(2, "H"), decided(1, "H"))


def test_letters_of_a_calibration_are_counted_as_they_end():
    calibration = SessionStarted({"calibration": True}), TrialStart(1, "H"), TrialEnd(1)

    assert "letter 1 of 5" in copying(*calibration)
    assert "letter 2 of 5" in copying(*calibration, TrialStart(2, "E"))


def test_in_free_spelling_a_letter_goes_on_when_the_one_before_is_undone():
    rows = [tuple(row) for row in LAYOUT.rows]
    shown = SessionView("spelling", rows, (), Clock())
    for received in (
        TrialStart(1), decided(1, "A"), TrialStart(2), Undo(1), decided(2, "B"),
        TrialStart(3),
    ):  # fmt: skip
        shown.observe(received)

    assert "letter 2" in rendered(shown)


def test_losses_and_rejected_flashes_are_counted():
    shown = in_mid_letter()
    shown.observe(Gap(0, 12, 1.0, bridged=False))
    shown.observe(Gap(50, 3, 2.0, bridged=True))
    shown.observe(Rejected(Marker("flash/1/target", 0.0), "gap", 1.0))

    text = "\n".join(rendered(shown))

    assert "lost samples 15" in text
    assert "rejected flashes 1" in text


@pytest.mark.parametrize("size", SIZES)
def test_words_stand_above_the_matrix_and_what_is_spelled_freely_is_counted_only(size):
    rows = [tuple(row) for row in LAYOUT.rows]
    shown = SessionView("spelling", rows, (), Clock())
    words = ("UNDERSTANDING", "UNDER", "UNDERGROUND", "UNDERNEATH", "⌫", "☾")
    shown.observe(SessionStarted({"calibration": False}))
    for symbol in "SECRET":
        shown.observe(Layout(LayoutSpec(rows=(*LAYOUT.rows, words)).symbols_of_code))
        shown.observe(TrialStart(1, ""))
        shown.observe(DecisionLine(value=symbol, trial=1, repetitions=3))

    lines = rendered(shown, size)

    assert len(lines) <= size[1]
    assert max(map(len, lines)) <= size[0]
    text = "\n".join(lines)
    assert "UNDERSTANDING" in text
    assert "6 symbols chosen" in text
    assert "SECRET" not in text


def test_lines_for_a_log_do_not_say_what_was_spelled_freely(capsys):
    for mode, said in (("free", "a symbol"), ("copy", "S")):
        _Lines(mode, False, Console())(DecisionLine(value="S", trial=1, repetitions=3))

        assert capsys.readouterr().out == f"spelled {said} after 3 repetitions\n"


COUNT = [Status("info", f"closing the recording, up to {n} s", kind="closing") for n in (6, 5, 4)]


def test_closing_the_recording_counts_down_in_the_picture():
    shown = view()
    for message in (SessionEnded("done"), *COUNT[:2]):
        shown.observe(message)

    assert any("closing the recording, up to 5 s" in line for line in rendered(shown))


@pytest.mark.parametrize("as_json", [False, True])
def test_closing_the_recording_is_one_line_where_nobody_watches_a_terminal(as_json, capsys):
    with _Lines("calibration", as_json, Console(force_terminal=False)) as lines:
        for message in COUNT:
            lines(message)

    [said] = capsys.readouterr().out.splitlines()
    assert "closing the recording, up to 6 s" in said


def test_closing_the_recording_counts_down_in_one_line_of_a_terminal(capsys):
    console = Console(force_terminal=True, _environ={})
    with _Lines("calibration", False, console) as lines:
        for message in COUNT:
            lines(message)
            time.sleep(0.2)

    out = capsys.readouterr().out
    assert "up to 6 s" in out
    assert "up to 4 s" in out
    # The line is drawn over itself and is gone at the end.
    assert "\x1b[2K" in out
    assert Text.from_ansi(out.rpartition("\x1b[2K")[2]).plain.strip() == ""
