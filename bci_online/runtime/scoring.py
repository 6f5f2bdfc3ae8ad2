"""Epochs on their way to a paradigm: what scores them, and how that changes while it runs."""

from collections.abc import Iterator, Sequence

from bci_online.decoding.decoder import Decoder
from bci_online.decoding.scores import NOT_FINITE, not_finite_text, score_of
from bci_online.markers import SessionStarted
from bci_online.messages import (
    Epoch,
    Journal,
    Message,
    Rejected,
    Retracted,
    Score,
    Status,
    StreamSpec,
)
from bci_online.notes import Supervised
from bci_online.preprocessing.epoching import Served
from bci_online.runtime.adaptation import FollowedSession
from bci_online.runtime.fitted_decoders import fitted_decoder
from bci_online.runtime.lost_sensors import AllSensors, LostSensors, OtherSensors, lost_sensors_of
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
    spec : StreamSpec
        The stream.

    Attributes
    ----------
    news : SensorNews
        What is said of sensors that fail.

    See Also
    --------
    bci_online.runtime.chain.Chain : Asks it about each marker.
    bci_online.runtime.lost_sensors.LostSensors : Goes on without sensors.
    bci_online.runtime.adaptation.FollowedSession : Follows the session.

    Notes
    -----
    Without calibration the paradigm goes over to a decoder that was fitted on its letters. From
    then on it is that decoder which can or cannot go on without a sensor.

    Examples
    --------
    >>> spec = StreamSpec(name="amp", sfreq=250.0, ch_names=("Cz", "Pz"), ch_types=("EEG",) * 2)
    >>> Scoring(("Cz", "Pz"), None, spec).spares((1,))
    False
    """

    def __init__(self, ch_names: Sequence[str], decoder: Decoder | None, spec: StreamSpec) -> None:
        self._own = self._decoder = decoder
        self._spec = spec
        self._scores = decoder is not None and decoder.header.kind != "uncalibrated"
        self._lost: LostSensors | OtherSensors | AllSensors | None = None
        self.news = SensorNews(ch_names, self._going_on)
        self._given: Supervised | None = None
        self._alarm: Status | None = None
        self._has_alarmed = False
        self._followed: FollowedSession | None = None
        # Windows of imagery belong to no letter.
        if decoder is not None and self._scores and decoder.header.preprocessing.window is None:
            self._followed = FollowedSession(decoder)

    def spares(self, channels: Sequence[int]) -> bool:
        """Return whether decoding goes on without these sensors."""
        return self._going_on().spares(channels)

    def outcome(self, served: Served) -> Score | Rejected | Epoch | None:
        """Return what the paradigm gets: the score of an epoch, or all else as it is."""
        epoch = served.outcome
        if not isinstance(epoch, Epoch) or self._decoder is None or not self._scores:
            return epoch
        names: tuple[str, ...] = ()
        if epoch.without and isinstance(lost := self._going_on(), LostSensors):
            values, names = lost.score(epoch.data, epoch.without), self.news.names(epoch.without)
        else:
            values = self._decoder.score(epoch.data)
        found = score_of(epoch.marker, epoch.time, values, epoch.onset, names)
        if isinstance(found, Rejected) and not self._has_alarmed:
            # Once: the figures of the run count them.
            self._has_alarmed = True
            text = not_finite_text(values, self._decoder.header.classes)
            self._alarm = Status("alarm", text, epoch.time, kind=NOT_FINITE)
        return found

    def take_back(self, retracted: Retracted) -> None:
        """Learn nothing from a flash whose samples are in doubt."""
        if self._followed is not None:
            self._followed.take_back(retracted)

    def learn(self, served: Served, answered: Sequence[Message]) -> Iterator[Message]:
        """Take a marker with what was decided; yield what changes, and what is wrong."""
        if self._alarm is not None:
            yield self._alarm
            self._alarm = None
        if self._followed is not None:
            yield from self._followed.take(served, answered)
            self._use(self._followed.decoder)
        elif self._own is not None and not self._scores:
            self._supervise(self._own, served, answered)

    def _supervise(self, own: Decoder, served: Served, answered: Sequence[Message]) -> None:
        """Go on with the decoder with which the paradigm goes on."""
        if isinstance(served.event, Supervised):
            self._given = served.event
        elif isinstance(served.event, SessionStarted):
            self._given = None
            if self._decoder is not own:
                self._use(own)
                self.news.begin_again()
        is_used = any(isinstance(one, Journal) and one.kind == "supervised" for one in answered)
        if is_used and self._given is not None:
            self._use(fitted_decoder(self._given.decoder, own, self._spec))
            self.news.begin_again()

    def _use(self, decoder: Decoder) -> None:
        if decoder is not self._decoder:
            self._decoder, self._lost = decoder, None

    def _going_on(self) -> LostSensors | OtherSensors | AllSensors:
        # Only once a sensor fails: the decoder may change with each letter.
        if self._lost is None:
            self._lost = lost_sensors_of(self._decoder)
        return self._lost
