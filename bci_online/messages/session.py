"""What the parts of a session say to each other: commands, reports, the journal, the end."""

from typing import Literal

import msgspec

from bci_online.notes import AnyNote

__all__ = ["Command", "CommandName", "Journal", "SessionEnd", "Status"]

CommandName = Literal[
    "start", "pause", "resume", "finish", "abort", "undo", "hide", "show", "note", "status"
]
"""The names that a line of the control stream may have; ``status`` is not a command."""


class Command(msgspec.Struct, frozen=True):
    """What the operator or the screen asks for; ``note`` comes with the note to mark."""

    name: CommandName
    note: AnyNote | None = None


class Status(msgspec.Struct, frozen=True, tag="status"):
    """Something for a person to read: level ``info``, ``warning`` or ``alarm``.

    ``kind`` is ``connected`` where a stream is received again, or a marker stream came late; a
    program reads this and not the text.
    """

    level: str
    text: str
    time: float = 0.0
    kind: Literal["connected"] | msgspec.UnsetType = msgspec.UNSET


class Journal(msgspec.Struct, frozen=True, tag="journal"):
    """A fact that a replay of this session needs: offset, segment, onset, retraction or swap."""

    kind: str
    time: float
    sample: int = -1
    text: str = ""
    value: float = 0.0


class SessionEnd(msgspec.Struct, frozen=True, tag="session_end"):
    """No message follows; ``reason`` says why."""

    reason: str
