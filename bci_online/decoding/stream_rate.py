"""A decoder at another sampling rate than that of its training."""

import msgspec

from bci_online.config import Preprocessing
from bci_online.decoding.decoder import Decoder, fewest_hz, is_same_rate
from bci_online.decoding.decoder_file import make_decoder
from bci_online.errors import DecoderMismatchError
from bci_online.messages import StreamSpec

__all__ = ["decoder_at_rate", "preprocessing_at_rate"]


def preprocessing_at_rate(preprocessing: Preprocessing, spec: StreamSpec) -> Preprocessing:
    """Return the same filter, latencies and windows at a stream's sampling rate.

    Nothing is resampled. The band-pass is made anew for the stream's rate, from the same analog
    one, and works on every sample: it is what keeps higher frequencies out of the latencies, and
    its delay in seconds is that of the training. Latencies and windows are stated in seconds.

    Parameters
    ----------
    preprocessing : Preprocessing
        Of the training.
    spec : StreamSpec
        The stream.

    Returns
    -------
    preprocessing : Preprocessing
        The same object where the rate is the same, or too low for its band.

    See Also
    --------
    decoder_at_rate : A decoder with it.

    Examples
    --------
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0)
    >>> fast = StreamSpec(name="amp", sfreq=1000.0, ch_names=("Cz",), ch_types=("EEG",))
    >>> preprocessing_at_rate(own, fast).sfreq
    1000.0
    >>> slow = StreamSpec(name="amp", sfreq=50.0, ch_names=("Cz",), ch_types=("EEG",))
    >>> preprocessing_at_rate(own, slow).sfreq
    250.0
    """
    too_slow = spec.sfreq < fewest_hz(preprocessing)
    if is_same_rate(preprocessing, spec) or too_slow:
        return preprocessing
    try:
        return msgspec.structs.replace(preprocessing, sfreq=spec.sfreq)
    except ValueError:
        return preprocessing


def decoder_at_rate(decoder: Decoder, spec: StreamSpec) -> tuple[Decoder, list[str]]:
    """Return a decoder that reads a stream of another rate.

    Parameters
    ----------
    decoder : Decoder
        A network, too: flashes reach it at their latencies, and windows are resampled to its own
        rate. A window that is not as long then leaves the decoder as it is.
    spec : StreamSpec
        The stream.

    Returns
    -------
    decoder : Decoder
        The same object where nothing changes; `match_stream` then refuses a rate that differs.
    notes : list of str
        What a person should know.

    See Also
    --------
    bci_online.runtime.assembly.online_chain : Uses it.

    Examples
    --------
    >>> import numpy as np
    >>> from bci_online.config import DecoderHeader, EpochSpec
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0, epoch=EpochSpec(tmax=0.1, step=0.1))
    >>> arrays = {"coef": np.ones((1, 2)), "center": np.zeros((1, 2)),
    ...           "scale": np.ones(1), "intercept": np.zeros(1)}
    >>> decoder = make_decoder(DecoderHeader(method="lda", preprocessing=own), arrays)
    >>> spec = StreamSpec(name="amp", sfreq=512.0, ch_names=("Cz",), ch_types=("EEG",))
    >>> decoder_at_rate(decoder, spec)[1]
    ['sfreq is 512 Hz, was 250 Hz: filter and latencies are those of the training, in seconds']
    """
    header = decoder.header
    own = preprocessing_at_rate(header.preprocessing, spec)
    if own is header.preprocessing:
        return decoder, []
    note = (
        f"sfreq is {own.sfreq:g} Hz, was {header.preprocessing.sfreq:g} Hz: filter and latencies "
        "are those of the training, in seconds"
    )
    header = msgspec.structs.replace(header, preprocessing=own)
    try:
        return make_decoder(header, dict(decoder.arrays)), [note]
    except DecoderMismatchError:
        # The window of a network, say, is not as many of its own samples long at this rate.
        return decoder, []
