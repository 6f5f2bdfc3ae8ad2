"""The threshold keeps the stated error rate, and promises it only with enough letters."""

import numpy as np
import pytest

from bci_online.config import Evidence
from bci_online.metrics import proportion_interval
from calibration.stopping import THRESHOLDS, Rest, with_threshold


def counts(n_units: int, wrong_up_to: int) -> np.ndarray:
    """Return units that are decided everywhere; half of them wrong at the lowest thresholds."""
    found = np.zeros((n_units, 2, THRESHOLDS.size), dtype=np.int64)
    found[:, 1] = 1
    found[::2, 0, :wrong_up_to] = 1
    return found


def test_the_lowest_threshold_without_too_many_errors_is_taken() -> None:
    found = with_threshold(Evidence(), counts(40, 7), 0.05)

    assert found.threshold == pytest.approx(THRESHOLDS[7])
    assert found.promised
    assert found.error_rate == 0.05


@pytest.mark.parametrize(("n_units", "promised"), [(19, False), (20, True)])
def test_twenty_units_are_needed_for_a_promise(n_units, promised) -> None:
    assert with_threshold(Evidence(), counts(n_units, 0), 0.2).promised is promised


def test_with_fewer_than_five_units_nothing_stops_early() -> None:
    assert with_threshold(Evidence(), counts(4, 0), 0.05).threshold == THRESHOLDS[-1]


def test_a_rate_that_no_threshold_keeps_is_not_promised() -> None:
    found = with_threshold(Evidence(), counts(40, THRESHOLDS.size), 0.05)

    assert found.threshold == THRESHOLDS[-1]
    assert not found.promised


def test_where_no_unit_is_wrong_the_interval_is_that_of_their_number() -> None:
    low, middle, high = with_threshold(Evidence(), counts(30, 0), 0.05).expected_error

    assert low == middle == 0.0
    assert 0.05 < high < 0.2


def test_what_is_hardly_ever_decided_is_not_promised() -> None:
    found = counts(40, 7)
    found[3:, 1, 7:] = 0
    never = counts(40, 7)
    never[:, 1, 7:] = 0

    few, none = (with_threshold(Evidence(), x, 0.05) for x in (found, never))

    assert not few.promised
    assert few.expected_error[2] == pytest.approx(proportion_interval(0, 3)[1])
    assert not none.promised
    assert none.expected_error[2] == 1.0


def test_classifiers_that_differ_promise_less_than_those_that_err_alike() -> None:
    groups = np.arange(100) // 20
    alike, differing = counts(100, 0), counts(100, 0)
    alike[::10, 0, :] = 1
    differing[:10, 0, :] = 1

    found, wide = (with_threshold(Evidence(), x, 0.11, groups=groups) for x in (alike, differing))
    blind = with_threshold(Evidence(), differing, 0.11)

    assert found.promised
    assert blind.promised
    assert not wide.promised
    assert wide.expected_error[2] > found.expected_error[2]


def rest(false_up_to: int, minutes: float = 10.0, most_per_min: float = 0.5) -> Rest:
    """Return rest in which 6 decisions are made at the lowest thresholds, and none above."""
    n_false = np.where(np.arange(THRESHOLDS.size) < false_up_to, 6, 0)
    return Rest(n_false, np.full(THRESHOLDS.size, minutes), most_per_min)


def test_the_threshold_keeps_both_the_error_rate_and_the_rate_at_rest() -> None:
    at_rest = with_threshold(Evidence(), counts(40, 7), 0.05, rest(12))
    at_cues = with_threshold(Evidence(), counts(40, 7), 0.05, rest(3))

    assert at_rest.threshold == pytest.approx(THRESHOLDS[12])
    assert at_cues.threshold == pytest.approx(THRESHOLDS[7])
    assert at_rest.expected_false[:2] == (0.0, 0.0)
    # No decision in ten minutes: up to 0.37 per minute.
    assert at_rest.expected_false[2] == pytest.approx(0.369, abs=1e-3)


def test_as_many_decisions_at_rest_as_are_stated_are_allowed() -> None:
    found = with_threshold(Evidence(), counts(40, 0), 0.05, rest(12, most_per_min=0.6))

    assert found.threshold == THRESHOLDS[0]
    assert found.expected_false[1] == pytest.approx(0.6)


def test_a_rate_at_rest_that_no_threshold_keeps_takes_the_highest_and_says_what_it_does() -> None:
    found = with_threshold(Evidence(), counts(40, 0), 0.05, rest(THRESHOLDS.size))

    assert found.threshold == THRESHOLDS[-1]
    assert found.expected_false[1] == pytest.approx(0.6)
