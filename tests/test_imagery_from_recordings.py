"""From recordings of imagery to decisions by the commands that a user types."""

import json
from pathlib import Path

import pytest

from bci_online.__main__ import app as online
from bci_online.console import run
from calibration.__main__ import app as calibrate

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
CONFIG = str(CONFIGS / "motor_imagery.toml")


def rows_of(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    """Return the JSON lines that a command wrote."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def trained(capsys, output: Path, recordings: list[Path], *more: str, config=CONFIG) -> dict:
    files = [str(path) for path in recordings]
    options = ["--method", "csp-lda", "--config", config, "-o", str(output), "--json", "-"]
    assert run(calibrate, ["train", *files, *options, *more]) == 0
    *_, summary = rows_of(capsys)
    return summary


def replayed(capsys, recording: Path, decoder: Path, *more: str) -> list[dict]:
    options = ["--decoder", str(decoder), "--json", "-"]
    assert run(online, ["replay", str(recording), *options, *more]) == 0
    return rows_of(capsys)


@pytest.mark.slow
def test_hands_and_feet_are_distinguished_in_the_other_run(data_dir, tmp_path, capsys) -> None:
    train, test = sorted((data_dir / "mi_hands_feet").glob("*.xdf"))
    decoder = tmp_path / "d"
    config = tmp_path / "cued.toml"
    text = (CONFIGS / "motor_imagery.toml").read_text()
    config.write_text(text.replace("idle = true", "idle = false"))

    summary = trained(capsys, decoder, [train], config=str(config))
    stopped = replayed(capsys, test, decoder)
    whole = replayed(capsys, test, decoder, "--stopping", "off")[-1]

    assert summary["split"] == "trial"
    assert summary["correct_whole_trial"] >= 13
    assert summary["promised"] is False
    assert whole["correct"] >= 14
    assert whole["accuracy_ci"][0] < whole["accuracy"] <= whole["accuracy_ci"][1]
    last = stopped[-1]
    assert last["presented"] == last["known"] == 15
    assert last["decisions"] + last["no_decision"] == 15
    assert last["correct"] >= 11
    assert 2.5 <= last["time_to_decision_s"] <= 4.6
    assert sum(sum(row.values()) for row in last["confusion"].values()) == 15
    decided = [row for row in stopped if row["type"] in {"decision", "no_decision"}]
    assert [row["trial"] for row in decided] == list(range(1, 16))
    assert all(row["elapsed"] <= 4.6 for row in decided)


@pytest.mark.slow
def test_the_gel_subject_is_left_alone_at_rest_and_a_replay_goes_by_it(
    data_dir, tmp_path, capsys
) -> None:
    # Coarser than the default, to be quick; these trials last 7 s.
    text = (CONFIGS / "motor_imagery.toml").read_text().replace("step = 0.1", "step = 0.25")
    text = text.replace("tmax = 4.5", "tmax = 7.0")
    offline = sorted((data_dir / "mi_gel").glob("*ses-01*.xdf"))
    summaries = []
    for idle in ("false", "true"):
        config = tmp_path / f"{idle}.toml"
        config.write_text(text.replace("idle = true", f"idle = {idle}"))
        summaries.append(trained(capsys, tmp_path / idle, offline, config=str(config)))

    before, after = summaries
    last = replayed(capsys, data_dir / "mi_gel/sub-04_ses-02_run-01.xdf", tmp_path / "true")[-1]

    assert before["false_activations_per_min"] > 10
    assert before["rest_min"] > 3
    assert after["false_activations_per_min"] <= 0.5
    assert after["rest_min"] > 4
    # Idle is a class: what looks like rest is not decided.
    assert after["correct"] >= 0.5 * before["correct"]
    assert after["correct_whole_trial"] >= before["correct_whole_trial"] - 2
    assert after["expected_false"][1] <= 0.5
    assert last["presented"] == 20
    assert last["correct"] >= 5


@pytest.mark.slow
def test_the_gel_subjects_online_session_is_decoded_from_the_offline_one(
    data_dir, tmp_path, capsys
) -> None:
    config = tmp_path / "gel.toml"
    # Coarser than the default, to be quick; these trials last 7 s.
    text = (CONFIGS / "motor_imagery.toml").read_text().replace("step = 0.1", "step = 0.25")
    config.write_text(text.replace("tmax = 4.5", "tmax = 7.0"))
    gel, decoder = data_dir / "mi_gel", tmp_path / "d"
    offline = sorted(gel.glob("*ses-01*.xdf"))
    trained(capsys, decoder, offline, "--no-evaluation", config=str(config))

    lasts = [
        replayed(capsys, path, decoder, "--stopping", "off")[-1]
        for path in sorted(gel.glob("*ses-02*.xdf"))
    ]

    assert sum(last["presented"] for last in lasts) == 60
    assert sum(last["correct"] for last in lasts) >= 55


@pytest.mark.slow
def test_chosen_trials_train_and_are_replayed(data_dir, tmp_path, capsys) -> None:
    recording = data_dir / "mi_hands_feet/sub-01_ses-01_run-06.xdf"
    decoder = tmp_path / "d"

    summary = trained(capsys, decoder, [recording], "--no-evaluation", "--trials", "1-12")
    last = replayed(capsys, recording, decoder, "--trials", "13-15", "--stopping", "off")[-1]

    assert sum(summary["trials"].values()) == 12
    assert summary["accuracy"] is None
    assert last["presented"] == 3
    assert last["correct"] >= 2


@pytest.mark.slow
def test_a_person_reads_a_table(data_dir, tmp_path, capsys) -> None:
    recording = str(data_dir / "mi_hands_feet/sub-01_ses-01_run-06.xdf")
    decoder = str(tmp_path / "d")

    train = ["train", recording, "--method", "csp-lda", "--config", CONFIG, "-o", decoder]
    assert run(calibrate, train) == 0
    said = capsys.readouterr().out
    assert run(online, ["replay", recording, "--decoder", decoder]) == 0
    shown = capsys.readouterr().out

    for row in ("whole trial", "online", "at rest", "stopping", "windows"):
        assert f"│ {row} " in said
    for row in ("right", "timeouts", "asked for", "time", "window AUC", "windows"):
        assert f"│ {row} " in shown
    assert "counted as wrong" in shown


def refused(capsys, command, *arguments: str) -> str:
    assert run(command, list(arguments)) == 2
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return captured.err


def test_methods_for_flashes_and_for_imagery_are_not_mixed_up(data_dir, tmp_path, capsys) -> None:
    recording = str(data_dir / "mi_hands_feet/sub-01_ses-01_run-06.xdf")
    output = ["-o", str(tmp_path / "d")]

    imagery = ["train", recording, "--method", "gsvm-a", "--config", CONFIG, *output]
    spelling = ["train", recording, "--method", "csp-lda", *output]

    assert "is for flashes" in refused(capsys, calibrate, *imagery)
    assert "is for imagery" in refused(capsys, calibrate, *spelling)


@pytest.mark.slow
def test_repetitions_are_for_spellers(data_dir, tmp_path, capsys) -> None:
    recording = data_dir / "mi_hands_feet/sub-01_ses-01_run-06.xdf"
    trained(capsys, tmp_path / "d", [recording], "--no-evaluation")

    said = refused(
        capsys, online, "replay", str(recording), "--decoder", str(tmp_path / "d"),
        "--max-repetitions", "3",
    )  # fmt: skip

    assert "--max-repetitions" in said


@pytest.mark.slow
def test_a_simulated_run_is_written_trained_on_and_replayed(tmp_path, capsys) -> None:
    config = tmp_path / "few.toml"
    text = (CONFIGS / "simulated_mi.toml").read_text()
    config.write_text(f"{text}\n[presentation]\ntrials_per_class = 8\n")
    paths = [tmp_path / f"{seed}.xdf" for seed in (1, 2)]
    for seed, path in zip((1, 2), paths, strict=True):
        written = ["simulate", "--config", str(config), "-o", str(path), "--seed", str(seed)]
        assert run(online, written) == 0
    capsys.readouterr()

    trained(capsys, tmp_path / "d", paths[:1], "--no-evaluation", config=str(config))
    last = replayed(capsys, paths[1], tmp_path / "d", "--stopping", "off")[-1]

    assert last["presented"] == 16
    assert last["correct"] >= 11
    word = ["simulate", "--config", str(config), "-o", str(tmp_path / "w.xdf"), "--word", "BCI"]
    assert "nothing is spelled" in refused(capsys, online, *word)
