"""Write XDF files of any size (pyxdf only reads).

The format: https://github.com/sccn/xdf/wiki/Specifications. A file is ``XDF:`` and chunks, each
``[bytes of length][length][tag][content]``; tags: 1 file header, 2 stream header, 3 samples,
4 clock offset, 5 boundary, 6 stream footer.
"""

import heapq
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np

from bci_online.atomic_write import open_atomically

BOUNDARY = bytes.fromhex("43A546DCCBF5410FB30ED5467383CBE4")
FORMATS = {"i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64", "f4": "float32",
           "f8": "double64"}  # fmt: skip


@dataclass(frozen=True)
class XdfStream:
    """One stream of a file.

    Parameters
    ----------
    name, type : str
        How the stream is announced.
    sfreq : float
        Nominal rate in Hz; 0 for an irregular stream.
    stamps : array_like, shape (n_times,)
        Raw stamps in seconds.
    data : array_like, shape (n_times, n_channels), or list
        Numbers: an array, a memmap, or anything with ``shape``, ``dtype`` and slices of rows, so
        that hours of signal need not lie in memory. Text: a list of strings or of lists of strings.
    ch_names : sequence of str
        Labels of the channels.
    unit : str
        Unit of all channels.
    offsets : sequence of (float, float)
        Clock offsets (time, value), raw, in seconds.
    source_id, hostname, reference, manufacturer, model : str
        Fields of the description.
    units, ch_types : sequence of str
        One value per channel, instead of `unit` and of the stream's type.
    desc : str, optional
        XML that replaces the whole description.
    chunk_n : int
        Samples per chunk; by default 0.25 s, or one marker.
    every_stamp : bool
        Write all stamps, so that they are read back to the last bit. By default a stamp is written
        only where it does not follow from the one before.
    footer : bool
        Write the stream's footer.

    See Also
    --------
    write_xdf : Write it; has an example of both.

    Examples
    --------
    >>> markers = XdfStream("screen", "Markers", 0.0, [0.05, 0.3], ["trial/start", "flash/1"])
    >>> markers.is_text, markers.n_channels, markers.format
    (True, 1, 'string')
    """

    name: str
    type: str
    sfreq: float
    stamps: Any
    data: Any
    ch_names: Sequence[str] = ()
    unit: str = ""
    offsets: Sequence[tuple[float, float]] = ()
    source_id: str = ""
    hostname: str = ""
    units: Sequence[str] = ()
    ch_types: Sequence[str] = ()
    reference: str = ""
    manufacturer: str = ""
    model: str = ""
    desc: str | None = None
    chunk_n: int = 0
    every_stamp: bool = False
    footer: bool = True

    @property
    def is_text(self) -> bool:
        """Whether the samples are strings."""
        return isinstance(self.data, list)

    @property
    def n_channels(self) -> int:
        """Number of values per sample."""
        if not self.is_text:
            return self.data.shape[1]
        return len(self.data[0]) if self.data and not isinstance(self.data[0], str) else 1

    @property
    def format(self) -> str:
        """XDF's name of the sample type."""
        return "string" if self.is_text else FORMATS[np.dtype(self.data.dtype).str[1:]]


def write_xdf(path: Path, streams: Sequence[XdfStream], boundary_s: float = 10.0) -> None:
    """Write a recording.

    Parameters
    ----------
    path : Path
        The file.
    streams : sequence of XdfStream
        They are numbered from 1; their chunks are written in the order of common time.
    boundary_s : float
        Seconds between two boundary chunks, which help to read a damaged file.

    See Also
    --------
    bci_online.acquisition.xdf.source.XdfSource : Read the recording again.

    Examples
    --------
    >>> import tempfile
    >>> from bci_online.acquisition.xdf import XdfSource
    >>> stamps = np.arange(512) / 256
    >>> eeg = XdfStream(
    ...     "amp", "EEG", 256.0, stamps, np.zeros((512, 2), np.float32), ("Cz", "Pz"), "microvolts"
    ... )
    >>> texts = ["trial/start/1/A", "flash/3/target"]
    >>> markers = XdfStream("screen", "Markers", 0.0, [0.05, 0.3], texts)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_xdf(Path(folder) / "run.xdf", [eeg, markers])
    ...     source = XdfSource(Path(folder) / "run.xdf")
    ...     source.open()
    >>> source.spec.ch_names, source.n_samples, source.duration_s
    (('Cz', 'Pz'), 512, 2.0)
    >>> reading = source.read()
    >>> reading.chunks[0].data.shape, [marker.text for marker in reading.markers]
    ((32, 2), ['trial/start/1/A'])
    """
    with open_atomically(Path(path)) as file:
        file.write(b"XDF:")
        file.write(chunk(1, b"<?xml version='1.0'?><info><version>1.0</version></info>"))
        for number, stream in enumerate(streams, start=1):
            file.write(chunk(2, struct.pack("<I", number) + _header(stream).encode()))
        parts = [_parts(number, stream) for number, stream in enumerate(streams, start=1)]
        written = -np.inf
        for time, part in heapq.merge(*parts, key=lambda part: part[0]):
            if time > written + boundary_s:
                file.write(chunk(5, BOUNDARY))
                written = time
            file.write(part)
        for number, stream in enumerate(streams, start=1):
            if stream.footer:
                file.write(chunk(6, struct.pack("<I", number) + _footer(stream).encode()))


def chunk(tag: int, content: bytes) -> bytes:
    """Return a chunk with its head."""
    return _counted(len(content) + 2) + struct.pack("<H", tag) + content


def _counted(number: int) -> bytes:
    return bytes((1, number)) if number < 256 else b"\x04" + struct.pack("<I", number)


def _parts(number: int, stream: XdfStream) -> Iterator[tuple[float, bytes]]:
    """Yield the stream's sample and offset chunks with their common times, in order."""
    offsets = [
        (time + value, chunk(4, struct.pack("<Idd", number, time, value)))
        for time, value in stream.offsets
    ]
    return heapq.merge(_samples(number, stream), offsets, key=lambda part: part[0])


def _samples(number: int, stream: XdfStream) -> Iterator[tuple[float, bytes]]:
    stamps = np.asarray(stream.stamps, dtype="<f8")
    chunk_n = stream.chunk_n or max(1, round(stream.sfreq / 4))
    offset = stream.offsets[0][1] if stream.offsets else 0.0
    for first in range(0, len(stamps), chunk_n):
        piece = stamps[first : first + chunk_n]
        values = stream.data[first : first + chunk_n]
        body = _text(piece, values) if stream.is_text else _numbers(stream, piece, values)
        head = struct.pack("<I", number) + _counted(len(piece))
        yield float(piece[0]) + offset, chunk(3, head + body)


def _text(stamps: Any, values: list[Any]) -> bytes:
    body = bytearray()
    for stamp, value in zip(stamps, values, strict=True):
        body += b"\x08" + struct.pack("<d", stamp)
        for text in [value] if isinstance(value, str) else value:
            encoded = text.encode()
            body += _counted(len(encoded)) + encoded
    return bytes(body)


def _numbers(stream: XdfStream, stamps: Any, values: Any) -> bytes:
    values = np.ascontiguousarray(values)
    row = (values.dtype.newbyteorder("<"), (values.shape[1],))
    regular = stream.sfreq > 0 and np.all(abs(np.diff(stamps) - 1 / stream.sfreq) < 1e-9)
    if stream.every_stamp or not regular:
        full = np.empty(len(values), np.dtype([("n", "u1"), ("stamp", "<f8"), ("row", *row)]))
        full["n"], full["stamp"], full["row"] = 8, stamps, values
        return full.tobytes()
    bare = np.empty(len(values), np.dtype([("n", "u1"), ("row", *row)]))
    bare["n"], bare["row"] = 0, values
    return b"\x08" + struct.pack("<d", stamps[0]) + bare.tobytes()[1:]


def _header(stream: XdfStream) -> str:
    return (
        f"<?xml version='1.0'?><info><name>{escape(stream.name)}</name>"
        f"<type>{escape(stream.type)}</type><channel_count>{stream.n_channels}</channel_count>"
        f"<nominal_srate>{stream.sfreq!r}</nominal_srate>"
        f"<channel_format>{stream.format}</channel_format>"
        f"<source_id>{escape(stream.source_id)}</source_id>"
        f"<hostname>{escape(stream.hostname)}</hostname>"
        f"<desc>{_description(stream) if stream.desc is None else stream.desc}</desc></info>"
    )


def _description(stream: XdfStream) -> str:
    units = stream.units or [stream.unit] * stream.n_channels
    types = stream.ch_types or [stream.type] * stream.n_channels
    channels = "".join(
        f"<channel><label>{escape(label)}</label><unit>{escape(unit)}</unit>"
        f"<type>{escape(kind)}</type></channel>"
        for label, unit, kind in zip(stream.ch_names, units, types, strict=False)
    )
    return (
        f"<channels>{channels}</channels><reference>{escape(stream.reference)}</reference>"
        f"<acquisition><manufacturer>{escape(stream.manufacturer)}</manufacturer>"
        f"<model>{escape(stream.model)}</model></acquisition>"
    )


def _footer(stream: XdfStream) -> str:
    n_samples = len(stream.stamps)
    first, last = (stream.stamps[0], stream.stamps[-1]) if n_samples else (0.0, 0.0)
    return (
        f"<?xml version='1.0'?><info><first_timestamp>{first}</first_timestamp>"
        f"<last_timestamp>{last}</last_timestamp><sample_count>{n_samples}</sample_count></info>"
    )
