"""The description of a stream, in a file or on the network; nothing in it is trusted.

The fields are those of LSL's stream header. The description follows the XDF metadata convention
(https://github.com/sccn/xdf/wiki/EEG-Meta-Data), and also what recorders write instead.
"""

import math
import re
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np

from bci_online.acquisition.stream_texts import clean

__all__ = ["FASTEST", "MOST_CHANNELS", "SAMPLE_TYPES", "StreamHeader", "parse_header"]

SAMPLE_TYPES = {
    "int8": np.int8,
    "int16": np.int16,
    "int32": np.int32,
    "int64": np.int64,
    "float32": np.float32,
    "double64": np.float64,
}

FASTEST = 100_000.0
"""The highest sampling rate that a stream of ours may state, in Hz."""
# A header beyond these is damaged, or made to fill the memory.
MOST_CHANNELS = 10_000
LONGEST_XML = 1 << 24
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class StreamHeader:
    """One stream of a file or of the network.

    Parameters
    ----------
    number : int
        Counts the streams of a file from 1.
    name, type, source_id : str
        How the stream is announced.
    n_channels : int
        Values of each sample.
    sfreq : float
        Nominal rate in Hz; 0 for an irregular stream.
    format : str
        How samples are stored, such as ``float32``.
    description : xml.etree.ElementTree.Element
        Channels, reference, amplifier.
    whole : bool
        Whether the description was read; False: it is damaged.
    hostname : str
        Computer that sends it; empty where it is not stated.

    See Also
    --------
    parse_header : Reads it.
    bci_online.acquisition.channel_description.stream_spec : What of it the chain needs.

    Examples
    --------
    >>> description = ElementTree.Element("desc")
    >>> header = StreamHeader(1, "amp", "EEG", "", 8, 250.0, "float32", description, whole=True)
    >>> header.describe(n_samples=500)
    "#1 'amp' (type 'EEG', 8 ch float32, 250 Hz, 500 samples)"
    """

    number: int
    name: str
    type: str
    source_id: str
    n_channels: int
    sfreq: float
    format: str
    description: ElementTree.Element
    whole: bool
    hostname: str = ""

    def describe(self, n_samples: int) -> str:
        """Return a line for a person who must choose among streams."""
        rate = f"{self.sfreq:g} Hz" if self.sfreq else "irregular"
        source = f", source_id {self.source_id!r}" if self.source_id else ""
        host = f", on {self.hostname!r}" if self.hostname else ""
        return (
            f"#{self.number} {self.name!r} (type {self.type!r}, {self.n_channels} ch "
            f"{self.format}, {rate}, {n_samples} samples{source}{host})"
        )


def parse_header(xml: bytes, number: int) -> StreamHeader:
    """Read a stream header. A damaged description is left out; ``whole`` is then False.

    Parameters
    ----------
    xml : bytes
        As LSL and XDF have it.
    number : int
        Place of the stream in its file, from 1.

    Returns
    -------
    header : StreamHeader
        Texts are cleaned.

    Raises
    ------
    ValueError
        If it is not XML, or a field that decides how samples are stored is impossible.

    See Also
    --------
    bci_online.acquisition.channel_description.stream_spec : What of it the chain needs.

    Examples
    --------
    >>> xml = b"<info><name>amp</name><channel_count>0</channel_count></info>"
    >>> parse_header(xml, 1)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: channel_count=0, channel_format='' is impossible
    """
    if len(xml) > LONGEST_XML:
        raise ValueError(f"it has {len(xml)} bytes, at most {LONGEST_XML} are read")
    text = _NOT_XML.sub("", xml.decode("utf-8", "replace"))
    whole = True
    try:
        info = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        whole = False
        try:
            info = ElementTree.fromstring(text.partition("<desc")[0] + "</info>")
        except ElementTree.ParseError as error:
            raise ValueError(f"it is not XML: {error}") from None
    n_channels = int(info.findtext("channel_count") or "")
    format_ = clean(info.findtext("channel_format"))
    if not 1 <= n_channels <= MOST_CHANNELS or format_ not in {*SAMPLE_TYPES, "string"}:
        raise ValueError(f"channel_count={n_channels}, channel_format={format_!r} is impossible")
    sfreq = float(info.findtext("nominal_srate") or 0)
    description = info.find("desc")
    return StreamHeader(
        number=number,
        name=clean(info.findtext("name")),
        type=clean(info.findtext("type")),
        source_id=clean(info.findtext("source_id")),
        n_channels=n_channels,
        sfreq=sfreq if math.isfinite(sfreq) and sfreq > 0 else 0.0,
        format=format_,
        description=ElementTree.Element("desc") if description is None else description,
        whole=whole,
        hostname=clean(info.findtext("hostname")),
    )
