"""`train --pool`: from files to a decoder file."""

import json
import signal

import msgspec
import pytest

from bci_online.config import Config, Presentation, Simulation
from bci_online.console import run
from bci_online.decoding.decoder_file import read_decoder
from bci_online.runtime.assembly import recording_content
from bci_online.runtime.simulated_recording import write_recording
from calibration.__main__ import app
from calibration.p300 import training as training_of_flashes
from calibration.progress import INTERRUPTED_NETWORK

# Each of them trains a decoder.
pytestmark = pytest.mark.slow


def written(path, word, ch_names, sfreq, seed):
    config = Config(
        presentation=Presentation(repetitions=5),
        simulation=Simulation(ch_names=ch_names, sfreq=sfreq, p300_uv=12.0, seed=seed),
    )
    write_recording(config, word, path)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return a new subject's recording and another's, with another cap and rate."""
    folder = tmp_path_factory.mktemp("pool")
    new = written(folder / "new.xdf", "ABC", ("Cz", "Pz", "PO7", "Oz"), 128.0, 1)
    return new, written(folder / "other.xdf", "THE", ("PO7", "OZ", "Fz", "cz", "P8"), 250.0, 2)


def trained(capsys, files, output, *options):
    new, other = map(str, files)
    assert (
        run(app, ["train", new, "-o", str(output), "--pool", other, "--json", "-", *options]) == 0
    )
    out, err = capsys.readouterr()
    return json.loads(out.splitlines()[-1]), err


@pytest.mark.parametrize("method", ["lda", "svm", "mgsvm-2", "mgsvm-2s", "asymmetric"])
def test_a_decoder_learnt_with_others_is_an_ordinary_decoder_on_common_sensors(
    files, tmp_path, capsys, method
):
    path = tmp_path / "pooled.decoder"

    summary, err = trained(capsys, files, path, "--method", method)

    header = read_decoder(path).header
    assert set(header.preprocessing.ch_names) <= {"Cz", "PO7", "Oz"}
    assert header.preprocessing.sfreq == 128.0
    assert header.method == f"{method} (pooled)"
    assert set(header.trained_on) == {recording_content(file) for file in files}
    assert summary["auc"] > 0.7
    assert summary["letters"] == 3
    assert "dropped: Pz" in err
    assert "250 Hz" in err
    assert "separates the new subject's targets" in err


def test_a_ctrl_c_while_the_others_are_learnt_keeps_the_best_and_goes_on(
    files, tmp_path, capsys, monkeypatch
):
    pytest.importorskip("torch", reason="no PyTorch (pip install 'bci-online[networks]')")
    with_pool, numbers = training_of_flashes.with_pool, []

    def interrupted(training, sources):
        def noted(record):
            numbers.append(record.number)
            if numbers == [1, 2]:
                signal.raise_signal(signal.SIGINT)
            return training.progress(record)

        return with_pool(msgspec.structs.replace(training, progress=noted), sources)

    monkeypatch.setattr(training_of_flashes, "with_pool", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        options = ("--method", "min2net", "--max-epochs", "4", "--no-evaluation")
        summary, err = trained(capsys, files, tmp_path / "pooled.decoder", *options)
    finally:
        signal.signal(signal.SIGINT, before)

    # A network at chance is trained again, with no more passes.
    assert len(numbers) > 1
    assert max(numbers) == 2
    assert INTERRUPTED_NETWORK in " ".join(summary.get("notes", ())) + err
    assert read_decoder(tmp_path / "pooled.decoder").header.method == "min2net (fixed, pooled)"


def test_a_network_learns_the_others_first(files, tmp_path, capsys) -> None:
    pytest.importorskip("torch", reason="no PyTorch (pip install 'bci-online[networks]')")
    path = tmp_path / "pooled.decoder"

    summary, err = trained(
        capsys, files, path, "--method", "min2net", "--max-epochs", "2", "--no-evaluation"
    )

    header = read_decoder(path).header
    assert summary["method"] == header.method == "min2net (fixed, pooled)"
    assert header.preprocessing.ch_names == ("Cz", "PO7", "Oz")
    assert set(header.trained_on) == {recording_content(file) for file in files}
    assert "180 flashes pooled, 30 of them targets" in err

    for file in map(str, files):
        # Held out, it would say how well the network remembers it.
        again = ["train", file, "--from", str(path), "-o", str(tmp_path / "again")]
        assert run(app, again) == 2
        assert f"recording 1: {path} has learnt from it" in capsys.readouterr().err


def test_sensors_can_be_fewer_than_the_common_ones(files, tmp_path, capsys):
    summary, _ = trained(
        capsys, files, tmp_path / "x.decoder", "--method", "mgsvm-2s", "--sensors", "2",
        "--no-evaluation",
    )  # fmt: skip

    assert len(summary["sensors"]) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--method", "mgsvm-2s"], "name some with --pool"),
        (["--method", "gsvm-2", "--pool", "OTHER"], "learns one subject alone; use one of lda"),
        (["--method", "lda", "--pool", "nowhere.xdf"], "is not a file; give FILE"),
        (["--method", "lda", "--pool", "NEW"], "the same recording"),
    ],
)
def test_what_cannot_be_pooled_is_refused_in_one_line(files, tmp_path, capsys, options, message):
    named = {"NEW": str(files[0]), "OTHER": str(files[1])}
    options = [named.get(option, option) for option in options]

    code = run(app, ["train", str(files[0]), "-o", str(tmp_path / "x.decoder"), *options])

    err = capsys.readouterr().err
    assert code == 2
    assert message in err
    assert err.strip().count("\n") == 0
    assert not (tmp_path / "x.decoder").exists()
