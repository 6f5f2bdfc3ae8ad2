"""A panel that is fed by hand, and what it is fed with in each of its states."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from bci_online.acquisition.montage import sensor_positions
from bci_online.gui.panel.signal_figures import SignalMeter
from bci_online.gui.panel.signal_reader import SignalNews
from bci_online.gui.panel.window import FRAMES, OperatorPanel
from bci_online.markers import (
    Cue,
    Feedback,
    Flash,
    Layout,
    SessionEnded,
    SessionStarted,
    TrialEnd,
    TrialStart,
)
from bci_online.messages import (
    Chunk,
    ClockOffset,
    DecisionLine,
    Gap,
    Journal,
    Marker,
    Reading,
    Rejected,
    Status,
    StreamSpec,
    TrialEvidence,
)
from bci_online.notes import OperatorNote, Pause, Promised
from bci_online.session_lines import SessionStatus

ROWS = ("ABCDEF", "GHIJKL", "MNOPQR", "STUVWX", "YZ1234", "56789_")
CODES = {code: tuple(row) for code, row in enumerate(ROWS, start=7)}
CODES |= {code: tuple(row[code - 1] for row in ROWS) for code in range(1, 7)}
BEGIN = 1000.0
SOA = 0.175


def spec(n_channels: int = 16, sfreq: float = 250.0) -> StreamSpec:
    """Return a stream whose channels sit all over the head."""
    older = {"T3", "T4", "T5", "T6", "M1", "M2"}
    names = [name for name in sensor_positions() if name not in older]
    usual = "Fz FC3 FCz FC4 C3 Cz C4 CP3 CPz CP4 P3 Pz P4 PO7 Oz PO8".split()
    names = usual + [name for name in names if name not in usual]
    names += [f"X{number}" for number in range(len(names), n_channels)]
    return StreamSpec(
        name="amplifier", sfreq=sfreq, ch_names=tuple(names[:n_channels]),
        ch_types=("EEG",) * n_channels, unit="microvolts", source_id="fed/eeg",
    )  # fmt: skip


class FedSession:
    """A session that says what it is given."""

    def __init__(self) -> None:
        self.session = "monday-1"
        self.missing: tuple[str, ...] = ()
        self.has_consumers = True
        self.closed = False
        self.said: list[object] = []
        self.sent: list[tuple[str, str]] = []

    def read(self) -> Iterator[object]:
        """Yield what was said."""
        while self.said:
            yield self.said.pop(0)

    def send(self, name: str, argument: str = "") -> None:
        """Remember a command."""
        self.sent.append((name, argument))

    def close(self) -> None:
        """Remember that nothing is received any more."""
        self.closed = True


class FedSignal:
    """A signal that is given."""

    def __init__(self) -> None:
        self.waiting: list[SignalNews] = []
        self.stopped = False

    def news(self) -> Sequence[SignalNews]:
        """Return what was given."""
        waiting, self.waiting = self.waiting, []
        return waiting

    def stop(self) -> None:
        """Give no more."""
        self.stopped = True


class Fed:
    """A panel, its clock, and both things it listens to.

    Parameters
    ----------
    n_channels, sfreq
        Of the stream.
    bad : callable
        Makes of samples (n_times, n_channels) and their times what is to be seen.
    """

    def __init__(
        self,
        n_channels: int = 16,
        sfreq: float = 250.0,
        bad: Callable[[np.ndarray, np.ndarray], np.ndarray] = lambda data, times: data,
    ) -> None:
        self.now = BEGIN
        self.session, self.signal = FedSession(), FedSignal()
        self.panel = OperatorPanel(self.session, self.signal, lambda: self.now)
        self.spec = spec(n_channels, sfreq)
        self.meter = SignalMeter(self.spec)
        self._bad = bad
        self._rng = np.random.default_rng(1)
        self._n, self._n_judged = 0, 0

    def say(self, *said: object) -> None:
        """Have the session say something."""
        self.session.said += said

    def tick(self) -> None:
        """Let the panel take everything, words included."""
        self.panel._words_at = 0.0
        self.panel.tick()

    def eeg(self, seconds: float) -> None:
        """Let so many seconds of EEG come, in blocks of 32 ms; time goes on."""
        if not self._n:
            self.signal.waiting.append(self.spec)
            offset = ClockOffset("eeg", BEGIN, 0.00042, 2e-5)
            self.signal.waiting.append(Reading(offsets=(offset,)))
        until = self.now + seconds
        block = round(0.032 * self.spec.sfreq)
        while self.now < until:
            self._block(block)
            self.now = BEGIN + self._n / self.spec.sfreq
        self.panel.tick()

    def _block(self, n_times: int) -> None:
        times = (self._n + np.arange(n_times)) / self.spec.sfreq
        n_channels = len(self.spec.ch_names)
        noise = self._rng.normal(size=(n_times, n_channels)) * 4.0
        phase = np.linspace(0, 3, n_channels)
        loudness = 0.5 + np.arange(n_channels) % 5 / 3
        alpha = 9.0 * np.sin(2 * np.pi * (10.0 * times[:, np.newaxis] + phase))
        alpha *= 1 + np.sin(2 * np.pi * 0.2 * times[:, np.newaxis] + phase)
        slow = 14.0 * np.sin(2 * np.pi * (1.3 * times[:, np.newaxis] + 0.3 * phase))
        offsets = 5000.0 + 10 * np.arange(n_channels)
        data = self._bad(loudness * (noise + alpha) + slow + offsets, times)
        self._n += n_times
        chunk = Chunk(data, BEGIN + times)
        self.meter.push(chunk)
        self.signal.waiting.append(Reading(chunks=(chunk,)))
        if self._n - self._n_judged >= self.spec.sfreq:
            self._n_judged = self._n
            figures = self.meter.figures()
            self.signal.waiting += [] if figures is None else [figures]

    def mark(self, *texts: str) -> None:
        """Let markers be drawn over the EEG."""
        markers = tuple(Marker(text, self.now) for text in texts)
        self.signal.waiting.append(Reading(markers=markers))

    def frames(self, n: int) -> None:
        """Let the screen tell of frames."""
        frames = tuple(Marker("16.67", self.now, FRAMES) for _ in range(n))
        self.signal.waiting.append(Reading(markers=frames))

    def event(self, *events: object) -> None:
        """Let the screen mark events: they are said, and drawn."""
        self.say(*events)
        self.mark(*(event.text() for event in events))

    def begin(self, mode: str) -> None:
        """Let the session begin."""
        self.say(SessionStatus("recording", mode, n_bytes=180_000), Journal("ready", self.now))
        self.say(Journal("offset", self.now, text="eeg", value=0.00042))
        info = {"mode": mode, "calibration": mode == "calibration"}
        self.event(SessionStarted(info))

    def letter(
        self, number: int, symbol: str, n_flashes: int = 36, *, decides: bool = True
    ) -> None:
        """Let a letter flash; every ninth flash finds no epoch."""
        self.event(Layout(CODES), TrialStart(number, symbol))
        self.eeg(0.6)
        for flash in range(n_flashes):
            event = Flash(flash % 12 + 1, symbol in CODES[flash % 12 + 1])
            self.event(event)
            self.frames(10)
            self.eeg(SOA)
            marker = Marker(event.text(), self.now)
            if flash % 9 == 8:
                self.say(Rejected(marker, "artefact", self.now))
            else:
                self.say(Journal("onset", self.now, 0, marker.text))
            if decides:
                self.say(self.standing(number, symbol, flash + 1))
            self.say(SessionStatus("recording", "", n_bytes=180_000 + 400 * self._n))
        self.event(TrialEnd(number))

    def imagine(self, number: int, label: str, decided: str) -> None:
        """Let imagery be asked for, with feedback, until it is decided."""
        self.event(TrialStart(number))
        self.eeg(1.0)
        self.say(Journal("ready", self.now))
        self.eeg(1.0)
        self.event(Cue(label))
        self.eeg(1.25)
        self.event(Feedback("start"))
        for window in range(12):
            self.eeg(0.125)
            self.frames(8)
            sure = 0.5 + 0.44 * (window + 1) / 12
            other = "right_hand" if decided == "left_hand" else "left_hand"
            self.say(TrialEvidence(number, window + 1, 0.93, {decided: sure, other: 1 - sure}))
            self.say(SessionStatus("recording", "", n_bytes=180_000 + 400 * self._n))
            self.say(Journal("onset", self.now))
        self.say(
            DecisionLine(
                value=decided, trial=number, truth=label, correct=decided == label,
                confidence=0.94, flashes=12, time=self.now, data_age_ms=131.0, elapsed=2.1,
            )
        )  # fmt: skip
        self.event(Feedback("hit" if decided == label else "miss"))

    def standing(self, trial: int, symbol: str, n_flashes: int) -> TrialEvidence:
        """Return how a letter stands after so many flashes."""
        sure = 1 - 0.9 * 0.93**n_flashes
        others = [other for other in "GPA5T_K1" if other != symbol][:7]
        shares = np.array([0.55**place for place in range(len(others))])
        rest = (1 - sure) * shares / shares.sum()
        posterior = {symbol: sure} | dict(zip(others, rest.tolist(), strict=True))
        ordered = dict(sorted(posterior.items(), key=lambda item: -item[1]))
        return TrialEvidence(trial, n_flashes, 0.965, ordered)

    def decide(self, trial: int, truth: str, value: str | None) -> None:
        """Let a letter be decided."""
        line = DecisionLine(
            type="decision" if value else "no_decision", value=value, trial=trial, truth=truth,
            correct=value == truth, confidence=0.97, repetitions=3, flashes=36,
            time=self.now, data_age_ms=212.0,
        )  # fmt: skip
        self.say(line)


def flawed(data: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Make one channel flat, one of mains, and one that rails."""
    data = data.copy()
    data[:, 3] = 5000.0
    data[:, 14] += 60.0 * np.sin(2 * np.pi * 50.0 * times)
    data[:, 8] = np.clip(5080 + 30 * (data[:, 8] - 5080), 4700.0, 5300.0)
    return data


def waiting(fed: Fed) -> None:
    """Look for a session."""
    fed.session.has_consumers = False
    fed.session.missing = ("markers", "decisions", "journal")
    fed.tick()


def ready(fed: Fed) -> None:
    """Let everything be there, and the session wait for its start."""
    fed.eeg(11.0)
    fed.say(
        SessionStatus("recording", "copy", waits=True, n_bytes=95_000), Journal("ready", fed.now)
    )
    fed.tick()


def calibration(fed: Fed) -> None:
    """Copy letters."""
    fed.eeg(3.0)
    fed.begin("calibration")
    fed.letter(1, "T", 36, decides=False)
    fed.eeg(0.5)
    fed.letter(2, "H", 24, decides=False)
    fed.say(Promised(3, (0.63, 0.88, 0.97), wanted=0.9))
    fed.say(Journal("ready", fed.now))
    fed.tick()


def spelling(fed: Fed) -> None:
    """Spell some letters, one of them wrong."""
    fed.eeg(3.0)
    fed.begin("copy")
    for number, (truth, value) in enumerate(zip("BRAI", "BRGI", strict=True), start=1):
        fed.letter(number, truth, 14)
        fed.decide(number, truth, value)
        fed.eeg(0.8)
    fed.letter(5, "N", 24)
    fed.say(Journal("ready", fed.now))
    fed.tick()


def alarm(fed: Fed) -> None:
    """Let things go wrong while a letter flashes."""
    spelling(fed)
    fed.say(
        Gap(0, 3, fed.now, bridged=True),
        Gap(0, 512, fed.now, bridged=False),
        Status("alarm", "no sample for 0.6 s"),
        Status("warning", "Oz: signal is 6.1 times that of calibration"),
        Status("alarm", "data are 312 ms old"),
        Status("alarm", "data are 354 ms old"),
        OperatorNote("subject moved"),
        SessionStatus("recording", "", n_bytes=9_400_000, alarm="the recorder died: from a second "
                  "before on nothing is recorded"),
    )  # fmt: skip
    fed.mark("note/operator%3A%20subject%20moved")
    fed.eeg(1.2)
    fed.say(Journal("ready", fed.now))
    fed.tick()


def lost(fed: Fed) -> None:
    """Lose the engine and its streams."""
    spelling(fed)
    fed.session.missing = ("decisions", "journal")
    fed.now += 3.0
    fed.tick()


def paused(fed: Fed) -> None:
    """Pause."""
    calibration(fed)
    fed.event(TrialEnd(2), Pause())
    fed.eeg(1.0)
    fed.say(Journal("ready", fed.now))
    fed.tick()


def late(fed: Fed) -> None:
    """Pause, and let a panel be opened only then."""
    fed.eeg(6.0)
    fed.say(
        SessionStatus(
            "recording", "copy", n_bytes=7_300_000, paradigm="p300", seconds=754.0, paused=True
        ),
        Journal("ready", fed.now),
    )
    fed.tick()
    fed.say(Journal("offset", fed.now, text="eeg", value=0.00042))
    for second in range(1, 5):
        fed.eeg(1.0)
        fed.frames(60)
        n_bytes = 7_300_000 + 103_000 * second
        fed.say(SessionStatus("recording", "copy", n_bytes=n_bytes, seconds=754.0, paused=True))
        fed.say(Journal("ready", fed.now))
    fed.tick()


def imagery(fed: Fed) -> None:
    """Give feedback on imagery, in a third trial."""
    fed.eeg(3.0)
    info = {"paradigm": "motor_imagery", "calibration": False}
    fed.say(SessionStatus("recording", "feedback", n_bytes=180_000), Journal("ready", fed.now))
    fed.say(Journal("offset", fed.now, text="eeg", value=0.00042))
    fed.event(SessionStarted(info))
    for number, (label, decided) in enumerate(
        (("left_hand", "left_hand"), ("right_hand", "left_hand"), ("right_hand", "right_hand")), 1
    ):
        if number > 1:
            fed.event(TrialEnd(number - 1))
            fed.eeg(1.0)
            fed.say(Journal("ready", fed.now))
            fed.eeg(1.0)
        fed.imagine(number, label, decided)
    fed.say(Journal("ready", fed.now))
    fed.tick()


def ended(fed: Fed) -> None:
    """Come to the end."""
    spelling(fed)
    fed.say(fed.standing(5, "N", 48))
    fed.decide(5, "N", "N")
    fed.eeg(1.0)
    fed.event(SessionEnded("done"))
    fed.session.has_consumers = False
    fed.tick()


STATES = {
    "waiting": waiting,
    "ready": ready,
    "calibration": calibration,
    "spelling": spelling,
    "alarm": alarm,
    "lost": lost,
    "paused": paused,
    "late": late,
    "imagery": imagery,
    "ended": ended,
}
