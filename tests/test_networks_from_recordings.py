"""From recordings to decisions of networks by the commands that a user types."""

import json
import math
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
import simulated_files

from bci_online.__main__ import app as online
from bci_online.console import run
from bci_online.decoding.decoder_file import read_decoder
from calibration.__main__ import app as calibrate

pytestmark = pytest.mark.slow

CONFIGS = Path(__file__).resolve().parents[1] / "configs"


def told(capsys: pytest.CaptureFixture[str], app, *arguments: object) -> list[dict]:
    """Run a command, and return its JSON lines without those of its progress."""
    assert run(app, [*map(str, arguments), "--json", "-"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [row for row in rows if row["type"] != "progress"]


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Run `bci-calibrate train`, and return the one line that it says."""
    assert run(calibrate, ["train", *map(str, arguments)]) == 2
    lines = capsys.readouterr().err.splitlines()
    (line,) = [line for line in lines if line.startswith("error: ")]
    assert "Traceback" not in "".join(lines)
    return line


@pytest.fixture
def one_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a network that learnt nothing pass: that it is tried again is a test of its own."""
    monkeypatch.setattr("calibration.networks.judged_training.AT_CHANCE", math.inf)


@pytest.fixture(scope="module")
def imagery(tmp_path_factory) -> tuple[Path, Path, Path]:
    """Return a configuration, and two simulated runs of imagery."""
    folder = tmp_path_factory.mktemp("imagery")
    config = folder / "few.toml"
    text = (CONFIGS / "simulated_mi.toml").read_text()
    for old, new in (
        ("length = 2.0\nstep = 0.1", "length = 1.0\nstep = 0.5"),
        ("tmax = 4.0", "tmax = 3.0"),
        ("erd = 0.6", "erd = 0.9\nmu_uv = 12.0\nsfreq = 128.0"),
    ):
        assert old in text
        text = text.replace(old, new)
    more = '\n[eeg]\nchannels = ["C3", "Cz", "C4", "CPz"]\n[presentation]\ntrials_per_class = 10\n'
    config.write_text(text + more)
    paths = [folder / f"{seed}.xdf" for seed in (1, 2)]
    for seed, path in zip((1, 2), paths, strict=True):
        assert run(online, ["simulate", "--config", str(config), "-o", str(path),
                            "--seed", str(seed)]) == 0  # fmt: skip
    return config, *paths


# MIN2Net averages waves over hundredths of a second: it needs many more than twenty trials.
@pytest.mark.parametrize(
    ("method", "n_passes", "fewest"), [("min2net", 2, 0), ("fbmsnet", 3, 15), ("eegnet", 15, 15)]
)
@pytest.mark.usefixtures("one_seed")
def test_a_network_of_imagery_decides_the_trials_of_another_run(
    capsys, tmp_path, imagery, method, n_passes, fewest
) -> None:
    config, first, second = imagery
    options = ("--config", config, "--no-evaluation", "-o", tmp_path / "d")

    (summary,) = told(capsys, calibrate, "train", first, "--method", method,
                      "--max-epochs", n_passes, *options)  # fmt: skip
    rows = told(capsys, online, "replay", second, "--decoder", tmp_path / "d", "--stopping", "off")

    header = read_decoder(tmp_path / "d").header
    assert header.kind == "network"
    assert (
        header.method == summary["method"] == {"eegnet": "eegnet"}.get(method, f"{method} (fixed)")
    )
    assert len(header.preprocessing.filter.bands) == (9 if method == "fbmsnet" else 1)
    assert "torch" in header.versions
    last = rows[-1]
    assert last["presented"] == 20
    assert last["decisions"] == 20
    assert last["correct"] >= fewest
    assert last["accuracy_ci"][0] < last["accuracy"] <= last["accuracy_ci"][1]


def test_a_network_learns_pooled_subjects_of_imagery_first(capsys, tmp_path, imagery) -> None:
    config, first, second = imagery

    (summary,) = told(capsys, calibrate, "train", second, "--config", config, "--method", "eegnet",
                      "--pool", first, "--max-epochs", "8", "--no-evaluation",
                      "-o", tmp_path / "d")  # fmt: skip
    rows = told(capsys, online, "replay", second, "--decoder", tmp_path / "d", "--stopping", "off")
    same = refused(capsys, first, "--config", config, "--method", "eegnet", "--pool", first,
                   "-o", tmp_path / "e")  # fmt: skip

    header = read_decoder(tmp_path / "d").header
    assert summary["method"] == header.method == "eegnet (pooled)"
    assert len(header.trained_on) == 2
    assert header.network.scaling == "channel"
    assert rows[-1]["correct"] >= 15
    assert "is the same recording as" in same


@pytest.mark.usefixtures("one_seed")
def test_the_bank_that_a_network_brings_is_said(capsys, tmp_path, imagery) -> None:
    config, first, _ = imagery
    command = ["train", str(first), "--method", "fbmsnet", "--config", str(config),
               "--no-evaluation", "--max-epochs", "1", "-o", str(tmp_path / "d")]  # fmt: skip

    assert run(calibrate, command) == 0

    told = capsys.readouterr().err
    assert (
        "note: fbmsnet (fixed): 9 bands from 4 to 40 Hz in place of the configuration's 8-30 Hz"
        in told
    )
    assert "note: network: loss " in told
    assert "chance 0.69, folds " in told


@pytest.mark.usefixtures("one_seed")
def test_the_first_gradients_are_said_and_microvolts_are_not_divided(
    capsys, tmp_path, imagery
) -> None:
    config, first, _ = imagery
    command = ["train", str(first), "--method", "min2net", "--config", str(config),
               "--loss-weighting", "alphagrad", "--scaling", "microvolts", "--no-evaluation",
               "--max-epochs", "1", "-o", str(tmp_path / "d")]  # fmt: skip

    assert run(calibrate, command) == 0

    told = capsys.readouterr().err
    assert "note: gradients at the first batch: triplet " in told
    assert "unit of the stream" not in told
    decoder = read_decoder(tmp_path / "d")
    assert decoder.header.network.scaling == "microvolts"
    np.testing.assert_array_equal(decoder.arrays["scale"], 1.0)


@pytest.mark.usefixtures("one_seed")
def test_figures_of_imagery_come_from_held_out_trials_and_the_training_is_drawn(
    capsys, tmp_path, imagery
) -> None:
    config, first, _ = imagery
    picture = tmp_path / "training.svg"

    (summary,) = told(
        capsys, calibrate, "train", first, "--config", config, "--method", "min2net",
        "--loss-weighting", "fixed", "--loss-weights", "0.5,0.5,1", "--max-epochs", "1",
        "-o", tmp_path / "d", "--figure", picture,
    )  # fmt: skip

    assert summary["split"] == "trial"
    assert summary["held_out_trials"] == 20
    assert summary["accuracy_ci"][0] <= summary["accuracy"] <= summary["accuracy_ci"][1]
    assert "reconstruction" in picture.read_text(encoding="utf-8")


@pytest.mark.usefixtures("one_seed")
def test_a_network_goes_on_from_another_one_and_both_ways_are_compared(
    capsys, tmp_path, imagery
) -> None:
    config, first, second = imagery
    group, own = tmp_path / "group", tmp_path / "own"
    told(capsys, calibrate, "train", first, "--config", config, "--method", "eegnet",
         "--max-epochs", "8", "--no-evaluation", "-o", group)  # fmt: skip

    (summary,) = told(capsys, calibrate, "train", second, "--config", config, "--from", group,
                      "--tune", "head", "--max-epochs", "1", "-o", own)  # fmt: skip
    again = refused(capsys, first, "--config", config, "--from", group, "-o", tmp_path / "d")

    before, after = read_decoder(group), read_decoder(own)
    name = "network.encoder.2.weight"
    np.testing.assert_array_equal(before.arrays[name], after.arrays[name])
    assert after.header.method == summary["method"] == "eegnet (head tuned)"
    assert after.header.trained_on[1:] == before.header.trained_on
    # One pass of the last layer is enough after the other subject, and nothing without.
    assert summary["correct_whole_trial"] > summary["from_nothing"]["correct_whole_trial"]
    assert summary["from_nothing"]["held_out_trials"] == summary["held_out_trials"] == 20
    assert "group has learnt from it" in again


@pytest.fixture(scope="module")
def flashes(tmp_path_factory) -> Path:
    """Return a configuration whose epochs are long enough for every network."""
    path = tmp_path_factory.mktemp("flashes") / "flashes.toml"
    path.write_text('paradigm = "p300"\n[filter]\nh_freq = 12.0\n[epoch]\nstep = 0.02\n')
    return path


@pytest.mark.parametrize(("method", "n_passes"), [("min2net", 3), ("eegnet", 8)])
@pytest.mark.usefixtures("one_seed")
def test_a_network_drives_the_speller(capsys, tmp_path, flashes, method, n_passes) -> None:
    decoder = tmp_path / "d"
    options = ("--config", flashes, "--no-evaluation", "--max-epochs", n_passes, "-o", decoder)
    recording = simulated_files.recording("THEFOX", 2)

    (summary,) = told(capsys, calibrate, "train", recording, "--method", method, *options)
    rows = told(
        capsys, online, "replay", simulated_files.recording(), "--decoder", decoder,
        "--stopping", "off",
    )  # fmt: skip

    header = read_decoder(decoder).header
    assert header.kind == "network"
    assert summary["sensors"] == ["Cz", "Pz", "PO7", "PO8"]
    assert header.evidence.target_mean > header.evidence.nontarget_mean
    assert rows[-1]["auc"] > 0.8
    assert rows[-1]["correct"] >= 2


@pytest.mark.usefixtures("one_seed")
def test_flashes_of_held_out_letters_say_what_a_network_is_worth(
    capsys, tmp_path, flashes, monkeypatch
) -> None:
    from calibration.commands import trained

    drawn, draw = [], trained._draw_history
    monkeypatch.setattr(
        trained, "_draw_history", lambda own, *rest: (drawn.append(own), draw(own, *rest))
    )
    (summary,) = told(
        capsys, calibrate, "train", simulated_files.recording("THEFOX", 2), "--config", flashes,
        "--method", "min2net", "--max-epochs", "1", "-o", tmp_path / "d",
        "--figure", tmp_path / "f.png",
    )  # fmt: skip

    assert summary["split"] == "letter"
    assert summary["letters"] == 6
    assert 0.6 < summary["auc_ci"][0] < summary["auc"] < summary["auc_ci"][1]
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    # The networks of the held-out folds are trained after the decoder's own.
    learning = read_decoder(tmp_path / "d").header.learning
    (own,) = drawn
    kept = learning.validation[learning.kept - 1]
    assert own.best.validation.tolist() == pytest.approx(kept, rel=1e-4)


@pytest.mark.usefixtures("one_seed")
def test_held_out_ratios_are_those_of_the_chain(tmp_path, flashes) -> None:
    from bci_online.config import read_config
    from bci_online.paradigms.p300.decision import log_likelihood_ratio
    from calibration.networks.network_training import NetworkTraining
    from calibration.p300.networks import NetworkMethod
    from calibration.p300.recorded_epochs import epochs_of
    from calibration.p300.training import train
    from calibration.training_request import TrainingRequest

    config = read_config(flashes)
    path = simulated_files.recording("THEFOX", 2)
    training = NetworkTraining(network="min2net", max_epochs=2)
    recorded = epochs_of([path], config)
    epochs = recorded.all()
    asked = TrainingRequest(
        recordings=(path,),
        method="min2net",
        network=training,
        config=config,
        output=tmp_path / "d",
        evaluation=False,
    )
    train(asked)

    fitted = NetworkMethod(training).fit(recorded, np.arange(len(epochs)), config)
    decoder = read_decoder(tmp_path / "d")
    scores = np.array([decoder.score(epoch)[1] for epoch in epochs.X])

    quiet = (epochs.peak_to_peak <= decoder.limits).all(axis=1)
    expected = log_likelihood_ratio(scores, decoder.header.evidence)
    np.testing.assert_allclose(fitted.ratios(epochs)[quiet], expected[quiet], atol=1e-4)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("lda", "--loss-weighting", "adamt"),
            "--loss-weighting: lda is not a network; use",
        ),
        (("csp-lda", "--loss-weights", "1,1"), "--loss-weights: csp-lda is not a network"),
        (("gsvm-2", "--device", "cpu"), "--device: gsvm-2 is not a network"),
        (("eegnet", "--loss-weighting", "fixed"), "--loss-weighting: eegnet has one loss"),
        (("min2net", "--loss-weights", "1,2"), "--loss-weights 1,2: must be 3 numbers"),
        (("min2net", "--loss-weights", "1,x,1"), "--loss-weights 1,x,1: must be 3 numbers"),
        (("fbmsnet", "--loss-weights", "0,0"), "must be 2 numbers, not negative"),
        (("min2net", "--loss-weighting", "uw", "--loss-weights", "1,1,1"), "uw learns its own"),
        (("eegnet", "--loss-step", "0.1"), "--loss-step: eegnet has one loss"),
        (("min2net", "--loss-step", "0"), "--loss-step 0: must be a positive number"),
        (("min2net", "--loss-weighting", "adamt", "--loss-step", "0.1"), "is alphagrad's alone"),
        (("fbmsnet",), "--method fbmsnet: reads the power of bands, which is for imagery"),
        (("min2net", "--sensors", "4"), "min2net takes every sensor; choose"),
        (("eegnet", "--no-evaluation"), "eegnet needs at least 32 latencies: epoch.step = 0.05"),
        (("min2net", "--device", "abacus"), "min2net: device 'abacus' cannot be used"),
        (("lda", "--precision", "bfloat16"), "--precision: lda is not a network"),
        (("min2net", "--precision", "bfloat16"), "bfloat16: is for a GPU; add --device cuda, or"),
        (("min2net", "--figure", "f.pdf"), "--figure f.pdf: must end in"),
        (("min2net", "--tune", "head"), "--tune head: says how to go on from a network"),
        (("min2net", "--from", "nowhere"), "nowhere"),
    ],
)
def test_a_wrong_option_for_flashes_is_one_line(capsys, tmp_path, arguments, said) -> None:
    method, *more = arguments
    line = refused(
        capsys, simulated_files.recording(), "--method", method, *more, "-o", tmp_path / "d"
    )

    assert said in line
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize(
    ("method", "more", "bank", "said"),
    [
        ("csp-lda", ("--loss-weighting", "alphagrad"), False, "csp-lda is not a network"),
        ("csp-lda", ("--figure", "f.png"), False, "it shows a network's training, not csp-lda"),
        ("min2net", ("--sensors", "4"), False, "--refit are for flashes"),
        ("csp-lda", ("--pool", "other.xdf"), False, "a network learns others first: --method"),
        ("min2net", (), True, "min2net takes one band, the configuration's filter has 9"),
    ],
)
def test_a_wrong_option_for_imagery_is_one_line(
    capsys, tmp_path, imagery, method, more, bank, said
) -> None:
    config, first, _ = imagery
    own = tmp_path / "own.toml"
    text = config.read_text()
    if bank:
        text = text.replace("h_freq = 30.0", "h_freq = 44.0\nband_width = 4.0")
    own.write_text(text)

    line = refused(capsys, first, "--config", own, "--method", method, *more, "-o", tmp_path / "d")

    assert said in line


@pytest.mark.parametrize(
    ("library", "more", "extra"),
    [("torch", (), "networks"), ("torchjd", ("--loss-weighting", "dwa"), "strategies")],
)
def test_a_missing_library_is_one_line_with_what_to_install(
    capsys, tmp_path, monkeypatch, library, more, extra
) -> None:
    monkeypatch.setitem(sys.modules, library, None)

    line = refused(
        capsys, simulated_files.recording(), "--method", "min2net", *more, "-o", tmp_path / "d"
    )

    assert line.endswith(f"pip install 'bci-online[{extra}]'")


@pytest.mark.usefixtures("one_seed")
def test_the_same_seed_makes_the_same_decoder(tmp_path, imagery) -> None:
    from bci_online.config import read_config
    from calibration.motor_imagery.training import train
    from calibration.networks.network_training import NetworkTraining
    from calibration.training_request import TrainingRequest

    config, recording, _ = imagery
    asked = TrainingRequest(
        recordings=(recording,),
        method="min2net",
        network=NetworkTraining(network="min2net", max_epochs=1),
        config=read_config(config),
        output=tmp_path / "a",
        evaluation=False,
    )
    paths = [tmp_path / name for name in ("a", "b")]

    for path in paths:
        train(msgspec.structs.replace(asked, output=path))

    first, second = map(read_decoder, paths)
    assert first.header == second.header
    assert first.arrays.keys() == second.arrays.keys()
    for name, array in first.arrays.items():
        np.testing.assert_array_equal(second.arrays[name], array)


def test_a_history_is_reported_for_every_training(imagery) -> None:
    from bci_online.config import read_config
    from calibration.motor_imagery.networks import network_method
    from calibration.motor_imagery.windows import windows_of
    from calibration.networks.network_training import NetworkTraining

    config, first, _ = imagery
    notes, histories = [], []
    training = NetworkTraining(network="eegnet", max_epochs=2)
    training = training.watched(notes.append, histories.append)
    windows = windows_of([first], read_config(config))

    network_method(training).fit(windows, np.arange(len(windows)), read_config(config))

    # Five trainings hold trials out for the evidence, the sixth is the decoder's.
    assert len(histories) == 6
    # After two passes all are at chance: each is tried with three seeds.
    assert len(notes) == 6 * 3 * 2
    assert notes[-1].startswith("pass 2 of 2, classification ")
    assert msgspec.structs.asdict(training)["network"] == "eegnet"
