"""A decoder of imagery from labelled windows: limits, weights, evidence, reference."""

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, DecoderHeader, Evidence, FilterSpec, kept
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import make_decoder
from bci_online.preprocessing.artefacts import artefact_limits, artefacts
from bci_online.preprocessing.montage_check import rms_and_correlations
from bci_online.preprocessing.window_covariances import covariance
from calibration.motor_imagery.fold_values import ImageryClassifier, fold_values
from calibration.motor_imagery.trial_folds import FEWEST_TRIALS
from calibration.motor_imagery.window_set import NO_CLASS, WindowSet

__all__ = ["ClassifierMethod"]


Make = Callable[[DecoderHeader], ImageryClassifier]

IDLE = 0.5
"""Prior probability that nothing is imagined."""


class ClassifierMethod(msgspec.Struct, frozen=True):
    """A method that fits a classifier of windows.

    Parameters
    ----------
    name : str
        Name in the decoder's header.
    make : callable
        Given the decoder's header, returns an unfitted `ImageryClassifier` of such windows.
    filter : FilterSpec, optional
        The filter bank that the classifier needs. None takes the configuration's filter.
    needs_samples : bool
        False: covariances are enough; windows are then kept as `compressed` makes them.
    knows_idle : bool
        Whether the classifier can learn idle windows, whose label comes after those of the classes.

    See Also
    --------
    calibration.motor_imagery.methods.method_of : The method of a request.
    calibration.discriminants.csp_lda.CspLDA : A classifier of windows.

    Examples
    --------
    >>> from calibration import CspLDA
    >>> ClassifierMethod("csp-lda", lambda header: CspLDA()).configured(Config())[1]
    ()
    """

    name: str
    make: Make
    filter: FilterSpec | None = None
    needs_samples: bool = True
    knows_idle: bool = False

    def configured(self, config: Config) -> tuple[Config, tuple[str, ...]]:
        """Return the configuration with the method's filter bank, and a note if it was changed.

        Where it does not say whether to recentre, methods on covariances do.
        """
        if config.window.recentre is None:
            # Networks were never measured with it.
            window = msgspec.structs.replace(config.window, recentre=not self.needs_samples)
            config = msgspec.structs.replace(config, window=window)
        own, stated = self.filter, config.filter
        if own is None or len(stated.bands) == len(own.bands):
            return config, ()
        note = (
            f"{self.name}: {len(own.bands)} bands from {own.l_freq:g} to {own.h_freq:g} Hz in "
            f"place of the configuration's {stated.l_freq:g}-{stated.h_freq:g} Hz"
        )
        return msgspec.structs.replace(config, filter=own), (note,)

    def fit(
        self, windows: WindowSet, rows: NDArray[np.int64], config: Config, stopping: bool = True
    ) -> Decoder:
        """Fit everything that a decoder of imagery holds.

        Parameters
        ----------
        windows : WindowSet
            As the chain cut them.
        rows : ndarray of int
            The windows to learn from; no other is used.
        config : Config
            Artefact limit, stopping rule, and all that the header repeats.
        stopping : bool
            False leaves out the trainings that say what values are worth and when to stop. Such a
            decoder is for decisions with the evidence of the whole trial.

        Returns
        -------
        decoder : Decoder
            Its evidence is fitted on trials held out in at most five groups. Its ``reference`` is
            the mean covariance of the training trials.

        Raises
        ------
        RecordingError
            If there are too few trials of a class.
        """
        idle = self.knows_idle and stopping and config.stopping.idle
        chosen = windows[rows]
        limits = artefact_limits(chosen.peak_to_peak[chosen.y != NO_CLASS], config.artefacts.k)
        chosen = chosen[np.flatnonzero(~artefacts(chosen.peak_to_peak, limits))]
        known = _labelled(chosen, with_idle=idle)
        header = _header(windows, self.name, config)
        if known.y.max(initial=0) == len(windows.classes):
            header = msgspec.structs.replace(header, evidence=Evidence(idle=IDLE))
        folds = fold_values(known, self.make, header) if stopping else None
        # Last: the history of the decoder's own training is that which is shown.
        classifier = self.make(header).fit(known.X, known.y, known.trial)
        final, arrays = classifier.to_decoder(header)
        if folds is None:
            header = msgspec.structs.replace(final, evidence=Evidence())
        else:
            header = folds.evidence(classifier, known, final)
        known = known[np.flatnonzero(known.y < len(windows.classes))]
        n_channels = len(known.preprocessing.ch_names)
        band_rms, correlation = rms_and_correlations(known.X, n_channels, self.needs_samples)
        arrays |= {
            "band_rms": band_rms,
            "correlation": correlation,
            "reference": _reference(known),
            "class_references": np.stack(
                [
                    _reference(known[np.flatnonzero(known.y == label)])
                    for label in range(len(windows.classes))
                ]
            ),
        }
        if limits is not None:
            arrays["limits"] = limits
        return make_decoder(header, arrays)


def _labelled(windows: WindowSet, with_idle: bool) -> WindowSet:
    """Return the windows of known class; those of idle have the label after the last class's."""
    idle = np.flatnonzero(windows.is_idle)
    if not with_idle or np.unique(windows.trial[idle]).size <= FEWEST_TRIALS:
        return windows[np.flatnonzero(windows.y != NO_CLASS)]
    y = windows.y.copy()
    y[idle] = len(windows.classes)
    return msgspec.structs.replace(windows, y=y)[np.flatnonzero(y != NO_CLASS)]


def _header(windows: WindowSet, method: str, config: Config) -> DecoderHeader:
    return DecoderHeader(
        method=method,
        classes=windows.classes,
        preprocessing=windows.preprocessing,
        **(kept(config, DecoderHeader) | {"paradigm": "motor_imagery"}),
    )


def _reference(windows: WindowSet) -> NDArray[np.float64]:
    """Return the mean over trials of the mean covariance of their windows."""
    n_bands = len(windows.preprocessing.filter.bands)
    covariances = np.stack([covariance(x, n_bands) for x in windows.X])
    trials = [covariances[windows.trial == number] for number in np.unique(windows.trial)]
    return np.asarray(np.mean([trial.mean(axis=0) for trial in trials], axis=0))
