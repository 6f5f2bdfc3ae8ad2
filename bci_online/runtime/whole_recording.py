"""A recording unchanged: raw samples, each with its common time, and the markers' times."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config
from bci_online.messages import EEG, Marker, StreamSpec
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
    samples = _SampleTimes(source.spec.sfreq, offsets[EEG])
    data: list[NDArray[Any]] = []
    markers: list[Marker] = []
    while (reading := source.read()) is not None:
        for offset in reading.offsets:
            jumped = offsets.setdefault(offset.stream, ClockOffsets()).add(
                offset.time, offset.value
            )
            if jumped and offset.stream == EEG:
                samples.restart()
        markers += reading.markers
        for chunk in reading.chunks:
            samples.add(chunk.stamps)
            data.append(chunk.data)
        progress(samples.n / source.spec.sfreq)
    samples.add(np.empty(0), is_last=True)
    events = [
        (m.time + (offsets[m.stream].at(m.time) if m.stream in offsets else 0.0), m.text)
        for m in markers
    ]
    return WholeRecording(
        source.spec,
        np.concatenate(data),
        np.maximum.accumulate(np.concatenate(samples.times)),
        tuple(samples.losses),
        tuple(sorted(event for event in events if np.isfinite(event[0]))),
        source.notes,
    )


class _SampleTimes:
    """The common times of all samples so far, and the losses between them."""

    def __init__(self, sfreq: float, offsets: ClockOffsets) -> None:
        self.times: list[NDArray[np.float64]] = []
        self.losses: list[tuple[int, int]] = []
        self.n = 0
        self._clock = SampleClock(sfreq)
        self._offsets = offsets
        self._waiting = np.empty(0)

    def add(self, stamps: NDArray[np.float64], is_last: bool = False) -> None:
        """Add the next samples; some wait for the stamps behind them."""
        stamps = np.concatenate([self._waiting, stamps])
        n_done = 0
        for run in self._clock.push(stamps, is_last=is_last):
            self.times.append(self._offsets.common(run.times))
            if run.loss is not None and run.loss.n_lost:
                self.losses.append((self.n, run.loss.n_lost))
            n_done = run.stop
            self.n += run.times.size
        self._waiting = stamps[n_done:]

    def restart(self) -> None:
        """Begin anew behind the last sample: the stream's clock has changed."""
        self.add(np.empty(0), is_last=True)
        self._clock.restart()
