"""The page of a decoder, from the commands that a user types."""

import json
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import pytest
import simulated_files
from checked_page import Page, page_of

from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.config import (
    Config,
    EpochSpec,
    EvidenceSpec,
    FilterSpec,
    Presentation,
    Simulation,
    WindowSpec,
)
from bci_online.console import run
from bci_online.decoding.decoder_file import read_decoder, write_decoder
from bci_online.metrics import auc
from bci_online.runtime.simulated_recording import write_recording
from bci_online.runtime.whole_recording import read_whole
from calibration.__main__ import app
from calibration.motor_imagery import training as imagery_training
from calibration.networks.network_training import NetworkTraining
from calibration.p300.training import train
from calibration.training_request import TrainingRequest

# Each of them trains a decoder.
pytestmark = pytest.mark.slow

HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(2)>', "$\\frac{", "Cz & ' 日本 \u202e",
)  # fmt: skip
IMAGERY = Config(
    paradigm="motor_imagery",
    filter=FilterSpec(l_freq=8.0, h_freq=30.0),
    window=WindowSpec(length=1.0, step=0.5),
    evidence=EvidenceSpec(tmin=0.5, tmax=3.0),
    presentation=Presentation(trials_per_class=6),
    simulation=Simulation(ch_names=("C3", "Cz", "C4", "CPz", "FCz"), sfreq=128.0, mu_uv=12.0),
)


@cache
def speller() -> Path:
    """Return an evaluated decoder of two sensors out of four."""
    path = simulated_files.folder() / "evaluated.decoder"
    asked = TrainingRequest(
        recordings=(simulated_files.recording(),),
        method="gsvm-2",
        config=simulated_files.CONFIG,
        output=path,
        sensors=2,
    )
    train(asked)
    return path


@cache
def imagery() -> tuple[Path, Path]:
    """Return a recording of simulated imagery and the decoder of it."""
    recording = simulated_files.folder() / "imagery.xdf"
    decoder = simulated_files.folder() / "imagery.decoder"
    write_recording(IMAGERY, "", recording, 1)
    asked = TrainingRequest(
        recordings=(recording,), method="csp-lda", config=IMAGERY, output=decoder
    )
    imagery_training.train(asked)
    return recording, decoder


@cache
def page() -> Page:
    """Return the whole page of the speller's decoder."""
    path = simulated_files.folder() / "speller.html"
    recording = str(simulated_files.recording())
    assert run(app, ["report", str(speller()), recording, "-o", str(path)]) == 0
    return page_of(path)


def written(output: Path, *arguments: str | Path) -> Page:
    assert run(app, ["report", *map(str, arguments), "-o", str(output / "d.html")]) == 0
    return page_of(output / "d.html")


def refused(capsys: pytest.CaptureFixture[str], output: Path, *arguments: str | Path) -> str:
    capsys.readouterr()
    assert run(app, ["report", *map(str, arguments), "-o", str(output / "d.html")]) == 2
    lines = capsys.readouterr().err.splitlines()
    (line,) = [line for line in lines if line.startswith("error: ")]
    assert not any("Traceback" in line for line in lines)
    assert not (output / "d.html").exists()
    return line


def changed(path: Path, **changes) -> Path:
    """Write the speller's decoder with another header."""
    known = read_decoder(speller())
    header = msgspec.structs.replace(known.header, **changes)
    write_decoder(path, header, dict(known.arrays))
    return path


@pytest.mark.parametrize("method", ["mdm", "ts"])
def test_a_decoder_of_covariances_has_a_page(method: str, tmp_path: Path) -> None:
    recording, _ = imagery()
    decoder = tmp_path / "own.decoder"
    asked = TrainingRequest(recordings=(recording,), method=method, config=IMAGERY, output=decoder)
    imagery_training.train(asked)

    assert written(tmp_path, decoder, recording)


def test_a_spellers_page_shows_response_sensors_scores_letters_and_signal() -> None:
    titles = ("The response", "Sensors", "Held-out scores", "Letters and time", "The signal")

    for title in (*titles, "What to expect", "How it was made"):
        assert title in page().text
    assert len(page().pictures) == 5
    assert "2 of 4 sensors" in page().text
    assert "lost 0 samples in 0 gaps" in page().text


def test_figures_are_the_decoders_own() -> None:
    header = read_decoder(speller()).header
    promise = header.promise

    assert f"{header.metrics['auc']:.3f}" in page().text
    assert f"{10 * promise.right[1]:.1f} of 10 letters expected" in page().text
    assert f"{promise.seconds[1]:.0f} s per letter" in page().text
    assert promise.words in page().text
    assert "a letter is decided at least" in page().text
    right, of = header.metrics["letters_right"], header.metrics["letters"]
    assert f"{right} of {of} (95 % interval" in page().text
    for _, digest in header.trained_on:
        assert digest in page().text
    for name, version in header.versions.items():
        assert f"{name} {version}" in page().text


def test_the_histogram_holds_every_flash_and_has_the_auc_of_the_scores() -> None:
    header = read_decoder(speller()).header
    held_out = header.held_out
    middles = (np.array(held_out.edges[:-1]) + held_out.edges[1:]) / 2

    scores = np.concatenate(
        [np.repeat(middles, held_out.target), np.repeat(middles, held_out.nontarget)]
    )
    y = np.arange(len(scores)) < sum(held_out.target)

    # The word ABC, six repetitions of twelve flashes.
    assert (sum(held_out.target), sum(held_out.nontarget)) == (36, 180)
    assert auc(y, scores) == pytest.approx(header.metrics["auc"], abs=0.02)


def test_no_name_of_a_file_and_no_word_to_copy_is_on_the_page(tmp_path) -> None:
    decoder = changed(
        tmp_path / "jane-miller.decoder", presentation=Presentation(words=("JANE", "MILLER"))
    )
    recording = tmp_path / "jane-miller.xdf"
    recording.write_bytes(simulated_files.recording().read_bytes())

    source = written(tmp_path, decoder, recording).source.casefold()

    for secret in ("jane", "miller", str(tmp_path).casefold(), "abc-1"):
        assert secret not in source


def test_the_same_files_give_the_same_page(tmp_path) -> None:
    again = written(tmp_path, speller(), simulated_files.recording())

    assert again.source == page().source


def test_a_decoder_alone_says_what_the_page_lacks(tmp_path) -> None:
    text = written(tmp_path, speller()).text

    assert "Not on this page" in text
    assert "The response to flashes: name the recordings" in text
    assert "Signal quality and losses: add the recordings" in text
    assert "Held-out scores" in text
    assert "Letters and time" in text


def test_a_decoder_that_was_not_evaluated_says_so(tmp_path) -> None:
    decoder = changed(tmp_path / "d", held_out=None, metrics={}, expected=())

    text = written(tmp_path, decoder).text

    assert "too few letters were held out" in text
    assert "flash AUC, held out not evaluated" in text
    assert "Held-out scores: the decoder file has none; train it with evaluation" in text


def test_what_a_file_says_cannot_become_markup(tmp_path) -> None:
    known = read_decoder(simulated_files.decoder())
    preprocessing = msgspec.structs.replace(
        known.header.preprocessing, ch_names=HOSTILE, amplifier="</style><script>alert(3)</script>"
    )
    header = msgspec.structs.replace(
        known.header, preprocessing=preprocessing, method="</title><script>alert(4)</script>",
        metrics={"<b>": "</td><script>"}, versions={"<i>": '"onload="'},
    )  # fmt: skip
    write_decoder(tmp_path / "d", header, dict(known.arrays))

    page = written(tmp_path, tmp_path / "d")

    assert "script" not in page.tags
    for name in HOSTILE[:3]:
        assert name in page.text


def test_hostile_channels_are_drawn_as_they_are_named(tmp_path) -> None:
    whole = read_whole(simulated_files.recording())
    times, texts = zip(*whole.events, strict=True)
    offsets = [(float(whole.times[0]), 0.0)]
    eeg = XdfStream(
        "amp", "EEG", 128.0, whole.times, whole.data, HOSTILE, "microvolts", offsets
    )  # fmt: skip
    events = XdfStream("m", "Markers", 0.0, np.array(times), list(texts), offsets=offsets)
    write_xdf(tmp_path / "r.xdf", [eeg, events])
    asked = TrainingRequest(
        recordings=(tmp_path / "r.xdf",),
        method="lda",
        config=simulated_files.CONFIG,
        output=tmp_path / "d",
        evaluation=False,
    )
    train(asked)

    page = written(tmp_path, tmp_path / "d", tmp_path / "r.xdf")

    for name in HOSTILE[:3]:
        assert page.text.count(name) > 3
    assert "for lack of a place in the 10-10 system: <script>alert(1)</script>" in page.text
    assert not {"script", "img"} & set(page.tags)


def test_a_recording_that_it_was_not_trained_on_is_refused(capsys, tmp_path) -> None:
    other = simulated_files.recording("THEFOX", 2)

    said = refused(capsys, tmp_path, speller(), "--recordings", other)

    assert "is not one of the 1 recordings that the decoder was trained on" in said


@pytest.mark.parametrize("name", ["d.pdf", "absent/d.html", "text.html"])
def test_a_page_is_not_written_over_something_else(capsys, tmp_path, name) -> None:
    (tmp_path / "text.html").write_text("words", encoding="utf-8")

    assert run(app, ["report", str(speller()), "-o", str(tmp_path / name)]) == 2

    assert "error: --output" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["text.html"]
    assert (tmp_path / "text.html").read_text(encoding="utf-8") == "words"


def test_a_sessions_folder_holds_all_that_is_needed(tmp_path) -> None:
    (tmp_path / "my.decoder").write_bytes(speller().read_bytes())
    (tmp_path / "r.xdf").write_bytes(simulated_files.recording().read_bytes())

    assert written(tmp_path, tmp_path).source == page().source


def test_a_session_that_the_decoder_had_not_seen_is_replayed(tmp_path) -> None:
    (tmp_path / "session.decoder").write_bytes(simulated_files.decoder().read_bytes())
    (tmp_path / "r.xdf").write_bytes(simulated_files.recording().read_bytes())

    text = written(tmp_path, tmp_path).text

    assert "This session" in text
    assert "3 presented" in text
    assert "The response to flashes: name the recordings" in text
    assert "lost 0 samples in 0 gaps" in text


def test_a_folder_without_a_decoder_or_with_several_is_refused(capsys, tmp_path) -> None:
    (tmp_path / "r.xdf").write_bytes(simulated_files.recording().read_bytes())
    assert "holds no decoder (*.decoder)" in refused(capsys, tmp_path, tmp_path)

    for name in ("a.decoder", "b.decoder"):
        (tmp_path / name).write_bytes(speller().read_bytes())

    assert "holds several decoders (a.decoder, b.decoder)" in refused(capsys, tmp_path, tmp_path)


def test_accuracy_against_sensors_is_measured_where_it_is_asked_for(tmp_path, capsys) -> None:
    recording = simulated_files.recording()

    page = written(tmp_path, speller(), recording, "--sensor-path")

    assert "within one standard error" in page.text
    assert "this decoder (gsvm-2): 2" in page.text
    assert "ask for it with --sensor-path" not in page.text
    (tmp_path / "d.html").unlink()
    assert "--sensor-path: is measured on flashes" in refused(
        capsys, tmp_path, speller(), "--sensor-path"
    )


def test_training_writes_the_page_as_well(capsys, tmp_path) -> None:
    recording, output = str(simulated_files.recording()), tmp_path / "d"
    options = ["--method", "lda", "--no-evaluation", "--json", "-"]
    page = ["--report", str(tmp_path / "d.html")]

    assert run(app, ["train", recording, "-o", str(output), *options, *page]) == 0

    assert "The response" in page_of(tmp_path / "d.html").text
    *progress, summary = map(json.loads, capsys.readouterr().out.splitlines())
    assert {line["type"] for line in progress} == {"progress"}
    assert summary["type"] == "summary"


def test_an_imagery_page_shows_confusion_power_and_patterns(tmp_path) -> None:
    recording, decoder = imagery()
    header = read_decoder(decoder).header

    page = written(tmp_path, decoder, recording)

    for title in ("Asked for and decided", "Power by class", "Spatial patterns", "The signal"):
        assert title in page.text
    assert len(page.pictures) == 4
    assert "of 10 trials expected right" in page.text
    assert "feedback follows the imagery by" in page.text
    right, trials = header.metrics["right"], header.metrics["trials"]
    confusion = header.held_out.confusion
    assert sum(row[asked] for asked, row in confusion.items()) == right
    assert sum(sum(row.values()) for row in confusion.values()) == trials
    assert f"{right} of {trials} (95 % interval" in page.text


def test_a_networks_page_shows_its_training_and_no_weights_of_sensors(tmp_path) -> None:
    pytest.importorskip("torch")
    config = msgspec.structs.replace(simulated_files.CONFIG, epoch=EpochSpec(tmax=0.7, step=0.02))
    recording = simulated_files.recording()
    asked = TrainingRequest(
        recordings=(recording,),
        method="eegnet",
        network=NetworkTraining(network="eegnet", max_epochs=2),
        config=config,
        output=tmp_path / "d",
        evaluation=False,
    )
    train(asked)

    page = written(tmp_path, tmp_path / "d", recording)

    assert "Training of the network" in page.text
    assert "2 passes; the network of pass" in page.text
    assert "Sensor weights: a network has none" in page.text
    assert "The response" in page.text
    assert "network.name eegnet" in page.text


def test_four_sensors_on_one_circle_of_a_real_recording_have_a_page(data_dir, tmp_path) -> None:
    recordings = sorted((data_dir / "p300_muse").glob("*ses-01_run-0[12]*.xdf"))
    assert len(recordings) == 2
    asked = TrainingRequest(
        recordings=tuple(recordings),
        method="lda",
        config=Config(),
        output=tmp_path / "d",
        evaluation=False,
    )
    train(asked)

    page = written(tmp_path, tmp_path / "d", *recordings)

    assert "tenths of a run" in page.text
    assert "7 settling" in page.text
    # The left ear's clip takes up the mains.
    assert "of its power is mains noise" in page.text
