"""Live readings, compared with what the stream says of itself."""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.source import Readings
from bci_online.acquisition.stream_survey import surveyed
from bci_online.config import EegStream
from bci_online.input_findings import ordered
from bci_online.messages import Reading, Status, StreamSpec

__all__ = ["SurveyedReadings"]


class SurveyedReadings:
    """The readings of a stream, and how its first ten seconds differ from its description.

    Parameters
    ----------
    readings : Readings
        What is read.
    spec : StreamSpec
        The description of the EEG stream.
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
    A finding is a `Status` in the reading. No decision depends on it. There are no findings about
    single channels: `ChannelWatch` watches those that take part.

    Examples
    --------
    >>> from bci_online.acquisition.simulator import SimulatedAmplifier
    >>> from bci_online.config import Config
    >>> amplifier = SimulatedAmplifier(Config().simulation)
    >>> amplifier.open()
    >>> readings = SurveyedReadings(amplifier, amplifier.spec, EegStream(), clock=lambda: 0.0)
    >>> [status for _ in range(110) for status in readings.read(0.1).statuses]
    []
    """

    SECONDS = 10.0
    # Stamps that stand still never show ten seconds.
    MOST_SECONDS = 100.0

    def __init__(
        self, readings: Readings, spec: StreamSpec, eeg: EegStream, clock: Callable[[], float]
    ) -> None:
        self._readings, self._spec, self._eeg, self._clock = readings, spec, eeg, clock
        self._data: list[NDArray[Any]] = []
        self._stamps: list[NDArray[np.float64]] = []
        self._n = 0
        self._is_done = False

    def read(self, timeout: float = 0.0) -> Reading | None:
        """Return what the source gives, with what was found once it is known."""
        reading = self._readings.read(timeout)
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
        if seconds < self.SECONDS and self._n < self.MOST_SECONDS * self._spec.sfreq:
            return reading
        self._is_done = True
        warnings = tuple(Status("warning", text, self._clock()) for text in self._found())
        return msgspec.structs.replace(reading, statuses=(*reading.statuses, *warnings))

    def _found(self) -> list[str]:
        data, stamps = np.concatenate(self._data), np.concatenate(self._stamps)
        self._data, self._stamps = [], []
        length = max(3, round(self._spec.sfreq))
        seconds = (data[start : start + length] for start in range(0, len(data), length))
        _, findings = surveyed(self._spec, self._eeg, seconds, stamps)
        return [one.text for one in ordered(findings) if one.kind != "no electrode"]
