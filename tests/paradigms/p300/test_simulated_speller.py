import pytest
from hypothesis import given
from hypothesis import strategies as st

from bci_online.config import LayoutSpec
from bci_online.errors import ConfigError
from bci_online.paradigms.p300.simulated_speller import SimulatedSpeller

BACK = "⌫"
SYMBOLS = (*(symbol for row in LayoutSpec().rows for symbol in row), BACK)


def spell(speller: SimulatedSpeller, written: list[str], symbols: tuple[str, ...]) -> list[str]:
    """Choose symbol after symbol until the subject has no wish left."""
    written = list(written)
    for _ in range(100):
        symbol = speller.next(written, symbols)
        if not symbol:
            return written
        if symbol == BACK:
            written.pop()
        else:
            written.append(symbol)
    raise AssertionError(f"no end: {written}")


@given(
    text=st.text("ABCXYZ1_", min_size=1, max_size=8).filter(lambda text: text.strip("_")),
    wrong=st.lists(st.sampled_from(SYMBOLS[:-1]), max_size=5),
)
def test_whatever_went_wrong_the_text_is_written_in_the_end(text, wrong):
    speller = SimulatedSpeller(text, SYMBOLS, BACK)

    written = spell(speller, wrong, SYMBOLS)

    assert speller.is_done(written)
    assert "".join(written).strip("_") == text.strip("_")


def test_the_first_wrong_letter_is_removed_and_nothing_before_it():
    speller = SimulatedSpeller("hat", SYMBOLS, BACK)

    assert speller.next(list("HA"), SYMBOLS) == "T"
    assert speller.next(list("HAX"), SYMBOLS) == BACK


def test_a_suggested_word_comes_before_its_next_letter():
    speller = SimulatedSpeller("the cat", SYMBOLS, BACK)

    assert speller.next(["T"], (*SYMBOLS, "THE", "THEY")) == "THE"


def test_who_has_no_text_has_no_wish():
    nobody = SimulatedSpeller("")

    assert not nobody
    assert nobody.next([], SYMBOLS) == ""


@pytest.mark.parametrize(
    ("text", "backspace", "said"),
    [("né", BACK, "the layout has no symbol é"), ("no", "", "needs presentation.backspace")],
)
def test_a_text_that_cannot_be_written_is_refused(text, backspace, said):
    with pytest.raises(ConfigError, match=said):
        SimulatedSpeller(text, SYMBOLS, backspace)
