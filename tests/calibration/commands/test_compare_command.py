"""`bci-calibrate compare` trains methods on some recordings and tests them on others."""

import csv
import json

import msgspec
import pytest
from simulated_files import EIGHT_SENSORS, recording_of_eight_sensors

from bci_online import console
from bci_online.runtime.simulated_recording import write_recording
from calibration.__main__ import app

# Each run trains decoders.
pytestmark = pytest.mark.slow


def run_compare(capsys, tested, folder, first=None):
    """Compare lda alone; return its rows, and what was said."""
    first = first or recording_of_eight_sensors()
    command = ["compare", str(first), "--test", str(tested), "-o", str(folder), "--json", "-"]
    console.run(app, [*command, "--methods", "lda"])
    answered = capsys.readouterr()
    return [json.loads(line) for line in answered.out.splitlines()], answered.err


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    path = tmp_path_factory.mktemp("other") / "other.xdf"
    write_recording(EIGHT_SENSORS, "BROWN", path, seed=3)
    return path


def test_methods_stand_against_the_best_and_a_second_run_trains_nothing(tmp_path, other, capsys):
    first = recording_of_eight_sensors()
    command = ["compare", str(first), "--test", str(other), "-o", str(tmp_path), "--json", "-"]
    command += ["--methods", "lda,xdawn-lda"]

    assert console.run(app, command) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert console.run(app, command) == 0
    again = capsys.readouterr()

    assert {row["method"] for row in rows} == {"lda", "xdawn-lda"}
    assert rows[0]["behind"] == 0.0 <= rows[1]["behind"]
    assert all(row["auc_ci"][0] <= row["auc"] <= row["auc_ci"][1] for row in rows)
    assert all(row["letters"] == 5 for row in rows)
    assert [json.loads(line) for line in again.out.splitlines()] == rows
    assert "2 of 2 cells were there from before" in again.err
    with (tmp_path / "compare.csv").open(encoding="utf-8", newline="") as file:
        assert [row["method"] for row in csv.DictReader(file)] == [row["method"] for row in rows]
    assert rows[0]["method"] in (tmp_path / "compare.html").read_text(encoding="utf-8")
    assert (tmp_path / "compare.svg").stat().st_size > 1000


def test_the_tested_recordings_may_spell_sensors_otherwise(tmp_path, other, capsys):
    simulation = EIGHT_SENSORS.simulation
    spelled = tuple(name.upper() for name in simulation.ch_names)
    config = msgspec.structs.replace(
        EIGHT_SENSORS, simulation=msgspec.structs.replace(simulation, ch_names=spelled)
    )
    write_recording(config, "BROWN", tmp_path / "upper.xdf", seed=3)

    rows = [
        run_compare(capsys, tested, tmp_path / tested.stem)[0]
        for tested in (other, tmp_path / "upper.xdf")
    ]

    assert spelled != simulation.ch_names
    assert rows[0][0]["letters"] == 5
    assert rows[0][0]["auc"] == rows[1][0]["auc"]


def test_a_cap_without_the_sensors_is_refused_by_their_names(tmp_path, capsys):
    simulation = msgspec.structs.replace(EIGHT_SENSORS.simulation, ch_names=("F3", "F4"))
    config = msgspec.structs.replace(EIGHT_SENSORS, simulation=simulation)
    write_recording(config, "BROWN", tmp_path / "few.xdf", seed=3)

    rows, said = run_compare(capsys, tmp_path / "few.xdf", tmp_path)

    assert rows == []
    assert "cells could be computed: method=lda n=1: few.xdf: stream" in said
    assert "PO8 are missing (the stream has F3, F4)" in said


def test_a_wrong_layout_is_named(data_dir, tmp_path, capsys):
    path = data_dir / "p300_bci2000/sub-01_ses-01_run-01.xdf"
    # Other content, the same letters.
    changed = path.read_bytes().replace(b"<version>1.0<", b"<version>1.1<", 1)
    (tmp_path / "again.xdf").write_bytes(changed)

    _, said = run_compare(capsys, tmp_path / "again.xdf", tmp_path, first=path)

    assert "the codes of their target flashes do not light T (4 8), F (1 12)" in said
    assert said.count('layout.numbering = "rows-first"') == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--methods", "lda,wisdom"), "'wisdom' is not one of auto"),
        (("--methods", "lda,lda"), "'lda' is named twice"),
        (("--methods", "lda"), "is the same recording as"),
    ],
)
def test_what_cannot_be_compared_is_refused(tmp_path, capsys, options, said):
    path = str(recording_of_eight_sensors())

    code = console.run(app, ["compare", path, "--test", path, "-o", str(tmp_path), *options])

    assert code == 2
    assert said in capsys.readouterr().err
