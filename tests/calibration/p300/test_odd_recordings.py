"""Recordings that train on nothing, or on a part, say why and how much."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace as replaced
from recorded import AMPLIFIER

from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.commands.run_request import RunRequest
from bci_online.config import Config, EpochSpec, MarkerStream
from bci_online.errors import BciError, RecordingError
from bci_online.messages import Score
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.sources import recording
from bci_online.translation import TranslationRule
from calibration.experiments.compared_recordings import Recordings, compare
from calibration.p300.epochs import EpochSet
from calibration.p300.recorded_epochs import epochs_of
from calibration.p300.training import train
from calibration.training_request import TrainingRequest

CONFIG = Config(epoch=EpochSpec(tmax=0.6))
START, SECONDS = 1000.0, 60
EEG = np.random.default_rng(0).normal(size=(100 * SECONDS, 3))
# Three letters of 12 flashes; each flash by its time.
FLASHES = [(START + 10 + 12 * k + 0.5 * n, n + 1) for k in range(3) for n in range(12)]


def amplifier(data: np.ndarray = EEG) -> XdfStream:
    stamps = START + np.arange(len(EEG)) / 100
    return replace(AMPLIFIER, stamps=stamps, data=data, offsets=())


def grammar() -> list[tuple[float, str]]:
    # A, B and C lie in columns 1 to 3 of the first row, which is code 7.
    said = [
        (t, f"flash/{code}/{'target' if code in (n // 12 + 1, 7) else 'nontarget'}")
        for n, (t, code) in enumerate(FLASHES)
    ]
    for k, letter in enumerate("ABC"):
        said.append((START + 9 + 12 * k, f"trial/start/{k + 1}/{letter}"))
        said.append((START + 17 + 12 * k, f"trial/end/{k + 1}"))
    return sorted(said)


def stimuli(said: list[tuple[float, str]], name: str = "screen") -> XdfStream:
    stamps, data = [time for time, _ in said], [text for _, text in said]
    return XdfStream(name, "Markers", 0.0, stamps, data)


def epochs(folder: Path, *streams: XdfStream) -> EpochSet:
    write_xdf(folder / "run.xdf", streams)
    return epochs_of([folder / "run.xdf"], CONFIG).all()


def refused(folder: Path, *streams: XdfStream) -> str:
    with pytest.raises(RecordingError) as error:
        epochs(folder, *streams)
    return str(error.value)


def test_a_sound_recording_has_no_notes(tmp_path):
    found = epochs(tmp_path, amplifier(), stimuli(grammar()))

    assert (len(found), found.rejected, found.notes) == (36, {}, ())


@pytest.mark.slow
def test_a_decoder_reads_markers_as_its_training_did(tmp_path):
    line = np.zeros(len(EEG))
    for time, code in FLASHES:
        line[round(100 * (time - START)) :][:5] = 0x40 + code
    data = np.column_stack([EEG, line])
    stream = replace(amplifier(data), ch_names=(*AMPLIFIER.ch_names, "Trig1"))
    said = [marker for marker in grammar() if marker[1].startswith("trial")]
    write_xdf(path := tmp_path / "run.xdf", [stream, stimuli(said)])
    rules = (
        TranslationRule(r"flash/\1/target", regex="([1-6])"),
        TranslationRule(r"flash/\1/nontarget", regex="([0-9]+)"),
    )
    markers = MarkerStream(channel_of_eeg="Trig1", mask=0x0F, translate=rules)
    config = replaced(CONFIG, markers=markers)
    output = tmp_path / "my.decoder"
    request = TrainingRequest(
        recordings=(path,), config=config, output=output, method="lda", evaluation=False
    )
    train(request)
    (tmp_path / "open.toml").write_text('[security]\nmarkers = "open"\n')

    for config_path in (None, tmp_path / "open.toml"):
        request = RunRequest(decoder_path=output, config_path=config_path)
        decoder, loaded = request.load()
        source = recording(path, loaded)
        source.open()
        chain, _ = online_chain(decoder, source.spec, markers=request.markers(loaded))
        messages = [one for reading in iter(source.read, None) for one in chain.push(reading)]
        codes = [one.marker.text for one in messages if isinstance(one, Score)]
        assert codes == [str(code) for _, code in FLASHES]


def test_markers_on_another_clock_are_named_with_both_spans(tmp_path):
    late = [(time + 1.5e9, text) for time, text in grammar()]

    line = refused(tmp_path, amplifier(), stimuli(late))

    assert "its markers lie at 1500001009 to 1500001041 s, the EEG at 1000 to 1060 s" in line
    assert "gaps" not in line


def test_flashes_without_a_label_name_the_markers_that_were_not_read(tmp_path):
    said = [(t, f"flash/{code}/unknown") for t, code in FLASHES]
    said += [(t, "33285" if code < 3 else "33286") for t, code in FLASHES]

    line = refused(tmp_path, amplifier(), stimuli(sorted(said)))

    assert "no flash says whether it is a target" in line
    assert "30 times '33286', 6 times '33285'" in line
    assert "gaps" not in line


def interrupted(missing_s: float = 0.0, step_s: float = 0.0) -> XdfStream:
    """Return an amplifier that loses samples, or whose stamps step, after 20 of 60 s."""
    stream = amplifier()
    kept = np.ones(len(EEG), dtype=bool)
    kept[2000 : 2000 + round(100 * missing_s)] = False
    stamps = stream.stamps + step_s * (np.arange(len(EEG)) >= 2000)
    return replace(stream, stamps=stamps[kept], data=EEG[kept])


@pytest.mark.parametrize(
    ("fault", "way_out"),
    [
        ({"missing_s": 5.0}, "check the amplifier's connection"),
        ({"step_s": -5.0}, "let nothing set the clock of the amplifier's computer"),
    ],
)
def test_a_loss_and_a_step_of_the_clock_are_told_apart(fault, way_out, tmp_path):
    found = epochs(tmp_path, interrupted(**fault), stimuli(grammar()))

    is_loss = "missing_s" in fault
    assert (found.lost_samples, found.gaps, found.steps) == (500 * is_loss, 1, int(not is_loss))
    assert sum(way_out in note for note in found.notes) == len(found.rejected)


def test_too_few_clean_epochs_are_explained_cause_by_cause(tmp_path):
    said = [one for one in grammar() if START + 9 <= one[0] <= START + 24]
    broken = interrupted(missing_s=5.0)
    broken.data[round(100 * 11.0)] = 1e4
    write_xdf(path := tmp_path / "run.xdf", [broken, stimuli(said)])
    request = TrainingRequest(
        recordings=(path,), config=CONFIG, output=tmp_path / "x", method="lda", evaluation=False
    )

    with pytest.raises(RecordingError, match="too few to train on") as error:
        train(request)

    for cause in ("gap: they lie over lost samples;", "artefact: they are too large;"):
        assert cause in str(error.value)


@pytest.mark.parametrize("label", ["target", "nontarget"])
@pytest.mark.parametrize("method", ["auto", "lda", "gsvm-2"])
def test_flashes_of_one_class_are_refused_in_one_line(label, method, tmp_path):
    same = [(t, text.replace("nontarget", "target")) for t, text in grammar()]
    said = [(t, text.replace("target", label)) for t, text in same]
    write_xdf(path := tmp_path / "run.xdf", [amplifier(), stimuli(said)])
    write_xdf(other := tmp_path / "other.xdf", [amplifier(), stimuli(grammar())])
    request = TrainingRequest(
        recordings=(path,), config=CONFIG, output=tmp_path / "x", method=method, evaluation=False
    )

    with pytest.raises(RecordingError, match="too few to train on"):
        train(request)
    if method == "lda":
        tested = Recordings(training=(other,), test=(path,), config=CONFIG)
        with pytest.raises(BciError, match="all targets, or none is"):
            compare(tested, ["lda"], tmp_path / "scores")


def test_an_only_channel_without_numbers_is_the_cause_that_is_given(tmp_path):
    line = refused(tmp_path, amplifier(np.full_like(EEG, np.nan)), stimuli(grammar()))

    assert "eeg.exclude" in line
    assert "no numbers" in line
    assert "gaps" not in line


def test_markers_that_were_recorded_twice_are_taken_once(tmp_path):
    found = epochs(tmp_path, amplifier(), stimuli(grammar()), stimuli(grammar(), "copy"))

    assert len(found) == 36
    (note,) = found.notes
    assert "streams 'screen' and 'copy' report the same events" in note


def test_flashes_outside_letters_and_a_letter_that_was_cut_off_are_counted(tmp_path):
    # It begins within the first letter and ends within the last.
    cut = [(t, text) for t, text in grammar() if START + 12 < t < START + 37]

    found = epochs(tmp_path, amplifier(), stimuli(cut))

    said = " | ".join(found.notes)
    assert "7 flashes: they lie in no letter and are left out" in said
    assert "letter 2 (C): the recording ends within it; its 6 flashes take part" in said
    assert len(found) == 18


def together(folder: Path, *data: np.ndarray) -> tuple[str, ...]:
    paths = [folder / f"run-{number}.xdf" for number in range(len(data))]
    for path, samples in zip(paths, data, strict=True):
        write_xdf(path, [amplifier(samples), stimuli(grammar())])
    return epochs_of(paths, CONFIG).all().notes


def test_recordings_of_two_gains_are_refused_and_stated_gains_are_matched(tmp_path):
    one_is_loud = EEG * [1, 30, 1]
    assert not [one for one in together(tmp_path, EEG, one_is_loud) if "size" in one]
    assert together(tmp_path, EEG, 2.0 * EEG) == ()

    with pytest.raises(RecordingError, match=r"0\.xdf and run-2\.xdf: their signals differ"):
        together(tmp_path, EEG, EEG, EEG / 20)


def test_a_sensor_that_fails_in_a_later_recording_is_named_and_left_out(tmp_path):
    flat = EEG * [1, 0, 1]

    notes = together(tmp_path, EEG, flat)

    assert any(one.startswith("channel Cz: not finite, flat or railing in ") for one in notes)
    assert any(one.endswith("left out of all recordings") for one in notes)
