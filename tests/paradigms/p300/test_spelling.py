from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.paradigms.p300.spelling import Spelling

FREE = {"backspace": "⌫", "rest": "☾"}
ENTRIES = st.lists(st.sampled_from(["A", "B", "", "⌫", "☾"]), max_size=12)


@settings(max_examples=50)
@given(entries=ENTRIES, words=st.sampled_from([(), ("AB", "BAA"), ("A" * 20,)]))
def test_undo_takes_every_entry_back_in_turn(entries, words):
    spelling = Spelling(words, **FREE)
    before = []
    for trial, symbol in enumerate(entries, start=1):
        if not spelling.is_cued and symbol == "☾":
            continue
        before.append((trial, spelling.spelled))
        spelling.enter(symbol, trial)

    while before:
        trial, spelled = before.pop()
        assert spelling.undo() == trial
        assert spelling.spelled == spelled
    assert spelling.undo() is None


def test_words_are_asked_for_letter_by_letter_and_every_decision_fills_a_place():
    spelling = Spelling(("AB", "C"), **FREE)
    asked = []

    for trial, decision in enumerate(["A", "", "⌫"], start=1):
        asked.append(spelling.symbol)
        assert not spelling.is_done
        spelling.enter(decision, trial)

    assert asked == ["A", "B", "C"]
    assert spelling.is_done
    assert spelling.n_total == 3
    assert spelling.spelled == ("A", "", "⌫")


def test_the_line_is_the_word_of_a_letter_and_what_was_spelled_of_it():
    spelling = Spelling(("AB", "CD"))
    for trial, decision in enumerate("AXC", start=1):
        spelling.enter(decision, trial)

    assert spelling.line(1) == (("A", "B"), ("A", "X"))
    assert spelling.line(3) == (("C", "D"), ("C",))


def test_free_text_grows_by_symbols_shrinks_by_the_backspace_and_rests_without_a_trace():
    spelling = Spelling(**FREE)

    for trial, decision in enumerate(["A", "B", "☾", "⌫", "", "C"], start=1):
        spelling.enter(decision, trial)

    assert spelling.spelled == ("A", "C")
    assert (spelling.symbol, spelling.n_total, spelling.is_done) == ("", 0, False)
    assert spelling.line(2) == ((), ("A", "C"))
    # The rest is no entry: what is undone is what came before and after it.
    assert [spelling.undo() for _ in range(6)] == [6, 5, 4, 2, 1, None]


def test_a_backspace_on_nothing_leaves_nothing():
    spelling = Spelling(**FREE)

    spelling.enter("⌫", 1)

    assert spelling.spelled == ()


def test_a_letter_is_corrected_where_it_stands_and_an_undo_still_takes_it_back():
    spelling = Spelling(**FREE)
    for trial, decision in enumerate("HQX", start=1):
        spelling.enter(decision, trial)
    spelling.enter("⌫", 4)

    assert spelling.correct(2, "I")
    assert spelling.spelled == ("H", "I")
    # What a backspace removed is gone, and a backspace is no letter.
    assert not any(spelling.correct(trial, "A") for trial in (3, 4, 5))
    assert not any(spelling.correct(2, key) for key in FREE.values())
    spelling.enter("Y", 5)
    assert not spelling.correct(3, "A")
    assert spelling.spelled == ("H", "I", "Y")
    assert [spelling.undo() for _ in range(4)] == [5, 4, 3, 2]
    assert spelling.spelled == ("H",)
