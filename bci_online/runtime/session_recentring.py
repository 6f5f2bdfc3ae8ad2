"""The recentring that a decoder asks for."""

from bci_online.decoding.decoder import Decoder
from bci_online.errors import DecoderMismatchError
from bci_online.paradigms.motor_imagery.session_fit import SessionFit
from bci_online.preprocessing.recentring import Believed, Recentring

__all__ = ["recentring_of"]

CHANGED = 0.25
"""Prior probability, before a session is recentred, that it is not as calibration."""


def recentring_of(decoder: Decoder) -> Recentring | None:
    """Return the recentring of a session that begins; None where the decoder asks for none.

    Parameters
    ----------
    decoder : Decoder
        Of motor imagery. One from before does not hold the covariance of each class: which classes
        were meant then does not count.

    Returns
    -------
    recentring : Recentring or None
        Fresh.

    Raises
    ------
    DecoderMismatchError
        If the decoder holds no covariance.

    See Also
    --------
    bci_online.runtime.assembly.online_chain : Recentres windows by it.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from bci_online.config import DecoderHeader, Preprocessing
    >>> own = Preprocessing(ch_names=("C3", "C4"), sfreq=100.0)
    >>> header = DecoderHeader(method="csp-lda", preprocessing=own)
    >>> recentring_of(SimpleNamespace(header=header, arrays={})) is None  # epochs of flashes
    True
    """
    header, arrays = decoder.header, decoder.arrays
    window, reference = header.preprocessing.window, arrays.get("reference")
    if window is None or not window.recentre:
        return None
    if reference is None:
        raise DecoderMismatchError("the decoder holds no covariance to recentre to; train it again")
    of_covariances = header.kind == "covariance" and header.covariance == "window"
    needs_samples = not (header.kind == "spatial" or of_covariances)
    classes, fit = arrays.get("class_references"), SessionFit.of(header, CHANGED)
    if classes is None or fit is None:
        return Recentring(reference, needs_samples=needs_samples)
    scale = header.evidence.scale
    believed = Believed(classes, lambda data: scale * decoder.score(data), fit)
    return Recentring(reference, believed, needs_samples)
