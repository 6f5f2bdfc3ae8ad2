"""Notes as markers: written and read."""

from urllib.parse import quote, unquote

import msgspec

from bci_online.notes.older_wording import note_of
from bci_online.notes.typed import AnyTypedNote
from bci_online.notes.typed_note import plain_json

__all__ = ["AnyNote", "Note", "parse_note"]


class Note(msgspec.Struct, frozen=True, tag="text"):
    """Free text.

    Parameters
    ----------
    what : str
        The text.

    See Also
    --------
    bci_online.notes.typed.OperatorNote : What an operator wrote.

    Examples
    --------
    >>> Note("coffee break").text()
    'note/coffee%20break'
    """

    what: str

    @property
    def words(self) -> str:
        """What the note says, for a person."""
        return self.what

    def text(self) -> str:
        """Return the marker; as JSON where the plain form would be read as a typed note."""
        if note_of(self.what) is None:
            return f"note/{quote(self.what, safe='')}"
        return f"note/{plain_json(self)}"


AnyNote = Note | AnyTypedNote
"""Every kind of note."""


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
    bci_online.markers.grammar.parse_marker : Read a whole marker.

    Examples
    --------
    A typed note, the same note in an older recording, and free text:

    >>> parse_note('{"type":"undo","trial":5}'), parse_note("undo%205"), parse_note("coffee")
    (Undo(trial=5), Undo(trial=5), Note(what='coffee'))
    """
    if not detail.startswith("{"):
        words = unquote(detail)
        return note_of(words) or Note(words)
    try:
        return msgspec.json.decode(detail, type=AnyNote)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return Note(unquote(detail))
