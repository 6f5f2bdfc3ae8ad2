"""What the live engine makes of streams that fail: over liblsl, with the rules that users set."""

import math
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import pytest
import simulated_files
from faulty_amplifier import (
    FOREVER,
    Amplifier,
    AmplifierProcess,
    Performance,
    Schedule,
    Screen,
    Sending,
)

from bci_online.acquisition.lsl import LslSource, local_clock
from bci_online.acquisition.xdf import XdfSource
from bci_online.config import EegStream, Live, MarkerStream, Presentation
from bci_online.decoding.decoder_file import read_decoder
from bci_online.errors import BciError, SourceLostError
from bci_online.markers import Flash, parse_marker
from bci_online.messages import (
    Decision,
    Gap,
    Marker,
    Message,
    Rejected,
    Score,
    SessionEnd,
    Status,
    StreamSpec,
)
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.engine import Engine
from bci_online.runtime.publisher import LivePublisher
from bci_online.runtime.simulated_recording import write_recording
from bci_online.runtime.tally import Tally

pytestmark = pytest.mark.live

# Letter n is flashed from 6.5 + 9.75 n to 14.75 + 9.75 n s; a fault meets the second at 18 s. A
# frame is two samples: each flash lies on one, as far as can be from where a clock offset that
# was measured badly on a busy computer would round its onset to another.
WORD = "ABCD"
PRESENTATION = Presentation(repetitions=4, cue_s=0.5, pause_s=1.0, refresh_hz=64.0)
FAULT = 18.0
# Around a fault time goes as it does: from so long before it, and until so long after its end.
BEFORE, AFTER = 1.5, 3.0
WINDOW_S = 0.75
# What is sent shortly before a kill may not have been read.
UNREAD_S = 1.0
# How long a fault may go unsaid: the rule is 1 s, the rest is for a busy computer.
SOON = 4.0
SETTLE = 0.3
# Stamps run ahead of the clock, so how long readings wait says nothing: as in a fast replay.
NOTICING = Live(resolve_timeout=60.0, lost_after=60.0, max_data_age=1e9)
# A busy computer may be silent for a while, which is told; where that is not the matter it is not.
TIMELESS = msgspec.structs.replace(NOTICING, silent_after=20.0)


@cache
def recording() -> Path:
    path = simulated_files.folder() / "faults.xdf"
    # Four repetitions must decide each letter with room to spare, also some samples off.
    subject = msgspec.structs.replace(simulated_files.CONFIG.simulation, p300_uv=18.0)
    config = msgspec.structs.replace(
        simulated_files.CONFIG, presentation=PRESENTATION, simulation=subject
    )
    write_recording(config, WORD, path, seed=4)
    return path


@cache
def performance() -> Performance:
    return Performance(recording())


@cache
def undisturbed() -> tuple[Message, ...]:
    """What the recording comes to when it is replayed."""
    source = XdfSource(recording())
    source.open()
    chain, _ = online_chain(read_decoder(simulated_files.decoder()), source.spec)
    messages = [m for reading in iter(source.read, None) for m in chain.push(reading)]
    return *messages, *chain.finish()


def second(time: float) -> float:
    """A second of the recording, off the middle, where what a clock adds decides on rounding."""
    return round(time + 1e-4, 2)


def scores(messages: tuple[Message, ...] | list[Message], zero: float = 0.0) -> dict:
    """The score of each flash by its second of the recording."""
    found = [message for message in messages if isinstance(message, Score)]
    return {second(score.marker.time - zero): float(score.values[1]) for score in found}


def onsets(messages: tuple[Message, ...] | list[Message], zero: float = 0.0) -> dict:
    """The onset sample of each flash that was scored."""
    found = [message for message in messages if isinstance(message, Score)]
    return {second(score.marker.time - zero): score.onset for score in found}


def letters(messages: tuple[Message, ...] | list[Message]) -> dict[int, str | None]:
    return {m.trial: m.value for m in messages if isinstance(m, Decision)}


def flashes() -> list[float]:
    markers = performance().markers
    return [second(m.time) for m in markers if isinstance(parse_marker(m.text), Flash)]


class LiveRun:
    """The engine on streams of the network, put together as `bci-online run` does."""

    def __init__(
        self,
        eeg: EegStream,
        markers: MarkerStream,
        live: Live,
        beside: Callable[[Message], None] = lambda message: None,
        buffer_s: int = 360,
    ) -> None:
        self.messages: list[Message] = []
        self.error: BciError | None = None
        self.zero = 0.0
        self._live, self._beside = live, beside
        self._source = LslSource(
            eeg,
            markers,
            resolve_timeout=live.resolve_timeout,
            settle=SETTLE,
            lost_after=live.lost_after if live.on_lost == "end" else math.inf,
            buffer_s=buffer_s,
        )
        self.engine: Engine | None = None

    def start(self) -> None:
        self._source.open()
        chain, _ = online_chain(read_decoder(simulated_files.decoder()), self._source.spec)
        self.engine = Engine(self._source, chain, self._publish, local_clock, self._live)
        self.engine.start()

    def finish(self, most_s: float = 90.0) -> None:
        until = time.monotonic() + most_s
        try:
            while self.engine.wait():
                assert time.monotonic() < until, self.said()
        except BciError as error:
            self.error = error

    def close(self) -> None:
        if self.engine is not None:
            self.engine.stop()
            with suppress(BciError):
                while self.engine.wait():
                    pass
        self._source.close()

    def _publish(self, message: Message) -> None:
        self.messages.append(message)
        self._beside(message)

    def said(self) -> list[str]:
        return [f"{m.level}: {m.text}" for m in self.messages if isinstance(m, Status)]

    def said_soon_after(self, at: float, text: str) -> bool:
        """Whether it was said within `SOON` of when on the clock it could be."""
        times = [m.time for m in self.messages if isinstance(m, Status) and text in m.text]
        return any(0 <= time_ - at < SOON for time_ in times)

    def scores(self) -> dict[float, float]:
        return scores(self.messages, self.zero)

    def rejected(self) -> dict[float, str]:
        found = [message for message in self.messages if isinstance(message, Rejected)]
        return {second(m.marker.time - self.zero): m.reason for m in found}

    def gaps(self) -> list[Gap]:
        return [message for message in self.messages if isinstance(message, Gap)]


class Stage:
    """Who takes part in a run; all of them end with the test."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.name = f"faults-{uuid.uuid4().hex[:8]}"
        self.spec = msgspec.structs.replace(
            performance().spec, name=f"{self.name}-eeg", source_id=f"{self.name}-serial"
        )
        self.screen: Screen = self.keep(Screen(performance(), f"{self.name}-markers"))

    def keep(self, made):
        self._stack.callback(made.close)
        return made

    def amplifier(self, spec: StreamSpec | None = None, reached: float = FOREVER) -> Amplifier:
        return self.keep(Amplifier(performance(), spec or self.spec, reached))

    def amplifier_process(self, spec: StreamSpec | None = None) -> AmplifierProcess:
        return self.keep(AmplifierProcess(recording(), spec or self.spec))

    def run(self, live: Live | None = None, **given) -> LiveRun:
        eeg = EegStream(name=self.spec.name)
        markers = given.pop("markers", MarkerStream(names=(f"{self.name}-markers",)))
        return self.keep(LiveRun(eeg, markers, live or TIMELESS, **given))

    def started(self, live: Live | None = None, **given) -> LiveRun:
        self.screen.open()
        run = self.run(live, **given)
        run.start()
        return run

    def played(self, run: LiveRun, amplifier: Amplifier, sending=None, slow=(), **screen) -> None:
        """Play it all, the stretches `slow` in real time, until the run is over."""
        schedule = schedule_of(run, *slow)
        amplifier.play(schedule, sending or Sending())
        self.screen.play(schedule, **screen)
        run.finish()


def schedule_of(run: LiveRun, *slow: tuple[float, float], speed: float = 30.0) -> Schedule:
    schedule = Schedule(local_clock() + 0.1, speed, slow)
    run.zero = schedule.zero
    return schedule


def sockets() -> int:
    """How many sockets this process has open; 0 where the system does not say."""
    n_sockets, folder = 0, Path("/proc/self/fd")
    for link in folder.iterdir() if folder.is_dir() else []:
        with suppress(OSError):
            n_sockets += str(link.readlink()).startswith("socket:")
    return n_sockets


def children() -> set[str]:
    """The processes that this one started and that are still there; empty if none can be asked."""
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    return set(path.read_text().split()) if path.is_file() else set()


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    threads, n_sockets, processes = set(threading.enumerate()), sockets(), children()

    yield

    assert set(threading.enumerate()) <= threads
    # liblsl closes its sockets in threads of its own, soon after what used them.
    deadline = time.monotonic() + 10.0
    while sockets() > n_sockets and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sockets() <= n_sockets
    assert children() <= processes


@pytest.fixture
def stage(nothing_is_left) -> Iterator[Stage]:
    with ExitStack() as stack:
        yield Stage(stack)


# What holds of every run


def assert_in_order(said: list[str], *texts: str) -> None:
    """Each of `texts` was said, in this order; other things may have been said between."""
    left = iter(said)
    for text in texts:
        assert any(text in one for one in left), f"{text!r} is not in its place in {said}"


def assert_accounted_for(run: LiveRun, among: list[float] | None = None) -> None:
    """Each flash was scored or rejected, and not both."""
    scored, rejected = run.scores(), run.rejected()

    assert not set(scored) & set(rejected)
    assert set(scored) | set(rejected) == set(flashes() if among is None else among)


def assert_none_over(run: LiveRun, start: float, stop: float) -> None:
    """No epoch that lies over samples from `start` to `stop` was scored; each was told as bad."""
    over = [flash for flash in flashes() if flash + WINDOW_S > start and flash < stop]
    rejected = run.rejected()

    assert over
    assert not set(run.scores()) & set(over)
    assert {rejected[flash] for flash in over} <= {"gap", "settling", "incomplete"}


def assert_same_up_to(run: LiveRun, stop: float) -> None:
    """What was scored before `stop` is what a replay scores, and nothing of it is missing."""
    live, replayed = run.scores(), scores(undisturbed())
    before = [flash for flash in flashes() if flash + WINDOW_S < stop]

    assert before
    np.testing.assert_allclose(
        [live[flash] for flash in before], [replayed[flash] for flash in before], atol=1e-6
    )


def assert_nothing_happened(run: LiveRun) -> None:
    """Every score and letter is that of a replay."""
    assert_accounted_for(run)
    assert_same_up_to(run, FOREVER)
    assert letters(run.messages) == letters(undisturbed())
    assert run.messages[-1] == SessionEnd("done")
    assert run.error is None


# The EEG stream is lost


@pytest.mark.parametrize("away", [1.0, 10.0])
def test_a_killed_amplifier_is_reported_and_taken_up_again_without_the_epochs_it_missed(
    stage, away
) -> None:
    amplifier, another = stage.amplifier_process(), stage.amplifier_process()
    amplifier.open()
    run = stage.started(NOTICING)
    back = FAULT + away
    schedule = schedule_of(run, (FAULT - BEFORE, back + AFTER))

    amplifier.play(schedule, Sending())
    stage.screen.play(schedule)
    schedule.sleep_until(FAULT)
    amplifier.close()
    schedule.sleep_until(back)
    another.open()
    another.play(schedule, Sending(start=back))
    run.finish()

    assert_in_order(
        run.said(),
        f"alarm: EEG stream {stage.spec.name!r} is lost: its source hung up",
        "alarm: no sample for",
        f"info: EEG stream {stage.spec.name!r} is connected",
        "info: samples are back after",
    )
    assert run.said_soon_after(schedule.wall(FAULT), "hung up")
    assert run.said_soon_after(schedule.wall(FAULT), "no sample")
    assert run.said_soon_after(schedule.wall(back), "connected")
    (gap,) = run.gaps()
    assert not gap.bridged
    assert gap.n_lost >= (away - UNREAD_S) * stage.spec.sfreq
    assert_accounted_for(run)
    assert_same_up_to(run, FAULT - UNREAD_S)
    assert_none_over(run, FAULT, back)
    spelled = letters(run.messages)
    assert (spelled[1], spelled[4]) == ("A", "D")
    assert run.engine.ended == "done"
    assert run.error is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ch_names": ("Cz", "Pz", "PO7", "Oz"), "ch_types": ("EEG",) * 4}, "PO8 are missing"),
        ({"ch_names": ("Cz", "Pz"), "ch_types": ("EEG",) * 2}, "PO7, PO8 are missing"),
        ({"sfreq": 256.0}, "256 Hz instead of 128 Hz"),
    ],
    ids=["other names", "fewer channels", "rate"],
)
def test_an_amplifier_that_comes_back_as_another_ends_the_run_in_one_line(
    stage, changed, said
) -> None:
    amplifier = stage.amplifier()
    run = stage.started()
    schedule = schedule_of(run, (FAULT - BEFORE, FAULT + 10.0))

    amplifier.play(schedule, Sending())
    stage.screen.play(schedule)
    schedule.sleep_until(FAULT)
    amplifier.close()
    schedule.sleep_until(FAULT + 0.3)
    another = stage.amplifier(msgspec.structs.replace(stage.spec, **changed))
    another.play(schedule, Sending(start=FAULT + 0.3))
    run.finish()

    assert_in_order(run.said(), "alarm: EEG stream", said)
    assert any("trial 2 is not decided" in text for text in run.said())
    assert run.said_soon_after(schedule.wall(FAULT + 0.3), said)
    assert isinstance(run.error, SourceLostError)
    assert said in str(run.error)
    assert "\n" not in str(run.error)
    assert run.messages[-1] == SessionEnd("lost")
    assert_same_up_to(run, FAULT - UNREAD_S)
    assert max(run.scores()) + WINDOW_S <= FAULT + 0.01
    assert set(run.rejected().values()) == {"incomplete"}
    assert letters(run.messages)[1] == "A"


@pytest.mark.parametrize(
    "live",
    [NOTICING, msgspec.structs.replace(NOTICING, lost_after=0.8, on_lost="wait")],
    ids=["as it is", "on_lost = wait"],
)
def test_an_amplifier_that_sends_nothing_for_a_while_is_reported_and_goes_on(stage, live) -> None:
    amplifier = stage.amplifier()
    run = stage.started(live)
    back = FAULT + 1.5

    slow = (FAULT - BEFORE, back + BEFORE)
    stage.played(run, amplifier, Sending(hole=(FAULT, back)), slow=[slow])

    assert_in_order(
        run.said(),
        "alarm: no sample for",
        "info: samples are back after",
        "warning: trial 2 is not decided",
    )
    wall = Schedule(run.zero, slow=(slow,)).wall
    assert run.said_soon_after(wall(FAULT), "no sample")
    (gap,) = run.gaps()
    assert not gap.bridged
    assert gap.n_lost == pytest.approx(1.5 * stage.spec.sfreq, abs=8)
    assert_accounted_for(run)
    assert_same_up_to(run, FAULT - 0.05)
    assert_none_over(run, FAULT, back)
    spelled = letters(run.messages)
    assert {trial: spelled[trial] for trial in (1, 3, 4)} == {1: "A", 3: "C", 4: "D"}
    assert run.engine.ended == "done"


def test_an_amplifier_that_stays_silent_ends_the_run_after_the_time_of_the_rule(stage) -> None:
    amplifier = stage.amplifier()
    run = stage.started(msgspec.structs.replace(NOTICING, lost_after=2.5))

    slow = (FAULT - BEFORE, FAULT + 20.0)
    stage.played(run, amplifier, Sending(hole=(FAULT, FOREVER)), slow=[slow])

    assert isinstance(run.error, SourceLostError)
    assert_in_order(run.said(), "alarm: no sample for", f"alarm: {run.error}")
    silent_from = Schedule(run.zero, slow=(slow,)).wall(FAULT) - 0.1
    assert run.said_soon_after(silent_from + 2.5, str(run.error))
    assert "check" in str(run.error)
    assert "\n" not in str(run.error)
    assert run.messages[-1] == SessionEnd("lost")
    assert_same_up_to(run, FAULT - 0.05)
    assert set(run.rejected().values()) == {"incomplete"}
    assert letters(run.messages)[1] == "A"


# The marker stream is lost


def test_a_marker_stream_that_is_lost_is_reported_and_costs_only_the_flashes_it_missed(
    stage,
) -> None:
    amplifier = stage.amplifier()
    run = stage.started()
    gone = FAULT, FAULT + 1.5
    slow = (FAULT - BEFORE, gone[1] + AFTER)

    stage.played(run, amplifier, slow=[slow], gone=gone)

    assert_in_order(run.said(), "alarm: marker stream", "info: marker stream")
    wall = Schedule(run.zero, slow=(slow,)).wall
    assert run.said_soon_after(wall(FAULT), "is lost")
    assert run.said_soon_after(wall(gone[1]), "is connected")
    assert run.gaps() == []
    live, replayed = run.scores(), scores(undisturbed())
    missed = set(replayed) - set(live)
    assert {flash for flash in replayed if gone[0] <= flash < gone[1]} <= missed
    assert all(FAULT - UNREAD_S <= flash < gone[1] + AFTER for flash in missed)
    np.testing.assert_allclose(list(live.values()), [replayed[flash] for flash in live], atol=1e-6)
    spelled = letters(run.messages)
    assert {trial: spelled[trial] for trial in (1, 3, 4)} == {1: "A", 3: "C", 4: "D"}
    assert run.engine.ended == "done"


# Streams that are not there, come late, or come twice


def test_without_streams_the_run_does_not_begin_and_says_so_in_one_line(stage) -> None:
    run = stage.run(Live(resolve_timeout=0.5))
    began = time.monotonic()

    with pytest.raises(BciError, match="start the amplifier's LSL stream") as error:
        run.start()

    assert time.monotonic() - began < 0.5 + SOON
    assert stage.spec.name in str(error.value)
    assert "\n" not in str(error.value)


def test_streams_that_appear_late_are_waited_for_and_nothing_is_missed(stage) -> None:
    late: list[Amplifier] = []

    def appear() -> None:
        stage.screen.open()
        late.append(stage.amplifier())

    run = stage.run()
    timer = threading.Timer(1.2, appear)
    timer.start()
    run.start()
    timer.join()
    stage.played(run, late[0])

    assert run.said() == []
    assert_nothing_happened(run)


def test_a_marker_stream_that_appears_during_the_run_is_reported_and_adopted(stage) -> None:
    amplifier = stage.amplifier()
    run = stage.run(markers=MarkerStream())
    run.start()

    schedule = schedule_of(run, (1.0, 6.0))
    amplifier.play(schedule, Sending())
    schedule.sleep_until(1.5)
    stage.screen.open()
    schedule.sleep_until(5.5)
    stage.screen.play(schedule)
    run.finish()

    assert run.said() == [f"info: marker stream '{stage.name}-markers' is connected"]
    assert_nothing_happened(run)


def test_two_amplifiers_of_one_name_are_refused_in_one_line_that_lists_both(stage) -> None:
    other = msgspec.structs.replace(stage.spec, source_id=f"{stage.name}-other")
    stage.amplifier()
    stage.amplifier(other)

    with pytest.raises(BciError, match="2 streams on the network could be the EEG") as error:
        stage.started()

    assert stage.spec.source_id in str(error.value)
    assert other.source_id in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("same_id", [False, True], ids=["another id", "the same id"])
def test_a_second_amplifier_of_the_name_changes_nothing_for_a_run_that_goes_on(
    stage, same_id
) -> None:
    amplifier = stage.amplifier()
    run = stage.started()
    schedule = schedule_of(run, (FAULT - BEFORE, FAULT + 1.0))

    amplifier.play(schedule, Sending())
    stage.screen.play(schedule)
    schedule.sleep_until(FAULT)
    source_id = stage.spec.source_id if same_id else f"{stage.name}-other"
    second = stage.amplifier(msgspec.structs.replace(stage.spec, source_id=source_id))
    second.play(schedule, Sending(start=20.0))
    run.finish()

    assert run.said() == []
    assert_nothing_happened(run)


# Samples that come late, all at once


@pytest.mark.parametrize(
    ("stamped", "shifts"),
    [("own", {0}), ("chunk", {-1, 0}), ("sample", {-4, -3, -2, -1, 0})],
    ids=["the samples' own stamps", "stamps counted back from the chunk's", "stamps of arrival"],
)
def test_bursts_with_half_a_second_of_nothing_before_them_spoil_nothing(
    stage, stamped, shifts
) -> None:
    amplifier = stage.amplifier()
    run = stage.started(msgspec.structs.replace(NOTICING, silent_after=0.3))
    starts = np.arange(FAULT, 42.0, 3.0).tolist()
    held = tuple((start, start + 0.5) for start in starts)
    slow = (FAULT - BEFORE, FAULT + BEFORE)

    stage.played(run, amplifier, Sending(held=held, stamped=stamped), slow=[slow])

    assert_in_order(run.said(), "alarm: no sample for", "info: samples are back after")
    assert run.said_soon_after(Schedule(run.zero, slow=(slow,)).wall(FAULT), "no sample")
    assert run.gaps() == []
    assert run.rejected() == {}
    assert letters(run.messages) == letters(undisturbed())
    live, replayed = onsets(run.messages, run.zero), onsets(undisturbed())
    assert live.keys() == replayed.keys()
    # As late as the stamps are in the mean, which a burst does not change.
    found = {live[flash] - replayed[flash] for flash in live}
    assert found <= shifts
    assert max(found) - min(found) <= 1
    if stamped == "own":
        assert_nothing_happened(run)


# A consumer that is slow


def test_a_slow_consumer_is_reported_and_loses_nothing(stage) -> None:
    def slow(message: Message) -> None:
        if isinstance(message, Score) and FAULT < message.time - run.zero < FAULT + 2.5:
            time.sleep(0.05)

    amplifier = stage.amplifier()
    run = stage.started(Live(silent_after=20.0), beside=slow)

    # It needs time to catch up.
    stage.played(run, amplifier, slow=[(FAULT + 2.5, FAULT + 6.5)])

    assert_in_order(run.said(), "alarm: decoding is behind by", "info: decoding has caught up")
    assert_nothing_happened(run)


def test_what_a_stalled_consumer_let_overflow_is_reported_and_its_epochs_are_rejected(
    stage,
) -> None:
    stalled_until = FAULT + 16.0

    def stall(message: Message) -> None:
        if isinstance(message, Score) and message.time - run.zero > FAULT:
            amplifier.sent.wait(60.0)

    amplifier = stage.amplifier(reached=stalled_until)
    run = stage.started(Live(silent_after=20.0), beside=stall, buffer_s=10)
    schedule = schedule_of(run, (stalled_until, stalled_until + 2.0), speed=10.0)

    amplifier.play(schedule, Sending())
    stage.screen.play(schedule)
    run.finish()

    sample_s = 1 / stage.spec.sfreq
    holes = [
        (gap.time - run.zero - gap.n_lost * sample_s, gap.time - run.zero) for gap in run.gaps()
    ]
    over = {
        flash
        for flash in flashes()
        for start, stop in holes
        if flash + WINDOW_S > start + sample_s and flash < stop - sample_s
    }
    assert over
    assert not set(run.scores()) & over
    assert_in_order(run.said(), "alarm: decoding is behind by", "info: decoding has caught up")
    assert_accounted_for(run)
    assert_same_up_to(run, FAULT)
    spelled = letters(run.messages)
    assert (spelled[1], spelled[4]) == ("A", "D")
    assert run.engine.ended == "done"


def test_a_consumer_that_stalls_before_the_end_still_gets_everything(stage) -> None:
    def stall(message: Message) -> None:
        if isinstance(message, Score) and not stalled and message.time - run.zero > 38.0:
            stalled.append(message)
            time.sleep(1.5)

    stalled: list[Message] = []
    amplifier = stage.amplifier()
    run = stage.started(Live(silent_after=20.0), beside=stall)

    stage.played(run, amplifier)

    assert_nothing_happened(run)


class Silence:
    """An outlet that nobody listens to."""

    def push(self, text: str, stamp: float | None = None) -> float:
        return 0.0


def test_data_that_grow_old_little_by_little_are_reported() -> None:
    now, told = [100.0], []
    header = read_decoder(simulated_files.decoder()).header
    publisher = LivePublisher(
        Tally(header, ()), WINDOW_S, lambda: now[0], Live(), Silence(), Silence(),
        lambda message, row: told.append(message),
    )  # fmt: skip

    for number in range(300):
        now[0] += 0.2
        time_ = now[0] - WINDOW_S - 0.02 - 0.002 * number
        publisher(Score(Marker("flash/1/unknown", time_), time_, np.zeros(2), number))

    assert isinstance(told[0], Status)
    assert "ms old" in told[0].text
    assert told[0].time < 100.0 + 0.2 * 200
