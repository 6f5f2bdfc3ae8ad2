"""A decoder as the bytes of its file.

The content is a safetensors file: arrays, and a JSON header in its metadata, under a checksum.
Nothing in it can run.
"""

import json

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from bci_online.config import DecoderHeader
from bci_online.config.reading import explained
from bci_online.decoding.covariance import CovarianceDecoder
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.linear import LinearDecoder
from bci_online.decoding.sealed_arrays import is_sealed, sealed, texts_of
from bci_online.decoding.spatial import SpatialDecoder
from bci_online.decoding.uncalibrated import UncalibratedDecoder
from bci_online.errors import DecoderMismatchError

__all__ = ["decoder_content", "decoder_metadata", "decoder_of", "make_decoder"]


def decoder_content(
    name: str, header: DecoderHeader, arrays: dict[str, NDArray[np.float64]]
) -> bytes:
    """Return the bytes of a decoder's file.

    Parameters
    ----------
    name : str
        Of the decoder or its file, for messages.
    header : DecoderHeader
        Everything about the decoder that is not an array.
    arrays : dict of str to ndarray
        Arrays by name; which ones a decoder needs depends on ``header.kind``.

    Returns
    -------
    content : bytes
        With its checksum.

    Raises
    ------
    DecoderMismatchError
        If the header could not be read again: one of its numbers is out of its range.

    See Also
    --------
    decoder_of : Read them again; has an example.
    bci_online.decoding.decoder_file.write_decoder : Write them into a file.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0)
    >>> header = DecoderHeader(method="none", kind="uncalibrated", preprocessing=own)
    >>> sorted(decoder_metadata("mine", decoder_content("mine", header, {})))
    ['decoder', 'sha256']
    """
    text = msgspec.json.encode(header).decode()
    try:
        msgspec.json.decode(text, type=DecoderHeader)
    except msgspec.ValidationError as error:
        reason = explained(str(error), json.loads(text))
        raise DecoderMismatchError(f"{name}: is not written: {reason}") from None
    return sealed("decoder", text, arrays)


def decoder_of(name: str, content: bytes) -> Decoder:
    """Return the decoder of these bytes, after every one of them was checked.

    Parameters
    ----------
    name : str
        Of the decoder or its file, for messages.
    content : bytes
        As `decoder_content` returns them.

    Returns
    -------
    decoder : Decoder
        Ready to score.

    Raises
    ------
    DecoderMismatchError
        If they are no decoder, were changed, or are inconsistent.

    See Also
    --------
    bci_online.decoding.decoder_file.read_decoder : Read a file.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0)
    >>> header = DecoderHeader(method="none", kind="uncalibrated", preprocessing=own)
    >>> decoder_of("mine", decoder_content("mine", header, {})).header.method
    'none'
    """
    metadata = decoder_metadata(name, content)
    is_sound = is_sealed(content)
    if is_sound is None:
        raise DecoderMismatchError(f"{name}: carries no checksum; train the decoder again")
    if not is_sound:
        raise DecoderMismatchError(
            f"{name}: is damaged: its checksum does not match; copy it again or train it again"
        )
    try:
        header = _header(metadata.get("decoder", ""))
        return make_decoder(header, load(content))
    except (ValueError, KeyError, SafetensorError, RecursionError) as error:
        reason = str(error).replace("\n", " ")
        raise DecoderMismatchError(
            f"{name}: was written by another version of this program, or asks for what is not "
            f"possible: {reason}; train it again"
        ) from None
    except DecoderMismatchError as error:
        raise DecoderMismatchError(f"{name}: {error}") from None


def _header(text: str) -> DecoderHeader:
    try:
        return msgspec.json.decode(text, type=DecoderHeader)
    except msgspec.ValidationError as error:
        raise ValueError(explained(str(error), json.loads(text))) from None


def make_decoder(header: DecoderHeader, arrays: dict[str, NDArray[np.float64]]) -> Decoder:
    """Return the decoder that a header and its arrays describe.

    Parameters
    ----------
    header : DecoderHeader
        Its ``kind`` chooses the class.
    arrays : dict of str to ndarray
        Arrays by name.

    Returns
    -------
    decoder : Decoder
        Ready to score.

    Raises
    ------
    DecoderMismatchError
        If they are inconsistent, or it is a network and PyTorch is not installed.

    See Also
    --------
    bci_online.decoding.decoder_content.decoder_of : Make it from bytes.

    Examples
    --------
    >>> from bci_online.config import EpochSpec, Preprocessing
    >>> preprocessing = Preprocessing(
    ...     sfreq=256.0, ch_names=("Cz",), unit="microvolts", epoch=EpochSpec(tmax=0.6, step=0.3)
    ... )
    >>> arrays = {"coef": np.ones((1, 3)), "center": np.zeros((1, 3)),
    ...           "scale": np.ones(1), "intercept": np.zeros(1)}
    >>> decoder = make_decoder(DecoderHeader(method="lda", preprocessing=preprocessing), arrays)
    >>> type(decoder).__name__
    'LinearDecoder'
    """
    if header.kind == "spatial":
        return SpatialDecoder(header, arrays)
    if header.kind == "uncalibrated":
        return UncalibratedDecoder(header, arrays)
    if header.kind == "covariance":
        return CovarianceDecoder(header, arrays)
    if header.kind != "network":
        return LinearDecoder(header, arrays)
    # Imported here: PyTorch takes seconds to import and is not installed everywhere.
    try:
        from bci_online.decoding.network.decoder import NetworkDecoder
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise DecoderMismatchError(
            "holds a network, and PyTorch is not installed: pip install 'bci-online[networks]'"
        ) from None
    return NetworkDecoder(header, arrays)


def decoder_metadata(name: str, content: bytes) -> dict[str, str]:
    """Return the texts of a decoder's bytes, unchecked.

    Parameters
    ----------
    name : str
        Of the decoder or its file, for messages.
    content : bytes
        Any.

    Returns
    -------
    metadata : dict of str to str
        The header and the checksum, as they stand there.

    Raises
    ------
    DecoderMismatchError
        If the bytes are no decoder of any version.

    See Also
    --------
    decoder_of : Checks them.

    Examples
    --------
    >>> decoder_metadata("mine", b"PK")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    bci_online.errors.DecoderMismatchError: mine: is not a decoder file but a zip archive ...
    """
    refusal = f"{name}: is not a decoder file{_what_it_is(content)}"
    hint = "make one with `bci-calibrate train`"
    if len(content) < 8:
        raise DecoderMismatchError(f"{refusal}: it has {len(content)} bytes; {hint}")
    try:
        metadata = texts_of(content) or {}
    except ValueError:
        raise DecoderMismatchError(f"{refusal}, or it is cut short; {hint}") from None
    if "decoder" not in metadata:
        raise DecoderMismatchError(f"{refusal}; {hint}")
    return metadata


def _what_it_is(content: bytes) -> str:
    if content[:4] == b"XDF:":
        return " but an XDF recording"
    if content[:2] == b"PK":
        return " but a zip archive (a torch or numpy file, perhaps)"
    if content[:1] == b"\x80" and content[-1:] == b".":
        return " but a pickle, which could run anything and is never opened"
    return ""
