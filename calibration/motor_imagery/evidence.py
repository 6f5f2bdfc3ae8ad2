"""From held-out values of windows to evidence: their scale, their temperature, when to stop."""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from bci_online.config import Evidence, Stopping, TrialValues
from calibration.stopping import THRESHOLDS, Rest, with_threshold

__all__ = ["fit_evidence"]


FEWEST_OF_CLASS = 4
"""With fewer trials of a class nobody knows what its trials look like."""


def fit_evidence(
    values: NDArray[np.float64],
    y: NDArray[np.int64],
    trial: NDArray[np.int64],
    stopping: Stopping,
    idle: float = 0.0,
    step: float = 0.1,
    fold: NDArray[np.int64] | None = None,
) -> Evidence:
    """Learn what the values of a window are worth, and when their sum is enough.

    Parameters
    ----------
    values : ndarray, shape (n_windows, n_values)
        Held-out log-odds, in order of time within each trial.
    y, trial : ndarray of int, shape (n_windows,)
        Class and trial of each window. With idle, its label is that of the last value.
    stopping : Stopping
        The error rate to keep, and with idle the false activations per minute.
    idle : float
        Prior probability of idle; 0: it is no hypothesis.
    step : float
        Seconds between windows.
    fold : ndarray of int, shape (n_windows,), optional
        Which network's values they are: networks differ more than the trials that train them.

    Returns
    -------
    evidence : Evidence
        With scale, temperature, threshold, and the prior of idle.

    See Also
    --------
    calibration.stopping.with_threshold : The threshold.
    calibration.p300.evidence.fit_evidence : The same for flashes.

    Notes
    -----
    The scale minimises the log-loss of the windows. The temperature minimises the log-loss of their
    sums, averaged over the windows of each trial; it discounts the sums because windows overlap.
    With n trials the true class counts as ``(n + 1) / (n + 2)`` likely (Platt's targets), so that a
    few trials that are all right do not make the evidence infinite. The threshold keeps the stated
    error rate on held-out trials (`with_threshold`). If the trials are too few to promise the rate,
    the threshold is at least ``1 - error_rate``.

    Idle is a class for scale and temperature. For the threshold it is rest, in which each window
    stands for ``step`` seconds until a class is decided: that is how often a decision could come.
    The threshold is then at least ``1 - 2 * error_rate``, as that of letters, however many trials
    there are: a minute of rest without a decision does not tell one threshold from another.

    With one temperature for sums of any length the posterior of the first windows is too low.
    Dividing by ``1 + (n - 1) * overlap`` instead is better calibrated and decides worse: the sum
    then hardly grows, and what is not decided at once times out.

    References
    ----------
    Platt (1999), Advances in Large Margin Classifiers, 61.

    Examples
    --------
    Ten trials of two windows each, all but one right:

    >>> y = np.repeat(np.arange(10) % 2, 2)
    >>> values = np.where(y, 1.0, -1.0)
    >>> values[:2] *= -0.5
    >>> values = np.stack([-values, values], axis=1)
    >>> found = fit_evidence(values, y, np.repeat(np.arange(10), 2), Stopping())
    >>> found.promised, found.threshold >= 0.95
    (False, True)
    """
    numbers, first = np.unique(trial, return_index=True)
    smooth = 1 / (numbers.size + 2)
    n_classes = values.shape[1] - bool(idle)
    log_prior = np.log([(1 - idle) / n_classes] * n_classes + [idle] * bool(idle))

    def loss_of_scale(log_scale: float) -> float:
        return _log_loss(log_prior + np.exp(log_scale) * values, y, smooth)

    scale = float(np.exp(_least(loss_of_scale, np.log(1e-3), np.log(1e3))))
    trials = [scale * values[trial == number] for number in numbers]
    repeated = np.repeat(y[first], [len(each) for each in trials])
    weights = np.concatenate([np.full(len(each), 1 / len(each)) for each in trials])

    sums = [np.cumsum(each, axis=0) for each in trials]

    def loss_of_temperature(log_temperature: float) -> float:
        logits = log_prior + np.exp(log_temperature) * np.concatenate(sums)
        return _log_loss(logits, repeated, smooth, weights)

    temperature = float(np.exp(_least(loss_of_temperature, np.log(0.01), 0.0)))
    posteriors = [softmax(log_prior + temperature * each, axis=1)[:, :n_classes] for each in sums]
    cued = y[first] < n_classes
    counts = np.array(
        [_wrong_and_decided(posteriors[n], y[first[n]]) for n in np.flatnonzero(cued).tolist()]
    )
    found = _trial_values(trials, y[first])
    unlimited = Evidence(scale=scale, temperature=temperature, idle=idle, trials=found)
    if idle:
        at_rest = [posteriors[n] for n in np.flatnonzero(~cued).tolist()]
        rest = _rest(at_rest, stopping.false_activations_per_minute, step)
        least = 1 - 2 * stopping.error_rate
        return with_threshold(unlimited, counts, stopping.error_rate, rest, least)
    networks = None if fold is None else fold[first][cued]
    evidence = with_threshold(unlimited, counts, stopping.error_rate, groups=networks)
    if evidence.promised:
        return evidence
    least = max(evidence.threshold, 1 - stopping.error_rate)
    return msgspec.structs.replace(evidence, threshold=least)


def _trial_values(
    trials: Sequence[NDArray[np.float64]], y: NDArray[np.int64]
) -> TrialValues | None:
    """Return what trials look like, (n_windows, n_values) each, by the mean of their windows."""
    differences = [each[:, 1:] - each[:, :1] for each in trials]
    found = np.stack([each.mean(axis=0) for each in differences])
    n_values = found.shape[1] + 1
    if np.bincount(y, minlength=n_values).min() < FEWEST_OF_CLASS:
        return None
    means = np.stack([found[y == label].mean(axis=0) for label in range(n_values)])
    covariance = _scatter(found - means[y])
    # So that it has an inverse, also where two values say the same.
    covariance += 1e-3 * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    if not np.trace(covariance) > 0:
        return None
    windows = [each - means[label] for each, label in zip(differences, y, strict=True)]
    of_windows = np.mean([_scatter(each) for each in windows], axis=0)
    return TrialValues(
        means=tuple(map(tuple, means.tolist())),
        covariance=tuple(map(tuple, covariance.tolist())),
        first_window=max(float(np.trace(of_windows) / np.trace(covariance)), 1.0),
        n_windows=int(np.median([len(each) for each in trials])),
    )


def _scatter(residuals: NDArray[np.float64]) -> NDArray[np.float64]:
    return residuals.T @ residuals / len(residuals)


def _least(loss: Callable[[float], float], low: float, high: float) -> float:
    return float(minimize_scalar(loss, bounds=(low, high), method="bounded").x)


def _log_loss(
    logits: NDArray[np.float64],
    y: NDArray[np.int64],
    smooth: float,
    weights: NDArray[np.float64] | None = None,
) -> float:
    """Return the mean log-loss; the true class counts as ``1 - smooth`` likely."""
    likely = np.full(logits.shape, smooth / (logits.shape[1] - 1))
    likely[np.arange(len(y)), y] = 1 - smooth
    losses = -(likely * log_softmax(logits, axis=1)).sum(axis=1)
    return float(np.average(losses, weights=weights))


def _reached(posterior: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return with which windows a class has each threshold, shape (n_thresholds, n_windows)."""
    return posterior.max(axis=1)[np.newaxis] >= THRESHOLDS[:, np.newaxis]


def _wrong_and_decided(posterior: NDArray[np.float64], truth: int) -> NDArray[np.int64]:
    """Return at which thresholds a trial goes wrong and is decided, shape (2, n_thresholds)."""
    reached = _reached(posterior)
    decided = reached.any(axis=1)
    best = posterior.argmax(axis=1)[reached.argmax(axis=1)]
    return np.array([decided & (best != truth), decided], dtype=np.int64)


def _rest(posteriors: Sequence[NDArray[np.float64]], most_per_min: float, step: float) -> Rest:
    """Return what is decided at rest, and how much rest there is until then."""
    n_false = np.zeros(THRESHOLDS.size, dtype=np.int64)
    n_windows = np.zeros(THRESHOLDS.size, dtype=np.int64)
    for posterior in posteriors:
        reached = _reached(posterior)
        decided = reached.any(axis=1)
        n_false += decided
        n_windows += np.where(decided, reached.argmax(axis=1) + 1, len(posterior))
    return Rest(n_false, step * n_windows / 60, most_per_min)
