"""What earlier sessions say of the response, and how far that is believed."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

__all__ = ["EarlierResponse", "said_by"]

Floats = NDArray[np.float64]

WORTH = 20.0
"""An earlier response counts as much as so many flashes that lit the letter: one letter of ten.

With 60 real letters gain less, because the sum of all letters is then mostly that of others.
"""

DOUBT = 0.5
"""Probability, before the first letter, that earlier sessions show another response."""

IN_TIME = 0.25
"""The same, that they show this one at no lag; all lags share the rest."""

LEAST = 1e-3
"""No possibility is ever less likely: one odd letter must not decide for good."""

SURE = 0.95


class EarlierResponse:
    """The response that earlier sessions show, at several lags, and how likely each of them is.

    Parameters
    ----------
    response : ndarray, shape (n_channels, n_wide), or None
        Difference of the mean epochs, in median deviations of each channel. It has as many
        latencies more before the epoch as after it. None: nothing is known.
    n_times : int
        Latencies of an epoch.
    step_s : float
        Their distance in seconds.

    Attributes
    ----------
    shifted : ndarray, shape (n_lags, n_channels, n_times)
        The response at each lag, as long as the sum of the epochs of one letter.
    log_weights : ndarray, shape (1 + n_lags,)
        Of "another response", and of each lag.

    See Also
    --------
    bci_online.paradigms.p300.uncalibrated_evidence.UncalibratedEvidence : Reads letters with it.

    Notes
    -----
    Each possibility reads each letter, and is compared with chance for itself. So no label and no
    threshold is needed: a possibility under which letters are clearer becomes likelier with each
    letter. A response that does not fit makes letters less clear, and is soon left out. What a
    letter says is a sum over its symbols: it does not depend on the one that was typed.

    Examples
    --------
    >>> response = EarlierResponse(np.arange(5.0)[np.newaxis], n_times=3, step_s=0.05)
    >>> response.shifted[:, 0].tolist() == [[0, 20, 40], [20, 40, 60], [40, 60, 80]]
    True
    >>> np.exp(response.log_weights).round(3).tolist()
    [0.5, 0.125, 0.25, 0.125]
    >>> response.believe([np.array([0.0, 0.0, 6.0, 0.0])])
    >>> response.news()
    'earlier sessions show how this subject responds, at a lag of +0 ms'
    """

    def __init__(self, response: Floats | None, n_times: int, step_s: float) -> None:
        wide = np.zeros((0, n_times - 1)) if response is None else WORTH * response
        n_lags = wide.shape[1] - n_times + 1
        lags = np.arange(n_lags) - n_lags // 2
        self._lags_ms = 1000 * step_s * lags
        self.shifted: Floats = np.zeros((0, *wide.shape))
        weights = np.ones(1)
        if n_lags:
            self.shifted = np.stack([wide[:, lag : lag + n_times] for lag in range(n_lags)])
            others = (1 - DOUBT - IN_TIME) / max(n_lags - 1, 1)
            weights = np.array([DOUBT, *np.where(lags == 0, IN_TIME, others)])
        self.log_weights: Floats = np.log(weights / weights.sum())
        self._settled: Floats = self.log_weights
        self._told = ""

    @property
    def likeliest(self) -> int | None:
        """Place of the likeliest lag; None where another response is likelier."""
        best = int(np.argmax(self.log_weights))
        return best - 1 if best else None

    def combined(self, ratios: Floats) -> Floats:
        """Return the log-likelihood ratio of each symbol, of all possibilities together.

        Parameters
        ----------
        ratios : ndarray, shape (1 + n_lags, n_symbols)
            Of each symbol against chance, under each possibility.

        Returns
        -------
        ratios : ndarray, shape (n_symbols,)
            Their mean, by how likely the possibilities are.
        """
        if len(ratios) == 1:
            return ratios[0]
        return np.asarray(logsumexp(ratios + self.log_weights[:, np.newaxis], axis=0))

    def believe(self, letters: Iterable[Floats]) -> None:
        """Believe what letters say; what others said is forgotten, unless it is settled.

        Parameters
        ----------
        letters : iterable of ndarray, shape (1 + n_lags,)
            As `said_by` returns it: all that count, in their order.
        """
        self.log_weights = self._settled
        for said in letters:
            self.log_weights = _learnt(self.log_weights, said)

    def news(self) -> str:
        """Return what a person should know and was not told yet, mostly nothing."""
        best = int(np.argmax(self.log_weights))
        if len(self.log_weights) == 1 or np.exp(self.log_weights[best]) < SURE:
            return ""
        text = "earlier sessions show another response than this subject's: they are not used"
        if best:
            lag = f"{self._lags_ms[best - 1]:+.0f} ms"
            text = f"earlier sessions show how this subject responds, at a lag of {lag}"
        news = "" if text == self._told else text
        self._told = text
        return news

    def settle(self, said: Floats) -> None:
        """Believe for good what a letter said: it is so long ago that nothing takes it back."""
        self._settled = _learnt(self._settled, said)


def said_by(ratios: Floats) -> Floats:
    """Return what a letter says of each possibility, whatever its symbol is.

    Parameters
    ----------
    ratios : ndarray, shape (1 + n_lags, n_symbols)
        As for `EarlierResponse.combined`.

    Returns
    -------
    said : ndarray, shape (1 + n_lags,)
        Log-likelihoods.

    See Also
    --------
    EarlierResponse : Believes it.

    Examples
    --------
    >>> said_by(np.zeros((2, 1))).tolist()
    [0.0, 0.0]
    """
    return np.asarray(logsumexp(ratios, axis=1))


def _learnt(log_weights: Floats, said: Floats) -> Floats:
    if len(log_weights) == 1:
        return log_weights
    weights = log_weights + said
    weights = np.maximum(weights - logsumexp(weights), np.log(LEAST))
    return np.asarray(weights - logsumexp(weights))
