"""The mean response to all flashes shows the time of the markers, up to whole intervals."""

import numpy as np
import pytest

from bci_online.config import Evidence, LayoutSpec
from bci_online.paradigms.p300.alignment import LAGS, Alignment, Inversion, Misalignment
from bci_online.paradigms.p300.flash_pace import FlashPace, FlashPattern

INTERVAL_S = 0.16
RNG = np.random.default_rng(0)
CENTER = RNG.normal(size=(4, 16))


def likeness(shift: float, height: float = 0.9) -> np.ndarray:
    return height * np.cos(2 * np.pi * (LAGS - shift) / INTERVAL_S)


def shifts(*letters: np.ndarray) -> list[float | None]:
    pace = FlashPace()
    return [pace.observe(LAGS, letter, INTERVAL_S) for letter in letters]


def test_the_same_epoch_is_alike_however_large_and_whatever_its_offset():
    pattern = FlashPattern(CENTER, np.zeros((4, 4)), np.ones(4))

    assert pattern.likeness(CENTER) == pytest.approx(1)
    assert pattern.likeness(3 * CENTER + 20) == pytest.approx(1)
    assert pattern.likeness(-CENTER) == pytest.approx(-1)


def test_noise_is_hardly_alike_and_a_silent_calibration_is_like_nothing():
    noise = np.random.default_rng(1).normal(size=(200, 4, 16))

    assert np.abs(FlashPattern(CENTER, np.zeros((4, 4)), np.ones(4)).likeness(noise)).max() < 0.6
    silent = FlashPattern(np.zeros((4, 16)), np.zeros((4, 4)), np.zeros(4)).likeness(noise)
    assert not silent.any()


@pytest.mark.parametrize("shift", [-0.065, -0.06, 0.055, 0.065])
def test_a_shift_is_known_after_two_letters(shift):
    first, second = shifts(likeness(shift), likeness(shift))

    assert first is None
    assert second == pytest.approx(shift, abs=0.005)


def test_a_shift_of_half_an_interval_is_the_same_on_either_side():
    half = INTERVAL_S / 2

    _, shift = shifts(likeness(half - 0.01), likeness(0.01 - half))

    assert abs(shift) == pytest.approx(half, abs=0.011)


def test_small_shifts_letters_that_do_not_agree_and_weak_responses_are_not_named():
    assert shifts(likeness(0.03), likeness(0.03)) == [None, None]
    assert shifts(likeness(0.07), likeness(0.0), likeness(0.07)) == [None] * 3
    assert shifts(likeness(0.07, 0.4), likeness(0.07, 0.4)) == [None, None]


def test_flashes_that_all_have_one_time_have_no_pace():
    pace = FlashPace()

    assert [pace.observe(LAGS, likeness(0.0), 0.0) for _ in range(3)] == [None] * 3
    assert pace.newest is None


def named(lag: float, slope: float, sign: int = 1) -> list[Misalignment | Inversion]:
    """Return what is named in four letters whose responses come at `lag`."""
    evidence = Evidence(
        target_mean=1.6, nontarget_mean=0.0, code_spread=0.1, letter_spread=0.2,
        difference_error=0.1,
    )  # fmt: skip
    lines = list(LayoutSpec().symbols_of_code.values()) * 10
    is_target = np.array(["H" in line for line in lines], dtype=float)
    response = slope * np.outer(is_target, np.exp(-0.5 * ((LAGS - lag) / 0.03) ** 2))
    rng, alignment = np.random.default_rng(0), Alignment(evidence)
    found = []
    for number in range(1, 5):
        scores = response + rng.standard_normal((len(lines), LAGS.size))
        alike = sign * likeness(lag)
        found.append(alignment.observe(number, lines, sign * scores, alike, INTERVAL_S))
    return [each for each in found if each is not None]


@pytest.mark.parametrize("lag", [-0.42, -0.1, -0.06, 0.06, 0.1, 0.42])
def test_targets_tell_by_how_many_intervals(lag):
    (found,) = named(lag, slope=1.6)

    assert found.lag == pytest.approx(lag, abs=0.021)
    assert found.interval == 0


def test_where_nobody_looks_the_number_of_intervals_stays_open():
    (found,) = named(0.06, slope=0.0)

    assert found.lag == pytest.approx(0.06, abs=0.021)
    assert "60 ms later than in calibration, give or take whole flash intervals of 160 ms:" in (
        found.alarm(0.0).text
    )


def test_inverted_responses_do_not_look_as_if_they_came_half_an_interval_late():
    assert named(0.0, slope=1.6, sign=-1) == [Inversion(letter=1)]
