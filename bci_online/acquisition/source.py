"""The interfaces of acquisition: where readings come from, and where markers go to."""

from typing import Protocol

from bci_online.input_findings import InputFinding
from bci_online.messages import Marker, Reading, StreamSpec

__all__ = ["DescribedSource", "MarkerSink", "NotedSource", "Readings", "RecordedSource", "Source"]


class Readings(Protocol):
    """Readings, one after the other: all that decoding needs of a source.

    See Also
    --------
    Source : Has a description, and is opened and closed.
    """

    def read(self, timeout: float = 0.0) -> Reading | None:
        """Return what has arrived, waiting at most `timeout` seconds for it.

        Returns
        -------
        reading : Reading or None
            An empty reading if nothing has arrived yet; None once the recording is over, also in
            every later call.

        Raises
        ------
        SourceLostError
            If a live stream ended.

        Notes
        -----
        No sample is delivered before the first clock offset of its stream. Samples are in the unit
        and in the order of channels of the stream's description. Arrays are read-only and never
        change.
        """
        ...


class Source(Readings, Protocol):
    """A source of EEG and markers: the LSL network, a recording, a simulator.

    See Also
    --------
    bci_online.acquisition.xdf.source.XdfSource : A recording.
    bci_online.acquisition.lsl.source.LslSource : Streams of the network.
    bci_online.acquisition.simulator.SimulatedAmplifier : A simulated subject.
    """

    @property
    def spec(self) -> StreamSpec:
        """Description of the EEG stream; known after `open`."""
        ...

    def open(self) -> None:
        """Connect; a second call does nothing.

        Raises
        ------
        BciError
            If there is nothing to connect to.
        """
        ...

    def close(self) -> None:
        """Release everything; more calls, and a call without `open`, do nothing."""
        ...


class DescribedSource(Source, Protocol):
    """A source that says what is wrong with its streams.

    See Also
    --------
    NotedSource : Knows faults of the file, too.
    """

    @property
    def findings(self) -> tuple[InputFinding, ...]:
        """What is wrong with its streams, in the order of the cost; known after `open`."""
        ...


class NotedSource(DescribedSource, Protocol):
    """A source that says what is wrong with its file, too.

    See Also
    --------
    RecordedSource : Its length is known, too.
    """

    @property
    def notes(self) -> tuple[str, ...]:
        """Faults of the file, one line each; known after `open`."""
        ...


class RecordedSource(NotedSource, Protocol):
    """A source whose end is known before it is read.

    See Also
    --------
    bci_online.acquisition.xdf.source.XdfSource : The recording that all programs read.
    """

    @property
    def duration_s(self) -> float:
        """Seconds from the first sample to the end of the last one; known after `open`."""
        ...

    @property
    def load_s(self) -> float:
        """Seconds that `open` took."""
        ...


class MarkerSink(Protocol):
    """A receiver of markers: an LSL outlet, the simulator, or nothing in a replay.

    See Also
    --------
    bci_online.acquisition.simulator.SimulatedAmplifier : A sink that answers the markers.
    """

    def mark(self, marker: Marker) -> None:
        """Pass `marker` on; its time is raw, in the sink's own clock."""
        ...
