"""The words in which older recordings hold what typed notes say today."""

import re
from typing import Literal

from bci_online.notes.typed import (
    AnyTypedNote,
    ElectrodesAccepted,
    LateFlash,
    LateFrame,
    OperatorNote,
    Pause,
    Probe,
    Resume,
    ScreenHidden,
    ScreenSeen,
    ScreenWaits,
    Undo,
)

__all__ = ["note_of"]

_FIXED: dict[str, AnyTypedNote] = {
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


def note_of(words: str) -> AnyTypedNote | None:
    """Return the typed note that older recordings wrote in these words; None for free text.

    Parameters
    ----------
    words : str
        The text of a note.

    Returns
    -------
    note : AnyTypedNote or None
        None: it is free text.

    See Also
    --------
    bci_online.notes.grammar.Note : Free text.

    Examples
    --------
    >>> note_of("undo 5"), note_of("undone")
    (Undo(trial=5), None)
    """
    note = _FIXED.get(words) or _numbered(words) or _accepted(words)
    if note is None and words.startswith(_OPERATOR):
        note = OperatorNote(words.removeprefix(_OPERATOR))
    # Any other wording is free text.
    return note if note is not None and note.words == words else None


def _numbered(words: str) -> AnyTypedNote | None:
    if match := _UNDO.fullmatch(words):
        return Undo(int(match[1]))
    if match := _LATE_FLASH.fullmatch(words):
        what: Literal["began", "ended"] = "began" if match[2] == "began" else "ended"
        return LateFlash(int(match[1]), what, int(match[3]))
    return None


def _accepted(words: str) -> AnyTypedNote | None:
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
