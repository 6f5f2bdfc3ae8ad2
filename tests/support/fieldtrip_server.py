"""A small FieldTrip buffer: the public network protocol, version 1, on 127.0.0.1.

Requests and answers begin with three numbers: version, command, size of what follows.
"""

import socket
import struct
import threading
import time

import numpy as np

from bci_online.acquisition.mne_realtime import FieldTripSource

GET_HDR, GET_DAT, GET_EVT, GET_OK, GET_ERR = 0x201, 0x202, 0x203, 0x204, 0x205
WAIT_DAT, WAIT_OK = 0x402, 0x404
CHAR, INT32, FLOAT64, CHANNEL_NAMES = 0, 7, 10, 1


class FieldTripServer:
    """Holds the newest `kept` samples (n_times, n_channels) and serves one client at a time."""

    def __init__(self, ch_names=("EEG 1", "Cz", "STI 014"), sfreq=100.0, kept=10_000) -> None:
        self.ch_names, self.sfreq, self.kept = ch_names, sfreq, kept
        self.has_header = self.names_channels = True
        self.samples = np.zeros((0, len(ch_names)))
        self.events: list[bytes] = []
        self.mute = False
        self._changed = threading.Condition()
        self._stopping = False
        self._client: socket.socket | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def put_samples(self, samples) -> None:
        with self._changed:
            self.samples = np.concatenate([self.samples, samples])
            self._changed.notify_all()

    def put_event(self, kind: str, value: int | str, sample: int) -> None:
        name = kind.encode()
        if isinstance(value, int):
            content, coded = (INT32, 1), struct.pack("<i", value)
        else:
            coded = value.encode()
            content = (CHAR, len(coded))
        fixed = (CHAR, len(name), *content, sample, 0, 0, len(name) + len(coded))
        with self._changed:
            self.events.append(struct.pack("<IIIIIiiI", *fixed) + name + coded)
            self._changed.notify_all()

    def start_anew(self) -> None:
        with self._changed:
            self.samples = self.samples[:0]
            self._changed.notify_all()

    def hang_up(self) -> None:
        if self._client is not None:
            self._client.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        # A listener that is only closed does not wake the thread that waits in accept().
        with socket.create_connection(("127.0.0.1", self.port)):
            pass
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while not self._stopping:
            self._client, _ = self._listener.accept()
            with self._client:
                try:
                    while not self._stopping:
                        self._answer(self._client)
                except OSError:
                    continue

    def _answer(self, client: socket.socket) -> None:
        _, command, size = struct.unpack("<HHI", _received(client, 8))
        request = _received(client, size)
        if self.mute:
            return
        status, answer = {
            GET_HDR: self._header, GET_DAT: self._data, GET_EVT: self._events, WAIT_DAT: self._wait,
        }[command](request)  # fmt: skip
        client.sendall(struct.pack("<HHI", 1, status, len(answer)) + answer)

    def _header(self, _: bytes) -> tuple[int, bytes]:
        if not self.has_header:
            return GET_ERR, b""
        names = b"".join(name.encode() + b"\0" for name in self.ch_names)
        block = (
            struct.pack("<II", CHANNEL_NAMES, len(names)) + names if self.names_channels else b""
        )
        counts = (len(self.ch_names), len(self.samples), len(self.events))
        return GET_OK, struct.pack("<IIIfII", *counts, self.sfreq, FLOAT64, len(block)) + block

    def _data(self, request: bytes) -> tuple[int, bytes]:
        first, last = struct.unpack("<II", request)
        if not max(0, len(self.samples) - self.kept) <= first <= last < len(self.samples):
            return GET_ERR, b""
        block = np.ascontiguousarray(self.samples[first : last + 1], dtype="<f8")
        shape = (block.shape[1], block.shape[0], FLOAT64, block.nbytes)
        return GET_OK, struct.pack("<IIII", *shape) + block.tobytes()

    def _events(self, request: bytes) -> tuple[int, bytes]:
        first, last = struct.unpack("<II", request)
        if not first <= last < len(self.events):
            return GET_ERR, b""
        return GET_OK, b"".join(self.events[first : last + 1])

    def _wait(self, request: bytes) -> tuple[int, bytes]:
        n_samples, n_events, wait_ms = struct.unpack("<III", request)
        until = time.monotonic() + wait_ms / 1000
        with self._changed:
            while len(self.samples) <= n_samples and len(self.events) <= n_events:
                left = until - time.monotonic()
                if left <= 0 or self._stopping or not self._changed.wait(left):
                    break
            return WAIT_OK, struct.pack("<II", len(self.samples), len(self.events))


class ServedFieldTripSource(FieldTripSource):
    """A source with a server of its own, which sends one second as soon as somebody listens."""

    def __init__(self) -> None:
        self._server: FieldTripServer | None = None
        super().__init__(port=0)

    def open(self) -> None:
        if self._server is not None:
            return
        self._server = FieldTripServer()
        self._port = self._server.port
        super().open()
        samples = 1e-6 * np.random.default_rng(0).normal(size=(100, 3))
        samples[:, 2] = np.arange(100) // 25
        self._server.put_samples(samples)
        self._server.put_event("trigger", 7, 30)

    def read(self, timeout: float = 0.0):
        # Nothing more is on its way that would be worth waiting for.
        return super().read(0.0)

    def close(self) -> None:
        super().close()
        if self._server is not None:
            self._server.stop()
            self._server = None


def _received(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = client.recv(size - len(data))
        if not more:
            raise ConnectionError("the client hung up")
        data += more
    return data
