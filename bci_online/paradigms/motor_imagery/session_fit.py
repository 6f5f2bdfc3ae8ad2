"""What values of windows are worth in this session, by the trials that are over."""

import base64
import binascii
from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, ndtri, softmax

from bci_online.config import DecoderHeader, Evidence

__all__ = ["SessionFit"]

Floats = NDArray[np.float64]

N_SESSIONS = 600
"""Half of them are as calibration, half are not."""

CHANGED = 0.1
"""Prior probability that a session is not as calibration."""

SLIGHT, LARGE = (0.15, 0.1, 0.1), (1.5, 0.3, 0.2)
"""How much sessions differ: offset, in spreads between trials; strength; logarithm of the spread.

Of a session that is as calibration, and of one that is not. Of one subject an AUC of 0.91 with 67 %
right trials was seen on another day: an offset of 1.4 spreads.
"""

WEAK = 0.6
"""Below this share of calibration's distance between classes it is what is said first."""


class SessionFit:
    """Sessions as they could be, each weighed by how well it explains the trials so far.

    Parameters
    ----------
    evidence : Evidence
        With ``trials``: what calibration's held-out trials looked like.
    n_classes : int
        Without idle.
    overlap : float
        How many windows one window overlaps with: its length by the step.
    changed : float
        Prior probability that the session is not as calibration.

    See Also
    --------
    bci_online.paradigms.motor_imagery.decision.MotorImagery : Decides by it.
    bci_online.paradigms.p300.fit_check.FitCheck : The same question for letters.

    Notes
    -----
    From one session to the next all values may be shifted, the classes may be closer together, and
    trials may differ more. A session is such a shift, strength and spread, with the shares of the
    classes in it. A fixed set of sessions is spread evenly over all that is possible. No label is
    used: each trial that is over weighs every session by the probability of the trial's mean value.
    The posterior of a class is the mean over the sessions. So while trials look as in calibration
    it is hardly lower than it was. While they do not it is discounted as much as the trials leave
    open, and a shift that they show is taken off.

    Where a trial was stopped does not matter: a decision depends on its values alone.

    References
    ----------
    Vidaurre et al. (2011), IEEE Trans Biomed Eng 58:587, take such a shift off without labels.

    Examples
    --------
    Calibration's trials were two units apart; in this session all are shifted by 1.5:

    >>> from bci_online.config import TrialValues
    >>> trials = TrialValues(means=((-1.0,), (1.0,)), covariance=((0.5,),))
    >>> fit = SessionFit(Evidence(trials=trials), n_classes=2, overlap=20.0)
    >>> between = np.array([0.0, 1.0])
    >>> fit.posterior(between, n_windows=1).round(1).tolist()
    [0.3, 0.7]
    >>> for trial in range(10):
    ...     fit.observe(np.array([0.0, 2.5 if trial % 2 else 0.5]), n_windows=1)
    >>> fit.misfit > 0.9, fit.posterior(between, n_windows=1).round(1).tolist()
    (True, [0.7, 0.3])
    """

    def __init__(
        self, evidence: Evidence, n_classes: int, overlap: float, changed: float = CHANGED
    ) -> None:
        if evidence.trials is None or len(evidence.trials.means) != n_classes + bool(evidence.idle):
            raise ValueError("evidence.trials must say what trials of each class looked like")
        self._trials, self._overlap = evidence.trials, overlap
        self._means = np.array(evidence.trials.means)
        covariance = np.array(evidence.trials.covariance)
        self._inverse = np.linalg.inv(covariance)
        size = len(covariance)
        u = _evenly(N_SESSIONS, 2 * size + 3)
        self._is_changed = np.arange(N_SESSIONS) % 2 == 1
        offset, strength, spread = np.where(
            self._is_changed[:, np.newaxis], np.array(LARGE), np.array(SLIGHT)
        ).T
        normal = ndtri(u[:, : size + 2])
        self._offsets = offset[:, np.newaxis] * normal[:, :size] @ np.linalg.cholesky(covariance).T
        # Of a session that has changed values are hardly worth more than in calibration.
        self._strengths = np.clip(
            1 - self._is_changed * strength + strength * normal[:, size], 0, 2
        )
        self._spreads = np.exp(spread * normal[:, size + 1])
        # Any shares of the classes are as likely as any other: who steers may mean one class alone.
        shares = -np.log1p(-u[:, size + 2 :])
        self._log_shares = np.log(shares / shares.sum(axis=1, keepdims=True))
        self._temperature = evidence.temperature
        each = [(1 - evidence.idle) / n_classes] * n_classes
        self._log_prior = np.log([*each, evidence.idle] if evidence.idle else each)
        share = np.where(self._is_changed, changed, 1 - changed)
        self._log_weights = np.log(2 * share / N_SESSIONS)
        self._has_observed = False

    @classmethod
    def of(cls, header: DecoderHeader, changed: float = CHANGED) -> Self | None:
        """Return that of a session that begins; None for decoders that say nothing of trials."""
        window = header.preprocessing.window
        if window is None or header.evidence.trials is None:
            return None
        return cls(header.evidence, len(header.classes), window.length / window.step, changed)

    @property
    def misfit(self) -> float:
        """Probability that this session is not as calibration."""
        return float(np.exp(self._log_weights[self._is_changed]).sum())

    @property
    def carried(self) -> str:
        """What the trials so far have left, as text; empty before the first one is over."""
        weights = np.ascontiguousarray(self._log_weights, dtype="<f8").tobytes()
        return base64.b64encode(weights).decode() if self._has_observed else ""

    def carry(self, carried: str) -> bool:
        """Let the trials of an earlier run count; return False if the text is none of its kind."""
        try:
            weights = np.frombuffer(base64.b64decode(carried, validate=True), dtype="<f8")
        except (binascii.Error, ValueError):
            return False
        # They are probabilities, whose sum is 1.
        if weights.size != N_SESSIONS or not np.isfinite(weights).all() or weights.max() > 1e-6:
            return False
        if abs(logsumexp(weights)) > 1e-6:
            return False
        self._log_weights, self._has_observed = weights.astype(float), True
        return True

    def described(self, classes: Sequence[str], trial: int) -> str:
        """Return what is wrong, noticed at `trial`, and what helps."""
        weights = np.exp(self._log_weights)
        offset = np.array([0.0, *weights @ self._offsets])[: len(classes)]
        strength = float(weights @ self._strengths)
        wrong = f"values lean towards {classes[int(offset.argmax())]}"
        if strength < WEAK:
            wrong = f"the classes are {100 * strength:.0f} % as far apart as in calibration"
        return (
            f"the decoder no longer fits, noticed at trial {trial}: {wrong}; what is decided now "
            "needs more evidence; look at the electrodes, or calibrate again"
        )

    def observe(self, total: Floats, n_windows: int) -> None:
        """Take a trial that is over by the sum of the scaled values (n_values,) of its windows."""
        mean = (total[1:] - total[0]) / n_windows
        middle = self._means.mean(axis=0)
        strengths = self._strengths[:, np.newaxis, np.newaxis]
        centres = middle + strengths * (self._means - middle) + self._offsets[:, np.newaxis]
        residuals = mean - centres
        variance = self._spreads**2 * self._trials.variance(n_windows, self._overlap)
        squares = np.einsum("skd,de,ske->sk", residuals, self._inverse, residuals)
        log_likelihood = logsumexp(
            self._log_shares - squares / (2 * variance[:, np.newaxis]), axis=1
        ) - 0.5 * mean.size * np.log(variance)
        weights = self._log_weights + log_likelihood
        self._log_weights = weights - logsumexp(weights)
        self._has_observed = True

    def posterior(self, total: Floats, n_windows: int) -> Floats:
        """Return the probability of each class, and of idle, (n_values,), from a sum of values."""
        shifted = total[1:] - total[0] - n_windows * self._offsets
        worth = self._temperature * self._strengths / self._spreads**2
        logits = np.concatenate([np.zeros((N_SESSIONS, 1)), worth[:, np.newaxis] * shifted], axis=1)
        return np.asarray(np.exp(self._log_weights) @ softmax(self._log_prior + logits, axis=1))


def _evenly(n_points: int, n_dimensions: int) -> Floats:
    """Return points that fill a cube evenly, the same on every computer, (n_points, n_dimensions).

    Roberts (2018), "The unreasonable effectiveness of quasirandom sequences".
    """
    root = 2.0
    for _ in range(50):
        root = (1 + root) ** (1 / (n_dimensions + 1))
    steps = root ** -np.arange(1.0, n_dimensions + 1)
    return np.asarray((0.5 + np.outer(np.arange(1, n_points + 1), steps)) % 1)
