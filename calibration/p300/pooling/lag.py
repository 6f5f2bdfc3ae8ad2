"""How much later one recording's response comes than another's, and whether it is the same one.

Amplifiers and screens differ in their delays. The responses of the BCI2000 and the Wadsworth
recordings lie 0.1 s apart; pooled as they are, neither helps the other.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from calibration.p300.pooling.lag_window import MOST_LAG_S
from calibration.p300.pooling.sources import PoolSource, standardised

__all__ = ["Lag", "estimate_lag"]

Array = NDArray[np.float64]

# exp(3) = 20: a lag must explain the new subject's flashes this much better than no lag.
LEAST_EVIDENCE = 3.0
# Between sessions of one subject lags of 20-30 ms were found, and pooling at them gave 0.01-0.04
# less AUC than pooling as they are (docs/pooling.md); between labs lags are around 100 ms.
LEAST_LAG_S = 0.04
# A source that separates the new subject's targets no better is left out: Brain Invaders
# beside the Wadsworth speller costs 0.06-0.13 of AUC when pooled.
LEAST_READING = 2.0


class Lag(msgspec.Struct, frozen=True, kw_only=True):
    """How much later a source's response comes than the new subject's, and whether it helps.

    Parameters
    ----------
    seconds : float
        The lag that is applied: 0 unless ``known``.
    found : float
        The best lag, in seconds.
    evidence : float
        Natural logarithm of a likelihood ratio: how much better the best lag explains the new
        subject's flashes than no lag does.
    reading : float
        The t value of the new subject's targets against other flashes, by the source's weights
        at ``seconds``.
    known : bool
        Whether the lag is certain.

    See Also
    --------
    estimate_lag : Returns one; has an example.

    Examples
    --------
    >>> lag = Lag(seconds=0.1, found=0.1, evidence=9.0, reading=6.0, known=True)
    >>> lag.reads
    True
    """

    seconds: float
    found: float
    evidence: float
    reading: float
    known: bool

    @property
    def reads(self) -> bool:
        """Whether the source separates the new subject's targets, and so is pooled."""
        return self.reading >= LEAST_READING

    def described(self, name: str) -> str:
        """Return one line for the user."""
        if self.known:
            lag = (
                f"its response comes {1000 * self.seconds:+.0f} ms after the new subject's "
                f"(evidence {self.evidence:.1f}), latencies shifted by as much"
            )
        elif self.evidence >= LEAST_EVIDENCE and abs(self.found) <= LEAST_LAG_S - 1e-9:
            lag = (
                f"not shifted, the best lag, {1000 * self.found:+.0f} ms, is shorter than "
                f"{1000 * LEAST_LAG_S:.0f} ms"
            )
        elif self.evidence >= LEAST_EVIDENCE:
            lag = f"not shifted, the best lag is the end of ±{1000 * MOST_LAG_S:.0f} ms"
        else:
            lag = (
                f"not shifted, no lag is certain (the best, {1000 * self.found:+.0f} ms, has "
                f"evidence {self.evidence:.1f} of {LEAST_EVIDENCE:g})"
            )
        if self.reads:
            return f"{name}: separates the new subject's targets (t = {self.reading:.1f}); {lag}"
        return (
            f"{name}: left out, it does not separate the new subject's targets (t = "
            f"{self.reading:.1f} of {LEAST_READING:g}); {lag}; without it "
            "in --pool no sensor is lost to it"
        )


def estimate_lag(source: PoolSource, X: Array, y: NDArray[np.bool_]) -> Lag:
    """Find the lag at which a source separates the new subject's training flashes best.

    Parameters
    ----------
    source : PoolSource
        On the sensors of `X`.
    X : ndarray, shape (n_epochs, n_channels, n_times)
        The new subject's training epochs, on the source's sensors.
    y : ndarray of bool, shape (n_epochs,)
        True for targets.

    Returns
    -------
    lag : Lag
        In seconds; says whether the lag is certain and whether the source helps.

    See Also
    --------
    calibration.p300.pooling.sources.PoolSource : Epochs at any lag.
    calibration.p300.pooling.classifier.PooledClassifier : Uses the lags.

    Notes
    -----
    At every lag the source's own linear discriminant scores the new subject's epochs. With t the
    two-sample t value of targets against others, ``max(t, 0)²/2`` is the logarithm of the
    likelihood ratio of "separates them" against "does not". A lag is known if it is better than no
    lag by `LEAST_EVIDENCE`, is no shorter than `LEAST_LAG_S` and lies within ±`MOST_LAG_S`. Flashes
    come at a fixed pace: with few of them a wrong maximum one flash away is likely.

    Examples
    --------
    A response that comes 0.05 s later in the source than in the new subject:

    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(200) % 4 == 0
    >>> dense = rng.normal(size=(200, 1, 60))
    >>> dense[y, 0, 30:35] += 3.0
    >>> source = PoolSource(
    ...     name="earlier", dense=dense, y=y, ch_names=("Cz",), per_step=1, n_times=30, step=0.01
    ... )
    >>> lag = estimate_lag(source, source.at(0.05) + rng.normal(size=(200, 1, 30)), y)
    >>> round(lag.seconds, 2), lag.reads
    (0.05, True)
    """
    scaled, _, _ = standardised(X)
    scores = scaled.reshape(len(X), -1) @ source.readers.T
    t = _t_values(scores, y)
    fits = np.maximum(t, 0.0) ** 2 / 2
    best, none = int(np.argmax(fits)), int(np.argmin(np.abs(source.lags)))
    evidence = float(fits[best] - fits[none])
    inside = 0 < best < t.size - 1
    found = float(source.lags[best])
    is_long = abs(found) > LEAST_LAG_S - 1e-9
    known = inside and is_long and evidence >= LEAST_EVIDENCE
    used = best if known else none
    return Lag(
        seconds=float(source.lags[used]),
        found=found,
        evidence=evidence,
        reading=float(t[used]),
        known=known,
    )


def _t_values(scores: Array, y: NDArray[np.bool_]) -> Array:
    """Return the t value of targets against others in each column of scores."""
    targets, others = scores[y], scores[~y]
    contrast = targets.mean(axis=0) - others.mean(axis=0)
    squares = targets.var(axis=0) * len(targets) + others.var(axis=0) * len(others)
    variance = squares / max(len(scores) - 2, 1) * (1 / len(targets) + 1 / len(others))
    t: Array = contrast / np.sqrt(np.maximum(variance, np.finfo(float).tiny))
    return t
