"""The online chain: readings in, messages out. It starts no thread and reads no clock."""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from bci_online.config import Preprocessing
from bci_online.decoding.decoder import MISSING, Decoder, match_stream, used_channels
from bci_online.errors import DecoderMismatchError
from bci_online.markers import Cue, Feedback
from bci_online.messages import (
    CARRIED,
    EEG,
    LEFT,
    Chunk,
    Gap,
    Journal,
    Message,
    Reading,
    Status,
    StreamSpec,
)
from bci_online.paradigms.paradigm import Carrying, Paradigm
from bci_online.preprocessing.calibrated_signal import CalibratedSignal
from bci_online.preprocessing.channel_watch import ChannelWatch
from bci_online.preprocessing.continuous_signal import ContinuousSignal
from bci_online.preprocessing.cutting import Cutting, cutting_of
from bci_online.preprocessing.epoching import Served
from bci_online.preprocessing.picked_columns import columns
from bci_online.preprocessing.segments import Segment
from bci_online.runtime.feedback_scores import FeedbackScores
from bci_online.runtime.incoming_markers import IncomingMarkers
from bci_online.runtime.lagged_scores import LaggedScores
from bci_online.runtime.scoring import Scoring
from bci_online.runtime.steering import Steering
from bci_online.translation import TranslationRule, Translator

__all__ = ["Chain"]


class Chain:
    """The one path of all data, live, replayed and offline.

    Parameters
    ----------
    preprocessing : Preprocessing
        Filter, epochs or windows, channels.
    spec : StreamSpec
        The stream that will come.
    paradigm : Paradigm
        Decides.
    decoder : Decoder, optional
        Scores. Without one the epochs themselves go to the paradigm (as in calibration).
    translate : sequence of TranslationRule
        How to read foreign markers.
    cutting : Cutting, optional
        What is scored; by default what `cutting_of` returns.
    lagged : LaggedScores, optional
        Follows when responses come.
    steering : Steering, optional
        Which markers may act; if not given, any layout may be stated.

    Attributes
    ----------
    warnings : list of str
        Differences between stream and decoder that may matter.
    stream_channels : tuple of str
        The stream's channels that take part, as it spells them.
    feedback : FeedbackScores or None
        Scores what follows an answer, where error potentials are read.

    Raises
    ------
    DecoderMismatchError
        If the stream does not fit, or the filter is none that settles.

    See Also
    --------
    bci_online.runtime.assembly.online_chain : Build it from a decoder file; has an example.
    bci_online.runtime.replay.replay : Run a source through it.

    Notes
    -----
    What can change a decision comes in through `push`: the same readings decide the same again.

    Examples
    --------
    Without a decoder the paradigm gets the epochs themselves. One flash makes one epoch:

    >>> from bci_online.acquisition.simulator import SimulatedAmplifier
    >>> from bci_online.config import EpochSpec, Evidence, Simulation, Stopping
    >>> from bci_online.messages import Epoch, Marker
    >>> from bci_online.paradigms.p300.decision import P300Speller
    >>> preprocessing = Preprocessing(
    ...     sfreq=128.0, ch_names=("Cz", "Pz"), unit="microvolts",
    ...     epoch=EpochSpec(tmin=0.0, tmax=0.6, step=0.05),
    ... )
    >>> amplifier = SimulatedAmplifier(Simulation(sfreq=128.0, ch_names=("Cz", "Pz")))
    >>> speller = P300Speller({1: ("A", "B")}, Evidence(), Stopping(), window_s=0.6)
    >>> chain = Chain(preprocessing, amplifier.spec, speller)
    >>> amplifier.mark(Marker("flash/1/target", 4.0))
    >>> amplifier.advance(8.0)
    >>> [message.data.shape for message in chain.push(amplifier.read())
    ...  if isinstance(message, Epoch)]
    [(2, 13)]
    """

    def __init__(
        self,
        preprocessing: Preprocessing,
        spec: StreamSpec,
        paradigm: Paradigm,
        decoder: Decoder | None = None,
        translate: Sequence[TranslationRule] = (),
        cutting: Cutting | None = None,
        lagged: LaggedScores | None = None,
        steering: Steering | None = None,
    ) -> None:
        self._scoring = Scoring(preprocessing.ch_names, decoder, spec)
        picks, self.warnings = match_stream(preprocessing, spec, self._scoring.spares)
        if missing := [place for place, pick in enumerate(picks) if pick == MISSING]:
            self.warnings.append(self._scoring.news.missing(missing))
        column = spec.ch_names.index(counter) if (counter := preprocessing.counter) else None
        try:
            used = None if decoder is None else used_channels(decoder)
            # A recording may hold a channel that is no electrode; a decoder uses only electrodes.
            self._signal = ContinuousSignal(preprocessing, picks, column, used, decoder is not None)
        except ValueError as error:
            raise DecoderMismatchError(str(error)) from None
        there = [pick for pick in picks if pick != MISSING]
        self._columns = columns(there)
        self.stream_channels = tuple(spec.ch_names[pick] for pick in there)
        is_scaled = preprocessing.scaled or not spec.scaling
        self._unscaled = None if is_scaled else np.array(spec.scaling)
        self._watch = ChannelWatch(self.stream_channels, preprocessing.sfreq)
        band_rms = None if decoder is None else decoder.band_rms
        correlation = None if decoder is None else decoder.arrays.get("correlation")
        self._calibrated = CalibratedSignal(preprocessing, band_rms, correlation)
        limits = None if decoder is None else decoder.limits
        own = limits, self._scoring.spares, self._calibrated.noisy
        self._cutting = cutting or cutting_of(preprocessing, *own)
        self._markers = IncomingMarkers(translate, self._signal.offsets, self._cutting, steering)
        self._decoder = decoder
        self._paradigm = paradigm
        self._carrying = [one for one in (self._cutting, paradigm) if isinstance(one, Carrying)]
        self._lagged = lagged
        self._segment: Segment | None = None
        self._has_opened = False
        self.feedback: FeedbackScores | None = None

    @property
    def translator(self) -> Translator:
        """Counts the markers that it cannot read."""
        return self._markers.translator

    @property
    def n_not_finite(self) -> int:
        """Number of samples that were not finite."""
        return self._signal.n_not_finite

    @property
    def bad_seconds(self) -> dict[str, int]:
        """In how many seconds each bad channel was not finite, flat or railing."""
        return self._watch.bad_seconds

    @property
    def unknown_codes(self) -> int:
        """Number of flashes whose code the layout lacks: they give no evidence."""
        return self._paradigm.unknown_codes

    @property
    def due(self) -> float:
        """Common time of the sample that the next answer may wait for; infinite where none does."""
        own = self._markers.due
        return own if self.feedback is None else min(own, self.feedback.due)

    def push(self, reading: Reading) -> list[Message]:
        """Process a reading; return everything that follows from it, as `following`."""
        return list(self.following(reading))

    def following(self, reading: Reading) -> Iterator[Message]:
        """Process a reading; all that is yielded must be taken.

        Parameters
        ----------
        reading : Reading
            Chunks, markers and clock offsets, as a source returned them.

        Yields
        ------
        message : Message
            In order: gaps, journal, scores, decisions, alarms; a decision before the rest is done.
        """
        if self.feedback is not None:
            yield from self.feedback.push(reading)
        for line in reading.journal:
            if isinstance(line, Journal) and line.kind == CARRIED:
                for one, text in zip(self._carrying, line.text.split(";"), strict=False):
                    one.carry(text)
        for offset in reading.offsets:
            if offset.stream == EEG:
                yield from self._handle_gap(self._signal.add_offset(offset))
            else:
                self._markers.add_offset(offset)
            yield Journal("offset", offset.time, text=offset.stream, value=offset.value)
        for marker in reading.markers:
            yield from self._markers.add(marker, self._signal.n_delivered)
        for chunk in map(self._as_trained, reading.chunks):
            yield from self._follow(self._signal.push(chunk))
            yield from self._watch_channels(chunk)
            if chunk.stamps.size:
                yield from self._markers.compare(float(chunk.stamps[-1]))
        if reading.markers:
            # Late markers may complete an epoch without any new sample.
            yield from self._cut()

    def finish(self) -> list[Message]:
        """Return the last messages: no more samples will come."""
        messages = [*self._follow(self._signal.finish()), *self._end()]
        messages += [one for served in self._cutting.finish() for one in self._decide(served)]
        left = [Journal(LEFT, 0.0, text=text) for text in [self._carried] if text]
        return [*messages, *self._paradigm.finish(), *left]

    @property
    def _carried(self) -> str:
        parts = [one.carried for one in self._carrying]
        return ";".join(parts) if any(parts) else ""

    def _follow(self, gaps: Iterator[Gap | None]) -> Iterator[Message]:
        """Yield what follows from pieces of the signal, each with the gap before it."""
        for gap in gaps:
            yield from self._handle_gap(gap)
            yield from self._cut()

    def _end(self) -> Iterator[Journal]:
        """Yield the line of the last sample: a recording goes on after its live run."""
        stop = self._signal.samples.stop
        if stop > self._signal.samples.start:
            time, stamp = self._signal.times.window(stop - 1, stop)[:2, 0]
            yield Journal("end", float(time), stop - 1, value=float(stamp))

    def _as_trained(self, chunk: Chunk) -> Chunk:
        """Return a chunk in the unit of training: older decoders know no scaling factors."""
        if self._unscaled is None:
            return chunk
        return msgspec.structs.replace(chunk, data=chunk.data / self._unscaled)

    def _watch_channels(self, chunk: Chunk) -> Iterator[Status]:
        for change in self._watch.push(chunk.data[:, self._columns], chunk.stamps):
            time = self._signal.offsets.at(change.time) + change.time
            yield msgspec.structs.replace(change, time=time)

    def _handle_gap(self, gap: Gap | None) -> Iterator[Message]:
        if gap is None:
            return
        yield gap
        if gap.late:
            for retracted in self._cutting.retract(self._signal.in_doubt):
                marker = retracted.marker
                yield Journal("retracted", marker.time, retracted.onset, marker.text)
                retracted = self._paradigm.retract(retracted)
                self._scoring.take_back(retracted)
                yield retracted

    def _cut(self) -> Iterator[Message]:
        segments = self._signal.segments
        if segments and segments[-1] is not self._segment:
            self._segment = segments[-1]
            yield Journal("segment", self._segment.first_time, self._segment.first)
        yield from self._calibrated.take(self._signal)
        yield from self._markers.add_timed(self._signal)
        for served in self._cutting.cut(self._signal):
            yield from self._decide(served)

    def _decide(self, served: Served) -> Iterator[Message]:
        outcome = self._scoring.outcome(served)
        if self.feedback is not None and isinstance(served.event, Feedback):
            outcome = self.feedback.outcome(served.marker)
        if self._decoder is not None:
            yield from self._scoring.news.follow(served)
        if served.onset is not None and self._decoder is not None:
            stamp = self._signal.times.window(served.onset, served.onset + 1)[1, 0]
            marker = served.marker
            yield Journal("onset", marker.time, served.onset, marker.text, float(stamp))
        if outcome is not None:
            yield outcome
        answered = self._paradigm.push(served.event, served.time, outcome)
        yield from map(self._calibrated.explained, answered)
        yield from self._scoring.learn(served, answered)
        if self._lagged is not None:
            yield from self._lagged.take(served, self._signal)
        if served.opens:
            if not self._has_opened and self._carried:
                # Now, not at the start: every recorder listens by now.
                yield Journal(CARRIED, served.time, text=self._carried)
            self._has_opened = True
            # After the paradigm's messages: they still concern the trial before.
            field = "label" if isinstance(served.event, Cue) else "symbol"
            yield Journal("trial", served.time, text=getattr(served.event, field, ""))
