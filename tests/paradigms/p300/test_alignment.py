"""Responses that come at another time are named, with the shift and the letter."""

import numpy as np
import pytest

from bci_online.config import Evidence, LayoutSpec
from bci_online.paradigms.p300.alignment import LAGS, Alignment, Inversion, Misalignment

LINES = list(LayoutSpec().symbols_of_code.values()) * 10
EXPECTED = Evidence(
    target_mean=1.5, nontarget_mean=0.0, code_spread=0.1, letter_spread=0.2, difference_error=0.1
)


def scores(rng, lag: float) -> np.ndarray:
    """Return the scores of a letter whose response comes at `lag`, and is 50 ms wide."""
    is_target = np.array(["H" in line for line in LINES], dtype=float)
    width = np.exp(-0.5 * ((LAGS - lag) / 0.03) ** 2)
    return rng.standard_normal((len(LINES), LAGS.size)) + 1.5 * np.outer(is_target, width)


def test_responses_in_time_raise_no_alarm():
    for seed in range(20):
        rng, alignment = np.random.default_rng(seed), Alignment(EXPECTED)

        found = [alignment.observe(number, LINES, scores(rng, 0.0)) for number in range(10)]

        assert found == [None] * 10


@pytest.mark.parametrize("lag", [-0.4, -0.1, 0.1, 0.4])
def test_a_shift_is_named_within_three_letters(lag):
    for seed in range(5):
        rng, alignment = np.random.default_rng(seed), Alignment(EXPECTED)

        found = [alignment.observe(number, LINES, scores(rng, lag)) for number in (1, 2, 3)]

        named = [each.lag for each in found if each is not None]
        assert len(named) == 1
        assert named[0] == pytest.approx(lag, abs=0.021)


@pytest.mark.parametrize("lag", [-0.36, 0.2])
def test_a_single_letter_says_nothing_however_clear_it_is(lag):
    for seed in range(10):
        rng, alignment = np.random.default_rng(seed), Alignment(EXPECTED)

        found = [
            alignment.observe(n, LINES, 3 * scores(rng, lag if n == 5 else 0.0)) for n in range(12)
        ]

        assert found == [None] * 12


def test_a_jump_is_named_at_its_letter_and_once():
    rng, alignment = np.random.default_rng(0), Alignment(EXPECTED)

    found = [
        alignment.observe(number, LINES, scores(rng, 0.2 if number >= 5 else 0.0))
        for number in range(1, 10)
    ]

    named = [each for each in found if each is not None]
    assert [each.letter for each in named] == [5]
    assert named[0].lag == pytest.approx(0.2, abs=0.021)


def test_noise_alone_hardly_ever_looks_late():
    rng = np.random.default_rng(0)
    n_alarms = 0
    for _ in range(100):
        alignment = Alignment(EXPECTED)
        for number in (1, 2):
            noise = rng.standard_normal((len(LINES), LAGS.size))
            n_alarms += alignment.observe(number, LINES, noise) is not None

    # Every one of the 61 lags is drawn anew here; in a real signal neighbours are alike.
    assert n_alarms <= 2


def test_the_alarm_says_by_how_much_and_since_when():
    status = Misalignment(lag=-0.12, before=0.0, letter=4).alarm(9.0)

    assert (status.level, status.kind) == ("alarm", "misaligned")
    assert status.text.startswith(
        "since letter 4 responses come 120 ms earlier than in calibration"
    )


@pytest.mark.parametrize("seed", range(5))
def test_responses_of_the_opposite_sign_are_named_once(seed):
    rng, alignment = np.random.default_rng(seed), Alignment(EXPECTED)

    found = [
        alignment.observe(number, LINES, scores(rng, 0.0) * (-1 if number >= 3 else 1))
        for number in range(1, 7)
    ]

    assert [each for each in found if each is not None] == [Inversion(letter=3)]


def test_weak_responses_are_named_by_several_letters_together():
    rng, alignment = np.random.default_rng(0), Alignment(EXPECTED)
    few = slice(0, 24)

    found = [
        alignment.observe(number, LINES[few], scores(rng, 0.3)[few]) for number in range(1, 13)
    ]

    numbers = [number for number, each in enumerate(found, start=1) if each is not None]
    assert len(numbers) == 1
    assert 2 < numbers[0] <= 10


def test_a_noisy_electrode_does_not_look_late():
    n_alarms = 0
    for seed in range(20):
        rng, alignment = np.random.default_rng(seed), Alignment(EXPECTED)
        for number in range(1, 4):
            noisy = scores(rng, 0.0) + 3 * rng.standard_normal((len(LINES), LAGS.size))
            n_alarms += alignment.observe(number, LINES, noisy) is not None

    assert n_alarms == 0
