"""The one file that carries a decoder from calibration to the online chain."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bci_online.atomic_write import write_atomically
from bci_online.config import DecoderHeader
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_content import (
    decoder_content,
    decoder_metadata,
    decoder_of,
    make_decoder,
)
from bci_online.errors import DecoderMismatchError

__all__ = ["is_decoder", "make_decoder", "read_decoder", "write_decoder"]

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
    write_atomically(path, decoder_content(str(path), header, arrays))


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
    return decoder_of(str(path), _content(path))


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
        return bool(decoder_metadata(str(path), _content(path)))
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
