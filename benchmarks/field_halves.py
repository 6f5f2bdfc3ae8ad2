"""A sound recording in two halves that can be changed and written again."""

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.runtime.whole_recording import read_whole

EEG_OFFSET_S, MARKER_OFFSET_S = 0.0031, -0.0042


@dataclass(frozen=True)
class Half:
    """Half of a recording: what an XDF file would hold, not yet written.

    Raw stamps: the two streams have clocks of their own, with offsets between them.
    """

    sfreq: float
    stated_sfreq: float
    ch_names: tuple[str, ...]
    ch_types: tuple[str, ...]
    unit: str
    data: Any
    stamps: Any
    marker_stamps: Any
    texts: tuple[str, ...]
    has_offsets: bool = True
    others: tuple[XdfStream, ...] = field(default=())

    @property
    def flashes(self) -> list[int]:
        """Places of the flashes among the markers."""
        return [n for n, text in enumerate(self.texts) if text.startswith("flash/")]

    def samples_of(self, places: list[int]) -> Any:
        """Return the samples at which markers lie."""
        common = self.marker_stamps[places] + MARKER_OFFSET_S - EEG_OFFSET_S
        return np.clip(np.searchsorted(self.stamps, common), 0, len(self.stamps) - 1)

    def write(self, path: Path) -> None:
        """Write it as an XDF file."""
        eeg = XdfStream(
            "amp", "EEG", self.stated_sfreq, self.stamps, self.data, self.ch_names, self.unit,
            offsets=self._offsets(self.stamps, EEG_OFFSET_S), every_stamp=True,
            ch_types=self.ch_types,
        )  # fmt: skip
        markers = XdfStream(
            "markers", "Markers", 0.0, self.marker_stamps, list(self.texts),
            offsets=self._offsets(self.marker_stamps, MARKER_OFFSET_S),
        )  # fmt: skip
        write_xdf(path, [eeg, markers, *self.others])

    def _offsets(self, stamps: Any, value: float) -> list[tuple[float, float]]:
        return [(float(stamps[0]), value)] if self.has_offsets else []


def halves_of(paths: list[Path]) -> list[Half]:
    """Return a sound recording in two halves, parted after a letter; of two recordings both."""
    if len(paths) == 2:
        return [part for path in paths for part in _parts_of(path, [-np.inf, np.inf])]
    whole = read_whole(paths[0])
    middle = float(np.median(whole.times))
    ends = [time for time, text in whole.events if text.startswith("trial/end")]
    # Soon after it all responses are over, and the next letter's flashes have not begun.
    cut = min(ends, key=lambda end: abs(end - middle), default=middle) + 0.9
    return _parts_of(paths[0], [-np.inf, cut, np.inf])


def _parts_of(path: Path, cuts: list[float]) -> list[Half]:
    whole = read_whole(path)
    times = np.array([time for time, _ in whole.events])
    texts = [text for _, text in whole.events]
    halves = []
    for first, last in itertools.pairwise(cuts):
        here = (whole.times >= first) & (whole.times < last)
        is_marked = (times >= first) & (times < last)
        halves.append(
            Half(
                sfreq=whole.spec.sfreq,
                stated_sfreq=whole.spec.sfreq,
                ch_names=tuple(whole.spec.ch_names),
                ch_types=tuple(whole.spec.ch_types),
                unit=whole.spec.unit,
                data=np.asarray(whole.data[here], dtype=np.float32),
                stamps=whole.times[here] - EEG_OFFSET_S,
                marker_stamps=times[is_marked] - MARKER_OFFSET_S,
                texts=tuple(text for text, kept in zip(texts, is_marked, strict=True) if kept),
            )
        )
    return halves
