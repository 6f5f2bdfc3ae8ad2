"""From held-out scores of flashes to evidence: densities, what they are worth, when to stop."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Evidence, Stopping
from bci_online.paradigms.p300.decision import log_likelihood_ratio
from bci_online.preprocessing.artefacts import artefacts
from calibration.p300.flash_model import fit_flash_model
from calibration.p300.letter_stopping import DrawnDecisions, draw_decisions
from calibration.p300.scored_letters import ScoredLetter, two_class
from calibration.stopping import THRESHOLDS

__all__ = ["FEWEST_LETTERS", "at_rate", "densities", "evidence_of", "fit_evidence"]

NOBODY = 0.5
"""Prior probability that nobody looks, before the first letter."""

FEWEST_LETTERS = 3
"""With fewer letters nothing is promised: the spread between two letters is only the prior's."""

NEAR = 0.005
"""If no threshold keeps the stated rate, one with this much more error than the best will do.

A higher one would only make the subject wait.
"""


def fit_evidence(
    scores: NDArray[np.float64],
    y: NDArray[np.bool_],
    letters: Sequence[ScoredLetter],
    stopping: Stopping | None,
) -> Evidence:
    """Learn what a score is worth, and when a letter may be decided.

    Parameters
    ----------
    scores : ndarray, shape (n_epochs,)
        Held-out scores, each fold's standardised by its training scores.
    y : ndarray of bool, shape (n_epochs,)
        True for targets.
    letters : sequence of ScoredLetter
        The same scores by letter; may be empty.
    stopping : Stopping or None
        The error rate to keep; None leaves the threshold as it is by default.

    Returns
    -------
    evidence : Evidence
        Without letters, the densities alone.

    See Also
    --------
    calibration.p300.flash_model.fit_flash_model : The model behind it.
    calibration.p300.promise.promise_of : What the same model says of a session.

    Notes
    -----
    Densities and the parts of the variance that repetitions do not average out are those of
    `fit_flash_model`. The threshold is the lowest one that keeps the stated error rate on 2000
    letters simulated with that model. Its parameters are drawn within their uncertainty, so few
    calibration letters give a higher threshold, but not one that waits for ever. The threshold is
    at least 1 minus twice the stated rate, because the model is not exact. Where waiting cannot
    reach the rate, because the evidence saturates, the lowest threshold that is near the least
    error is taken, and nothing is promised.

    Examples
    --------
    >>> scores, y = np.array([1.0, 3.0, -1.0, 1.0]), np.array([True, True, False, False])
    >>> found = fit_evidence(scores, y, [], Stopping())
    >>> found.target_mean, found.promised
    (2.0, False)
    """
    usable = two_class(letters)
    if len(usable) < 2:
        evidence = msgspec.structs.replace(densities(scores, y), nobody=NOBODY)
        if stopping is None:
            return evidence
        return msgspec.structs.replace(evidence, error_rate=stopping.error_rate)
    model = fit_flash_model(usable)
    evidence = Evidence(
        target_mean=model.nontarget_mean + model.difference,
        nontarget_mean=model.nontarget_mean,
        spread=float(np.sqrt(model.flash)),
        code_spread=float(np.sqrt(model.code)),
        letter_spread=float(np.sqrt(model.letter)),
        difference_error=model.difference_error,
        nobody=NOBODY,
    )
    if stopping is None:
        return evidence
    drawn = draw_decisions(evidence, model, usable, stopping, THRESHOLDS)
    return at_rate(evidence, drawn, len(usable), stopping.error_rate)


def at_rate(
    evidence: Evidence, drawn: DrawnDecisions, n_letters: int, error_rate: float
) -> Evidence:
    """Return the evidence with the threshold of a stated error rate.

    Parameters
    ----------
    evidence : Evidence
        The letters were decided with it.
    drawn : DrawnDecisions
        Of simulated letters, at each of `THRESHOLDS`.
    n_letters : int
        How many calibration letters the model was fitted on.
    error_rate : float
        Share of the decided letters that may be wrong.

    Returns
    -------
    evidence : Evidence
        With ``threshold``, ``error_rate`` and ``promised``.

    See Also
    --------
    fit_evidence : Says how the threshold is chosen.
    calibration.p300.letter_stopping.draw_decisions : Draws the letters once for all rates.

    Examples
    --------
    Of 100 letters two are wrong, except at the highest threshold:

    >>> decided = np.ones((1, 100, THRESHOLDS.size), dtype=bool)
    >>> wrong = np.zeros_like(decided)
    >>> wrong[:, :2, :-1] = True
    >>> drawn = DrawnDecisions(decided, wrong, np.ones(decided.shape, dtype=int))
    >>> [round(at_rate(Evidence(), drawn, 5, rate).threshold, 5) for rate in (0.05, 0.01)]
    [0.90402, 0.99999]
    """
    wrong, decided = (each.sum(axis=(0, 1)) for each in (drawn.wrong, drawn.decided))
    rates = wrong / np.maximum(decided, 1)
    allowed = np.flatnonzero(THRESHOLDS >= min(1 - 2 * error_rate, THRESHOLDS[-1]))
    kept = allowed[rates[allowed] <= error_rate]
    near = allowed[rates[allowed] <= rates[allowed].min() + NEAR]
    return msgspec.structs.replace(
        evidence,
        error_rate=error_rate,
        threshold=float(THRESHOLDS[(kept if kept.size else near)[0]]),
        promised=bool(kept.size) and n_letters >= FEWEST_LETTERS,
    )


def densities(scores: NDArray[np.float64], y: NDArray[np.bool_]) -> Evidence:
    """Fit a normal density to each class, both with the same spread.

    Parameters
    ----------
    scores : ndarray, shape (n_epochs,)
        Held out.
    y : ndarray of bool, shape (n_epochs,)
        True for targets; both classes are there.

    Returns
    -------
    evidence : Evidence
        Its threshold is the default one.

    See Also
    --------
    fit_evidence : With a threshold.

    Examples
    --------
    >>> found = densities(np.array([1.0, 3.0, -1.0, 1.0]), np.array([True, True, False, False]))
    >>> found.target_mean, found.nontarget_mean, found.spread
    (2.0, 0.0, 1.0)
    """
    target_mean, other_mean = scores[y].mean(), scores[~y].mean()
    residuals = np.where(y, scores - target_mean, scores - other_mean)
    spread = max(float(residuals.std()), 1e-9)
    return Evidence(target_mean=float(target_mean), nontarget_mean=float(other_mean), spread=spread)


def evidence_of(
    scores: NDArray[np.float64],
    peak_to_peak: NDArray[np.float64],
    evidence: Evidence,
    limits: NDArray[np.float64] | None,
) -> NDArray[np.float64]:
    """Return the evidence for a target of each epoch, as the online chain weighs it.

    Parameters
    ----------
    scores : ndarray, shape (n_epochs,)
        Of any epochs.
    peak_to_peak : ndarray, shape (n_epochs, n_channels)
        Of each epoch, in the stream's unit.
    evidence : Evidence
        Fitted on held-out scores.
    limits : ndarray, shape (n_channels,), or None
        Beyond them an epoch is an artefact.

    Returns
    -------
    ratios : ndarray, shape (n_epochs,)
        Log-likelihood ratios; 0 for artefacts.

    See Also
    --------
    bci_online.paradigms.p300.letter_evidence.log_likelihood_ratio : The ratio of one score.

    Examples
    --------
    >>> peak_to_peak, limits = np.array([[50.0], [500.0]]), np.array([100.0])
    >>> evidence_of(np.array([1.0, -1.0]), peak_to_peak, Evidence(), limits).tolist()
    [2.0, 0.0]
    """
    ratios = log_likelihood_ratio(scores, evidence)
    ratios[artefacts(peak_to_peak, limits)] = 0.0
    return ratios
