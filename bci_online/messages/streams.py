"""What a source delivers: samples, markers and clock offsets."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.channel_quality import Electrodes
from bci_online.messages.session import Command, Journal, Status

__all__ = ["EEG", "MARKERS", "Chunk", "ClockOffset", "Marker", "Reading", "StreamSpec", "read_only"]

EEG = "eeg"
"""The stream key of the amplifier in `ClockOffset.stream`."""

MARKERS = "markers"
"""The stream key of markers when there is a single marker stream."""


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return `array`, which can no longer be written through this name.

    Examples
    --------
    >>> read_only(np.zeros(2)).flags.writeable
    False
    """
    array.flags.writeable = False
    return array


class StreamSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The header of an EEG stream, with units converted to microvolts; ``impedances`` in kΩ.

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
    reference: str = ""
    amplifier: str = ""
    impedances: tuple[float | None, ...] = ()

    @property
    def eeg_names(self) -> tuple[str, ...]:
        """The channels of type EEG."""
        pairs = zip(self.ch_names, self.ch_types, strict=True)
        return tuple(name for name, kind in pairs if kind.upper() == "EEG")


class Chunk(msgspec.Struct, frozen=True, eq=False):
    """Consecutive samples as they arrived.

    ``data`` has shape (n_times, n_channels), in the stream's unit; ``stamps`` (n_times,) are raw.
    """

    data: NDArray[Any]
    stamps: NDArray[np.float64]


class ClockOffset(msgspec.Struct, frozen=True):
    """Add ``value`` to a raw stamp of ``stream`` to get common time; measured at raw ``time``."""

    stream: str
    time: float
    value: float
    uncertainty: float = 0.0


class Marker(msgspec.Struct, frozen=True):
    """One event; ``time`` is the raw stamp in the clock of marker stream ``stream``.

    ``onset_stamp`` is the raw EEG stamp of the sample that its epoch began at when it was live;
    only a recorded journal knows it.
    """

    text: str
    time: float
    stream: str = MARKERS
    onset_stamp: float | None = None


class Reading(msgspec.Struct, frozen=True, eq=False):
    """All that a source returns from one call of `read`."""

    chunks: tuple[Chunk, ...] = ()
    markers: tuple[Marker, ...] = ()
    offsets: tuple[ClockOffset, ...] = ()
    commands: tuple[Command, ...] = ()
    statuses: tuple[Status, ...] = ()
    journal: tuple[Journal | Electrodes, ...] = ()
