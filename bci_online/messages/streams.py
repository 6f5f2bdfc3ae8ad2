"""What a source delivers: samples, markers and clock offsets."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.channel_quality import Electrodes
from bci_online.messages.session import Command, Journal, Status

__all__ = [
    "EEG",
    "MARKERS",
    "Chunk",
    "ClockOffset",
    "Marker",
    "Reading",
    "StreamSpec",
    "read_only",
    "unit_name",
]

EEG = "eeg"
"""The stream key of the amplifier in `ClockOffset.stream`."""

MARKERS = "markers"
"""The stream key of markers when there is a single marker stream."""


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return `array`, which can no longer be written through this name.

    Parameters
    ----------
    array : ndarray
        It is not copied.

    Returns
    -------
    array : ndarray
        The same object.

    See Also
    --------
    Chunk : Its arrays are read-only.

    Examples
    --------
    >>> read_only(np.zeros(2)).flags.writeable
    False
    """
    array.flags.writeable = False
    return array


class StreamSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The header of an EEG stream, with units converted to microvolts.

    Parameters
    ----------
    name : str
        What the stream is called.
    sfreq : float
        Sampling frequency in Hz.
    ch_names, ch_types : tuple of str
        Name and type of each channel.
    type, source_id : str
        What else identifies the stream.
    unit : str
        Of the samples; ``unknown`` where the stream does not say.
    scaling : tuple of float
        The ``scaling_factor`` of each channel, by which samples were multiplied; empty where the
        stream has none.
    factor : float
        By how much most channels were multiplied to be in `unit`.
    reference, amplifier : str
        As the stream says; empty where it does not.
    impedances : tuple of (float or None)
        Of each channel in kΩ; empty where none is known.
    no_electrodes : tuple of str
        Channels that the stream calls EEG, and that are no electrodes or dead ones.
    no_voltages : tuple of str
        Those among them whose stated unit is no voltage: a decoder cannot use their samples.
    measured : bool
        Whether ``sfreq`` is measured, and not stated.

    See Also
    --------
    Chunk : Samples of the stream.
    bci_online.decoding.decoder.match_stream : Whether a decoder fits it.

    Examples
    --------
    >>> StreamSpec(name="amp", sfreq=256.0, ch_names=("Cz", "X"), ch_types=("EEG", "AUX")).eeg_names
    ('Cz',)
    """

    name: str
    sfreq: float
    ch_names: tuple[str, ...]
    ch_types: tuple[str, ...]
    type: str = "EEG"
    source_id: str = ""
    unit: str = "unknown"
    scaling: tuple[float, ...] = ()
    factor: float = 1.0
    reference: str = ""
    amplifier: str = ""
    impedances: tuple[float | None, ...] = ()
    no_electrodes: tuple[str, ...] = ()
    no_voltages: tuple[str, ...] = ()
    measured: bool = False

    @property
    def eeg_names(self) -> tuple[str, ...]:
        """The channels of type EEG, without those that are no electrodes."""
        return tuple(
            name
            for name, kind in zip(self.ch_names, self.ch_types, strict=True)
            if kind.upper() == "EEG" and name not in self.no_electrodes
        )


def unit_name(unit: str) -> str:
    """Return the unit of a stream as it is written on an axis.

    Parameters
    ----------
    unit : str
        As in `StreamSpec`.

    Returns
    -------
    name : str
        As on an axis; an unusual unit stays as it is.

    See Also
    --------
    StreamSpec : Has the unit.

    Examples
    --------
    >>> unit_name("microvolts")
    'µV'
    """
    return {"microvolts": "µV", "unknown": "unknown unit", "au": "A/D units"}.get(unit, unit)


class Chunk(msgspec.Struct, frozen=True, eq=False):
    """Consecutive samples as they arrived.

    Parameters
    ----------
    data : ndarray, shape (n_times, n_channels)
        The samples, in the stream's unit.
    stamps : ndarray, shape (n_times,)
        Raw stamps in seconds.

    See Also
    --------
    Reading : What carries it.

    Examples
    --------
    >>> Chunk(np.zeros((3, 2)), np.array([0.0, 0.01, 0.02])).data.shape
    (3, 2)
    """

    data: NDArray[Any]
    stamps: NDArray[np.float64]


class ClockOffset(msgspec.Struct, frozen=True):
    """The difference between a stream's clock and common time.

    Parameters
    ----------
    stream : str
        The stream's key, for instance `EEG` or `MARKERS`.
    time : float
        Raw stamp at which it was measured, in seconds.
    value : float
        Seconds to add to a raw stamp of the stream to get common time.
    uncertainty : float
        Of the value, in seconds.

    See Also
    --------
    bci_online.preprocessing.clock_offsets.ClockOffsets : Uses the newest ones.

    Examples
    --------
    >>> offset = ClockOffset(EEG, time=10.0, value=0.25)
    >>> 12.0 + offset.value
    12.25
    """

    stream: str
    time: float
    value: float
    uncertainty: float = 0.0


class Marker(msgspec.Struct, frozen=True):
    """One event of a marker stream.

    Parameters
    ----------
    text : str
        The marker.
    time : float
        Raw stamp in the clock of its stream, in seconds.
    stream : str
        Key of the marker stream.
    onset_stamp : float, optional
        Raw EEG stamp of the sample that its epoch began at when it was live. Only a recorded
        journal knows it.
    row : int, optional
        Where the marker came in a channel of the EEG stream: its sample among those of the same
        reading. It has the time of that sample, which a jittered stamp does not say.

    See Also
    --------
    bci_online.markers.grammar.parse_marker : Reads the text.

    Examples
    --------
    >>> Marker("flash/3/target", time=1.5).stream
    'markers'
    """

    text: str
    time: float
    stream: str = MARKERS
    onset_stamp: float | None = None
    row: int | None = None


class Reading(msgspec.Struct, frozen=True, eq=False):
    """All that a source returns from one call of `read`; each part may be empty.

    Parameters
    ----------
    chunks : tuple of Chunk
        New samples.
    markers : tuple of Marker
        Markers that arrived.
    offsets : tuple of ClockOffset
        Clock offsets that count from now on.
    commands : tuple of Command
        What the operator or the screen asked for.
    statuses : tuple of Status
        What a person should know.
    journal : tuple of (Journal or Electrodes)
        Lines for the journal.

    See Also
    --------
    bci_online.acquisition.source.Source : Returns it.
    bci_online.runtime.chain.Chain : Takes it.

    Examples
    --------
    >>> reading = Reading(markers=(Marker("trial/end/1", time=9.0),))
    >>> len(reading.chunks), len(reading.markers)
    (0, 1)
    """

    chunks: tuple[Chunk, ...] = ()
    markers: tuple[Marker, ...] = ()
    offsets: tuple[ClockOffset, ...] = ()
    commands: tuple[Command, ...] = ()
    statuses: tuple[Status, ...] = ()
    journal: tuple[Journal | Electrodes, ...] = ()
