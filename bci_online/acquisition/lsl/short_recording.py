"""All streams of the network for some seconds, as a recording would hold them."""

import time
from typing import Any
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.lsl.connection import SLICE, Connection
from bci_online.acquisition.lsl.network import NetworkStream
from bci_online.acquisition.lsl.search import streams_there
from bci_online.acquisition.stream_header import SAMPLE_TYPES
from bci_online.acquisition.stream_texts import LONGEST_MARKER, printable
from bci_online.acquisition.xdf.writer import XdfStream

__all__ = ["recorded_for"]

SEARCH_S = 2.0
# Twenty pulls a second of so many samples keep up with every amplifier.
MOST_ROWS = 8192
# More of a stream is not kept, whatever it says of itself.
MOST_BYTES = 1 << 29


def recorded_for(seconds: float, search_s: float = SEARCH_S) -> list[XdfStream]:
    """Return what all streams of the network send within some seconds.

    Parameters
    ----------
    seconds : float
        How long they are read.
    search_s : float
        How long they are searched.

    Returns
    -------
    streams : list of XdfStream
        With raw stamps and clock offsets; also streams that sent nothing.

    See Also
    --------
    bci_online.acquisition.xdf.writer.write_xdf : Writes them into a file.
    bci_online.acquisition.lsl.listing.list_streams : A list of them.
    """
    readers = [_Reader(stream) for stream in streams_there(search_s)]
    try:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(SLICE / 4)
            for reader in readers:
                reader.read()
        return [reader.recorded() for reader in readers]
    finally:
        for reader in readers:
            reader.connection.close()


class _Reader:
    """Reads one stream; one that breaks or does not answer has what came before."""

    def __init__(self, stream: NetworkStream) -> None:
        self._host = stream.host
        self.connection = Connection(stream)
        header = stream.header
        self._is_text = header.format == "string"
        self._is_connected = self._is_over = False
        self._stamps: list[NDArray[np.float64]] = []
        self._rows: list[Any] = []
        self._offsets: list[tuple[float, float]] = []
        self._n_bytes = 0
        if not self._is_text:
            dtype = np.dtype(SAMPLE_TYPES[header.format])
            self._buffer = np.empty((MOST_ROWS, header.n_channels), dtype)

    def read(self) -> None:
        """Take what has arrived."""
        if self._is_over:
            return
        try:
            self._is_connected = self._is_connected or self.connection.advance(SLICE / 4)
            if self._is_connected:
                self._pull()
                self._measure()
        except ConnectionError:
            self._is_over = True

    def _pull(self) -> None:
        if self._is_text:
            rows, stamps = self.connection.pull_texts()
            texts = [[_text(cell) for cell in row] for row in rows]
            self._rows += texts
            self._stamps.append(np.asarray(stamps, dtype=np.float64))
            self._n_bytes += sum(len(text) for row in texts for text in row)
        elif (stamps := self.connection.pull(self._buffer, 0.0)).size:
            samples = self._buffer[: stamps.size].copy()
            self._rows.append(samples)
            self._stamps.append(stamps)
            self._n_bytes += samples.nbytes
        self._is_over = self._n_bytes >= MOST_BYTES

    def _measure(self) -> None:
        offset = self.connection.offset(0.0)
        if offset is not None and offset.measured not in {time for time, _ in self._offsets[-1:]}:
            self._offsets.append((offset.measured, offset.value))

    def recorded(self) -> XdfStream:
        """Return what was read."""
        header = self.connection.header
        data: Any = self._rows
        if not self._is_text:
            empty = self._buffer[:0]
            data = np.concatenate([empty, *self._rows])
        described = "".join(
            ElementTree.tostring(each, encoding="unicode") for each in header.description
        )
        return XdfStream(
            name=header.name,
            type=header.type,
            sfreq=header.sfreq,
            stamps=np.concatenate([np.zeros(0), *self._stamps]),
            data=data,
            offsets=self._offsets,
            source_id=header.source_id,
            hostname=self._host,
            desc=described,
            every_stamp=True,
        )


def _text(cell: Any) -> str:
    return printable(bytes(cell).decode("utf-8", "replace"), LONGEST_MARKER)
