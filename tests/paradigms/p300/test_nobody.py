"""A letter may be nobody's: what is typed when nobody looks, and when somebody does."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bci_online.config import Evidence, LayoutSpec, Stopping
from bci_online.markers import Flash, TrialEnd, TrialStart
from bci_online.messages import Decision, Marker, Score
from bci_online.paradigms.p300.decision import P300Speller
from bci_online.paradigms.p300.letter_evidence import LetterEvidence, nobody_of
from bci_online.paradigms.p300.nobody import LEAST, MOST, NobodyPrior

MATRIX = LayoutSpec().symbols_of_code
SYMBOLS = tuple(dict.fromkeys(symbol for line in MATRIX.values() for symbol in line))
SPREAD = 1.36
"""Single flashes have an AUC of about 0.85."""


def evidence(**changes: float) -> Evidence:
    known = {"target_mean": 1.0, "nontarget_mean": -1.0, "spread": SPREAD, "threshold": 0.9}
    return Evidence(**known | {"nobody": 0.5, "code_spread": 0.2, "letter_spread": 0.3} | changes)


def session(
    speller: P300Speller, attended: list[str], seed: int, repetitions: int = 15
) -> list[Decision]:
    """Flash letter after letter; an empty symbol is a letter that nobody attends to."""
    rng = np.random.default_rng(seed)
    time, found = 0.0, []
    for number, symbol in enumerate(attended, 1):
        found += speller.push(TrialStart(number, ""), time, None)
        for code in np.concatenate([rng.permutation(list(MATRIX)) for _ in range(repetitions)]):
            time += 0.175
            flash = Flash(int(code))
            marker = Marker(flash.text(), time)
            score = rng.normal(1.0 if symbol in MATRIX[int(code)] else -1.0, SPREAD)
            outcome = Score(marker, time, np.array([0.0, score]), 0)
            found += speller.push(flash, time, outcome)
        found += speller.push(TrialEnd(number), time, None)
    return [message for message in found if isinstance(message, Decision)]


@pytest.mark.slow
def test_nothing_is_typed_when_nobody_looks():
    typed = 0
    for seed in range(5):
        speller = P300Speller(MATRIX, evidence(), Stopping(), window_s=0.75)
        decisions = session(speller, [""] * 20, seed)

        assert len(decisions) == 20
        typed += sum(decision.value is not None for decision in decisions)

    # Measured without the hypothesis: 64 of 100.
    assert typed <= 1


@pytest.mark.slow
@pytest.mark.parametrize("dynamic", [True, False])
def test_attended_letters_are_right_and_come_as_soon_as_before(dynamic):
    rng = np.random.default_rng(3)
    letters = [str(symbol) for symbol in rng.choice(SYMBOLS, 60)]
    found = {}
    for nobody in (0.0, 0.5):
        speller = P300Speller(
            MATRIX, evidence(nobody=nobody), Stopping(), window_s=0.75, dynamic=dynamic
        )
        decisions = session(speller, letters, 4)
        right = sum(d.value == s for d, s in zip(decisions, letters, strict=True))
        found[nobody] = right, sum(decision.flashes for decision in decisions)

    assert found[0.5][0] >= 57
    assert found[0.5][0] >= found[0.0][0] - 1
    assert found[0.5][1] <= 1.15 * found[0.0][1]


def test_a_subject_who_returns_is_read_after_letters_of_nobody():
    speller = P300Speller(MATRIX, evidence(), Stopping(), window_s=0.75)

    decisions = session(speller, [""] * 12 + list("HELLO"), 7)

    assert [decision.value for decision in decisions[12:]] == list("HELLO")
    assert all(decision.value is None for decision in decisions[:12])
    assert all(decision.nobody > 0.9 for decision in decisions[3:12])


def test_a_decision_holds_what_its_symbols_leave():
    speller = P300Speller(MATRIX, evidence(), Stopping(), window_s=0.75)
    for decision in session(speller, ["A", "", "B"], 2):
        assert decision.nobody == pytest.approx(1 - sum(decision.evidence.values()), abs=1e-12)


@given(
    values=st.lists(st.floats(-3, 3), min_size=1, max_size=30),
    prior=st.sampled_from([0.0, 0.2, 0.5, 0.9]),
    saturation=st.sampled_from([0.0, 0.3]),
)
def test_the_posterior_is_that_of_bayes_with_nobody_among_the_hypotheses(values, prior, saturation):
    layout = {1: ("A", "B"), 2: ("C", "D"), 3: ("A", "C"), 4: ("B", "D")}
    letter = LetterEvidence(layout, saturation=saturation, nobody=prior)
    total, flashes = dict.fromkeys("ABCD", 0.0), dict.fromkeys("ABCD", 0)
    for n, value in enumerate(values):
        letter.add(n % 4 + 1, value)
        for symbol in layout[n % 4 + 1]:
            total[symbol] += value
            flashes[symbol] += 1

    # Each symbol is lit by two codes, so two flashes are one repetition.
    weights = {
        s: (1 - prior) / 4 * math.exp(total[s] / (1 + saturation * flashes[s] / 2)) for s in "ABCD"
    }
    whole = sum(weights.values()) + prior
    expected = {s: weight / whole for s, weight in weights.items()}
    got = dict(zip(letter.symbols, letter.posterior(), strict=True))
    assert got == pytest.approx(expected, rel=1e-9)
    assert nobody_of(letter.posterior()) == pytest.approx(prior / whole, abs=1e-9)


@given(posteriors=st.lists(st.floats(0, 1), max_size=40))
def test_the_prior_stays_within_its_bounds_and_none_stays_none(posteriors):
    prior, none = NobodyPrior(0.5), NobodyPrior(0.0)
    for posterior in posteriors:
        prior.observe(posterior)
        none.observe(posterior)

    assert LEAST <= prior.value <= MOST
    assert none.value == 0.0
