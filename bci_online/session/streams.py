"""The streams of a session, received and parsed."""

from collections import Counter
from collections.abc import Iterator

from bci_online.acquisition.lsl import StrangerWatch, session_inlet
from bci_online.messages import SessionEnd, Status
from bci_online.session_lines import PARSERS, SessionMessage

__all__ = ["SessionStreams"]


class SessionStreams:
    """Receives markers, decisions and journal, as far as they are signed with the session's key.

    Parameters
    ----------
    session : str
        Whose.

    Attributes
    ----------
    n_unread : int
        Signed lines that could not be read.

    See Also
    --------
    bci_online.session_state.state.SessionState : Takes the messages.
    """

    def __init__(self, session: str) -> None:
        self._inlets = {kind: session_inlet(session, kind) for kind in PARSERS}
        self._watches = {kind: StrangerWatch(inlet) for kind, inlet in self._inlets.items()}
        self.n_unread = 0
        self._strangers: set[str] = set()

    def read(self) -> Iterator[SessionMessage]:
        """Yield what came since the last time, without waiting."""
        for kind, inlet in self._inlets.items():
            for text, _ in inlet.read():
                message = PARSERS[kind](text)
                self.n_unread += message is None
                # The session ends with the screen's last marker, not with the engine.
                if message is not None and not isinstance(message, SessionEnd):
                    yield from self._news(message)
            for status in self._watches[kind].news():
                yield from self._news(status)

    def _news(self, message: SessionMessage) -> Iterator[SessionMessage]:
        """Yield a message; the engine warns of a stranger too, and that is yielded once."""
        if isinstance(message, Status) and message.kind == "stranger":
            if message.text in self._strangers:
                return
            self._strangers.add(message.text)
        yield message

    @property
    def missing(self) -> tuple[str, ...]:
        """Which of the streams are not there now."""
        return tuple(kind for kind, inlet in self._inlets.items() if not inlet.is_connected)

    @property
    def refused(self) -> Counter[str]:
        """How many lines were not the session's, of each stream that had any."""
        return +Counter({kind: inlet.n_refused for kind, inlet in self._inlets.items()})

    def close(self) -> None:
        """Disconnect."""
        for inlet in self._inlets.values():
            inlet.close()
