import msgspec
import numpy as np
import pytest

from bci_online.config import Stopping
from bci_online.metrics import proportion_interval
from bci_online.paradigms.motor_imagery.decision import probabilities
from calibration.motor_imagery.evidence import fit_evidence


def held_out(n_trials=200, n_windows=15, d=1.0, overlap=0.0, n_classes=2, seed=0):
    """True log-odds of normal features with shared covariance, windows of a trial correlated."""
    rng = np.random.default_rng(seed)
    y = np.arange(n_trials) % n_classes
    shared = rng.normal(size=(n_trials, 1, n_classes))
    own = rng.normal(size=(n_trials, n_windows, n_classes))
    x = np.sqrt(overlap) * shared + np.sqrt(1 - overlap) * own
    x += d * np.eye(n_classes)[y][:, np.newaxis]
    values = (d * x).reshape(-1, n_classes)
    trial = np.repeat(np.arange(n_trials), n_windows)
    return values, np.repeat(y, n_windows), trial


@pytest.mark.slow
def test_true_log_odds_of_independent_windows_need_no_scale_and_no_discount():
    evidence = fit_evidence(*held_out(200), Stopping())

    assert evidence.scale == pytest.approx(1.0, abs=0.15)
    # A little less than 1: Platt's targets keep it from being quite sure.
    assert evidence.temperature > 0.7


@pytest.mark.slow
@pytest.mark.parametrize("factor", [0.1, 10.0])
def test_the_scale_makes_up_for_any_factor(factor):
    values, y, trial = held_out()

    plain = fit_evidence(values, y, trial, Stopping())
    scaled = fit_evidence(factor * values, y, trial, Stopping())

    assert scaled.scale * factor == pytest.approx(plain.scale, rel=1e-2)
    assert scaled.threshold == pytest.approx(plain.threshold, abs=0.02)


@pytest.mark.slow
def test_windows_that_overlap_are_discounted():
    independent = fit_evidence(*held_out(), Stopping())
    overlapping = fit_evidence(*held_out(overlap=0.6), Stopping())

    assert overlapping.temperature < 0.5 * independent.temperature


@pytest.mark.slow
@pytest.mark.parametrize("error_rate", [0.05, 0.2])
def test_new_trials_of_the_same_kind_keep_the_stated_error_rate(error_rate):
    stopping = Stopping(error_rate=error_rate)
    evidence = fit_evidence(*held_out(300, overlap=0.3, d=0.6), stopping)
    values, y, trial = held_out(600, overlap=0.3, d=0.6, seed=1)

    wrong = decided = 0
    for number in range(600):
        sums = np.cumsum(values[trial == number], axis=0)
        for total in evidence.scale * evidence.temperature * sums:
            posterior = probabilities(total)
            if posterior.max() >= evidence.threshold:
                decided += 1
                wrong += posterior.argmax() != y[trial == number][0]
                break

    assert evidence.promised
    assert decided > 100
    assert wrong / decided < error_rate + 0.04


def test_few_trials_that_are_all_distinguished_promise_nothing_and_stay_careful():
    evidence = fit_evidence(*held_out(8, d=5.0), Stopping(error_rate=0.1))

    assert not evidence.promised
    assert evidence.threshold >= 0.9
    assert evidence.scale < 1.0
    assert evidence.expected_error[1] == 0.0
    # None of eight wrong is no proof that none ever will be.
    assert evidence.expected_error[2] == pytest.approx(proportion_interval(0, 8)[1])


def test_a_handful_of_trials_cannot_lower_the_threshold():
    four, eight = (fit_evidence(*held_out(n, d=5.0), Stopping(error_rate=0.1)) for n in (4, 8))

    assert four.threshold > 0.9999 > eight.threshold


@pytest.mark.slow
def test_more_than_two_classes_are_weighed_alike():
    evidence = fit_evidence(*held_out(300, n_classes=4), Stopping(error_rate=0.1))

    assert evidence.scale == pytest.approx(1.0, abs=0.2)
    assert evidence.promised


def with_idle(n_trials, n_windows=15, d=1.0, overlap=0.1, seed=0):
    """True log-odds of two classes and of idle, which is as far from both."""
    return held_out(n_trials, n_windows, d, overlap, n_classes=3, seed=seed)


def decided(evidence, values, y, trial):
    """Return how many cues are right and wrong, and how many rests are decided, of how many."""
    right = wrong = false = n_rests = 0
    prior = np.log([(1 - evidence.idle) / 2] * 2 + [evidence.idle])
    for number in np.unique(trial):
        own = trial == number
        sums = evidence.scale * evidence.temperature * np.cumsum(values[own], axis=0)
        posteriors = np.array([probabilities(prior + total)[:2] for total in sums])
        reached = np.flatnonzero(posteriors.max(axis=1) >= evidence.threshold)
        value = posteriors[reached[0]].argmax() if reached.size else None
        truth = y[own][0]
        n_rests += truth == 2
        false += truth == 2 and value is not None
        right += truth < 2 and value == truth
        wrong += truth < 2 and value not in {None, truth}
    return right, wrong, false, n_rests


@pytest.mark.slow
@pytest.mark.parametrize("most", [0.5, 5.0])
def test_rests_of_the_same_kind_keep_the_stated_rate_and_most_cues_are_right(most):
    stopping = Stopping(error_rate=0.1, false_activations_per_minute=most)
    evidence = fit_evidence(*with_idle(600), stopping, idle=0.5, step=0.1)

    right, wrong, false, n_rests = decided(evidence, *with_idle(600, seed=1))

    minutes = n_rests * 15 * 0.1 / 60
    assert evidence.expected_false[1] <= most
    assert false / minutes <= 2 * most
    assert right >= 0.75 * 400
    assert wrong <= 0.1 * (right + wrong)


def test_without_idle_rest_is_decided_for_a_class_again_and_again():
    stopping = Stopping(error_rate=0.1)
    values, y, trial = with_idle(300)
    cued = y < 2
    evidence = fit_evidence(values[cued][:, :2], y[cued], trial[cued], stopping)
    known = fit_evidence(values, y, trial, stopping, idle=0.5, step=0.1)

    blind = msgspec.structs.replace(evidence, idle=1e-12)
    values[:, 2] = -99.0
    n_false = decided(blind, values, y, trial)[2]

    assert evidence.expected_false is None
    assert n_false > 50
    assert known.expected_false[1] <= 0.5


def test_idle_that_looks_like_a_class_costs_hits_but_not_the_rate_at_rest():
    rng = np.random.default_rng(0)
    values, y, trial = with_idle(300)
    # Nothing tells idle from the classes.
    values[:, 2] = rng.normal(size=len(values))
    values[y == 2, :2] = values[y == 0, :2][: np.sum(y == 2)]

    evidence = fit_evidence(values, y, trial, Stopping(error_rate=0.1), idle=0.5, step=0.1)

    assert evidence.expected_false[1] <= 0.5


def test_with_little_rest_the_threshold_does_not_go_down_to_even_odds():
    rule = Stopping(error_rate=0.1, false_activations_per_minute=1000.0)

    known = fit_evidence(*with_idle(300, d=3.0), rule, idle=0.5, step=0.1)

    assert known.threshold == pytest.approx(0.8, abs=0.04)
    assert known.threshold >= 0.8
