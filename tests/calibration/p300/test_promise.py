"""A promise narrows with more letters, and holds what comes true."""

import numpy as np
import pytest

from bci_online.config import LayoutSpec, Presentation, Promise, Stopping
from calibration.p300.evidence import fit_evidence
from calibration.p300.expectations import seconds_per_letter
from calibration.p300.letter_stopping import log_posteriors, stopped
from calibration.p300.promise import promise_of
from calibration.p300.scored_letters import ScoredLetter

MATRIX = LayoutSpec().symbols_of_code
SYMBOLS = tuple(dict.fromkeys(symbol for line in MATRIX.values() for symbol in line))
LIT = np.array([[symbol in MATRIX[code] for symbol in SYMBOLS] for code in MATRIX])
STOPPING, PRESENTATION, WINDOW_S = Stopping(), Presentation(), 0.75
ALL_FLASHES = STOPPING.max_repetitions * len(LIT)


def letters(n: int, seed: int, difference: float = 1.5) -> list[ScoredLetter]:
    """Return letters whose targets' scores are higher by `difference` standard deviations."""
    rng = np.random.default_rng(seed)
    made = []
    for truth in rng.integers(len(SYMBOLS), size=n):
        lit = LIT[np.concatenate([rng.permutation(len(LIT)) for _ in range(15)])]
        scores = rng.normal(difference * lit[:, truth])
        made.append(
            ScoredLetter(scores, lit[:, truth], lit, np.arange(len(lit)) // len(LIT), int(truth))
        )
    return made


def promised(known: list[ScoredLetter]) -> Promise:
    evidence = fit_evidence(np.zeros(0), np.zeros(0, dtype=bool), known, STOPPING)
    found = promise_of(known, evidence, STOPPING, PRESENTATION, WINDOW_S)
    assert found is not None
    return found


def width(interval: tuple[float, float, float]) -> float:
    return interval[2] - interval[0]


@pytest.mark.slow
def test_it_narrows_with_more_letters():
    few, some, many = (promised(letters(n, seed=4)) for n in (3, 8, 24))

    # Not strictly: a lower threshold after more letters costs a few of them, as stated.
    assert width(few.right) > 2 * max(width(some.right), width(many.right))
    assert width(few.seconds) > width(some.seconds) > width(many.seconds)
    assert (few.letters, some.letters, many.letters) == (3, 8, 24)


@pytest.mark.slow
@pytest.mark.parametrize("difference", [1.2, 2.0])
def test_it_holds_what_new_letters_of_the_same_kind_show(difference):
    known = letters(20, 1, difference)
    evidence = fit_evidence(np.zeros(0), np.zeros(0, dtype=bool), known, STOPPING)
    right, flashes = [], []
    for letter in letters(400, 2, difference):
        log_posterior = log_posteriors(letter.scores, letter, evidence)
        threshold = np.array([evidence.threshold])
        (decided,), (at,) = stopped(
            np.exp(log_posterior.max(axis=1)), letter.repetition, STOPPING, threshold
        )
        right.append(decided and log_posterior[at].argmax() == letter.truth)
        flashes.append(at + 1)
    seconds = seconds_per_letter(np.array(flashes), PRESENTATION, WINDOW_S).mean()

    promise = promised(known)

    # 400 letters show a share of 0.95 to within 0.022.
    assert promise.right[0] - 0.022 <= np.mean(right) <= promise.right[2] + 0.022
    # Letters that are looked at have a lower prior of nobody here than in `log_posteriors`.
    assert 0.95 * promise.seconds[0] <= seconds <= 1.05 * promise.seconds[2]


@pytest.mark.slow
def test_scores_without_a_response_promise_next_to_nothing():
    promise = promised(letters(6, seed=3, difference=0.0))

    assert promise.right[1] < 0.2
    most = seconds_per_letter(np.array([ALL_FLASHES]), PRESENTATION, WINDOW_S)[0]
    assert promise.seconds[2] == pytest.approx(most)


@pytest.mark.slow
def test_no_letter_takes_longer_than_all_repetitions():
    promise = promised(letters(4, seed=0, difference=0.9))

    shortest, longest = seconds_per_letter(np.array([0, ALL_FLASHES]), PRESENTATION, WINDOW_S)
    assert shortest < promise.seconds[0] <= promise.seconds[1] <= promise.seconds[2] <= longest


def test_two_letters_promise_nothing():
    known = letters(2, seed=0)
    evidence = fit_evidence(np.zeros(0), np.zeros(0, dtype=bool), known, STOPPING)

    assert promise_of(known, evidence, STOPPING, PRESENTATION, WINDOW_S) is None
