"""The events of an experiment, each with its marker."""

import json
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
