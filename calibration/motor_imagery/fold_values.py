"""Values of held-out windows, and the evidence that they are worth."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, Self, runtime_checkable

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import DecoderHeader
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import make_decoder
from calibration.given_epochs import check_scores
from calibration.motor_imagery.evidence import fit_evidence
from calibration.motor_imagery.trial_folds import trial_folds
from calibration.motor_imagery.window_set import WindowSet
from calibration.networks.history import History
from calibration.networks.judged_training import may_promise

__all__ = ["FoldValues", "ImageryClassifier", "ImageryNetwork", "fold_values", "values_of"]

Floats = NDArray[np.float64]


class ImageryClassifier(Protocol):
    """A classifier of windows that has an online form.

    See Also
    --------
    calibration.motor_imagery.fitting.ClassifierMethod : Fits one.
    """

    def fit(self, X: Sequence[Floats], y: NDArray[Any], groups: NDArray[Any]) -> Self:
        """Learn from windows, each (n_rows, n_times); `groups` holds the trial of each window."""
        ...

    def to_decoder(self, header: DecoderHeader) -> tuple[DecoderHeader, dict[str, Any]]:
        """Return header and arrays of the online form.

        Its values are log-odds in the order of ``header.classes``, which are labels 0, 1, …, and
        then that of idle, if the header knows idle.
        """
        ...


@runtime_checkable
class ImageryNetwork(Protocol):
    """A network: two of them differ in how large their values are, and in how good they are.

    See Also
    --------
    calibration.motor_imagery.window_classifier.WindowClassifier : Is one.
    """

    @property
    def spread_(self) -> float:
        """Standard deviation of its values on the windows that trained it."""
        ...

    @property
    def history_(self) -> History:
        """Of its training."""
        ...


class FoldValues(NamedTuple):
    """The values of windows, each from a classifier that did not see its trial.

    Parameters
    ----------
    values : ndarray, shape (n_windows, n_values)
        As the fold's decoder scores them.
    fold : ndarray of int, shape (n_windows,)
        Which fold's.
    classifiers : tuple of ImageryClassifier
        Of each fold.

    See Also
    --------
    fold_values : Makes them.

    Examples
    --------
    >>> found = FoldValues(np.zeros((4, 2)), np.array([0, 0, 1, 1]), classifiers=())
    >>> found.values[found.fold == 1].shape  # of the second fold
    (2, 2)
    """

    values: Floats
    fold: NDArray[np.int64]
    classifiers: tuple[ImageryClassifier, ...]

    def evidence(
        self, final: ImageryClassifier, windows: WindowSet, header: DecoderHeader
    ) -> DecoderHeader:
        """Return the header with what the values of the final classifier are worth.

        Notes
        -----
        A network's folds are brought to the size of its own values, and the threshold keeps away
        as far as whole folds differ. Nothing is promised for a network that is at chance, or worse
        than those of all folds: it is not of the kind that the values are from.
        """
        networks = [each for each in self.classifiers if isinstance(each, ImageryNetwork)]
        values = self.values
        if isinstance(final, ImageryNetwork):
            sizes = np.array([max(network.spread_, 1e-9) for network in networks])
            values = values * (final.spread_ / sizes)[self.fold][:, np.newaxis]
        window = windows.preprocessing.window
        evidence = fit_evidence(
            values,
            windows.y,
            windows.trial,
            header.stopping,
            header.evidence.idle,
            0.0 if window is None else window.step,
            self.fold if networks else None,
        )
        if isinstance(final, ImageryNetwork) and header.learning is not None:
            of_folds = tuple(network.history_.kept_loss for network in networks)
            learning = msgspec.structs.replace(header.learning, of_folds=of_folds)
            header = msgspec.structs.replace(header, learning=learning)
            if not may_promise(final.history_, of_folds, len(header.classes)):
                evidence = msgspec.structs.replace(evidence, promised=False)
        return msgspec.structs.replace(header, evidence=evidence)


def fold_values(
    windows: WindowSet, make: Callable[[DecoderHeader], ImageryClassifier], header: DecoderHeader
) -> FoldValues:
    """Return the values of windows from trials held out in turn.

    Parameters
    ----------
    windows : WindowSet
        Of known class.
    make : callable
        Given the decoder's header, returns an unfitted classifier.
    header : DecoderHeader
        Of the decoder.

    Returns
    -------
    found : FoldValues
        Of all windows.

    Raises
    ------
    RecordingError
        If a class has too few trials.
    BciError
        If a value is not finite.

    See Also
    --------
    calibration.motor_imagery.trial_folds.trial_folds : The folds.

    Examples
    --------
    Twenty trials of one window. In each class another channel is louder:

    >>> from bci_online.config import Preprocessing, WindowSpec
    >>> from calibration import CspLDA
    >>> n = np.arange(20)
    >>> X = np.random.default_rng(0).normal(size=(20, 2, 100))
    >>> X[n, n % 2] *= 3.0
    >>> own = Preprocessing(
    ...     ch_names=("C3", "C4"), sfreq=100.0, window=WindowSpec(length=1.0, step=0.5)
    ... )
    >>> windows = WindowSet(
    ...     X=tuple(X), y=n % 2, trial=n, run=0 * n, time=8.0 * n, peak_to_peak=np.ones((20, 2)),
    ...     classes=("left", "right"), rejected={}, trials=(), preprocessing=own,
    ... )
    >>> header = DecoderHeader(method="csp-lda", paradigm="motor_imagery", preprocessing=own)
    >>> found = fold_values(windows, lambda header: CspLDA(), header)
    >>> bool(((found.values[:, 1] > found.values[:, 0]) == (n % 2 == 1)).all())
    True
    """
    values = np.full((len(windows), header.n_values), np.nan)
    fold = np.zeros(len(windows), dtype=np.int64)
    classifiers = []
    for number, (train, test) in enumerate(trial_folds(windows)):
        own = windows[train]
        classifier = make(header).fit(own.X, own.y, own.trial)
        decoder = make_decoder(*classifier.to_decoder(header))
        values[test] = values_of(decoder, [windows.X[row] for row in test])
        check_scores(values[test])
        fold[test] = number
        classifiers.append(classifier)
    return FoldValues(values, fold, tuple(classifiers))


def values_of(decoder: Decoder, X: Sequence[Floats]) -> Floats:
    """Return the decoder's values for windows, shape (n_windows, n_classes).

    Parameters
    ----------
    decoder : Decoder
        Of windows.
    X : sequence of ndarray, each of shape (n_rows, n_times)
        The windows, in the stream's unit.

    Returns
    -------
    values : ndarray, shape (n_windows, n_classes)
        As the decoder scores them online.

    See Also
    --------
    bci_online.decoding.decoder.Decoder : Scores one window.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> powers = SimpleNamespace(score=lambda window: window.var(axis=1))  # stands for a decoder
    >>> values_of(powers, [np.array([[1.0, -1.0], [2.0, -2.0]])]).tolist()
    [[1.0, 4.0]]
    """
    return np.stack([decoder.score(window) for window in X])
