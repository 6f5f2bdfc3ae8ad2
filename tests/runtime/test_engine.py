import os
import signal
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
import simulated_files

from bci_online.acquisition.xdf import XdfSource
from bci_online.config import Live
from bci_online.decoding.decoder_file import read_decoder
from bci_online.errors import BciError, SourceLostError
from bci_online.messages import (
    Chunk,
    ClockOffset,
    Decision,
    Marker,
    Message,
    Reading,
    SessionEnd,
    Status,
)
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.engine import Engine


class Script:
    """A source that gives what a generator yields; an exception in it is the source's."""

    def __init__(self, readings: Iterator[Reading | None]) -> None:
        recording = XdfSource(simulated_files.recording())
        recording.open()
        self.spec = recording.spec
        self._readings = readings

    def open(self) -> None: ...

    def read(self, timeout: float = 0.0) -> Reading | None:
        return next(self._readings, None)

    def close(self) -> None: ...


class Clock:
    """A clock that goes as far as it is asked to with every look."""

    def __init__(self, step: float = 0.0) -> None:
        self.now, self.step = 100.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def engine_for(
    source, published: list[Message], clock=time.monotonic, live=None, gather_s=0.0
) -> Engine:
    chain, _ = online_chain(read_decoder(simulated_files.decoder()), source.spec)
    return Engine(source, chain, published.append, clock, live, gather_s)


def finish(engine: Engine) -> None:
    while engine.wait():
        pass


def samples(n_chunks: int, start: float = 0.0) -> Iterator[Reading]:
    yield Reading(offsets=(ClockOffset("eeg", start, 0.0), ClockOffset("markers", start, 0.0)))
    for number in range(n_chunks):
        stamps = start + (16 * number + np.arange(16)) / 128
        yield Reading(chunks=(Chunk(np.zeros((16, 4)), stamps),))


@pytest.fixture(autouse=True)
def _no_thread_is_left():
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def opened() -> XdfSource:
    source = XdfSource(simulated_files.recording())
    source.open()
    return source


def replayed() -> list[Message]:
    source = opened()
    chain, _ = online_chain(read_decoder(simulated_files.decoder()), source.spec)
    messages = [m for reading in iter(source.read, None) for m in chain.push(reading)]
    return messages + chain.finish()


def decisions(messages: list[Message]) -> list[Decision]:
    return [message for message in messages if isinstance(message, Decision)]


@pytest.mark.parametrize("gather_s", [0.0, 0.001])
def test_its_thread_decides_what_the_bare_chain_decides(gather_s) -> None:
    published: list[Message] = []
    engine = engine_for(opened(), published, gather_s=gather_s)

    engine.start()
    finish(engine)

    assert decisions(published) == decisions(replayed())
    assert len(decisions(published)) == 3
    assert isinstance(published[-1], SessionEnd)


def test_steps_by_hand_decide_what_its_thread_decides() -> None:
    published: list[Message] = []
    engine = engine_for(opened(), published)

    while engine.step():
        pass

    assert decisions(published) == decisions(replayed())
    assert engine.ended == "done"


@pytest.mark.slow
def test_a_slow_output_loses_nothing_and_is_reported() -> None:
    published: list[Message] = []

    def slow(message: Message) -> None:
        if isinstance(message, Decision | SessionEnd):
            time.sleep(0.3)
        published.append(message)

    source = opened()
    chain, _ = online_chain(read_decoder(simulated_files.decoder()), source.spec)
    engine = Engine(source, chain, slow, time.monotonic, Live(max_data_age=0.5))

    engine.start()
    finish(engine)

    assert decisions(published) == decisions(replayed())
    assert isinstance(published[-1], SessionEnd)
    behind = [m for m in published if isinstance(m, Status) and "decoding is behind" in m.text]
    assert behind


def test_silence_is_reported_once_and_so_is_its_end() -> None:
    def script():
        yield from samples(3)
        for _ in range(20):
            yield Reading()
        yield from list(samples(2, start=5.0))[1:]

    published: list[Message] = []
    engine = engine_for(Script(script()), published, Clock(step=0.05), Live(silent_after=0.3))

    while engine.step():
        pass

    said = [message.text for message in published if isinstance(message, Status)]
    assert [text.split()[0] for text in said if "sample" in text] == ["no", "samples"]


def test_a_source_that_stays_silent_ends_the_run_by_the_rule() -> None:
    def script():
        yield from samples(3)
        while True:
            yield Reading()

    published: list[Message] = []
    engine = engine_for(Script(script()), published, Clock(step=0.5), Live(lost_after=3.0))

    while engine.step():
        pass

    assert engine.ended == "lost"
    assert isinstance(engine.error, SourceLostError)
    assert "lost_after = 3" in str(engine.error)


@pytest.mark.parametrize(
    ("error", "ended"), [(SourceLostError("gone"), "lost"), (OSError("cable"), "failed")]
)
def test_a_source_that_breaks_ends_the_run_with_a_message(error, ended) -> None:
    def script():
        yield from samples(3)
        raise error

    published: list[Message] = []
    engine = engine_for(Script(script()), published)

    engine.start()
    with pytest.raises(BciError, match=str(error)):
        finish(engine)

    assert engine.ended == ended
    assert any(isinstance(m, Status) and m.level == "alarm" for m in published)


def test_a_decoder_that_breaks_ends_the_run_and_is_reported() -> None:
    published: list[Message] = []
    source = opened()
    decoder = read_decoder(simulated_files.decoder())

    class Broken:
        header, arrays, limits, band_rms = decoder.header, decoder.arrays, None, None

        def score(self, data):
            raise ArithmeticError("broken decoder")

    chain, _ = online_chain(Broken(), source.spec)
    engine = Engine(source, chain, published.append, time.monotonic)

    engine.start()
    with pytest.raises(BciError, match="decoding failed: ArithmeticError: broken decoder") as error:
        finish(engine)

    assert "\n" not in str(error.value)
    assert isinstance(error.value.__cause__, ArithmeticError)
    assert engine.ended == "failed"
    alarm = published[-2]
    assert isinstance(alarm, Status)
    assert (alarm.level, alarm.text) == ("alarm", str(error.value))
    assert published[-1] == SessionEnd("failed")


def test_whatever_breaks_in_its_thread_ends_the_run_with_a_message() -> None:
    published: list[Message] = []
    # No source sends such a chunk.
    nothing = Reading(chunks=(Chunk(np.zeros((0, 4)), np.zeros(0)),))
    engine = engine_for(Script(iter([nothing])), published)

    engine.start()
    with pytest.raises(BciError, match="IndexError"):
        finish(engine)

    assert published[-1] == SessionEnd("failed")


@pytest.mark.parametrize(
    ("broken", "raised", "said"),
    [
        (OSError(28, "No space left"), BciError, "decoding failed: OSError: .* No space left"),
        # Who reads our output may go away (`| head`): the command line knows what to make of it.
        (BrokenPipeError(32, "Broken pipe"), BrokenPipeError, "Broken pipe"),
    ],
)
def test_an_output_that_breaks_ends_the_run(broken, raised, said) -> None:
    def publish(message: Message) -> None:
        raise broken

    source = opened()
    chain, _ = online_chain(read_decoder(simulated_files.decoder()), source.spec)
    engine = Engine(source, chain, publish, time.monotonic)

    engine.start()
    with pytest.raises(raised, match=said):
        finish(engine)

    assert engine.ended == "failed"


def test_a_session_end_marker_ends_the_run_behind_its_samples() -> None:
    def script():
        yield from samples(2)
        end = Marker("session/end/done", 1.9 * 16 / 128 + 0.2)
        rest = list(samples(6))[3:]
        yield Reading(markers=(end,), chunks=rest[0].chunks)
        yield from rest[1:]
        while True:
            yield Reading()

    published: list[Message] = []
    engine = engine_for(Script(script()), published)

    engine.start()
    finish(engine)

    assert engine.ended == "done"


def test_stop_ends_its_thread_and_says_why() -> None:
    def script():
        while True:
            time.sleep(0.01)
            yield Reading()

    published: list[Message] = []
    engine = engine_for(Script(script()), published)

    engine.start()
    engine.stop("interrupted")
    finish(engine)

    assert published[-1] == SessionEnd("interrupted")


def test_a_ctrl_c_while_waiting_still_ends_in_order() -> None:
    def script():
        for number, reading in enumerate(samples(10_000)):
            time.sleep(0.01)
            if number == 20:
                os.kill(os.getpid(), signal.SIGINT)
            yield reading

    published: list[Message] = []
    engine = engine_for(Script(script()), published)

    def run() -> None:
        engine.start()
        finish(engine)

    with pytest.raises(KeyboardInterrupt):
        run()
    engine.stop("interrupted")
    finish(engine)

    assert published[-1] == SessionEnd("interrupted")
    assert engine.ended == "interrupted"


def test_markers_of_the_future_are_reported_once_and_do_not_pile_up() -> None:
    """Stamps on another clock, years ahead: each would wait for ever."""
    chain, _ = online_chain(read_decoder(simulated_files.decoder()), opened().spec)
    (first, *rest) = samples(3)
    ahead = [Marker("flash/3/unknown", 1.7e9 + number, "markers") for number in range(30_000)]

    told = [m for m in chain.push(first) if isinstance(m, Status)]
    for number, reading in enumerate(rest):
        markers = tuple(ahead[10_000 * number : 10_000 * (number + 1)])
        messages = chain.push(Reading(reading.chunks, markers))
        told += [m for m in messages if isinstance(m, Status)]

    assert [status.level for status in told] == ["alarm"]
    assert "two clocks that were never compared" in told[0].text
    n_left = chain.translator.untranslated["flash/3/unknown"]
    assert 30_000 - n_left == pytest.approx(17_400, rel=0.01)
