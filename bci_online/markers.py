"""The marker grammar.

Markers are slash-separated strings, as in MNE's hierarchical event names::

    session/start/<json>   layout/<json>   trial/start/<n>/<symbol>   flash/<code>/<label>
    trial/end/<n>   session/end/<reason>   cue/<class>   feedback/<start|hit|miss|timeout>
    note/<json>   note/<text>

The plain forms ``trial/start/<symbol>``, ``trial/start`` and ``trial/end`` are read as well.
Symbols, classes, reasons and free notes are percent-encoded; `bci_online.notes` has the typed ones.
"""

import json
import re
from urllib.parse import quote, unquote

import msgspec

from bci_online.notes import AnyNote, Note, parse_note

__all__ = [
    "Cue",
    "Event",
    "Feedback",
    "Flash",
    "Layout",
    "Note",
    "SessionEnded",
    "SessionStarted",
    "TrialEnd",
    "TrialStart",
    "parse_marker",
    "rank",
]

TARGET = {"target": True, "nontarget": False, "unknown": None}


class SessionStarted(msgspec.Struct, frozen=True):
    """The session begins.

    Parameters
    ----------
    info : dict of str to object
        Describes it: paradigm, mode, timing.
    """

    info: dict[str, object]

    def text(self) -> str:
        """Return the marker."""
        return f"session/start/{json.dumps(self.info, separators=(',', ':'))}"


class Layout(msgspec.Struct, frozen=True):
    """The meaning of the codes from now on.

    Parameters
    ----------
    symbols : dict of int to tuple of str
        The symbols that a flash of each code lights up.
    """

    symbols: dict[int, tuple[str, ...]]

    def text(self) -> str:
        """Return the marker."""
        plain = {str(code): list(names) for code, names in self.symbols.items()}
        return f"layout/{json.dumps(plain, separators=(',', ':'), ensure_ascii=False)}"


class TrialStart(msgspec.Struct, frozen=True):
    """A trial begins.

    Parameters
    ----------
    number : int, optional
        Of the trial, from 1.
    symbol : str
        What the subject attends to; empty where it is unknown.
    """

    number: int | None = None
    symbol: str = ""

    def text(self) -> str:
        """Return the marker."""
        number = "" if self.number is None else f"{self.number}/"
        return f"trial/start/{number}{quote(self.symbol, safe='')}"


class Flash(msgspec.Struct, frozen=True):
    """The symbols of a code light up.

    Parameters
    ----------
    code : int
        As in the layout.
    target : bool, optional
        Whether the subject attends to one of them; None where it is unknown.
    """

    code: int
    target: bool | None = None

    def text(self) -> str:
        """Return the marker."""
        label = {True: "target", False: "nontarget", None: "unknown"}[self.target]
        return f"flash/{self.code}/{label}"


class TrialEnd(msgspec.Struct, frozen=True):
    """The last stimulus of a trial is over; its response follows.

    Parameters
    ----------
    number : int, optional
        Of the trial, from 1.
    """

    number: int | None = None

    def text(self) -> str:
        """Return the marker."""
        return "trial/end" if self.number is None else f"trial/end/{self.number}"


class Cue(msgspec.Struct, frozen=True):
    """The subject is asked to imagine a movement.

    Parameters
    ----------
    label : str
        The class, such as ``left_hand``.
    """

    label: str

    def text(self) -> str:
        """Return the marker."""
        return f"cue/{quote(self.label, safe='')}"


class Feedback(msgspec.Struct, frozen=True):
    """Feedback starts, or ends with an outcome.

    Parameters
    ----------
    what : str
        ``start``, or the outcome: ``hit``, ``miss``, ``timeout``.
    """

    what: str

    def text(self) -> str:
        """Return the marker."""
        return f"feedback/{self.what}"


class SessionEnded(msgspec.Struct, frozen=True):
    """The session is over.

    Parameters
    ----------
    reason : str
        Why, in a word such as ``done``.
    """

    reason: str

    def text(self) -> str:
        """Return the marker."""
        return f"session/end/{quote(self.reason, safe='')}"


Event = (
    SessionStarted
    | Layout
    | TrialStart
    | Flash
    | TrialEnd
    | Cue
    | Feedback
    | SessionEnded
    | AnyNote
)

# Two markers may carry one time stamp, and arrive in either order. What ends comes before what
# starts, and a layout before the trial that uses it. Notes come last.
_RANKS = (Feedback, TrialEnd, SessionEnded, SessionStarted, Layout, TrialStart, Cue, Flash)


def rank(event: Event) -> int:
    """Return the place of `event` among events of the same time."""
    return len(_RANKS) if isinstance(event, AnyNote) else _RANKS.index(type(event))


def parse_marker(text: str) -> Event | None:
    """Read one marker of the grammar.

    Parameters
    ----------
    text : str
        The marker; spaces around it are ignored.

    Returns
    -------
    event : Event or None
        None where `text` is not in the grammar (the caller counts it).

    See Also
    --------
    bci_online.translation.Translator : Read the markers of other programs.

    Examples
    --------
    >>> parse_marker("flash/3/target")
    Flash(code=3, target=True)
    >>> parse_marker("trial/start/1/A")
    TrialStart(number=1, symbol='A')
    >>> parse_marker("S  7") is None
    True
    """
    head, _, rest = text.strip().partition("/")
    parser = _PARSERS.get(head)
    return parser(rest) if parser is not None else None


def _session(rest: str) -> Event | None:
    what, _, detail = rest.partition("/")
    if what == "end":
        return SessionEnded(unquote(detail))
    if what != "start":
        return None
    info = _json_object(detail) if detail else {}
    return None if info is None else SessionStarted(info)


def _layout(rest: str) -> Event | None:
    # Not json: it accepts lone surrogates, which cannot be encoded again.
    try:
        symbols = msgspec.json.decode(rest, type=dict[int, tuple[str, ...]])
    except (ValueError, RecursionError):
        return None
    return Layout(symbols) if any(symbols.values()) else None


def _trial(rest: str) -> Event | None:
    what, _, detail = rest.partition("/")
    if what == "end":
        return TrialEnd(_integer(detail))
    if what != "start":
        return None
    first, slash, second = detail.partition("/")
    if not slash:
        return TrialStart(None, unquote(first))
    number = _integer(first)
    return None if number is None else TrialStart(number, unquote(second))


def _flash(rest: str) -> Event | None:
    code, _, label = rest.partition("/")
    number = _integer(code)
    if number is None or label not in TARGET:
        return None
    return Flash(number, TARGET[label])


def _cue(rest: str) -> Event | None:
    return Cue(unquote(rest)) if rest else None


def _feedback(rest: str) -> Event | None:
    return Feedback(rest) if rest in {"start", "hit", "miss", "timeout"} else None


_PARSERS = {
    "session": _session,
    "layout": _layout,
    "trial": _trial,
    "flash": _flash,
    "cue": _cue,
    "feedback": _feedback,
    "note": parse_note,
}


def _integer(text: str) -> int | None:
    # Not int(): it accepts "1_000", blanks and thousands of digits.
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else None


def _json_object(text: str) -> dict[str, object] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
