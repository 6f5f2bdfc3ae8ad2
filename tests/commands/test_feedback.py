import msgspec
import pytest

from bci_online.commands.feedback import as_cued
from bci_online.config import (
    Config,
    DecoderHeader,
    EvidenceSpec,
    FilterSpec,
    ImagerySpec,
    Preprocessing,
    Presentation,
    WindowSpec,
)
from bci_online.errors import ConfigError
from bci_online.markers import Cue, Note, SessionStarted, TrialEnd, TrialStart
from bci_online.messages import DecisionLine
from bci_online.notes import ScreenHidden, ScreenSeen
from bci_online.session.conductor import SessionPlan
from bci_online.session.folder import SessionFolder
from bci_online.terminal.session_output import SessionOutput

HEADER = DecoderHeader(
    method="csp-lda",
    kind="spatial",
    paradigm="motor_imagery",
    classes=("feet", "left_hand"),
    preprocessing=Preprocessing(
        ch_names=("C3",),
        sfreq=128.0,
        filter=FilterSpec(l_freq=8.0, h_freq=30.0),
        window=WindowSpec(length=1.0),
        interval=EvidenceSpec(tmax=3.0),
    ),
)


def given(*classes: str, **imagery: object) -> Config:
    return Config(
        paradigm="motor_imagery",
        presentation=Presentation(classes=classes, trials_per_class=3),
        imagery=ImagerySpec(**imagery),
    )


def test_signal_and_evidence_are_the_decoders_and_cues_are_the_configurations():
    config = as_cued(given("left_hand", "rest", end=4.0), HEADER, has_config=True)

    assert config.filter == HEADER.preprocessing.filter
    assert config.window == HEADER.preprocessing.window
    assert config.evidence == HEADER.preprocessing.interval
    assert config.presentation.classes == ("left_hand", "rest")
    assert config.imagery.end == 4.0


def test_without_a_configuration_the_decoders_classes_are_cued():
    config = as_cued(Config(), HEADER, has_config=False)

    assert config.paradigm == "motor_imagery"
    assert config.presentation.classes == HEADER.classes


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        (("left_hand", "tongue"), "the decoder cannot decide tongue; it knows feet"),
        (("rest", "words"), "the decoder cannot decide words"),
    ],
)
def test_a_cue_that_the_decoder_cannot_decide_is_refused(classes, said):
    with pytest.raises(ConfigError, match=said):
        as_cued(given(*classes), HEADER, has_config=True)


def test_more_classes_than_directions_are_refused():
    header = msgspec.structs.replace(HEADER, classes=tuple("abcde"))

    with pytest.raises(ConfigError, match="none for e; choose fewer classes"):
        as_cued(given(*"abcde"), header, has_config=True)


def test_a_decoder_of_a_speller_is_refused():
    with pytest.raises(ConfigError, match="the decoder is for 'p300'"):
        as_cued(Config(), DecoderHeader(
            method="lda", preprocessing=Preprocessing(ch_names=("Cz",), sfreq=128.0)
        ), has_config=False)  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("calibration", "imagined feet\n"),
        ("feedback", "asked for feet, decided nothing after 4.0 s\n"),
    ],
)
def test_a_session_is_shown_in_lines(mode, said, tmp_path, capsys):
    plan = SessionPlan(
        name="x", folder=SessionFolder(tmp_path), config=given("feet", "rest"), mode=mode
    )
    decision = DecisionLine(type="no_decision", trial=1, truth="feet", elapsed=4.0)
    received = [SessionStarted({}), TrialStart(1), Cue("feet"), TrialEnd(1)]
    received += [decision] if mode == "feedback" else []

    with SessionOutput(headless=True, as_json=False).session("imagery", plan) as observe:
        for each in received:
            observe(each)

    assert capsys.readouterr().out == f"imagery\n{said}"


def test_that_nobody_sees_the_screen_is_reported(tmp_path, capsys):
    plan = SessionPlan(
        name="x", folder=SessionFolder(tmp_path), config=given("feet", "rest"), mode="feedback"
    )

    with SessionOutput(headless=True, as_json=False).session("imagery", plan) as observe:
        for note in (ScreenHidden(), Note("an electrode was pressed"), ScreenSeen()):
            observe(note)

    assert capsys.readouterr().out == "imagery\nscreen hidden\nscreen seen\n"
