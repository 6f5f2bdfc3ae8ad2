"""The screen of motor imagery on the streams of its session, over real LSL."""

import uuid
from collections.abc import Callable, Iterator

import msgspec
import pytest
from shown_frames import frames_until

from bci_online.acquisition.lsl import TextOutlet, session_outlet
from bci_online.config import Config, ImagerySpec, Presentation
from bci_online.gui.bridge import ScreenLink
from bci_online.messages import DecisionLine, Journal, Status, TrialEvidence
from bci_online.paradigms.motor_imagery.presentation import GrazPresentation

pytestmark = pytest.mark.live

QUICK = Config(
    presentation=Presentation(classes=("feet",), trials_per_class=1),
    imagery=ImagerySpec(
        cue=0.05, feedback=0.1, end=15.0, outcome=0.05, smoothing=0.0,
        shortest_pause=0.05, longest_pause=0.05,
    ),
)  # fmt: skip


@pytest.fixture
def session() -> str:
    return uuid.uuid4().hex[:8]


@pytest.fixture
def engine(session) -> Iterator[dict[str, TextOutlet]]:
    outlets = {kind: session_outlet(session, kind) for kind in ("decisions", "journal")}
    yield outlets
    for outlet in outlets.values():
        outlet.close()


@pytest.fixture
def link(session, engine) -> Iterator[ScreenLink]:
    link = ScreenLink(session, GrazPresentation(QUICK, feedback=True), decides=True, follows=True)
    yield link
    link.close()


def said(outlet: TextOutlet, line: object) -> Callable[[], object]:
    text = line if isinstance(line, str) else msgspec.json.encode(line).decode()
    return lambda: outlet.push(text)


def test_how_the_evidence_stands_is_drawn_and_the_decision_judges(link, engine):
    frames_until(link, lambda: link.picture.state == "imagery", lambda: link.command("start"))
    stands = TrialEvidence(1, 3, 0.9, {"feet": 0.7, "hands": 0.3})

    frames_until(link, lambda: bool(link.picture.feedback), said(engine["journal"], stands))
    drawn = link.picture.feedback
    hit = DecisionLine(value="feet", trial=1)
    frames_until(link, lambda: bool(link.picture.outcome), said(engine["decisions"], hit))

    assert drawn == {"feet": pytest.approx(0.5), "hands": 0.0}
    assert link.picture.outcome == "hit"
    assert link.summary().hits == link.summary().judged == 1


def test_other_lines_of_the_journal_change_nothing_and_broken_ones_are_counted(link, engine):
    frames_until(link, lambda: link.picture.state == "imagery", lambda: link.command("start"))
    lines = (Status("info", "hello"), Journal("onset", 1.0), "{no line at all}")

    def say() -> None:
        for line in lines:
            said(engine["journal"], line)()

    frames_until(link, lambda: link.n_unread > 0, say)

    assert link.picture.feedback == {}


def test_a_late_decision_is_a_timeout(link, engine):
    frames_until(link, lambda: link.picture.state == "imagery", lambda: link.command("start"))
    late = DecisionLine(value="feet", trial=1, late=True)

    frames_until(link, lambda: bool(link.picture.outcome), said(engine["decisions"], late))

    assert link.picture.outcome == "timeout"
