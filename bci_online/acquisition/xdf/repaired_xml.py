"""The XML of a repaired stream: what is right stays, the rest is written again."""

import re
from collections.abc import Sequence
from contextlib import suppress
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.stream_header import StreamHeader

__all__ = ["footer_xml", "header_xml", "is_readable", "name_of", "parsed_xml", "stated_samples"]


def parsed_xml(xml: bytes) -> ElementTree.Element | None:
    """Return an XML text as other readers read it; None if they cannot.

    Parameters
    ----------
    xml : bytes
        Of a header or a footer.

    Returns
    -------
    info : Element or None
        Its root.

    See Also
    --------
    bci_online.acquisition.stream_header.parse_header : Reads damaged ones, too.

    Examples
    --------
    >>> parsed_xml(b"<info><name>amp</nam") is None
    True
    """
    try:
        return ElementTree.fromstring(xml.decode("utf-8", "replace"))
    except (ElementTree.ParseError, ValueError):
        return None


def stated_samples(footer: bytes) -> int | None:
    """Return the number of samples that a footer states.

    Parameters
    ----------
    footer : bytes
        XML, perhaps damaged.

    Returns
    -------
    n : int or None
        None where it states none.

    See Also
    --------
    footer_xml : Writes a footer.

    Examples
    --------
    >>> stated_samples(b"<info><sample_count>12</sample_count></info>")
    12
    """
    info = parsed_xml(footer)
    text = "" if info is None else info.findtext("sample_count") or ""
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else None


def footer_xml(stamps: NDArray[np.float64], offsets: Sequence[tuple[float, float]]) -> bytes:
    """Return the footer of a stream.

    Parameters
    ----------
    stamps : ndarray, shape (n,)
        Raw stamps of its samples in seconds.
    offsets : sequence of (float, float)
        Time and value of each clock offset in seconds.

    Returns
    -------
    footer : bytes
        XML.

    See Also
    --------
    header_xml : The header.

    Examples
    --------
    >>> stated_samples(footer_xml(np.array([1.0, 1.5]), []))
    2
    """
    first, last = (stamps[0], stamps[-1]) if stamps.size else (0.0, 0.0)
    measured = "".join(
        f"<offset><time>{time!r}</time><value>{value!r}</value></offset>" for time, value in offsets
    )
    return (
        f"<?xml version='1.0'?><info><first_timestamp>{first}</first_timestamp>"
        f"<last_timestamp>{last}</last_timestamp><sample_count>{stamps.size}</sample_count>"
        f"<clock_offsets>{measured}</clock_offsets></info>"
    ).encode()


def is_readable(xml: bytes, header: StreamHeader) -> bool:
    """Return whether other readers can read a header, and read the same.

    Parameters
    ----------
    xml : bytes
        The header as it stands in the file.
    header : StreamHeader
        As it was read.

    Returns
    -------
    answer : bool
        Whether it may stay as it is.

    See Also
    --------
    header_xml : Writes one that may.

    Examples
    --------
    >>> from bci_online.acquisition.stream_header import parse_header
    >>> known = b"<channel_count>1</channel_count><channel_format>string</channel_format>"
    >>> header = parse_header(b"<info>" + known + b"</info>", 7)
    >>> is_readable(b"<info>" + known, header), is_readable(header_xml(7, header), header)
    (False, True)
    """
    info = parsed_xml(xml)
    rate = "" if info is None else info.findtext("nominal_srate") or ""
    has_both = info is not None and info.findtext("name") and rate
    return bool(has_both) and float(rate) == header.sfreq


def name_of(id_: int, header: StreamHeader) -> str:
    """Return the name of a stream, or one made of its id where it has lost its own.

    Parameters
    ----------
    id_ : int
        Of its chunks.
    header : StreamHeader
        Its header.

    Returns
    -------
    name : str
        Not empty.

    See Also
    --------
    header_xml : Has this name.

    Examples
    --------
    >>> from bci_online.acquisition.stream_header import parse_header
    >>> known = b"<channel_count>1</channel_count><channel_format>string</channel_format>"
    >>> name_of(7, parse_header(b"<info>" + known + b"</info>", 7))
    'stream 7'
    """
    return header.name or f"stream {id_}"


def header_xml(id_: int, header: StreamHeader) -> bytes:
    """Return the header of a stream.

    Parameters
    ----------
    id_ : int
        Of its chunks.
    header : StreamHeader
        What is known of it.

    Returns
    -------
    header : bytes
        XML.

    See Also
    --------
    bci_online.acquisition.stream_header.parse_header : Reads it.

    Examples
    --------
    >>> from bci_online.acquisition.stream_header import parse_header
    >>> known = b"<channel_count>1</channel_count><channel_format>string</channel_format>"
    >>> header = parse_header(b"<info>" + known + b"</info>", 7)
    >>> parse_header(header_xml(7, header), 7).name
    'stream 7'
    """
    description = ""
    # One that is nested so deeply is made to break its readers.
    with suppress(RecursionError):
        description = ElementTree.tostring(header.description, "unicode")
    return (
        f"<?xml version='1.0'?><info><name>{escape(name_of(id_, header))}</name>"
        f"<type>{escape(header.type)}</type><channel_count>{header.n_channels}</channel_count>"
        f"<nominal_srate>{header.sfreq!r}</nominal_srate>"
        f"<channel_format>{header.format}</channel_format>"
        f"<source_id>{escape(header.source_id)}</source_id>{description}</info>"
    ).encode()
