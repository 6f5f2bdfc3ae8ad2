"""The threshold keeps the stated error rate, and promises it only with enough letters."""

import numpy as np
import pytest

from bci_online.config import Evidence
from calibration.stopping import THRESHOLDS, with_threshold


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
