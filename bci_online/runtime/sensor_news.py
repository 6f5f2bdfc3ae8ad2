"""What is said where sensors fail while a decoder runs, and where they are good again."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from bci_online.messages import Epoch, Journal, Message, Rejected, Status
from bci_online.preprocessing.epoching import Served

__all__ = ["GoingOn", "SensorNews"]

AGAIN_S = 60.0
"""What was said of the same sensors is said again only after so many seconds."""

MOST_KEPT = 64
"""A loose plug can make many sets of lost sensors."""


class GoingOn(Protocol):
    """Whether and how decoding goes on without some sensors, given by their places.

    See Also
    --------
    bci_online.runtime.lost_sensors.lost_sensors_of : What a decoder can do.
    """

    def spares(self, channels: Sequence[int], /) -> bool:
        """Return whether it goes on."""

    def expected_auc(self, channels: Sequence[int], /) -> float:
        """Return the AUC of flashes that is expected; 0 where it is not known."""

    def goes_on(self, channels: Sequence[int], /) -> str:
        """Return how it goes on."""

    def stops(self, channels: Sequence[int], /) -> str:
        """Return why it does not."""


class SensorNews:
    """Follow which sensors flashes or windows are decoded without.

    Parameters
    ----------
    ch_names : sequence of str
        The decoder's sensors.
    going_on : callable
        Returns what the decoder does without some of them; another decoder may decide later.

    See Also
    --------
    bci_online.runtime.chain.Chain : Asks it for each flash.

    Examples
    --------
    >>> from bci_online.config import DecoderHeader, Preprocessing
    >>> from bci_online.decoding.uncalibrated import UncalibratedDecoder
    >>> from bci_online.runtime.lost_sensors import OtherSensors
    >>> own = Preprocessing(ch_names=("Cz", "Pz"), sfreq=250.0)
    >>> header = DecoderHeader(method="none", kind="uncalibrated", preprocessing=own)
    >>> lost = OtherSensors(UncalibratedDecoder(header, {}))
    >>> SensorNews(own.ch_names, lambda: lost).missing((1,))
    'Pz missing: decoding goes on with 1 of 2 sensors'
    """

    def __init__(self, ch_names: Sequence[str], going_on: Callable[[], GoingOn]) -> None:
        self._ch_names = tuple(ch_names)
        self._going_on = going_on
        self._now: tuple[str, ...] | None = ()
        self._told: dict[tuple[str, ...], float] = {}

    def names(self, channels: Sequence[int]) -> tuple[str, ...]:
        """Return the names of sensors."""
        return tuple(self._ch_names[channel] for channel in channels)

    def missing(self, channels: Sequence[int]) -> str:
        """Return what a person should know of sensors that a stream lacks."""
        return f"{', '.join(self.names(channels))} missing: {self._going_on().goes_on(channels)}"

    def begin_again(self) -> None:
        """Say anew what is lost now: another decoder decides from now on."""
        if self._now:
            self._now = None
        self._told.clear()

    def follow(self, served: Served) -> list[Message]:
        """Return what is to be said where other sensors are lost than for the one before."""
        outcome = served.outcome
        if isinstance(outcome, Epoch):
            lost = self.names(outcome.without)
        elif isinstance(outcome, Rejected) and outcome.reason == "channel":
            lost = outcome.channels
        else:
            return []
        if lost == self._now:
            return []
        self._now = lost
        channels = [self._ch_names.index(name) for name in lost]
        onset = -1 if served.onset is None else served.onset
        expected = self._going_on().expected_auc(channels)
        messages: list[Message] = [Journal("swap", served.time, onset, ",".join(lost), expected)]
        if served.time - self._told.get(lost, -np.inf) > AGAIN_S:
            if len(self._told) >= MOST_KEPT:
                self._told.clear()
            self._told[lost] = served.time
            messages.append(self._status(lost, channels, served.time))
        return messages

    def _status(self, lost: tuple[str, ...], channels: list[int], time: float) -> Status:
        if not lost:
            return Status("info", "all sensors are decoded again", time)
        who, going_on = ", ".join(lost), self._going_on()
        if going_on.spares(channels):
            return Status("warning", f"without {who} {going_on.goes_on(channels)}", time)
        why = going_on.stops(channels)
        text = f"nothing is decoded without {who}: {why}; mend these electrodes"
        return Status("alarm", text, time)
