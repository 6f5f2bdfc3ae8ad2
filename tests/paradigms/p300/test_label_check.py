"""The labels of flashes find a layout that is not theirs."""

import pytest

from bci_online.config import Evidence, LayoutSpec, Stopping
from bci_online.markers import Flash, TrialEnd, TrialStart
from bci_online.messages import Status
from bci_online.paradigms.p300.decision import P300Speller
from bci_online.paradigms.p300.label_check import KNOWN_ROWS, LetterLabels, fitting_layout


def labelled(word: str, layout: LayoutSpec) -> list[LetterLabels]:
    lines = layout.symbols_of_code
    return [
        LetterLabels(letter, targets={code for code, line in lines.items() if letter in line})
        for letter in word
    ]


@pytest.mark.parametrize("rows", KNOWN_ROWS)
@pytest.mark.parametrize("numbering", ["rows-first", "columns-first"])
def test_the_layout_of_the_labels_is_found(rows, numbering):
    theirs = LayoutSpec(rows=rows, numbering=numbering)
    word = (rows[0][1], rows[-1][0], rows[-1][-1])

    found = fitting_layout(labelled(word, theirs), LayoutSpec(rows=("XY", "ZQ")))

    assert found == theirs


def test_where_no_matrix_fits_none_is_named():
    theirs = LayoutSpec(rows=("HALO", "WERT"))

    assert fitting_layout(labelled("HAT", theirs), LayoutSpec()) is None
    assert fitting_layout([], LayoutSpec()) is None


@pytest.mark.parametrize(("numbering", "n_told"), [("columns-first", 0), ("rows-first", 1)])
def test_a_speller_says_once_that_its_layout_is_not_that_of_the_labels(numbering, n_told):
    ours, theirs = LayoutSpec(), LayoutSpec(numbering=numbering)
    speller = P300Speller(ours.symbols_of_code, Evidence(), Stopping(), window_s=0.75)
    told = []
    for number, letter in enumerate("AB2C", start=1):
        told += speller.push(TrialStart(number, letter), float(number), None)
        for code, line in theirs.symbols_of_code.items():
            told += speller.push(Flash(code, target=letter in line), number + code / 20, None)
        told += speller.push(TrialEnd(number), number + 0.9, None)

    warned = [message for message in told if isinstance(message, Status)]

    assert len([one for one in warned if "layout" in one.text]) == n_told
