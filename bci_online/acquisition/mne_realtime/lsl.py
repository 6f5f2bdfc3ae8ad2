"""mne-realtime's LSLClient as a source."""

import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.lsl import Connection, find_stream
from bci_online.acquisition.mne_realtime.client_stream import (
    ClientStream,
    Unit,
    opened,
    quiet_mne_realtime,
)
from bci_online.acquisition.stream_header import SAMPLE_TYPES, StreamHeader, stream_spec
from bci_online.errors import BciError, SourceLostError
from bci_online.messages import Reading, StreamSpec

__all__ = ["LslClientSource"]

POLL = 0.002
PATIENCE = 5.0
# What a stream may call a channel, and what MNE calls that; all others are "misc".
MNE_TYPES = {
    **{kind: kind for kind in ("eeg", "eog", "ecg", "emg", "bio", "seeg", "ecog", "dbs", "stim")},
    **dict.fromkeys(("trig", "trigger", "markers", "status"), "stim"),
}


class LslClientSource:
    """A stream of the network, read by mne-realtime's `LSLClient`.

    Parameters
    ----------
    source_id : str
        Of the stream.
    stim_channel : str
        The channel whose new values other than 0 are markers; empty for the one that MNE would
        take. Channels of type stim, trigger or status are stim.
    resolve_timeout : float
        Seconds that `open` waits for the stream.
    buffer_size : int
        The most samples in a reading.

    Raises
    ------
    BciError
        When opened, if the stream is not there or does not answer.
    ValueError
        When opened, if it is text, has no rate, no channel in volts or no such stim channel.
    SourceLostError
        When read, if the stream ended.

    Notes
    -----
    The client throws the time stamps away, and what was lost with them: the clock is the sample
    counter. `bci_online.acquisition.lsl.LslSource` reads the same streams with their times; this
    one is for comparison with mne-realtime.
    """

    def __init__(
        self,
        source_id: str,
        *,
        stim_channel: str = "",
        resolve_timeout: float = 5.0,
        buffer_size: int = 1000,
    ) -> None:
        if buffer_size < 1:
            raise ValueError(f"buffer_size={buffer_size} must be at least 1 sample")
        self._source_id, self._stim_channel = source_id, stim_channel
        self._resolve_timeout, self._buffer_size = resolve_timeout, buffer_size
        self._stream: ClientStream | None = None
        self._connection: Connection | None = None
        self._buffers: Iterator[NDArray[Any]] = iter(())
        self._factors: NDArray[np.float64] | None = None
        self._n_read = 0

    @property
    def spec(self) -> StreamSpec:
        """What the stream says of itself; known after `open`."""
        return opened(self._stream).spec

    def open(self) -> None:
        """Let the client connect."""
        if self._connection is not None:
            return
        found = find_stream(self._source_id, self._resolve_timeout)
        connection = Connection(found)
        try:
            connection.establish(PATIENCE, lambda: False)
            self._start(connection)
        except ConnectionError as error:
            raise BciError(f"cannot connect to {found.describe()}: {error}") from None
        finally:
            if self._connection is None:
                connection.close()

    def read(self, timeout: float = 0.0) -> Reading | None:
        """Return what has come, waiting at most `timeout` seconds for it; None after `close`."""
        stream = opened(self._stream)
        if self._connection is None:
            return None
        until = time.monotonic() + timeout
        # The client's iterator never waits, and ends only when it has raised.
        buffer = self._next_buffer()
        while not buffer.size and time.monotonic() < until:
            time.sleep(POLL)
            buffer = self._next_buffer()
        if self._factors is not None:
            buffer = buffer * self._factors[:, None]
        reading = stream.reading(buffer, self._n_read)
        self._n_read += buffer.shape[1]
        return reading

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection, self._buffers = None, iter(())

    def _next_buffer(self) -> NDArray[Any]:
        """Return the client's next buffer (n_channels, n_times)."""
        reason = "it hung up"
        try:
            for buffer in self._buffers:
                return buffer
        except ConnectionError as error:
            reason = str(error)
        raise SourceLostError(f"the stream {self._source_id!r} is lost: {reason}")

    def _start(self, connection: Connection) -> None:
        header = connection.header
        if header.format == "string" or not header.sfreq:
            raise ValueError(f"{header.name!r} is not a stream of numbers at a regular rate")
        with quiet_mne_realtime() as mne_realtime:
            info, spec, self._factors = _info(header)
            client = _client_class(mne_realtime)(connection, info, self._buffer_size)
            client.start()
            unit: Unit = "microvolts" if spec.unit == "microvolts" else "unknown"
            stream = ClientStream(info, "LSLClient", unit, self._stim_channel)
        self._stream, self._connection, self._n_read = stream, connection, 0
        self._buffers = client.iter_raw_buffers()


def _info(header: StreamHeader) -> tuple[Any, StreamSpec, NDArray[np.float64] | None]:
    """Return an mne.Info; the client's own asks for names and types that MNE knows."""
    from mne import create_info

    spec, factors = stream_spec(header)
    types = [MNE_TYPES.get(kind.lower(), "misc") for kind in spec.ch_types]
    return create_info(list(spec.ch_names), spec.sfreq, types), spec, factors


class _Inlet:
    """What the client takes for a pylsl.StreamInlet: a connection that stands."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def pull_chunk(self, max_samples: int, dest_obj: NDArray[Any]) -> tuple[None, list[float]]:
        return None, self._connection.pull(dest_obj[:max_samples], 0.0)

    def close_stream(self) -> None:
        self._connection.close()


def _client_class(mne_realtime: ModuleType) -> type:
    """Return mne-realtime's client without its calls into pylsl.

    Its own ``_connect`` needs ``pylsl.pylsl``, which pylsl 1.17 did away with, prints, and takes
    an inlet that goes over to another stream without a word. Everything else is the client's.
    """
    base: Any = mne_realtime.LSLClient

    class ConnectedClient(base):
        """An `LSLClient` that is given its connection."""

        def __init__(self, connection: Connection, info: Any, buffer_size: int) -> None:
            super().__init__(
                info, host=connection.header.source_id, buffer_size=buffer_size, verbose="ERROR"
            )
            self._connection = connection

        def _connect(self) -> Any:
            header = self._connection.header
            self.client = _Inlet(self._connection)
            self.buffer = np.empty(
                (self.buffer_size, header.n_channels), SAMPLE_TYPES[header.format]
            )
            return self

    return ConnectedClient
