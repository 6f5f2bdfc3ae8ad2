"""A recording as plain arrays that tests may cut, jitter and delay before the chain sees it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain as chain_of
from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np

from bci_online.acquisition.xdf import XdfSource
from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.messages import (
    EEG,
    MARKERS,
    Chunk,
    ClockOffset,
    Decision,
    Marker,
    Message,
    Reading,
    Score,
    StreamSpec,
)
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.publisher import is_journalled


@dataclass(frozen=True)
class RecordedSignal:
    """EEG samples, markers with the common time of their arrival, and clock offsets."""

    spec: StreamSpec
    data: Any
    stamps: Any
    markers: tuple[Marker, ...]
    offsets: tuple[ClockOffset, ...]
    delays: Any

    @classmethod
    def of(cls, path: Path) -> Self:
        """Read a whole recording."""
        source = XdfSource(path, chunk_s=1.0)
        source.open()
        readings = list(iter(source.read, None))
        chunks = [chunk for reading in readings for chunk in reading.chunks]
        markers = tuple(marker for reading in readings for marker in reading.markers)
        return cls(
            source.spec,
            np.concatenate([chunk.data for chunk in chunks]),
            np.concatenate([chunk.stamps for chunk in chunks]),
            markers,
            tuple(offset for reading in readings for offset in reading.offsets),
            np.zeros(len(markers)),
        )

    def without(self, first: int, n_samples: int) -> Self:
        """Lose some samples."""
        kept = np.delete(np.arange(len(self.stamps)), slice(first, first + n_samples))
        return replace(self, data=self.data[kept], stamps=self.stamps[kept])

    def with_markers(self, markers: Any) -> Self:
        """Show other markers."""
        markers = tuple(markers)
        return replace(self, markers=markers, delays=np.zeros(len(markers)))

    def offset_at(self, stream: str, time: float) -> float:
        """Return roughly what to add to a raw stamp, for arrival times only."""
        values = [offset.value for offset in self.offsets if offset.stream == stream]
        return values[0] if values else 0.0

    def readings(self, chunk_n: int) -> Iterator[Reading]:
        """Deliver chunks of `chunk_n` samples, each marker once its arrival time has come."""
        arrival = [
            marker.time + self.offset_at(MARKERS, marker.time) + delay
            for marker, delay in zip(self.markers, self.delays, strict=True)
        ]
        waiting = sorted(zip(arrival, range(len(arrival)), strict=True))
        shift = self.offset_at(EEG, 0.0)
        yield Reading(offsets=self.offsets)
        for start in range(0, len(self.stamps), chunk_n):
            stop = min(start + chunk_n, len(self.stamps))
            # A chunk that is being read takes in all that arrives until its last sample.
            here = self.stamps[stop - 1] + shift if stop < len(self.stamps) else np.inf
            due = []
            while waiting and waiting[0][0] <= here:
                due.append(self.markers[waiting.pop(0)[1]])
            chunk = Chunk(self.data[start:stop], self.stamps[start:stop])
            yield Reading(chunks=(chunk,), markers=tuple(due))


@dataclass(frozen=True)
class Ran:
    """What a decoder made of a signal."""

    messages: list[Message]

    @property
    def decisions(self) -> list[Decision]:
        return [message for message in self.messages if isinstance(message, Decision)]

    @property
    def letters(self) -> str:
        return "".join(decision.value or "." for decision in self.decisions)

    @property
    def scores(self) -> dict[Marker, Score]:
        return {message.marker: message for message in self.messages if isinstance(message, Score)}

    def of(self, kind: type) -> list[Any]:
        return [message for message in self.messages if isinstance(message, kind)]


def ran(
    decoder: Any,
    signal: RecordedSignal,
    chunk_n: int = 240,
    dynamic: bool = True,
    first: Reading | None = None,
    look: Callable[..., object] = lambda *_: None,
) -> Ran:
    """Run a signal through the online chain, after a first reading of something else.

    After each reading somebody may `look` at the chain.
    """
    chain, paradigm = online_chain(decoder, signal.spec, dynamic)
    messages = []
    for reading in chain_of([] if first is None else [first], signal.readings(chunk_n)):
        messages += chain.push(reading)
        look(chain, paradigm)
    return Ran(messages + chain.finish())


def replayed_from_journal(decoder: Any, signal: RecordedSignal, found: Ran, path: Path) -> Ran:
    """Record a signal with the journal of what was `found`, as a session does, and replay it."""
    lines = [msgspec.json.encode(one).decode() for one in found.messages if is_journalled(one)]
    spec, markers = signal.spec, signal.markers
    eeg = XdfStream(
        "amp", "EEG", spec.sfreq, signal.stamps, signal.data, spec.ch_names, "microvolts",
        every_stamp=True,
    )  # fmt: skip
    texts = [marker.text for marker in markers]
    shown = XdfStream("markers", "Markers", 0.0, [marker.time for marker in markers], texts)
    at = [float(signal.stamps[0])] * len(lines)
    journal = XdfStream("j", "Journal", 0.0, at, lines, source_id="bci-online/abc/journal")
    write_xdf(path, [eeg, shown, journal])
    return replayed(decoder, path)


def replayed(decoder: Any, recording: Path, **how: Any) -> Ran:
    """Replay a recording through the online chain; `how` is for `online_chain`."""
    source = XdfSource(recording, chunk_s=1.0)
    source.open()
    chain, _ = online_chain(decoder, source.spec, **how)
    messages = [message for reading in iter(source.read, None) for message in chain.push(reading)]
    return Ran(messages + chain.finish())
