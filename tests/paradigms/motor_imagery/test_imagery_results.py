"""The figures of decided trials, and which cue has no right answer."""

import pytest

from bci_online.config import is_unanswerable
from bci_online.messages import Decision
from bci_online.paradigms.motor_imagery.results import imagery_results


def decision(value, truth, elapsed=3.0, windows=5):
    return Decision(value, 1, 0.9, 10.0, truth, flashes=windows, evidence={}, elapsed=elapsed)


def test_figures_of_decided_trials_timeouts_and_rest():
    decided = [decision("feet", "feet", 2.0), decision("feet", "hands", 4.0)]
    others = [decision(None, "hands", 9.0), decision("hands", "")]
    rest = [decision("feet", "rest", windows=100), decision(None, "rest", windows=500)]

    results = imagery_results([*decided, *others], rest, ("feet", "hands"), step=0.1)

    assert results.confusion == {
        "feet": {"feet": 1, "hands": 0, "timeout": 0},
        "hands": {"feet": 1, "hands": 0, "timeout": 1},
    }
    assert (results.n_decided, results.seconds) == (3, pytest.approx(3.0))
    assert (results.n_false, results.rest_min, results.false_per_min) == (1, 1.0, 1.0)
    # One event: the exact interval of a Poisson mean.
    assert results.false_ci == pytest.approx((0.0253, 5.572), abs=1e-3)


def test_rest_decided_at_rest_is_right_where_rest_is_a_class():
    rest = [decision("rest", "rest"), decision("feet", "rest")]

    results = imagery_results([], rest, ("feet", "rest"), step=0.1)

    assert results.n_false == 1


def test_nothing_decided_and_no_rest_have_no_time_and_no_rate():
    results = imagery_results([], [], ("feet", "hands"), step=0.1)

    assert (results.seconds, results.false_per_min, results.n_false) == (None, None, 0)
    assert results.false_ci is None
    assert results.confusion["feet"] == {"feet": 0, "hands": 0, "timeout": 0}


@pytest.mark.parametrize(
    ("label", "classes", "unanswerable"),
    [
        ("rest", ("feet", "hands"), True),
        ("rest", ("feet", "rest"), False),
        ("feet", ("feet", "hands"), False),
        (None, ("feet", "hands"), False),
    ],
)
def test_a_cue_for_rest_has_no_right_answer_unless_rest_is_a_class(label, classes, unanswerable):
    assert is_unanswerable(label, classes) is unanswerable
