"""The events of an experiment, each with its marker."""

import json
from collections.abc import Iterable
from typing import Self
from urllib.parse import quote

import msgspec

from bci_online.notes import AnyNote

__all__ = [
    "Cue",
    "Event",
    "Feedback",
    "Flash",
    "Layout",
    "SessionEnded",
    "SessionStarted",
    "TrialEnd",
    "TrialStart",
    "rank",
]


MOST_OBJECTS = 61
"""The code of a flash of objects has a bit for each: more would not fit into 62 bits."""


class SessionStarted(msgspec.Struct, frozen=True):
    """The session begins.

    Parameters
    ----------
    info : dict of str to object
        Describes it: paradigm, mode, timing.

    See Also
    --------
    SessionEnded : Its end.

    Examples
    --------
    >>> SessionStarted({"mode": "copy"}).text()
    'session/start/{"mode":"copy"}'
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

    See Also
    --------
    Flash : Has the codes.
    bci_online.paradigms.p300.flash_order.row_column : Codes of a matrix.

    Examples
    --------
    >>> Layout({1: ("A", "B")}).text()
    'layout/{"1":["A","B"]}'
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

    See Also
    --------
    TrialEnd : Its end.

    Examples
    --------
    >>> TrialStart(2, "A/B").text()  # a slash in a symbol does not divide the marker
    'trial/start/2/A%2FB'
    """

    number: int | None = None
    symbol: str = ""

    def text(self) -> str:
        """Return the marker."""
        number = "" if self.number is None else f"{self.number}/"
        return f"trial/start/{number}{quote(self.symbol, safe='')}"


class Flash(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """The symbols of a code light up.

    Parameters
    ----------
    code : int
        As in the layout.
    target : bool, optional
        Whether the subject attends to one of them; None where it is unknown.
    objects : tuple of int
        The objects that light up, where a program names them in place of a code; the code then
        has a bit for each.

    See Also
    --------
    Layout : Which symbols a code lights.
    bci_online.markers.grammar.parse_marker : Reads a marker.

    Examples
    --------
    >>> Flash(3, target=True).text(), Flash(3).text()
    ('flash/3/target', 'flash/3/unknown')
    >>> Flash.of_objects((1, 4), target=True)
    Flash(code=18, target=True, objects=(1, 4))
    """

    code: int
    target: bool | None = None
    objects: tuple[int, ...] = ()

    @classmethod
    def of_objects(cls, objects: Iterable[int], target: bool | None = None) -> Self:
        """Return the flash of some objects, each at most `MOST_OBJECTS`."""
        lit = tuple(sorted(set(objects)))
        return cls(sum(1 << one for one in lit), target, lit)

    def text(self) -> str:
        """Return the marker."""
        label = {True: "target", False: "nontarget", None: "unknown"}[self.target]
        code = f"[{','.join(map(str, self.objects))}]" if self.objects else self.code
        return f"flash/{code}/{label}"


class TrialEnd(msgspec.Struct, frozen=True):
    """The last stimulus of a trial is over; its response follows.

    Parameters
    ----------
    number : int, optional
        Of the trial, from 1.

    See Also
    --------
    TrialStart : Its beginning.

    Examples
    --------
    >>> TrialEnd(2).text()
    'trial/end/2'
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

    See Also
    --------
    Feedback : What follows.
    bci_online.markers.grammar.parse_marker : Reads a marker.

    Examples
    --------
    >>> Cue("left_hand").text()
    'cue/left_hand'
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

    See Also
    --------
    Cue : What comes before.
    bci_online.markers.grammar.parse_marker : Reads a marker.

    Examples
    --------
    >>> Feedback("hit").text()
    'feedback/hit'
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

    See Also
    --------
    SessionStarted : Its beginning.

    Examples
    --------
    >>> SessionEnded("done").text()
    'session/end/done'
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

# Two markers may carry one time stamp, and arrive in either order. Ends come before
# starts, and a layout before the trial that uses it. Notes come last.
_RANKS = (Feedback, TrialEnd, SessionEnded, SessionStarted, Layout, TrialStart, Cue, Flash)


def rank(event: Event) -> int:
    """Return the place of `event` among events of the same time.

    Parameters
    ----------
    event : Event
        Of any type.

    Returns
    -------
    rank : int
        Lower ranks come first.

    See Also
    --------
    bci_online.preprocessing.cutting.Cutting : Brings markers into order so.

    Examples
    --------
    >>> found = sorted([Flash(3), TrialStart(2), TrialEnd(1)], key=rank)
    >>> [type(event).__name__ for event in found]
    ['TrialEnd', 'TrialStart', 'Flash']
    """
    return len(_RANKS) if isinstance(event, AnyNote) else _RANKS.index(type(event))
