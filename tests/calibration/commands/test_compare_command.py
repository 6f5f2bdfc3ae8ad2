"""`bci-calibrate compare` trains methods on some recordings and tests them on others."""

import csv
import json

import pytest
from simulated_files import EIGHT_SENSORS, recording_of_eight_sensors

from bci_online import console
from bci_online.runtime.simulated_recording import write_recording
from calibration.__main__ import app

# Each run trains decoders.
pytestmark = pytest.mark.slow


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
