"""The streams of a recording, and which of them are read."""

from dataclasses import dataclass

from bci_online.acquisition.found_streams import RECORDING, keys_of
from bci_online.acquisition.stream_choice import (
    choose_eeg,
    choose_markers,
    explain_no_eeg,
    explain_no_markers,
)
from bci_online.acquisition.stream_header import StreamHeader
from bci_online.acquisition.xdf.chunks import Contents
from bci_online.config import EegStream, MarkerStream
from bci_online.errors import RecordingError
from bci_online.messages import EEG

__all__ = ["RecordedStream", "choose_streams", "streams_of"]


@dataclass(frozen=True)
class RecordedStream:
    """A stream of a file.

    Parameters
    ----------
    id : int
        What its chunks are marked with.
    header : StreamHeader
        How it was announced.
    n_samples : int
        Number of samples.

    See Also
    --------
    streams_of : The streams of a file.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> RecordedStream(id=7, header=SimpleNamespace(number=1), n_samples=100).number
    1
    """

    id: int
    header: StreamHeader
    n_samples: int

    @property
    def number(self) -> int:
        """Its place among the streams of the file, from 1."""
        return self.header.number

    def describe(self) -> str:
        """Return a line for a person who has to choose among streams."""
        return self.header.describe(self.n_samples)


def streams_of(contents: Contents) -> list[RecordedStream]:
    """Return the streams in the order of the file.

    Parameters
    ----------
    contents : Contents
        Of a file.

    Returns
    -------
    streams : list of RecordedStream
        Also those without samples.

    See Also
    --------
    choose_streams : Chooses among them.

    Examples
    --------
    >>> streams_of(Contents())
    []
    """
    return [
        RecordedStream(id_, header, contents.n_samples[id_])
        for id_, header in contents.headers.items()
    ]


def choose_streams(contents: Contents, eeg: EegStream, markers: MarkerStream) -> dict[str, int]:
    """Return the ids of the EEG and of the marker streams with samples, by their stream keys.

    Parameters
    ----------
    contents : Contents
        Of a file.
    eeg : EegStream
        Which stream is the EEG.
    markers : MarkerStream
        Which streams are markers.

    Returns
    -------
    ids : dict of str to int
        The EEG is the first.

    Raises
    ------
    RecordingError
        If there is no EEG, several streams could be it, or a named marker stream is not there.

    See Also
    --------
    bci_online.acquisition.stream_choice.choose_eeg : The rule.

    Examples
    --------
    >>> choose_streams(Contents(), EegStream(), MarkerStream())
    Traceback (most recent call last):
    bci_online.errors.RecordingError: holds no streams: nothing was recorded into it
    """
    streams = streams_of(contents)
    if not streams:
        nothing = "none that can be read" if contents.notes else "nothing was recorded into it"
        raise RecordingError(f"holds no streams: {nothing}")
    found = choose_eeg(streams, eeg, RECORDING)
    if found is None:
        raise RecordingError(f"holds {explain_no_eeg(streams, eeg, RECORDING)}")
    chosen, missing = choose_markers(streams, markers, found, RECORDING)
    if missing:
        raise RecordingError(f"holds {explain_no_markers(streams, missing[0], RECORDING)}")
    # Keys first: a stream without samples had its key in the live run, too.
    keys = zip(keys_of(chosen), chosen, strict=True)
    return {EEG: found.id} | {key: stream.id for key, stream in keys if stream.n_samples}
