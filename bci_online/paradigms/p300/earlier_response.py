"""What earlier sessions say of the response, and how far that is believed."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

__all__ = ["EarlierResponse"]

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
    letter. A response that does not fit makes letters less clear, and is soon left out.

    Examples
    --------
    >>> response = EarlierResponse(np.arange(5.0)[np.newaxis], n_times=3, step_s=0.05)
    >>> response.shifted[:, 0].tolist() == [[0, 20, 40], [20, 40, 60], [40, 60, 80]]
    True
    >>> np.exp(response.log_weights).round(3).tolist()
    [0.5, 0.125, 0.25, 0.125]
    >>> response.believe(np.array([[0.0], [0.0], [6.0], [0.0]]))
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
        self._before_last: Floats = self.log_weights
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

    def believe(self, ratios: Floats) -> str:
        """Learn from a letter that is over; return what a person should know, mostly nothing.

        Parameters
        ----------
        ratios : ndarray, shape (1 + n_lags, n_symbols)
            As for `combined`.
        """
        if len(ratios) == 1:
            return ""
        self._before_last = self.log_weights
        weights = self.log_weights + logsumexp(ratios, axis=1)
        weights = np.maximum(weights - logsumexp(weights), np.log(LEAST))
        self.log_weights = weights - logsumexp(weights)
        best = int(np.argmax(self.log_weights))
        if np.exp(self.log_weights[best]) < SURE:
            return ""
        text = "earlier sessions show another response than this subject's: they are not used"
        if best:
            lag = f"{self._lags_ms[best - 1]:+.0f} ms"
            text = f"earlier sessions show how this subject responds, at a lag of {lag}"
        news = "" if text == self._told else text
        self._told = text
        return news

    def forget_last(self) -> None:
        """Believe what was believed before the last letter: it lost flashes once it was over."""
        self.log_weights = self._before_last
