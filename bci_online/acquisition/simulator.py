"""An amplifier and a subject in one process: EEG that answers the markers it is given.

The clock is virtual: it moves when the caller moves it, and nothing sleeps. A closed loop is ::

    amplifier = SimulatedAmplifier(config.simulation, layout=config.layout.symbols_of_code)
    amplifier.open()
    amplifier.attend("B")
    while ...:
        for marker in presentation.step(amplifier.now): amplifier.mark(marker)
        amplifier.advance(0.175)
        messages = chain.push(amplifier.read())

In real time the caller moves the clock along with its own: ``advance_to(local_clock())``.
"""

import math
from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np

from bci_online.acquisition.synthetic_eeg import SyntheticEEG
from bci_online.config import Simulation
from bci_online.markers import Cue, Feedback, Flash, Layout, TrialEnd, TrialStart, parse_marker
from bci_online.messages import (
    EEG,
    MARKERS,
    Chunk,
    ClockOffset,
    Marker,
    Reading,
    StreamSpec,
    read_only,
)
from bci_online.session_names import simulated_source_id

__all__ = ["SimulatedAmplifier", "simulate"]


class SimulatedAmplifier:
    """A `Source` of synthetic EEG and the `MarkerSink` that it answers.

    Parameters
    ----------
    simulation : Simulation
        The subject and the amplifier.
    layout : mapping of int to sequence of str, optional
        Symbols that a flash of each code lights up; a ``layout/<json>`` marker replaces it.
    duration : float
        Length of the recording in seconds of EEG.
    start : float
        First time of the virtual clock, which is the common time, in seconds.
    eeg_offset, marker_offset : float
        Clock offsets of the two streams in seconds, as if their computers' clocks disagreed:
        raw = common - offset.
    marker_stream : str
        Stream key of the markers it delivers.

    Attributes
    ----------
    now : float
        The virtual clock, in common time.
    late_marks : int
        Number of markers whose flash or cue was already in the past. Samples up to `now` are
        delivered already, so the response starts in its middle.

    Raises
    ------
    ConfigError
        If a channel is not a position of the 10-10 system, or the sampling rate is below 64 Hz.

    See Also
    --------
    simulate : A whole recording at once.
    bci_online.acquisition.synthetic_eeg.SyntheticEEG : The model of the signal.

    Notes
    -----
    The subject attends to a flash that is labelled ``target``, or that lights the attended symbol:
    the one that ``trial/start`` named, until the trial ends, otherwise that of `attend`. After
    ``cue/<class>`` it imagines that movement until ``trial/end``, the next trial or the next cue.
    ``feedback/miss``, a wrong answer, evokes an error potential.

    Samples are made when they are read, up to the virtual clock. So the signal depends on the seed
    and on the markers in their order, and not on how often it is read, as long as no marker is
    late. Only one thread may use an amplifier.

    Examples
    --------
    >>> from bci_online.config import Simulation
    >>> from bci_online.messages import Marker
    >>> amplifier = SimulatedAmplifier(Simulation(sfreq=256.0, ch_names=("Cz", "Pz")))
    >>> amplifier.mark(Marker("flash/1/target", 0.5))
    >>> amplifier.advance(1.0)
    >>> reading = amplifier.read()
    >>> reading.chunks[0].data.shape, reading.markers[0].text
    ((256, 2), 'flash/1/target')
    """

    def __init__(
        self,
        simulation: Simulation,
        *,
        layout: Mapping[int, Sequence[str]] | None = None,
        duration: float = math.inf,
        start: float = 0.0,
        eeg_offset: float = 0.0,
        marker_offset: float = 0.0,
        marker_stream: str = MARKERS,
    ) -> None:
        self.spec = StreamSpec(
            name="simulated amplifier",
            sfreq=simulation.sfreq,
            ch_names=simulation.ch_names,
            ch_types=("EEG",) * len(simulation.ch_names),
            source_id=simulated_source_id(simulation.seed),
            unit="microvolts",
            reference="none (simulated potentials)",
            amplifier="bci-online simulator",
        )
        self.now = start
        self.late_marks = 0
        self._eeg = SyntheticEEG(simulation)
        self._layout = {code: tuple(symbols) for code, symbols in (layout or {}).items()}
        self._start, self._end = start, start + duration
        self._eeg_offset, self._marker_offset = eeg_offset, marker_offset
        self._marker_stream = marker_stream
        self._markers: list[Marker] = []
        self._attended = self._cued = ""
        self._offsets_due = True
        self._over = False

    def open(self) -> None:
        """Do nothing: an amplifier in this process is always ready."""

    def close(self) -> None:
        """End the recording."""
        self._over = True

    def attend(self, symbol: str) -> None:
        """Let the subject attend to `symbol` (empty: to nothing) in flashes marked from now on."""
        self._attended = symbol

    def advance(self, seconds: float) -> None:
        """Move the virtual clock forward by `seconds`."""
        self.advance_to(self.now + seconds)

    def advance_to(self, time: float) -> None:
        """Move the virtual clock to the common `time`.

        Raises
        ------
        ValueError
            If `time` is not finite or lies before `now`.
        """
        if not self.now <= time < math.inf:
            raise ValueError(
                f"time={time} s must be finite and not before the simulated clock, {self.now} s"
            )
        self.now = time

    def mark(self, marker: Marker) -> None:
        """Show `marker` to the subject; `read` delivers it once the clock has reached its time.

        Parameters
        ----------
        marker : Marker
            Its time is raw, in the marker clock, and may lie in the future. It affects the flashes
            marked after it, so give markers in the order of their times.
        """
        marker = msgspec.structs.replace(marker, stream=self._marker_stream)
        insort(self._markers, marker, key=lambda waiting: waiting.time)
        event = parse_marker(marker.text)
        since = marker.time + self._marker_offset - self._start
        if isinstance(event, Flash | Cue | Feedback) and self._n_samples(since) < self._eeg.n_taken:
            self.late_marks += 1
        match event:
            case Layout(symbols):
                self._layout = symbols
            case TrialStart(_, symbol):
                # Some recordings write "?" for an unknown symbol.
                self._cued = symbol if any(symbol in lit for lit in self._layout.values()) else ""
                self._eeg.rest(since)
            case Flash(code, target):
                symbol = self._cued or self._attended
                attended = target or symbol in self._layout.get(code, ())
                self._eeg.flash(since, bool(attended))
            case Feedback("miss"):
                self._eeg.err(since)
            case Cue(label):
                self._eeg.imagine(label, since)
            case TrialEnd():
                self._cued = ""
                self._eeg.rest(since)

    def read(self, timeout: float = 0.0) -> Reading | None:
        """Return all samples and markers up to the virtual clock.

        If there is nothing to return, the clock moves forward by `timeout` seconds at once: in
        virtual time that is waiting. None after the end of the recording, or after `close`.
        """
        if self._over:
            return None
        if timeout > 0 and not self._n_due() and not self._n_markers_due():
            self.advance(timeout)
        n_times, n_markers = self._n_due(), self._n_markers_due()
        if not n_times and not n_markers and self.now >= self._end:
            self._over = True
            return None
        markers, self._markers = self._markers[:n_markers], self._markers[n_markers:]
        chunks = (self._next_chunk(n_times),) if n_times else ()
        return Reading(chunks=chunks, markers=tuple(markers), offsets=self._first_offsets())

    def _n_samples(self, since: float) -> int:
        """Return the number of samples before `since` seconds after the start.

        The tolerance covers the rounding of a clock that was advanced in many small steps.
        """
        return max(0, math.ceil(since * self.spec.sfreq - 1e-6))

    def _n_due(self) -> int:
        until = min(self.now, self._end) - self._start
        return self._n_samples(until) - self._eeg.n_taken

    def _n_markers_due(self) -> int:
        due = self.now - self._marker_offset + 1e-9
        return bisect_right(self._markers, due, key=lambda waiting: waiting.time)

    def _next_chunk(self, n_times: int) -> Chunk:
        numbers = self._eeg.n_taken + np.arange(n_times)
        stamps = self._start + numbers / self.spec.sfreq - self._eeg_offset
        return Chunk(data=read_only(self._eeg.take(n_times)), stamps=read_only(stamps))

    def _first_offsets(self) -> tuple[ClockOffset, ...]:
        if not self._offsets_due:
            return ()
        self._offsets_due = False
        values = {EEG: self._eeg_offset, self._marker_stream: self._marker_offset}
        return tuple(
            ClockOffset(stream=stream, time=self._start - value, value=value)
            for stream, value in values.items()
        )


def simulate(
    simulation: Simulation,
    markers: Sequence[Marker],
    duration: float,
    *,
    layout: Mapping[int, Sequence[str]] | None = None,
    step: float = 0.25,
) -> Iterator[Reading]:
    """Yield what a subject who is shown `markers` would have recorded, as fast as possible.

    Parameters
    ----------
    simulation : Simulation
        The subject and the amplifier.
    markers : sequence of Marker
        Their times are seconds after the first sample.
    duration : float
        Seconds of EEG.
    layout : mapping of int to sequence of str, optional
        Symbols that a flash of each code lights up; a ``layout/<json>`` marker replaces it.
    step : float
        Seconds of EEG per reading.

    Yields
    ------
    reading : Reading
        Samples and markers of `step` seconds.

    See Also
    --------
    SimulatedAmplifier : The same, step by step.

    Examples
    --------
    One second of two channels, with a flash that the subject attends to:

    >>> from bci_online.config import Simulation
    >>> from bci_online.messages import Marker
    >>> subject = Simulation(sfreq=256.0, ch_names=("Cz", "Pz"))
    >>> readings = list(simulate(subject, [Marker("flash/1/target", 0.3)], duration=1.0))
    >>> [reading.chunks[0].data.shape for reading in readings[:2]], readings[1].markers[0].text
    ([(64, 2), (64, 2)], 'flash/1/target')
    """
    amplifier = SimulatedAmplifier(simulation, layout=layout, duration=duration)
    waiting = sorted(markers, key=lambda marker: marker.time)
    n_shown = 0
    while True:
        while n_shown < len(waiting) and waiting[n_shown].time <= amplifier.now + step:
            amplifier.mark(waiting[n_shown])
            n_shown += 1
        reading = amplifier.read(step)
        if reading is None:
            return
        yield reading
