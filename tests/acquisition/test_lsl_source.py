import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import lsl_amplifier
import numpy as np
import pylsl
import pytest
from lsl_amplifier import (
    SETTLE,
    LslAmplifier,
    marker_outlet,
    read_until,
    samples_of,
    source_of,
    stamps_of,
    texts_of,
    unique,
)

from bci_online.acquisition.lsl import (
    Connection,
    LslSource,
    SampleOutlet,
    local_clock,
    wait_for_consumers,
)
from bci_online.acquisition.xdf import XdfSource
from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.config import EegStream, MarkerStream
from bci_online.errors import BciError, SourceLostError
from bci_online.messages import EEG, MARKERS, Reading

pytestmark = pytest.mark.live

SOCKETS = Path("/proc/self/fd")


def sockets() -> int:
    """How many sockets this process has open; 0 where the system does not say."""
    n_sockets = 0
    for link in SOCKETS.iterdir() if SOCKETS.is_dir() else []:
        with suppress(OSError):
            n_sockets += str(link.readlink()).startswith("socket:")
    return n_sockets


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    threads, n_sockets = set(threading.enumerate()), sockets()

    yield

    assert set(threading.enumerate()) <= threads
    assert sockets() <= n_sockets


@pytest.fixture
def keep(nothing_is_left) -> Iterator[Callable]:
    """Close what a test made, in the end and the last first."""
    with ExitStack() as stack:

        def keep(made):
            stack.callback(made.close)
            return made

        yield keep


@pytest.fixture
def opened(keep) -> Callable:
    def opened(source: LslSource) -> LslSource:
        keep(source).open()
        return source

    return opened


class AmplifierProcess:
    def __init__(self, name: str, source_id: str) -> None:
        self.name = name
        script = lsl_amplifier.__file__
        self._process = subprocess.Popen([sys.executable, script, name, source_id])

    def send_signal(self, number: int) -> None:
        os.kill(self._process.pid, number)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def has_samples(readings) -> bool:
    return any(reading.chunks for reading in readings)


def n_read(n_samples: int) -> Callable:
    return lambda readings: len(stamps_of(readings)) >= n_samples


def said_in(readings: list[Reading]) -> list[str]:
    """What a person is told in `readings`."""
    return [status.text for reading in readings for status in reading.statuses]


def statuses_until(source: LslSource, words: str) -> list[str]:
    """What the source says, read on until it says `words`."""
    readings = read_until(source, lambda readings: any(words in t for t in said_in(readings)))
    return said_in(readings)


# What comes out of a stream


def test_samples_come_complete_in_order_and_with_the_senders_own_stamps(keep, opened):
    amplifier = keep(LslAmplifier())
    source = opened(source_of(amplifier))

    for n_times in (1, 7, 0, 300, 12):
        amplifier.send(n_times)
    readings = read_until(source, n_read(320))

    np.testing.assert_array_equal(samples_of(readings)[:, 0], np.arange(320))
    np.testing.assert_array_equal(samples_of(readings)[:, 2], np.arange(320) + 0.5)
    np.testing.assert_array_equal(
        stamps_of(readings), amplifier.began + np.arange(320) / amplifier.spec.sfreq
    )


def test_the_spec_is_what_the_stream_says_of_itself(keep, opened):
    amplifier = keep(LslAmplifier(reference="CMS+DRL", amplifier="BrainBox 8"))

    source = opened(source_of(amplifier))

    assert source.spec == amplifier.spec


def test_volts_become_microvolts(keep, opened):
    amplifier = keep(LslAmplifier(unit="volts"))
    source = opened(source_of(amplifier))

    amplifier.send(3)
    readings = read_until(source, n_read(3))

    assert source.spec.unit == "microvolts"
    np.testing.assert_array_equal(samples_of(readings)[:, 0], [0.0, 1e6, 2e6])


def test_a_stream_that_says_nothing_of_its_channels_has_numbered_ones_in_an_unknown_unit(
    keep, opened
):
    name = unique("bare")
    info = pylsl.StreamInfo(name, "EEG", 3, 100.0, "int16", unique("serial"))
    outlet = keep(SampleOutlet(info, "int16"))
    source = opened(LslSource(EegStream(name=name), MarkerStream(types=()), settle=SETTLE))

    outlet.push([[1, -2, 3]])
    readings = read_until(source, has_samples)

    assert source.spec.ch_names == ("1", "2", "3")
    assert source.spec.unit == "unknown"
    np.testing.assert_array_equal(samples_of(readings), [[1, -2, 3]])


def test_nothing_is_lost_of_20000_samples_of_64_channels_that_come_at_once(keep, opened):
    amplifier = keep(LslAmplifier(sfreq=512.0, ch_names=tuple(f"E{n}" for n in range(64))))
    source = opened(source_of(amplifier))

    for _ in range(200):
        amplifier.send(100)
    readings = read_until(source, n_read(20_000))

    np.testing.assert_array_equal(samples_of(readings)[:, 0], np.arange(20_000))


def test_a_burst_after_half_a_second_of_nothing_is_read_as_one_stream(keep, opened):
    amplifier = keep(LslAmplifier())
    source = opened(source_of(amplifier))
    amplifier.send(10)
    readings = read_until(source, n_read(10))

    threading.Event().wait(0.5)
    silence = source.seconds_since_sample
    amplifier.send(128)
    readings += read_until(source, n_read(128))

    assert silence >= 0.5
    np.testing.assert_array_equal(samples_of(readings)[:, 0], np.arange(138))
    assert said_in(readings) == []


def test_what_liblsl_drops_because_nobody_reads_shows_as_a_jump_of_the_stamps(keep, opened):
    amplifier = keep(LslAmplifier())
    source = opened(source_of(amplifier, buffer_s=1))

    for _ in range(30):
        amplifier.send(64)
    # Until liblsl has taken it all.
    threading.Event().wait(1.0)
    last = amplifier.began + (amplifier.n_sent - 1) / amplifier.spec.sfreq
    readings = read_until(source, lambda readings: last in stamps_of(readings))

    assert len(stamps_of(readings)) < amplifier.n_sent
    assert np.diff(stamps_of(readings), prepend=amplifier.began).max() > 1


def test_stamps_that_are_no_times_are_made_up_and_said(keep, opened):
    amplifier = keep(LslAmplifier(sfreq=100.0))
    source = opened(source_of(amplifier))

    amplifier.outlet.push(np.zeros((4, 3)), [5.0, np.nan, np.inf, 5.03])
    readings = read_until(source, n_read(4))

    np.testing.assert_allclose(stamps_of(readings), [5.0, 5.01, 5.02, 5.03])
    # On a busy computer they may come in two readings.
    told = [re.match(r"made up: (\d) stamps? of ", text) for text in said_in(readings)]
    assert sum(int(one[1]) for one in told) == 2


# Clock offsets


def test_offsets_are_measured_again_and_again_and_come_before_the_samples_they_concern(
    keep, opened
):
    amplifier = keep(LslAmplifier())
    source = opened(source_of(amplifier, offset_every=0.1))

    def three_offsets(readings) -> bool:
        amplifier.outlet.push(np.zeros((1, 3)), local_clock())
        return sum(len(reading.offsets) for reading in readings) >= 3

    newest = -np.inf
    for reading in read_until(source, three_offsets):
        for offset in reading.offsets:
            assert offset.stream == EEG
            assert abs(offset.value) < 0.01
            assert 0 < offset.uncertainty < 0.1
            assert offset.time > newest
        newest = max([newest, *stamps_of([reading])])


# Markers


def test_text_markers_come_with_the_time_they_were_given(keep, opened):
    amplifier, outlet = keep(LslAmplifier()), keep(marker_outlet("screen " + unique("a")))
    source = opened(source_of(amplifier, f"{outlet.source_id}"))

    outlet.push("flash/1/target", 123.25)
    outlet.push("µ/ß", 123.5)
    readings = read_until(source, lambda readings: len(texts_of(readings)) == 2)

    markers = [marker for reading in readings for marker in reading.markers]
    assert [(m.text, m.time, m.stream) for m in markers] == [
        ("flash/1/target", 123.25, MARKERS),
        ("µ/ß", 123.5, MARKERS),
    ]
    assert {offset.stream for reading in readings for offset in reading.offsets} == {EEG, MARKERS}


def test_markers_that_are_not_utf8_or_have_no_time_spoil_no_others(keep, opened):
    amplifier, name = keep(LslAmplifier()), unique("foreign")
    info = pylsl.StreamInfo(name, "Markers", 1, 0.0, "string", name)
    outlet = pylsl.StreamOutlet(info)
    source = opened(source_of(amplifier, name))

    outlet.push_sample([b"caf\xe9"], 1.0)
    outlet.push_sample(["timeless"], np.nan)
    outlet.push_sample(["plain"], 2.0)
    readings = read_until(source, lambda readings: "plain" in texts_of(readings))

    assert texts_of(readings) == ["caf\ufffd", "plain"]
    assert any("no time in" in text for text in said_in(readings))


@pytest.mark.parametrize("sfreq", [0.0, 100.0], ids=["events", "sampled line"])
def test_numbers_are_the_same_markers_live_as_in_a_recording(keep, opened, tmp_path, sfreq):
    numbers = np.array([0, 11, 11, 0, 2.5, 0, 1e6, 0], dtype=np.float32)[:, None]
    stamps = 50 + np.arange(8) / 100
    amplifier, name = keep(LslAmplifier()), unique("triggers")
    info = pylsl.StreamInfo(name, "Stim", 1, sfreq, "float32", name)
    outlet = keep(SampleOutlet(info, "float32"))
    source = opened(source_of(amplifier, name))
    write_xdf(
        tmp_path / "same.xdf",
        [
            XdfStream("amp", "EEG", 100.0, stamps, np.zeros((8, 1), np.float32)),
            XdfStream(name, "Stim", sfreq, stamps, numbers),
        ],
    )
    recorded = XdfSource(tmp_path / "same.xdf")
    recorded.open()
    expected = texts_of(iter(recorded.read, None))

    for number, stamp in zip(numbers, stamps, strict=True):
        outlet.push(number[None], stamp)
    readings = read_until(source, lambda r: len(texts_of(r)) >= len(expected))

    assert texts_of(readings) == expected


def test_every_edge_of_a_trigger_channel_is_within_a_sample_of_the_marker_stream(keep, opened):
    name = unique("markers")
    amplifier, events = keep(LslAmplifier(ch_names=("Cz", "Trig1"))), keep(marker_outlet(name))
    markers = MarkerStream(names=(name,), channel_of_eeg="Trig1", mask=0x0F)
    source = opened(LslSource(EegStream(name=amplifier.name), markers, settle=SETTLE))
    rng = np.random.default_rng(0)
    onsets = 40 + np.cumsum(rng.integers(6, 40, 100))
    line = np.zeros(onsets[-1] + 40)
    for onset in onsets:
        # A bit that is masked out is on all the time; codes follow each other without a rest.
        line[onset : onset + 6] = rng.integers(1, 16)
    line += 0x100
    stamps = amplifier.began + np.arange(line.size) / 256

    at = 0
    while at < line.size:
        stop = at + int(rng.integers(1, 60))
        block = np.column_stack([np.zeros(line[at:stop].size), line[at:stop]])
        amplifier.outlet.push(block, stamps[at:stop])
        for onset in onsets[(onsets >= at) & (onsets < stop)]:
            events.push("flash", stamps[onset] + rng.uniform(-0.5, 0.5) / 256)
        at = stop
    readings = read_until(source, lambda r: len(texts_of(r)) >= 2 * len(onsets))

    found = [marker for reading in readings for marker in reading.markers]
    edges = np.array([marker.time for marker in found if marker.text != "flash"])
    flashes = np.array([marker.time for marker in found if marker.text == "flash"])
    np.testing.assert_allclose(edges, stamps[onsets], atol=1e-9)
    np.testing.assert_allclose(edges, flashes, atol=1 / 256)


def test_several_marker_streams_come_together_each_under_its_own_key(keep, opened):
    amplifier = keep(LslAmplifier())
    first, second = keep(marker_outlet()), keep(marker_outlet())
    source = opened(source_of(amplifier, first.source_id, second.source_id))

    second.push("b")
    first.push("a")
    readings = read_until(source, lambda readings: len(texts_of(readings)) == 2)

    markers = [marker for reading in readings for marker in reading.markers]
    keys = {marker.text: marker.stream for marker in markers}
    assert keys == {"a": first.source_id[:-3], "b": second.source_id[:-3]}
    assert set(source.marker_streams) == set(keys.values())


def test_markers_come_also_while_no_eeg_does(keep, opened):
    amplifier, outlet = keep(LslAmplifier()), keep(marker_outlet())
    source = opened(source_of(amplifier, outlet.source_id))

    outlet.push("note/hello")
    readings = read_until(source, lambda readings: bool(texts_of(readings)))

    assert not has_samples(readings)


def test_a_marker_stream_that_comes_after_the_start_is_adopted_if_there_is_none(keep, opened):
    amplifier, type_ = keep(LslAmplifier()), unique("Late")
    source = opened(
        LslSource(EegStream(name=amplifier.name), MarkerStream(types=(type_,)), settle=SETTLE)
    )

    info = pylsl.StreamInfo(unique("late"), type_, 1, 0.0, "int32", unique("late"))
    outlet = keep(SampleOutlet(info, "int32"))
    statuses_until(source, "is connected")
    outlet.push([[7]])
    readings = read_until(source, lambda readings: bool(texts_of(readings)))

    assert texts_of(readings) == ["7"]
    assert source.marker_streams == (MARKERS,)


def test_a_marker_stream_that_is_lost_and_comes_back_goes_on(keep, opened):
    amplifier, outlet = keep(LslAmplifier()), keep(marker_outlet())
    source = opened(source_of(amplifier, outlet.source_id))
    outlet.push("before")
    read_until(source, lambda readings: bool(texts_of(readings)))

    outlet.close()
    lost = statuses_until(source, "is lost")
    again = keep(marker_outlet(outlet.source_id[:-3]))
    back = read_until(source, lambda readings: "is connected" in " ".join(said_in(readings)))
    assert wait_for_consumers((again,), 30.0)
    again.push("after")
    readings = read_until(source, lambda readings: bool(texts_of(readings)))

    assert len(lost) == 1
    assert [status.kind for reading in back for status in reading.statuses] == ["connected"]
    assert texts_of(readings) == ["after"]


# Finding the streams


def test_without_a_stream_the_error_lists_what_is_on_the_network(keep):
    other = keep(LslAmplifier())
    source = LslSource(EegStream(name="nobody"), resolve_timeout=2.0)

    with pytest.raises(BciError, match=r"'nobody'.*within 2 s.*'EEG', 3 ch double64, 256 Hz") as e:
        source.open()

    assert other.name in str(e.value)
    assert other.spec.source_id in str(e.value)
    assert "\n" not in str(e.value)


def test_a_marker_stream_that_is_named_has_to_be_there(keep):
    amplifier = keep(LslAmplifier())
    source = source_of(amplifier, "no such markers", resolve_timeout=2.0)

    with pytest.raises(BciError, match="no stream 'no such markers'"):
        source.open()


def test_two_streams_of_one_name_are_refused_and_both_listed(keep):
    one = keep(LslAmplifier())
    two = keep(LslAmplifier(one.name))

    with pytest.raises(BciError, match="2 streams on the network could be the EEG") as e:
        source_of(one, settle=1.0).open()

    assert one.spec.source_id in str(e.value)
    assert two.spec.source_id in str(e.value)


def test_of_two_streams_of_one_name_the_source_id_chooses(keep, opened):
    one = keep(LslAmplifier())
    keep(LslAmplifier(one.name))

    source = opened(
        LslSource(EegStream(name=one.spec.source_id), MarkerStream(types=()), settle=SETTLE)
    )

    assert source.spec.source_id == one.spec.source_id


def test_a_stream_that_appears_late_is_waited_for(keep, opened):
    name, made = unique("late"), []
    timer = threading.Timer(1.2, lambda: made.append(keep(LslAmplifier(name))))
    timer.start()

    source = opened(LslSource(EegStream(name=name), MarkerStream(types=()), settle=SETTLE))
    timer.join()
    made[0].send(5)

    assert len(stamps_of(read_until(source, n_read(5)))) == 5


def test_before_it_is_open_it_has_no_spec_and_cannot_be_read():
    source = LslSource()

    with pytest.raises(RuntimeError, match="open"):
        _ = source.spec
    with pytest.raises(RuntimeError, match="open"):
        source.read()


@pytest.mark.parametrize(
    "wrong",
    [
        {"resolve_timeout": 0},
        {"settle": 0},
        {"lost_after": -1},
        {"offset_every": np.nan},
        {"buffer_s": 0},
    ],
)
def test_impossible_times_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        LslSource(**wrong)


# Losing the stream


def test_a_source_that_sends_no_more_is_lost_after_the_time_that_was_given(keep, opened):
    amplifier = keep(LslAmplifier())
    source = opened(source_of(amplifier, lost_after=1.5))
    amplifier.send(5)
    read_until(source, n_read(5))

    with pytest.raises(SourceLostError, match="connected but sends nothing"):
        read_until(source, lambda _: False)
    with pytest.raises(SourceLostError):
        source.read()


def test_a_source_that_is_gone_is_lost_after_the_time_that_was_given(keep, opened):
    amplifier = keep(LslAmplifier())
    source = opened(source_of(amplifier, lost_after=1.5))

    amplifier.close()

    with pytest.raises(SourceLostError, match="it is gone"):
        read_until(source, lambda _: False)


def test_a_killed_source_is_said_to_be_lost_and_taken_up_again_when_it_is_restarted(keep, opened):
    name, source_id = unique("amp"), unique("serial")
    process = keep(AmplifierProcess(name, source_id))
    source = opened(LslSource(EegStream(name=name), MarkerStream(types=()), settle=SETTLE))
    before = stamps_of(read_until(source, has_samples))

    process.close()
    lost = statuses_until(source, "is lost")
    keep(AmplifierProcess(name, source_id))
    readings = read_until(source, has_samples)

    assert lost == [f"EEG stream {name!r} is lost: its source hung up"]
    assert said_in(readings) == [f"EEG stream {name!r} is connected"]
    first = next(n for n, reading in enumerate(readings) if reading.chunks)
    assert any(reading.offsets for reading in readings[: first + 1])
    assert stamps_of(readings)[0] > before[-1]


def test_a_source_that_hangs_does_not_hang_its_reader_and_goes_on_where_it_was(keep, opened):
    process = keep(AmplifierProcess(unique("amp"), unique("serial")))
    source = opened(LslSource(EegStream(name=process.name), MarkerStream(types=()), settle=SETTLE))
    readings = read_until(source, has_samples)

    process.send_signal(signal.SIGSTOP)
    readings += read_until(source, lambda _: source.seconds_since_sample > 0.3)
    process.send_signal(signal.SIGCONT)
    n_before = len(stamps_of(readings))
    readings += read_until(source, has_samples)

    numbers = samples_of(readings)[:, 0]
    np.testing.assert_array_equal(numbers, numbers[0] + np.arange(len(numbers)))
    assert len(numbers) > n_before
    assert said_in(readings) == []


def test_a_source_that_ended_without_a_goodbye_is_left_for_the_one_that_took_its_place(
    keep, opened
):
    name, source_id = unique("amp"), unique("serial")
    silent = keep(AmplifierProcess(name, source_id))
    source = opened(LslSource(EegStream(name=name), MarkerStream(types=()), settle=SETTLE))
    before = samples_of(read_until(source, has_samples))[-1, 0]

    # To its listeners a stopped process is a computer that lost its power.
    silent.send_signal(signal.SIGSTOP)
    keep(AmplifierProcess(name, source_id))
    statuses_until(source, "is connected")
    readings = read_until(source, n_read(50))

    numbers = samples_of(readings)[-50:, 0]
    np.testing.assert_array_equal(np.diff(numbers), 1)
    assert numbers[0] != before + 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ch_names": ("Fz", "Oz")}, "channels Cz, Pz are missing; channels Oz are new"),
        ({"ch_names": ("Cz", "Fz", "Pz")}, "the channels are in another order"),
        ({"sfreq": 128.0}, "128 Hz instead of 256 Hz"),
        ({"unit": "a.u."}, "the unit is au instead of microvolts"),
    ],
    ids=["channels", "order", "rate", "unit"],
)
def test_a_stream_that_comes_back_as_another_is_refused(keep, opened, changed, said):
    amplifier = keep(LslAmplifier())
    source = opened(source_of(amplifier))
    amplifier.send(5)
    read_until(source, n_read(5))

    other = keep(amplifier.restarted(**changed))
    other.send(500)

    with pytest.raises(SourceLostError, match=said):
        read_until(source, n_read(1))
    with pytest.raises(SourceLostError, match=said):
        source.read()


def test_a_stream_that_has_only_the_same_name_is_not_taken_for_the_lost_one(keep, opened):
    amplifier = keep(LslAmplifier())
    source = opened(source_of(amplifier, lost_after=2.0))
    amplifier.close()

    stranger = keep(LslAmplifier(amplifier.name))
    stranger.send(50)

    with pytest.raises(SourceLostError, match="it is gone"):
        read_until(source, has_samples)


def test_a_helper_thread_that_ends_of_itself_ends_the_source(keep, opened, monkeypatch):
    source = opened(source_of(keep(LslAmplifier()), offset_every=0.05))

    def break_down(*_) -> None:
        raise MemoryError("no more")

    monkeypatch.setattr(Connection, "offset", break_down)

    with pytest.raises(SourceLostError, match="helper thread of the LSL streams ended: no more"):
        read_until(source, lambda _: False)


def test_a_source_can_be_opened_again_after_it_was_closed(keep, opened):
    amplifier = keep(LslAmplifier())
    source = opened(source_of(amplifier))

    source.close()
    assert source.read() is None
    source.open()
    amplifier.send(3)

    assert len(stamps_of(read_until(source, n_read(3)))) == 3
