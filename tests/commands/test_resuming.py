"""A calibration that was cut short goes on with what it has not shown."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from session_files import stream

from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.commands.bodies.resuming import resumption_of
from bci_online.commands.session_request import SessionRequest
from bci_online.config import Config, EegStream, ImagerySpec, Presentation, ScreenSpec
from bci_online.errors import BciError
from bci_online.messages import Command, Marker
from bci_online.paradigms.motor_imagery.presentation import GrazPresentation
from bci_online.paradigms.p300.presentation import P300Presentation
from bci_online.session.folder import SessionFolder
from calibration.recordings import found_in

SHOWN = Presentation(repetitions=2, words=("CAB", "D"), cue_s=0.2, decision_s=0.1, pause_s=0.1)
LETTERS = Config(presentation=SHOWN)
IMAGERY = Config(
    paradigm="motor_imagery",
    presentation=Presentation(classes=("left_hand", "right_hand"), trials_per_class=2),
    imagery=ImagerySpec(),
)
SFREQ = 100.0


def markers_of(config: Config, done: int, aborts_at: float) -> list[Marker]:
    """Return the markers of a run; at `aborts_at` seconds the operator ends it."""
    if config.paradigm == "motor_imagery":
        presentation = GrazPresentation(config, seed=5, done=done)
    else:
        words = config.presentation.words
        presentation = P300Presentation(config, "calibration", words, seed=5, done=done)
    shown, found = presentation.step(0.0, [Command("start")])
    markers, frame = list(found), 0
    while shown.state != "ended":
        frame += 1
        commands = [Command("abort")] if frame / 60 >= aborts_at else []
        shown, found = presentation.step(frame / 60, commands)
        markers += found
    return markers


def record(
    folder: Path,
    config: Config,
    *,
    run: int = 1,
    done: int = 0,
    until: float = 1e9,
    aborts_at: float = 1e9,
) -> list[Marker]:
    """Write what a run leaves that was killed after so many seconds, or aborted."""
    own = SessionFolder(folder, run=run, resumes=run > 1)
    own.make()
    own.keep_config(config)
    markers = [one for one in markers_of(config, done, aborts_at) if one.time < until]
    stamps = np.arange(0, min(until, markers[-1].time + 1.0), 1 / SFREQ)
    write_xdf(
        own.recording,
        [
            XdfStream("amp", "EEG", SFREQ, stamps, np.zeros((stamps.size, 2)), ("Cz", "Pz")),
            stream("markers", "Markers", [m.time for m in markers], [m.text for m in markers]),
        ],
    )
    own.release()
    return markers


def request(folder: Path, config: Path | None = None, subject: str = "01") -> SessionRequest:
    return SessionRequest(
        output=folder, config_path=config, subject=subject, session="01", run=1, simulate=False,
        headless=True, accept_quality="", as_json=True,
    )  # fmt: skip


def starts(markers: list[Marker]) -> list[float]:
    return [one.time for one in markers if one.text.startswith("trial/start")]


def ends(markers: list[Marker]) -> list[float]:
    return [one.time for one in markers if one.text.startswith("trial/end")]


@pytest.mark.parametrize("config", [LETTERS, IMAGERY], ids=["letters", "imagery"])
@pytest.mark.parametrize("is_aborted", [False, True], ids=["killed", "aborted"])
def test_a_trial_that_was_cut_is_shown_again_and_one_that_was_whole_is_not(
    config, is_aborted, tmp_path
):
    whole = markers_of(config, 0, 1e9)
    begun, over = starts(whole), ends(whole)
    # The last response has still to come when a letter's last flash is over.
    response_s = config.epoch.tmax if config.paradigm == "p300" else 0.5
    for number, (at, done) in enumerate(
        [(begun[0] + 0.1, 0), (over[0] - 0.3, 0), (over[0] + response_s + 0.1, 1),
         (begun[2] + 1.0, 2), (over[2] + response_s + 0.1, 3)]
    ):  # fmt: skip
        folder = tmp_path / str(number)
        record(folder, config, **({"aborts_at": at} if is_aborted else {"until": at}))

        found = resumption_of(folder, request(folder))

        assert (found.seed, found.done) == (5, done), at
        assert found.folder.recording.name.endswith("run-02_eeg.xdf")
        assert found.folder.summary.name == "summary_run-02.json"


def test_a_letter_whose_last_response_was_not_recorded_is_shown_again(tmp_path):
    whole = markers_of(LETTERS, 0, 1e9)
    record(tmp_path, LETTERS, until=ends(whole)[1] + 0.1)

    assert resumption_of(tmp_path, request(tmp_path)).done == 1


def test_a_third_run_goes_on_where_the_second_has_ended(tmp_path):
    whole = markers_of(LETTERS, 0, 1e9)
    record(tmp_path, LETTERS, until=starts(whole)[1] + 0.5)
    rest = markers_of(LETTERS, 1, 1e9)
    record(tmp_path, LETTERS, run=2, done=1, until=starts(rest)[2] + 0.5)

    found = resumption_of(tmp_path, request(tmp_path))

    assert (found.seed, found.done) == (5, 3)
    assert found.folder.recording.name.endswith("run-03_eeg.xdf")
    recordings, config = found_in([tmp_path], None)
    assert [path.name[-14:] for path in recordings] == ["run-01_eeg.xdf", "run-02_eeg.xdf"]
    assert config == tmp_path / "config.json"


def test_a_plan_goes_on_with_the_seed_and_the_rest(tmp_path):
    record(tmp_path, LETTERS, until=starts(markers_of(LETTERS, 0, 1e9))[2] + 0.5)
    asked = request(tmp_path)
    found = resumption_of(tmp_path, asked)

    plan = asked.plan(LETTERS, "p300", "calibration", words=SHOWN.words, resumed=found)

    assert plan.screen_arguments()[-5:] == ["--seed", "5", "--done", "2", "--headless"]
    whole = asked.plan(LETTERS, "p300", "calibration", words=SHOWN.words)
    assert plan.planned_s == pytest.approx(whole.planned_s / 2)
    with plan.made_folder():
        assert plan.folder.versions.name == "versions_run-02.json"
    assert msgspec.json.decode((tmp_path / "config.json").read_bytes(), type=Config) == LETTERS


def refusal(folder: Path, asked: SessionRequest) -> str:
    with pytest.raises(BciError) as refused:
        resumption_of(folder, asked)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_folder_of_another_configuration_is_refused_with_what_differs(tmp_path):
    folder = tmp_path / "s"
    record(folder, LETTERS, until=5.0)
    other, like = tmp_path / "other.json", tmp_path / "like.json"
    changed = msgspec.structs.replace(
        LETTERS,
        presentation=msgspec.structs.replace(SHOWN, words=("XYZ",)),
        eeg=EegStream(name="another"),
    )
    other.write_bytes(msgspec.json.encode(changed))
    like.write_bytes(
        msgspec.json.encode(msgspec.structs.replace(LETTERS, screen=ScreenSpec(sound=True)))
    )

    said = refusal(folder, request(folder, other))

    assert "another configuration (eeg.name, presentation.words differ)" in said
    # What only the subject's screen shows makes no other training set.
    assert resumption_of(folder, request(folder, like)).done == 1


def test_a_recording_that_shows_other_letters_than_its_configuration_is_refused(tmp_path):
    record(tmp_path, LETTERS, until=12.0)
    config = tmp_path / "config.json"
    config.write_bytes(config.read_bytes().replace(b'"CAB"', b'"XAB"'))

    assert "showed 'C' as number 1 of its run" in refusal(tmp_path, request(tmp_path))


def test_what_cannot_go_on_is_said(tmp_path):
    (tmp_path / "empty").mkdir()
    record(tmp_path / "whole", LETTERS)
    record(tmp_path / "cut", LETTERS, until=5.0)

    assert "holds no recording to go on with" in refusal(
        tmp_path / "empty", request(tmp_path / "empty")
    )
    assert "all 4 are shown already" in refusal(tmp_path / "whole", request(tmp_path / "whole"))
    assert "--subject 07: the folder is of subject 01" in refusal(
        tmp_path / "cut", request(tmp_path / "cut", subject="07")
    )


@pytest.mark.parametrize(
    ("seed", "done", "expected"), [(5, 0, (5, 0)), (-5, -2, (0, 0))], ids=["damaged", "forged"]
)
def test_a_letter_without_layout_and_flashes_was_not_shown(seed, done, expected, tmp_path):
    own = SessionFolder(tmp_path)
    own.make()
    own.keep_config(LETTERS)
    texts = [f'session/start/{{"seed":{seed},"done":{done}}}', "trial/start/1/C", "trial/end/1"]
    eeg = XdfStream("amp", "EEG", SFREQ, np.arange(500) / SFREQ, np.zeros((500, 2)), ("Cz", "Pz"))
    write_xdf(own.recording, [eeg, stream("markers", "Markers", [1.0, 2.0, 3.0], texts)])
    own.release()

    found = resumption_of(tmp_path, request(tmp_path))

    assert (found.seed, found.done) == expected
