"""Readings with a judgement of their channels, before a session begins."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.source import Readings
from bci_online.channel_quality import Electrodes
from bci_online.markers import parse_marker
from bci_online.messages import Reading, StreamSpec
from bci_online.notes import AnyNote
from bci_online.preprocessing.quality import JUDGED_S, judge

__all__ = ["JudgedReadings"]


class JudgedReadings:
    """The readings of a source, and every two seconds how good its channels are.

    Parameters
    ----------
    readings : Readings
        What is read.
    spec : StreamSpec
        The description of the EEG stream.
    ch_names : iterable of str
        The channels that take part.
    clock : callable
        The clock of common times.

    See Also
    --------
    bci_online.preprocessing.quality.judge : The judge.
    bci_online.acquisition.source.Readings : What it is itself.

    Notes
    -----
    The signal is judged unfiltered. The judgement is an `Electrodes` in the reading's journal.
    There are no more of them once a session begins, with the first marker that is not a note.

    Examples
    --------
    >>> from bci_online.acquisition.simulator import SimulatedAmplifier
    >>> from bci_online.config import Config
    >>> amplifier = SimulatedAmplifier(Config().simulation)
    >>> amplifier.open()
    >>> readings = JudgedReadings(amplifier, amplifier.spec, ("Cz", "Pz"), clock=lambda: 0.0)
    >>> judged = [line for _ in range(40) for line in readings.read(0.1).journal]
    """

    def __init__(
        self,
        readings: Readings,
        spec: StreamSpec,
        ch_names: Iterable[str],
        clock: Callable[[], float],
    ) -> None:
        self._readings, self._spec, self._clock = readings, spec, clock
        self._ch_names = tuple(ch_names)
        self._blocks: list[NDArray[Any]] = []
        self._n = 0
        self._begun = False

    def read(self, timeout: float = 0.0) -> Reading | None:
        """Return what the source gives, with a judgement where one is due."""
        reading = self._readings.read(timeout)
        return reading if reading is None or self._begun else self._judged(reading)

    def _judged(self, reading: Reading) -> Reading:
        events = (parse_marker(marker.text) for marker in reading.markers)
        self._begun = any(not isinstance(event, AnyNote) for event in events)
        for chunk in reading.chunks:
            self._blocks.append(chunk.data)
            self._n += chunk.data.shape[0]
        if self._begun:
            self._blocks.clear()
        if self._begun or self._n < JUDGED_S * self._spec.sfreq:
            return reading
        block = np.concatenate(self._blocks).T
        self._blocks, self._n = [], 0
        judgement = judge(block, self._spec, self._ch_names)
        judged = Electrodes(judgement, self._spec.unit, self._clock())
        return msgspec.structs.replace(reading, journal=(*reading.journal, judged))
