"""What is said on the streams of a session, read and understood, for whoever looks on."""

from collections.abc import Iterator

import msgspec

from bci_online.acquisition.lsl import TextInlet, session_source_id
from bci_online.markers import Event, Note, SessionEnded, parse_marker
from bci_online.messages import (
    DecisionLine,
    Gap,
    Journal,
    JournalLine,
    Rejected,
    Retracted,
    SessionEnd,
    Standing,
    Status,
    StreamSpec,
)
from bci_online.session.electrodes import QUALITY, Electrodes

__all__ = ["Heard", "SessionStreams", "ready_line"]

Heard = Event | DecisionLine | Standing | Status | Gap | Rejected | Retracted | Journal

READY = "ready"
WAITING = Note("screen waits")


def ready_line(spec: StreamSpec, time: float) -> str:
    """Return the journal's line that an engine repeats: it receives this EEG and its markers."""
    fields = {"name": spec.name, "type": spec.type, "source_id": spec.source_id}
    eeg = {key: value for key, value in fields.items() if value}
    line = Journal(READY, time, text=msgspec.json.encode(eeg).decode())
    return msgspec.json.encode(line).decode()


class SessionStreams:
    """Listens to markers, decisions and journal.

    Parameters
    ----------
    session : str
        Whose.

    Attributes
    ----------
    eeg : dict of str to str
        Name, type and source_id of the EEG stream, as far as it has them; empty until the engine
        is ready.
    screen_waits : bool
        Whether the screen shows its first picture and waits for the start.
    electrodes : list of Electrodes
        How good they were, look after look.
    ended : str
        Why the session ended; empty while it has not.
    n_unread : int
        Lines that no one understands.
    """

    def __init__(self, session: str) -> None:
        kinds = ("markers", "decisions", "journal")
        self._inlets = {kind: TextInlet(session_source_id(session, kind)) for kind in kinds}
        self.eeg: dict[str, str] = {}
        self.screen_waits = False
        self.electrodes: list[Electrodes] = []
        self.ended = ""
        self.n_unread = 0

    def read(self) -> Iterator[Heard]:
        """Yield what came since the last time, without waiting."""
        for kind, inlet in self._inlets.items():
            for text, _ in inlet.read():
                heard = self._understood(kind, text)
                if heard is not None:
                    yield heard

    @property
    def missing(self) -> tuple[str, ...]:
        """Which of the streams are not there now."""
        return tuple(kind for kind, inlet in self._inlets.items() if not inlet.is_connected)

    def close(self) -> None:
        """Hang up."""
        for inlet in self._inlets.values():
            inlet.close()

    def _understood(self, kind: str, text: str) -> Heard | None:
        try:
            if kind == "decisions":
                return msgspec.json.decode(text, type=DecisionLine)
            if kind == "journal":
                return self._journalled(msgspec.json.decode(text, type=JournalLine))
        except (msgspec.MsgspecError, RecursionError):
            self.n_unread += 1
            return None
        event = parse_marker(text)
        self.n_unread += event is None
        if event == WAITING:
            self.screen_waits = True
            return None
        if isinstance(event, SessionEnded):
            self.ended = event.reason or "end"
        return event

    def _journalled(self, line: JournalLine) -> Heard | None:
        if isinstance(line, Journal):
            if line.kind == READY and not self.eeg:
                self.eeg = msgspec.json.decode(line.text, type=dict[str, str])
            if line.kind == QUALITY:
                self.electrodes.append(msgspec.json.decode(line.text, type=Electrodes))
            return line
        return None if isinstance(line, SessionEnd) else line
