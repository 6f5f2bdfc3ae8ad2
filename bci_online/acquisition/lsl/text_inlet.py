"""Texts of one stream of a session, for callers that must not wait."""

import time
from typing import NamedTuple

from bci_online.acquisition.lsl.connection import Connection
from bci_online.acquisition.lsl.network import Resolver
from bci_online.acquisition.stream_texts import printable

__all__ = ["Text", "TextInlet"]

LONGEST_TEXT = 1 << 20
POLL = 0.005
# The rest waits: a sender that never stops must not hold the caller.
MOST_PULLS = 16


class Text(NamedTuple):
    """A text as it arrived.

    Parameters
    ----------
    text : str
        As it was sent.
    time : float
        Raw stamp in seconds, in the clock of its sender.

    See Also
    --------
    TextInlet : Reads it.
    """

    text: str
    time: float


class TextInlet:
    """Read the stream with one source_id whenever it is there: decisions, journal, control.

    Parameters
    ----------
    source_id : str
        As `session_source_id` returns it.

    Attributes
    ----------
    n_connections : int
        Number of connections so far; each may be to another sender.

    See Also
    --------
    bci_online.acquisition.lsl.outlets.TextOutlet : The other end.

    Notes
    -----
    No call waits longer than its timeout, so a window that reads at every frame keeps painting. The
    inlet connects when the stream appears, and again when it comes back. It has no thread of its
    own, and only one thread may use it.
    """

    def __init__(self, source_id: str) -> None:
        self.source_id = source_id
        self._resolver: Resolver | None = Resolver()
        self._connection: Connection | None = None
        self._is_connected = False
        self.n_connections = 0

    @property
    def is_connected(self) -> bool:
        """Whether the stream is connected: everything sent from now on will be read."""
        return self._is_connected

    def read(self, timeout: float = 0.0) -> list[Text]:
        """Return the texts that have arrived, waiting at most `timeout` seconds for the first."""
        until = time.monotonic() + timeout
        while True:
            texts = self._texts() if self._connect() else []
            left = until - time.monotonic()
            if texts or left <= 0:
                return texts
            time.sleep(min(POLL, left))

    def wait(self, timeout: float) -> bool:
        """Wait until the stream is connected, at most `timeout` seconds; return whether it is."""
        until = time.monotonic() + timeout
        while not self._connect() and time.monotonic() < until:
            time.sleep(POLL)
        return self._is_connected

    def close(self) -> None:
        """Close the connection."""
        for part in (self._connection, self._resolver):
            if part is not None:
                part.close()
        self._connection = self._resolver = None
        self._is_connected = False

    def _connect(self) -> bool:
        """Take the next step of connecting, without waiting."""
        if self._is_connected:
            return True
        if self._connection is None:
            if self._resolver is None:
                return False
            found = [s for s in self._resolver.streams() if s.header.source_id == self.source_id]
            if not found:
                return False
            self._connection = Connection(found[-1])
        try:
            self._is_connected = self._connection.advance(0.0)
        except ConnectionError:
            self._disconnect()
        self.n_connections += self._is_connected
        if self._is_connected and self._resolver is not None:
            self._resolver.close()
            self._resolver = None
        return self._is_connected

    def _texts(self) -> list[Text]:
        texts: list[Text] = []
        try:
            for _ in range(MOST_PULLS):
                if self._connection is None:
                    break
                rows, stamps = self._connection.pull_texts()
                texts += [
                    Text(printable(raw.decode("utf-8", "replace"), LONGEST_TEXT), stamp)
                    for row, stamp in zip(rows, stamps.tolist(), strict=True)
                    for raw in row
                ]
                if not len(rows):
                    break
        except ConnectionError:
            self._disconnect()
        return texts

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._is_connected = None, False
        self._resolver = self._resolver or Resolver()
