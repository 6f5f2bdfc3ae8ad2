"""Streams that were found, on the network or in a recording, and how a person reads of them."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from bci_online.acquisition.stream_header import StreamHeader
from bci_online.messages import EEG, MARKERS

__all__ = ["NETWORK", "RECORDING", "Place", "Stream", "describe", "keys_of"]

MOST_LISTED = 10


class Stream(Protocol):
    """A stream of the network or of a recording.

    See Also
    --------
    bci_online.acquisition.stream_choice.choose_eeg : Chooses one of them.
    """

    @property
    def header(self) -> StreamHeader:
        """Name, type, source_id, number of channels, format and nominal rate."""
        ...

    @property
    def number(self) -> int | None:
        """Its place among the streams of a file, from 1; None where streams have no order."""
        ...

    @property
    def n_samples(self) -> int | None:
        """How many samples it has; None if they have not arrived yet."""
        ...

    def describe(self) -> str:
        """Return a line for a person who has to choose among streams."""
        ...


class Place(NamedTuple):
    """Where streams are looked for, and what a person can do there about none or several.

    Parameters
    ----------
    where : str
        Follows "streams" in the error: " on the network", or nothing for a file.
    if_none, if_several : str
        What a person can do if there is no stream, or more than one.

    See Also
    --------
    bci_online.acquisition.stream_choice.choose_eeg : Uses these words in its error.
    """

    where: str
    if_none: str
    if_several: str


NETWORK = Place(
    " on the network",
    "start the amplifier's LSL stream, or set eeg.name or eeg.type in the configuration",
    "stop all but one, or set eeg.name in the configuration to one's name or source_id, or "
    "eeg.hostname to its computer",
)

RECORDING = Place(
    "",
    "set eeg.name or eeg.type in the configuration",
    'set eeg.name in the configuration to one\'s name, source_id or number (like eeg.name = "#2")',
)


def describe(streams: Sequence[Stream]) -> str:
    """Return one line for `streams`; not more than a person would read.

    Parameters
    ----------
    streams : sequence of Stream
        Those to describe.

    Returns
    -------
    line : str
        The first few, and how many more there are.

    See Also
    --------
    bci_online.acquisition.stream_choice.explain_no_eeg : Lists streams so.

    Examples
    --------
    >>> describe([])
    'no streams'
    """
    if not streams:
        return "no streams"
    more = f", and {len(streams) - MOST_LISTED} more" if len(streams) > MOST_LISTED else ""
    return ", ".join(stream.describe() for stream in streams[:MOST_LISTED]) + more


def keys_of(markers: Sequence[Stream]) -> list[str]:
    """Return a different stream key for each marker stream: its name, numbered where it must be.

    The only marker stream has the key that all have: ``markers``.

    Parameters
    ----------
    markers : sequence of Stream
        As `bci_online.acquisition.stream_choice.choose_markers` returns them.

    Returns
    -------
    keys : list of str
        In the same order; `Marker.stream` and `ClockOffset.stream` have them.

    See Also
    --------
    bci_online.acquisition.stream_choice.choose_markers : Chooses the streams.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> named = [SimpleNamespace(header=SimpleNamespace(name=name), number=None) for name in "aba"]
    >>> keys_of(named[:1]), keys_of(named)
    (['markers'], ['a', 'b', 'a#3'])
    """
    if len(markers) == 1:
        return [MARKERS]
    keys: list[str] = []
    for place, stream in enumerate(markers, start=1):
        key = stream.header.name or MARKERS
        is_own = key not in keys and key != EEG
        keys.append(key if is_own else f"{key}#{stream.number or place}")
    return keys
