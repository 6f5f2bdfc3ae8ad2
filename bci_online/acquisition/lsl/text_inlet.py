"""Texts of one stream, for callers that must not wait."""

import math
import random
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from bci_online.acquisition.lsl.connection import MOST_TEXTS, Connection, Offset
from bci_online.acquisition.lsl.network import Resolver
from bci_online.acquisition.stream_texts import printable
from bci_online.signing import GREETING

__all__ = ["LONGEST_TEXT", "Text", "TextInlet"]

LONGEST_TEXT = 1 << 20
"""Characters of a text; the rest is cut off."""

POLL = 0.005
# An empty pull takes several times as long as asking whether there is anything. But only a pull
# finds that the source is gone.
PULL_EVERY = 0.1
# The rest waits: a sender that never stops must not hold the caller.
MOST_PULLS = 16
# Streams with one source_id that are read at the same time. Without a stranger there is one.
MOST_STREAMS = 8
# If there are more, they take turns: so long one is read that has not shown that it is the true
# one. Until a session has begun, each of its streams sends a line or a greeting every second.
TURN_S, BETWEEN_TURNS_S = 4.0, 8.0
# Lines of one of them, before it is left alone. The true stream sends no forged line. Its lines
# count as repeated where somebody passes them on faster, so many of those are allowed.
MOST_FORGED = 100
MOST_REPEATED = 10_000
SEARCH_EVERY = 0.1
# Somebody who only passes on what the true stream sends must not be the only one that is read.
SEARCH_ON_S = 5.0
# What was closed is announced for some seconds more.
AGAIN_S = 1.0
MOST_LEFT_ALONE = 1000


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


class _Sender:
    """An outlet that has the source_id.

    Attributes
    ----------
    is_connected : bool
        Whether everything that it sends from now on is read.
    until : float
        When another one may have its turn, if nothing of it was accepted by then.
    has_proven : bool
        Whether a text of it was accepted.
    n_forged, n_repeated : int
        Its texts that were forged, and those that came before.
    """

    def __init__(self, connection: Connection, until: float) -> None:
        self.connection, self.until = connection, until
        self.is_connected = self.has_proven = False
        self.n_forged = self.n_repeated = 0
        self._pulled_at = 0.0

    def is_quiet(self, now: float) -> bool:
        """Return whether it is connected and a pull would find nothing."""
        return (
            self.is_connected
            and now < self._pulled_at + PULL_EVERY
            and not self.connection.holds_samples()
        )

    def is_due(self) -> bool:
        """Return whether a pull may find anything."""
        now = time.monotonic()
        if not self.is_connected or self.is_quiet(now):
            return False
        self._pulled_at = now
        return True

    @property
    def is_read_on(self) -> bool:
        """Whether it has not sent too many lines that were refused."""
        return self.n_forged < MOST_FORGED and self.n_repeated < MOST_REPEATED


def _plain(raw: bytes, stamp: float) -> str:
    return printable(raw.decode("utf-8", "replace"), LONGEST_TEXT)


class TextInlet:
    """Read the stream with one source_id whenever it is there: decisions, journal, control.

    Parameters
    ----------
    source_id : str
        As `session_source_id` returns it.
    accept : callable
        Given the bytes of a text and its raw stamp, returns what is read. None: it is forged.
        Empty: it came before.

    Attributes
    ----------
    n_refused : int
        Number of texts that were not read.
    suspect : str
        The computer that the first refused text came from; empty before.
    proven : str
        The uid of the stream that sent an accepted text; empty before, and when it is gone.

    See Also
    --------
    bci_online.acquisition.lsl.session_inlet.session_inlet : Makes one that reads signed lines.
    bci_online.acquisition.lsl.outlets.TextOutlet : The other end.

    Notes
    -----
    No call waits longer than its timeout, so a window that reads at every frame keeps painting. The
    inlet connects when the stream appears, and again when it comes back. It has no thread of its
    own, and only one thread may use it.

    Another program may send under the same source_id, or send nothing, so that the true stream
    would never be read. So all streams with the source_id are read that are there until some
    seconds after the first text was accepted. Then the search ends, and goes on when that stream is
    gone. If there are more than can be read at once, they have turns, and one that has sent an
    accepted text stays.
    """

    def __init__(
        self, source_id: str, accept: Callable[[bytes, float], str | None] = _plain
    ) -> None:
        self.source_id = source_id
        self._accept = accept
        self._resolver: Resolver | None = Resolver(source_id)
        self._search_at, self._search_until = 0.0, math.inf
        self._senders: dict[str, _Sender] = {}
        self._not_before: dict[str, float] = {}
        self._is_closed = False
        self.n_refused = 0
        self.suspect = self.proven = ""

    @property
    def is_connected(self) -> bool:
        """Whether a stream is connected: everything that it sends from now on will be read."""
        return any(sender.is_connected for sender in self._senders.values())

    def read(self, timeout: float = 0.0) -> list[Text]:
        """Return the texts that have arrived, waiting at most `timeout` seconds for the first."""
        now = time.monotonic()
        # A window asks at every frame, and nearly always nothing has come.
        if not timeout and self._resolver is None and self._is_quiet(now):
            return []
        until = now + timeout
        while True:
            self._connect()
            texts = [text for uid in list(self._senders) for text in self._texts(uid)]
            left = until - time.monotonic()
            if texts or left <= 0:
                return texts
            time.sleep(min(POLL, left))

    def wait(self, timeout: float) -> bool:
        """Wait until the stream is connected, at most `timeout` seconds; return whether it is."""
        until = time.monotonic() + timeout
        while True:
            self._connect()
            if self.is_connected or self._is_closed or time.monotonic() >= until:
                return self.is_connected
            time.sleep(POLL)

    def offsets(self) -> dict[str, Offset]:
        """Return the newest clock offset of each connected stream by its uid, without waiting."""
        found = {}
        for uid, sender in list(self._senders.items()):
            try:
                offset = sender.connection.offset(0.0) if sender.is_connected else None
            except ConnectionError:
                self._disconnect(uid)
                continue
            if offset is not None:
                found[uid] = offset
        return found

    def close(self) -> None:
        """Close all connections."""
        self._is_closed = True
        for uid in list(self._senders):
            self._disconnect(uid)
        if self._resolver is not None:
            self._resolver.close()
        self._resolver = None

    def _is_quiet(self, now: float) -> bool:
        for sender in self._senders.values():
            if not sender.is_quiet(now):
                return False
        return True

    def _connect(self) -> None:
        """Take the next step of connecting, without waiting."""
        now = time.monotonic()
        if self._resolver is not None and now >= self._search_until:
            self._resolver.close()
            self._resolver = None
        if self._resolver is not None and now >= self._search_at:
            self._search_at = now + (SEARCH_EVERY if self._senders else 0.0)
            self._add(self._resolver, now)
        for uid, sender in list(self._senders.items()):
            if not sender.is_connected:
                try:
                    sender.is_connected = sender.connection.advance(0.0)
                except ConnectionError:
                    self._disconnect(uid)

    def _add(self, resolver: Resolver, now: float) -> None:
        """Begin to connect to the streams that are new."""
        new = [
            stream
            for stream in resolver.streams()
            if stream.header.source_id == self.source_id
            and stream.uid not in self._senders
            and self._not_before.get(stream.uid, 0.0) <= now
        ]
        # Who opens many streams must not choose their order.
        random.shuffle(new)
        for stream in new:
            if len(self._senders) == MOST_STREAMS and not self._made_room(now):
                return
            self._senders[stream.uid] = _Sender(Connection(stream), now + TURN_S)

    def _made_room(self, now: float) -> bool:
        """Leave a stream that has said nothing in its turn; return whether there was one."""
        for uid, sender in self._senders.items():
            if not sender.has_proven and sender.until <= now:
                self._disconnect(uid, BETWEEN_TURNS_S)
                return True
        return False

    def _texts(self, uid: str) -> list[Text]:
        sender = self._senders[uid]
        texts: list[Text] = []
        try:
            n_pulls = MOST_PULLS if sender.has_proven else 1
            for _ in range(n_pulls if sender.is_due() else 0):
                rows, stamps = sender.connection.pull_texts()
                for row, stamp in zip(rows, stamps.tolist(), strict=True):
                    texts += [text for raw in row for text in self._accepted(uid, raw, stamp)]
                if not sender.is_read_on:
                    self._disconnect(uid, math.inf)
                    break
                if len(rows) < MOST_TEXTS:
                    break
        except ConnectionError:
            self._disconnect(uid)
        return texts

    def _accepted(self, uid: str, raw: bytes, stamp: float) -> Iterator[Text]:
        sender = self._senders[uid]
        text = self._accept(raw, stamp)
        if not text:
            sender.n_forged += text is None
            sender.n_repeated += text is not None
            self.n_refused += 1
            self.suspect = self.suspect or sender.connection.stream.host
            return
        sender.has_proven = True
        if not self.proven:
            self.proven, self._search_until = uid, time.monotonic() + SEARCH_ON_S
        if text != GREETING:
            yield Text(text, stamp)

    def _disconnect(self, uid: str, seconds: float = AGAIN_S) -> None:
        """Close a connection, and do not connect again for some seconds."""
        self._senders.pop(uid).connection.close()
        self._not_before[uid] = time.monotonic() + seconds
        if len(self._not_before) > MOST_LEFT_ALONE:
            del self._not_before[next(iter(self._not_before))]
        if uid == self.proven:
            self.proven, self._search_until = "", math.inf
        if not self.proven and not self._is_closed:
            self._resolver = self._resolver or Resolver(self.source_id)
