"""The lines of JSON on a session's streams: decisions, the journal, and the session's state.

Each line is one struct, encoded by `line_text` and read by one function a stream. A line that
cannot be read is None, and the reader counts it: other programs may send on the stream.
"""

from collections.abc import Callable

import msgspec

from bci_online.channel_quality import ChannelQuality, Electrodes
from bci_online.markers import Event, parse_marker
from bci_online.messages import (
    DecisionLine,
    Gap,
    Journal,
    Reconsidered,
    Rejected,
    Retracted,
    SessionEnd,
    Status,
    TrialEvidence,
)

__all__ = [
    "PARSERS",
    "EngineReady",
    "JournalLine",
    "SessionMessage",
    "SessionStatus",
    "line_text",
    "parse_decision",
    "parse_journal",
]


class EngineReady(msgspec.Struct, frozen=True, tag="ready"):
    """An engine receives the markers and an EEG stream; repeated for late programs.

    Parameters
    ----------
    time : float
        Common time in seconds.
    name, stream_type, source_id : str
        Of the EEG stream; empty where it has none.
    sfreq : float
        Its sampling rate in Hz; 0 in lines from before this was said.
    n_channels : int
        Number of its channels; 0 in such lines.
    findings : tuple of str
        What is wrong with the stream, those that cost most first.

    See Also
    --------
    parse_journal : Reads it.

    Examples
    --------
    >>> EngineReady(name="amp", stream_type="EEG").eeg
    {'name': 'amp', 'type': 'EEG'}
    """

    time: float = 0.0
    name: str = ""
    stream_type: str = ""
    source_id: str = ""
    sfreq: float = 0.0
    n_channels: int = 0
    findings: tuple[str, ...] = ()

    @property
    def eeg(self) -> dict[str, str]:
        """Name, type and source_id of the EEG stream, as far as it has them."""
        fields = {"name": self.name, "type": self.stream_type, "source_id": self.source_id}
        return {key: value for key, value in fields.items() if value}


class SessionStatus(msgspec.Struct, frozen=True):
    """What the conductor of a session repeats on the control stream.

    A panel that is opened late did not receive the markers that said so before.

    Parameters
    ----------
    doing : str
        What the session does, in words.
    mode : str
        Of the session.
    waits : bool
        Whether it begins when a panel sends ``start``.
    n_bytes : int
        Size of the recording.
    alarm : str
        What went wrong; empty if nothing did.
    paradigm : str
        Of the session.
    seconds : float or None
        Since the session's start; None before it.
    paused, hidden : bool
        Whether it pauses, and whether the screen cannot be seen.
    ended : str
        Why the session is over; empty while it is not.
    refused : int
        Lines that were not signed with the session's key, or came again.

    See Also
    --------
    bci_online.session_state.state.SessionState : Takes it, with all other messages.

    Examples
    --------
    >>> msgspec.json.decode(line_text(SessionStatus("records", paused=True)))["paused"]
    True
    """

    doing: str
    mode: str = ""
    waits: bool = False
    n_bytes: int = 0
    alarm: str = ""
    paradigm: str = ""
    seconds: float | None = None
    paused: bool = False
    hidden: bool = False
    ended: str = ""
    refused: int = 0


JournalLine = (
    TrialEvidence
    | Status
    | Gap
    | Rejected
    | Retracted
    | Journal
    | Electrodes
    | EngineReady
    | SessionEnd
)
"""What the journal's lines hold."""

SessionMessage = Event | DecisionLine | Reconsidered | JournalLine | SessionStatus
"""Every message of a session."""


def line_text(line: object) -> str:
    """Return a struct as one line of JSON.

    Parameters
    ----------
    line : struct
        A `DecisionLine`, `JournalLine` or `SessionStatus`.

    Returns
    -------
    text : str
        Without a line break.

    See Also
    --------
    parse_decision : Read a decision again.
    parse_journal : Read a line of the journal again.

    Examples
    --------
    >>> line_text(SessionEnd("done"))
    '{"type":"session_end","reason":"done"}'
    """
    return msgspec.json.encode(line).decode()


def parse_decision(text: str) -> DecisionLine | Reconsidered | None:
    """Read a line of the decisions' stream; None if it is not such a line.

    Parameters
    ----------
    text : str
        One line of JSON.

    Returns
    -------
    line : DecisionLine, Reconsidered or None
        None: the caller counts it.

    See Also
    --------
    line_text : Write the line.

    Examples
    --------
    >>> parse_decision("{}") is None
    True
    """
    try:
        line = msgspec.json.decode(text, type=DecisionLine)
        if line.type != "reconsidered":
            return line
        return msgspec.json.decode(text, type=Reconsidered)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def parse_journal(text: str) -> JournalLine | None:
    """Read a line of the journal; None if it is not such a line.

    Parameters
    ----------
    text : str
        One line of JSON.

    Returns
    -------
    line : JournalLine or None
        Of its type; None if the text is no such line.

    See Also
    --------
    line_text : Write the line.

    Notes
    -----
    Sessions that were recorded earlier have two lines whose ``text`` is JSON again: ``ready`` and
    ``quality``. They are read as `EngineReady` and `Electrodes`. In their statuses the text alone
    says that a stream is connected.

    Examples
    --------
    >>> parse_journal('{"type":"status","level":"alarm","text":"the amplifier is silent"}').level
    'alarm'
    """
    try:
        line = msgspec.json.decode(text, type=JournalLine)
        match line:
            case Journal():
                return _unnested(line)
            case Status("info", text, _, msgspec.UNSET) if text.endswith(" is connected"):
                return msgspec.structs.replace(line, kind="connected")
        return line
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


PARSERS: dict[str, Callable[[str], SessionMessage | None]] = {
    "markers": parse_marker,
    "decisions": parse_decision,
    "journal": parse_journal,
}
"""What reads a line of each stream that a session is followed by."""


class _Described(msgspec.Struct):
    """The stream in the text of an older ``ready`` line."""

    name: str = ""
    type: str = ""
    source_id: str = ""


class _Judged(msgspec.Struct):
    """The channels in the text of an older ``quality`` line."""

    channels: tuple[ChannelQuality, ...]
    unit: str = "unknown"


def _unnested(line: Journal) -> JournalLine:
    if line.kind == "ready" and line.text:
        eeg = msgspec.json.decode(line.text, type=_Described)
        return EngineReady(line.time, eeg.name, eeg.type, eeg.source_id)
    if line.kind == "quality" and line.text:
        judged = msgspec.json.decode(line.text, type=_Judged)
        return Electrodes(judged.channels, judged.unit, line.time)
    return line
