"""What all typed notes share: how they are written."""

import json

import msgspec

__all__ = ["TypedNote", "plain_json"]


def plain_json(note: msgspec.Struct) -> str:
    """Return a note as JSON with its tag, in ASCII.

    Parameters
    ----------
    note : struct
        It has a tag.

    Returns
    -------
    text : str
        As it stands in a marker.

    See Also
    --------
    bci_online.notes.grammar.parse_note : Read it again.

    Examples
    --------
    >>> from bci_online.notes import Undo
    >>> plain_json(Undo(5))
    '{"type":"undo","trial":5}'
    """
    # ASCII, as all of the grammar: what cleans texts on their way takes nothing out of it.
    return json.dumps(msgspec.to_builtins(note), separators=(",", ":"))


class TypedNote(msgspec.Struct, frozen=True):
    """How a typed note is written.

    See Also
    --------
    bci_online.notes.typed : The notes.

    Examples
    --------
    >>> class Coffee(TypedNote, frozen=True, tag="coffee"):
    ...     cups: int
    >>> Coffee(2).text()
    'note/{"type":"coffee","cups":2}'
    """

    def text(self) -> str:
        """Return the marker."""
        return f"note/{plain_json(self)}"
