"""mne-realtime's MockRtClient as a source."""

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.mne_realtime.client_stream import (
    ClientStream,
    opened,
    quiet_mne_realtime,
)
from bci_online.messages import Reading, StreamSpec

__all__ = ["MockClientSource"]


class _Receiver:
    """What `MockRtClient.send_data` takes for an RtEpochs: it keeps the buffers."""

    def __init__(self) -> None:
        self.buffers: deque[NDArray[Any]] = deque()

    def _process_raw_buffer(self, buffer: NDArray[Any]) -> None:
        self.buffers.append(buffer)


class MockClientSource:
    """A recording in MNE's memory, sent by mne-realtime's `MockRtClient`.

    Parameters
    ----------
    raw : mne.io.Raw
        What is sent, from its first sample on.
    buffer_size : int
        Samples in each reading.
    stim_channel : str
        The channel whose new values other than 0 are the markers (text: the number); empty for
        the one that MNE would take.

    Raises
    ------
    ValueError
        When opened, if `raw` has no channel in volts, or no such stim channel.

    Notes
    -----
    The client's receive callback is a no-op and its `send_data` cannot start in the middle, so
    `open` lets it send the whole recording, which is held until it is read.
    """

    def __init__(self, raw: Any, *, buffer_size: int = 100, stim_channel: str = "") -> None:
        if buffer_size < 1:
            raise ValueError(f"buffer_size={buffer_size} must be at least 1 sample")
        self._raw, self._buffer_size, self._stim_channel = raw, buffer_size, stim_channel
        self._stream: ClientStream | None = None
        self._receiver = _Receiver()
        self._n_read = 0

    @property
    def spec(self) -> StreamSpec:
        """What the recording says of itself; known after `open`."""
        return opened(self._stream).spec

    def open(self) -> None:
        """Let the client send the recording."""
        if self._stream is not None:
            return
        with quiet_mne_realtime() as mne_realtime:
            client = mne_realtime.MockRtClient(self._raw)
            info = client.get_measurement_info()
            stream = ClientStream(info, "MockRtClient", "volts", self._stim_channel)
            duration = self._raw.n_times / info["sfreq"]
            client.send_data(self._receiver, "all", 0.0, duration, self._buffer_size)
        # The client divides by them, and leaves it to RtEpochs to multiply.
        self._cals = np.array([[ch["range"] * ch["cal"]] for ch in info["chs"]])
        self._stream = stream

    def read(self, timeout: float = 0.0) -> Reading | None:
        """Return the next buffer at once; None after the last, or after `close`."""
        stream = opened(self._stream)
        if not self._receiver.buffers:
            return None
        buffer = self._receiver.buffers.popleft() * self._cals
        reading = stream.reading(buffer, self._n_read)
        self._n_read += buffer.shape[1]
        return reading

    def close(self) -> None:
        """Forget what was not read."""
        self._receiver.buffers.clear()
