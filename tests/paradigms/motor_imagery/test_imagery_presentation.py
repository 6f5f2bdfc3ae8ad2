import re
from collections import Counter
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from screens import ABORT, FINISH, HIDE, PAUSE, RESUME, SHOW, START, Screen, decision

from bci_online.config import Config, ImagerySpec, Presentation
from bci_online.markers import (
    Cue,
    Feedback,
    SessionEnded,
    SessionStarted,
    TrialEnd,
    TrialStart,
)
from bci_online.messages import TrialEvidence
from bci_online.notes import AnyNote
from bci_online.paradigms.motor_imagery.presentation import GrazPresentation
from bci_online.paradigms.motor_imagery.reach import reach
from bci_online.paradigms.presentation import DECISION_WAIT_S

CLASSES = ("left_hand", "right_hand", "feet")
KINDS = {SessionStarted: "S", TrialStart: "s", Cue: "c", TrialEnd: "e", SessionEnded: "E",
         Feedback: "f"}  # fmt: skip
# Feedback comes to an outcome while imagery lasts, or behind its end; or the session is aborted.
SESSION = re.compile(r"S(s(e|c(e|f(e|ef|fe))))*E")


def configured(classes=CLASSES, trials=2, refresh_hz=60.0, **imagery: object) -> Config:
    presentation = Presentation(classes=classes, trials_per_class=trials, refresh_hz=refresh_hz)
    return Config(presentation=presentation, imagery=ImagerySpec(**imagery))


def screen(feedback=False, started=True, seed=1, refresh_hz=60.0, **keys: object) -> Screen:
    config = configured(refresh_hz=refresh_hz, **keys)
    graz = GrazPresentation(config, feedback=feedback, seed=seed)
    shown = Screen(graz, refresh_hz)
    if started:
        shown.step(START)
    return shown


def grammar(shown: Screen) -> str:
    return "".join(KINDS.get(type(event), "") for event in shown.events)


def standing(trial: int = 1, threshold: float = 0.9, **posterior: float) -> TrialEvidence:
    return TrialEvidence(trial, 5, threshold, posterior)


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
    hidden = screen(refresh_hz=refresh_hz)
    hidden.until("ended")
    pauses = np.array(hidden.times(TrialStart))[1:] - np.array(hidden.times(TrialEnd))[:-1]
    assert (pauses >= 1.5 - 2 * half).all()
    assert (pauses <= 3.5 + 2 * half).all()
    assert np.ptp(pauses) > 0.3


def test_a_run_that_goes_on_cues_the_rest_with_the_same_pauses():
    whole = screen()
    whole.until("ended")
    rest = Screen(GrazPresentation(configured(), seed=1, done=4), 60.0)
    rest.step(START)
    rest.until("ended")

    cues = [[e.label for e in one.events if isinstance(e, Cue)] for one in (whole, rest)]
    assert cues[1] == cues[0][4:]
    lasts = [np.diff(one.times(TrialStart))[-1] for one in (whole, rest)]
    assert lasts[1] == pytest.approx(lasts[0], abs=0.02)
    first = next(picture for picture in rest.pictures if picture.n)
    assert (first.n, first.trial, first.n_total) == (5, 1, 6)
    [start] = [event for event in rest.events if isinstance(event, SessionStarted)]
    assert start.info["done"] == 4


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


def test_feedback_draws_how_the_evidence_stands_and_ends_with_the_decision():
    shown = screen(feedback=True, smoothing=0.0)
    shown.until("imagery")
    label = shown.of(Cue)[0].label
    other = next(name for name in CLASSES if name != label)

    drawn = shown.step(standing(feet=0.2, tongue=0.8), standing(feet=0.6, tongue=0.4))
    hit = shown.step(decision(label, 1), decision(other, 1), decision(other, 2))
    shown.until("fixation")
    shown.until("imagery")
    miss = shown.step(decision("nothing", 2))
    shown.until("ended")

    assert drawn.feedback == {"feet": pytest.approx(0.25), "tongue": 0.0}
    assert hit.feedback == {"feet": 0.0, "tongue": 0.0} | {label: 1.0}
    assert (hit.outcome, miss.outcome) == ("hit", "miss")
    outcomes = [event.what for event in shown.of(Feedback)]
    assert outcomes == ["start", "hit", "start", "miss", *["start", "timeout"] * 4]
    assert shown.picture.dropped == 2
    assert (shown.picture.hits, shown.picture.judged) == (1, 6)
    assert grammar(shown) == "S" + "scffe" * 2 + "scfef" * 4 + "E"


def test_the_scale_goes_from_chance_to_the_threshold():
    halves = reach(standing(threshold=0.75, left=0.5, right=0.5))
    some = reach(standing(threshold=0.75, left=0.625, right=0.375))
    all_of_it = reach(standing(threshold=0.75, left=0.01, right=0.99))

    assert halves == {"left": 0.0, "right": 0.0}
    assert some == {"left": pytest.approx(0.5), "right": 0.0}
    assert all_of_it == {"left": 0.0, "right": 1.0}


def test_with_idle_a_bar_starts_at_a_classes_prior_and_not_at_chance():
    evidence = TrialEvidence(1, 4, 0.75, {"left": 0.25, "right": 0.5}, idle=0.5)

    assert reach(evidence) == {"left": 0.0, "right": pytest.approx(0.5)}


def test_what_is_drawn_follows_smoothly_and_gets_there():
    shown = screen(feedback=True, smoothing=0.1)
    shown.until("imagery")
    shown.step(standing(feet=0.9, tongue=0.1))

    heights = [shown.step().feedback["feet"] for _ in range(60)]

    assert heights == sorted(heights)
    assert 0.1 < heights[0] < 0.6
    assert heights[5] == pytest.approx(1 - np.exp(-7 / 60 / 0.1), abs=0.02)
    assert heights[-1] == pytest.approx(1.0, abs=1e-3)


def test_evidence_of_another_trial_is_not_drawn():
    shown = screen(feedback=True, smoothing=0.0)
    shown.until("imagery")

    assert shown.step(standing(trial=2, feet=0.9, tongue=0.1)).feedback == {}


def test_nothing_moves_what_is_decided():
    plain, smooth = screen(feedback=True, smoothing=0.0), screen(feedback=True, smoothing=5.0)
    for shown in (plain, smooth):
        shown.until("imagery")
        shown.step(standing(feet=0.9, tongue=0.1))
        shown.step(decision("feet", 1))
        shown.until("ended")

    assert plain.markers == smooth.markers


def test_a_decision_without_a_value_is_a_timeout():
    shown = screen(feedback=True, trials=1)
    shown.until("imagery")

    assert shown.step(decision(None, 1)).outcome == "timeout"


@pytest.mark.parametrize(
    ("value", "outcome"), [("right", "hit"), ("wrong", "miss"), (None, "timeout")]
)
def test_a_decision_that_comes_behind_imagery_still_counts(value, outcome):
    shown = screen(feedback=True, trials=1)
    waits = shown.until("deciding")
    label = shown.of(Cue)[0].label

    judged = shown.step(decision(label if value == "right" else value, 1))
    shown.until("fixation")

    assert (waits.outcome, judged.state, judged.outcome) == ("", "outcome", outcome)
    seen = [p for p in shown.pictures if p.outcome]
    assert len(seen) == 60
    assert shown.picture.dropped == 0


def test_an_outcome_late_in_imagery_is_seen_as_long_as_one_behind_it():
    shown = screen(feedback=True, trials=1)
    shown.until("deciding")
    early = screen(feedback=True, trials=1)
    early.until("imagery")
    for _ in range(150):
        early.step()

    early.step(decision("feet", 1))
    early.until("fixation")

    assert len([p for p in early.pictures if p.outcome]) == 60


def test_nobody_waits_for_a_decision_for_longer_than_two_seconds():
    shown = screen(feedback=True, trials=1)

    shown.until("outcome")

    (ended, *_), (_, outcome, *_) = shown.times(TrialEnd), shown.times(Feedback)
    assert outcome - ended == pytest.approx(DECISION_WAIT_S, abs=1 / 60)
    assert shown.picture.outcome == "timeout"


@pytest.mark.parametrize(("value", "outcome"), [(None, "hit"), ("feet", "miss")])
def test_behind_a_cue_for_rest_no_decision_is_right(value, outcome):
    shown = screen(feedback=True, classes=("rest",), trials=1)
    shown.until("imagery")

    assert shown.step(decision(value, 1)).outcome == outcome


def test_the_session_lasts_until_the_last_window_is_there():
    config = configured(trials=1, end=3.25, shortest_pause=0.0, longest_pause=0.0)
    shown = Screen(GrazPresentation(config))
    shown.step(START)

    shown.until("ended")

    last = shown.times(Cue)[-1] + config.evidence.tmax
    assert shown.times(SessionEnded)[0] > last
    assert config.evidence.tmax > 3.25


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_whatever_is_missed_or_asked_for_the_markers_are_of_the_grammar(data):
    shown = screen(feedback=data.draw(st.booleans()), started=False)
    shown.step(START)

    for _ in range(data.draw(st.integers(0, 40))):
        shown.miss(data.draw(st.sampled_from([0, 1, 30, 200, 2000])))
        came = [PAUSE, RESUME, ABORT, FINISH, decision("feet", 1), standing(feet=1.0)]
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


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"cue": 4.0}, "must satisfy 0 <= cue <= feedback <= end"),
        ({"shortest_pause": 4.0}, "must be at most longest_pause=3.5 s"),
    ],
)
def test_times_that_are_not_in_order_are_refused(keys, said):
    with pytest.raises(ValueError, match=said):
        ImagerySpec(**keys)


@pytest.mark.parametrize("state", ["fixation", "cue", "imagery", "between"])
def test_while_the_screen_is_hidden_a_trial_stands_still_and_then_lasts_as_long(state):
    shown, seen = screen(trials=1), screen(trials=1)
    for one in (shown, seen):
        one.until(state)

    shown.step(HIDE)
    n_marked = len(shown.markers)
    for _ in range(600):
        shown.step()
    n_while = len(shown.markers) - n_marked
    shown.step(SHOW)
    for one in (shown, seen):
        one.until("ended")

    lasted = [Counter(picture.state for picture in one.pictures) for one in (shown, seen)]
    lasted[0][state] -= 600
    assert n_while == 0
    assert [note.words for note in shown.of(AnyNote)] == ["screen hidden", "screen seen"]
    assert all(abs(lasted[0][of] - lasted[1][of]) <= 3 for of in lasted[1])
    assert grammar(shown) == grammar(seen)
