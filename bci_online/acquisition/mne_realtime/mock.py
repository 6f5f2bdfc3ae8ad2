"""mne-realtime's MockRtClient as a source."""

import time
import warnings
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.mne_realtime.client_stream import (
    ClientStream,
    opened,
    quiet_mne_realtime,
)
from bci_online.errors import RecordingError
from bci_online.input_findings import InputFinding
from bci_online.messages import Reading, StreamSpec

__all__ = ["MockClientSource", "read_fif"]


def read_fif(path: Path) -> Any:
    """Return a FIF file as an `mne.io.Raw`, whole in memory.

    Parameters
    ----------
    path : Path
        A FIF file.

    Returns
    -------
    raw : mne.io.Raw
        In volts.

    Raises
    ------
    RecordingError
        If it cannot be read.

    See Also
    --------
    MockClientSource : Sends it.
    """
    from mne.io import read_raw_fif

    try:
        with warnings.catch_warnings():
            # It warns of names that do not end in _raw.fif.
            warnings.simplefilter("ignore")
            return read_raw_fif(path, preload=True, verbose="ERROR")
    # MNE does not document what it raises on a file that is damaged or of another format.
    except Exception as error:
        raise RecordingError(f"{path}: cannot be read as a FIF file: {error}") from error


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
    clock : callable, optional
        Seconds. With one a buffer is delivered when its last sample would have come from an
        amplifier that began at the first `read`; without one, at once.

    Raises
    ------
    ValueError
        When opened, if `raw` has no channel in volts, or no such stim channel.

    See Also
    --------
    bci_online.acquisition.source.Source : What every source does.
    read_fif : Reads what is sent.

    Notes
    -----
    The client's receive callback is a no-op and its `send_data` cannot start in the middle, so
    `open` lets it send the whole recording, which is held until it is read.
    """

    def __init__(
        self,
        raw: Any,
        *,
        buffer_size: int = 100,
        stim_channel: str = "",
        clock: Callable[[], float] | None = None,
    ) -> None:
        if buffer_size < 1:
            raise ValueError(f"buffer_size={buffer_size} must be at least 1 sample")
        self._raw, self._buffer_size, self._stim_channel = raw, buffer_size, stim_channel
        self._stream: ClientStream | None = None
        self._receiver = _Receiver()
        self._n_read = 0
        self._clock = clock
        self._began: float | None = None
        self.load_s = 0.0
        self.notes: tuple[str, ...] = ()
        self.findings: tuple[InputFinding, ...] = ()

    @property
    def duration_s(self) -> float:
        """Seconds of the recording."""
        return float(self._raw.n_times / self._raw.info["sfreq"])

    @property
    def spec(self) -> StreamSpec:
        """The description of the recording; known after `open`."""
        return opened(self._stream).spec

    def open(self) -> None:
        """Let the client send the recording."""
        if self._stream is not None:
            return
        with quiet_mne_realtime() as mne_realtime:
            client = mne_realtime.MockRtClient(self._raw)
            info = client.get_measurement_info()
            stream = ClientStream(info, "MockRtClient", "volts", self._stim_channel)
            client.send_data(self._receiver, "all", 0.0, self.duration_s, self._buffer_size)
        # The client divides by them, and leaves it to RtEpochs to multiply.
        self._cals = np.array([[ch["range"] * ch["cal"]] for ch in info["chs"]])
        self._stream = stream

    def read(self, timeout: float = 0.0) -> Reading | None:
        """Return the next buffer, at its time where there is a clock; None after the last."""
        stream = opened(self._stream)
        if not self._receiver.buffers:
            return None
        if not self._is_due(timeout):
            return Reading()
        buffer = self._receiver.buffers.popleft() * self._cals
        reading = stream.reading(buffer, self._n_read)
        self._n_read += buffer.shape[1]
        return reading

    def _is_due(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds for the next buffer's time; return whether it has come."""
        if self._clock is None:
            return True
        now = self._clock()
        self._began = now if self._began is None else self._began
        n_times = self._n_read + self._receiver.buffers[0].shape[1]
        wait_s = self._began + n_times / self.spec.sfreq - now
        time.sleep(max(0.0, min(wait_s, timeout)))
        return wait_s <= timeout

    def close(self) -> None:
        """Forget what was not read."""
        self._receiver.buffers.clear()
