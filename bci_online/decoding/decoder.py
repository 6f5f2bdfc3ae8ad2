"""What a decoder is to the chain, and whether it fits a stream."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bci_online.config import DecoderHeader, Preprocessing
from bci_online.errors import DecoderMismatchError
from bci_online.messages import StreamSpec

__all__ = ["Decoder", "match_stream"]


class Decoder(Protocol):
    """Turns epochs or windows into scores; everything about it stands in its header."""

    @property
    def header(self) -> DecoderHeader:
        """Preprocessing, layout, evidence, stopping: all that is no array."""
        ...

    @property
    def arrays(self) -> Mapping[str, NDArray[np.float64]]:
        """All arrays of the decoder file.

        ``reference`` (n_bands, n_channels, n_channels), if there is one, is the mean covariance of
        the training trials, which recentring brings those of another session back to.
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
        """Return one value per class, shape (n_classes,): log-odds up to a common constant.

        ``data`` has shape (n_rows, n_times); rows are channels, band by band where there is a bank.
        A window of motor imagery holds every sample; its values are calibrated by the header's
        ``evidence.scale``: softmax(scale * values) are the classes' probabilities.
        """
        ...


def match_stream(preprocessing: Preprocessing, spec: StreamSpec) -> tuple[list[int], list[str]]:
    """Find the channels of `preprocessing` in a stream.

    Returns
    -------
    picks : list of int
        Where they stand; order and extra channels do not matter.
    warnings : list of str
        Differences that may matter: another reference or amplifier.

    Raises
    ------
    DecoderMismatchError
        If a channel is missing or sampling frequency or unit differ; says all that differs.
    """
    differences = []
    missing = [name for name in preprocessing.ch_names if name not in spec.ch_names]
    if missing:
        differences.append(
            f"sensors {', '.join(missing)} are missing (the stream has {', '.join(spec.ch_names)})"
        )
    if abs(spec.sfreq - preprocessing.sfreq) > 1e-4 * preprocessing.sfreq:
        differences.append(
            f"sfreq is {spec.sfreq:g} Hz, the decoder was trained at {preprocessing.sfreq:g} Hz"
        )
    if spec.unit != preprocessing.unit:
        differences.append(
            f"unit is {spec.unit!r}, the decoder was trained on {preprocessing.unit!r}"
        )
    if preprocessing.counter and preprocessing.counter not in spec.ch_names:
        differences.append(f"the sample counter {preprocessing.counter!r} is missing")
    if differences:
        raise DecoderMismatchError(
            f"stream {spec.name!r} does not fit the decoder: {'; '.join(differences)}; "
            "record with the decoder's settings or train a decoder for this stream"
        )
    warnings = []
    for what, trained, streamed in (
        ("reference", preprocessing.stream_reference, spec.reference),
        ("amplifier", preprocessing.amplifier, spec.amplifier),
    ):
        if trained != streamed:
            warnings.append(f"{what} is {streamed or 'not stated'}, was {trained or 'not stated'}")
    return [spec.ch_names.index(name) for name in preprocessing.ch_names], warnings
