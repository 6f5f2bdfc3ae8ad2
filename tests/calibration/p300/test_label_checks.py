"""Labels that cannot be true are named, with what is wrong about them."""

import numpy as np
import pytest
from msgspec.structs import replace

from bci_online.config import LayoutSpec, Preprocessing
from calibration.p300.epochs import EpochSet, Letter
from calibration.p300.label_checks import misread_codes, mixed_labels

LAYOUT = LayoutSpec().symbols_of_code
TURNED = LayoutSpec(numbering="rows-first").symbols_of_code


def epochs(response: float = 1.0, layout=LAYOUT, word: str = "BCI") -> EpochSet:
    """Return flashes of some letters with their true codes and labels."""
    rng = np.random.default_rng(0)
    codes = np.concatenate([rng.permutation(12) + 1 for _ in range(10 * len(word))])
    letter = np.arange(codes.size) // 120
    y = np.array([word[n] in LAYOUT[code] for n, code in zip(letter, codes, strict=True)])
    X = rng.normal(size=(codes.size, 2, 5)) + response * y[:, None, None]
    return EpochSet(
        X=X, y=y, letter=letter, run=np.zeros(codes.size, int), code=codes,
        time=np.arange(codes.size, dtype=float), peak_to_peak=np.ones((codes.size, 2)),
        letters=tuple(Letter(0, one, layout) for one in word), rejected={},
        preprocessing=Preprocessing(ch_names=("Cz", "Pz"), sfreq=250.0),
    )  # fmt: skip


def derived(true: EpochSet, codes: np.ndarray) -> EpochSet:
    """Return the labels that follow from the codes that were recorded."""
    y = np.array(
        [
            true.letters[n].truth in true.letters[n].symbols_of_code.get(code, ())
            for n, code in zip(true.letter.tolist(), codes.tolist(), strict=True)
        ]
    )
    return replace(true, code=codes, y=y, n_derived=y.size)


def test_true_labels_are_not_doubted():
    true = epochs()
    assert mixed_labels(true) is None
    assert misread_codes(derived(true, true.code)) is None
    assert misread_codes(replace(epochs(response=0.0), n_derived=1)) is None


def test_codes_decide_nothing_where_markers_state_the_labels():
    stated = replace(epochs(), code=epochs().code - 1)
    assert misread_codes(stated) is None
    assert misread_codes(replace(stated, y=np.roll(stated.y, 1))) is None


def test_labels_that_lie_one_flash_beside_their_codes_are_named():
    true = epochs()
    found = mixed_labels(replace(true, y=np.roll(true.y, 1)))
    assert "the same code is a target at some flashes and not at others" in found.value


@pytest.mark.parametrize(
    ("shift", "words"), [(-1, "1 is added to each code"), (1, "1 is subtracted from each code")]
)
def test_codes_that_are_counted_from_another_number_are_named(shift, words):
    true = epochs()
    found = misread_codes(derived(true, true.code + shift))
    assert words in found.value


def test_a_layout_whose_rows_are_columns_is_named():
    true = epochs(layout=TURNED, word="BCDE")
    found = misread_codes(derived(true, true.code))
    assert "rows and columns are exchanged" in found.value


def test_flashes_without_a_code_contradict_nothing():
    true = epochs()
    bare = replace(true, code=np.zeros_like(true.code), y=np.roll(true.y, 1))
    assert mixed_labels(bare) is None


def test_codes_that_go_round_are_named_though_the_next_row_evokes_a_response_too():
    true = epochs()
    lit = true.letters[0].symbols_of_code
    neighbours = [
        {code % 12 + 1 for code in lit if letter.truth in lit[code]} for letter in true.letters
    ]
    near = [code in neighbours[n] for n, code in zip(true.letter, true.code, strict=True)]
    X = true.X + 0.5 * np.array(near)[:, None, None]
    rolled = derived(replace(true, X=X), true.code % 12 + 1)

    found = misread_codes(rolled)

    assert "1 is subtracted from each code" in found.value
    assert misread_codes(derived(replace(true, X=X), true.code)) is None
