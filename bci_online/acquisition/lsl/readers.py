"""From the samples of a connection to chunks and markers."""

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.lsl.connection import MOST_TEXTS, Connection
from bci_online.acquisition.stream_header import SAMPLE_TYPES, number_text, printable, stream_spec
from bci_online.acquisition.xdf.clocks import FARTHEST
from bci_online.messages import Chunk, Marker, read_only

__all__ = ["MarkerReader", "SampleReader"]

LONGEST_TEXT = 1 << 16
# Only a pull notices that a source hung up.
ANYWAY_EVERY = 0.05


class SampleReader:
    """Reads a numeric stream at a regular rate as chunks, in microvolts where it states voltages.

    Parameters
    ----------
    connection : Connection
        One that stands.

    Attributes
    ----------
    n_mended : int
        Stamps that were no times and were made up: one sample after the one before.
    """

    def __init__(self, connection: Connection) -> None:
        self.spec, self._factors = stream_spec(connection.header)
        self.n_mended = 0
        self._connection = connection
        n_times = int(min(max(self.spec.sfreq, 256), 4096))
        dtype = SAMPLE_TYPES[connection.header.format]
        self._buffer = np.empty((n_times, connection.header.n_channels), dtype)
        self._last = 0.0

    def pull(self, timeout: float) -> Chunk | None:
        """Wait at most `timeout` seconds for a sample; return it and all that wait behind it.

        Raises
        ------
        ConnectionError
            If the connection is broken.
        """
        raw = self._connection.pull(self._buffer[:1], timeout)
        if not raw:
            return None
        try:
            raw += self._connection.pull(self._buffer[1:], 0.0)
        except ConnectionError:
            # The next pull says so again; what this one has is not to be lost.
            pass
        data: NDArray[Any] = self._buffer[: len(raw)]
        if self._factors is None:
            data = data.copy()
        else:
            kind = data.dtype if data.dtype.kind == "f" else np.float64
            data = data * self._factors.astype(kind)
        return Chunk(read_only(data), read_only(self._mended(np.array(raw))))

    def _mended(self, stamps: NDArray[np.float64]) -> NDArray[np.float64]:
        bad = ~(abs(stamps) < FARTHEST)
        if bad.any():
            for sample in np.flatnonzero(bad).tolist():
                before = stamps[sample - 1] if sample else self._last
                stamps[sample] = before + 1 / self.spec.sfreq
            self.n_mended += int(bad.sum())
        self._last = float(stamps[-1])
        return stamps


class MarkerReader:
    """Reads a stream of texts, or of numbers, as markers.

    Numbers are written as short as they can be (``1111.0`` is ``1111``), as those of a recording.
    Of a line that is sampled at a regular rate a marker is where a value other than 0 begins; what
    it holds at first began before anybody looked.

    Attributes
    ----------
    n_dropped : int
        Markers without a time; no one could say what they mark.
    """

    def __init__(self, connection: Connection, key: str) -> None:
        self.key = key
        self.name = connection.header.name
        self.n_dropped = 0
        header = connection.header
        self._connection = connection
        self._is_text = header.format == "string"
        self._is_line = header.sfreq > 0 and not self._is_text
        dtype = np.float64 if self._is_text else SAMPLE_TYPES[header.format]
        self._buffer = np.empty((MOST_TEXTS, header.n_channels), dtype)
        self._before: NDArray[Any] | None = None
        self._pull_at = 0.0

    def pull(self) -> list[Marker]:
        """Return the markers that wait, at most some hundreds of them.

        Raises
        ------
        ConnectionError
            If the connection is broken.
        """
        now = time.monotonic()
        if now < self._pull_at and not self._connection.holds_samples():
            return []
        self._pull_at = now + ANYWAY_EVERY
        if self._is_text:
            rows, times = self._connection.pull_texts()
            texts = [
                (row, printable(raw.decode("utf-8", "replace"), LONGEST_TEXT))
                for row, cells in enumerate(rows)
                for raw in cells
            ]
            stamps = times.tolist()
        else:
            stamps = self._connection.pull(self._buffer, 0.0)
            texts = self._numbers(self._buffer[: len(stamps)])
        markers = [Marker(text, stamps[row], self.key) for row, text in texts if text]
        timed = [marker for marker in markers if abs(marker.time) < FARTHEST]
        self.n_dropped += len(markers) - len(timed)
        return timed

    def _numbers(self, values: NDArray[Any]) -> list[tuple[int, str]]:
        if not len(values):
            return []
        taken = ~np.isnan(values)
        if self._is_line:
            before = values[:1] if self._before is None else self._before
            before = np.concatenate([before, values[:-1]])
            taken &= (values != 0) & (values != before)
            self._before = values[-1:].copy()
        return [(int(row), number_text(values[row, column])) for row, column in np.argwhere(taken)]
