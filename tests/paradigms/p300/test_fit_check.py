"""A decoder that no longer fits is noticed once, and one that fits is left alone."""

import msgspec
import numpy as np
import pytest

from bci_online.config import Evidence, LayoutSpec
from bci_online.paradigms.p300.change_detector import START, ChangeDetector
from bci_online.paradigms.p300.fit_check import FitCheck, Misfit
from bci_online.paradigms.p300.letter_evidence import LetterEvidence, log_likelihood_ratio

LAYOUT = LayoutSpec().symbols_of_code
SYMBOLS = [symbol for row in LayoutSpec().rows for symbol in row]
EXPECTED = Evidence(
    target_mean=1.5,
    nontarget_mean=0.0,
    code_spread=0.1,
    letter_spread=0.2,
    difference_error=0.1,
    promised=True,
)


def letter(rng, strength=1.0, noise=1.0, offset=0.0, repetitions=6) -> LetterEvidence:
    """Return a letter whose scores are drawn from the expectation, or from something else."""
    meant = rng.choice(SYMBOLS)
    response = strength * (1.5 + 0.2 * rng.standard_normal())
    own = {code: 0.1 * rng.standard_normal() + offset for code in LAYOUT}
    found = LetterEvidence(LAYOUT)
    for _ in range(repetitions):
        for code, line in LAYOUT.items():
            score = own[code] + response * (meant in line) + noise * rng.standard_normal()
            found.add(code, float(log_likelihood_ratio(np.array(score), EXPECTED)))
    return found


def first_misfit(seed: int, n_letters: int, evidence: Evidence = EXPECTED, **other):
    """Return the first misfit of letters that are drawn alike, and at which letter."""
    rng, check = np.random.default_rng(seed), FitCheck(evidence)
    for number in range(1, n_letters + 1):
        misfit = check.observe(letter(rng, **other))
        if misfit is not None:
            return number, misfit
    return None


@pytest.mark.slow
def test_letters_that_fit_raise_no_alarm():
    alarms = [first_misfit(seed, 50) for seed in range(12)]

    assert alarms == [None] * 12


@pytest.mark.parametrize(
    ("other", "what", "most"),
    [
        ({"strength": 0.4}, "response", 12),
        ({"strength": 0.0}, "response", 12),
        ({"noise": 2.0}, "noise", 5),
        ({"offset": -0.7}, "offset", 8),
    ],
)
def test_a_change_is_noticed_and_named(other, what, most):
    for seed in range(4):
        number, misfit = first_misfit(seed, 40, **other)

        assert (misfit.what, number <= most) == (what, True)


def test_there_is_one_alarm():
    rng, check = np.random.default_rng(0), FitCheck(EXPECTED)

    misfits = [check.observe(letter(rng, noise=2.0)) for _ in range(40)]

    assert sum(misfit is not None for misfit in misfits) == 1


def test_a_decoder_that_states_no_uncertainty_is_not_checked():
    older = msgspec.structs.replace(EXPECTED, difference_error=0.0)

    assert first_misfit(0, 40, older, noise=2.0) is None


def test_scores_are_worth_less_after_an_alarm():
    misfit = Misfit("response", strength=0.6, noise=1.5, offset=0.0)

    weighed = misfit.discounted(EXPECTED)

    strong = np.array([3.0])
    assert log_likelihood_ratio(strong, weighed) < log_likelihood_ratio(strong, EXPECTED)
    assert not weighed.promised


def test_an_absent_response_changes_no_weight():
    misfit = Misfit("response", strength=0.1, noise=1.0, offset=0.0)

    assert misfit.discounted(EXPECTED) == EXPECTED


def test_the_alarm_says_what_helps():
    status = Misfit("noise", strength=1.0, noise=1.9, offset=0.0).alarm(7, 3.0)

    assert (status.level, status.kind) == ("alarm", "misfit")
    assert "scores vary 1.9 times as much as in calibration" in status.text
    assert "recalibrate two letters" in status.text


def test_without_a_change_the_mean_of_the_statistic_is_the_number_of_observations():
    grid, rng = np.array([0.0, 1.0]), np.random.default_rng(0)
    found = []
    for _ in range(4000):
        detector = ChangeDetector(grid, np.array([1.0, 0.0]), np.array([0.0, 1.0]))
        for observed in rng.normal(size=3):
            detector.observe(-((observed - grid) ** 2) / 2)
        found.append(detector.statistic)

    error = np.std(found) / np.sqrt(len(found))
    assert abs(np.mean(found) - (START + 3)) < 4 * error
