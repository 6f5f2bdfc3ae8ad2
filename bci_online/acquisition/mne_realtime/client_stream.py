"""From the buffers of mne-realtime's clients to readings in microvolts."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bci_online.messages import (
    EEG,
    MARKERS,
    Chunk,
    ClockOffset,
    Marker,
    Reading,
    StreamSpec,
    read_only,
)

__all__ = ["ClientStream", "Unit", "opened", "quiet_mne_realtime"]

Unit = Literal["volts", "microvolts", "unknown"]

# What MNE keeps in volts. MEG and the rest have other units and cannot share a stream's one unit.
IN_VOLTS = ("eeg", "eog", "ecg", "emg", "bio", "seeg", "ecog", "dbs")

# The channels in which MNE itself looks for events, before any other stim channel.
COMBINED_STIM = ("STI 101", "STI101", "STI 014", "STI014")


@contextmanager
def quiet_mne_realtime() -> Iterator[ModuleType]:
    """Import mne-realtime with its warnings and its output silenced.

    Yields
    ------
    mne_realtime : module
        Its clients write nothing while the context is open.

    See Also
    --------
    bci_online.acquisition.mne_realtime.mock.MockClientSource : Opens its client so.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        import mne
        import mne_realtime

    with mne.utils.use_log_level("ERROR"):
        yield mne_realtime


class ClientStream:
    """Turns a client's buffers (n_channels, n_times) into readings in microvolts.

    Parameters
    ----------
    info : mne.Info
        Names and types of the buffer's rows.
    name : str
        What the stream is called.
    unit : {'volts', 'microvolts', 'unknown'}
        Of the buffer's EEG channels.
    stim_channel : str
        Where the markers are; empty for the one that MNE would take.

    See Also
    --------
    bci_online.messages.streams.Reading : What it makes.
    """

    def __init__(self, info: Any, name: str, unit: Unit, stim_channel: str) -> None:
        types = info.get_channel_types()
        stims = [ch for ch, kind in zip(info["ch_names"], types, strict=True) if kind == "stim"]
        if stim_channel and stim_channel not in stims:
            raise ValueError(
                f"stim_channel={stim_channel!r} is not one of the stim channels, {stims}"
            )
        combined = [name for name in COMBINED_STIM if name in stims]
        chosen = ([stim_channel] if stim_channel else []) + combined + stims
        self._stim = info["ch_names"].index(chosen[0]) if chosen else None
        self._rows = [row for row, kind in enumerate(types) if kind in IN_VOLTS]
        if not self._rows:
            raise ValueError(f"{name} has no channel of type {', '.join(IN_VOLTS)}")
        self._scale = 1e6 if unit == "volts" else 1.0
        self._value: float | None = None
        self._fresh = True
        self.spec = StreamSpec(
            name=name,
            sfreq=float(info["sfreq"]),
            ch_names=tuple(info["ch_names"][row] for row in self._rows),
            ch_types=tuple(types[row].upper() for row in self._rows),
            source_id=name,
            unit="unknown" if unit == "unknown" else "microvolts",
        )

    def reading(
        self, buffer: NDArray[Any] | None, first: int, markers: tuple[Marker, ...] = ()
    ) -> Reading:
        """Return `buffer`, whose first sample has number `first`, and `markers`."""
        offsets: tuple[ClockOffset, ...] = ()
        if self._fresh:
            offsets = tuple(ClockOffset(stream, 0.0, 0.0) for stream in (EEG, MARKERS))
            self._fresh = False
        if buffer is None or buffer.shape[1] == 0:
            return Reading(markers=markers, offsets=offsets)
        numbers = first + np.arange(buffer.shape[1])
        chunk = Chunk(
            data=read_only(self._scale * np.ascontiguousarray(buffer[self._rows].T)),
            stamps=read_only(numbers / self.spec.sfreq),
        )
        if self._stim is not None:
            markers += self._events(buffer[self._stim], first)
        return Reading(chunks=(chunk,), markers=markers, offsets=offsets)

    def _events(self, stim: NDArray[Any], first: int) -> tuple[Marker, ...]:
        """Return a marker wherever the stim channel takes a new value other than 0.

        What it held before the first sample is not an event.
        """
        values = np.rint(np.nan_to_num(stim))
        before = np.concatenate([values[:1] if self._value is None else [self._value], values])
        self._value = values[-1]
        onsets = np.flatnonzero((values != before[:-1]) & (values != 0)).tolist()
        sfreq = self.spec.sfreq
        return tuple(Marker(str(int(values[at])), (first + at) / sfreq) for at in onsets)


def opened(stream: ClientStream | None) -> ClientStream:
    """Return `stream`, once there is one.

    Parameters
    ----------
    stream : ClientStream or None
        None: the source was not opened.

    Returns
    -------
    stream : ClientStream
        The same.

    Raises
    ------
    RuntimeError
        If the source was not opened.

    See Also
    --------
    ClientStream : What a source reads through.
    """
    if stream is None:
        raise RuntimeError("open() this source before it is read")
    return stream
