"""How good the electrodes are, told and accepted before a session begins."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.source import Source
from bci_online.messages import Journal, Reading, StreamSpec
from bci_online.preprocessing.quality import MAINS_HZ, ChannelQuality, assess, faults

__all__ = [
    "QUALITY",
    "Accept",
    "Acceptance",
    "Electrodes",
    "LookAt",
    "QualitySource",
    "accept_by_itself",
]

QUALITY = "quality"
"""The kind of the journal's line that holds `Electrodes`."""

EVERY_S = 2.0


class Electrodes(msgspec.Struct, frozen=True):
    """The channels that take part, over the last seconds, in the unit of the stream."""

    channels: tuple[ChannelQuality, ...]
    unit: str = "unknown"

    @property
    def faults(self) -> dict[str, str]:
        """What is wrong with which channel."""
        return faults(self.channels, self.unit)


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """That a session may begin with these electrodes: who said so, and why in spite of faults."""

    by: str
    reason: str = ""
    faults: dict[str, str] = {}

    def note(self) -> str:
        """Return the operator's note that the recording gets."""
        bad = ", ".join(f"{name} {wrong}" for name, wrong in self.faults.items())
        said = "all channels good" if not bad else f"in spite of {bad}"
        reason = f"; reason: {self.reason}" if self.reason else ""
        return f"electrodes accepted {self.by}, {said}{reason}"


class LookAt(Protocol):
    """Looks at the electrodes, while the session goes on to listen."""

    def __call__(self, ready: Callable[[], bool] = ..., /) -> Electrodes:
        """Wait until `ready`, and return how they are then.

        Raises
        ------
        BciError
            If the session was ended meanwhile.
        """
        ...


Accept = Callable[[LookAt], Acceptance]
"""Looks until the electrodes can be accepted."""


def accept_by_itself(look: LookAt) -> Acceptance:
    """Accept whatever there is: nobody is there to be asked."""
    return Acceptance(by="by itself", faults=look().faults)


class QualitySource:
    """A source that tells every two seconds how good its channels are, until a session begins.

    Parameters
    ----------
    source : Source
        What is read.
    ch_names : sequence of str
        The channels that take part; known once the source is open.
    clock : callable
        The clock of common times.

    Notes
    -----
    The signal is judged unfiltered. What it says comes as a reading's journal. A session begins
    with the first marker that is no note.
    """

    def __init__(self, source: Source, ch_names: Sequence[str], clock: Callable[[], float]) -> None:
        self._source, self._ch_names, self._clock = source, tuple(ch_names), clock
        self._blocks: list[NDArray[np.float64]] = []
        self._n = 0
        self._begun = False

    @property
    def spec(self) -> StreamSpec:
        """What the EEG stream says of itself."""
        return self._source.spec

    def open(self) -> None:
        """Open the source."""
        self._source.open()

    def close(self) -> None:
        """Close the source."""
        self._source.close()

    def read(self, timeout: float = 0.0) -> Reading | None:
        """Return what the source gives."""
        reading = self._source.read(timeout)
        return reading if reading is None or self._begun else self._looked_at(reading)

    def _looked_at(self, reading: Reading) -> Reading:
        self._begun = any(not marker.text.startswith("note/") for marker in reading.markers)
        spec = self.spec
        picks = [spec.ch_names.index(name) for name in self._ch_names]
        for chunk in reading.chunks:
            self._blocks.append(np.asarray(chunk.data[:, picks], dtype=np.float64))
            self._n += chunk.data.shape[0]
        if self._begun:
            self._blocks.clear()
        if self._begun or self._n < EVERY_S * spec.sfreq:
            return reading
        block = np.nan_to_num(np.concatenate(self._blocks).T)
        self._blocks, self._n = [], 0
        judged = Electrodes(_judged(block, self._ch_names, spec), spec.unit)
        line = Journal(QUALITY, self._clock(), text=msgspec.json.encode(judged).decode())
        return msgspec.structs.replace(reading, journal=(*reading.journal, line))


def _judged(
    block: NDArray[np.float64], ch_names: tuple[str, ...], spec: StreamSpec
) -> tuple[ChannelQuality, ...]:
    """Judge each channel, by the mains frequency of which it holds more."""
    kohm = dict(zip(spec.ch_names, spec.impedances, strict=False))
    return tuple(
        msgspec.structs.replace(channel, impedance_kohm=kohm.get(channel.name))
        for channel in assess(block, ch_names, spec.sfreq, MAINS_HZ)
    )
