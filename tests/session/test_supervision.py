"""Letters that count as known, and the worker that fits a decoder on them."""

import sys
import time

import msgspec
import pytest

from bci_online.config import Config, Presentation
from bci_online.markers import SessionStarted
from bci_online.messages import DecisionLine, Status
from bci_online.notes import Supervised, Undo
from bci_online.session.folder import SessionFolder
from bci_online.session.plan import SessionPlan
from bci_online.session.supervision import KnownLetters, SupervisedLine, Supervision

PATIENCE_S = 20.0
NOTE = Supervised(4, 0.8, 0.7, "decoder")


def decided(values: str, confidence: float = 0.9, first: int = 1) -> list[DecisionLine]:
    return [
        DecisionLine(value=value, trial=trial, confidence=confidence)
        for trial, value in enumerate(values, start=first)
    ]


def known(*messages: object) -> dict[int, str]:
    letters = KnownLetters()
    for message in (SessionStarted({"backspace": "<", "rest": "z"}), *messages):
        letters.observe(message)
    return letters.letters()


def test_a_letter_is_known_once_the_next_one_left_it_or_at_once_if_it_is_sure() -> None:
    assert known(*decided("HI")) == {1: "H"}
    assert known(*decided("HI", 0.96)) == {1: "H", 2: "I"}


def test_what_was_taken_back_or_came_too_late_is_not_known() -> None:
    late = DecisionLine(value="X", trial=3, confidence=0.99, late=True)
    none = DecisionLine(type="no_decision", trial=4, confidence=0.2)

    assert known(*decided("HQ", 0.99), Undo(2), late, none) == {1: "H"}


class Control:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.notes: list[object] = []

    def send(self, name: str, note: object) -> None:
        assert name == "note"
        self.notes.append(note)


class Asked:
    """The supervision of one session, and all that came of it."""

    def __init__(self, folder, script: str, *, no_calibration: bool = True) -> None:
        plan = SessionPlan(
            name="a", folder=SessionFolder(folder), mode="free", no_calibration=no_calibration,
            config=Config(presentation=Presentation()),
        )  # fmt: skip
        self.supervision = Supervision(plan, (sys.executable, "-c", script))
        self.control, self.said = Control(), []
        self.supervision.observe(SessionStarted({}))

    def observe(self, values: str, first: int = 1) -> None:
        for line in decided(values, 0.99, first):
            self.supervision.observe(line)

    def wait(self, true) -> None:
        until = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < until
            self.supervision.serve(self.control, self.said.append)
            time.sleep(0.01)


def answering(line: SupervisedLine) -> str:
    text = msgspec.json.encode(line).decode()
    return (
        "import json, sys\nfor line in sys.stdin:\n"
        f" print(len(json.loads(line)), file=sys.stderr, flush=True); print({text!r}, flush=True)"
    )


@pytest.mark.live
def test_it_is_asked_with_enough_letters_and_again_with_a_quarter_more(tmp_path) -> None:
    asked = Asked(tmp_path, answering(SupervisedLine(NOTE)))

    asked.observe("HEL")
    asked.observe("LO", first=4)
    asked.wait(lambda: len(asked.control.notes) == 1)
    asked.observe("A", first=6)
    asked.wait(lambda: len(asked.control.notes) == 2)
    asked.observe("B", first=7)
    asked.observe("C", first=8)
    asked.wait(lambda: len(asked.control.notes) == 3)
    asked.supervision.close()

    assert asked.control.notes == 3 * [NOTE]
    log = (tmp_path / "session.log").read_text().split()
    assert log == ["4", "6", "8"]


@pytest.mark.live
def test_a_decoder_is_not_used_if_a_letter_of_it_was_taken_back_while_it_was_fitted(
    tmp_path,
) -> None:
    asked = Asked(tmp_path, answering(SupervisedLine(NOTE)))

    asked.observe("HELL")
    asked.supervision.observe(Undo(2))
    asked.wait(lambda: asked.said)
    asked.observe("E", first=5)
    asked.wait(lambda: asked.control.notes)
    asked.supervision.close()

    assert [one.text for one in asked.said] == [
        "no decoder yet: a letter was taken back meanwhile",
        NOTE.words,
    ]
    assert asked.control.notes == [NOTE]


@pytest.mark.live
def test_a_worker_that_fails_is_one_warning_and_is_not_asked_again(tmp_path) -> None:
    script = "import sys; sys.stdin.readline(); sys.exit('error: the disk is full')"
    asked = Asked(tmp_path, script)

    asked.observe("HELL")
    asked.wait(lambda: asked.said)
    asked.observe("OABCDEFGH", first=5)
    asked.supervision.serve(asked.control, asked.said.append)

    (warning,) = asked.said
    assert isinstance(warning, Status)
    assert warning.level == "warning"
    assert "ended: the disk is full; letters are decided as before" in warning.text
    assert asked.control.notes == []


@pytest.mark.live
def test_no_worker_is_started_with_a_calibration(tmp_path) -> None:
    asked = Asked(tmp_path, "pass", no_calibration=False)

    asked.observe("HELLO")
    asked.supervision.serve(asked.control, asked.said.append)

    assert asked.said == []
    assert list(tmp_path.iterdir()) == []
