"""Class means and covariance of a linear discriminant, as they follow labelled epochs."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from bci_online.config import DecoderHeader
from bci_online.covariances import lag_covariances
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.lagged_covariance import covariance_of_lags
from bci_online.decoding.linear import LinearDecoder

__all__ = ["ClassStatistics", "Discriminant", "discriminant_of"]

Floats = NDArray[np.float64]

MOST_FEATURES = 1000
"""Of more, weights could not be solved between two letters."""

CLIP = 5.0
"""A sample further out than so many standard deviations counts as this far: no epoch is a leap."""

SHARE = 1e-6
"""Of the identity in a letter's covariance: after an average reference it has no inverse else."""

SAME = 0.8
"""So similar (cosine) are a discriminant's weights to those of its means and covariance."""


class ClassStatistics(NamedTuple):
    """What a linear discriminant of scaled epochs is made of.

    Parameters
    ----------
    means : ndarray, shape (2, n_channels, n_times)
        Of non-targets and targets.
    lags : ndarray, shape (n_times, n_channels, n_channels)
        Covariance within the classes, as `covariance_of_lags` takes it.

    See Also
    --------
    Discriminant : Scores with them.

    Examples
    --------
    A letter's epochs draw the means towards theirs:

    >>> own = ClassStatistics(np.zeros((2, 1, 2)), np.array([[[1.0]], [[0.5]]]))
    >>> X, y = np.ones((4, 1, 2)), np.array([True, False, True, False])
    >>> own.followed(X, y, gain=0.1).means[1].tolist()
    [[0.1, 0.1]]
    """

    means: Floats
    lags: Floats

    def followed(self, X: Floats, y: NDArray[np.bool_], gain: float) -> "ClassStatistics":
        """Return the statistics after one more letter.

        Parameters
        ----------
        X : ndarray, shape (n_epochs, n_channels, n_times)
            Scaled as the decoder scales epochs.
        y : ndarray of bool, shape (n_epochs,)
            Both classes are there.
        gain : float
            How much the letter counts; what was known counts ``1 - gain``.
        """
        X = np.clip(X, -CLIP, CLIP)
        found = np.stack([X[~y].mean(axis=0), X[y].mean(axis=0)])
        lags = lag_covariances(X - found[y.astype(int)], shrunk=False)
        lags[0] += SHARE * np.trace(lags[0]) / len(lags[0]) * np.eye(len(lags[0]))
        return ClassStatistics(
            self.means + gain * (found - self.means), self.lags + gain * (lags - self.lags)
        )

    def weights(self) -> Floats:
        """Return the weights of the discriminant, shape (n_channels, n_times).

        Raises
        ------
        ValueError
            If the covariance has no inverse.
        """
        difference = self.means[1] - self.means[0]
        try:
            factor = cho_factor(covariance_of_lags(self.lags), overwrite_a=True, check_finite=False)
        except LinAlgError:
            raise ValueError("the covariance of the epochs has no inverse") from None
        return np.asarray(cho_solve(factor, difference.ravel()).reshape(difference.shape))


class Discriminant:
    """A trained linear discriminant that can be solved again from other statistics.

    Parameters
    ----------
    decoder : Decoder
        See `discriminant_of`.

    Attributes
    ----------
    trained : ClassStatistics
        What the decoder was trained on.
    likeness : float
        Cosine between its weights and those that follow from these statistics.

    See Also
    --------
    bci_online.runtime.adaptation.FollowedSession : Follows a session with it.

    Notes
    -----
    New scores are moved and scaled so that the decoder's densities give each score the
    log-likelihood ratio that it has now: a weaker response is less evidence. The same is done where
    a sensor is lost, see `bci_online.decoding.resolved_weights.ResolvedWeights`.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> lags = np.array([[[1.0]], [[0.5]]])
    >>> means = np.array([[[0.0, 0.0]], [[1.0, 0.0]]])
    >>> arrays = {"coef": ClassStatistics(means, lags).weights(), "center": np.zeros((1, 2))}
    >>> arrays |= {"scale": np.ones(1), "intercept": np.zeros(1)}
    >>> own = Discriminant(SimpleNamespace(arrays=arrays | {"class_means": means, "lags": lags}))
    >>> round(own.likeness, 6)
    1.0
    >>> own.scores(own.trained, means).round(2).tolist()
    [0.0, 1.33]
    """

    def __init__(self, decoder: Decoder) -> None:
        arrays, self._decoder = decoder.arrays, decoder
        self._center, self._scale = arrays["center"], arrays["scale"]
        self.trained = ClassStatistics(arrays["class_means"], arrays["lags"])
        own = arrays["coef"]
        covariance = covariance_of_lags(self.trained.lags)
        distance = float(np.vdot(own, self.trained.means[1] - self.trained.means[0]))
        variance = float(own.ravel() @ covariance @ own.ravel())
        if distance <= 0 or variance <= 0:
            raise ValueError("the means of the classes do not differ")
        # What the trained score is, in log-likelihood ratios of these statistics.
        self._unit = variance / distance
        self._middle = float(arrays["intercept"][0]) + float(
            np.vdot(own, self.trained.means.mean(axis=0))
        )
        solved = self.trained.weights()
        lengths = float(np.linalg.norm(own) * np.linalg.norm(solved))
        self.likeness = float(np.vdot(own, solved)) / lengths

    def scaled(self, X: Floats) -> Floats:
        """Return epochs (n_epochs, n_channels, n_times) as the statistics have them."""
        return np.asarray((X - self._center) / self._scale[:, np.newaxis])

    def scores(self, statistics: ClassStatistics, X: Floats) -> Floats:
        """Return the score of scaled epochs (n_epochs, n_channels, n_times) by other statistics."""
        coef, intercept = self._solved(statistics)
        return np.asarray(np.einsum("ect,ct->e", X, coef) + intercept)

    def decoder(self, statistics: ClassStatistics) -> Decoder:
        """Return the decoder with other statistics; the trained ones give the trained decoder.

        Raises
        ------
        ValueError
            If the covariance has no inverse.
        """
        if statistics is self.trained:
            return self._decoder
        coef, intercept = self._solved(statistics)
        changed = {
            "coef": coef,
            "intercept": np.array([intercept]),
            "class_means": statistics.means,
            "lags": statistics.lags,
        }
        header: DecoderHeader = self._decoder.header
        return LinearDecoder(header, dict(self._decoder.arrays) | changed)

    def _solved(self, statistics: ClassStatistics) -> tuple[Floats, float]:
        arrays = self._decoder.arrays
        if statistics is self.trained:
            return arrays["coef"], float(arrays["intercept"][0])
        coef = self._unit * statistics.weights()
        return coef, self._middle - float(np.vdot(coef, statistics.means.mean(axis=0)))


def discriminant_of(decoder: Decoder) -> Discriminant | str:
    """Return what a decoder can follow a session with, or why it cannot.

    Parameters
    ----------
    decoder : Decoder
        A linear one of flashes, whose weights are those of a discriminant and whose file holds
        class means and a covariance.

    Returns
    -------
    discriminant : Discriminant or str
        A string says in words what is wrong.

    See Also
    --------
    bci_online.runtime.adaptation.FollowedSession : Uses it.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(ch_names=("Cz", "Pz"), sfreq=250.0)
    >>> header = DecoderHeader(method="lda", preprocessing=own)
    >>> discriminant_of(SimpleNamespace(header=header, arrays={}))
    'its file holds no class means and no covariance; train it again'
    """
    if decoder.header.kind != "linear":
        return f"it is of kind {decoder.header.kind!r}, and only a linear discriminant is followed"
    if not {"class_means", "lags"} <= set(decoder.arrays):
        return "its file holds no class means and no covariance; train it again"
    n_features = decoder.arrays["coef"].size
    if n_features > MOST_FEATURES:
        return (
            f"{n_features} weights are more than {MOST_FEATURES}, which cannot be solved between "
            "two letters; train with fewer sensors"
        )
    try:
        found = Discriminant(decoder)
    except ValueError as error:
        return str(error)
    if found.likeness < SAME:
        return f"its weights ({decoder.header.method}) are not those of a linear discriminant"
    return found
