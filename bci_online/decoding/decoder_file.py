"""The one file that carries a decoder from calibration to the online chain.

It is a safetensors file: arrays, and a JSON header in its metadata. A SHA-256 covers all of it. The
64 characters of the digest are zeros while it is computed and are then patched in. safetensors
alone accepts 286 of 300 flipped bits. Nothing in the file can run.
"""

import hashlib
import json
import re
import struct
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from bci_online.atomic_write import write_atomically
from bci_online.config import DecoderHeader
from bci_online.config.reading import explained
from bci_online.decoding.covariance import CovarianceDecoder
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.linear import LinearDecoder
from bci_online.decoding.spatial import SpatialDecoder
from bci_online.decoding.uncalibrated import UncalibratedDecoder
from bci_online.errors import DecoderMismatchError

__all__ = ["is_decoder", "make_decoder", "read_decoder", "write_decoder"]

_BLANK = "0" * 64
_LARGEST = 1 << 30


def write_decoder(
    path: Path, header: DecoderHeader, arrays: dict[str, NDArray[np.float64]]
) -> None:
    """Write a decoder file. It is written whole or not at all; an old file is replaced at the end.

    Parameters
    ----------
    path : Path
        Where the file is written.
    header : DecoderHeader
        Everything about the decoder that is not an array.
    arrays : dict of str to ndarray
        Arrays by name; which ones a decoder needs depends on ``header.kind``.

    Raises
    ------
    OSError
        If the folder cannot be written to.
    DecoderMismatchError
        If the header could not be read again: one of its numbers is out of its range.

    See Also
    --------
    read_decoder : Read the file again; has an example.

    Examples
    --------
    >>> import tempfile
    >>> from bci_online.config import EpochSpec, Preprocessing
    >>> preprocessing = Preprocessing(
    ...     sfreq=256.0, ch_names=("Cz",), unit="microvolts", epoch=EpochSpec(tmax=0.6, step=0.3)
    ... )
    >>> arrays = {"coef": np.ones((1, 3)), "center": np.zeros((1, 3)),
    ...           "scale": np.ones(1), "intercept": np.zeros(1)}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "decoder.safetensors"
    ...     write_decoder(path, DecoderHeader(method="lda", preprocessing=preprocessing), arrays)
    ...     is_decoder(path)
    True
    """
    text = msgspec.json.encode(header).decode()
    try:
        msgspec.json.decode(text, type=DecoderHeader)
    except msgspec.ValidationError as error:
        reason = explained(str(error), json.loads(text))
        raise DecoderMismatchError(f"{path}: is not written: {reason}") from None
    tensors = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    content = save(tensors, metadata={"decoder": text, "sha256": _BLANK})
    digest = hashlib.sha256(content).hexdigest()
    content = content.replace(_digest(_BLANK), _digest(digest), 1)
    write_atomically(path, content)


def read_decoder(path: Path) -> Decoder:
    """Read a decoder file and check every byte of it.

    Parameters
    ----------
    path : Path
        As `write_decoder` or ``bci-calibrate train`` wrote it.

    Returns
    -------
    decoder : Decoder
        Ready to score.

    Raises
    ------
    DecoderMismatchError
        If the file cannot be read, is not a decoder, was changed, or is inconsistent.

    See Also
    --------
    write_decoder : Write the file.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from bci_online.config import DecoderHeader, EpochSpec, Preprocessing
    >>> epoch = EpochSpec(tmin=0.0, tmax=0.6, step=0.05)
    >>> header = DecoderHeader(
    ...     method="lda",
    ...     preprocessing=Preprocessing(
    ...         sfreq=256.0, ch_names=("Cz", "Pz"), unit="microvolts", epoch=epoch
    ...     ),
    ... )
    >>> arrays = {
    ...     "coef": np.ones((2, 13)), "center": np.zeros((2, 13)),
    ...     "scale": np.ones(2), "intercept": np.zeros(1),
    ... }
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "decoder.safetensors"
    ...     write_decoder(path, header, arrays)
    ...     decoder = read_decoder(path)
    >>> decoder.score(np.ones((2, 13)))
    array([ 0., 26.])
    """
    content = _content(path)
    metadata = _metadata(path, content)
    stated = metadata.get("sha256", "")
    if not re.fullmatch("[0-9a-f]{64}", stated) or content.count(_digest(stated)) != 1:
        raise DecoderMismatchError(f"{path}: carries no checksum; train the decoder again")
    blank = content.replace(_digest(stated), _digest(_BLANK), 1)
    if hashlib.sha256(blank).hexdigest() != stated:
        raise DecoderMismatchError(
            f"{path}: is damaged: its checksum does not match; copy it again or train it again"
        )
    try:
        header = _header(metadata.get("decoder", ""))
        return make_decoder(header, load(content))
    except (ValueError, KeyError, SafetensorError, RecursionError) as error:
        reason = str(error).replace("\n", " ")
        raise DecoderMismatchError(
            f"{path}: was written by another version of this program, or asks for what is not "
            f"possible: {reason}; train it again"
        ) from None
    except DecoderMismatchError as error:
        raise DecoderMismatchError(f"{path}: {error}") from None


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
    read_decoder : Make it from a file; has an example.

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


def _digest(value: str) -> bytes:
    # The key makes it unique: quotes in the header's text are escaped, so no text looks like this.
    return b'"sha256":"%s"' % value.encode()


def is_decoder(path: Path) -> bool:
    """Return whether a file is a decoder file, of any version, damaged or not.

    Parameters
    ----------
    path : Path
        Any file.

    Returns
    -------
    answer : bool
        False also where the file cannot be read.

    See Also
    --------
    write_decoder : Has an example.

    Examples
    --------
    >>> is_decoder(Path("no such file"))
    False
    """
    try:
        return bool(_metadata(path, _content(path)))
    except DecoderMismatchError:
        return False


def _content(path: Path) -> bytes:
    # Reading a pipe or a device could wait for ever.
    if path.exists() and not path.is_file():
        raise DecoderMismatchError(f"{path}: is not a file; name one made by `bci-calibrate train`")
    try:
        size = path.stat().st_size
        if size > _LARGEST:
            raise DecoderMismatchError(
                f"{path}: has {size} bytes, a decoder at most {_LARGEST}; is it the right file?"
            )
        return path.read_bytes()
    except OSError as error:
        raise DecoderMismatchError(
            f"{path}: cannot be read: {error.strerror}; make one with `bci-calibrate train`"
        ) from None


def _metadata(path: Path, content: bytes) -> dict[str, str]:
    refusal = f"{path}: is not a decoder file{_what_it_is(content)}"
    hint = "make one with `bci-calibrate train`"
    if len(content) < 8:
        raise DecoderMismatchError(f"{refusal}: it has {len(content)} bytes; {hint}")
    (length,) = struct.unpack("<Q", content[:8])
    if length > len(content) - 8:
        raise DecoderMismatchError(f"{refusal}, or it is cut short; {hint}")
    try:
        metadata = json.loads(content[8 : 8 + length]).get("__metadata__", {})
        if isinstance(metadata, dict) and isinstance(metadata.get("decoder"), str):
            return {key: str(value) for key, value in metadata.items()}
    except (ValueError, AttributeError, RecursionError):
        pass
    raise DecoderMismatchError(f"{refusal}; {hint}")


def _what_it_is(content: bytes) -> str:
    if content[:4] == b"XDF:":
        return " but an XDF recording"
    if content[:2] == b"PK":
        return " but a zip archive (a torch or numpy file, perhaps)"
    if content[:1] == b"\x80" and content[-1:] == b".":
        return " but a pickle, which could run anything and is never opened"
    return ""
