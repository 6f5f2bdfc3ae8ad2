import numpy as np
import pytest

from bci_online.config import Evidence
from bci_online.markers import Cue, Feedback, SessionEnded, TrialEnd, TrialStart
from bci_online.messages import Decision, Marker, Rejected, Retracted, Score
from bci_online.paradigms.motor_imagery.decision import MotorImagery

CLASSES = ("feet", "left_hand", "right_hand")
STARTS = 0.5 + 0.1 * np.arange(11)
CUE = Cue("left_hand")
MARKER = Marker(CUE.text(), 10.0)


def imagery(threshold=0.95, dynamic=True, classes=CLASSES, **keys) -> MotorImagery:
    evidence = Evidence(threshold=threshold, **keys)
    return MotorImagery(classes, evidence, STARTS, 2.0, dynamic)


def score(k: int, values, cue_time: float = 10.0) -> Score:
    return Score(MARKER, cue_time + STARTS[k], np.array(values, dtype=float), 1000 + k)


def windows(paradigm, values, cue: Cue = CUE, time: float = 10.0) -> list[Decision]:
    """Show a cue and its windows; None is a rejected one."""
    messages = paradigm.push(cue, time, None)
    for k, value in enumerate(values):
        outcome = score(k, value, time)
        if value is None:
            outcome = Rejected(MARKER, "artefact", time + STARTS[k])
        messages += paradigm.push(cue, outcome.time, outcome)
    return messages


FOR_LEFT = [0.0, 1.0, 0.0]


def test_evidence_adds_up_until_a_class_reaches_the_threshold():
    (decision,) = windows(imagery(temperature=0.5, scale=2.0), [FOR_LEFT] * 11)

    assert decision.value == "left_hand"
    # softmax(k, 0, 0) with k windows reaches 0.95 at e^k > 38.
    assert decision.flashes == 4
    assert decision.confidence == pytest.approx(np.exp(4) / (np.exp(4) + 2))
    assert decision.elapsed == pytest.approx(STARTS[3] + 2.0)
    assert decision.time == pytest.approx(10 + STARTS[3] + 2.0)
    assert (decision.trial, decision.truth) == (1, "left_hand")


def test_a_decision_is_made_once():
    assert len(windows(imagery(), [[0.0, 9.0, 0.0]] * 11)) == 1


def test_the_last_window_without_enough_evidence_is_a_timeout():
    (decision,) = windows(imagery(), [[0.0, 0.01, 0.0]] * 11)

    assert decision.value is None
    assert decision.flashes == 11
    assert decision.elapsed == pytest.approx(STARTS[-1] + 2.0)
    assert sum(decision.evidence.values()) == pytest.approx(1.0)


def test_without_dynamic_stopping_the_last_window_decides_whatever_the_evidence():
    (decision,) = windows(imagery(dynamic=False), [[0.0, 0.01, 0.0]] * 11)

    assert decision.value == "left_hand"


@pytest.mark.parametrize("end", [TrialEnd(), TrialStart(), SessionEnded("done"), Cue("feet")])
def test_what_ends_a_trial_early_ends_its_evidence(end):
    paradigm = imagery()
    assert not windows(paradigm, [FOR_LEFT] * 2)

    (decision,) = paradigm.push(end, 13.0, None)

    assert decision.value is None
    assert decision.flashes == 2
    assert not windows(imagery(), [])


def test_the_recordings_end_closes_the_trial():
    paradigm = imagery()
    windows(paradigm, [FOR_LEFT])

    (decision,) = paradigm.finish()

    assert decision.value is None
    assert not paradigm.finish()


def test_evidence_starts_again_with_each_cue():
    paradigm = imagery()
    windows(paradigm, [[0.0, 3.0, 0.0]])

    (first, second) = windows(paradigm, [[0.0, 0.0, 0.1]] * 11, time=30.0)

    assert first.trial == 1
    assert second.trial == 2
    assert max(second.evidence, key=second.evidence.get) == "right_hand"


def test_feedback_markers_change_nothing():
    plain, shown = imagery(), imagery()
    expected = windows(plain, [FOR_LEFT] * 11)

    found = shown.push(CUE, 10.0, None)
    for k in range(11):
        found += shown.push(Feedback("start"), 11.0, None)
        found += shown.push(CUE, 10.0, score(k, FOR_LEFT))
        found += shown.push(Feedback("hit"), 11.0, None)

    assert found == expected


def test_a_rejected_window_speaks_for_nothing_and_counts_towards_the_timeout():
    (decision,) = windows(imagery(threshold=0.999), [FOR_LEFT, *[None] * 9, FOR_LEFT])

    assert decision.value is None
    assert decision.confidence == pytest.approx(np.exp(2) / (np.exp(2) + 2))


@pytest.mark.parametrize("dynamic", [True, False])
def test_without_any_evidence_nothing_is_decided(dynamic):
    said, decision = windows(imagery(threshold=0.5, dynamic=dynamic), [None] * 11)

    assert said.level == "warning"
    assert "all of its windows were rejected" in said.text
    assert decision.value is None
    assert decision.confidence == pytest.approx(1 / 3)


def test_the_number_of_the_trial_is_the_one_its_start_names():
    paradigm = imagery()
    paradigm.push(TrialStart(7), 5.0, None)

    (decision,) = windows(paradigm, [[0.0, 9.0, 0.0]])

    assert decision.trial == 7


def test_no_label_changes_a_decision():
    labels = ("left_hand", "right_hand", "rest", "unknown", "nobody")
    found = [windows(imagery(), [FOR_LEFT] * 11, Cue(label)) for label in labels]

    assert {(d.value, d.confidence, d.time) for (d,) in found} == {
        ("left_hand", found[0][0].confidence, found[0][0].time)
    }
    assert [d.truth for (d,) in found] == ["left_hand", "right_hand", "rest", "", ""]


def test_a_retracted_window_is_taken_back_or_its_decision_is_suspect():
    paradigm = imagery()
    windows(paradigm, [[0.0, 2.0, 0.0]])

    retracted = paradigm.retract(Retracted(MARKER, 1000))

    assert retracted.suspect_trial is None
    assert paradigm.trial_evidence().posterior["left_hand"] == pytest.approx(1 / 3)
    windows(paradigm, [[0.0, 9.0, 0.0]], time=30.0)
    assert paradigm.retract(Retracted(MARKER, 1000)).suspect_trial == 2


def test_how_it_stands_is_there_while_a_trial_is_open():
    paradigm = imagery(classes=("left_hand", "right_hand"))
    assert paradigm.trial_evidence() is None

    windows(paradigm, [[0.0, 1.0]] * 2)

    standing = paradigm.trial_evidence()
    assert (standing.trial, standing.flashes) == (1, 2)
    assert standing.posterior["right_hand"] == pytest.approx(1 / (1 + np.exp(-2)))
    paradigm.push(TrialEnd(), 13.0, None)
    assert paradigm.trial_evidence() is None


def test_outside_a_trial_nothing_is_put_out():
    paradigm = imagery()

    for event in (TrialStart(), Feedback("start"), TrialEnd(), TrialEnd()):
        assert not paradigm.push(event, 10.0, None)
    assert not paradigm.finish()


FOR_LEFT_OR_IDLE = [0.0, 1.0, 0.0, 1.0]


def test_idle_takes_its_share_and_a_class_must_win_over_it_too():
    (undecided,) = windows(imagery(threshold=0.6, idle=0.5), [FOR_LEFT_OR_IDLE] * 11)
    (decided,) = windows(imagery(threshold=0.6, idle=0.5), [[*FOR_LEFT, 0.0]] * 11)

    assert undecided.value is None
    # At the end left and idle are equally likely but for their priors, 1/6 and 1/2.
    assert undecided.confidence == pytest.approx(0.25, abs=1e-3)
    assert sum(undecided.evidence.values()) == pytest.approx(0.25, abs=1e-3)
    # e^k / 6 of e^k / 6 + 1/3 + 1/2 with k windows is 0.6 at e^k = 7.5.
    assert (decided.value, decided.flashes) == ("left_hand", 3)


def test_idle_itself_is_never_decided():
    idle = [0.0, 0.0, 0.0, 3.0]

    (stopped,) = windows(imagery(threshold=0.5, idle=0.5), [idle] * 11)

    assert stopped.value is None
    assert stopped.confidence < 1e-9
    assert stopped.evidence.keys() == set(CLASSES)


def test_before_any_evidence_the_classes_share_what_idle_leaves():
    paradigm = imagery(idle=0.4)
    paradigm.push(CUE, 10.0, None)

    standing = paradigm.trial_evidence()

    assert standing.posterior == pytest.approx(dict.fromkeys(CLASSES, 0.2))
    assert standing.idle == 0.4


def test_a_value_that_idle_never_has_leaves_the_posterior_of_the_classes():
    (plain,) = windows(imagery(threshold=0.999), [FOR_LEFT] * 5 + [None] * 6)
    (known,) = windows(imagery(threshold=0.999, idle=0.5), [[*FOR_LEFT, -99.0]] * 5 + [None] * 6)

    assert known.evidence == pytest.approx(plain.evidence)
