"""A live source that says what its first samples show against its description."""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.source import Source
from bci_online.acquisition.stream_survey import surveyed
from bci_online.config import EegStream
from bci_online.input_findings import ordered
from bci_online.messages import Reading, Status, StreamSpec

__all__ = ["SurveyedSource"]


class SurveyedSource:
    """A source whose first ten seconds are compared with its description, as a recording is.

    Parameters
    ----------
    source : Source
        What is read.
    eeg : EegStream
        Which channels take part.
    clock : callable
        The clock of common times.

    See Also
    --------
    bci_online.acquisition.stream_survey.surveyed : What is found.
    bci_online.acquisition.xdf.source.XdfSource : The same for a recording, before it is read.

    Notes
    -----
    A finding is a `Status` in the reading; nothing that is decided depends on it. Of single
    channels nothing is said: `ChannelWatch` watches those that take part.

    Examples
    --------
    >>> from bci_online.acquisition.simulator import SimulatedAmplifier
    >>> from bci_online.config import Config
    >>> amplifier = SimulatedAmplifier(Config().simulation)
    >>> source = SurveyedSource(amplifier, EegStream(), clock=lambda: 0.0)
    >>> source.open()
    >>> [status for _ in range(110) for status in source.read(0.1).statuses]
    []
    """

    SECONDS = 10.0
    # Stamps that stand still never show ten seconds.
    MOST_SECONDS = 100.0

    def __init__(self, source: Source, eeg: EegStream, clock: Callable[[], float]) -> None:
        self._source, self._eeg, self._clock = source, eeg, clock
        self._data: list[NDArray[Any]] = []
        self._stamps: list[NDArray[np.float64]] = []
        self._n = 0
        self._is_done = False

    @property
    def spec(self) -> StreamSpec:
        """The description of the EEG stream."""
        return self._source.spec

    def open(self) -> None:
        """Open the source."""
        self._source.open()

    def close(self) -> None:
        """Close the source."""
        self._source.close()

    def read(self, timeout: float = 0.0) -> Reading | None:
        """Return what the source gives, with what was found once it is known."""
        reading = self._source.read(timeout)
        if reading is None or self._is_done:
            return reading
        for chunk in reading.chunks:
            if chunk.stamps.size:
                self._data.append(chunk.data)
                self._stamps.append(chunk.stamps)
                self._n += chunk.stamps.size
        if not self._n:
            return reading
        seconds = self._stamps[-1][-1] - self._stamps[0][0]
        if seconds < self.SECONDS and self._n < self.MOST_SECONDS * self.spec.sfreq:
            return reading
        self._is_done = True
        warnings = tuple(Status("warning", text, self._clock()) for text in self._found())
        return msgspec.structs.replace(reading, statuses=(*reading.statuses, *warnings))

    def _found(self) -> list[str]:
        data, stamps = np.concatenate(self._data), np.concatenate(self._stamps)
        self._data, self._stamps = [], []
        length = max(3, round(self.spec.sfreq))
        seconds = (data[start : start + length] for start in range(0, len(data), length))
        _, findings = surveyed(self.spec, self._eeg, seconds, stamps)
        return [one.text for one in ordered(findings) if one.kind != "no electrode"]
