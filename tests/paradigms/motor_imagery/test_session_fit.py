"""Sessions whose values are not those of calibration, from normal trials without labels."""

import numpy as np
import pytest

from bci_online.config import DecoderHeader, Evidence, Preprocessing, TrialValues, WindowSpec
from bci_online.markers import Cue
from bci_online.messages import Decision, Marker, Score, Status
from bci_online.paradigms.motor_imagery.decision import MotorImagery
from bci_online.paradigms.motor_imagery.session_fit import SessionFit

CLASSES = ("left", "right")
STARTS = 0.5 + 0.1 * np.arange(11)
# Means and spread of one: 86 % of whole trials are right, and twice their mean is their log-odds.
TRIALS = TrialValues(means=((-1.0,), (1.0,)), covariance=((1.0,),), first_window=2.0, n_windows=11)
EVIDENCE = Evidence(temperature=2 / 11, threshold=0.9, error_rate=0.1, trials=TRIALS)


def session(offset: float, n_trials=40, evidence=EVIDENCE, fitted=True, seed=0, asked=(0, 1)):
    """Return the messages of a session whose values are shifted; classes are `asked` in turn."""
    rng = np.random.default_rng(seed)
    fit = SessionFit(evidence, 2, overlap=20.0) if fitted else None
    paradigm = MotorImagery(CLASSES, evidence, STARTS, 2.0, fit=fit)
    messages = []
    for trial in range(n_trials):
        label = asked[trial % len(asked)]
        cue, time = Cue(CLASSES[label]), 10.0 * trial
        messages += paradigm.push(cue, time, None)
        mean = TRIALS.means[label][0] + rng.normal() + offset
        for n, start in enumerate(STARTS):
            score = Score(
                Marker(cue.text(), time),
                time + start,
                np.array([5.0, 5.0 + mean]),
                1000 * trial + n,
            )
            messages += paradigm.push(cue, score.time, score)
    return messages


def wrong_of_decided(messages) -> tuple[int, int]:
    decided = [one for one in messages if isinstance(one, Decision) and one.value is not None]
    return sum(one.value != one.truth for one in decided), len(decided)


@pytest.mark.slow
def test_the_stated_rate_is_nearly_kept_in_sessions_that_are_shifted():
    counts = {
        fitted: np.sum(
            [wrong_of_decided(session(2.0, fitted=fitted, seed=seed)) for seed in range(5)], axis=0
        )
        for fitted in (False, True)
    }

    without, kept = (wrong / decided for wrong, decided in counts.values())
    assert without > 2 * EVIDENCE.error_rate
    assert kept < 1.2 * EVIDENCE.error_rate
    assert counts[True][1] > 50


@pytest.mark.slow
def test_a_session_as_calibration_is_decided_as_without_the_fit():
    found = np.array([wrong_of_decided(session(0.0, seed=seed)) for seed in range(5)])
    plain = np.array([wrong_of_decided(session(0.0, fitted=False, seed=n)) for n in range(5)])

    assert found[:, 1].sum() > 0.8 * plain[:, 1].sum()
    assert found[:, 0].sum() <= plain[:, 0].sum()


@pytest.mark.slow
@pytest.mark.parametrize("label", [0, 1])
def test_who_means_one_class_all_the_time_is_decided_nearly_as_without_the_fit(label):
    found, plain = (
        np.sum(
            [
                wrong_of_decided(session(0.0, 30, fitted=fitted, seed=seed, asked=(label,)))
                for seed in range(8)
            ],
            axis=0,
        )
        for fitted in (True, False)
    )

    assert found[1] > 0.75 * plain[1]
    assert found[0] <= EVIDENCE.error_rate * found[1]


def test_the_alarm_comes_once_and_names_the_class_that_values_lean_to():
    alarms = [one for one in session(2.5) if isinstance(one, Status)]

    (alarm,) = alarms
    assert (alarm.level, alarm.kind) == ("alarm", "misfit")
    assert "values lean towards right" in alarm.text
    assert not [one for one in session(0.0) if isinstance(one, Status)]


def test_what_all_values_have_in_common_changes_nothing():
    fits = [SessionFit(EVIDENCE, 2, overlap=20.0) for _ in range(2)]

    for fit, common in zip(fits, (0.0, 300.0), strict=True):
        fit.observe(np.array([common, common + 20.0]), n_windows=11)

    after = [
        fit.posterior(np.array([c, c + 9.0]), 5) for fit, c in zip(fits, (0.0, 7.0), strict=True)
    ]
    np.testing.assert_allclose(*after)


def test_a_later_run_goes_on_from_an_earlier_one():
    first, second = (SessionFit(EVIDENCE, 2, overlap=20.0) for _ in range(2))
    assert first.carried == ""
    first.observe(np.array([0.0, 30.0]), n_windows=11)

    assert second.carry(first.carried)

    total = np.array([0.0, 9.0])
    np.testing.assert_array_equal(first.posterior(total, 11), second.posterior(total, 11))
    assert second.carried == first.carried


@pytest.mark.parametrize("text", ["", "20 AAAA", "AAAA", "=", "A" * 6400])
def test_what_no_run_has_left_is_not_taken(text):
    assert not SessionFit(EVIDENCE, 2, overlap=20.0).carry(text)


def test_a_decoder_that_says_nothing_of_trials_has_no_fit():
    own = Preprocessing(ch_names=("C3", "C4"), sfreq=128.0, window=WindowSpec())
    header = DecoderHeader(
        method="csp-lda", paradigm="motor_imagery", classes=CLASSES, preprocessing=own
    )

    assert SessionFit.of(header) is None


@pytest.mark.parametrize(
    ("means", "covariance"),
    [
        (((-1.0,), (1.0,)), ((0.0,),)),
        (((-1.0,), (1.0,)), ((-1.0,),)),
        (((-1.0, 0.0), (1.0,)), ((1.0,),)),
        (((-1.0,),), ((1.0,),)),
        (((0.0, 0.0),) * 3, ((1.0, 2.0), (2.0, 1.0))),
    ],
)
def test_a_file_with_what_is_no_covariance_is_refused(means, covariance):
    with pytest.raises(ValueError, match="must"):
        TrialValues(means=means, covariance=covariance)
