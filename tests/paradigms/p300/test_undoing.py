"""Letters that an error potential takes back, and what their next flashes begin with."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bci_online.config import Evidence, Stopping
from bci_online.markers import Feedback, Flash, TrialStart
from bci_online.messages import Decision, Marker, Reconsidered, Rejected, Retracted, Score
from bci_online.notes import Undo
from bci_online.paradigms.p300.decision import P300Speller
from bci_online.paradigms.p300.text_prior import TextPrior
from bci_online.paradigms.p300.undoing import STAYS, UndoingSpeller, still_right

LAYOUT = {1: ("A",), 2: ("B",), 3: ("C",)}
ERRORS = Evidence(target_mean=1.0, nontarget_mean=-1.0)  # a score s has the log ratio 2 s
ANSWER = Marker("feedback/start", 9.0)


def speller(errors: Evidence = ERRORS) -> UndoingSpeller:
    prior = TextPrior()
    letters = P300Speller(
        LAYOUT, Evidence(threshold=0.999), Stopping(max_repetitions=1), 0.6, prior=prior
    )
    return UndoingSpeller(letters, prior, errors)


def score(value: float, marker: Marker = ANSWER) -> Score:
    return Score(marker, marker.time, np.array([0.0, value]), 0)


def flashed(
    speller: UndoingSpeller, trial: int, values: tuple[float, ...], starts: bool = True
) -> Decision:
    """Flash each letter once; a value v has the log ratio 2 v. The last flash decides."""
    if starts:
        speller.push(TrialStart(trial), 0.0, None)
    marker = Marker("flash", 1.0)
    messages = [
        message
        for code, value in enumerate(values, start=1)
        for message in speller.push(Flash(code), 1.0, score(value, marker))
    ]
    (decision,) = (message for message in messages if isinstance(message, Decision))
    return decision


def reconsidered(speller: UndoingSpeller, value: float) -> Reconsidered:
    (again,) = speller.push(Feedback("start"), 9.0, score(value))
    assert isinstance(again, Reconsidered)
    return again


@given(
    flashes=st.tuples(*[st.floats(-2, 2)] * 3).filter(lambda v: sorted(v)[2] > sorted(v)[1] + 0.5),
    potential=st.floats(-5, 5),
)
def test_a_letter_is_taken_back_exactly_if_its_potential_leaves_it_unsure(flashes, potential):
    own = speller()
    decision = flashed(own, 1, flashes)

    again = reconsidered(own, potential)

    odds = decision.confidence / (1 - decision.confidence) * math.exp(-2 * potential)
    assert again.confidence == pytest.approx(odds / (1 + odds), rel=1e-6, abs=1e-12)
    taken_back = potential > 0 and again.confidence <= STAYS
    assert again.value == (None if taken_back else decision.value)


@given(potential=st.floats(-1e6, 1e6), flashes=st.tuples(*[st.floats(-2, 2)] * 3))
def test_a_decoder_that_cannot_tell_errors_changes_nothing(potential, flashes):
    own = speller(Evidence(target_mean=0.3, nontarget_mean=0.3))
    own.push(TrialStart(1), 0.0, None)
    messages = [
        message
        for code, value in enumerate(flashes, start=1)
        for message in own.push(Flash(code), 1.0, score(value))
    ]
    decided = [message for message in messages if isinstance(message, Decision) and message.value]

    again = own.push(Feedback("start"), 9.0, score(potential))

    assert [message.value for message in again] == [message.value for message in decided]
    assert [message.ratio for message in again] == [0.0] * len(decided)


def test_an_answer_whose_epoch_was_rejected_stays():
    own = speller()
    flashed(own, 1, (0.5, 0.0, -1.0))

    (again,) = own.push(Feedback("miss"), 9.0, Rejected(ANSWER, "artefact", 9.0))

    assert (again.value, again.ratio) == ("A", 0.0)


def test_the_label_of_an_answer_decides_nothing():
    found = []
    for what in ("hit", "miss", "start"):
        own = speller()
        flashed(own, 1, (0.5, 0.0, -1.0))
        found.append(own.push(Feedback(what), 9.0, score(1.0)))

    assert found[0] == found[1] == found[2]


def test_an_answer_is_reconsidered_once_and_only_before_the_next_letter():
    own = speller()
    flashed(own, 1, (0.5, 0.0, -1.0))
    assert len(own.push(Feedback("hit"), 9.0, score(1.0))) == 1
    assert own.push(Feedback("hit"), 9.5, score(1.0)) == []

    flashed(own, 2, (0.5, 0.0, -1.0))
    own.push(TrialStart(3), 10.0, None)

    assert own.push(Feedback("hit"), 11.0, score(1.0)) == []


def test_a_letter_that_is_asked_again_begins_with_what_flashes_and_potential_say():
    own = speller()
    first = flashed(own, 1, (1.0, 0.8, -1.0))
    again = reconsidered(own, 2.0)
    assert (first.value, again.value) == ("A", None)
    own.push(Undo(1), 9.8, None)

    second = flashed(own, 2, (0.0, 0.0, 0.0))
    third = flashed(own, 3, (0.5, 0.0, -1.0))

    weights = np.array([first.evidence[symbol] for symbol in "ABC"]) * [math.exp(-4.0), 1, 1]
    expected = 0.95 * weights / weights.sum() + 0.05 / 3
    assert second.value is None or second.value == "B"
    assert list(second.evidence.values()) == pytest.approx(expected, rel=1e-6)
    fresh = flashed(speller(), 1, (0.5, 0.0, -1.0))
    assert third.evidence == pytest.approx(fresh.evidence)


@pytest.mark.parametrize("is_open", [False, True])
def test_a_letter_whose_flashes_are_taken_back_late_starts_no_other_one(is_open):
    own = speller()
    flashed(own, 1, (1.0, 0.8, -1.0))
    assert reconsidered(own, 2.0).value is None
    own.push(Undo(1), 9.8, None)

    if is_open:
        own.push(TrialStart(2), 10.0, None)
    suspected = own.retract(Retracted(Marker("flash", 1.0), 100))
    second = flashed(own, 2, (0.5, 0.0, -1.0), starts=not is_open)

    assert suspected.suspect_trial == 1
    assert second.evidence == pytest.approx(flashed(speller(), 1, (0.5, 0.0, -1.0)).evidence)


def test_without_the_screens_undo_the_next_letter_begins_anew():
    own = speller()
    flashed(own, 1, (1.0, 0.8, -1.0))
    assert reconsidered(own, 2.0).value is None

    after = flashed(own, 2, (0.5, 0.0, -1.0))

    assert after.evidence == pytest.approx(flashed(speller(), 1, (0.5, 0.0, -1.0)).evidence)


@given(st.floats(0, 1), st.floats(-800, 800))
def test_a_posterior_stays_a_probability_however_strong_the_potential(right, ratio):
    assert 0 <= still_right(right, ratio) <= 1
