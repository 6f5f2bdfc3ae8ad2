import re
from collections import Counter
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from screens import ABORT, FINISH, PAUSE, RESUME, START, Screen, decision

from bci_online.config import Config, Presentation
from bci_online.markers import (
    Cue,
    Feedback,
    Note,
    SessionEnded,
    SessionStarted,
    TrialEnd,
    TrialStart,
)
from bci_online.messages import Marker, Score
from bci_online.paradigms.mi_presentation import GrazPresentation, GrazTimes

CLASSES = ("left_hand", "right_hand", "feet")
KINDS = {SessionStarted: "S", TrialStart: "s", Cue: "c", TrialEnd: "e", SessionEnded: "E",
         Note: "", Feedback: "f"}  # fmt: skip
SESSION = re.compile(r"S(s(c(ff?)?)?e)*E")


def screen(feedback=False, started=True, trials=2, seed=1, refresh_hz=60.0) -> Screen:
    presentation = Presentation(classes=CLASSES, trials_per_class=trials, refresh_hz=refresh_hz)
    graz = GrazPresentation(Config(presentation=presentation), feedback=feedback, seed=seed)
    shown = Screen(graz, refresh_hz)
    if started:
        shown.step(START)
    return shown


def grammar(shown: Screen) -> str:
    return "".join(KINDS[type(event)] for event in shown.events)


def score(*values: float) -> Score:
    return Score(Marker("", 0.0), 0.0, np.array(values), 0)


@pytest.mark.parametrize("refresh_hz", [50.0, 60.0, 59.94, 144.0])
def test_a_trial_keeps_the_times_of_graz_to_the_frame(refresh_hz):
    shown = screen(feedback=True, refresh_hz=refresh_hz)

    shown.until("ended")

    starts = np.array(shown.times(TrialStart))
    half = 0.5 / refresh_hz + 1e-6
    begun = np.array(shown.times(Feedback))[::2]
    np.testing.assert_allclose(np.array(shown.times(Cue)) - starts, 2.0, atol=half)
    np.testing.assert_allclose(begun - starts, 3.25, atol=half)
    np.testing.assert_allclose(np.array(shown.times(TrialEnd)) - starts, 6.0, atol=half)
    pauses = starts[1:] - np.array(shown.times(TrialEnd))[:-1]
    assert (pauses >= 1.5 - 2 * half).all()
    assert (pauses <= 3.5 + 2 * half).all()
    assert np.ptp(pauses) > 0.3


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 2**32), trials=st.integers(1, 6))
def test_every_class_is_asked_equally_often_in_an_order_of_the_seed(seed, trials):
    shown, again = screen(trials=trials, seed=seed), screen(trials=trials, seed=seed)
    for one in (shown, again):
        one.until("ended")

    assert Counter(event.label for event in shown.of(Cue)) == dict.fromkeys(CLASSES, trials)
    assert shown.markers == again.markers
    assert [event.number for event in shown.of(TrialStart)] == list(range(1, 3 * trials + 1))


def test_another_seed_is_another_order():
    orders = []
    for seed in range(5):
        shown = screen(seed=seed)
        shown.until("ended")
        orders.append(tuple(event.label for event in shown.of(Cue)))

    assert len(set(orders)) > 1


def test_calibration_hides_feedback_and_shows_cross_and_arrow():
    shown = screen()

    shown.until("ended")

    assert grammar(shown) == "S" + "sce" * 6 + "E"
    states = [state for state, _ in groupby(p.state for p in shown.pictures)]
    assert states == [*["fixation", "cue", "imagery", "between"] * 6, "ended"]
    assert {p.feedback for p in shown.pictures} == {None}
    assert sum(p.beep for p in shown.pictures) == 6
    assert all(p.cross == (p.state in {"fixation", "cue", "imagery"}) for p in shown.pictures)
    assert [cue for cue, _ in groupby(p.cue for p in shown.pictures) if cue] == [
        event.label for event in shown.of(Cue)
    ]
    assert shown.of(SessionStarted)[0].info["calibration"] is True


def test_feedback_draws_the_newest_values_and_ends_with_the_decision():
    shown = screen(feedback=True)
    shown.until("imagery")
    label = shown.of(Cue)[0].label
    other = next(name for name in CLASSES if name != label)

    drawn = shown.step(score(0.1, 0.2, 0.3), score(0.4, 0.5, 0.6))
    hit = shown.step(decision(label, 1), decision(other, 1), decision(other, 2))
    shown.until("fixation")
    shown.until("imagery")
    miss = shown.step(decision("nothing", 2))
    shown.until("ended")

    assert drawn.feedback == (0.4, 0.5, 0.6)
    assert (hit.outcome, miss.outcome) == ("hit", "miss")
    outcomes = [event.what for event in shown.of(Feedback)]
    assert outcomes == ["start", "hit", "start", "miss", *["start", "timeout"] * 4]
    assert shown.picture.dropped == 2
    assert grammar(shown) == "S" + "scffe" * 6 + "E"


def test_a_decision_without_a_value_is_a_timeout():
    shown = screen(feedback=True, trials=1)
    shown.until("imagery")

    assert shown.step(decision(None, 1)).outcome == "timeout"


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_whatever_is_missed_or_asked_for_the_markers_are_of_the_grammar(data):
    shown = screen(feedback=data.draw(st.booleans()), started=False)
    shown.step(START)

    for _ in range(data.draw(st.integers(0, 40))):
        shown.miss(data.draw(st.sampled_from([0, 1, 30, 200, 2000])))
        came = [PAUSE, RESUME, ABORT, FINISH, decision("feet", 1), score(1.0)]
        weights = st.sampled_from([None] * 8 + came)
        message = data.draw(weights)
        shown.step(*([] if message is None else [message]))
    shown.step(RESUME)
    shown.until("ended")

    assert SESSION.fullmatch(grammar(shown))
    assert len(shown.of(TrialStart)) == len(shown.of(TrialEnd))
    cues = [cue for cue, _ in groupby((p.n, p.cue) for p in shown.pictures) if cue[1]]
    assert len(cues) == len(shown.of(Cue))


@pytest.mark.parametrize("state", ["ready", "fixation", "cue", "imagery", "between", "paused"])
def test_abort_ends_at_once_in_every_state(state):
    shown = screen(started=state != "ready")
    if state == "paused":
        shown.step(PAUSE)
    shown.until(state)

    shown.step(ABORT)

    assert (shown.picture.state, shown.picture.reason) == ("ended", "abort")
    assert shown.events[-1] == SessionEnded("abort")
    assert len(shown.of(TrialStart)) == len(shown.of(TrialEnd))


@pytest.mark.parametrize("state", ["fixation", "cue", "imagery", "between"])
def test_a_pause_begins_at_the_trials_end(state):
    shown = screen()
    shown.until(state)

    shown.step(PAUSE)
    shown.until("paused")
    assert grammar(shown) == "Ssce"
    shown.step(RESUME)
    shown.until("ended")

    assert grammar(shown) == "S" + "sce" * 6 + "E"


def test_finish_ends_at_the_trials_end():
    shown = screen()
    shown.until("cue")

    shown.step(FINISH)
    shown.until("ended")

    assert grammar(shown) == "SsceE"
    assert shown.events[-1] == SessionEnded("done")


def test_times_that_are_not_in_order_are_refused():
    with pytest.raises(ValueError, match="must satisfy 0 <= cue <= feedback <= end"):
        GrazPresentation(Config(), times=GrazTimes(cue=4.0))
