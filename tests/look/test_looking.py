"""A look names what is wrong with a recording, and its configuration mends it."""

import tomllib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import pytest
from foreign_session import (
    CH_NAMES,
    N_FLASHES,
    N_TARGETS,
    SFREQ,
    amplifier,
    events,
    markers,
    signal,
    times,
    written,
)
from simulated_files import recording

from bci_online.config import Config, Presentation, Simulation, config_of
from bci_online.errors import BciError
from bci_online.look import Look, look_at
from bci_online.runtime.simulated_recording import write_recording
from calibration.chain_runs import sources_of
from calibration.p300.labelled_epochs import labelled_epochs

pytestmark = pytest.mark.slow


def flashes(text: Callable[[int, bool], str]) -> list[tuple[float, str]]:
    """Return the session with other words for its flashes, and none for its letters."""
    found = []
    for at, said in events():
        kind, _, rest = said.partition("/")
        if kind == "flash":
            code, _, label = rest.partition("/")
            found.append((at, text(int(code), label == "target")))
    return found


def triggers() -> np.ndarray:
    line = np.zeros(len(times()))
    for at, said in flashes(lambda code, target: str(2 if target else 1)):
        first = np.searchsorted(times(), at)
        line[first : first + 5] = int(said)
    return line


def with_channel(name: str, values: np.ndarray, kind: str = "EEG"):
    data = np.column_stack([signal(), values])
    return amplifier(data, ch_names=(*CH_NAMES, name), ch_types=[*["EEG"] * 4, kind])


def said(text: Callable[[int, bool], str]):
    return markers(flashes(text))


def in_two_markers():
    both = flashes(lambda code, target: f"{33024 + code} {33285 if target else 33286}")
    return markers([(at, part) for at, text in both for part in text.split()])


def in_two_channels():
    both = flashes(lambda code, target: f"{code} {'target' if target else 'standard'}")
    stamps, texts = zip(*both, strict=True)
    return markers(stamps=stamps, data=[text.split() for text in texts])


def as_json(code: int, target: bool) -> str:
    return msgspec.json.encode({"code": code, "target": target}).decode()


class Odd(NamedTuple):
    """Streams, the kind of finding that costs most, and a line of the configuration."""

    streams: Callable[[], list]
    kind: str
    line: str


ODD = {
    "volts called microvolts": Odd(
        lambda: [amplifier(signal() * 1e-6), markers()], "size", 'unit = "volts"'
    ),
    "another rate": Odd(
        lambda: [amplifier(sfreq=160.0), markers()], "rate", 'sfreq = "measured"'
    ),
    "no rate": Odd(lambda: [amplifier(sfreq=0.0), markers()], "no eeg", 'sfreq = "measured"'),
    "another type": Odd(
        lambda: [amplifier(type="signal"), markers()], "no eeg", 'name = "amp"'
    ),
    "two amplifiers of one name": Odd(
        lambda: [amplifier(signal()[:300], stamps=times()[:300]), amplifier(), markers()],
        "no eeg",
        'name = "#2"',
    ),
    "a dead channel": Odd(
        lambda: [with_channel("Oz", np.ones(len(times()))), markers()],
        "no electrode",
        'exclude = ["Oz"]',
    ),
    "triggers under a sensor's name": Odd(
        lambda: [with_channel("C3", 40 * triggers() + signal()[:, 0]), markers()],
        "labels leak",
        'exclude = ["C3"]',
    ),
    "triggers in a channel": Odd(
        lambda: [with_channel("TRIG", triggers(), "AUX")], "no markers", 'channel_of_eeg = "TRIG"'
    ),
    "code and label in two markers": Odd(
        lambda: [amplifier(), in_two_markers()], "markers unread", 'preset = "openvibe-p300"'
    ),
    "code and label in two channels": Odd(
        lambda: [amplifier(), in_two_channels()], "markers unread", 'preset = "code-and-label"'
    ),
    "markers of JSON": Odd(
        lambda: [amplifier(), said(as_json)], "markers unread", 'preset = "psychopy-json"'
    ),
}  # fmt: skip


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_the_configuration_of_a_look_mends_what_it_names(odd, tmp_path):
    path = written(tmp_path, *odd.streams())

    look = look_at(path)

    assert look.findings[0].kind == odd.kind
    assert odd.line in look.toml.splitlines()
    epochs = trained_on(path, look)
    assert (len(epochs), int(epochs.y.sum())) == (N_FLASHES, N_TARGETS)
    assert epochs.preprocessing.ch_names == CH_NAMES
    assert epochs.preprocessing.sfreq == pytest.approx(SFREQ, rel=1e-3)
    tables = tomllib.loads(look.toml)
    assert tomllib.loads(look_at(path, tables).toml) == tables


def trained_on(path: Path, look: Look):
    config = config_of(tomllib.loads(look.toml), "look.toml")
    return labelled_epochs(sources_of([path], config), config)


def test_nothing_is_wrong_with_a_sound_recording_and_its_response_is_found():
    look = look_at(recording())

    assert look.findings == ()
    assert tomllib.loads(look.toml) == {}
    assert look.response.is_clear
    assert look.response.counts == (N_TARGETS, N_FLASHES - N_TARGETS)
    assert 0.2 < look.response.latencies[look.response.at] <= 0.5


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_a_single_damaged_sample_is_named_and_costs_only_the_epochs_over_it(tmp_path, value):
    data = signal().copy()
    data[len(data) // 2, 1] = value
    path = written(tmp_path, amplifier(data), markers())

    look = look_at(path)

    (finding,) = look.findings
    assert finding.kind == "damage"
    assert finding.text.partition("; ")[0].endswith(f"larger than any voltage: {CH_NAMES[1]} (1)")
    epochs = trained_on(path, look)
    assert epochs.preprocessing.ch_names == CH_NAMES
    assert set(epochs.rejected) == {"channel"}
    assert len(epochs) > 0.9 * N_FLASHES


def test_a_recording_of_cues_is_read_as_imagery(tmp_path):
    config = Config(
        paradigm="motor_imagery",
        presentation=Presentation(trials_per_class=5),
        simulation=Simulation(sfreq=128.0, ch_names=("C3", "Cz", "C4")),
    )
    write_recording(config, "", tmp_path / "run.xdf", seed=0)

    look = look_at(tmp_path / "run.xdf")

    assert look.findings == ()
    assert tomllib.loads(look.toml)["paradigm"] == "motor_imagery"
    assert look.response.classes in [("left_hand", "right_hand"), ("right_hand", "left_hand")]


def test_a_recording_of_another_format_is_looked_at_in_the_same_way(tmp_path):
    mne = pytest.importorskip("mne")
    info = mne.create_info([*CH_NAMES], SFREQ, "eeg", verbose="ERROR")
    raw = mne.io.RawArray(1e-6 * signal().T, info, verbose="ERROR")
    both = flashes(lambda code, target: f"{code} {'target' if target else 'standard'}")
    onsets, texts = zip(*both, strict=True)
    raw.set_annotations(mne.Annotations(np.array(onsets) - times()[0], 0.0, texts))
    raw.save(tmp_path / "run_raw.fif", fmt="double", verbose="ERROR")

    look = look_at(tmp_path / "run_raw.fif")

    assert [stream.role for stream in look.streams] == ["EEG", "markers"]
    assert tomllib.loads(look.toml) == {"markers": {"preset": "code-and-label"}}
    assert look.response.counts == (N_TARGETS, N_FLASHES - N_TARGETS)


def test_clocks_that_were_never_compared_are_named_once(tmp_path):
    late = [(at + 1.5e9, text) for at, text in events()]

    look = look_at(written(tmp_path, amplifier(), markers(late)))

    assert [finding.kind for finding in look.findings] == ["clocks apart"]
    assert look.streams[1].first_s > 1e9


def test_a_recording_without_eeg_shows_its_streams(tmp_path):
    look = look_at(written(tmp_path, markers()))

    assert [finding.kind for finding in look.findings] == ["no eeg"]
    assert [stream.name for stream in look.streams] == ["screen"]


def test_markers_that_no_preset_knows_are_asked_for_in_the_configuration(tmp_path):
    look = look_at(written(tmp_path, amplifier(), said(lambda code, _: f"S {code}")))

    assert tomllib.loads(look.toml) == {}
    assert '# exact = "S 3"' in look.toml.splitlines()


def test_a_damaged_file_is_looked_at_or_refused(tmp_path):
    whole = written(tmp_path, amplifier(signal()[:2000], stamps=times()[:2000]), markers())
    content = np.frombuffer(whole.read_bytes(), np.uint8)
    rng = np.random.default_rng(0)

    for _ in range(30):
        odd = content.copy()[: rng.integers(100, len(content))]
        odd[rng.integers(0, len(odd), 20)] ^= rng.integers(1, 256, 20, dtype=np.uint8)
        (tmp_path / "odd.xdf").write_bytes(odd.tobytes())
        with suppress(BciError):
            tomllib.loads(look_at(tmp_path / "odd.xdf").toml)


def test_a_matrix_that_is_numbered_the_other_way_round_is_found_by_its_labels(tmp_path):
    turned = {code: (code + 5) % 12 + 1 for code in range(1, 13)}
    told = []
    for at, text in events():
        kind, _, rest = text.partition("/")
        code, _, label = rest.partition("/")
        told.append((at, f"flash/{turned[int(code)]}/{label}" if kind == "flash" else text))

    look = look_at(written(tmp_path, amplifier(), markers(told)))

    assert [finding.kind for finding in look.findings] == ["layout"]
    assert tomllib.loads(look.toml) == {"layout": {"numbering": "rows-first"}}
