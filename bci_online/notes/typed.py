"""Notes that a program reads, one struct for each kind."""

import json
from typing import Literal

import msgspec

__all__ = [
    "AnyTypedNote",
    "ElectrodesAccepted",
    "LateFlash",
    "LateFrame",
    "OperatorNote",
    "Pause",
    "Probe",
    "Promised",
    "Resume",
    "ScreenHidden",
    "ScreenSeen",
    "ScreenWaits",
    "Undo",
]


def plain_json(note: msgspec.Struct) -> str:
    """Return a note as JSON with its tag, in ASCII."""
    # ASCII, as all of the grammar: what cleans texts on their way takes nothing out of it.
    return json.dumps(msgspec.to_builtins(note), separators=(",", ":"))


class _Typed(msgspec.Struct, frozen=True):
    """How a typed note is written."""

    def text(self) -> str:
        """Return the marker."""
        return f"note/{plain_json(self)}"


class Pause(_Typed, frozen=True, tag="pause"):
    """The session pauses.

    See Also
    --------
    Resume : Its end.
    """

    words = "pause"


class Resume(_Typed, frozen=True, tag="resume"):
    """The session continues after a pause.

    See Also
    --------
    Pause : Its beginning.
    """

    words = "resume"


class ScreenWaits(_Typed, frozen=True, tag="screen_waits"):
    """The screen shows its first picture and waits for the start.

    See Also
    --------
    bci_online.markers.events.SessionStarted : The start.
    """

    words = "screen waits"


class ScreenHidden(_Typed, frozen=True, tag="screen_hidden"):
    """The screen cannot be seen; it shows nothing new until it is seen again.

    See Also
    --------
    ScreenSeen : Its end.
    """

    words = "screen hidden"


class ScreenSeen(_Typed, frozen=True, tag="screen_seen"):
    """The screen can be seen again.

    See Also
    --------
    ScreenHidden : Its beginning.
    """

    words = "screen seen"


class LateFrame(_Typed, frozen=True, tag="late_frame"):
    """The frame of the markers with this time came more than half a refresh late.

    See Also
    --------
    LateFlash : A flash that was late.
    """

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
        return f"flash {self.code} {self.what} {self.frames} frames late"


class Undo(_Typed, frozen=True, tag="undo"):
    """The decision of a trial is not valid: it was undone, or came too late.

    Parameters
    ----------
    trial : int
        Number of the trial.

    See Also
    --------
    bci_online.paradigms.p300.text_prior.TextPrior : Takes the symbol back.

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
    """Says nothing. Its place in the recording shows that markers are recorded.

    See Also
    --------
    bci_online.markers.events.SessionStarted : Comes after it.
    """

    words = "probe"


class OperatorNote(_Typed, frozen=True, tag="operator"):
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
    faults: dict[str, str] = {}

    @property
    def words(self) -> str:
        """What the note says, for a person."""
        bad = ", ".join(f"{name} {wrong}" for name, wrong in self.faults.items())
        state = "all channels good" if not bad else f"in spite of {bad}"
        reason = f"; reason: {self.reason}" if self.reason else ""
        return f"electrodes accepted {self.by}, {state}{reason}"


class Promised(_Typed, frozen=True, tag="promised"):
    """What the letters of a calibration so far promise of letters that are right later.

    Parameters
    ----------
    letters : int
        How many there are.
    right : tuple of float
        Share of later letters that is right: lower end of a 95 % interval, middle, upper end.
    wanted : float
        The calibration ends once the lower end reaches this share.

    See Also
    --------
    bci_online.config.training_results.Promise : What is promised.

    Examples
    --------
    >>> Promised(5, (0.81, 0.92, 0.98), 0.9).progress
    0.9
    """

    letters: int
    right: tuple[float, float, float]
    wanted: float

    @property
    def is_reached(self) -> bool:
        """Whether the calibration may end."""
        return self.right[0] >= self.wanted

    @property
    def progress(self) -> float:
        """How far it is, from 0 to 1."""
        return 1.0 if self.is_reached else max(0.0, self.right[0] / self.wanted)

    @property
    def words(self) -> str:
        """What the note says, for a person."""
        low, right, high = (10 * share for share in self.right)
        return (
            f"{self.letters} letters promise {right:.1f} of 10 right ({low:.1f}-{high:.1f}); "
            f"the calibration ends at {10 * self.wanted:.1f}"
        )


AnyTypedNote = (
    Pause
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
    | Promised
)
"""Every kind of note but free text."""
