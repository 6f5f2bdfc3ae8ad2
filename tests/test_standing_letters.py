"""What a backspace, an undo and a correction take back: one answer wherever it is asked."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_discriminant import N_TIMES, trained

from bci_online.config import Adaptation
from bci_online.markers import Flash, Layout, SessionStarted, TrialStart
from bci_online.messages import Decision, DecisionLine, Epoch, Journal, Marker
from bci_online.notes import Corrected, Undo
from bci_online.paradigms.p300.spelling import Spelling
from bci_online.paradigms.p300.text_prior import TextPrior
from bci_online.preprocessing.epoching import Served
from bci_online.runtime.adaptation import FollowedSession
from bci_online.session.supervision import KnownLetters
from bci_online.session_state.decisions import Decisions
from bci_online.standing_letters import StandingLetters

START = SessionStarted(
    {
        "backspace": "<",
        "rest": "z",
        "adaptation": msgspec.to_builtins(Adaptation(on=True, confidence=0.6)),
    }
)

CASES = [
    # what is decided, undone (-2) and corrected to I (=2); the text; trials that nobody took back
    ("A B C", "ABC", [1, 2, 3]),
    ("A B < C", "AC", [1, 3, 4]),
    ("A B < < C", "C", [3, 4, 5]),
    ("< A", "A", [1, 2]),
    ("A B C D < < < < < < E", "E", [5, 6, 7, 8, 9, 10, 11]),
    ("A B z < C", "AC", [1, 3, 4, 5]),
    # An undone backspace erased nothing, at once or later; undone once more, its letter goes too.
    ("A B < -3 C", "ABC", [1, 2, 4]),
    ("A B C < < -5 D", "ABD", [1, 2, 4, 6]),
    ("A B < C -4 -3 -2 D", "AD", [1, 5]),
    ("A B < -3 < C", "AC", [1, 4, 5]),
    # A letter that is undone is asked again, as another trial.
    ("A -1 A B", "AB", [2, 3]),
    ("A -1 -1 A -2 -1 -9", "", []),
    ("-1 A B", "B", [2]),
    ("A Q =2 B", "AIB", [1, 2, 3]),
    ("A Q =2 < B", "AB", [1, 3, 4]),
    ("A Q =2 < -3 B", "AIB", [1, 2, 4]),
    ("A Q =2 -2 B", "AB", [1, 3]),
]


def events_of(what: str) -> list[Undo | Corrected | str]:
    read = {"-": lambda one: Undo(int(one[1:])), "=": lambda one: Corrected(int(one[1:]), "I")}
    return [read.get(one[0], lambda one: one)(one) for one in what.split()]


def lines_of(what: str) -> list[SessionStarted | Undo | Corrected | DecisionLine]:
    made, number = [START], 0
    for event in events_of(what):
        if isinstance(event, str):
            number += 1
            event = DecisionLine(value=event, trial=number, confidence=0.99)
        made.append(event)
    return made


def told(what: str) -> StandingLetters:
    text = StandingLetters()
    for line in lines_of(what):
        text.observe(line)
        if isinstance(line, DecisionLine):
            text.enter(line.trial, line.value)
    return text


@pytest.mark.parametrize(("what", "text", "kept"), CASES)
def test_what_stands_is_the_same_for_panel_prior_and_supervision(what, text, kept) -> None:
    own, panel, known, prior = told(what), Decisions(), KnownLetters(), TextPrior()
    prior.start(START.info)
    for line in lines_of(what):
        panel.observe(line)
        known.observe(line)
        if isinstance(line, DecisionLine):
            panel.add(line)
            prior.enter(line.value, line.trial)
        elif isinstance(line, Undo):
            prior.undo(line.trial)
    offered, trials = [], [line.trial for line in panel.lines]
    for trial in trials:
        panel.observe(Journal("reread", 0.0, text="M", value=trial))
        if panel.offered == Corrected(trial, "M"):
            offered.append(trial)
            assert panel.offer.startswith(f"{text} → ")

    assert "".join(own.letters.values()) == text
    assert [*own.letters] == offered == [one for one in trials if prior.can_correct(one, "M")]
    assert known.letters() == own.meant
    assert [*own.meant] == kept


def served(event, n: int = 0) -> Served:
    marker = Marker(event.text(), float(n))
    outcome = None
    if isinstance(event, Flash):
        data = np.full((3, N_TIMES), float(n))
        outcome = Epoch(data, marker, onset=n, time=float(n), peak_to_peak=np.zeros(3))
    return Served(event, marker, float(n), outcome)


@pytest.mark.slow
@pytest.mark.parametrize(("what", "text", "kept"), CASES)
def test_a_decoder_has_learnt_what_nobody_took_back_as_it_was_decided(what, text, kept) -> None:
    own, number = FollowedSession(trained()), 0
    [*own.take(served(START), ()), *own.take(served(Layout({1: tuple("ABCDEQ<z")})), ())]

    for event in events_of(what):
        if not isinstance(event, str):
            [*own.take(served(event), ())]
            continue
        number += 1
        [*own.take(served(TrialStart(number)), ())]
        [*own.take(served(Flash(1), 1), ())]
        decided = Decision(event, trial=number, confidence=0.99, time=9.0)
        [*own.take(served(Flash(2), 2), [decided])]
    for later in (1, 2):
        [*own.take(served(TrialStart(number + later)), ())]

    corrected = {event.trial for event in events_of(what) if isinstance(event, Corrected)}
    assert sorted(one.trial for one in own._letters.learnt) == [
        trial for trial in kept if trial not in corrected
    ]


@given(st.lists(st.tuples(st.sampled_from("AB<zuc"), st.integers(1, 12)), max_size=12))
def test_it_is_the_text_that_the_screen_shows(steps) -> None:
    screen, own = Spelling(backspace="<", rest="z"), StandingLetters()
    own.begin(START.info)

    for trial, (step, other) in enumerate(steps, start=1):
        if step == "u":
            undone = screen.undo()
            if undone is not None:
                own.undo(undone)
        elif step == "c":
            can = own.can_correct(other, "C")
            assert can == screen.correct(other, "C")
            if can:
                own.correct(other, "C")
        else:
            screen.enter(step, trial)
            own.enter(trial, step)

    assert tuple(own.letters.values()) == screen.spelled
