"""What is left of the streams of a cut or damaged file."""

import math
import struct
from collections import defaultdict
from collections.abc import Iterator
from typing import BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.stream_header import StreamHeader, parse_header
from bci_online.acquisition.xdf.chunks import FOOTER, HEADER, OFFSET, SAMPLES, Contents, Piece
from bci_online.acquisition.xdf.repaired_xml import (
    footer_xml,
    header_xml,
    is_readable,
    name_of,
    stated_samples,
)
from bci_online.acquisition.xdf.sample_rows import stamps_of
from bci_online.acquisition.xdf.samples import text_length, varlen
from bci_online.acquisition.xdf.texts import texts_of

__all__ = ["LostSpan", "Remains", "RepairedStream"]

TEXT_HEADER = (
    b"<info><channel_count>1</channel_count><channel_format>string</channel_format></info>"
)
# A stamp or a rate that says more is damaged.
MOST_LOST = 1 << 53


class LostSpan(msgspec.Struct, frozen=True):
    """Where samples of a stream are missing.

    Parameters
    ----------
    after : float
        Raw stamp of the last sample before, in seconds.
    seconds : float
        To the next sample that is there.
    samples : int or None
        How many are missing; None for a stream without a rate.

    See Also
    --------
    RepairedStream : Holds them.
    """

    after: float
    seconds: float
    samples: int | None


class RepairedStream(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of one stream.

    Parameters
    ----------
    id : int
        Of its chunks.
    name, type : str
        As its header says.
    samples : int
        How many were kept.
    stated : int or None
        How many there were, by its footer; None where that is missing.
    first, last : float or None
        Raw stamps of the first and the last sample; None without samples.
    lost : tuple of LostSpan
        Between samples that were kept.
    made : tuple of str
        ``header`` and ``footer``, where they were missing and follow from the samples.

    See Also
    --------
    bci_online.acquisition.xdf.repair.repair : Reports it.
    """

    id: int
    name: str
    type: str
    samples: int
    stated: int | None
    first: float | None
    last: float | None
    lost: tuple[LostSpan, ...] = ()
    made: tuple[str, ...] = ()


class Remains:
    """The streams of a file as far as they are sound, with headers and footers for all of them.

    A header or a footer that is missing is made where it follows from the samples.

    Parameters
    ----------
    file : BinaryIO
        An XDF file.
    contents : Contents
        As `scan` returns it; what is found to be damaged here is added.

    Attributes
    ----------
    streams : dict of int to RepairedStream
        By id.
    headers, footers : dict of int to bytes
        Their XML, by id.

    See Also
    --------
    bci_online.acquisition.xdf.repair.repair : Writes them.

    Examples
    --------
    >>> import io
    >>> Remains(io.BytesIO(b"XDF:"), Contents()).streams
    {}
    """

    def __init__(self, file: BinaryIO, contents: Contents) -> None:
        self._file, self._contents = file, contents
        self._take_texts()
        contents.n_dropped += sum(end - key[2] for key, (_, end) in contents.orphans.items())
        self._leave_out_offsets()
        self.streams: dict[int, RepairedStream] = {}
        self.headers: dict[int, bytes] = {}
        self.footers: dict[int, bytes] = {}
        pieces: dict[int, list[Piece]] = defaultdict(list)
        for piece in contents.pieces:
            pieces[piece.stream].append(piece)
        for id_, header in contents.headers.items():
            self._keep(id_, header, pieces[id_])

    def text(self, tag: int, id_: int) -> bytes:
        """Return the XML of a tag as it stands in the file; empty where it is missing."""
        place = self._contents.texts.get((tag, id_))
        return b"" if place is None else self._read(*place)

    def pieces(self) -> Iterator[tuple[Piece, bytes]]:
        """Yield each sound chunk with its content, in the order of the file."""
        for piece in self._contents.pieces:
            yield piece, self._read(piece.content, piece.end)

    def _read(self, start: int, end: int) -> bytes:
        self._file.seek(start)
        return self._file.read(end - start)

    def _take_texts(self) -> None:
        """Take streams without a header as text where every chunk of them reads so.

        How numbers are stored does not follow from the samples; that one text a sample is, does.
        """
        contents = self._contents
        orphans: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        for key in contents.orphans:
            orphans[key[1]].append(key)
        for stream, keys in orphans.items():
            kept = [piece for key in keys if (piece := self._as_text(key)) is not None]
            if len(kept) < len(keys) or not any(piece.n_samples for piece in kept):
                continue
            contents.headers[stream] = parse_header(TEXT_HEADER, len(contents.headers) + 1)
            contents.pieces += kept
            for key in keys:
                del contents.orphans[key]
        contents.pieces.sort()

    def _as_text(self, key: tuple[int, int, int]) -> Piece | None:
        (tag, stream, start), (content, end) = key, self._contents.orphans[key]
        if tag == OFFSET:
            return Piece(start, end, stream, tag, content, 0) if end - content == 16 else None
        body = self._read(content, end)
        number = varlen(body, 0)
        if number is None or text_length(body, *number, 1) != len(body) - number[0]:
            return None
        return Piece(start, end, stream, tag, content, number[1])

    def _leave_out_offsets(self) -> None:
        """Leave out offsets that are no numbers: other readers compute with them."""
        contents, kept = self._contents, []
        for piece in contents.pieces:
            if piece.tag == OFFSET and not all(map(math.isfinite, self._offset(piece))):
                contents.n_dropped += piece.end - piece.start
                contents.notes.append(f"a clock offset of stream {piece.stream} was left out")
            else:
                kept.append(piece)
        contents.pieces = kept

    def _offset(self, piece: Piece) -> tuple[float, float]:
        time, value = struct.unpack("<dd", self._read(piece.content, piece.end))
        return time, value

    def _keep(self, id_: int, header: StreamHeader, pieces: list[Piece]) -> None:
        """Keep a stream, and its own header and footer if they are right."""
        samples = [piece for piece in pieces if piece.tag == SAMPLES]
        if header.format == "string":
            stamps, _ = texts_of(self._file, header, samples)
        else:
            stamps = stamps_of(self._file, header, samples)
        old_header, old_footer = self.text(HEADER, id_), self.text(FOOTER, id_)
        stated = stated_samples(old_footer)
        offsets = [self._offset(piece) for piece in pieces if piece.tag == OFFSET]
        at = {n_samples.get(id_, 0) for n_samples in self._contents.damage}
        right = {"header": is_readable(old_header, header), "footer": stated == stamps.size}
        self.headers[id_] = old_header if right["header"] else header_xml(id_, header)
        self.footers[id_] = old_footer if right["footer"] else footer_xml(stamps, offsets)
        self.streams[id_] = RepairedStream(
            id=id_,
            name=name_of(id_, header),
            type=header.type,
            samples=stamps.size,
            stated=stated,
            first=float(stamps[0]) if stamps.size else None,
            last=float(stamps[-1]) if stamps.size else None,
            lost=tuple(_lost(stamps, header.sfreq, at)),
            made=tuple(name for name in right if not right[name]),
        )


def _lost(stamps: NDArray[np.float64], sfreq: float, at: set[int]) -> Iterator[LostSpan]:
    """Yield the spans that are missing before the samples `at`, where there is damage."""
    for place in sorted(at):
        if not 0 < place < stamps.size:
            continue
        before, after = float(stamps[place - 1]), float(stamps[place])
        seconds = after - before
        if not abs(seconds) * max(1.0, sfreq) < MOST_LOST:
            continue
        n_lost = round(seconds * sfreq) - 1
        if not sfreq or n_lost > 0:
            yield LostSpan(before, seconds, n_lost if sfreq else None)
