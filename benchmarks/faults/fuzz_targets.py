"""What reads files and lines of others: each target must read, or refuse in one line."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bci_online.acquisition.lsl.control import ControlInlet
from bci_online.acquisition.xdf import XdfSource
from bci_online.config import preprocessing_for, read_config
from bci_online.decoding.decoder_file import read_decoder
from bci_online.errors import BciError
from bci_online.markers import parse_marker
from bci_online.messages import Marker, Reading, StreamSpec
from bci_online.runtime.assembly import online_chain
from bci_online.session_lines import parse_decision, parse_journal
from bci_online.session_state import SessionState
from bci_online.translation import Translator
from benchmarks.faults import mutations
from benchmarks.faults.mutations import Mutate

SECONDS_DECODED = 8.0
SESSION = "fuzzed"


@dataclass(frozen=True)
class Target:
    """Something that reads.

    ``read`` raises only what is a defect; it returns whether the content was refused.
    """

    seeds: tuple[bytes, ...]
    mutate: Mutate
    read: Callable[[bytes], bool]


@dataclass(frozen=True)
class Material:
    """What is mutated: sound files of one subject, and an empty folder."""

    recording: Path
    decoder: Path
    config: Path
    folder: Path

    def readings(self) -> tuple[StreamSpec, list[Reading]]:
        """Return the beginning of the recording."""
        source = XdfSource(self.recording)
        source.open()
        readings, seconds = [], 0.0
        while seconds < SECONDS_DECODED and (reading := source.read()) is not None:
            readings.append(reading)
            seconds += sum(chunk.stamps.size for chunk in reading.chunks) / source.spec.sfreq
        spec = source.spec
        source.close()
        return spec, readings


def _xdf(material: Material) -> Target:
    known, path = read_decoder(material.decoder), material.folder / "case.xdf"
    seed = material.recording.read_bytes()
    # The first chunks hold every header, and a short file is read often.
    seeds = (seed[:20_000], seed[:60_000])

    def read(content: bytes) -> bool:
        path.write_bytes(content)
        try:
            source = XdfSource(path)
            source.open()
            chain, _ = online_chain(known, source.spec)
            for reading in iter(source.read, None):
                chain.push(reading)
            chain.finish()
        except BciError as error:
            return _one_line(error)
        return False

    return Target(seeds, mutations.xdf, read)


def _decoder(material: Material) -> Target:
    spec, readings = material.readings()
    path = material.folder / "case.decoder"

    def read(content: bytes) -> bool:
        path.write_bytes(content)
        try:
            chain, _ = online_chain(read_decoder(path), spec)
            for reading in readings:
                chain.push(reading)
            chain.finish()
        except BciError as error:
            return _one_line(error)
        return False

    return Target((material.decoder.read_bytes(),), mutations.decoder, read)


def _toml(material: Material) -> Target:
    spec, _ = material.readings()
    path = material.folder / "case.toml"
    folder = Path(__file__).resolve().parents[2] / "configs"
    seeds = (material.config.read_bytes(), *(p.read_bytes() for p in sorted(folder.glob("*.toml"))))

    def read(content: bytes) -> bool:
        path.write_bytes(content)
        try:
            config = read_config(path)
            preprocessing_for(config, spec)
            Translator(config.markers.translate).read("S  7")
        except BciError as error:
            return _one_line(error)
        return False

    return Target(seeds, mutations.any_text, read)


MARKERS = b"""\
session/start/copy
layout/ABCDEF
trial/start/1/A
flash/3/target
flash/12/nontarget
trial/end/1
cue/left_hand
decision/A
note/{"type":"probe"}
note/{"type":"operator","text":"cap moved"}
session/end/done
"""


def _markers(material: Material) -> Target:
    spec, readings = material.readings()
    known = read_decoder(material.decoder)
    own = "\n".join(m.text for reading in readings for m in reading.markers)

    def read(content: bytes) -> bool:
        texts = content.decode("utf-8", "replace").split("\n")
        chain, _ = online_chain(known, spec)
        n_read = 0
        for number, reading in enumerate(readings):
            time = float(reading.chunks[0].stamps[0]) if reading.chunks else float("nan")
            strange = tuple(Marker(text, time) for text in texts[number :: len(readings)])
            chain.push(msgspec.structs.replace(reading, markers=(*reading.markers, *strange)))
        for text in texts:
            event = parse_marker(text)
            if event is not None:
                n_read += 1
                # An event that was read and written is read as the same event.
                assert parse_marker(event.text()) == event, text[:200]
        chain.finish()
        return n_read == 0

    return Target((MARKERS, own.encode()), mutations.any_text, read)


CONTROL = b"""\
{"session":"fuzzed","number":1,"name":"start"}
{"session":"fuzzed","number":2,"name":"note","argument":"cap moved"}
{"session":"fuzzed","number":3,"name":"note","note":{"type":"probe"}}
{"session":"fuzzed","number":4,"name":"status","status":{"doing":"records","mode":"copy"}}
{"session":"other","number":5,"name":"abort"}
{"type":"status","level":"info","text":"ready","time":1.0}
{"type":"gap","sample":10,"n_lost":3,"time":1.0,"bridged":true}
{"type":"decision","value":"A","trial":1,"confidence":0.9}
{"type":"standing","trial":1,"flashes":3,"threshold":0.9,"posterior":{"A":0.5}}
{"type":"ready","time":1.0,"name":"amp","stream_type":"EEG"}
{"type":"session_end","reason":"done"}
"""


class _Fed:
    """Stands where a text inlet stands."""

    is_connected, n_connections = True, 1

    def __init__(self) -> None:
        self.texts: list[str] = []

    def read(self) -> list[tuple[str, float]]:
        return [(text, 1.0) for text in self.texts]

    def close(self) -> None:
        """Nothing is open."""


def _control(material: Material) -> Target:
    def read(content: bytes) -> bool:
        fed = _Fed()
        fed.texts = content.decode("utf-8", "replace").split("\n")
        inlet, state, n_read = ControlInlet(SESSION), SessionState(), 0
        inlet.close()
        inlet._inlet = fed
        for message in inlet.read():
            n_read += 1
            state.observe(message, 1.0)
        for parse in (parse_journal, parse_decision, parse_marker):
            for text in fed.texts:
                if (line := parse(text)) is not None:
                    n_read += 1
                    state.observe(line, 2.0)
        state.seconds(3.0), state.per_minute(3.0), state.bits_per_min(3.0)
        return n_read == 0

    return Target((CONTROL,), mutations.any_text, read)


def _one_line(error: BciError) -> bool:
    text = str(error)
    assert "\n" not in text, f"an error of several lines: {text[:200]}"
    assert len(text) < 5000, f"an error of {len(text)} characters: {text[:200]}"
    assert text.isprintable(), f"an error with control characters: {text[:200]!r}"
    return True


KINDS: dict[str, Callable[[Material], Target]] = {
    "xdf": _xdf, "decoder": _decoder, "toml": _toml, "markers": _markers, "control": _control,
}  # fmt: skip


def mutated(of: Target, corpus: list[bytes], rng: random.Random) -> bytes:
    """Return one more case, one to four changes away from one that is known."""
    content = rng.choice(corpus)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        content = of.mutate(content, corpus, rng)
    return content
