"""What a training on flashes finds: weights, evidence, chosen sensors, artefact limits."""

from typing import Any, Literal, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, Evidence, LearningCurve, NetworkSpec, Preprocessing, Tried
from bci_online.covariances import lag_covariances
from bci_online.decoding.linear import linear_scores
from calibration.blas_threads import one_blas_thread
from calibration.discriminants.class_means import class_means
from calibration.networks.history import History
from calibration.p300.epochs import EpochSet
from calibration.p300.evidence import evidence_of
from calibration.p300.scored_letters import ScoredLetter
from calibration.p300.sensor_choice import Choice

__all__ = ["Fitted", "FittedDecoder", "Search"]


class Fitted(Protocol):
    """What a training finds; ``kind`` and ``network`` say which decoder reads its arrays.

    ``letters`` are the held-out scores that the evidence was fitted on.

    See Also
    --------
    FittedDecoder : What a linear method returns.
    """

    @property
    def preprocessing(self) -> Preprocessing:
        """What made the epochs, on the chosen sensors."""
        ...

    @property
    def evidence(self) -> Evidence:
        """What a score is worth, and when to stop."""
        ...

    @property
    def letters(self) -> tuple[ScoredLetter, ...]:
        """Held-out scores by letter."""
        ...

    @property
    def limits(self) -> NDArray[np.float64] | None:
        """Peak-to-peak limits of the chosen sensors, in the stream's unit; None without."""
        ...

    @property
    def choice(self) -> Choice:
        """The chosen sensors."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know, one line each."""
        ...

    @property
    def method(self) -> str:
        """The method that was chosen; empty if it was asked for."""
        ...

    @property
    def tried(self) -> tuple[Tried, ...]:
        """What the method was chosen from; empty if it was asked for."""
        ...

    @property
    def kind(self) -> Literal["linear", "network"]:
        """As in `DecoderHeader`."""
        ...

    @property
    def network(self) -> NetworkSpec | None:
        """The network's architecture."""
        ...

    @property
    def learning(self) -> LearningCurve | None:
        """How a network was trained."""
        ...

    @property
    def history(self) -> History | None:
        """The same, with every step."""
        ...

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of the decoder file."""
        ...

    def ratios(self, epochs: EpochSet) -> NDArray[np.float64]:
        """Return each epoch's evidence for a target (n_epochs,); 0 if it is an artefact."""
        ...


class Search(Protocol):
    """A method with the scores of its inner folds, before it is fitted on all epochs.

    See Also
    --------
    calibration.p300.searched.Searched : Of a linear method.
    calibration.p300.method_comparison.compared : Compares several.
    """

    @property
    def epochs(self) -> EpochSet:
        """The training epochs of the chosen sensors, without artefacts."""
        ...

    @property
    def held_out(self) -> NDArray[np.float64]:
        """See `held_out_scores`, shape (n_epochs,)."""
        ...

    @property
    def seconds(self) -> float:
        """How long the inner folds took."""
        ...

    def fitted(self, config: Config, stopping: bool = True) -> Any:
        """Fit on all of the epochs; returns a `Fitted`."""
        ...


class FittedDecoder(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """A fitted linear decoder.

    Parameters
    ----------
    preprocessing : Preprocessing
        What made the epochs, on the chosen sensors.
    coef, center : ndarray, shape (n_chosen, n_times)
        Weights of scaled epochs, and the mean epoch in the stream's unit.
    scale : ndarray, shape (n_chosen,)
        Of each sensor, in the stream's unit.
    intercept : float
        Over the training epochs scores have mean 0 and standard deviation 1.
    limits : ndarray, shape (n_chosen,), or None
        Peak-to-peak limits, in the stream's unit.
    band_rms : ndarray, shape (n_chosen,)
        RMS of the training epochs, in the stream's unit.
    correlation : ndarray, shape (n_chosen, n_chosen)
        As `bci_online.preprocessing.montage_check.correlations` returns it.
    epochs : EpochSet
        What it was trained on. The file keeps their class means and covariance, so that a decoder
        can go on without a sensor that fails.
    evidence : Evidence
        What a score is worth, and when to stop.
    letters : tuple of ScoredLetter
        Held-out scores by letter.
    choice : Choice
        The chosen sensors.
    notes : tuple of str
        What the user should know, one line each.
    method : str
        The method that was chosen; empty if it was asked for.
    tried : tuple of Tried
        What it was chosen from.
    kind : str
        As in `DecoderHeader`.
    network, learning, history : None
        A linear decoder has neither.

    See Also
    --------
    calibration.p300.fitting.LinearMethod : Fits one; has an example.
    bci_online.decoding.linear.LinearDecoder : Scores with these arrays online.

    Examples
    --------
    >>> y = np.arange(40) % 4 == 0
    >>> epochs = EpochSet(
    ...     X=np.random.default_rng(0).normal(size=(40, 1, 16)), y=y,
    ...     letter=np.zeros(40, dtype=int), run=np.zeros(40, dtype=int),
    ...     code=np.ones(40, dtype=int), time=np.arange(40.0),
    ...     peak_to_peak=np.ones((40, 1)), rejected={}, letters=(),
    ...     preprocessing=Preprocessing(ch_names=("Cz",), sfreq=250.0),
    ... )
    >>> fitted = FittedDecoder(
    ...     preprocessing=Preprocessing(ch_names=("Cz",), sfreq=250.0), coef=np.ones((1, 16)),
    ...     center=np.zeros((1, 16)), scale=np.ones(1), intercept=0.0, limits=None,
    ...     band_rms=np.ones(1), correlation=np.zeros((1, 1)), evidence=Evidence(), letters=(),
    ...     choice=Choice(sensors=("Cz",)), epochs=epochs,
    ... )
    >>> sorted(fitted.arrays())  # without limits: the file needs none
    ['band_rms', 'center', 'class_means', 'coef', 'correlation', 'intercept', 'lags', 'scale']
    """

    preprocessing: Preprocessing
    coef: NDArray[np.float64]
    center: NDArray[np.float64]
    scale: NDArray[np.float64]
    intercept: float
    limits: NDArray[np.float64] | None
    band_rms: NDArray[np.float64]
    correlation: NDArray[np.float64]
    epochs: EpochSet
    evidence: Evidence
    letters: tuple[ScoredLetter, ...]
    choice: Choice
    notes: tuple[str, ...] = ()
    method: str = ""
    tried: tuple[Tried, ...] = ()
    kind: Literal["linear"] = "linear"
    network: None = None
    learning: None = None
    history: None = None

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of the decoder file."""
        arrays: dict[str, NDArray[Any]] = {
            "coef": self.coef,
            "center": self.center,
            "scale": self.scale,
            "intercept": np.array([self.intercept]),
            "band_rms": self.band_rms,
            "correlation": self.correlation,
            **self._means_and_lags(),
        }
        return arrays if self.limits is None else arrays | {"limits": self.limits}

    def ratios(self, epochs: EpochSet) -> NDArray[np.float64]:
        """Return each epoch's evidence for a target (n_epochs,); 0 if it is an artefact."""
        scores = linear_scores(epochs.X, self.coef, self.center, self.scale, self.intercept)
        return evidence_of(scores, epochs.peak_to_peak, self.evidence, self.limits)

    def _means_and_lags(self) -> dict[str, NDArray[np.float32]]:
        """Return class means and covariances, which weights on fewer sensors are solved from.

        Single precision is enough for that.
        """
        scaled = (self.epochs.X - self.center) / self.scale[:, np.newaxis]
        with one_blas_thread():
            means, residuals = class_means(scaled, self.epochs.y)
            lags = lag_covariances(residuals)
        return {"class_means": means.astype(np.float32), "lags": lags.astype(np.float32)}
