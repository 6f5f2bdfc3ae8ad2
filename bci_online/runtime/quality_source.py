"""A source that also judges its channels, before a session begins."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.source import Source
from bci_online.channel_quality import Electrodes
from bci_online.markers import parse_marker
from bci_online.messages import Reading, StreamSpec
from bci_online.notes import AnyNote
from bci_online.preprocessing.quality import JUDGED_S, judge

__all__ = ["QualitySource"]


class QualitySource:
    """A source that judges its channels every two seconds, until a session begins.

    Parameters
    ----------
    source : Source
        What is read.
    ch_names : sequence of str
        The channels that take part; known once the source is open.
    clock : callable
        The clock of common times.

    See Also
    --------
    bci_online.preprocessing.quality.judge : The judge.
    bci_online.acquisition.source.Source : What it is itself.

    Notes
    -----
    The signal is judged unfiltered. The judgement is an `Electrodes` in the reading's journal. A
    session begins with the first marker that is not a note.

    Examples
    --------
    >>> from bci_online.acquisition.simulator import SimulatedAmplifier
    >>> from bci_online.config import Config
    >>> amplifier = SimulatedAmplifier(Config().simulation)
    >>> source = QualitySource(amplifier, ("Cz", "Pz"), clock=lambda: 0.0)
    >>> source.open()
    >>> judged = [line for _ in range(40) for line in source.read(0.1).journal]
    """

    def __init__(self, source: Source, ch_names: Sequence[str], clock: Callable[[], float]) -> None:
        self._source, self._ch_names, self._clock = source, tuple(ch_names), clock
        self._blocks: list[NDArray[Any]] = []
        self._n = 0
        self._begun = False

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
        """Return what the source gives, with a judgement where one is due."""
        reading = self._source.read(timeout)
        return reading if reading is None or self._begun else self._judged(reading)

    def _judged(self, reading: Reading) -> Reading:
        events = (parse_marker(marker.text) for marker in reading.markers)
        self._begun = any(not isinstance(event, AnyNote) for event in events)
        spec = self.spec
        for chunk in reading.chunks:
            self._blocks.append(chunk.data)
            self._n += chunk.data.shape[0]
        if self._begun:
            self._blocks.clear()
        if self._begun or self._n < JUDGED_S * spec.sfreq:
            return reading
        block = np.concatenate(self._blocks).T
        self._blocks, self._n = [], 0
        judged = Electrodes(judge(block, spec, self._ch_names), spec.unit, self._clock())
        return msgspec.structs.replace(reading, journal=(*reading.journal, judged))
