"""Alarms that stay until the operator has seen them."""

import re
from collections.abc import Iterable

import msgspec

from bci_online.counted import counted
from bci_online.messages import DecisionLine, Gap, Status
from bci_online.notes import NotCorrected

__all__ = ["Alarm", "Alarms", "AlarmsSeen", "Silence", "alarm_of"]


class Silence(msgspec.Struct, frozen=True):
    """These streams are silent now, and no others.

    A panel finds that out by itself.

    Parameters
    ----------
    streams : tuple of str
        Their names.

    See Also
    --------
    bci_online.session_state.state.SessionState : Takes it.
    """

    streams: tuple[str, ...]


class AlarmsSeen(msgspec.Struct, frozen=True):
    """The operator has seen all alarms.

    See Also
    --------
    Alarms : Observes it.
    """


def alarm_of(message: object) -> tuple[str, str] | None:
    """Return level and text of what a message alarms about; None for most messages.

    Parameters
    ----------
    message : object
        Of a session.

    Returns
    -------
    alarm : (str, str) or None
        Level and text.

    See Also
    --------
    Alarms : Keeps alarms.

    Examples
    --------
    >>> alarm_of(Status("alarm", "the amplifier is silent", 5.0))
    ('alarm', 'the amplifier is silent')
    """
    match message:
        case Status(level, text) if level != "info":
            return level, text
        case Gap(reason="clock"):
            return "alarm", "the amplifier's clock stepped: the filter starts again"
        case Gap(reason="stall"):
            late = counted(-message.n_lost, "sample was", "samples were")
            return "alarm", f"the amplifier stalled: {late} late, not lost"
        case Gap(bridged=False):
            lost = counted(message.n_lost, "sample was", "samples were")
            return "alarm", f"{lost} lost in one piece"
        case DecisionLine(late=True):
            age = 0.0 if message.data_age_ms is None else message.data_age_ms
            late = f"came late ({age:.0f} ms), not carried out"
            return "alarm", f"the decision of trial {message.trial} {late}"
        case NotCorrected():
            return "warning", message.words
    return None


class Alarm(msgspec.Struct):
    """Something that went wrong, once or more often.

    Parameters
    ----------
    level : str
        ``warning`` or ``alarm``.
    text : str
        As it was said last.
    first, last : float
        When it was said, by the caller's clock.
    count : int
        How often.
    channels : frozenset of str
        Those of its channels that are still bad; none where it is not about channels.

    See Also
    --------
    Alarms : Keeps them.
    """

    level: str
    text: str
    first: float
    last: float
    count: int = 1
    channels: frozenset[str] = frozenset()


class Alarms:
    """What has not been acknowledged; alarms that differ by numbers alone are one.

    Attributes
    ----------
    open : list of Alarm
        The newest last.
    n_acknowledged : int
        How many alarms were seen, repeats included.

    See Also
    --------
    alarm_of : What is an alarm.

    Examples
    --------
    >>> alarms = Alarms()
    >>> alarms.add("alarm", "12 samples were lost", 5.0)
    >>> alarms.add("alarm", "30 samples were lost", 8.0)
    >>> [(alarm.text, alarm.count) for alarm in alarms.open]
    [('30 samples were lost', 2)]
    """

    MOST = 100

    def __init__(self) -> None:
        self.open: list[Alarm] = []
        self.n_acknowledged = 0

    def observe(self, message: object, time: float) -> None:
        """Take any message of a session: most are no alarm, some end one."""
        if isinstance(message, Status) and message.kind == "good_channels":
            self._end(message.channels)
        elif alarm := alarm_of(message):
            channels = message.channels if isinstance(message, Status) else ()
            self.add(*alarm, time, channels)

    def add(self, level: str, text: str, time: float, channels: Iterable[str] = ()) -> None:
        """Take an alarm or a warning."""
        for alarm in self.open:
            if (alarm.level, _kind(alarm.text)) == (level, _kind(text)):
                alarm.text, alarm.last, alarm.count = text, time, alarm.count + 1
                alarm.channels = alarm.channels.union(channels)
                return
        if len(self.open) == self.MOST:
            level, text, channels = "alarm", "more kinds of alarms came than are listed", ()
            if self.open[-1].text == text:
                self.open[-1].last, self.open[-1].count = time, self.open[-1].count + 1
                return
            self.n_acknowledged += self.open.pop().count
        self.open.append(Alarm(level, text, time, time, channels=frozenset(channels)))

    def _end(self, channels: Iterable[str]) -> None:
        """End the alarms whose channels all are good again."""
        kept = []
        for alarm in self.open:
            left = alarm.channels.difference(channels)
            if left or not alarm.channels:
                kept.append(alarm)
            alarm.channels = left
        self.open = kept

    def acknowledge(self) -> None:
        """Note that all of them were seen."""
        self.n_acknowledged += sum(alarm.count for alarm in self.open)
        self.open = []


def _kind(text: str) -> str:
    return re.sub(r"[0-9]+([.,][0-9]+)?", "#", text)
