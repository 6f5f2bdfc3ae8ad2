"""Live readings, compared with what the stream says of itself."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.eeg_triggers import unread_triggers
from bci_online.acquisition.source import Readings
from bci_online.acquisition.stream_survey import SEEMS_DEAD, StreamSurvey, rate_finding
from bci_online.config import EegStream
from bci_online.input_findings import InputFinding, ordered
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
        The table ``eeg`` of the configuration.
    ch_names : sequence of str
        The channels that take part.
    clock : callable
        The clock of common times.

    See Also
    --------
    bci_online.acquisition.stream_survey.StreamSurvey : What is found.
    bci_online.acquisition.xdf.source.XdfSource : The same for a recording, before it is read.

    Notes
    -----
    A finding is a `Status` in the reading. No decision depends on it. Only channels that take part
    are judged; `ChannelWatch` names dead ones. Where no marker came, a channel that has pulses and
    does not take part may hold them.

    A thread of its own looks at the ten seconds: with many channels at a high rate that takes as
    long as several decisions. What it found is in the first reading after that.

    Examples
    --------
    >>> from bci_online.acquisition.simulator import SimulatedAmplifier
    >>> from bci_online.config import Config
    >>> amplifier = SimulatedAmplifier(Config().simulation)
    >>> amplifier.open()
    >>> spec = amplifier.spec
    >>> readings = SurveyedReadings(amplifier, spec, EegStream(), spec.ch_names, lambda: 0.0)
    >>> [status for _ in range(110) for status in readings.read(0.1).statuses]
    []
    """

    SECONDS = 10.0
    # Stamps that stand still never show ten seconds.
    MOST_SECONDS = 100.0

    def __init__(
        self,
        readings: Readings,
        spec: StreamSpec,
        eeg: EegStream,
        ch_names: Sequence[str],
        clock: Callable[[], float],
    ) -> None:
        self._readings, self._spec, self._eeg, self._clock = readings, spec, eeg, clock
        self._ch_names = ch_names
        self._data: list[NDArray[Any]] = []
        self._stamps: list[NDArray[np.float64]] = []
        self._n = 0
        self._survey: Future[list[str]] | None = None
        self._has_markers = False
        self._is_done = False

    def read(self, timeout: float = 0.0) -> Reading | None:
        """Return what the source gives, with what was found once it is known."""
        reading = self._readings.read(timeout)
        if reading is None or self._is_done:
            return reading
        self._has_markers |= bool(reading.markers)
        if self._survey is None:
            self._take(reading)
        elif self._survey.done():
            found, self._is_done = self._survey.result(), True
            warnings = tuple(Status("warning", text, self._clock()) for text in found)
            return msgspec.structs.replace(reading, statuses=(*reading.statuses, *warnings))
        return reading

    def _take(self, reading: Reading) -> None:
        """Take a reading; begin to look at all of them once ten seconds are there."""
        for chunk in reading.chunks:
            if chunk.stamps.size:
                self._n += chunk.stamps.size
                self._data.append(chunk.data)
                self._stamps.append(chunk.stamps)
        if not self._n:
            return
        passed = float(self._stamps[-1][-1] - self._stamps[0][0])
        if passed < self.SECONDS and self._n < self.MOST_SECONDS * self._spec.sfreq:
            return
        self._survey = Future()
        job = self._survey, self._data, self._stamps
        self._data, self._stamps = [], []
        threading.Thread(target=self._find, args=job, name="survey", daemon=True).start()

    def _find(
        self,
        survey: Future[list[str]],
        data: list[NDArray[Any]],
        stamps: list[NDArray[np.float64]],
    ) -> None:
        try:
            survey.set_result(self._found(np.concatenate(data), np.concatenate(stamps)))
        # Who reads raises it: a thread must not end in silence.
        except BaseException as error:
            survey.set_exception(error)

    def _found(self, data: NDArray[Any], stamps: NDArray[np.float64]) -> list[str]:
        length = max(3, round(self._spec.sfreq))
        taking_part = msgspec.structs.replace(self._eeg, channels=tuple(self._ch_names))
        survey = StreamSurvey(self._spec, taking_part)
        for start in range(0, len(data) - length + 1, length):
            survey.push(data[start : start + length])
        findings = [one for one in survey.findings() if one.kind != "no electrode"]
        findings += [
            InputFinding(
                "no electrode",
                f"channel {name}",
                f"{reason}: it is no electrode, but takes part",
                f'eeg.exclude = ["{name}"] before a decoder is trained',
            )
            for name, reason in survey.no_electrodes().items()
            if name in self._ch_names and reason not in SEEMS_DEAD
        ]
        rate = rate_finding(self._spec, stamps)
        findings += [] if rate is None else [rate]
        triggers = unread_triggers(self._spec, data, [self._spec.name])
        if triggers.line.startswith("markers.") and not self._has_markers:
            findings.append(triggers)
        return [one.text for one in ordered(findings)]
