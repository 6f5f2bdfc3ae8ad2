"""Epochs on their way to a paradigm: what scores them, and how that changes while it runs."""

from collections.abc import Callable, Iterator, Sequence

from bci_online.decoding.decoder import Decoder
from bci_online.messages import Epoch, Message, Rejected, Score
from bci_online.preprocessing.epoching import Served
from bci_online.runtime.adaptation import FollowedSession
from bci_online.runtime.lost_sensors import LostSensors, lost_sensors_of

__all__ = ["Scoring"]


class Scoring:
    """Scores epochs, without sensors that fail, by a decoder that may follow its session.

    Parameters
    ----------
    decoder : Decoder or None
        Without one, and without calibration, epochs stay as they are.

    See Also
    --------
    bci_online.runtime.chain.Chain : Asks it about each marker.
    bci_online.runtime.lost_sensors.LostSensors : Goes on without sensors.
    bci_online.runtime.adaptation.FollowedSession : Follows the session.

    Examples
    --------
    >>> Scoring(None).spares
    ()
    """

    def __init__(self, decoder: Decoder | None) -> None:
        self._decoder = decoder
        self._scores = decoder is not None and decoder.header.kind != "uncalibrated"
        self._lost = None if decoder is None else lost_sensors_of(decoder)
        is_followed = decoder is not None and self._scores and decoder.header.paradigm == "p300"
        self._followed = FollowedSession(decoder) if decoder is not None and is_followed else None

    @property
    def spares(self) -> tuple[Callable[[Sequence[int]], bool], ...]:
        """What says which sensors can be spared; empty where none can."""
        return () if self._lost is None else (self._lost.spares,)

    def missing(self, channels: Sequence[int]) -> list[str]:
        """Return what a person should know of sensors that a stream lacks."""
        return [self._lost.missing(channels)] if self._lost is not None and channels else []

    def follow(self, served: Served) -> list[Message]:
        """Return what is to be said where other sensors are lost than for the flash before."""
        return [] if self._lost is None else self._lost.follow(served)

    def outcome(self, served: Served) -> Score | Rejected | Epoch | None:
        """Return what the paradigm gets: the score of an epoch, or all else as it is."""
        epoch = served.outcome
        if not isinstance(epoch, Epoch) or self._decoder is None or not self._scores:
            return epoch
        if not epoch.without or self._lost is None:
            return Score(epoch.marker, epoch.time, self._decoder.score(epoch.data), epoch.onset)
        values = self._lost.score(epoch.data, epoch.without)
        names = self._lost.names(epoch.without)
        return Score(epoch.marker, epoch.time, values, epoch.onset, names)

    def learn(self, served: Served, answered: Sequence[Message]) -> Iterator[Message]:
        """Take a marker with what was decided; yield what changes."""
        if self._followed is None:
            return
        yield from self._followed.take(served, answered)
        if self._followed.decoder is not self._decoder:
            self._decoder = self._followed.decoder
            self._lost = self._kept(lost_sensors_of(self._decoder))

    def _kept(self, lost: LostSensors | None) -> LostSensors | None:
        """Return what goes on without sensors; it knows which ones are lost now."""
        if lost is not None and self._lost is not None:
            lost.go_on_from(self._lost)
        return lost
