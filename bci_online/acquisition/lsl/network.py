"""Which streams the network has, and which of them are meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bci_online.acquisition.lsl.liblsl import liblsl
from bci_online.acquisition.stream_header import StreamHeader, clean, parse_header
from bci_online.acquisition.xdf.streams import FASTEST, OWN_TYPES
from bci_online.config import EegStream, MarkerStream
from bci_online.errors import BciError
from bci_online.messages import EEG, MARKERS

__all__ = [
    "NetworkStream",
    "Resolver",
    "choose_eeg",
    "choose_markers",
    "describe",
    "explain_no_eeg",
    "keys_of",
    "returned",
]

# A stream that did not answer for so long is no longer there.
FORGET_AFTER = 5.0
MOST_LISTED = 10


@dataclass(frozen=True)
class NetworkStream:
    """A stream as its outlet announces it: without its description.

    ``uid`` is another one each time that the stream is started; ``info`` is what liblsl connects
    with.
    """

    header: StreamHeader
    host: str
    uid: str
    info: Any

    def describe(self) -> str:
        """Return a line for a person who has to choose among streams."""
        header = self.header
        rate = f"{header.sfreq:g} Hz" if header.sfreq else "irregular"
        return (
            f"{header.name!r} (type {header.type!r}, {header.n_channels} ch {header.format}, "
            f"{rate}, on {self.host!r}, source_id {header.source_id!r})"
        )


def describe(streams: Sequence[NetworkStream]) -> str:
    """Return one line for `streams`; not more than a person would read."""
    if not streams:
        return "no streams at all"
    more = f", and {len(streams) - MOST_LISTED} more" if len(streams) > MOST_LISTED else ""
    return ", ".join(stream.describe() for stream in streams[:MOST_LISTED]) + more


class Resolver:
    """Asks the network for its streams, in a thread of liblsl, until it is closed."""

    def __init__(self) -> None:
        self._resolver = liblsl().ContinuousResolver(forget_after=FORGET_AFTER)

    def streams(self) -> list[NetworkStream]:
        """Return the streams that have answered so far, the oldest first."""
        if self._resolver is None:
            return []
        infos = sorted(self._resolver.results(), key=lambda info: float(info.created_at()))
        found = []
        for number, info in enumerate(infos, start=1):
            try:
                header = parse_header(info.as_xml().encode(), number)
            except ValueError:
                # A stream that no one can read is none.
                continue
            found.append(NetworkStream(header, clean(info.hostname()), info.uid(), info))
        return found

    def close(self) -> None:
        """Ask no more."""
        self._resolver = None


def choose_eeg(streams: Sequence[NetworkStream], eeg: EegStream) -> NetworkStream | None:
    """Return the one stream that is meant and can be used; None if it is not there.

    Raises
    ------
    BciError
        If there are several.
    """
    if eeg.name:
        found = _named(streams, eeg.name)
    else:
        found = [s for s in streams if s.header.type.casefold() == eeg.type.casefold()]
    usable = [stream for stream in found if not _flaw(stream.header)]
    if len(usable) > 1:
        raise BciError(
            f"{len(usable)} streams on the network could be the EEG: {describe(usable)}; stop all "
            "but one, or set eeg.name in the configuration to one's name or source_id"
        )
    return usable[0] if usable else None


def explain_no_eeg(streams: Sequence[NetworkStream], eeg: EegStream, waited: float) -> str:
    """Return what to tell a person whose EEG stream was not found."""
    wanted = f"stream {eeg.name!r}" if eeg.name else f"stream of type {eeg.type!r}"
    named = _named(streams, eeg.name) if eeg.name else []
    flaws = "".join(f" ({s.header.name!r} {_flaw(s.header)})" for s in named)
    return (
        f"no usable EEG {wanted} on the network within {waited:g} s{flaws}, but "
        f"{describe(streams)}; start the amplifier's LSL stream, or set eeg.name or eeg.type in "
        "the configuration"
    )


def _named(streams: Sequence[NetworkStream], name: str) -> list[NetworkStream]:
    return [s for s in streams if s.header.name == name] or [
        s for s in streams if s.header.source_id == name
    ]


def _flaw(header: StreamHeader) -> str:
    """Return why a stream cannot be the EEG; empty if it can."""
    if header.format == "string":
        return "is text, not numbers"
    if not 0 < header.sfreq <= FASTEST:
        return f"has a nominal rate of {header.sfreq:g} Hz where a regular one is needed"
    return ""


def choose_markers(
    streams: Sequence[NetworkStream], markers: MarkerStream, eeg: NetworkStream
) -> tuple[list[NetworkStream], list[str]]:
    """Return the marker streams, those named or all that look like it, and the missing names."""
    chosen: list[NetworkStream] = []
    missing = []
    for name in dict.fromkeys(markers.names):
        found = _named(streams, name)
        chosen += [stream for stream in found if stream not in chosen]
        missing += [] if found else [name]
    if not markers.names:
        types = {type_.casefold() for type_ in markers.types}
        for stream in streams:
            type_ = stream.header.type.casefold()
            text = stream.header.format == "string" and type_ not in OWN_TYPES
            if stream.uid != eeg.uid and (text or type_ in types):
                chosen.append(stream)
    return chosen, missing


def keys_of(markers: Sequence[NetworkStream]) -> list[str]:
    """Return a different stream key for each marker stream."""
    if len(markers) == 1:
        return [MARKERS]
    keys: list[str] = []
    for number, stream in enumerate(markers, start=1):
        key = stream.header.name or MARKERS
        keys.append(key if key not in keys and key != EEG else f"{key}#{number}")
    return keys


def returned(streams: Sequence[NetworkStream], lost: NetworkStream) -> NetworkStream | None:
    """Return the newest stream that is `lost` started anew (or still there); None if none is.

    It has the same name, type and source_id, or host where it has no source_id: a stream that has
    only the same name may belong to somebody else.
    """

    def identity(stream: NetworkStream) -> tuple[str, str, str]:
        header = stream.header
        return header.name, header.type, header.source_id or f"host {stream.host}"

    found = [stream for stream in streams if identity(stream) == identity(lost)]
    return found[-1] if found else None
