"""From the text of a marker to its event."""

import json
import re
from typing import Annotated
from urllib.parse import unquote

import msgspec

from bci_online.markers.events import (
    MOST_OBJECTS,
    Cue,
    Event,
    Feedback,
    Flash,
    Layout,
    SessionEnded,
    SessionStarted,
    TrialEnd,
    TrialStart,
)
from bci_online.notes import parse_note

__all__ = ["parse_marker"]

# What the symbols of each code may be: a screen has room for no more.
Label = Annotated[str, msgspec.Meta(max_length=200)]
Line = Annotated[tuple[Label, ...], msgspec.Meta(max_length=2500)]
Symbols = Annotated[dict[int, Line], msgspec.Meta(max_length=1000)]

# Objects of a flash, as ``[1,4,7]``.
_OBJECTS = re.compile(r"\[[0-9]{1,3}(?:,[0-9]{1,3}){0,99}\]")

TARGET = {"target": True, "nontarget": False, "unknown": None}


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
    >>> parse_marker("flash/[1,4]/target").objects
    (1, 4)
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
        symbols = msgspec.json.decode(rest, type=Symbols)
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
    if label not in TARGET:
        return None
    if _OBJECTS.fullmatch(code):
        objects = [int(one) for one in code[1:-1].split(",")]
        return Flash.of_objects(objects, TARGET[label]) if max(objects) <= MOST_OBJECTS else None
    number = _integer(code)
    return None if number is None else Flash(number, TARGET[label])


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
