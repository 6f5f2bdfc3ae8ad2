"""What a file of another format holds: samples, events, and where time jumps."""

from typing import Any, NamedTuple
from xml.etree import ElementTree

import numpy as np

from bci_online.acquisition.other_formats.raw_rows import ColumnRows
from bci_online.acquisition.stream_header import StreamHeader
from bci_online.acquisition.stream_texts import clean
from bci_online.acquisition.xdf.chunks import Contents

__all__ = ["Channel", "Converted", "streams_from"]

EEG_ID, EVENTS_ID, FIRST_LINE_ID = 1, 2, 3
BREAK_S = 2.0
"""So many seconds the stamps jump where a file says that samples are missing."""


class Channel(NamedTuple):
    """One channel of a file.

    Parameters
    ----------
    name, type, unit : str
        As a stream would describe it; an unknown unit is empty.

    See Also
    --------
    Converted : Has them.

    Examples
    --------
    >>> Channel("Cz", unit="microvolts").type
    'EEG'
    """

    name: str
    type: str = "EEG"
    unit: str = ""


class Converted(NamedTuple):
    """A recording of another format.

    Parameters
    ----------
    sfreq : float
        In Hz.
    channels : sequence of Channel
        In the order of the columns of `data`.
    data : array_like, shape (n_samples, n_channels)
        Voltages in microvolts; what has another unit as it is. A slice of it is an array.
    events : list of (float, str)
        Seconds from the first sample, and the text.
    lines : tuple of int
        Columns that hold triggers and are read as marker streams.
    breaks : tuple of int
        Samples before which others are missing.
    notes : tuple of str
        What is odd about the file.

    See Also
    --------
    streams_from : Makes streams of it.

    Examples
    --------
    >>> Converted(100.0, [Channel("Cz")], np.zeros((50, 1)), [(0.1, "1")]).breaks
    ()
    """

    sfreq: float
    channels: list[Channel]
    data: Any
    events: list[tuple[float, str]]
    lines: tuple[int, ...] = ()
    breaks: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


def streams_from(name: str, found: Converted) -> tuple[Contents, dict[int, dict[str, Any]]]:
    """Return a recording as the streams that it would have in an XDF file.

    Parameters
    ----------
    name : str
        What the EEG stream is called.
    found : Converted
        The recording.

    Returns
    -------
    contents : Contents
        The headers: the EEG is the first stream, ``events`` the second, and each line of triggers
        one more, with the name of its channel.
    loaded : dict of int to dict
        The streams, as pyxdf loads them; times begin at 0.

    See Also
    --------
    bci_online.acquisition.xdf.tape_source.TapeSource : Plays them.

    Examples
    --------
    Where samples are missing, time jumps, and events behind it with it:

    >>> data = np.zeros((4, 1))
    >>> recording = Converted(2.0, [Channel("Cz")], data, [(0.5, "a"), (1.5, "b")], breaks=(2,))
    >>> contents, loaded = streams_from("run", recording)
    >>> loaded[1]["time_stamps"].tolist(), loaded[2]["time_stamps"]
    ([0.0, 0.5, 3.0, 3.5], [0.5, 3.5])
    """
    numbers = np.arange(len(found.data))
    breaks = sorted({sample for sample in found.breaks if 0 < sample < len(numbers)})
    stamps = numbers / found.sfreq + BREAK_S * np.searchsorted(breaks, numbers, "right")
    contents = Contents(notes=[*found.notes])
    if breaks:
        places = f"{len(breaks)} place{'s' * (len(breaks) > 1)}"
        contents.notes.append(
            f"samples are missing at {places}: time jumps by {BREAK_S:g} s at each, so that no "
            "epoch lies across it"
        )
    contents.headers[EEG_ID] = _header(EEG_ID, name, "EEG", found.sfreq, found.channels)
    loaded = {EEG_ID: _stream(found.data, stamps)}
    if found.events:
        contents.headers[EVENTS_ID] = _header(EVENTS_ID, "events", "Markers", 0.0, [Channel("")])
        loaded[EVENTS_ID] = _stream(
            [[text] for _, text in found.events],
            [
                at + BREAK_S * int(np.searchsorted(breaks, round(at * found.sfreq), "right"))
                for at, _ in found.events
            ],
        )
    for id_, column in enumerate(found.lines, start=FIRST_LINE_ID):
        line = found.channels[column]
        contents.headers[id_] = _header(id_, line.name, "Markers", found.sfreq, [line])
        loaded[id_] = _stream(ColumnRows(found.data, column), stamps)
    contents.n_samples |= {id_: len(stream["time_series"]) for id_, stream in loaded.items()}
    return contents, loaded


def _stream(series: Any, stamps: Any) -> dict[str, Any]:
    return {"time_series": series, "time_stamps": stamps, "clock_times": [], "clock_values": []}


def _header(
    number: int, name: str, type_: str, sfreq: float, channels: list[Channel]
) -> StreamHeader:
    description = ElementTree.Element("desc")
    described = ElementTree.SubElement(description, "channels")
    for channel in channels:
        element = ElementTree.SubElement(described, "channel")
        for field, text in zip(("label", "type", "unit"), channel, strict=True):
            ElementTree.SubElement(element, field).text = clean(text, 200)
    return StreamHeader(
        number=number,
        name=clean(name),
        type=type_,
        source_id="",
        n_channels=len(channels),
        sfreq=sfreq,
        format="string" if name == "events" and not sfreq else "double64",
        description=description,
        whole=True,
    )
