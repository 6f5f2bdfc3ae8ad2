"""What all typed notes share: how they are written."""

import json

import msgspec

__all__ = ["TypedNote", "plain_json"]


def plain_json(note: msgspec.Struct) -> str:
    """Return a note as JSON with its tag, in ASCII."""
    # ASCII, as all of the grammar: what cleans texts on their way takes nothing out of it.
    return json.dumps(msgspec.to_builtins(note), separators=(",", ":"))


class TypedNote(msgspec.Struct, frozen=True):
    """How a typed note is written.

    See Also
    --------
    bci_online.notes.typed : The notes.
    """

    def text(self) -> str:
        """Return the marker."""
        return f"note/{plain_json(self)}"
