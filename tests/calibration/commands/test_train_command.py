"""`bci-calibrate train`: electrodes on a budget, and what is told of the choice."""

import json
from pathlib import Path

import pytest
import simulated_files

from bci_online.console import run
from bci_online.decoding.decoder_file import read_decoder
from calibration.__main__ import app

# Each of them trains a decoder.
pytestmark = pytest.mark.slow


def command(output: Path, *more: str) -> list[str]:
    return ["train", str(simulated_files.recording()), "-o", str(output / "d"), *more]


def trained(capsys: pytest.CaptureFixture[str], output: Path, *more: str) -> dict:
    assert run(app, [*command(output, *more), "--json", "-"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_a_decoder_for_two_electrodes_says_how_they_were_chosen(capsys, tmp_path) -> None:
    options = ("--method", "gsvm-2", "--sensors", "2", "--no-evaluation")

    told = trained(capsys, tmp_path, *options)

    header = read_decoder(tmp_path / "d").header
    assert header.preprocessing.ch_names == tuple(told["sensors"])
    assert len(told["sensors"]) == 2
    assert told["selection_frequency"].keys() == {"Cz", "Pz", "PO7", "PO8"}
    assert sum(told["selection_frequency"].values()) == pytest.approx(2.0)
    assert told["q"] == 2.0
    assert 0.0 < told["alpha"] < 1.0
    assert header.metrics["sensors"] == 2
    assert header.metrics["alpha"] == told["alpha"]
    assert header.metrics["lambda"] == told["lambda"]
    assert header.metrics["q"] == 2.0


@pytest.mark.parametrize("method", ["svm", "svm-1", "gsvm-a", "gsvm-time"])
def test_lambda_and_sensors_stand_in_the_decoder_whatever_the_method(
    capsys, tmp_path, method
) -> None:
    told = trained(capsys, tmp_path, "--method", method, "--no-evaluation")

    metrics = read_decoder(tmp_path / "d").header.metrics
    assert metrics["sensors"] == len(told["sensors"])
    assert metrics["lambda"] == told["lambda"] > 0.0
    assert metrics.get("q") == told["q"]


def test_held_out_figures_are_those_of_as_few_electrodes(capsys, tmp_path) -> None:
    told = trained(capsys, tmp_path, "--method", "lda", "--sensors", "1")

    assert told["sensors_per_fold"] == [1] * told["folds"]
    assert 0.0 < told["auc_ci"][0] <= told["auc"] <= told["auc_ci"][1]
    assert read_decoder(tmp_path / "d").header.metrics["auc"] == told["auc"]


def test_the_figure_shows_both_paths_in_place_of_an_older_one(capsys, tmp_path) -> None:
    options = ("--method", "gsvm-2", "--sensors", "auto", "--no-evaluation")
    picture = tmp_path / "path.svg"
    picture.write_text("<?xml version='1.0'?>", encoding="utf-8")

    told = trained(capsys, tmp_path, *options, "--figure", str(picture))

    assert "gsvm-a" in picture.read_text(encoding="utf-8")
    assert told["figure"] == str(picture)
    assert told["sensor_paths"].keys() == {"gsvm-2", "gsvm-a"}
    for path in told["sensor_paths"].values():
        assert path["sensors"][-1] == 4
        assert len(path["auc"]) == len(path["auc_low"]) == len(path["sensors"])


def test_the_table_names_the_sensors_and_how_often_they_are_chosen_again(capsys, tmp_path) -> None:
    options = ("--method", "svm-1", "--sensors", "1", "--no-evaluation")

    assert run(app, command(tmp_path, *options)) == 0

    told = capsys.readouterr().out
    assert "1: " in told
    assert "q = 1" in told
    assert "chosen again" in told
    assert "%" in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--sensors", "0"], "--sensors 0: must be a number from 1 up, or auto"),
        (["--sensors", "-1"], "--sensors -1: must be a number from 1 up, or auto"),
        (["--sensors", "few"], "--sensors few: must be a number from 1 up, or auto"),
        (["--sensors", "1.5"], "--sensors 1.5: must be a number from 1 up, or auto"),
        (["--sensors", "²"], "must be a number from 1 up, or auto"),
        (["--sensors", "5"], "--sensors 5: only 4 are recorded (Cz Pz PO7 PO8); ask for fewer"),
        (["--figure", "d.gif"], "--figure d.gif: must end in .png or .svg"),
        (["--figure", "absent/d.svg"], "--figure absent/d.svg: folder absent does not exist"),
        (["--figure", "text.svg"], "--figure text.svg: exists and is not a picture"),
        (["--prefer", "Nose"], "--prefer: Nose is not a position of the 10-10 system"),
        (["--prefer", "Cz"], "--prefer: lda gives sensors no price; say how many with --sensors"),
    ],
)
def test_a_wrong_option_is_one_line_and_nothing_is_written(
    capsys, tmp_path, monkeypatch, arguments, said
) -> None:
    (tmp_path / "text.svg").write_text("words", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert run(app, command(tmp_path, "--method", "lda", *arguments)) == 2

    lines = capsys.readouterr().err.splitlines()
    (line,) = [line for line in lines if line.startswith("error: ")]
    assert said in line
    assert not any("Traceback" in line for line in lines)
    assert [path.name for path in tmp_path.iterdir()] == ["text.svg"]
    assert (tmp_path / "text.svg").read_text(encoding="utf-8") == "words"
