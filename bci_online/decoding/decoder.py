"""What a decoder is to the chain, and whether it fits a stream."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bci_online.config import DecoderHeader, Preprocessing
from bci_online.errors import DecoderMismatchError
from bci_online.messages import StreamSpec

__all__ = ["Decoder", "match_stream"]


class Decoder(Protocol):
    """Turns epochs into scores; everything about it stands in its header."""

    @property
    def header(self) -> DecoderHeader:
        """Preprocessing, layout, evidence, stopping: all that is no array."""
        ...

    @property
    def limits(self) -> NDArray[np.float64] | None:
        """Peak-to-peak limits (n_channels,) in the stream's unit; None rejects nothing."""
        ...

    @property
    def band_rms(self) -> NDArray[np.float64] | None:
        """RMS (n_channels,) of the filtered signal in calibration."""
        ...

    def score(self, data: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return one value per class, shape (n_classes,), for an epoch (n_channels, n_times)."""
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
