"""A decoder that was fitted while its session runs, as what reads letters from then on."""

import base64
import binascii
from collections.abc import Callable

from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_content import decoder_of
from bci_online.decoding.stream_rate import decoder_at_rate
from bci_online.errors import DecoderMismatchError
from bci_online.messages import Epoch, StreamSpec
from bci_online.paradigms.p300.epoch_evidence import LetterReader
from bci_online.preprocessing.artefacts import artefacts
from bci_online.runtime.lost_sensors import LostSensors, lost_sensors_of

__all__ = ["fitted_decoder", "letter_reader"]

NAME = "the fitted decoder"


def letter_reader(text: str, own: Decoder, spec: StreamSpec) -> LetterReader:
    """Return what reads letters with a decoder that was fitted in this session.

    Parameters
    ----------
    text : str
        The decoder's file in base64, as `bci_online.notes.Supervised` has it.
    own : Decoder
        What the session began with: both must have the same epochs.
    spec : StreamSpec
        The stream.

    Returns
    -------
    reader : LetterReader
        Scores epochs as the chain does: an artefact has no score, nor has an epoch that lacks too
        many sensors.

    Raises
    ------
    DecoderMismatchError
        If it is no linear decoder, or one of other epochs.

    See Also
    --------
    bci_online.paradigms.p300.uncalibrated.UncalibratedSpeller : Goes on with it.

    Examples
    --------
    >>> import numpy as np
    >>> from bci_online.config import DecoderHeader, Preprocessing
    >>> from bci_online.decoding.decoder_content import decoder_content, make_decoder
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0, unit="microvolts")
    >>> header = DecoderHeader(method="none", kind="uncalibrated", preprocessing=own)
    >>> cold = make_decoder(header, {})
    >>> arrays = {"coef": np.ones((1, own.n_epoch)), "center": np.zeros((1, own.n_epoch))}
    >>> arrays |= {"scale": np.ones(1), "intercept": np.zeros(1)}
    >>> content = decoder_content("mine", DecoderHeader(method="lda", preprocessing=own), arrays)
    >>> spec = StreamSpec(
    ...     name="amp", sfreq=250.0, ch_names=("Cz",), ch_types=("EEG",), unit="microvolts"
    ... )
    >>> letter_reader(base64.b64encode(content).decode(), cold, spec).evidence.threshold
    0.95
    """
    decoder = fitted_decoder(text, own, spec)
    return LetterReader(_scoring(decoder), decoder.header.evidence, decoder.header.stopping)


def fitted_decoder(text: str, own: Decoder, spec: StreamSpec) -> Decoder:
    """Return a decoder that was fitted in this session; parameters and errors as `letter_reader`.

    Parameters
    ----------
    text : str
        The decoder's file in base64.
    own : Decoder
        What the session began with.
    spec : StreamSpec
        The stream.

    Returns
    -------
    decoder : Decoder
        At the rate of the stream.

    Raises
    ------
    DecoderMismatchError
        If it is no linear decoder, or one of other epochs.

    See Also
    --------
    letter_reader : Reads letters with it; has an example.

    Examples
    --------
    >>> fitted_decoder("?", None, None)
    Traceback (most recent call last):
    ...
    bci_online.errors.DecoderMismatchError: the fitted decoder: is not base64
    """
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise DecoderMismatchError(f"{NAME}: is not base64") from None
    decoder, _ = decoder_at_rate(decoder_of(NAME, content), spec)
    header = decoder.header
    if header.kind != "linear":
        raise DecoderMismatchError(f"{NAME}: is of kind {header.kind!r}, and must be linear")
    if header.preprocessing != own.header.preprocessing:
        raise DecoderMismatchError(
            f"{NAME}: is for other epochs than this session's: its sensors, filter, latencies, "
            "rate and unit must be those that the session began with"
        )
    return decoder


def _scoring(decoder: Decoder) -> Callable[[Epoch], float | None]:
    lost, limits = lost_sensors_of(decoder), decoder.limits

    def score(epoch: Epoch) -> float | None:
        spans = epoch.peak_to_peak.copy()
        spans[list(epoch.without)] = 0.0
        if artefacts(spans, limits):
            return None
        if not epoch.without:
            return float(decoder.score(epoch.data)[1])
        if not isinstance(lost, LostSensors) or not lost.spares(epoch.without):
            return None
        return float(lost.score(epoch.data, epoch.without)[1])

    return score
