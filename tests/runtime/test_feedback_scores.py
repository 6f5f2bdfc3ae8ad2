"""What the chain of error potentials says beside that of the letters."""

from types import SimpleNamespace

from bci_online.messages import Journal, Reading, Status
from bci_online.runtime.feedback_scores import FeedbackScores, KeptOutcomes


def test_only_onsets_pass_and_that_scores_are_no_numbers():
    onset = Journal("onset", 5.0, 1280, "feedback/hit")
    alarm = Status("alarm", "the score of correct is no number", 5.0, kind="not_finite")
    said = [Journal("offset", 0.0), Status("warning", "Cz", 1.0, kind="bad_channels"), onset, alarm]
    chain = SimpleNamespace(push=lambda reading: said)

    passed = FeedbackScores(chain, KeptOutcomes()).push(Reading())

    text = "error potentials: the score of correct is no number"
    assert passed == [onset, Status("alarm", text, 5.0, kind="not_finite")]
