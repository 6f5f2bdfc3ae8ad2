"""Streams that others send, and others that read ours: over real LSL, on this computer."""

import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np
import pylsl
import pytest
import simulated_files
from live_runs import PATIENT

from bci_online.acquisition.lsl import (
    LslSource,
    SampleOutlet,
    TextOutlet,
    eeg_outlet,
    local_clock,
    wait_for_consumers,
)
from bci_online.acquisition.xdf import XdfSource
from bci_online.config import EegStream, MarkerStream, read_config
from bci_online.decoding.decoder_file import read_decoder
from bci_online.decoding.linear import LinearDecoder
from bci_online.errors import DecoderMismatchError
from bci_online.markers import Flash, TrialStart, parse_marker
from bci_online.messages import Decision, Marker, Message
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.engine import Engine
from bci_online.runtime.playback import play
from bci_online.session.processes import Processes

pytestmark = pytest.mark.live

SPEED = 10
SETTLE = 0.3
MOST_SECONDS = 60

NUMBERS = """
[[markers.translate]]
number = 200
to = "trial/start"

[[markers.translate]]
number = 201
to = "trial/end"

[[markers.translate]]
regex = "([0-9]+)"
to = 'flash/\\1/unknown'
"""


def unique(word: str) -> str:
    return f"{word}-{uuid.uuid4().hex[:8]}"


def opened(path: Path) -> XdfSource:
    source = XdfSource(path)
    source.open()
    return source


def letters(messages: list[Message]) -> list[tuple]:
    """What was decided on how much, without what only a labelled marker tells."""
    return [
        (message.value, message.repetitions, message.flashes)
        for message in messages
        if isinstance(message, Decision)
    ]


def replayed(path: Path) -> list[Message]:
    source = opened(path)
    chain, _ = online_chain(read_decoder(simulated_files.decoder()), source.spec)
    messages = [message for reading in iter(source.read, None) for message in chain.push(reading)]
    return messages + chain.finish()


class NumberSink:
    """Marks as a screen with a parallel port would: one number for each marker."""

    def __init__(self, name: str) -> None:
        info = pylsl.StreamInfo(name, "Markers", 1, 0.0, "int32", name)
        self.outlet = SampleOutlet(info, "int32")

    def mark(self, marker: Marker) -> None:
        event = parse_marker(marker.text)
        other = 200 if isinstance(event, TrialStart) else 201
        number = event.code if isinstance(event, Flash) else other
        self.outlet.push([[number]], marker.time)


class TextSink:
    def __init__(self, name: str) -> None:
        self.outlet = TextOutlet(name, "Markers", name)

    def mark(self, marker: Marker) -> None:
        self.outlet.push(marker.text, marker.time)


def decoded(
    source: LslSource, decoder: LinearDecoder, n_letters: int, markers: MarkerStream | None = None
) -> list[Message]:
    """What the engine says of an opened source, until so many letters are decided."""
    messages: list[Message] = []
    chain, _ = online_chain(decoder, source.spec, markers=markers)
    engine = Engine(source, chain, messages.append, local_clock, PATIENT)
    until = time.monotonic() + MOST_SECONDS
    engine.start()
    try:
        while len(letters(messages)) < n_letters and engine.wait(0.05):
            assert time.monotonic() < until, f"{letters(messages)} after {engine.n_samples} samples"
    finally:
        engine.stop()
        while engine.wait():
            pass
        source.close()
    return messages


def played(
    path: Path,
    eeg: SampleOutlet,
    sink: NumberSink | TextSink,
    listen: Callable[[], list[Message]],
) -> list[Message]:
    """What `listen` returns while a recording is played to it."""

    def send() -> None:
        if wait_for_consumers((eeg, sink.outlet), MOST_SECONDS):
            play(opened(path), eeg, sink, local_clock, SPEED)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        return listen()
    finally:
        sender.join()
        eeg.close()
        sink.outlet.close()


def test_numeric_markers_spell_through_the_table_of_the_configuration(tmp_path) -> None:
    recording, name, marks = simulated_files.recording("AB", 7), unique("amp"), unique("port")
    (tmp_path / "numbers.toml").write_text(f'[markers]\nnames = ["{marks}"]\n{NUMBERS}')
    markers = read_config(tmp_path / "numbers.toml").markers
    spec = msgspec.structs.replace(opened(recording).spec, name=name, source_id=name)

    def listen() -> list[Message]:
        source = LslSource(EegStream(name=name), markers)
        source.open()
        decoder = read_decoder(simulated_files.decoder())
        return decoded(source, decoder, 2, markers)

    eeg = eeg_outlet(spec, sample_type="double64")
    live = played(recording, eeg, NumberSink(marks), listen)

    assert letters(live) == letters(replayed(recording))
    assert len(letters(live)) == 2


def test_a_stream_without_labels_is_numbered_and_decodes_by_number() -> None:
    recording, name, marks = simulated_files.recording("AB", 7), unique("bare"), unique("marks")
    known = read_decoder(simulated_files.decoder())
    changed = {"ch_names": ("1", "2", "3", "4"), "unit": "unknown"}
    preprocessing = msgspec.structs.replace(known.header.preprocessing, **changed)
    header = msgspec.structs.replace(known.header, preprocessing=preprocessing)
    info = pylsl.StreamInfo(name, "EEG", 4, preprocessing.sfreq, "double64", name)

    def listen() -> list[Message]:
        source = LslSource(EegStream(name=name), MarkerStream(names=(marks,)))
        source.open()
        with pytest.raises(DecoderMismatchError, match="Cz"):
            online_chain(known, source.spec)
        decoder = LinearDecoder(header, known.arrays)
        return decoded(source, decoder, 2)

    live = played(recording, SampleOutlet(info, "double64"), TextSink(marks), listen)

    assert letters(live) == letters(replayed(recording))
    assert len(letters(live)) == 2


@pytest.fixture
def mne_lsl(monkeypatch):
    """mne-lsl on the same liblsl, told late: liblsl reads its configuration when it loads."""
    library = Path(pylsl.__file__).parent / "lib" / "liblsl.so"
    if library.exists():
        monkeypatch.setenv("MNE_LSL_LIB", os.fspath(library))
    return pytest.importorskip("mne_lsl", reason="needs the extra: pip install bci-online[peers]")


@pytest.fixture
def player(mne_lsl) -> Iterator[object]:
    """mne-lsl's player of a recording in volts, its markers as annotations; not yet started."""
    import mne

    source = opened(simulated_files.recording("A", 7))
    readings = list(iter(source.read, None))
    data = np.concatenate([chunk.data for r in readings for chunk in r.chunks])
    first = readings[0].chunks[0].stamps[0]
    info = mne.create_info(list(source.spec.ch_names), source.spec.sfreq, "eeg")
    raw = mne.io.RawArray(1e-6 * data.T, info, verbose="error")
    onsets = [marker.time - first for r in readings for marker in r.markers]
    texts = [marker.text for r in readings for marker in r.markers]
    raw.set_annotations(mne.Annotations(onsets, 0.0, texts))
    name = unique("mne")
    made = mne_lsl.player.PlayerLSL(
        raw, chunk_size=8, n_repeat=1, name=name, source_id=name, annotations_encoding="string"
    )
    yield made
    if made.running:
        made.stop()


def test_mne_lsls_player_is_an_amplifier_and_its_annotations_are_markers(player) -> None:
    decoder = read_decoder(simulated_files.decoder())
    markers = MarkerStream(names=(f"{player.name}-annotations",))
    source = LslSource(EegStream(name=player.name), markers, settle=SETTLE)

    # It waits for nobody: what it sends before we are connected is lost, and at its end what we
    # have not read. The letter begins six seconds after the one and is over before the other.
    player.start()
    source.open()
    live = decoded(source, decoder, 1)

    assert source.spec.unit == "microvolts"
    # Its annotations are stamped with the sample before theirs, so the scores are not the same.
    assert [value for value, *_ in letters(live)] == ["A"]


def test_mne_lsl_reads_what_our_player_sends(mne_lsl) -> None:
    recording, session = simulated_files.recording("AB", 7), unique("s")
    sent = opened(recording)
    data = np.concatenate([chunk.data for r in iter(sent.read, None) for chunk in r.chunks])
    texts = [m.text for r in iter(opened(recording).read, None) for m in r.markers]
    texts_received: list[str] = []
    with Processes() as processes:
        processes.start("player", str(recording), "--speed", str(SPEED), "--session", session)
        stream = mne_lsl.stream.StreamLSL(
            2 * len(data) / sent.spec.sfreq, source_id=f"bci-online/{session}/eeg"
        )
        stream.connect(acquisition_delay=0.02, timeout=MOST_SECONDS)
        try:
            (marks,) = mne_lsl.lsl.resolve_streams(
                MOST_SECONDS, source_id=f"bci-online/{session}/markers", minimum=1
            )
            inlet = mne_lsl.lsl.StreamInlet(marks)
            inlet.open_stream(timeout=MOST_SECONDS)
            until = time.monotonic() + MOST_SECONDS
            while "session/end/eof" not in texts_received or stream.n_new_samples < len(data):
                assert time.monotonic() < until, f"{stream.n_new_samples} of {len(data)} came"
                rows, _ = inlet.pull_chunk(timeout=0.1)
                texts_received += [row[0] for row in rows]
            received, _ = stream.get_data()
            info = stream.info
        finally:
            stream.disconnect()

    assert tuple(info["ch_names"]) == sent.spec.ch_names
    assert info["sfreq"] == sent.spec.sfreq
    assert {channel["unit_mul"] for channel in info["chs"]} == {-6}
    np.testing.assert_array_equal(received[:, -len(data) :].T, data)
    assert texts_received == [*texts, "session/end/eof"]
