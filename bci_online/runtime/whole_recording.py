"""A recording unchanged: raw samples, each with its common time, and the markers' times."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config
from bci_online.messages import EEG, Chunk, Marker, StreamSpec
from bci_online.preprocessing.clock import SampleClock
from bci_online.preprocessing.clock_offsets import ClockOffsets
from bci_online.runtime.sources import FAST_CHUNK_S, recording

__all__ = ["WholeRecording", "read_whole"]


@dataclass(frozen=True)
class WholeRecording:
    """A recording without filtering and without interpolation.

    Parameters
    ----------
    spec : StreamSpec
        Description of the EEG stream.
    data : ndarray, shape (n_samples, n_channels)
        In the stream's unit.
    times : ndarray, shape (n_samples,)
        Common time of each sample in seconds; it never falls.
    losses : tuple of (int, int)
        Sample before which samples are missing, and their number.
    events : tuple of (float, str)
        Common time and text of each marker, in the order of time.
    notes : tuple of str
        Damage that was found in the file.

    See Also
    --------
    read_whole : Reads one.

    Examples
    --------
    >>> spec = StreamSpec(name="amp", sfreq=10.0, ch_names=("Cz",), ch_types=("EEG",))
    >>> times = np.array([0.0, 0.1, 5.0])  # 4.8 s are missing
    >>> whole = WholeRecording(spec, np.zeros((3, 1)), times, losses=((2, 48),), events=())
    >>> whole.sample_at(0.12), whole.sample_at(2.5)
    (1, None)
    """

    spec: StreamSpec
    data: NDArray[Any]
    times: NDArray[np.float64]
    losses: tuple[tuple[int, int], ...]
    events: tuple[tuple[float, str], ...]
    notes: tuple[str, ...] = ()

    def sample_at(self, time: float) -> int | None:
        """Return the sample nearest to `time`; None outside the recording or in a long loss."""
        after = int(np.searchsorted(self.times, time))
        near = [i for i in (after - 1, after) if 0 <= i < self.times.size]
        nearest = min(near, key=lambda i: abs(self.times[i] - time))
        return nearest if abs(self.times[nearest] - time) <= 1 / self.spec.sfreq else None


def read_whole(
    path: Path,
    config: Config | None = None,
    progress: Callable[[float], None] = lambda seconds: None,
) -> WholeRecording:
    """Read a whole recording.

    Times are mapped by the same clock as in the online chain, so losses are the same too.

    Parameters
    ----------
    path : Path
        An XDF file.
    config : Config, optional
        Chooses among the file's streams.
    progress : callable
        Called with the seconds read so far.

    Returns
    -------
    recording : WholeRecording
        All in memory.

    Raises
    ------
    RecordingError
        If it cannot be read.

    See Also
    --------
    bci_online.runtime.replay.replay : Runs a recording through the chain instead.

    Examples
    --------
    >>> import tempfile
    >>> from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
    >>> stamps = np.delete(np.arange(1000) / 100, slice(600, 700))  # a second is missing
    >>> eeg = XdfStream("amp", "EEG", 100.0, stamps, np.zeros((900, 1)), ("Cz",))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_xdf(Path(folder) / "run.xdf", [eeg])
    ...     read_whole(Path(folder) / "run.xdf").losses
    ((600, 100),)
    """
    source = recording(path, config, FAST_CHUNK_S)
    source.open()
    offsets: dict[str, ClockOffsets] = {EEG: ClockOffsets()}
    clock = SampleClock(source.spec.sfreq)
    data: list[NDArray[Any]] = []
    times: list[NDArray[np.float64]] = []
    losses: list[tuple[int, int]] = []
    markers: list[Marker] = []
    n_samples = 0
    while (reading := source.read()) is not None:
        for offset in reading.offsets:
            jumped = offsets.setdefault(offset.stream, ClockOffsets()).add(
                offset.time, offset.value
            )
            if jumped and offset.stream == EEG:
                clock.restart()
        markers += reading.markers
        for chunk in reading.chunks:
            losses += _timed(chunk, clock, offsets[EEG], n_samples, times)
            data.append(chunk.data)
            n_samples += len(chunk.data)
        progress(n_samples / source.spec.sfreq)
    events = [
        (m.time + (offsets[m.stream].at(m.time) if m.stream in offsets else 0.0), m.text)
        for m in markers
    ]
    return WholeRecording(
        source.spec,
        np.concatenate(data),
        np.maximum.accumulate(np.concatenate(times)),
        tuple(losses),
        tuple(sorted(event for event in events if np.isfinite(event[0]))),
        source.notes,
    )


def _timed(
    chunk: Chunk,
    clock: SampleClock,
    offsets: ClockOffsets,
    first: int,
    times: list[NDArray[np.float64]],
) -> list[tuple[int, int]]:
    """Append the common times of a chunk's samples; return its losses."""
    losses = []
    for run in clock.push(chunk.stamps, None):
        times.append(offsets.common(run.times))
        if run.loss is not None and run.loss.n_lost:
            losses.append((first + run.start, run.loss.n_lost))
    return losses
