"""Alarms that stay until somebody has seen them."""

import re

import msgspec

__all__ = ["Alarm", "Alarms"]


class Alarm(msgspec.Struct):
    """Something that went wrong ``count`` times, from clock time ``first`` to ``last``."""

    level: str
    text: str
    first: float
    last: float
    count: int = 1


class Alarms:
    """What has not been acknowledged; alarms that differ by numbers alone are one.

    Attributes
    ----------
    open : list of Alarm
        The newest last.
    n_acknowledged : int
        How many alarms were seen, repeats included.
    """

    def __init__(self) -> None:
        self.open: list[Alarm] = []
        self.n_acknowledged = 0

    def add(self, level: str, text: str, time: float) -> None:
        """Take an alarm or a warning."""
        for alarm in self.open:
            if (alarm.level, _kind(alarm.text)) == (level, _kind(text)):
                alarm.text, alarm.last, alarm.count = text, time, alarm.count + 1
                return
        self.open.append(Alarm(level, text, time, time))

    def acknowledge(self) -> None:
        """Note that all of them were seen."""
        self.n_acknowledged += sum(alarm.count for alarm in self.open)
        self.open = []


def _kind(text: str) -> str:
    return re.sub(r"[0-9]+([.,][0-9]+)?", "#", text)
