"""The results of a recorded session: `summary.json`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from bci_online.notes import ElectrodesAccepted
from bci_online.session.lab_recorder import Ending
from bci_online.summaries import ScreenSummary, Summary

__all__ = ["SessionSummary", "take_part", "without_text"]

# A text that the subject chose is kept in the recording only.
SPELLED = frozenset({"letters", "spelled", "text", "value", "evidence"})
Part = TypeVar("Part", Summary, ScreenSummary)


class SessionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The results of a session.

    Parameters
    ----------
    mode, paradigm : str
        Of the session.
    words : tuple of str
        What was to be spelled; empty in free spelling.
    ended : str or None
        Why it ended; None if unknown.
    recording : str
        Name of the recording's file.
    electrodes : ElectrodesAccepted or None
        Who accepted them; None if the session ended before.
    recorder : str
        How the recorder ended.
    bytes : int
        Size of the recording.
    alarms : tuple of str
        What went wrong with the session's processes, its recording and its disk; kept where there
        is anything.
    refused : dict of str to int
        Lines that the conductor refused, of each stream of the session: they were not signed with
        its key, or came again. Screen and engine count their own. Kept where there are any.
    screen : ScreenSummary or None
        None if the screen died.
    engine : Summary or None
        None if the engine died.
    is_free_text : bool
        Whether the subject chose the text, which then is private.

    See Also
    --------
    bci_online.summaries.Summary : The engine's part.
    """

    mode: str
    paradigm: str
    words: tuple[str, ...]
    ended: str | None
    recording: str
    electrodes: ElectrodesAccepted | None
    recorder: Ending
    bytes: int
    alarms: tuple[str, ...] = ()
    refused: dict[str, int] = {}
    screen: ScreenSummary | None
    engine: Summary | None
    is_free_text: bool = False

    @property
    def refused_lines(self) -> dict[str, int]:
        """How many lines were refused: by the conductor on each stream, by screen and engine."""
        parts = {"screen": self.screen, "engine": self.engine}
        counts = {name: part.refused_lines for name, part in parts.items() if part is not None}
        return {name: n for name, n in (self.refused | counts).items() if n}

    def row(self) -> dict[str, Any]:
        """Return what the file holds, and what a program reads; a part that died is empty."""
        screen = {} if self.screen is None else msgspec.to_builtins(self.screen)
        engine = {} if self.engine is None else msgspec.to_builtins(self.engine)
        for part in (screen, engine):
            part.pop("refused_lines", None)
        # A session is one recording.
        engine.pop("recordings", None)
        spelling = {"words": self.words, "spelled": screen.pop("spelled", None)}
        electrodes = None if self.electrodes is None else msgspec.to_builtins(self.electrodes)
        if electrodes is not None:
            # The kind of note, which the key says here.
            del electrodes["type"]
        row = {
            "type": "summary",
            "mode": self.mode,
            "calibration": self.mode in {"calibration", "errp"},
            **(spelling if self.paradigm == "p300" else {}),
            "ended": self.ended,
            "recording": self.recording,
            "electrodes": electrodes,
            "recorder": self.recorder,
            "bytes": self.bytes,
            **({"alarms": self.alarms} if self.alarms else {}),
            **({"refused_lines": self.refused_lines} if self.refused_lines else {}),
            "screen": screen,
            "engine": engine,
        }
        return without_text(row) if self.is_free_text else row


def without_text(row: Mapping[str, object]) -> dict[str, Any]:
    """Return `row` without what a subject spelled; tables in it lose it too.

    Parameters
    ----------
    row : mapping of str to object
        A summary.

    Returns
    -------
    row : dict
        The rest.

    See Also
    --------
    bci_online.session.folder.SessionFolder : Keeps such rows of free spelling.
    """
    return {key: _cleared(value) for key, value in row.items() if key not in SPELLED}


def _cleared(value: object) -> object:
    if isinstance(value, Mapping):
        return without_text(value)
    if isinstance(value, list | tuple):
        return [_cleared(each) for each in value]
    return value


def take_part(path: Path, kind: type[Part]) -> Part | None:
    """Return what a part left in its file, which is removed; None if it died before.

    Parameters
    ----------
    path : Path
        The file of a part.
    kind : type
        What it holds.

    Returns
    -------
    part : object or None
        Of that type.

    See Also
    --------
    SessionSummary : Is made of the parts.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError):
        return None
    finally:
        path.unlink(missing_ok=True)
