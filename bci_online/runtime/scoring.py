"""Epochs on their way to a paradigm: what scores them, and how that changes while it runs."""

from collections.abc import Iterator, Sequence

from bci_online.decoding.decoder import Decoder
from bci_online.messages import Epoch, Message, Rejected, Retracted, Score
from bci_online.preprocessing.epoching import Served
from bci_online.runtime.adaptation import FollowedSession
from bci_online.runtime.lost_sensors import LostSensors, lost_sensors_of
from bci_online.runtime.sensor_news import SensorNews

__all__ = ["Scoring"]


class Scoring:
    """Scores epochs, without sensors that fail, by a decoder that may follow its session.

    Parameters
    ----------
    ch_names : sequence of str
        The sensors.
    decoder : Decoder or None
        Without one, and without calibration, epochs stay as they are.

    Attributes
    ----------
    news : SensorNews
        What is said of sensors that fail.

    See Also
    --------
    bci_online.runtime.chain.Chain : Asks it about each marker.
    bci_online.runtime.lost_sensors.LostSensors : Goes on without sensors.
    bci_online.runtime.adaptation.FollowedSession : Follows the session.

    Examples
    --------
    >>> Scoring(("Cz", "Pz"), None).spares((1,))
    False
    """

    def __init__(self, ch_names: Sequence[str], decoder: Decoder | None) -> None:
        self._decoder = decoder
        self._scores = decoder is not None and decoder.header.kind != "uncalibrated"
        self._lost = lost_sensors_of(decoder)
        self.news = SensorNews(ch_names, self._lost)
        self._followed: FollowedSession | None = None
        # Windows of imagery belong to no letter.
        if decoder is not None and self._scores and decoder.header.preprocessing.window is None:
            self._followed = FollowedSession(decoder)

    def spares(self, channels: Sequence[int]) -> bool:
        """Return whether decoding goes on without these sensors."""
        return self._lost.spares(channels)

    def outcome(self, served: Served) -> Score | Rejected | Epoch | None:
        """Return what the paradigm gets: the score of an epoch, or all else as it is."""
        epoch = served.outcome
        if not isinstance(epoch, Epoch) or self._decoder is None or not self._scores:
            return epoch
        if not epoch.without or not isinstance(self._lost, LostSensors):
            return Score(epoch.marker, epoch.time, self._decoder.score(epoch.data), epoch.onset)
        values = self._lost.score(epoch.data, epoch.without)
        names = self.news.names(epoch.without)
        return Score(epoch.marker, epoch.time, values, epoch.onset, names)

    def take_back(self, retracted: Retracted) -> None:
        """Learn nothing from a flash whose samples are in doubt."""
        if self._followed is not None:
            self._followed.take_back(retracted)

    def learn(self, served: Served, answered: Sequence[Message]) -> Iterator[Message]:
        """Take a marker with what was decided; yield what changes."""
        if self._followed is None:
            return
        yield from self._followed.take(served, answered)
        if self._followed.decoder is not self._decoder:
            self._decoder = self._followed.decoder
            self._lost = lost_sensors_of(self._decoder)
