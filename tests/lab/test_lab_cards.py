"""The cards follow from the folder, the choice and the jobs alone."""

from pathlib import Path

import msgspec
import pytest

from bci_online.lab.cards import cards_of
from bci_online.lab.choice import Choice
from bci_online.lab.contents import LabConfiguration, LabContents, LabDecoder, RecordedRun
from bci_online.lab.job_news import JobNews
from bci_online.lab.job_record import Job, JobRecord
from bci_online.lab.lab_state import Electrodes, LabState
from bci_online.lab.session_actions import calibrate

FOLDER = Path("lab")
OWN = LabConfiguration(path=FOLDER / "own.toml", shown=5, calibration_s=80.0)
CALIBRATED = RecordedRun(
    folder=FOLDER / "sub-01" / "c", recording=FOLDER / "c.xdf", subject="01", session="01",
    task="p300", mode="calibration", sha256="aa", shown=5, began=1000.0,
)  # fmt: skip
TRAINED = LabDecoder(path=FOLDER / "d.decoder", method="lda", trained_on=("aa",), written=2000.0)


def state(**given: object) -> LabState:
    lab = {name: given.pop(name) for name in ("runs", "decoders") if name in given}
    configuration = given.pop("configuration", OWN)
    contents = LabContents(folder=FOLDER, configurations=(configuration,), **lab)
    return LabState(lab=contents, **({"choice": Choice(subject="01"), "now": 1500.0} | given))


def stands(of: LabState) -> str:
    """Return the first letter of each card's state."""
    return "".join(card.state[0] for card in cards_of(of))


CHOSEN = msgspec.structs.replace(OWN, stream="amp")
SIMULATED = msgspec.structs.replace(OWN, simulates=True)
SPELLED = msgspec.structs.replace(CALIBRATED, mode="copy", began=3000.0, run=2)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "nbbbbb"),
        ({"configuration": CHOSEN}, "dnnbbb"),
        ({"configuration": CHOSEN, "electrodes": Electrodes(8)}, "ddnbbb"),
        ({"configuration": CHOSEN, "electrodes": Electrodes(8, {"Pz": "flat"})}, "dnnbbb"),
        ({"configuration": SIMULATED}, "ddnbbb"),
        ({"configuration": SIMULATED, "runs": (CALIBRATED,)}, "dddnbn"),
        ({"configuration": SIMULATED, "runs": (CALIBRATED,), "decoders": (TRAINED,)}, "ddddnn"),
        (
            {"configuration": SIMULATED, "runs": (CALIBRATED, SPELLED), "decoders": (TRAINED,)},
            "dddddn",
        ),
        ({"configuration": msgspec.structs.replace(OWN, fault="own.toml: bad")}, "bbbbbb"),
        ({"configuration": SIMULATED, "choice": Choice()}, "dbbbbb"),
    ],
)
def test_each_step_is_done_next_or_blocked(given, expected):
    assert stands(state(**given)) == expected


def test_a_blocked_card_says_why_and_offers_nothing_that_would_be_refused():
    for card in cards_of(state(runs=(CALIBRATED,), decoders=(TRAINED,))):
        if card.state == "blocked":
            assert card.line.key.startswith("blocked.")
            assert card.actions == ()


def test_no_second_session_is_offered_while_one_runs():
    record = JobRecord(action="spell", command=("x",), subject="02")
    running = Job(name="1", record=record, is_running=True)

    cards = cards_of(
        state(configuration=SIMULATED, runs=(CALIBRATED,), decoders=(TRAINED,), jobs=(running,))
    )

    started = {action.name for card in cards for action in card.actions}
    assert started == {"train"}


def test_a_decoder_of_one_subject_is_not_offered_for_another():
    other = msgspec.structs.replace(CALIBRATED, subject="02", sha256="bb")

    cards = cards_of(
        state(
            configuration=SIMULATED, runs=(CALIBRATED, other), decoders=(TRAINED,),
            choice=Choice(subject="02"),
        )
    )  # fmt: skip

    assert cards[3].state == "next"
    assert "d.decoder" not in " ".join(
        word for card in cards for a in card.actions for word in a.words
    )


def test_a_visit_on_another_day_is_another_session_and_a_second_run_another_number():
    of = state(configuration=SIMULATED, runs=(CALIBRATED,))

    same_day = calibrate(of.lab, of.choice, now=CALIBRATED.began + 3600)
    next_day = calibrate(of.lab, of.choice, now=CALIBRATED.began + 24 * 3600)

    def label(words: tuple[str, ...], option: str) -> str:
        return words[words.index(option) + 1]

    assert (label(same_day.words, "--session"), label(same_day.words, "--run")) == ("01", "2")
    assert (label(next_day.words, "--session"), label(next_day.words, "--run")) == ("02", "1")
    assert label(same_day.words, "-o") != label(next_day.words, "-o")


def test_a_check_that_was_stopped_gives_no_verdict():
    record = JobRecord(action="verify", command=(), subject="01", output=str(SPELLED.folder))
    news = JobNews(summary={"is_right": True, "decisions": 5})
    whole = Job(name="1", record=record, is_running=False, code=0, news=news)
    stopped = Job(name="2", record=record, is_running=False, code=130)

    def verdicts(*jobs: Job) -> list[str]:
        *_, last = cards_of(state(configuration=SIMULATED, runs=(SPELLED,), jobs=jobs))
        return [last.state, *(fact.key for fact in last.facts[1:])]

    assert verdicts(stopped) == ["next"]
    assert verdicts(stopped, whole) == ["done", "afterwards.right"]


def test_what_was_exported_is_offered_no_second_time():
    run = msgspec.structs.replace(SPELLED, recording=FOLDER / "sub-01_eeg.xdf")
    contents = LabContents(folder=FOLDER, runs=(run,), configurations=(SIMULATED,))
    asked = LabState(lab=contents, choice=Choice(subject="01"))

    exported = msgspec.structs.replace(contents, exported=frozenset({"sub-01_eeg"}))
    after = cards_of(msgspec.structs.replace(asked, lab=exported))[-1]

    assert [action.name for action in cards_of(asked)[-1].actions] == ["verify", "export"]
    assert [action.name for action in after.actions] == ["verify"]
    assert "afterwards.exported" in {fact.key for fact in after.facts}


def test_an_earlier_session_can_be_looked_at():
    earlier = msgspec.structs.replace(CALIBRATED, recording=FOLDER / "c.xdf")
    later = msgspec.structs.replace(SPELLED, folder=FOLDER / "s", recording=FOLDER / "s.xdf")

    cards = cards_of(state(runs=(earlier, later), choice=Choice(subject="01", run=earlier.folder)))

    assert cards[-1].folder == earlier.folder
    assert str(earlier.folder) in cards[-1].actions[0].words


def test_a_subject_that_no_recording_can_be_named_after_blocks_every_step_with_the_rule():
    cards = cards_of(state(configuration=SIMULATED, choice=Choice(subject="../?")))

    assert {card.line.key for card in cards[2:]} == {"blocked.label"}
    assert all(card.actions == () for card in cards)


def test_with_imagery_the_fifth_step_is_feedback_whatever_was_spelled_before():
    imagery = msgspec.structs.replace(SIMULATED, is_imagery=True)

    card = cards_of(state(configuration=imagery, runs=(CALIBRATED, SPELLED)))[4]

    assert (card.title, card.state, card.line.key) == ("feedback", "blocked", "blocked.decoder")


@pytest.mark.parametrize(
    ("monitor", "monitors", "said"),
    [
        ("", ("A", "B"), "calibrate.primary"),
        ("B", ("A", "B"), "calibrate.monitor"),
        ("C", ("A", "B"), "calibrate.no_monitor"),
        ("", ("A",), "calibrate.covers"),
    ],
)
def test_the_calibration_says_where_the_subjects_screen_will_be(monitor, monitors, said):
    configuration = msgspec.structs.replace(CHOSEN, monitor=monitor)

    card = cards_of(state(configuration=configuration, monitors=monitors))[2]

    assert said in {fact.key for fact in card.facts}


def library_words(of: LabState, step: int) -> list[str]:
    """Return what is offered in a card that names the lab's library."""
    return [action.label or action.name for action in cards_of(of)[step].actions]


def with_library(*digests: str, **given: object) -> LabState:
    of = state(configuration=SIMULATED, **given)
    lab = msgspec.structs.replace(of.lab, library=frozenset(digests))
    return msgspec.structs.replace(of, lab=lab)


def test_training_and_spelling_with_the_library_are_offered_where_it_holds_sessions():
    filled, empty = with_library("ee", runs=(CALIBRATED,)), with_library(runs=(CALIBRATED,))

    assert library_words(filled, 3) == ["train", "train_library"]
    assert library_words(filled, 4) == ["spell", "spell_library"]
    assert library_words(empty, 3) == ["train"]
    assert library_words(empty, 4) == ["spell"]
    for card in cards_of(filled)[3:5]:
        usual, helped = card.actions
        assert "--library lab/library" in helped.text
        assert "--library" not in usual.text


def test_a_library_of_the_calibration_alone_does_not_help_to_train_on_it():
    assert library_words(with_library("aa", runs=(CALIBRATED,)), 3) == ["train"]
    assert library_words(with_library("aa", "ee", runs=(CALIBRATED,)), 3)[-1] == "train_library"


def test_a_decoder_needs_no_library_to_spell():
    of = with_library("ee", runs=(CALIBRATED,), decoders=(TRAINED,))

    assert library_words(of, 4) == ["spell"]


def test_a_session_is_added_to_the_library_once_and_with_a_consent_only():
    asked = with_library(runs=(CALIBRATED,))
    agreed = msgspec.structs.replace(
        asked, choice=msgspec.structs.replace(asked.choice, consent="use by this lab")
    )
    held = with_library("aa", runs=(CALIBRATED,), choice=agreed.choice)

    assert "library" not in library_words(asked, 5)
    assert "afterwards.asks_consent" in [fact.key for fact in cards_of(asked)[5].facts]
    assert "library" in library_words(agreed, 5)
    assert "library" not in library_words(held, 5)
    assert "afterwards.kept" in [fact.key for fact in cards_of(held)[5].facts]
    assert "library" not in library_words(state(configuration=SIMULATED, runs=(CALIBRATED,)), 5)
