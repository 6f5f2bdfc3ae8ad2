"""Notes: the markers of a recording that are not stimuli, one struct for each kind.

A note is a marker. A typed note is written as ``note/<json>``, in plain ASCII, with the struct's
tag as ``type``; free text is percent-encoded, as ``note/<text>``. Percent-encoded text never begins
with ``{``, so the two forms differ in their first character.

Recordings made before the notes were typed hold words: ``note/screen%20hidden``, ``note/undo%205``.
They are read into the same structs. `words` returns these words for a person.
"""

import json
import re
from typing import Literal
from urllib.parse import quote, unquote

import msgspec

__all__ = [
    "AnyNote",
    "ElectrodesAccepted",
    "LateFlash",
    "LateFrame",
    "Note",
    "OperatorNote",
    "Pause",
    "Probe",
    "Resume",
    "ScreenHidden",
    "ScreenSeen",
    "ScreenWaits",
    "Undo",
    "parse_note",
]


class _Typed(msgspec.Struct, frozen=True):
    """How a typed note is written."""

    def text(self) -> str:
        """Return the marker."""
        return _json(self)


class Note(msgspec.Struct, frozen=True, tag="text"):
    """Free text.

    Parameters
    ----------
    what : str
        The text.
    """

    what: str

    @property
    def words(self) -> str:
        """What the note says, for a person."""
        return self.what

    def text(self) -> str:
        """Return the marker; as JSON where the plain form would be read as a typed note."""
        if isinstance(_of_words(self.what), Note):
            return f"note/{quote(self.what, safe='')}"
        return _json(self)


class Pause(_Typed, frozen=True, tag="pause"):
    """The session pauses."""

    words = "pause"


class Resume(_Typed, frozen=True, tag="resume"):
    """The session continues after a pause."""

    words = "resume"


class ScreenWaits(_Typed, frozen=True, tag="screen_waits"):
    """The screen shows its first picture and waits for the start."""

    words = "screen waits"


class ScreenHidden(_Typed, frozen=True, tag="screen_hidden"):
    """The screen cannot be seen; it shows nothing new until it is seen again."""

    words = "screen hidden"


class ScreenSeen(_Typed, frozen=True, tag="screen_seen"):
    """The screen can be seen again."""

    words = "screen seen"


class LateFrame(_Typed, frozen=True, tag="late_frame"):
    """The frame of the markers with this time came more than half a refresh late."""

    words = "late frame"


class LateFlash(_Typed, frozen=True, tag="late_flash"):
    """A flash began or ended late.

    Parameters
    ----------
    code : int
        Of the flash.
    what : {"began", "ended"}
        What was late.
    frames : int
        By how many frames.
    """

    code: int
    what: Literal["began", "ended"]
    frames: int

    @property
    def words(self) -> str:
        """What the note says, for a person."""
        return f"flash {self.code} {self.what} {self.frames} frames late"


class Undo(_Typed, frozen=True, tag="undo"):
    """The decision of a trial is not valid: it was undone, or came too late.

    Parameters
    ----------
    trial : int
        Number of the trial.

    Examples
    --------
    >>> Undo(5).text(), Undo(5).words
    ('note/{"type":"undo","trial":5}', 'undo 5')
    """

    trial: int

    @property
    def words(self) -> str:
        """What the note says, for a person."""
        return f"undo {self.trial}"


class Probe(_Typed, frozen=True, tag="probe"):
    """Says nothing; that the recording holds it shows that markers are recorded."""

    words = "probe"


class OperatorNote(_Typed, frozen=True, tag="operator"):
    """What the operator wrote.

    Parameters
    ----------
    remark : str
        Free text; it is never read as anything else.
    """

    remark: str

    @property
    def words(self) -> str:
        """What the note says, for a person."""
        return f"operator: {self.remark}"


class ElectrodesAccepted(_Typed, frozen=True, tag="electrodes", kw_only=True):
    """The session may begin with these electrodes.

    Parameters
    ----------
    by : str
        Who accepted them: ``by the operator``, ``by itself``, ``by --accept-quality``.
    reason : str
        Why they are accepted in spite of faults; empty where there is none.
    faults : dict of str to str
        What is wrong with which channel.
    """

    by: str
    reason: str = ""
    faults: dict[str, str] = {}

    @property
    def words(self) -> str:
        """What the note says, for a person."""
        bad = ", ".join(f"{name} {wrong}" for name, wrong in self.faults.items())
        state = "all channels good" if not bad else f"in spite of {bad}"
        reason = f"; reason: {self.reason}" if self.reason else ""
        return f"electrodes accepted {self.by}, {state}{reason}"


AnyNote = (
    Note
    | Pause
    | Resume
    | ScreenWaits
    | ScreenHidden
    | ScreenSeen
    | LateFrame
    | LateFlash
    | Undo
    | Probe
    | OperatorNote
    | ElectrodesAccepted
)

_FIXED: dict[str, AnyNote] = {
    note.words: note
    for note in (
        Pause(), Resume(), ScreenWaits(), ScreenHidden(), ScreenSeen(), LateFrame(), Probe(),
    )
}  # fmt: skip
_UNDO = re.compile(r"undo ([0-9]{1,9})")
_LATE_FLASH = re.compile(r"flash (-?[0-9]{1,9}) (began|ended) ([0-9]{1,9}) frames late")
_OPERATOR = "operator: "
_ACCEPTED = re.compile(
    r"electrodes accepted (by the operator|by itself|by --accept-quality), "
    r"(?:all channels good|in spite of (.*?))(?:; reason: (.*))?",
    re.DOTALL,
)
_FAULT = re.compile(
    r"(\S+) (flat|railing|noisy: [0-9]+ % mains|loud: [0-9]+ (?:times the usual|µV))"
)


def parse_note(detail: str) -> AnyNote:
    """Read the text after ``note/``; what is not a typed note is free text.

    Parameters
    ----------
    detail : str
        The marker without ``note/``.

    Returns
    -------
    note : AnyNote
        A `Note` if it is free text.

    See Also
    --------
    bci_online.markers.parse_marker : Read a whole marker.

    Examples
    --------
    A typed note, the same note in an older recording, and free text:

    >>> parse_note('{"type":"undo","trial":5}'), parse_note("undo%205"), parse_note("coffee")
    (Undo(trial=5), Undo(trial=5), Note(what='coffee'))
    """
    if not detail.startswith("{"):
        return _of_words(unquote(detail))
    try:
        return msgspec.json.decode(detail, type=AnyNote)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return Note(unquote(detail))


def _json(note: AnyNote | _Typed) -> str:
    # ASCII, as all of the grammar: what cleans texts on their way takes nothing out of it.
    return f"note/{json.dumps(msgspec.to_builtins(note), separators=(',', ':'))}"


def _of_words(words: str) -> AnyNote:
    """Return the note that older recordings wrote in these words."""
    note = _FIXED.get(words) or _numbered(words) or _accepted(words)
    if note is None and words.startswith(_OPERATOR):
        note = OperatorNote(words.removeprefix(_OPERATOR))
    # Any other wording is free text.
    return note if note is not None and note.words == words else Note(words)


def _numbered(words: str) -> AnyNote | None:
    if match := _UNDO.fullmatch(words):
        return Undo(int(match[1]))
    if match := _LATE_FLASH.fullmatch(words):
        what: Literal["began", "ended"] = "began" if match[2] == "began" else "ended"
        return LateFlash(int(match[1]), what, int(match[3]))
    return None


def _accepted(words: str) -> AnyNote | None:
    match = _ACCEPTED.fullmatch(words)
    if match is None:
        return None
    by, bad, reason = match.groups(default="")
    faults = {}
    for fault in bad.split(", ") if bad else ():
        found = _FAULT.fullmatch(fault)
        if found is None:
            return None
        faults[found[1]] = found[2]
    return ElectrodesAccepted(by=by, reason=reason, faults=faults)
