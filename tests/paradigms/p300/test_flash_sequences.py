"""Missing flashes are noticed by the pace of the others, and codes by what they count from."""

import tomllib

import numpy as np
import pytest

from bci_online.config import LayoutSpec, config_of
from bci_online.markers import Flash
from bci_online.paradigms.p300.flash_sequences import (
    FlashSequence,
    missing_flashes,
    shifted_codes,
)

LAYOUT = LayoutSpec().symbols_of_code
CODES = np.arange(1, 13)


def letters(
    lost: float = 0.0,
    *,
    pause: float = 0.0,
    spread: float = 0.0,
    shift: int = 0,
    coded: bool = True,
) -> list[FlashSequence]:
    """Return three letters of 15 repetitions, with a share of flashes lost."""
    rng, found = np.random.default_rng(0), []
    for n, letter in enumerate("BCI"):
        found.append(FlashSequence(LAYOUT, letter))
        time = 60.0 * n
        for _ in range(15):
            for code in rng.permutation(CODES).tolist():
                time += 0.2 + rng.uniform(0.0, spread)
                if rng.random() >= lost:
                    found[-1].add(Flash(code + shift if coded else 0), time)
            time += pause
    return found


@pytest.mark.parametrize("coded", [True, False])
@pytest.mark.parametrize("spread", [0.0, 0.06])
@pytest.mark.parametrize("lost", [0.1, 1 / 3])
def test_flashes_that_are_missing_at_random_are_counted(lost, spread, coded):
    found = missing_flashes(letters(lost, spread=spread, coded=coded))

    n_missing, n_all = (int(word) for word in found.what.split() if word.isdigit())
    assert abs(n_missing - lost * 540) < 0.15 * lost * 540
    assert abs(n_all - 540) < 0.05 * 540


@pytest.mark.parametrize(
    "kinds", [{}, {"pause": 0.2}, {"spread": 0.3}, {"lost": 0.02}, {"coded": False, "pause": 0.2}]
)
def test_whole_letters_with_pauses_or_irregular_flashes_lack_none(kinds):
    assert missing_flashes(letters(**kinds)) is None


@pytest.mark.parametrize("shift", [-1, 1, 100])
def test_codes_that_are_counted_from_elsewhere_are_named_with_a_layout_that_has_them(shift):
    found = shifted_codes(letters(shift=shift))

    count = f"{abs(shift)} is {'added to' if shift < 0 else 'subtracted from'} each code"
    assert found.value.endswith(count)
    layout = config_of(tomllib.loads(found.line), "the test").layout.symbols_of_code
    assert layout == {code + shift: symbols for code, symbols in LAYOUT.items()}


def test_other_codes_and_codes_whose_labels_disagree_are_not_called_shifted():
    assert shifted_codes(letters()) is None
    without_one = [FlashSequence(LAYOUT, "A"), *letters(shift=1)]
    without_one[1].add(Flash(50), 900.0)
    assert shifted_codes(without_one) is None
    labelled = letters(shift=1)
    for one in labelled:
        one.flashes = [Flash(flash.code, target=flash.code == 5) for flash in one.flashes]
    assert shifted_codes(labelled) is None
