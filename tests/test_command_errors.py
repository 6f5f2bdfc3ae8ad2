"""A user's mistake is one line and exit code 2; never a traceback, never a hang."""

import json
import os
from pathlib import Path

import pytest
import simulated_files

from bci_online.__main__ import app as online
from bci_online.console import run
from calibration.__main__ import app as calibrate

CORPUS = (
    "clock_resets", "cut_0_original", "cut_1_truncated_in_chunk", "cut_2_zero_bytes",
    "cut_3_wrong_chunk_length", "drop_outs", "empty_streams", "file_header_only",
    "irregular_rate_gaze", "markers_not_monotonic", "minimal", "not_xdf_lfs_pointer", "rate_8khz",
    "signal_stream_without_samples", "two_streams_same_name",
)  # fmt: skip
ONE_BY_ONE = [
    pytest.param(name, marks=pytest.mark.slow if name in {"clock_resets", "drop_outs"} else ())
    for name in CORPUS
]


def error_of(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line on standard error that begins with ``error:``."""
    lines = capsys.readouterr().err.splitlines()
    (line,) = [line for line in lines if line.startswith("error:")]
    assert not any("Traceback" in line for line in lines)
    return line


def refused(capsys, app, *arguments: object) -> str:
    assert run(app, [str(argument) for argument in arguments]) == 2
    return error_of(capsys)


def test_the_corpus_is_known_by_name(data_dir) -> None:
    assert sorted(path.stem for path in (data_dir / "xdf_corpus").glob("*.xdf")) == sorted(CORPUS)


@pytest.mark.parametrize("name", CORPUS)
def test_replaying_an_odd_file_gives_a_result_or_one_line(data_dir, capsys, name) -> None:
    arguments = ["replay", data_dir / f"xdf_corpus/{name}.xdf"]
    arguments += ["--decoder", simulated_files.decoder()]

    code = run(online, list(map(str, arguments)))

    # These four have the decoder's sensors, at another rate.
    assert code == (0 if name.startswith("cut_") else 2)
    if code:
        line = error_of(capsys)
        assert name in line or "does not fit the decoder" in line


@pytest.mark.parametrize("name", ONE_BY_ONE)
def test_training_on_an_odd_file_gives_one_line(data_dir, tmp_path, capsys, name) -> None:
    path = data_dir / f"xdf_corpus/{name}.xdf"

    refused(capsys, calibrate, "train", path, "--method", "lda", "-o", tmp_path / "d")

    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize(
    "name",
    [
        *("cut_0_original", "cut_1_truncated_in_chunk", "cut_2_zero_bytes"),
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("clock_resets", "drop_outs")),
    ],
)
def test_an_odd_stream_goes_through_the_whole_chain_and_its_losses_are_reported(
    data_dir, tmp_path, capsys, name
) -> None:
    path = data_dir / f"xdf_corpus/{name}.xdf"
    made = simulated_files.decoder_for(path, tmp_path / "d")

    assert run(online, ["replay", str(path), "--decoder", str(made), "--json", "-"]) == 0

    summary = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert summary["type"] == "summary"
    assert summary["presented"] == 0
    losses = {"clock_resets": 1, "cut_2_zero_bytes": 1, "drop_outs": 100}
    assert summary["gaps"] >= losses.get(name, 0)


def test_a_decoder_is_checked_before_the_recording_is_opened(capsys, tmp_path) -> None:
    (tmp_path / "not.decoder").write_bytes(b"nonsense")

    line = refused(
        capsys, online, "replay", tmp_path / "absent.xdf", "--decoder", tmp_path / "not.decoder"
    )

    assert "not.decoder: is not a decoder file" in line


def test_another_unit_is_refused_with_the_difference(capsys) -> None:
    recording, decoder = simulated_files.recording(), simulated_files.with_unit("au")

    line = refused(capsys, online, "replay", recording, "--decoder", decoder)

    assert "unit is 'microvolts', the decoder was trained on 'au'" in line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--speed", "fast"], "--speed fast: must be max"),
        (["--speed", "0"], "must be max, or a number"),
        (["--trials", "3-1"], "'3-1' is not a trial or range"),
        (["--max-repetitions", "0"], "--max-repetitions 0 must be at least 1"),
        (["--json", "file"], "only - (standard output) is possible"),
        (["--stopping", "never"], "--stopping never: "),
        (["--after", "absent.xdf"], "this decoder does not recentre; leave --after out"),
        (["--nonsense"], "--nonsense"),
        (["--config", "absent.toml"], "absent.toml: cannot be read"),
    ],
)
def test_a_wrong_option_of_replay_is_named(capsys, arguments, said) -> None:
    recording, decoder = simulated_files.recording(), simulated_files.decoder()

    line = refused(capsys, online, "replay", recording, "--decoder", decoder, *arguments)

    assert said in line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--method", "magic", "-o", "d"], "magic"),
        (["--method", "lda", "-o", "absent/d"], "folder absent does not exist"),
        (["--method", "lda", "-o", "."], "is a folder"),
        (["--method", "lda", "-o", "d.xdf"], "a decoder is no recording"),
        (["--method", "lda", "-o", "d", "--trials", "9"], "trial 9 does not exist, 3 are recorded"),
    ],
)
def test_a_wrong_option_of_train_is_named(capsys, tmp_path, monkeypatch, arguments, said) -> None:
    recording = simulated_files.recording()
    monkeypatch.chdir(tmp_path)

    line = refused(capsys, calibrate, "train", recording, *arguments)

    assert said in line
    assert not list(tmp_path.iterdir())


def test_a_session_in_place_of_a_file_is_refused_before_anything_is_said(capsys, tmp_path) -> None:
    (tmp_path / "notes.txt").touch()

    line = refused(
        capsys, online, "spell", "--no-calibration", "-o", tmp_path / "notes.txt" / "monday"
    )

    assert "notes.txt is a file; name a folder" in line


def test_text_from_a_file_cannot_write_to_the_terminal(capsys, tmp_path) -> None:
    config = tmp_path / "evil.toml"
    config.write_text('[eeg]\ntype = "\\u001b[31m[/bold]"\n', encoding="utf-8")

    line = refused(
        capsys, online, "replay", simulated_files.recording(),
        "--decoder", simulated_files.decoder(), "--config", config,
    )  # fmt: skip

    assert "\x1b" not in line
    assert "[/bold]" in line


def test_one_letter_is_too_little_to_train_on(capsys, tmp_path) -> None:
    path = simulated_files.recording("A", 3)

    line = refused(capsys, calibrate, "train", path, "--method", "lda", "-o", tmp_path / "d")

    assert "record more letters" in line


def test_labels_that_are_unknown_are_no_training_data(capsys, tmp_path) -> None:
    config = tmp_path / "hidden.toml"
    # Nor the letter, from which labels would follow.
    rules = [
        ("flash/(\\d+)/.*", "flash/\\1/unknown"),
        ("trial/start/(\\d+)/.*", "trial/start/\\1/"),
    ]
    tables = [f"[[markers.translate]]\nregex = '{regex}'\nto = '{to}'\n" for regex, to in rules]
    config.write_text("".join(tables), encoding="utf-8")
    recording = simulated_files.recording()

    line = refused(
        capsys, calibrate, "train", recording, "--method", "lda", "-o", tmp_path / "d",
        "--config", config,
    )  # fmt: skip

    assert "unlabelled" in line


def test_an_output_never_replaces_a_recording(capsys, tmp_path) -> None:
    recording = tmp_path / "precious.xdf"
    recording.write_bytes(simulated_files.recording().read_bytes())
    before = recording.read_bytes()

    trained = refused(capsys, calibrate, "train", recording, "--method", "lda", "-o", recording)
    simulated = refused(capsys, online, "simulate", "--word", "A", "-o", recording)

    assert "is not a decoder; it is not overwritten" in trained
    assert "exists" in simulated
    assert recording.read_bytes() == before


@pytest.mark.slow
def test_a_decoder_may_be_trained_again(capsys, tmp_path) -> None:
    decoder = tmp_path / "d"
    decoder.write_bytes(simulated_files.decoder().read_bytes())
    arguments = ["train", simulated_files.recording("THEFOX", 2), "-o", decoder]

    code = run(calibrate, [*map(str, arguments), "--method", "lda", "--no-evaluation"])

    assert code == 0, capsys.readouterr().err


def test_one_recording_twice_is_refused(capsys, tmp_path) -> None:
    recording = simulated_files.recording()

    line = refused(
        capsys, calibrate, "train", recording, recording, "--method", "lda", "-o", tmp_path / "d"
    )

    assert "is the same recording as" in line


def test_replaying_what_was_trained_on_is_noted(capsys) -> None:
    arguments = ["replay", simulated_files.recording("THEFOX", 2), "--decoder"]

    assert run(online, [*map(str, arguments), str(simulated_files.decoder())]) == 0

    assert "trained on this very recording" in capsys.readouterr().err


@pytest.mark.slow
def test_flashes_of_codes_that_the_layout_lacks_are_counted(capsys, tmp_path) -> None:
    config = tmp_path / "small.toml"
    config.write_text(
        "[[markers.translate]]\nregex = 'layout/.*'\nto = ''\n"
        '[layout]\nrows = ["ABC", "DEF", "GHI"]\n',
        encoding="utf-8",
    )
    recording, decoder = simulated_files.recording("THEFOX", 2), tmp_path / "d"
    options = ["--method", "lda", "--no-evaluation", "--json", "-", "--config", str(config)]

    assert run(calibrate, ["train", str(recording), "-o", str(decoder), *options]) == 0

    summary = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert summary["epochs"] == 432
    assert summary["unknown_codes"] == 216


def test_a_configuration_for_something_else_is_refused(capsys) -> None:
    config = Path(__file__).resolve().parents[1] / "configs/motor_imagery.toml"

    line = refused(
        capsys, online, "replay", simulated_files.recording(),
        "--decoder", simulated_files.decoder(), "--config", config,
    )  # fmt: skip

    assert "'motor_imagery'" in line


def test_a_pipe_is_no_decoder_and_no_configuration(capsys, tmp_path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    recording = simulated_files.recording()

    decoder = refused(capsys, online, "replay", recording, "--decoder", pipe)
    config = refused(
        capsys, online, "replay", recording,
        "--decoder", simulated_files.decoder(), "--config", pipe,
    )  # fmt: skip

    assert "is not a file" in decoder
    assert "is not a file" in config


def test_trials_beyond_the_recorded_ones_are_refused(capsys) -> None:
    recording, decoder = simulated_files.recording(), simulated_files.decoder()

    line = refused(capsys, online, "replay", recording, "--decoder", decoder, "--trials", 99)

    assert "trial 99 does not exist, 3 are recorded" in line


def test_a_session_needs_a_folder_and_a_calibration_may_go_on_in_one(capsys) -> None:
    spelled = refused(capsys, online, "spell", "--decoder", "no.decoder")
    recorded = refused(capsys, calibrate, "record", "p300")
    resumed = refused(capsys, calibrate, "record", "p300", "--resume", __file__)

    assert spelled == "error: give --output FOLDER"
    assert recorded == "error: give --output FOLDER, or --resume FOLDER, one of them"
    assert resumed == f"error: --resume {__file__}: is a file; name a folder"


@pytest.mark.parametrize("command", ["replay", "spell"])
def test_a_decoder_or_no_calibration_is_asked_for_and_not_both(command, tmp_path, capsys) -> None:
    own = [simulated_files.recording()] if command == "replay" else ["-o", tmp_path / "session"]
    both = ("--no-calibration", "--decoder", simulated_files.decoder())

    for given in ((), both):
        line = refused(capsys, online, command, *own, *given)

        assert line.endswith("or --no-calibration to spell without one: one of them")
