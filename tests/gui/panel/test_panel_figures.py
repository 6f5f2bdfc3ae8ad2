"""What the panel counts, what it alarms about, and how it judges a signal."""

import time

import numpy as np
import pytest
from panel_fed import CODES, flawed, spec

from bci_online.acquisition.source import Source
from bci_online.errors import SourceLostError
from bci_online.gui.panel.figure_wording import TITLES, duration, groups_of, size
from bci_online.gui.panel.signal_figures import SignalFigures, SignalMeter
from bci_online.gui.panel.signal_reader import MOST_WAITING, SignalReader
from bci_online.gui.panel.watchdog import FrameFigures, Watchdog
from bci_online.markers import (
    Cue,
    Flash,
    Layout,
    SessionEnded,
    SessionStarted,
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
)
from bci_online.metrics import itr_bits_per_min
from bci_online.notes import LateFrame, OperatorNote, Pause, Probe, Resume, Undo
from bci_online.preprocessing.quality import faults
from bci_online.session_lines import SessionStatus
from bci_online.session_state import SessionState
from bci_online.session_state.alarms import Alarms

FLASH = Flash(1, True)
ONSET = Journal("onset", 0.0, 5)
REJECTED = Rejected(Marker("flash/1/target", 0.0), "gap", 0.0)


def told(*said: object, at: float = 10.0) -> SessionState:
    figures = SessionState()
    for each in said:
        figures.observe(each, at)
    return figures


def test_every_marker_is_answered_by_an_epoch_or_by_a_reason():
    figures = told(FLASH, ONSET, FLASH, REJECTED, FLASH)

    assert (figures.signal.markers, figures.signal.epochs, dict(figures.signal.rejected)) == (
        3,
        1,
        {"gap": 1},
    )
    assert figures.unanswered == 1


def test_who_comes_late_does_not_count_epochs_of_markers_before():
    figures = told(ONSET, ONSET, FLASH, ONSET, FLASH)

    assert figures.unanswered == 2 - 1


def test_windows_of_imagery_are_no_answers_to_cues():
    assert told(Cue("left_hand"), ONSET, ONSET).unanswered is None


def test_letters_and_their_speed_are_those_of_the_metrics():
    figures = told(SessionStarted({"mode": "copy"}), Layout(CODES), at=100.0)
    for trial, correct in enumerate((True, True, False, None), start=1):
        figures.observe(DecisionLine(value="A", trial=trial, correct=correct), 130.0)
    figures.observe(DecisionLine(value="A", trial=5, correct=True, late=True), 130.0)

    assert figures.right == (2, 3)
    assert figures.bits_per_min(160.0) == pytest.approx(itr_bits_per_min(36, 2 / 3, 3, 60.0))
    assert [alarm.text for alarm in figures.alarms.open] == [
        "the decision of trial 5 came late (0 ms), not carried out"
    ]


def test_losses_are_counted_and_those_that_were_not_bridged_are_alarms():
    figures = told(Gap(0, 3, 1.0, bridged=True), Gap(9, 512, 2.0, bridged=False))

    assert (figures.signal.lost, figures.signal.gaps, figures.signal.bridged) == (515, 2, 1)
    assert [alarm.text for alarm in figures.alarms.open] == ["512 samples were lost in one piece"]


def test_a_stream_that_is_taken_up_again_is_a_reconnect():
    figures = told(
        Status("info", "EEG stream 'x' is back", kind="connected"),
        Status("info", "everything is connected"),
    )

    assert figures.signal.reconnects == 1
    assert figures.alarms.open == []


def test_states_follow_what_is_said():
    figures = SessionState()
    states = []
    for said in (
        SessionStatus("waiting for the streams"),
        SessionStatus("recording", "copy", waits=True),
        SessionStarted({"mode": "copy"}),
        TrialStart(1, "A"),
        Pause(),
        Resume(),
        SessionEnded("done"),
        FLASH,
        SessionStatus("recording", "copy"),
    ):
        figures.observe(said, 1.0)
        states.append(figures.phase)

    assert states == [
        "waiting", "ready", "running", "running", "paused", "running", "ended", "ended", "ended",
    ]  # fmt: skip
    assert figures.reason == "done"


def test_notes_of_the_operator_are_distinguished_from_those_of_the_screen():
    decided = DecisionLine(value="A", trial=3)
    notes = (OperatorNote("moved"), LateFrame(), Undo(3), Probe())
    figures = told(decided, *notes)

    assert [text for _, text in figures.notes] == ["moved"]
    assert (figures.signal.late_frames, figures.undone) == (1, 1)


def test_the_recording_grows_as_fast_as_was_reported():
    figures = SessionState()
    for second in range(5):
        figures.observe(SessionStatus("recording", n_bytes=1000 + 500 * second), float(second))

    assert figures.growth == pytest.approx(500.0)


def test_the_conductors_alarm_is_raised_once():
    broken = SessionStatus("recording", alarm="the recorder died")

    assert [alarm.count for alarm in told(broken, broken, broken).alarms.open] == [1]


def test_alarms_that_differ_by_numbers_are_one_and_stay_until_they_are_seen():
    alarms = Alarms()
    for text in ("data are 310 ms old", "no sample for 0.6 s", "data are 1.5 ms old"):
        alarms.add("alarm", text, 1.0)
    alarms.add("warning", "data are 2 ms old", 1.0)

    assert [(alarm.text, alarm.count) for alarm in alarms.open] == [
        ("data are 1.5 ms old", 2), ("no sample for 0.6 s", 1), ("data are 2 ms old", 1),
    ]  # fmt: skip
    alarms.acknowledge()
    assert alarms.open == []
    assert alarms.n_acknowledged == 4


def watched(figures: SessionState, *looks: tuple[float, tuple[str, ...], float | None]) -> None:
    dog = Watchdog(figures)
    for now, missing, age in looks:
        dog.check(now, missing, age)


def test_an_engine_that_falls_silent_is_an_alarm_once_each_time():
    figures = told(SessionStarted({}), Journal("ready", 0.0), at=10.0)
    dog = Watchdog(figures)
    for now in (11.0, 12.5, 13.0):
        dog.check(now, (), 0.0)
    first, state = len(figures.alarms.open), figures.phase
    figures.observe(Journal("ready", 0.0), 14.0)
    dog.check(14.5, (), 0.0)

    assert (first, state, figures.phase) == (1, "lost", "running")
    dog.check(17.0, (), 0.0)
    assert [alarm.count for alarm in figures.alarms.open] == [2]


def test_streams_and_samples_that_stay_away_are_alarms_in_a_running_session_alone():
    waiting = SessionState()
    watched(waiting, (1.0, ("markers", "journal"), None))
    running = told(SessionStarted({}))
    watched(running, (10.5, (), 0.1), (11.0, ("markers",), 5.0))

    assert waiting.alarms.open == []
    assert [alarm.text for alarm in running.alarms.open] == [
        "no sample reaches this panel for 2 s",
        "the session's stream of markers is gone",
    ]
    assert running.phase == "lost"


def test_what_ended_is_not_missed():
    figures = told(SessionStarted({}), Journal("ready", 0.0), SessionEnded("done"))

    watched(figures, (100.0, ("markers", "decisions", "journal"), 90.0))

    assert figures.alarms.open == []


def test_flashes_that_never_reach_the_engine_are_an_alarm():
    figures = told(SessionStarted({}), FLASH, FLASH, ONSET)
    dog = Watchdog(figures)

    for now in (11.0, 14.0, 15.5, 16.0):
        figures.observe(Journal("ready", 0.0), now)
        dog.check(now, (), None)

    assert [alarm.text for alarm in figures.alarms.open] == [
        "1 flash of the screen did not reach the engine"
    ]


def test_frames_that_take_half_as_long_again_are_late():
    frames = FrameFigures()
    for number in range(200):
        frames.push(33.3 if number in {100, 150} else 16.7)

    assert (frames.n, frames.n_late) == (200, 2)
    assert frames.figures() == (pytest.approx(16.7), pytest.approx(33.3, abs=17))


def chunks(stream: StreamSpec, seconds: float, data: np.ndarray | None = None) -> list[Chunk]:
    n_times = round(seconds * stream.sfreq)
    shape = (n_times, len(stream.ch_names))
    noise = np.random.default_rng(0).normal(scale=10.0, size=shape)
    data = noise if data is None else data
    stamps = 50.0 + np.arange(n_times) / stream.sfreq
    return [Chunk(data[start : start + 8], stamps[start : start + 8])
            for start in range(0, n_times, 8)]  # fmt: skip


def test_a_signal_is_judged_by_its_last_seconds():
    stream = spec(16, 250.0)
    noise = 5000 + np.random.default_rng(0).normal(scale=10.0, size=(1500, 16))
    noise += 10 * np.arange(16)
    meter = SignalMeter(stream)
    for chunk in chunks(stream, 6.0, flawed(noise, np.arange(1500) / 250.0)):
        meter.push(chunk)

    figures = meter.figures()

    assert figures is not None
    wrong = faults(figures.qualities, stream.unit)
    assert {name: said.split(":")[0] for name, said in wrong.items()} == {
        stream.ch_names[3]: "flat", stream.ch_names[14]: "noisy", stream.ch_names[8]: "railing",
    }  # fmt: skip
    assert figures.qualities[0].rms == pytest.approx(10.0, rel=0.1)
    # White noise of 10 µV: its power is spread over 125 Hz.
    assert figures.density[1] == pytest.approx(10.0 / np.sqrt(125.0), rel=0.25)
    assert figures.measured_sfreq == pytest.approx(250.0)


def test_the_measured_rate_is_what_comes_and_not_what_is_stated():
    stream = spec(2, 200.0)
    meter = SignalMeter(stream)
    for number in range(300):
        stamps = 50.0 + (8 * number + np.arange(8)) / 205.0
        meter.push(Chunk(np.random.default_rng(number).normal(size=(8, 2)), stamps))

    figures = meter.figures()

    assert figures is not None
    assert figures.measured_sfreq == pytest.approx(205.0, rel=1e-3)


def test_two_seconds_are_needed_to_judge():
    stream = spec(2, 100.0)
    meter = SignalMeter(stream)
    for chunk in chunks(stream, 1.5):
        meter.push(chunk)

    assert meter.figures() is None


class FedSource:
    """Gives what it has, then waits, or is lost."""

    def __init__(self, readings: list[Reading], *, lost: bool = False) -> None:
        self.spec = spec(4, 100.0)
        self._readings, self._lost = readings, lost

    def open(self) -> None:
        return

    def read(self, timeout: float = 0.0) -> Reading | None:
        if self._readings:
            return self._readings.pop(0)
        if self._lost:
            raise SourceLostError("it is gone")
        time.sleep(0.01)
        return Reading()

    def close(self) -> None:
        return


def read_until(reader: SignalReader, n: int) -> list[object]:
    news: list[object] = []
    until = time.monotonic() + 10.0
    while len(news) < n and time.monotonic() < until:
        news += reader.news()
        time.sleep(0.01)
    return news


def test_a_source_is_read_in_a_thread_and_taken_up_again_when_it_is_lost():
    readings = [Reading(chunks=(chunk,)) for chunk in chunks(spec(4, 100.0), 1.0)]
    sources: list[Source | None] = [FedSource(list(readings[:3]), lost=True), None]
    reader = SignalReader(lambda: sources.pop(0) if sources else FedSource(readings[3:5]))
    reader.start()

    news = read_until(reader, 8)
    reader.close()

    kinds = [type(each).__name__ for each in news]
    assert kinds == ["StreamSpec", *["Reading"] * 3, "Status", "StreamSpec", *["Reading"] * 2]


def test_samples_that_nobody_takes_are_skipped_and_markers_are_not():
    chunk = chunks(spec(4, 100.0), 0.08)[0]
    readings = [Reading(chunks=(chunk,)) for _ in range(MOST_WAITING + 50)]
    readings.append(Reading(markers=(Marker("note/x", 1.0),), offsets=(ClockOffset("eeg", 1, 0),)))
    reader = SignalReader(lambda: FedSource(readings))
    reader.start()
    until = time.monotonic() + 10.0
    while readings and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.05)
    news = reader.news()
    reader.close()

    assert reader.n_skipped >= 50
    assert isinstance(news[-1], Reading)
    assert news[-1].markers[0].text == "note/x"


def test_figures_are_words_with_units():
    figures = told(
        SessionStarted({}),
        Journal("offset", 1.0, text="eeg", value=0.0015),
        SessionStatus("recording", n_bytes=2_500_000),
    )
    signal = SignalFigures((), np.zeros(1), np.zeros((3, 1)), 254.0, 100)

    groups = groups_of(figures, FrameFigures(), signal, 250.0, 0.034, 20.0)

    rows = {what: (value, bad) for group in groups for what, value, bad in group}
    assert len(groups) == len(TITLES)
    assert rows["measured"] == ("254.00 Hz", True)
    assert rows["newest sample"] == ("34 ms", False)
    assert rows["clock offset"] == ("+1.50 ms", False)
    assert rows["recorded"] == ("2.5 MB", False)


@pytest.mark.parametrize(
    ("n_bytes", "text"), [(12, "12 B"), (1500, "1.5 kB"), (2.5e6, "2.5 MB"), (3.25e9, "3.25 GB")]
)
def test_sizes_are_said_in_the_unit_that_fits(n_bytes, text):
    assert size(n_bytes) == text


def test_durations_are_minutes_and_seconds():
    assert duration(605.9) == "10:05"
