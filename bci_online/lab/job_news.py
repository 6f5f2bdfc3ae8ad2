"""What the JSON lines of a command say, taken together; each line is read once."""

import json
import math
from os import SEEK_END
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

__all__ = ["JobNews", "JobReader"]

MOST_ALARMS, MOST_ROWS, MOST_COUNTED = 5, 200, 1_000_000
# What a command writes at a time; a file that somebody else wrote may be of any size.
LARGEST_READ = 4_000_000
# What came of a command stands in its last lines, and many commands may have ended.
ENDED_READ = 250_000


class JobNews(msgspec.Struct, frozen=True, kw_only=True):
    """How a command stands, by its lines.

    Parameters
    ----------
    session : str
        Name of the session's streams; empty before it is known.
    lsl_config : str
        File of LSL's configuration that finds them; empty: the usual one.
    recording : str
        Path of the recording.
    doing : str
        What it does at the moment, in its own words.
    done, of : int
        How many letters, trials or folds are done, and of how many; 0 if nobody knows.
    text : str
        What was copied or spelled so far; empty in free spelling.
    right, judged : int
        How many of the decisions are right, of those whose truth is known.
    planned_s : float or None
        How long the session will take, in seconds.
    has_begun : bool
        Whether the subject sees the session.
    is_paused : bool
        Whether it pauses.
    alarms : tuple of str
        Those since the last letter or trial, the newest last.
    rows : tuple of dict
        Lines that are none of these, such as one for each stream.
    summary : dict
        The last line of type ``summary`` or ``verify``; empty before it came.
    unread : int
        Lines that could not be read.

    See Also
    --------
    JobReader : Reads them.
    """

    session: str = ""
    lsl_config: str = ""
    recording: str = ""
    doing: str = ""
    done: int = 0
    of: int = 0
    text: str = ""
    right: int = 0
    judged: int = 0
    planned_s: float | None = None
    has_begun: bool = False
    is_paused: bool = False
    alarms: tuple[str, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()
    summary: dict[str, Any] = {}
    unread: int = 0


class JobReader:
    r"""Reads the lines that a command has written, as they come.

    Parameters
    ----------
    path : Path
        The file of its standard output.
    has_ended : bool
        Whether the command ended before: of a long output only the newest lines are read then.

    See Also
    --------
    bci_online.lab.jobs.Jobs : Starts what writes them.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "lines"
    ...     n_written = path.write_text('{"type": "trial", "symbol": "A"}\n{"type": "tri')
    ...     news = JobReader(path).read()
    >>> news.done, news.text  # the second line is not yet whole
    (1, 'A')
    """

    def __init__(self, path: Path, *, has_ended: bool = False) -> None:
        self._path, self._at = path, 0
        self._news, self._begins_within = JobNews(), has_ended

    def read(self) -> JobNews:
        """Return what all lines so far say."""
        try:
            with self._path.open("rb") as file:
                if self._begins_within:
                    self._begin_within(file)
                file.seek(self._at)
                content = file.read(LARGEST_READ)
        except OSError:
            return self._news
        whole = content[: content.rfind(b"\n") + 1]
        # No command writes a line of that length: it is passed over.
        self._at += len(whole) or (len(content) if len(content) == LARGEST_READ else 0)
        for line in whole.splitlines():
            self._news = _after(self._news, line)
        return self._news

    def _begin_within(self, file: BinaryIO) -> None:
        """Begin with the first whole line of the newest ones."""
        self._begins_within = False
        length = file.seek(0, SEEK_END)
        if length > ENDED_READ:
            file.seek(length - ENDED_READ - 1)
            file.readline(ENDED_READ)
            self._at = file.tell()


def _after(news: JobNews, line: bytes) -> JobNews:
    replace = msgspec.structs.replace
    try:
        row = json.loads(line)
        changed = _changes(news, row) if isinstance(row, dict) else None
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        changed = None
    return replace(news, unread=news.unread + 1) if changed is None else replace(news, **changed)


def _changes(news: JobNews, row: dict[str, Any]) -> dict[str, Any]:
    """Return which fields a line changes."""
    match row.get("type"):
        case "session":
            return {
                "session": str(row["session"]),
                "lsl_config": str(row["lsl_config"]),
                "recording": str(row["recording"]),
                "of": _count(row["trials"]),
                "planned_s": _seconds(row["planned_s"]),
            }
        case "status" if row.get("level") == "alarm":
            return {"alarms": (*news.alarms, str(row.get("text")))[-MOST_ALARMS:]}
        case "status":
            doing = str(row.get("text", ""))
            return {"doing": doing, "has_begun": news.has_begun or doing == "recording"}
        case "trial":
            text = news.text + str(row.get("symbol", ""))
            return {"done": news.done + 1, "text": text, "alarms": ()}
        case "decision" | "no_decision":
            return _decided(news, row)
        case "progress":
            return {
                "done": _count(row["done"]),
                "of": _count(row["of"]),
                "doing": str(row.get("text") or row.get("stage", "")),
            }
        case "note":
            text = str(row.get("text", ""))
            return {"is_paused": text == "pause" or (news.is_paused and text != "resume")}
        case "summary" | "verify":
            return {"summary": row}
    return {"rows": (*news.rows, row)[-MOST_ROWS:]}


def _count(value: Any) -> int:
    """Return a number of letters, trials or folds; the file may be anybody's."""
    return max(0, min(int(value), MOST_COUNTED))


def _seconds(value: Any) -> float | None:
    seconds = math.nan if value is None else float(value)
    return seconds if math.isfinite(seconds) else None


def _decided(news: JobNews, row: dict[str, Any]) -> dict[str, Any]:
    correct = row.get("correct")
    value = str(row.get("value") or "") if row.get("truth") else ""
    return {
        "done": news.done + 1,
        "text": news.text + value,
        "judged": news.judged + (correct is not None),
        "right": news.right + bool(correct),
        # What was wrong with the letter before is over.
        "alarms": (),
    }
