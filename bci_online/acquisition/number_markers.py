"""Markers of a stream of numbers: single events, or a line that is sampled all the time."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.line_markers import LineMarkers
from bci_online.acquisition.marker_columns import chosen_column
from bci_online.config import MarkerStream

__all__ = ["NumberMarkers"]

# So many seconds of stamps show whether samples really come at the stated rate.
DECIDED_S = 0.5
FEWEST_OF_A_LINE = 4
# Pieces of a stream whose stamps stand still; half a second comes in some hundreds.
MOST_HELD = 4096


class NumberMarkers:
    """Turn the samples of a numeric marker stream into texts, the same live and in a file.

    A stream is a sampled line only where its stamps come at the rate that it states; else each
    sample is an event, whatever the rate.

    Parameters
    ----------
    sfreq : float
        The rate that the stream states; 0 where it states none.
    labels : sequence of str
        Of its channels; empty texts where it has none.
    markers : MarkerStream
        Which channel is meant, and which bits of it.

    Raises
    ------
    BciError
        If ``markers.channel`` is not there.

    See Also
    --------
    LineMarkers : The markers of one line.

    Notes
    -----
    Whether a stream is a line is decided once, by its first half second of stamps; until then its
    markers are held back. Of several channels of an event the one that is called a marker's, else
    the first, is the marker: others are times and durations. A stream that leaves channels out, as
    NaN, has markers in each. One-hot channels give their labels.

    Examples
    --------
    The same numbers are events where they come now and then, and one code where they are sampled:

    >>> values = np.array([[0], [7], [7], [7], [7], [0]])
    >>> events = NumberMarkers(100.0, [""], MarkerStream())
    >>> events.push(values, np.arange(6.0))
    [(0.0, '0'), (1.0, '7'), (2.0, '7'), (3.0, '7'), (4.0, '7'), (5.0, '0')]
    >>> line = NumberMarkers(100.0, [""], MarkerStream())
    >>> line.push(values, np.arange(6) / 100), line.flush()
    ([], [(0.01, '7')])
    """

    def __init__(self, sfreq: float, labels: Sequence[str], markers: MarkerStream) -> None:
        self._sfreq = sfreq
        self._labels = [*labels]
        self._column = chosen_column(labels, markers)
        self._leaves_out = False
        self._has_choice = markers.channel != ""
        self._lines = [LineMarkers(markers.mask) for _ in labels]
        self._is_line: bool | None = None if sfreq else False
        self._held: list[tuple[NDArray[Any], NDArray[np.float64]]] = []

    @property
    def holds_back(self) -> bool:
        """Whether samples wait for the decision whether they are a line."""
        return bool(self._held)

    def push(self, values: NDArray[Any], stamps: NDArray[np.float64]) -> list[tuple[float, str]]:
        """Take samples (n, n_channels) with raw stamps (n,); return stamp and text of markers."""
        if not len(values):
            return []
        if self._is_line is not None:
            return self._read(values, stamps)
        self._held.append((values.copy(), stamps.copy()))
        is_enough = np.any(stamps - self._held[0][1][0] >= DECIDED_S)
        return self.flush() if is_enough or len(self._held) >= MOST_HELD else []

    def flush(self) -> list[tuple[float, str]]:
        """Decide by what is there: the stream is over, or nothing came for a while."""
        if not self._held:
            return []
        values = np.concatenate([values for values, _ in self._held])
        stamps = np.concatenate([stamps for _, stamps in self._held])
        self._held = []
        # Only the samples up to the first that could decide: how they are cut must not matter.
        since = stamps - stamps[0]
        n_seen = (
            int(np.argmax(since >= DECIDED_S)) + 1 if np.any(since >= DECIDED_S) else len(since)
        )
        expected = 0.5 * float(since[n_seen - 1]) * self._sfreq
        self._is_line = n_seen >= FEWEST_OF_A_LINE and 0 < expected <= n_seen
        return self._read(values, stamps)

    def _read(self, values: NDArray[Any], stamps: NDArray[np.float64]) -> list[tuple[float, str]]:
        if self._is_line:
            columns = [self._column] if self._has_choice else range(values.shape[1])
            found = [
                (row, self._label(column, text))
                for column in columns
                for row, text in self._lines[column].push(values[:, column])
            ]
            return [(float(stamps[row]), text) for row, text in sorted(found, key=_row)]
        return [
            (stamp, text)
            for stamp, row in zip(stamps.tolist(), values, strict=True)
            for text in self._of_event(row)
        ]

    def _of_event(self, row: NDArray[Any]) -> list[str]:
        is_one_hot = len(row) > 1 and all(self._labels) and bool(np.isin(row, (0, 1)).all())
        if is_one_hot and not self._has_choice:
            return [label for label, value in zip(self._labels, row, strict=True) if value]
        known = ~np.isnan(row)
        self._leaves_out |= not known.all()
        columns = [self._column]
        if self._leaves_out and not self._has_choice:
            # A program that leaves out channels sends a marker in each channel. It would never
            # leave out a time or a duration.
            columns = [*range(len(row))]
        return [self._lines[n].text(row[n], rest=0.0) for n in columns if known[n]]

    def _label(self, column: int, text: str) -> str:
        """Return the label of a channel that is one of several and has one level besides rest."""
        is_one_hot = len(self._labels) > 1 and len(self._lines[column].texts) == 1
        return (self._labels[column] if is_one_hot else "") or text


def _row(found: tuple[int, str]) -> int:
    return found[0]
