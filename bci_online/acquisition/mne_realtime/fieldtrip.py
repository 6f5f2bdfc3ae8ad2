"""mne-realtime's FieldTripClient as a source."""

import logging
import socket
import struct
from typing import Any

from numpy.typing import NDArray

from bci_online.acquisition.mne_realtime.client_stream import (
    ClientStream,
    Unit,
    opened,
    quiet_mne_realtime,
)
from bci_online.acquisition.stream_header import FASTEST, MOST_CHANNELS
from bci_online.errors import BciError, SourceLostError
from bci_online.messages import Marker, Reading, StreamSpec

__all__ = ["FieldTripSource"]

logger = logging.getLogger(__name__)

# What the FieldTrip client raises on a server that is gone or talks nonsense.
BROKEN = (OSError, struct.error, TypeError, ValueError)

MOST_AT_ONCE = 2**20


class _MortalSocket:
    """The FieldTrip client's socket, made to notice that the server is gone.

    mne-realtime waits for the rest of an answer for ever, busily once the server has hung up.
    """

    def __init__(self, connection: socket.socket, patience: float) -> None:
        connection.settimeout(patience)
        self._connection = connection

    def recv(self, size: int) -> bytes:
        # A broken server may announce 4 GB; recv() would make room for them at once.
        received = self._connection.recv(min(size, MOST_AT_ONCE))
        if size and not received:
            raise ConnectionError("the server hung up")
        return received

    def send(self, request: bytes) -> int:
        return self._connection.send(request)

    def close(self) -> None:
        self._connection.close()


class FieldTripSource:
    """A FieldTrip buffer, read by mne-realtime's `FieldTripClient`.

    Parameters
    ----------
    host, port : str, int
        Where the buffer listens.
    unit : {'volts', 'microvolts', 'unknown'}
        Of its samples. The protocol does not say; MNE assumes volts, many amplifiers send
        microvolts.
    stim_channel : str
        The channel whose new values other than 0 are markers; empty for the one that MNE would
        take. Channels whose name begins with ``STI`` or ``TRIG`` or is ``Status`` are stim.
    patience : float
        Seconds after which a server that does not answer is lost.

    Raises
    ------
    BciError
        When opened, if no buffer with a header is there.
    ValueError
        When opened, if there is no such stim channel.
    SourceLostError
        When read, if the buffer went away, started again, or makes no sense.

    See Also
    --------
    bci_online.acquisition.source.Source : What every source does.
    bci_online.config.eeg_origin.FieldTripBuffer : How a configuration names it.

    Notes
    -----
    It starts with the samples that come after `open`, and keeps the buffer's own numbers. The
    buffer's events are markers as well: a number, or text as it is (the event's type where it has
    no value).

    The client's own receiving thread is not used: it lists every buffer until sample 2**32 before
    it fetches the first, and it cannot be stopped while it waits. `read` asks through the
    client's connection instead, and waits in the server. A reader so slow that the buffer
    overwrote samples continues in the newer half of what it missed.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 1972,
        *,
        unit: Unit = "volts",
        stim_channel: str = "",
        patience: float = 5.0,
    ) -> None:
        self._host, self._port, self._patience = host, port, patience
        self._unit: Unit = unit
        self._stim_channel = stim_channel
        self._stream: ClientStream | None = None
        self._client: Any = None
        self._n_samples = self._n_events = 0

    @property
    def spec(self) -> StreamSpec:
        """What the buffer's header says; known after `open`."""
        return opened(self._stream).spec

    def open(self) -> None:
        """Connect, and go to the newest sample."""
        if self._client is not None:
            return
        with quiet_mne_realtime() as mne_realtime:
            try:
                info = self._header_info()
                client = mne_realtime.FieldTripClient(
                    info, self._host, self._port, wait_max=self._patience
                )
                client.__enter__()
            except (RuntimeError, *BROKEN) as error:
                raise BciError(
                    f"no FieldTrip buffer with a header answers at {self._host}:{self._port} "
                    f"({error}); start the acquisition first, or correct host and port"
                ) from error
        client.ft_client.sock = _MortalSocket(client.ft_client.sock, self._patience)
        self._n_samples, self._n_events = client.ft_header.nSamples, client.ft_header.nEvents
        try:
            self._stream = ClientStream(info, "FieldTripClient", self._unit, self._stim_channel)
        except ValueError:
            client.ft_client.disconnect()
            raise
        self._client = client

    def read(self, timeout: float = 0.0) -> Reading | None:
        """Return what has come, waiting in the server; None after `close`."""
        stream = opened(self._stream)
        if self._client is None:
            return None
        try:
            # A longer wait would look like a server that does not answer.
            wait_ms = 1000 * min(timeout, self._patience / 2)
            counts = self._client.ft_client.wait(self._n_samples, self._n_events, wait_ms)
            n_samples, n_events = counts
            if n_samples < self._n_samples or n_events < self._n_events:
                raise ConnectionError("it started anew")
            markers = self._fetch_events(n_events)
            buffer, first = self._fetch_samples(n_samples)
            return stream.reading(buffer, first, markers)
        except BROKEN as error:
            raise SourceLostError(
                f"the FieldTrip buffer at {self._host}:{self._port} is lost: {error}"
            ) from error

    def close(self) -> None:
        """Disconnect."""
        if self._client is not None:
            self._client.ft_client.disconnect()
            self._client = None

    def _header_info(self) -> Any:
        """Return an mne.Info from the buffer's header.

        The client would make one itself, but raises on names that do not end in a number.
        """
        from mne import create_info
        from mne_realtime.externals.FieldTrip import Client

        client = Client()
        # Its own connect() has no time limit, and leaves the socket open where it fails.
        connection = socket.create_connection((self._host, self._port), self._patience)
        client.sock, client.isConnected = _MortalSocket(connection, self._patience), True
        try:
            header = client.getHeader()
        finally:
            client.disconnect()
        if header is None:
            raise ConnectionError("it has no header yet")
        if not 1 <= header.nChannels <= MOST_CHANNELS or not 0 < header.fSample <= FASTEST:
            raise ConnectionError(
                f"it states {header.nChannels} channels at {header.fSample:g} Hz, at most "
                f"{MOST_CHANNELS} at {FASTEST:g} Hz are possible"
            )
        names = header.labels or [f"EEG{number:03d}" for number in range(1, header.nChannels + 1)]
        stim = [name.upper().startswith(("STI", "TRIG")) or name == "Status" for name in names]
        return create_info(
            names, header.fSample, ["stim" if is_stim else "eeg" for is_stim in stim]
        )

    def _fetch_samples(self, n_samples: int) -> tuple[NDArray[Any] | None, int]:
        """Return the samples up to number `n_samples`, as (n_channels, n_times), and the first."""
        first, self._n_samples = self._n_samples, n_samples
        while first < n_samples:
            data = self._client.ft_client.getData([first, n_samples - 1])
            if data is not None:
                if data.shape != (n_samples - first, len(self._client.info["ch_names"])):
                    raise ConnectionError(f"it sent {data.shape} samples × channels")
                return data.T, first
            first += max(1, (n_samples - first) // 2)
        return None, n_samples

    def _fetch_events(self, n_events: int) -> tuple[Marker, ...]:
        first, self._n_events = self._n_events, n_events
        if first == n_events:
            return ()
        events = self._client.ft_client.getEvents([first, n_events - 1])
        if len(events) < n_events - first:
            logger.warning("%d FieldTrip events were lost", n_events - first - len(events))
        sfreq = self.spec.sfreq
        return tuple(Marker(_event_text(event), event.sample / sfreq) for event in events)


def _event_text(event: Any) -> str:
    """Return the event's value, a number or text, or its type where it has no value."""
    for content in (event.value, event.type):
        if isinstance(content, bytes):
            text = content.decode(errors="replace")
        else:
            text = ",".join(f"{number:.15g}" for number in content)
        if text:
            return text
    return ""
