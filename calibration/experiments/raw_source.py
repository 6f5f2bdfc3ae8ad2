"""An MNE ``Raw`` with events, as a source that the online chain reads."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bci_online.input_findings import InputFinding
from bci_online.messages import EEG, Chunk, ClockOffset, Marker, Reading, StreamSpec, read_only

__all__ = ["RawSource"]

CHUNK_S = 1.0


class RawSource:
    """An MNE ``Raw`` with events, as a source of readings.

    Parameters
    ----------
    raw : mne.io.BaseRaw
        Its EEG channels, in volts as always in MNE.
    onsets : ndarray of int, shape (n_events,)
        Samples, counted from the first one there is.
    texts : sequence of str
        The marker of each event.
    start : float
        Time of the first sample in seconds.

    See Also
    --------
    bci_online.acquisition.source.Source : What every source does.
    calibration.experiments.moabb_sets.events_of : Onsets and names.

    Examples
    --------
    >>> import mne
    >>> info = mne.create_info(["Cz", "Pz"], sfreq=100.0, ch_types="eeg")
    >>> raw = mne.io.RawArray(np.full((2, 250), 5e-6), info, verbose="error")
    >>> source = RawSource(raw, np.array([120]), ["flash/1"], start=0.0)
    >>> source.open()
    >>> reading = source.read()
    >>> reading.chunks[0].data[0].round(6).tolist(), reading.markers[0].time  # µV, seconds
    ([5.0, 5.0], 1.2)
    """

    def __init__(
        self, raw: Any, onsets: NDArray[np.int64], texts: Sequence[str], start: float
    ) -> None:
        names = [raw.ch_names[i] for i, kind in enumerate(raw.get_channel_types()) if kind == "eeg"]
        self._raw, self._names, self._start = raw, names, start
        self._sfreq = float(raw.info["sfreq"])
        self._markers = [
            Marker(text, start + onset / self._sfreq)
            for onset, text in zip(onsets.tolist(), texts, strict=True)
        ]
        self._taken = 0
        self.notes: tuple[str, ...] = ()
        self.findings: tuple[InputFinding, ...] = ()

    @property
    def spec(self) -> StreamSpec:
        """The channels, as MNE describes them."""
        return StreamSpec(
            name="moabb",
            sfreq=self._sfreq,
            ch_names=tuple(self._names),
            ch_types=("EEG",) * len(self._names),
            unit="microvolts",
        )

    def open(self) -> None:
        """Begin at the first sample."""
        self._taken = 0

    def read(self, timeout: float = 0.0) -> Reading | None:
        """Return the next second; all markers come with the first one."""
        start = self._taken
        stop = min(start + max(1, round(CHUNK_S * self._sfreq)), self._raw.n_times)
        if start == stop:
            return None
        self._taken = stop
        data = 1e6 * self._raw.get_data(picks=self._names, start=start, stop=stop).T
        stamps = self._start + np.arange(start, stop) / self._sfreq
        chunk = Chunk(read_only(np.ascontiguousarray(data)), read_only(stamps))
        if start:
            return Reading(chunks=(chunk,))
        offsets = (ClockOffset(EEG, self._start, 0.0),)
        return Reading(chunks=(chunk,), markers=tuple(self._markers), offsets=offsets)

    def close(self) -> None:
        """Do nothing: nothing is held open."""
