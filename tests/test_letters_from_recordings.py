"""From recordings to letters by the commands that a user types."""

import json
from pathlib import Path

import pytest

from bci_online.__main__ import app as online
from bci_online.console import run
from calibration.__main__ import app as calibrate

pytestmark = pytest.mark.slow

CONFIGS = Path(__file__).resolve().parents[1] / "configs"


def rows_of(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    """Return the JSON lines that a command wrote."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def trained(capsys, config: str, output: Path, recordings: list[Path], *more: str) -> dict:
    files = [str(path) for path in recordings]
    options = ["--config", str(CONFIGS / config), "-o", str(output), "--json", "-"]
    assert run(calibrate, ["train", *files, *options, *more]) == 0
    *_, summary = rows_of(capsys)
    return summary


def replayed(capsys, recording: Path, decoder: Path, *more: str) -> list[dict]:
    options = ["--decoder", str(decoder), "--json", "-"]
    assert run(online, ["replay", str(recording), *options, *more]) == 0
    return rows_of(capsys)


# Twelve trainings: half a minute alone, and more than two on cores that others use.
@pytest.mark.timeout(400)
def test_eleven_of_twelve_wadsworth_letters_are_right_leaving_one_run_out(
    data_dir, tmp_path, capsys
) -> None:
    runs = sorted((data_dir / "p300_wadsworth").glob("*.xdf"))
    right = 0
    for left_out in runs:
        decoder = tmp_path / "wadsworth.decoder"
        others = [path for path in runs if path != left_out]
        trained(
            capsys, "p300_wadsworth.toml", decoder, others, "--method", "lda", "--no-evaluation"
        )
        summary = replayed(capsys, left_out, decoder, "--stopping", "off")[-1]
        right += summary["correct"]
        assert summary["auc"] > 0.74

    assert right >= 11


def test_bci2000_spells_t3of_leaving_one_letter_out(data_dir, tmp_path, capsys) -> None:
    recording = data_dir / "p300_bci2000/sub-01_ses-01_run-01.xdf"
    decoder = tmp_path / "bci2000.decoder"
    options = ("--method", "lda", "--no-evaluation", "--trials")
    spelled = ""
    for left_out, others in (("1", "2-4"), ("2", "1,3-4"), ("3", "1-2,4"), ("4", "1-3")):
        trained(capsys, "p300_bci2000.toml", decoder, [recording], *options, others)
        rows = replayed(capsys, recording, decoder, "--stopping", "off", "--trials", left_out)
        spelled += rows[-1]["letters"]
        assert rows[-1]["presented"] == 1

    assert spelled == "T3OF"


def test_training_states_figures_from_held_out_letters_with_intervals(
    data_dir, tmp_path, capsys
) -> None:
    recording = data_dir / "p300_bci2000/sub-01_ses-01_run-01.xdf"

    summary = trained(
        capsys, "p300_bci2000.toml", tmp_path / "d", [recording], "--method", "gsvm-a"
    )

    assert summary["split"] == "letter"
    assert summary["folds"] == 4
    assert 0.75 < summary["auc_ci"][0] < summary["auc"] < summary["auc_ci"][1] < 0.99
    assert summary["letters"] == 4
    assert summary["letters_expected"] >= 3
    assert set(summary["sensors"]) <= {"Fz", "Cz", "P3", "Pz", "P4", "PO7", "Oz", "PO8"}
    assert summary["promised"] is True
    low, middle, high = summary["expected_error"]
    assert low < middle <= 0.05
    assert high < 0.2


@pytest.mark.parametrize(("folder", "least"), [("p300_muse", 0.6), ("p300_braininvaders", 0.7)])
def test_recordings_without_letters_give_an_auc_over_contiguous_parts(
    data_dir, tmp_path, capsys, folder, least
) -> None:
    recordings = sorted((data_dir / folder).glob("*.xdf"))[:2]

    summary = trained(capsys, "p300_speller.toml", tmp_path / "d", recordings, "--method", "lda")
    last = replayed(capsys, recordings[0], tmp_path / "d")[-1]

    assert summary["auc"] > least
    assert summary["letters"] == 0
    assert last["presented"] == 0
    assert last["accuracy"] is None
    assert last["auc"] > least
