import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wordfreq import get_frequency_dict

from bci_online.config import Config, LanguageSpec, LayoutSpec, Presentation, Stopping
from bci_online.errors import ConfigError
from bci_online.markers import Flash, Layout, SessionStarted, TrialEnd, TrialStart
from bci_online.messages import Command, Marker, Score, Status
from bci_online.notes import Undo
from bci_online.paradigms.p300.decision import P300Speller
from bci_online.paradigms.p300.language import FLOOR, Language, language
from bci_online.paradigms.p300.presentation import P300Presentation
from bci_online.paradigms.p300.spelled_text import text_of
from bci_online.paradigms.p300.suggestions import with_suggestions
from bci_online.paradigms.p300.text_prior import TextPrior
from calibration.p300.evidence import densities, fit_evidence
from calibration.p300.scored_letters import ScoredLetter

MATRIX = LayoutSpec().symbols_of_code
SYMBOLS = tuple(dict.fromkeys(s for line in MATRIX.values() for s in line))
KEYBOARD = st.sampled_from([*SYMBOLS, "⌫", "?", "é", "THE", "ß"])


@pytest.fixture(scope="module")
def english() -> Language:
    return language("en")


def entropy(probabilities: dict[str, float]) -> float:
    return -sum(p * math.log2(p) for p in probabilities.values())


# The prior of a letter


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(spelled=st.lists(KEYBOARD, max_size=8), more=st.lists(KEYBOARD, max_size=3))
def test_probabilities_sum_to_one_and_none_is_below_the_floor(spelled, more):
    symbols = tuple(dict.fromkeys((*SYMBOLS, *more)))

    found = language("en").probabilities(symbols, spelled, "⌫")

    assert tuple(found) == symbols
    assert sum(found.values()) == pytest.approx(1.0)
    assert min(found.values()) >= FLOOR / len(symbols) - 1e-12


@given(spelled=st.text("ABCDEFGHIJ", max_size=6))
@settings(deadline=None)
def test_case_does_not_matter(spelled):
    english = language("en")
    upper = english.probabilities(("A", "B", "E"), spelled)
    lower = english.probabilities(("a", "b", "e"), spelled.lower())

    assert list(upper.values()) == list(lower.values())


@pytest.mark.parametrize("prefix", ["", "t", "th", "qu", "wor"])
def test_a_letter_is_as_likely_as_the_words_that_it_leads_to(english, prefix):
    counted = dict.fromkeys("abcdefghijklmnopqrstuvwxyz", 0.0)
    for text, frequency in get_frequency_dict("en", "small").items():
        word = text.replace("'", "")
        if word.isalpha() and word.startswith(prefix) and word[len(prefix) :][:1] in counted:
            counted[word[len(prefix)]] += frequency

    found = english.probabilities(tuple(counted), prefix, in_context=False)

    share = 1 - FLOOR
    expected = [FLOOR / 26 + share * c / sum(counted.values()) for c in counted.values()]
    np.testing.assert_allclose(list(found.values()), expected, rtol=1e-9)


def test_a_longer_prefix_sharpens_what_is_expected(english):
    words = [word for word in english.completions((), 400) if len(word) == 6]

    at = [np.mean([entropy(english.probabilities(SYMBOLS, w[:n])) for w in words])
          for n in range(6)]  # fmt: skip

    assert len(words) > 20
    assert at == sorted(at, reverse=True)


def test_behind_a_whole_word_a_space_is_likely_and_behind_a_space_it_is_not(english):
    behind_word = english.probabilities(SYMBOLS, "WORLD")["_"]
    behind_space = english.probabilities(SYMBOLS, "WORLD_")["_"]

    assert behind_word > 0.5
    assert behind_space == pytest.approx(FLOOR / 36)


def test_after_a_beginning_that_no_word_has_every_letter_is_alike(english):
    found = english.probabilities(SYMBOLS, "ZZQX")

    assert len({round(found[letter], 12) for letter in "ABCXYZ_"}) == 1
    assert found["A"] > found["7"]


def test_icons_alone_are_all_alike(english):
    found = english.probabilities(("☀", "☂", "1"), "ab")

    assert list(found.values()) == pytest.approx([1 / 3] * 3)


def test_taking_back_is_possible_only_where_there_is_something(english):
    symbols = (*SYMBOLS, "⌫")

    nothing = english.probabilities(symbols, "", "⌫")["⌫"]
    something = english.probabilities(symbols, "TH", "⌫")["⌫"]

    assert nothing == pytest.approx(FLOOR / 37)
    assert something > 5 * nothing


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "spelled", "symbols", "likeliest"),
    [
        ("de", "STRA", ("ß", "B", "X"), "ß"),  # Straße
        ("tr", "D", ("I", "İ", "X"), "İ"),  # diye
        ("el", "ΚΑ", ("Ι", "Ψ"), "Ι"),
        ("he", "של", ("ו", "ט"), "ו"),  # shalom, right to left
    ],
)
def test_letters_of_other_alphabets_are_compared_as_their_words_are_written(
    code, spelled, symbols, likeliest
):
    found = language(code).probabilities(symbols, spelled)

    assert max(found, key=lambda symbol: found[symbol]) == likeliest


def test_an_unknown_language_is_refused_with_those_there_are():
    with pytest.raises(ConfigError, match=r"language 'klingon' is not known; one of ar, .*, en, "):
        language("klingon")


# The words before


def test_the_word_before_says_which_word_comes_and_so_which_letter(english):
    found = english.expected("UNITED_")

    assert found.begun("") == pytest.approx(1.0)
    assert found.probability("states") > 20 * english.frequency("states")
    behind, alone = (english.probabilities(SYMBOLS, text)["S"] for text in ("UNITED_", "_"))
    assert behind > 2 * alone
    in_word = english.probabilities(SYMBOLS, "UNITED_", in_context=False)["S"]
    assert in_word == pytest.approx(alone, rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("code", ["en", "de", "fi"])
def test_a_word_that_no_list_has_is_expected_once_it_was_written(code):
    before = language(code).expected("ZQUIBBLE_AND_QUARK_AND_")

    assert language(code).frequency("zquibble") == 0
    assert before.probability("zquibble") > 0
    assert before.begun("") == pytest.approx(1.0)
    text = "ZQUIBBLE_AND_QUARK_AND_ZQ"
    shown = [language(code).completions(text[: len(text) - back], 4) for back in range(3)]
    assert "zquibble" in set().union(*shown)


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(text=st.text("ABZ_ '", max_size=30))
def test_words_of_any_text_have_probabilities_that_sum_to_one(text):
    found = language("en").expected(text)

    assert found.begun("") == pytest.approx(1.0)
    assert found.probabilities.min() >= 0
    assert found.words == sorted(set(found.words))


# Whole words


def test_completions_are_the_words_that_save_most_letters(english):
    found = english.completions("_HE", 5, but={"help"})

    shown = {*english.completions("_", 5), *english.completions("_H", 5), "help"}
    frequencies = get_frequency_dict("en", "small")
    worth = {
        word: frequencies.get(word, 0.0) * (len(word) - 2)
        for word in english.expected("").words
        if word.startswith("he") and word not in shown
    }
    assert sorted(found) == sorted(sorted(worth, key=worth.get, reverse=True)[:5])


def test_a_word_that_was_passed_over_is_not_shown_again_for_this_word(english):
    shown = [english.completions("_CHILDREN"[:end], 4) for end in range(1, 9)]

    assert len(set().union(*shown)) == sum(map(len, shown))
    assert english.completions("AND_", 4) != english.completions("OF_", 4)


@pytest.mark.parametrize(
    ("symbols", "text"),
    [
        (("H", "E", "HELLO"), "HELLO "),
        (("H", "E", "HELLO", "W", "WORLD"), "HELLO WORLD "),
        (("A", "HELLO"), "AHELLO "),
        (("A", "_", "I", "T"), "A IT"),
        (("h", "HELLO"), "HELLO "),
    ],
)
def test_a_word_completes_what_was_begun_and_brings_its_space(symbols, text):
    assert text_of(symbols) == text


def test_suggestions_are_a_last_row_of_words_and_the_other_codes_stay():
    layout = LayoutSpec()

    found = with_suggestions(layout, "en", "GOOD_MOR")

    assert found.rows[:-1] == layout.rows
    assert found.rows[-1][0].startswith("MOR")
    assert len(set(found.rows[-1])) == 6
    assert all(found.symbols_of_code[code] for code in range(1, 14))
    assert {code: found.symbols_of_code[code] for code in range(7, 13)} == {
        code: MATRIX[code] for code in range(7, 13)
    }


def test_a_row_of_suggestions_has_no_holes_where_no_word_is_known():
    assert len(set(with_suggestions(LayoutSpec(), "en", "ZZQX").rows[-1])) == 6


def test_nor_where_the_matrix_itself_is_of_likely_words(english):
    words = english.completions((), 12)
    layout = LayoutSpec(rows=(words[:4], words[4:8], words[8:]))

    assert len({*with_suggestions(layout, "en", ()).rows[-1]} - {*words}) == 4


@pytest.mark.parametrize(("code", "first"), [("en", "HELPING"), ("", ".")])
def test_keys_that_a_matrix_lacks_stand_behind_the_words_or_behind_marks(code, first):
    found = with_suggestions(LayoutSpec(), code, "HEL", ("⌫", "☾"))

    assert found.rows[-1][0] == first
    assert found.rows[-1][-2:] == ("⌫", "☾")
    assert len(set(found.rows[-1])) == 6


def test_without_a_language_and_with_every_key_a_matrix_stays_as_it_is():
    layout = LayoutSpec(rows=("ABC", "DE⌫"))

    assert with_suggestions(layout, "", "D", ("⌫", "")) is layout


def test_keys_for_which_there_is_no_room_are_refused():
    with pytest.raises(ValueError, match="a row of 1 has no room for ⌫ ☾"):
        with_suggestions(LayoutSpec(rows=tuple("ABCDEF")), "", (), ("⌫", "☾"))


def test_the_likeliest_completion_is_likelier_than_a_rare_letter(english):
    symbols = (*SYMBOLS, "HELP")

    found = english.probabilities(symbols, "HEL")

    assert found["HELP"] > found["R"]
    assert english.probabilities(symbols, "WO")["HELP"] == pytest.approx(FLOOR / 37)


# In a session


def test_off_is_uniform():
    prior = TextPrior()
    prior.start({"mode": "free", "language": ""})
    prior.enter("T", 1)

    assert prior.log_prior(SYMBOLS) == {}


def test_a_sessions_start_names_the_language_and_begins_a_text():
    prior = TextPrior()
    prior.start({"language": "en"})
    prior.enter("Q", 1)
    after_q = prior.log_prior(SYMBOLS)
    prior.start({"language": "en"})

    assert max(after_q, key=lambda symbol: after_q[symbol]) == "U"
    assert prior.log_prior(SYMBOLS)["U"] < after_q["U"] - 1


def test_a_recording_from_before_words_had_a_context_goes_by_the_current_word_alone(english):
    found = {}
    for word_prior in (None, "in context"):
        prior = TextPrior()
        own = {} if word_prior is None else {"word_prior": word_prior}
        prior.start({"language": "en", **own})
        for trial, symbol in enumerate("GOOD_"):
            prior.enter(symbol, trial)
        found[word_prior] = prior.log_prior(SYMBOLS)

    for word_prior, in_context in ((None, False), ("in context", True)):
        expected = english.probabilities(SYMBOLS, "GOOD_", in_context=in_context)
        assert found[word_prior] == {one: math.log(p) for one, p in expected.items()}


def test_a_language_that_is_not_there_is_said_and_every_symbol_is_alike():
    prior = TextPrior("en")

    (status,) = prior.start({"language": "xx"})

    assert isinstance(status, Status)
    assert status.level == "warning"
    assert "language 'xx' is not known" in status.text
    assert prior.log_prior(SYMBOLS) == {}


def test_undo_and_backspace_take_back_what_the_prior_goes_by_and_a_rest_is_no_text():
    prior, fresh = TextPrior(), TextPrior()
    for one in (prior, fresh):
        one.start({"language": "en", "backspace": "⌫", "rest": "☾"})
        one.enter("T", 1)
    prior.enter("☾", 4)
    prior.enter("X", 2)
    prior.enter("⌫", 3)
    prior.enter("Y", 5)
    prior.enter("Z", 6)
    prior.undo(6)
    prior.undo(5)
    prior.undo(7)

    assert prior.log_prior(SYMBOLS) == fresh.log_prior(SYMBOLS)


@pytest.mark.parametrize(("mode", "words", "code"), [
    ("free", (), "en"), ("copy", ("AB",), "en"), ("calibration", ("AB",), ""),
])  # fmt: skip
def test_the_screen_says_which_language_it_expects(mode, words, code):
    config = Config(language=LanguageSpec(code="en"))
    screen = P300Presentation(config, mode, words)

    _, (marker, *_) = screen.step(0.0, [Command("start")])

    assert f'"language":"{code}"' in marker.text


def test_a_decision_that_the_screen_did_not_carry_out_is_no_context_of_the_next_letter():
    config = Config(
        language=LanguageSpec(code="en"),
        presentation=Presentation(cue_s=0.0, decision_s=0.1, pause_s=0.1),
        stopping=Stopping(max_repetitions=1, min_repetitions=1),
    )
    screen = P300Presentation(config, "free")
    screen.step(0.0, [Command("start")])

    marks = []
    for frame in range(1, 600):
        marks += screen.step(frame / 60)[1]

    texts = [marker.text for marker in marks]
    assert texts.index("trial/end/1") < texts.index(Undo(1).text()) < texts.index("trial/start/2/")


# In the posterior


class Subject:
    """Answers flashes with normal scores: targets at 1, others at -1, `spread` wide."""

    def __init__(self, seed: int, spread: float) -> None:
        self.rng, self.spread, self.time = np.random.default_rng(seed), spread, 0.0

    def letter(self, mind: P300Speller, trial: int, symbol: str, truth: str | None = None):
        """Push a letter's markers; return what is decided."""
        said = self.push(mind, TrialStart(trial, symbol if truth is None else truth))
        for _ in range(15):
            for code in self.rng.permutation(list(MATRIX)):
                mean = 1.0 if symbol in MATRIX[code] else -1.0
                said += self.push(mind, Flash(int(code)), self.rng.normal(mean, self.spread))
        return said + self.push(mind, TrialEnd(trial))

    def push(self, mind, event, score=None):
        self.time += 0.1
        outcome = None
        if score is not None:
            marker = Marker(event.text(), self.time)
            outcome = Score(marker, self.time, np.array([0.0, score]), onset=0)
        return mind.push(event, self.time, outcome)


def calibrated(spread: float, error_rate: float):
    """Fit evidence and threshold to simulated letters, every symbol alike."""
    rng = np.random.default_rng(5)
    letters = []
    for truth in rng.integers(36, size=40):
        codes = np.concatenate([rng.permutation(list(MATRIX)) for _ in range(15)])
        lit = np.array([[s in MATRIX[code] for s in SYMBOLS] for code in codes])
        scores = rng.normal(np.where(lit[:, truth], 1.0, -1.0), spread)
        letters.append(ScoredLetter(scores, lit[:, truth], lit, np.arange(180) // 12, int(truth)))
    scores = np.concatenate([letter.scores for letter in letters])
    y = np.concatenate([letter.is_target for letter in letters])
    assert densities(scores, y).spread == pytest.approx(spread, rel=0.1)
    return fit_evidence(scores, y, letters, Stopping(error_rate=error_rate))


def indifferent(evidence) -> float:
    """Return the score that speaks for nothing."""
    return (evidence.target_mean + evidence.nontarget_mean) / 2


def english_text(n: int, seed: int) -> str:
    words = language("en").completions((), 3000)
    weights = np.array([language("en").frequency(word) for word in words])
    rng = np.random.default_rng(seed)
    text = "_".join(rng.choice(words, size=n, p=weights / weights.sum()))
    return "".join(letter for letter in text.upper() if letter in SYMBOLS)[:n]


def spelled(code: str, text: str, evidence, spread: float):
    mind = P300Speller(MATRIX, evidence, Stopping(), 0.75, prior=TextPrior(code))
    subject = Subject(1, spread)
    said = [d for n, s in enumerate(text, 1) for d in subject.letter(mind, n, s)]
    wrong = sum(d.value not in {None, d.truth} for d in said)
    return wrong, np.mean([d.flashes for d in said])


@pytest.mark.slow
def test_on_text_of_the_language_the_stated_error_holds_and_letters_come_sooner():
    text, spread = english_text(400, 2), 1.9  # single flashes: AUC about 0.77
    evidence = calibrated(spread, error_rate=0.05)

    wrong_off, flashes_off = spelled("", text, evidence, spread)
    wrong_on, flashes_on = spelled("en", text, evidence, spread)

    # 20 wrong are 5 %; 31 would be beyond 99 % of what chance makes of that.
    assert max(wrong_on, wrong_off) <= 31
    assert flashes_on < 0.93 * flashes_off


@pytest.mark.slow
def test_the_prior_alone_decides_nothing():
    for dynamic in (True, False):
        # With nobody among the hypotheses this letter could not be decided anyway.
        evidence = msgspec.structs.replace(calibrated(1.9, 0.05), nobody=0.0)
        prior = TextPrior("en")
        mind = P300Speller(MATRIX, evidence, Stopping(), 0.75, dynamic, prior)
        subject = Subject(0, 1.0)
        prior.enter("Q", 1)
        subject.push(mind, TrialStart(2, "U"))
        for code in MATRIX:
            subject.push(mind, Flash(code), indifferent(evidence))

        (decision,) = subject.push(mind, TrialEnd(2))

        assert decision.value is None
        assert decision.evidence["U"] > 0.5


def test_what_was_to_be_spelled_has_no_part_in_the_prior():
    evidence = calibrated(1.9, 0.05)
    found = []
    for hidden in (None, ""):
        mind = P300Speller(MATRIX, evidence, Stopping(), 0.75, prior=TextPrior("en"))
        subject = Subject(4, 1.9)
        said = [
            d for n, s in enumerate("HELLO_WORLD", 1) for d in subject.letter(mind, n, s, hidden)
        ]
        found.append([msgspec.structs.replace(d, truth="") for d in said])

    assert found[0] == found[1]


def test_an_undo_in_mid_letter_changes_the_letters_prior():
    evidence = calibrated(1.0, 0.05)
    mind = P300Speller(MATRIX, evidence, Stopping(), 0.75)
    subject = Subject(0, 0.2)
    subject.push(mind, SessionStarted({"language": "en"}))
    subject.letter(mind, 1, "Q")
    subject.push(mind, TrialStart(2, ""))
    subject.push(mind, Flash(1), indifferent(evidence))
    subject.push(mind, Undo(1))

    (decision,) = subject.push(mind, TrialEnd(2))

    shares = {s: p / (1 - decision.nobody) for s, p in decision.evidence.items()}
    assert shares["U"] < 0.1 < shares["T"]


def test_suggested_words_get_their_prior_with_the_layout_that_brings_them():
    evidence = calibrated(1.0, 0.05)
    mind = P300Speller(MATRIX, evidence, Stopping(), 0.75, prior=TextPrior("en"))
    subject = Subject(0, 0.2)
    subject.push(mind, TrialStart(1, ""))
    layout = with_suggestions(LayoutSpec(), "en", "")
    subject.push(mind, Layout(layout.symbols_of_code))
    subject.push(mind, Flash(1), indifferent(evidence))

    (decision,) = subject.push(mind, TrialEnd(1))

    assert sum(decision.evidence.values()) + decision.nobody == pytest.approx(1.0)
    assert 0.01 < decision.evidence["THE"] < 0.3
