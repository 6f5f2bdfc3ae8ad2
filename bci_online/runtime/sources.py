"""From a configuration to a source: a recording, the network, or a client of mne-realtime."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from bci_online.acquisition.file_names import is_other_format
from bci_online.acquisition.lsl import LslSource, SignedMarkers, session_inlet
from bci_online.acquisition.mne_realtime import FieldTripSource, MockClientSource, read_fif
from bci_online.acquisition.other_formats import ConvertedSource
from bci_online.acquisition.source import DescribedSource, Source
from bci_online.acquisition.xdf import TapeSource, XdfSource, describe_streams
from bci_online.config import (
    Config,
    EegStream,
    FieldTripBuffer,
    MarkerStream,
    MockFile,
    eeg_origin,
)
from bci_online.errors import ConfigError, RecordingError

__all__ = [
    "FAST_CHUNK_S",
    "check_recording",
    "client_source",
    "mock_recording",
    "network_source",
    "recording",
    "session_source",
]

SETTLE_S = 2.0
FAST_CHUNK_S = 4.0
"""Chunk length in seconds at full speed: decisions are the same, and the run is faster."""


def recording(path: Path, config: Config | None = None, chunk_s: float = 0.125) -> TapeSource:
    """Return a recording as a source; its name decides which reader opens it.

    Parameters
    ----------
    path : Path
        An XDF file, or one of another format.
    config : Config, optional
        Chooses among the file's streams.
    chunk_s : float
        Seconds of EEG per reading.

    Returns
    -------
    source : TapeSource
        Not opened yet.

    See Also
    --------
    bci_online.acquisition.xdf.source.XdfSource : Reads XDF.
    bci_online.acquisition.other_formats.source.ConvertedSource : Reads other formats.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
    >>> eeg = XdfStream("amp", "EEG", 100.0, np.arange(100) / 100, np.zeros((100, 2)), ("Cz", "Pz"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_xdf(Path(folder) / "run.xdf", [eeg])
    ...     source = recording(Path(folder) / "run.xdf")
    ...     source.open()
    >>> source.spec.ch_names
    ('Cz', 'Pz')
    """
    eeg = EegStream() if config is None else config.eeg
    markers = MarkerStream() if config is None else config.markers
    reader = ConvertedSource if is_other_format(path) else XdfSource
    return reader(path, eeg, markers, chunk_s=chunk_s)


def check_recording(path: Path) -> None:
    """Refuse a file of which its name or its headers show that it cannot be played.

    Parameters
    ----------
    path : Path
        An XDF file, or one of another format.

    Raises
    ------
    RecordingError
        If there is no such file, or it holds no streams. Samples are not read.

    See Also
    --------
    recording : Opens it.

    Examples
    --------
    >>> check_recording(Path("nowhere.edf"))
    Traceback (most recent call last):
    bci_online.errors.RecordingError: nowhere.edf: no such file
    """
    if not is_other_format(path):
        describe_streams(path)
    elif not path.is_file():
        raise RecordingError(f"{path}: no such file")


def mock_recording(eeg: EegStream, chunk_s: float = 0.125) -> MockClientSource:
    """Return the FIF file that ``eeg.source`` names, as a source that reads at full speed.

    Parameters
    ----------
    eeg : EegStream
        Its ``source`` is ``mne-mock:FILE.fif``.
    chunk_s : float
        Seconds of EEG per reading.

    Returns
    -------
    source : MockClientSource
        Not opened yet.

    Raises
    ------
    BciError
        If it names something else, or the file cannot be read.

    See Also
    --------
    recording : An XDF file as a source.

    Examples
    --------
    >>> mock_recording(EegStream())  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.ConfigError: no RECORDING to replay: name one, or set eeg.source = ...
    """
    origin = eeg_origin(eeg.source)
    if not isinstance(origin, MockFile):
        raise ConfigError(
            f"no RECORDING to replay: name one, or set eeg.source = 'mne-mock:FILE.fif' in "
            f"--config, where it is {eeg.source!r}"
        )
    raw = read_fif(origin.path)
    return MockClientSource(raw, buffer_size=max(1, round(chunk_s * raw.info["sfreq"])))


class NetworkSource(DescribedSource, Protocol):
    """A source of the network.

    See Also
    --------
    session_source : Returns one.
    """

    @property
    def n_refused(self) -> int:
        """Number of lines that were not signed with the session's key, or came again."""
        ...


def session_source(config: Config, session: str, meanwhile: Callable[[], None]) -> NetworkSource:
    """Return what a live run of a session reads: signed markers, unless they are open.

    Parameters
    ----------
    config : Config
        Its tables ``eeg``, ``markers``, ``security`` and ``live``.
    session : str
        Whose markers are meant.
    meanwhile : callable
        Called repeatedly while the streams are searched; what it raises ends the search.

    Returns
    -------
    source : NetworkSource
        Not opened yet.

    See Also
    --------
    network_source : Without signatures.

    Examples
    --------
    >>> from bci_online.config import Config, Security
    >>> is_open = Config(security=Security(markers="open"))
    >>> source = session_source(is_open, "monday", meanwhile=lambda: None)
    >>> source.close()  # it was never opened
    """
    if config.security.markers == "open":
        return network_source(config, meanwhile)
    unmarked = msgspec.structs.replace(config, markers=MarkerStream(types=()))
    # As with other marker streams: those that are named are waited for, others may come later.
    is_named = bool(config.markers.names)
    return SignedMarkers(
        network_source(unmarked, meanwhile),
        session_inlet(session, "markers"),
        wait_s=config.live.resolve_timeout if is_named else SETTLE_S,
        must_wait=is_named,
        meanwhile=meanwhile,
    )


def network_source(config: Config, meanwhile: Callable[[], None]) -> LslSource:
    """Return the streams of the network that a configuration names.

    Parameters
    ----------
    config : Config
        Its tables ``eeg``, ``markers`` and ``live``.
    meanwhile : callable
        Called repeatedly while the streams are searched; what it raises ends the search.

    Returns
    -------
    source : LslSource
        Not opened yet.

    See Also
    --------
    recording : A file as a source.

    Examples
    --------
    >>> from bci_online.config import Config
    >>> source = network_source(Config(), meanwhile=lambda: None)
    >>> source.close()  # it was never opened
    """
    live = config.live
    return LslSource(
        config.eeg,
        config.markers,
        resolve_timeout=live.resolve_timeout,
        lost_after=live.lost_after if live.on_lost == "end" else math.inf,
        meanwhile=meanwhile,
    )


def client_source(source: str, chunk_s: float, clock: Callable[[], float]) -> Source:
    """Return the amplifier of an ``eeg.source`` that is not LSL.

    Parameters
    ----------
    source : str
        As in the configuration; `eeg_origin` has the forms.
    chunk_s : float
        Seconds of each reading of a FIF file.
    clock : callable
        Seconds; a FIF file is read at the speed of this clock.

    Returns
    -------
    source : Source
        Not opened yet.

    Raises
    ------
    BciError
        If it is LSL, which needs no client, or a file cannot be read.

    See Also
    --------
    network_source : The streams of LSL.
    bci_online.acquisition.source.Source : What every source does.

    Examples
    --------
    >>> client_source("lsl", 0.1, clock=lambda: 0.0)
    Traceback (most recent call last):
    bci_online.errors.ConfigError: eeg.source = 'lsl' needs no client: its streams are in LSL
    """
    origin = eeg_origin(source)
    if isinstance(origin, FieldTripBuffer):
        return FieldTripSource(origin.host, origin.port, unit=origin.unit)
    if origin is None:
        raise ConfigError("eeg.source = 'lsl' needs no client: its streams are in LSL")
    raw = read_fif(origin.path)
    n_times = max(1, round(chunk_s * raw.info["sfreq"]))
    return MockClientSource(raw, buffer_size=n_times, clock=clock)
