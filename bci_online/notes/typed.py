"""Notes that a program reads, one struct for each kind."""

from typing import Literal

import msgspec

from bci_online.counted import counted
from bci_online.notes.corrections import Corrected, NotCorrected, Undo
from bci_online.notes.from_workers import Promised, Supervised
from bci_online.notes.typed_note import TypedNote

__all__ = [
    "AnyTypedNote",
    "Corrected",
    "ElectrodesAccepted",
    "GoBack",
    "LateFlash",
    "LateFrame",
    "NotCorrected",
    "OperatorNote",
    "Pause",
    "Probe",
    "Promised",
    "Resume",
    "ScreenHidden",
    "ScreenSeen",
    "ScreenWaits",
    "Supervised",
    "Undo",
]


class Pause(TypedNote, frozen=True, tag="pause"):
    """The session pauses.

    See Also
    --------
    Resume : Its end.
    """

    words = "pause"


class Resume(TypedNote, frozen=True, tag="resume"):
    """The session continues after a pause.

    See Also
    --------
    Pause : Its beginning.
    """

    words = "resume"


class ScreenWaits(TypedNote, frozen=True, tag="screen_waits"):
    """The screen shows its first picture and waits for the start.

    See Also
    --------
    bci_online.markers.events.SessionStarted : The start.
    """

    words = "screen waits"


class ScreenHidden(TypedNote, frozen=True, tag="screen_hidden"):
    """The screen cannot be seen; it shows nothing new until it is seen again.

    See Also
    --------
    ScreenSeen : Its end.
    """

    words = "screen hidden"


class ScreenSeen(TypedNote, frozen=True, tag="screen_seen"):
    """The screen can be seen again.

    See Also
    --------
    ScreenHidden : Its beginning.
    """

    words = "screen seen"


class LateFrame(TypedNote, frozen=True, tag="late_frame"):
    """The frame of the markers with this time came more than half a refresh late.

    See Also
    --------
    LateFlash : A flash that was late.
    """

    words = "late frame"


class LateFlash(TypedNote, frozen=True, tag="late_flash"):
    """A flash began or ended late.

    Parameters
    ----------
    code : int
        Of the flash.
    what : {"began", "ended"}
        What was late.
    frames : int
        By how many frames.

    See Also
    --------
    LateFrame : A frame that was late.

    Examples
    --------
    >>> LateFlash(code=3, what="began", frames=2).words
    'flash 3 began 2 frames late'
    """

    code: int
    what: Literal["began", "ended"]
    frames: int

    @property
    def words(self) -> str:
        """What the note says, for a person."""
        return f"flash {self.code} {self.what} {counted(self.frames, 'frame')} late"


class GoBack(TypedNote, frozen=True, tag="go_back"):
    """The trained decoder decides again, and no longer follows the session.

    See Also
    --------
    bci_online.runtime.adaptation.FollowedSession : Follows it until then.
    """

    words = "go back to the trained decoder"


class Probe(TypedNote, frozen=True, tag="probe"):
    """Says nothing. Its place in the recording shows that markers are recorded.

    See Also
    --------
    bci_online.markers.events.SessionStarted : Comes after it.
    """

    words = "probe"


class OperatorNote(TypedNote, frozen=True, tag="operator"):
    """What the operator wrote.

    Parameters
    ----------
    remark : str
        Free text; it is never read as anything else.

    See Also
    --------
    bci_online.notes.grammar.Note : Free text of anybody else.

    Examples
    --------
    >>> OperatorNote("undo 5").words  # never taken for an undo
    'operator: undo 5'
    """

    remark: str

    @property
    def words(self) -> str:
        """What the note says, for a person."""
        return f"operator: {self.remark}"


class ElectrodesAccepted(TypedNote, frozen=True, tag="electrodes", kw_only=True):
    """The session may begin with these electrodes.

    Parameters
    ----------
    by : str
        Who accepted them: ``by the operator``, ``by itself``, ``by --accept-quality``.
    reason : str
        Why they are accepted in spite of faults; empty where there is none.
    faults : dict of str to str
        What is wrong with which channel.

    See Also
    --------
    bci_online.channel_quality.Electrodes : The judgement.

    Examples
    --------
    >>> ElectrodesAccepted(by="by the operator", faults={"Pz": "flat"}).words
    'electrodes accepted by the operator, in spite of Pz flat'
    """

    by: str
    reason: str = ""
    faults: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def words(self) -> str:
        """What the note says, for a person."""
        bad = ", ".join(f"{name} {wrong}" for name, wrong in self.faults.items())
        state = "all channels good" if not bad else f"in spite of {bad}"
        reason = f"; reason: {self.reason}" if self.reason else ""
        return f"electrodes accepted {self.by}, {state}{reason}"


AnyTypedNote = (
    Pause
    | Resume
    | ScreenWaits
    | ScreenHidden
    | ScreenSeen
    | LateFrame
    | LateFlash
    | Undo
    | Corrected
    | NotCorrected
    | GoBack
    | Probe
    | OperatorNote
    | ElectrodesAccepted
    | Promised
    | Supervised
)
"""Every kind of note but free text."""
