"""What a decoder offers the chain, and whether it fits a stream."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bci_online.config import DecoderHeader, Preprocessing
from bci_online.errors import DecoderMismatchError
from bci_online.messages import StreamSpec
from bci_online.sensor_names import same_sensors

__all__ = [
    "MISSING",
    "Decoder",
    "fewest_hz",
    "is_same_rate",
    "match_stream",
    "other_origin",
    "used_channels",
]

MISSING = -1
"""The column of a sensor that a stream lacks."""

EPOCH_SAMPLES = 8.0
"""Latencies lie between samples: there must be so many to a cycle of the band's upper edge.

A straight line between two of them is then at most 8 % too low.
"""

WINDOW_SAMPLES = 4.0
"""A window holds the samples themselves, and the filter needs room above its band."""


class Decoder(Protocol):
    """Turns epochs or windows into scores; its header describes it completely.

    See Also
    --------
    bci_online.decoding.linear.LinearDecoder : One weight per sensor and latency.
    bci_online.decoding.spatial.SpatialDecoder : Powers after spatial filters.
    bci_online.decoding.network.decoder.NetworkDecoder : A network.
    """

    @property
    def header(self) -> DecoderHeader:
        """Preprocessing, layout, evidence, stopping: everything that is not an array."""
        ...

    @property
    def arrays(self) -> Mapping[str, NDArray[np.float64]]:
        """All arrays of the decoder file.

        ``reference`` (n_bands, n_channels, n_channels), where it exists, is the mean covariance of
        the training trials; `Recentring` maps the windows of another session back to it.
        ``class_references``, one such matrix for each class, say where to if one class is meant.
        ``correlation`` (n_channels, n_channels), where it exists, is what `MontageCheck` expects.
        """
        ...

    @property
    def limits(self) -> NDArray[np.float64] | None:
        """Peak-to-peak limits (n_rows,) in the stream's unit; None rejects nothing."""
        ...

    @property
    def band_rms(self) -> NDArray[np.float64] | None:
        """RMS (n_rows,) of the filtered signal in calibration."""
        ...

    def score(self, data: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return one value per class: log-odds up to a common constant.

        Parameters
        ----------
        data : ndarray, shape (n_rows, n_times)
            One row per channel, or per band and channel of a filter bank, in the stream's unit.
            An epoch holds the decoder's latencies; a window of motor imagery holds every sample.

        Returns
        -------
        values : ndarray, shape (n_classes,)
            ``softmax(scale * values)`` are the probabilities of the classes, with the header's
            ``evidence.scale``.
        """
        ...


def used_channels(decoder: Decoder) -> NDArray[np.bool_]:
    """Return which channels can change a score.

    Parameters
    ----------
    decoder : Decoder
        Of any kind.

    Returns
    -------
    used : ndarray of bool, shape (n_channels,)
        A linear decoder does not use a channel whose weights are all 0, such as one that was flat
        in calibration. Other decoders use all.

    See Also
    --------
    bci_online.preprocessing.continuous_signal.ContinuousSignal : Rejects for used channels alone.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(ch_names=("Cz", "Pz"), sfreq=250.0)
    >>> header = DecoderHeader(method="lda", preprocessing=own)
    >>> arrays = {"coef": np.array([[0.0, 2.0], [0.0, 0.0]])}
    >>> used_channels(SimpleNamespace(header=header, arrays=arrays)).tolist()
    [True, False]
    """
    n_channels = len(decoder.header.preprocessing.ch_names)
    if decoder.header.kind != "linear":
        return np.ones(n_channels, dtype=bool)
    return np.asarray((decoder.arrays["coef"] != 0).any(axis=1))


def fewest_hz(preprocessing: Preprocessing) -> float:
    """Return the lowest sampling rate of a stream for this band.

    Parameters
    ----------
    preprocessing : Preprocessing
        Of the training.

    Returns
    -------
    sfreq : float
        In hertz.

    See Also
    --------
    bci_online.decoding.stream_rate.decoder_at_rate : A decoder at another rate.

    Examples
    --------
    >>> fewest_hz(Preprocessing(ch_names=("Cz",), sfreq=250.0))  # to 8 Hz
    64.0
    """
    samples = EPOCH_SAMPLES if preprocessing.window is None else WINDOW_SAMPLES
    return samples * preprocessing.filter.h_freq


def is_same_rate(preprocessing: Preprocessing, spec: StreamSpec) -> bool:
    """Return whether a stream has the sampling rate of a training.

    Parameters
    ----------
    preprocessing : Preprocessing
        Of the training.
    spec : StreamSpec
        The stream. Two measurements of one amplifier differ a little.

    Returns
    -------
    same : bool
        Whether they differ by less than 0.01 %, or 2 % where the rate is measured.

    See Also
    --------
    bci_online.decoding.stream_rate.decoder_at_rate : What to do where it has not.

    Examples
    --------
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0)
    >>> spec = StreamSpec(name="amp", sfreq=500.0, ch_names=("Cz",), ch_types=("EEG",))
    >>> is_same_rate(own, spec)
    False
    """
    most = (2e-2 if spec.measured else 1e-4) * preprocessing.sfreq
    return abs(spec.sfreq - preprocessing.sfreq) <= most


def match_stream(
    preprocessing: Preprocessing,
    spec: StreamSpec,
    spares: Callable[[Sequence[int]], bool] = lambda channels: False,
) -> tuple[list[int], list[str]]:
    """Find the channels of `preprocessing` in a stream.

    Parameters
    ----------
    preprocessing : Preprocessing
        What the decoder needs.
    spec : StreamSpec
        The stream. Its order and its extra channels do not matter, nor how it spells a sensor's
        name; see `same_sensors`.
    spares : callable, optional
        Given places of missing channels, says whether the decoder goes on without them.

    Returns
    -------
    picks : list of int
        Column of each channel in the stream; `MISSING` for one that it lacks.
    warnings : list of str
        Differences that may matter: another reference or amplifier.

    Raises
    ------
    DecoderMismatchError
        If a channel that is not spared or the sample counter is missing, or sampling frequency or
        unit differ; the message names all differences.

    See Also
    --------
    bci_online.runtime.assembly.online_chain : Builds a chain for the stream.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> from bci_online.messages import StreamSpec
    >>> preprocessing = Preprocessing(sfreq=256.0, ch_names=("Pz", "Cz"), unit="microvolts")
    >>> spec = StreamSpec(
    ...     name="amp", sfreq=256.0, ch_names=("Fz", "Cz", "Pz"), ch_types=("EEG",) * 3,
    ...     unit="microvolts", amplifier="new one",
    ... )
    >>> match_stream(preprocessing, spec)
    ([2, 1], ['amplifier is new one, was not stated'])
    """
    differences = []
    usable = [name for name in spec.ch_names if name not in spec.no_voltages]
    names = same_sensors(preprocessing.ch_names, usable)
    missing = [name for name in preprocessing.ch_names if name not in names]
    if missing and not spares([preprocessing.ch_names.index(name) for name in missing]):
        differences.append(
            f"sensors {', '.join(missing)} are missing (the stream has {', '.join(usable)})"
        )
    if not is_same_rate(preprocessing, spec):
        least = fewest_hz(preprocessing)
        why = "eeg.sfreq in the configuration can measure it"
        if spec.sfreq < least:
            why = f"a band to {preprocessing.filter.h_freq:g} Hz needs {least:g} Hz or more"
        differences.append(
            f"sfreq is {spec.sfreq:g} Hz, the decoder was trained at {preprocessing.sfreq:g} Hz "
            f"({why})"
        )
    if spec.unit != preprocessing.unit:
        way = " (eeg.unit states it, eeg.exclude leaves out channels without one)"
        differences.append(
            f"unit is {spec.unit!r}, the decoder was trained on {preprocessing.unit!r}"
            + way * (preprocessing.unit == "microvolts")
        )
    if preprocessing.counter and preprocessing.counter not in spec.ch_names:
        differences.append(f"the sample counter {preprocessing.counter!r} is missing")
    if differences:
        raise DecoderMismatchError(
            f"stream {spec.name!r} does not fit the decoder: {'; '.join(differences)}; "
            "record with the decoder's settings or train a decoder for this stream"
        )
    return [
        MISSING if name in missing else spec.ch_names.index(names[name])
        for name in preprocessing.ch_names
    ], other_origin(preprocessing, spec.reference, spec.amplifier)


def other_origin(trained: Preprocessing, reference: str, amplifier: str) -> list[str]:
    """Return what differs between the stream of a training and another one, and may matter.

    Parameters
    ----------
    trained : Preprocessing
        Of the training.
    reference, amplifier : str
        What the other stream states; empty: nothing.

    Returns
    -------
    differences : list of str
        One for each.

    See Also
    --------
    match_stream : What must not differ.

    Examples
    --------
    >>> other_origin(Preprocessing(ch_names=("Cz",), sfreq=250.0, amplifier="old one"), "A1", "")
    ['reference is A1, was not stated', 'amplifier is not stated, was old one']
    """
    return [
        f"{what} is {there or 'not stated'}, was {before or 'not stated'}"
        for what, before, there in (
            ("reference", trained.stream_reference, reference),
            ("amplifier", trained.amplifier, amplifier),
        )
        if before != there
    ]
