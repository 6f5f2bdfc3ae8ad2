"""One earlier session of a library, as a file of epochs with a header."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from bci_online.config import Preprocessing
from bci_online.config.ranges import Delay, Label, Text, Whole
from bci_online.config.reading import explained
from bci_online.config.section import Section
from bci_online.console import command_line
from bci_online.decoding.sealed_arrays import is_sealed, sealed, texts_of
from bci_online.errors import RecordingError

__all__ = ["Entry", "EntryHeader", "read_entry"]

MOST_BYTES = 1 << 31
"""Of a file: 64 channels and 10,000 flashes take a third of it."""

TEXT = "library_entry"


class EntryHeader(Section, frozen=True, kw_only=True):
    """Everything of an entry that is not an array; nothing in it names a person.

    Parameters
    ----------
    format_version : int
        Of the file.
    paradigm : {"p300"}
        What the subject did.
    preprocessing : Preprocessing
        What made the epochs: cap, rate, unit, reference, amplifier, filter, latencies.
    early_s : float
        So many seconds before the flash the latencies of `preprocessing` begin to count.
    soa_s : float
        Median time from flash to flash.
    recordings : tuple of (int, str)
        Size in bytes and SHA-256 of each recording: the same one is not added twice.
    salt, subject : str
        SHA-256 of the salt and the subject's code. Who knows the code can recognize the subject,
        and who can guess it, too: so a code is never a name. Empty: the subject is not known.
    consent : str
        What the subject agreed to.

    See Also
    --------
    Entry : With the epochs.

    Examples
    --------
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0)
    >>> header = EntryHeader(preprocessing=own, consent="use in this lab").of("07")
    >>> header.is_of("07"), header.is_of("08"), "07" in header.subject
    (True, False, False)
    """

    format_version: Literal[1] = 1
    paradigm: Literal["p300"] = "p300"
    preprocessing: Preprocessing
    early_s: Delay = 0.0
    soa_s: Delay = 0.0
    recordings: Annotated[tuple[tuple[Whole, Label], ...], msgspec.Meta(max_length=10_000)] = ()
    salt: Label = ""
    subject: Label = ""
    consent: Text

    def of(self, code: str, salt: str = "") -> "EntryHeader":
        """Return the header with a subject's code, which cannot be read from it."""
        return msgspec.structs.replace(self, salt=salt, subject=_digest(salt, code))

    def is_of(self, code: str) -> bool:
        """Return whether it is a session of the subject with this code."""
        return bool(code and self.subject) and self.subject == _digest(self.salt, code)

    @property
    def latencies(self) -> NDArray[np.float64]:
        """Of the epochs, in seconds from the flash; the first may be negative."""
        return self.preprocessing.epoch.latencies - self.early_s


class Entry(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """One earlier session.

    Parameters
    ----------
    header : EntryHeader
        Everything else.
    epochs : ndarray of float32, shape (n_epochs, n_channels, n_latencies)
        Without artefacts, in the stream's unit.
    is_target : ndarray of bool, shape (n_epochs,)
        Whether the flash lit the letter that was asked for.

    See Also
    --------
    calibration.p300.library.folder.Library : Keeps it.
    calibration.p300.library.made_entry.made_entry : Makes it of recordings.

    Examples
    --------
    >>> from bci_online.config import EpochSpec
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0, epoch=EpochSpec(tmax=0.3, step=0.1))
    >>> entry = Entry(
    ...     header=EntryHeader(preprocessing=own, consent="", early_s=0.1),
    ...     epochs=np.arange(8, dtype=np.float32).reshape(2, 1, 4),
    ...     is_target=np.array([True, False]),
    ... )
    >>> entry.at(np.array([0.0, 0.05])).round(2).tolist()
    [[[1.0, 1.5]], [[5.0, 5.5]]]
    """

    header: EntryHeader
    epochs: NDArray[np.float32]
    is_target: NDArray[np.bool_]

    def content(self) -> bytes:
        """Return the bytes of the file."""
        text = msgspec.json.encode(self.header).decode()
        arrays: dict[str, NDArray[Any]] = {"epochs": self.epochs}
        return sealed(TEXT, text, arrays | {"is_target": self.is_target.astype(np.uint8)})

    def covers(self, latencies: NDArray[np.float64]) -> bool:
        """Return whether epochs can be taken at all of these latencies."""
        own = self.header.latencies
        return bool(own[0] - 1e-6 <= latencies[0] and latencies[-1] <= own[-1] + 1e-6)

    def at(self, latencies: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return epochs (n_epochs, n_channels, n_times) at these latencies, in float64."""
        from scipy.interpolate import make_interp_spline

        between = make_interp_spline(self.header.latencies, self.epochs, k=3, axis=2)
        return np.asarray(between(np.clip(latencies, *self.header.latencies[[0, -1]])))


def read_entry(path: Path) -> Entry:
    """Read one file of a library, after every byte of it was checked.

    Parameters
    ----------
    path : Path
        Of the file, which may come from anybody.

    Returns
    -------
    entry : Entry
        Of an earlier session.

    Raises
    ------
    RecordingError
        If it is no such file, was changed, or is inconsistent.

    See Also
    --------
    calibration.p300.library.folder.Library : Reads all of them.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.safetensors"
    ...     _ = path.write_bytes(b"PK")
    ...     read_entry(path)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    bci_online.errors.RecordingError: ...a.safetensors: is no entry of a library; ...
    """
    refusal = f"{path}: is no entry of a library; take it out of the folder"
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            raise RecordingError(refusal)
        content = path.read_bytes()
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        text = (texts_of(content) or {}).get(TEXT)
    except ValueError:
        text = None
    if text is None:
        raise RecordingError(refusal)
    if not is_sealed(content):
        raise RecordingError(f"{path}: is damaged: its checksum does not match; {_again(path)}")
    try:
        return _checked(_header(text), load(content))
    except (ValueError, KeyError, SafetensorError, RecursionError) as error:
        reason = str(error).replace("\n", " ")
        raise RecordingError(
            f"{path}: was written by another version of this program, or asks for what is not "
            f"possible: {reason}; {_again(path)}"
        ) from None


def _again(path: Path) -> str:
    removed = command_line("bci-calibrate", "library", "remove", path.parent, path.stem)
    return f"{removed}, then add the session again"


def _header(text: str) -> EntryHeader:
    try:
        return msgspec.json.decode(text, type=EntryHeader)
    except msgspec.ValidationError as error:
        raise ValueError(explained(str(error), json.loads(text))) from None


def _checked(header: EntryHeader, arrays: dict[str, NDArray[Any]]) -> Entry:
    epochs, is_target = arrays["epochs"], arrays["is_target"]
    own = header.preprocessing
    shape = (is_target.size, len(own.ch_names), own.n_epoch)
    if own.window is not None or epochs.dtype != np.float32 or epochs.shape != shape:
        raise ValueError(f"epochs must be float32 of shape {shape}, are {epochs.shape}")
    is_one_each = is_target.dtype == np.uint8 and is_target.ndim == 1
    if not is_one_each or set(np.unique(is_target).tolist()) != {0, 1}:
        raise ValueError("is_target must be 1 for some flashes and 0 for the others")
    if own.n_epoch < 4 or not np.isfinite(epochs).all():
        raise ValueError("epochs must be finite, and have four latencies or more")
    return Entry(header=header, epochs=epochs, is_target=is_target == 1)


def _digest(salt: str, code: str) -> str:
    return hashlib.sha256(f"{salt}/{code}".encode()).hexdigest()
