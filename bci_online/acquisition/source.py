"""The doors of acquisition: where readings come from, and where markers go to."""

from typing import Protocol

from bci_online.messages import Marker, Reading, StreamSpec

__all__ = ["MarkerSink", "RecordedSource", "Source"]


class Source(Protocol):
    """Something that delivers EEG and markers: an LSL network, a recording, a simulator."""

    @property
    def spec(self) -> StreamSpec:
        """What the EEG stream says of itself; known after `open`."""
        ...

    def open(self) -> None:
        """Connect. Raises `BciError` where there is nothing to connect to; twice is harmless."""
        ...

    def read(self, timeout: float = 0.0) -> Reading | None:
        """Return what has come, waiting at most `timeout` seconds for it.

        Returns
        -------
        reading : Reading or None
            An empty reading where nothing has come yet; None once the recording is over, and
            ever after.

        Raises
        ------
        SourceLostError
            If a live stream ended.

        Notes
        -----
        No sample is delivered before the first clock offset of its stream. A chunk's samples are
        in the unit of ``spec.unit`` and in the order of ``spec.ch_names``; its arrays are
        read-only and stay as they are.
        """
        ...

    def close(self) -> None:
        """Let go of everything; twice is harmless, and so is never having opened."""
        ...


class RecordedSource(Source, Protocol):
    """A source whose end is known before it is read."""

    @property
    def duration_s(self) -> float:
        """Seconds from the first sample to the end of the last one; known after `open`."""
        ...

    @property
    def load_s(self) -> float:
        """Seconds that `open` took."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """Faults of the file, one line each; known after `open`."""
        ...


class MarkerSink(Protocol):
    """Something that takes markers: an LSL outlet, the simulator, or nothing in a replay."""

    def mark(self, marker: Marker) -> None:
        """Give `marker` on; its time is raw, in the sink's own clock."""
        ...
