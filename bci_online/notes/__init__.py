"""Notes: the markers of a recording that are not stimuli, one struct for each kind.

* `typed`: notes that a program reads; `corrections` are those of decisions, `from_workers` those of
  worker processes; `typed_note` says how all are written;
* `grammar`: free text, and how a note is read;
* `older_wording`: the words that recordings hold from before notes were typed.

A note is a marker. A typed note is written as ``note/<json>``, in plain ASCII, with the struct's
tag as ``type``; free text is percent-encoded, as ``note/<text>``. Percent-encoded text never begins
with ``{``, so the two forms differ in their first character.

Recordings made before the notes were typed hold words: ``note/screen%20hidden``, ``note/undo%205``.
They are read into the same structs. `words` returns these words for a person.
"""

from bci_online.notes.grammar import AnyNote, Note, parse_note
from bci_online.notes.typed import (
    Corrected,
    ElectrodesAccepted,
    GoBack,
    LateFlash,
    LateFrame,
    NotCorrected,
    OperatorNote,
    Pause,
    Probe,
    Promised,
    Resume,
    ScreenHidden,
    ScreenSeen,
    ScreenWaits,
    Supervised,
    Undo,
)

__all__ = [
    "AnyNote",
    "Corrected",
    "ElectrodesAccepted",
    "GoBack",
    "LateFlash",
    "LateFrame",
    "NotCorrected",
    "Note",
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
    "parse_note",
]
