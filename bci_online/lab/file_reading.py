"""What the steps need of one decoder file or configuration; what cannot be read says why."""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bci_online.errors import BciError
from bci_online.lab.contents import LabConfiguration, LabDecoder

if TYPE_CHECKING:
    from bci_online.config import DecoderMetrics

__all__ = ["read_configuration", "read_decoder_header", "read_kept"]

MOST_HEADER = 1 << 20
"""Bytes of a library's file that are read: its header comes first."""


class _KeptSession(msgspec.Struct):
    """What is needed of a session in a library."""

    recordings: list[tuple[int, str]]


def read_decoder_header(path: Path) -> LabDecoder:
    """Return what a decoder file says of itself.

    Parameters
    ----------
    path : Path
        Of the file.

    Returns
    -------
    decoder : LabDecoder
        Its ``fault`` says why the file cannot be read.

    See Also
    --------
    bci_online.decoding.decoder_file.read_decoder : Checks every byte of it.

    Examples
    --------
    >>> read_decoder_header(Path("none.decoder")).fault[:28]
    'none.decoder: cannot be read'
    """
    # Only now: scipy takes long to load.
    from bci_online.config import DecoderMetrics
    from bci_online.decoding.decoder_file import read_decoder

    try:
        header, written = read_decoder(path).header, path.stat().st_mtime
    except OSError as error:
        return LabDecoder(path=path, fault=f"{path.name}: cannot be read: {error.strerror}")
    except BciError as error:
        return LabDecoder(path=path, fault=_short(error, path))
    if header.preprocessing.epoch.after == "feedback":
        return LabDecoder(path=path, fault=f"{path.name}: reads error potentials, not letters")
    rule = header.expected[0] if header.expected else None
    promise = header.promise or rule
    found = DecoderMetrics.of(header.metrics)
    decoder = LabDecoder(
        path=path,
        written=written,
        method=header.method,
        is_imagery=header.paradigm == "motor_imagery",
        sensors=header.preprocessing.ch_names,
        auc=found.auc if isinstance(found.auc, float) else None,
        right=promise.right if promise else None,
        seconds=promise.seconds if promise else None,
        shown=promise.letters if promise else 0,
        trained_on=tuple(digest for _, digest in header.trained_on),
    )
    return _with_trials(decoder, found) if decoder.is_imagery else decoder


def _with_trials(decoder: LabDecoder, found: "DecoderMetrics") -> LabDecoder:
    """Return a decoder of imagery with what its held-out trials promise."""
    right, low, high, seconds = found.right, found.right_low, found.right_high, found.seconds
    if not (found.trials and isinstance(right, int)):
        return decoder
    if not (isinstance(low, float) and isinstance(high, float)):
        return decoder
    return msgspec.structs.replace(
        decoder,
        right=(low, right / found.trials, high),
        seconds=(seconds, seconds, seconds) if isinstance(seconds, float) else None,
        shown=found.trials,
    )


def read_kept(path: Path) -> tuple[str, ...]:
    """Return the recordings whose epochs a file of a library holds.

    Parameters
    ----------
    path : Path
        Of the file; what is no such file holds none.

    Returns
    -------
    digests : tuple of str
        SHA-256 of each recording.

    See Also
    --------
    bci_online.lab.actions.add_to_library : What adds one.

    Examples
    --------
    >>> read_kept(Path("none.safetensors"))
    ()
    """
    # Only now: numpy takes long to load.
    from bci_online.decoding.sealed_arrays import texts_of

    try:
        with path.open("rb") as file:
            start = file.read(8)
            length = int.from_bytes(start, "little")
            texts = texts_of(start + file.read(length)) if length <= MOST_HEADER else None
        text = (texts or {}).get("library_entry", "")
        found = msgspec.json.decode(text, type=_KeptSession)
    except (OSError, ValueError, RecursionError):
        # `bci-calibrate library check` says what is wrong with it.
        return ()
    return tuple(digest for _, digest in found.recordings)


def read_configuration(path: Path) -> LabConfiguration:
    """Return what the steps need of a configuration.

    Parameters
    ----------
    path : Path
        Of the file.

    Returns
    -------
    configuration : LabConfiguration
        Its ``fault`` says why the file cannot be used.

    See Also
    --------
    bci_online.config.reading.read_config : Reads all of it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "own.toml"
    ...     n_written = path.write_text("paradigm = 'ssvep'")
    ...     read_configuration(path).fault
    "own.toml: paradigm: must be one of p300, motor_imagery, got 'ssvep'"
    """
    from bci_online.config import read_config, read_tables
    from bci_online.paradigms.session_length import imagery_session_s, speller_session_s

    try:
        tables, config = read_tables(path), read_config(path)
        shown = config.presentation
        is_imagery = config.paradigm == "motor_imagery"
        if is_imagery:
            n_shown = len(shown.classes) * shown.trials_per_class
            seconds = imagery_session_s(config, feedback=False)
        else:
            n_shown = sum(len(config.layout.spelled(word)) for word in shown.words)
            seconds = speller_session_s(config, n_shown, shown.repetitions, decides=False)
    except (BciError, ValueError) as error:
        return LabConfiguration(path=path, fault=_short(error, path))
    return LabConfiguration(
        path=path,
        is_imagery=is_imagery,
        simulates="simulation" in tables,
        stream=config.eeg.name,
        words=shown.words,
        shown=n_shown,
        calibration_s=seconds,
        monitor=config.screen.monitor,
        opens_panel=config.screen.panel,
    )


def _short(error: Exception, path: Path) -> str:
    """Return an error with the file's name alone: the window shows where it is."""
    return str(error).replace(str(path), path.name)
