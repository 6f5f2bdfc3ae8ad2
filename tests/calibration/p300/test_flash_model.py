"""The parts of the variance of scores are found, and letters drawn from them have them."""

import numpy as np
import pytest

from bci_online.config import LayoutSpec
from calibration.p300.flash_model import FlashModel, extended, fit_flash_model, simulated_letters
from calibration.p300.scored_letters import ScoredLetter

MATRIX = LayoutSpec().symbols_of_code
SYMBOLS = tuple(dict.fromkeys(symbol for line in MATRIX.values() for symbol in line))
LIT = np.array([[symbol in MATRIX[code] for symbol in SYMBOLS] for code in MATRIX])
TRUE = FlashModel(
    nontarget_mean=-0.2,
    difference=1.5,
    difference_error=0.0,
    flash=1.0,
    code=0.15,
    letter=0.2,
    flash_dof=1e9,
    code_dof=1e9,
    letter_dof=1e9,
)


def pattern(repetitions: int = 10) -> ScoredLetter:
    """Return a letter whose order of flashes others are drawn with."""
    rng = np.random.default_rng(1)
    rows = np.concatenate([rng.permutation(len(LIT)) for _ in range(repetitions)])
    lit = LIT[rows]
    return ScoredLetter(
        np.zeros(rows.size), lit[:, 0], lit, np.arange(rows.size) // len(LIT), truth=0
    )


def drawn(model: FlashModel, n: int, seed: int) -> list[ScoredLetter]:
    """Return letters of one subject, whose parameters are `model`'s own where it is certain."""
    shown = extended(pattern(), 10)
    scores, truth = simulated_letters(model, shown, n, np.random.default_rng(seed))
    return [
        ScoredLetter(row, shown.lit[:, one], shown.lit, shown.repetition, int(one))
        for row, one in zip(scores, truth, strict=True)
    ]


def test_many_letters_give_back_every_part_of_the_variance():
    found = fit_flash_model(drawn(TRUE, 400, 0))

    assert found.nontarget_mean == pytest.approx(-0.2, abs=0.02)
    assert found.difference == pytest.approx(1.5, abs=0.06)
    assert found.flash == pytest.approx(1.0, rel=0.02)
    assert found.code == pytest.approx(0.15, rel=0.1)
    assert found.letter == pytest.approx(0.2, rel=0.2)


@pytest.mark.slow
def test_the_standard_error_of_the_difference_covers_it():
    covered = 0
    for seed in range(200):
        found = fit_flash_model(drawn(TRUE, 6, seed))
        covered += abs(found.difference - 1.5) < 2 * found.difference_error

    assert 180 <= covered <= 200


def test_three_letters_are_drawn_towards_the_guess_and_never_to_nothing():
    independent = FlashModel(
        nontarget_mean=0.0,
        difference=2.0,
        difference_error=0.0,
        flash=1.0,
        code=1e-9,
        letter=1e-9,
        flash_dof=1e9,
        code_dof=1e9,
        letter_dof=1e9,
    )
    for seed in range(20):
        found = fit_flash_model(drawn(independent, 3, seed))

        assert 0 < found.code < 0.1
        assert 0 < found.letter < (0.25 * 2.3) ** 2


def test_letters_whose_codes_never_flash_twice_have_a_model_too():
    rng = np.random.default_rng(2)
    made = []
    for _ in range(8):
        lit = rng.random((60, 36)) < 0.2
        truth = int(rng.integers(36))
        scores = rng.normal(np.where(lit[:, truth], 1.0, -1.0), 1.0)
        made.append(ScoredLetter(scores, lit[:, truth], lit, np.arange(60) // 6, truth))

    found = fit_flash_model(made)

    assert found.flash == pytest.approx(1.0, rel=0.2)
    assert found.difference == pytest.approx(2.0, abs=0.3)


def test_a_drawn_letter_lights_what_the_recorded_one_lit_again_and_again():
    shown = extended(pattern(3), 7)

    scores, truth = simulated_letters(TRUE, shown, 5, np.random.default_rng(0))

    assert shown.lit.shape == (7 * 12, 36)
    assert scores.shape == (5, 7 * 12)
    assert truth.shape == (5,)
    np.testing.assert_array_equal(shown.lit[:36], shown.lit[36:72])
    np.testing.assert_array_equal(shown.repetition, np.arange(84) // 12)
