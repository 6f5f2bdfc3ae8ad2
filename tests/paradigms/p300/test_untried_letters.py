"""What the screen does when nobody looks: it waits, slows down, and rests."""

import pytest
from screens import RESUME, START, Screen

from bci_online.config import Config, LayoutSpec, Presentation, Stopping
from bci_online.markers import TrialStart
from bci_online.messages import Decision, DecisionLine
from bci_online.notes import Pause
from bci_online.paradigms.p300.presentation import P300Presentation
from bci_online.session_state.letters import Letters

PAUSE_S, WAITING_S = 0.5, 2.0


def screen(**keys: object) -> Screen:
    given = {"cue_s": 0.1, "decision_s": 0.1, "pause_s": PAUSE_S, "waiting_s": WAITING_S}
    config = Config(
        layout=LayoutSpec(rows=("ABCD", "EFGH", "IJKL")),
        presentation=Presentation(**given | {"attempts": 2} | keys),
        stopping=Stopping(max_repetitions=2),
    )
    shown = Screen(P300Presentation(config, "copy", ("CA",), seed=3), 60.0)
    shown.step(START)
    return shown


def nobody(picture) -> list[Decision]:
    """Answer every letter with nobody, while it flashes."""
    if picture.state != "flashing":
        return []
    return [Decision(None, picture.trial, 0.1, 0.0, nobody=0.9)]


def starts(shown: Screen) -> list[float]:
    return shown.times(TrialStart)


def test_a_letter_that_nobody_looked_at_is_asked_again_and_never_given_up():
    shown = screen(rest_after=0)
    for _ in range(5):
        assert shown.until("waiting", nobody).spelled == ()
        shown.until("cue")

    assert [event.symbol for event in shown.of(TrialStart)] == ["C"] * 6


def test_each_empty_letter_makes_the_pause_longer_and_an_attended_one_makes_it_short_again():
    shown = screen(rest_after=0)
    waits = []
    for _ in range(3):
        shown.until("waiting", nobody)
        shown.until("between")
        began = shown.now
        shown.until("cue")
        waits.append(shown.now - began)
    shown.until("flashing")
    shown.step(Decision("C", 4, 0.99, 0.0))
    shown.until("between")
    began = shown.now
    shown.until("cue")

    assert waits == pytest.approx([PAUSE_S + n * WAITING_S for n in (1, 2, 3)], abs=0.05)
    assert shown.now - began == pytest.approx(PAUSE_S, abs=0.05)


def test_after_so_many_empty_letters_the_session_rests_until_it_is_resumed():
    shown = screen(rest_after=2)
    shown.until("waiting", nobody)
    shown.until("paused", nobody)

    assert shown.picture.resting
    assert len(starts(shown)) == 2
    assert len(shown.of(Pause)) == 1

    for _ in range(600):
        assert shown.step().state == "paused"
    shown.step(RESUME)
    assert shown.until("cue").cue == "C"


def test_a_weak_decision_that_somebody_looked_at_is_not_an_empty_letter():
    shown = screen(rest_after=1)
    shown.until("flashing")
    shown.step(Decision(None, 1, 0.3, 0.0, nobody=0.2))

    assert shown.until("undecided").state == "undecided"
    assert shown.until("cue").cue == "C"


def test_who_follows_the_letters_does_not_count_an_empty_one_as_an_attempt():
    letters = Letters(attempts=2, cued=True)
    for trial in range(1, 6):
        letters.ask(trial)
        letters.decide(DecisionLine(type="no_decision", trial=trial, nobody=0.9))

    assert letters.place == 1
    assert letters.answered == []


def disturbed(picture) -> list[Decision]:
    """Answer every letter that its flashes were rejected, while it flashes."""
    if picture.state != "flashing":
        return []
    return [Decision(None, picture.trial, 0.1, 0.0, nobody=0.9, disturbed=True)]


def test_after_two_disturbed_letters_the_session_pauses_and_goes_on_with_the_same_letter():
    shown = screen(rest_after=0)

    shown.until("paused", disturbed)
    shown.step(RESUME)
    shown.until("flashing")

    assert [event.symbol for event in shown.of(TrialStart)] == ["C"] * 3
    assert len(shown.of(Pause)) == 1


def test_a_letter_with_a_signal_between_two_disturbed_ones_prevents_the_pause():
    shown = screen(rest_after=0)
    for answer in (disturbed, nobody, disturbed):
        shown.until("undecided" if answer is disturbed else "waiting", answer)
        shown.until("cue")

    assert shown.of(Pause) == []


def test_a_disturbed_letter_is_no_attempt_for_those_who_count_letters():
    letters = Letters(attempts=1, cued=True)
    letters.ask(1)
    letters.decide(DecisionLine(type="no_decision", trial=1, disturbed=True))
    letters.ask(2)

    assert (letters.answered, letters.place) == ([], 1)
