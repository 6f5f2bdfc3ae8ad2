from types import SimpleNamespace

import numpy as np
import pytest

from bci_online.config import DecoderHeader, Preprocessing, WindowSpec
from bci_online.messages import Decision, Journal, Marker, Rejected, Retracted, Score
from bci_online.runtime.tally import Summary, Tally

HEADER = DecoderHeader(
    method="csp-lda",
    kind="spatial",
    paradigm="motor_imagery",
    classes=("feet", "hands"),
    preprocessing=Preprocessing(ch_names=("C3",), sfreq=128.0, window=WindowSpec()),
)


def decision(value, truth, trial=1, elapsed=3.0, windows=5) -> Decision:
    evidence = {"feet": 0.5, "hands": 0.5}
    return Decision(
        value, trial, 0.9, 10.0, truth, flashes=windows, evidence=evidence, elapsed=elapsed
    )


def summed(messages, trials=frozenset(), duration_s=60.0) -> Summary:
    tally = Tally(HEADER, (), trials)
    for message in messages:
        tally.take(message)
    untranslated = SimpleNamespace(most_common=list)
    translator = SimpleNamespace(untranslated=untranslated)
    chain = SimpleNamespace(n_not_finite=0, bad_seconds={}, translator=translator, unknown_codes=0)
    return tally.summary(chain, duration_s, 0.0, 0.0)


def test_a_timeout_is_presented_not_decided_and_wrong():
    summary = summed(
        [decision("feet", "feet"), decision(None, "hands"), decision("hands", "hands", elapsed=4.0)]
    )

    assert (summary.presented, summary.decisions, summary.no_decision) == (3, 2, 1)
    assert (summary.known, summary.correct) == (3, 2)
    assert summary.accuracy == pytest.approx(2 / 3)
    assert summary.accuracy_ci[0] < 2 / 3 < summary.accuracy_ci[1]
    assert summary.confusion == {
        "feet": {"feet": 1, "hands": 0, "timeout": 0},
        "hands": {"feet": 0, "hands": 1, "timeout": 1},
    }
    assert summary.time_to_decision_s == pytest.approx(3.5)
    assert summary.false_activations is None


def test_a_decision_behind_a_cue_for_rest_is_a_false_activation_and_no_trial():
    rest = [decision("feet", "rest", windows=200), decision(None, "rest", windows=400)]

    summary = summed([decision("feet", "feet"), *rest])

    assert summary.presented == 1
    assert summary.false_activations == 1
    # A window every 0.1 s; before the first is complete nothing can be decided.
    assert summary.false_activations_per_min == pytest.approx(1.0)
    low, high = summary.false_activations_ci
    assert low < 1.0 < high


def test_trials_of_unknown_class_are_presented_and_judge_nothing():
    summary = summed([decision("feet", ""), decision("feet", "feet")])

    assert (summary.presented, summary.known, summary.correct) == (2, 1, 1)


def test_windows_are_counted_and_distinguished_by_their_log_odds():
    feet, hands = Marker("cue/feet", 1.0), Marker("cue/hands", 9.0)
    scores = [
        Score(feet, 1.5, np.array([1.0, 0.0]), 100),
        Score(feet, 1.6, np.array([0.2, 0.0]), 113),
        Score(hands, 9.5, np.array([0.0, 2.0]), 200),
        Score(hands, 9.6, np.array([0.5, 0.0]), 213),
    ]

    summary = summed([*scores, Rejected(hands, "gap", 9.7)])
    without = summed([*scores, Retracted(hands, 213)])

    assert summary.epochs == 4
    assert summary.rejected == {"gap": 1}
    assert summary.auc == pytest.approx(3 / 4)
    assert without.retracted == 1
    assert without.auc == pytest.approx(1.0)


def test_windows_are_distinguished_by_their_classes_where_the_decoder_knows_idle():
    feet, hands = Marker("cue/feet", 1.0), Marker("cue/hands", 9.0)
    scores = [
        Score(feet, 1.5, np.array([1.0, 0.0, 9.0]), 100),
        Score(hands, 9.5, np.array([0.0, 2.0, -9.0]), 200),
    ]

    assert summed(scores).auc == pytest.approx(1.0)


def test_only_the_chosen_trials_count():
    messages = []
    for trial, value in enumerate(("feet", "hands", None), start=1):
        messages += [Journal("trial", 10.0 * trial, text="feet"), decision(value, "feet", trial)]

    summary = summed(messages, trials=frozenset({1, 3}))

    assert (summary.presented, summary.correct, summary.no_decision) == (2, 1, 1)
    assert summary.counted_s == pytest.approx(20.0)


def test_information_counts_timeouts_as_wrong_and_pauses_as_time():
    right = [decision("feet", "feet")] * 10

    assert summed(right).itr_bits_per_min == pytest.approx(10.0)
    assert summed(right, duration_s=120.0).itr_bits_per_min == pytest.approx(5.0)
    assert summed(right[:5] + [decision(None, "feet")] * 5).itr_bits_per_min == 0.0
