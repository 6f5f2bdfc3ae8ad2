"""Which streams the network has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from bci_online.acquisition.lsl.liblsl import liblsl
from bci_online.acquisition.stream_header import StreamHeader, parse_header
from bci_online.acquisition.stream_texts import clean

__all__ = ["NetworkStream", "Resolver", "returned"]

# A stream that did not answer for so long is no longer there.
FORGET_AFTER = 5.0


@dataclass(frozen=True)
class NetworkStream:
    """A stream as its outlet announces it: without its description.

    Parameters
    ----------
    header : StreamHeader
        How the stream is announced.
    host : str
        Computer that sends it.
    uid : str
        Another one each time that the stream is started.
    info : pylsl.StreamInfo
        What liblsl connects with.

    See Also
    --------
    Resolver : Finds streams.
    """

    header: StreamHeader
    host: str
    uid: str
    info: Any
    # Streams of the network have no order, and their samples have not arrived yet.
    number: ClassVar[None] = None
    n_samples: ClassVar[None] = None

    def describe(self) -> str:
        """Return a line for a person who has to choose among streams."""
        header = self.header
        rate = f"{header.sfreq:g} Hz" if header.sfreq else "irregular"
        return (
            f"{header.name!r} (type {header.type!r}, {header.n_channels} ch {header.format}, "
            f"{rate}, on {self.host!r}, source_id {header.source_id!r})"
        )


class Resolver:
    """Asks the network for its streams, in a thread of liblsl, until it is closed.

    Parameters
    ----------
    source_id : str
        Only streams with this one answer; empty: all streams.

    See Also
    --------
    bci_online.acquisition.lsl.search.find_stream : Waits for one of them.
    """

    def __init__(self, source_id: str = "") -> None:
        asked = {"prop": "source_id", "value": source_id} if source_id else {}
        self._resolver = liblsl().ContinuousResolver(**asked, forget_after=FORGET_AFTER)

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
                # A stream that cannot be read does not count.
                continue
            found.append(NetworkStream(header, clean(info.hostname()), info.uid(), info))
        return found

    def close(self) -> None:
        """Ask no more."""
        self._resolver = None


def returned(streams: Sequence[NetworkStream], lost: NetworkStream) -> NetworkStream | None:
    """Return the newest stream that is `lost`, restarted or still there; None if none is.

    It has the same name, type and source_id, or host where it has no source_id: a stream that has
    only the same name may belong to another computer.

    Parameters
    ----------
    streams : sequence of NetworkStream
        Those that are there.
    lost : NetworkStream
        The one that is missing.

    Returns
    -------
    stream : NetworkStream or None
        To connect with.

    See Also
    --------
    bci_online.acquisition.lsl.reconnection.Reconnection : Connects with it.
    """

    def identity(stream: NetworkStream) -> tuple[str, str, str]:
        header = stream.header
        return header.name, header.type, header.source_id or f"host {stream.host}"

    found = [stream for stream in streams if identity(stream) == identity(lost)]
    return found[-1] if found else None
