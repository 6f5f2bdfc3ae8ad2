import re

import pytest

from bci_online.markers import Cue, Flash, TrialEnd
from bci_online.translation import TranslationRule, Translator


def rule(to, **how) -> TranslationRule:
    return TranslationRule(to=to, **how)


def test_a_text_is_translated_exactly():
    translator = Translator([rule("trial/end", exact="S  2")])

    assert translator.read(" S  2\n") == TrialEnd()
    assert translator.read("S  22") is None
    assert translator.untranslated == {"S  22": 1}


@pytest.mark.parametrize("text", ["769", "769.0", "769.000000000000", "+7.69e2"])
def test_a_number_is_translated_however_it_is_written(text):
    assert Translator([rule("cue/left", number=769)]).read(text) == Cue("left")


@pytest.mark.parametrize("text", ["7691", "769.5", "nan", "inf", "", "seven"])
def test_another_number_or_no_number_is_not_translated(text):
    assert Translator([rule("cue/left", number=769)]).read(text) is None


def test_a_regular_expression_fits_the_whole_text_and_hands_its_groups_over():
    translator = Translator(
        [rule(r"flash/\2/\g<kind>target", regex=r"sw(itch)?,(\d+),(?P<kind>non|)")]
    )

    assert translator.read("switch,3,non") == Flash(3, False)
    assert translator.read("sw,4,") == Flash(4, True)
    assert translator.read("xswitch,3,non") is None


def test_an_empty_translation_drops_a_marker_knowingly():
    translator = Translator([rule("", exact="boring"), rule("", regex="noise.*")])

    assert translator.read("boring") is None
    assert translator.read("noise 3") is None
    assert translator.untranslated == {}


def test_the_first_rule_that_matches_wins_and_others_are_read_as_they_are():
    translator = Translator([rule("cue/a", regex="7.*"), rule("cue/b", number=769)])

    assert translator.read("769") == Cue("a")
    assert translator.read("trial/end") == TrialEnd()


def test_a_translation_that_is_not_in_the_grammar_is_counted_under_its_own_text():
    translator = Translator([rule("nonsense", exact="X")])

    assert [translator.read("X"), translator.read("X")] == [None, None]
    assert translator.untranslated == {"X": 2}


def test_so_many_different_texts_are_counted_together():
    translator = Translator()

    for number in range(Translator.MOST_LISTED + 500):
        translator.read(f"odd {number}")
    translator.read("odd 0")

    assert len(translator.untranslated) == Translator.MOST_LISTED + 1
    assert translator.untranslated["(others)"] == 500
    assert translator.untranslated["odd 0"] == 2


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({}, "exactly one of exact, number, regex"),
        ({"exact": "a", "number": 3}, "exactly one of exact, number, regex"),
        ({"regex": "("}, "regex '(' with to = 'x' is not valid"),
        ({"regex": "a{1001}"}, "is not valid"),
        ({"regex": "(" * 5000}, "is not valid"),
        ({"number": float("inf")}, "number must be finite, got inf"),
        ({"number": float("nan")}, "number must be finite, got nan"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_at_the_door(how, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        rule("x", **how)


@pytest.mark.parametrize("to", [r"\1", r"\g<name>", r"\g<", "\\"])
def test_a_translation_that_names_groups_that_are_not_there_is_refused_at_the_door(to):
    with pytest.raises(ValueError, match="is not valid"):
        rule(to, regex="abc")


@pytest.mark.parametrize("regex", ["((((.+)+)+)+)+x", "(.*)*(.*)*(.*)*x", "(?:a|a|.)*!"])
def test_a_regular_expression_that_python_would_never_finish_is_matched(regex):
    """With Python's own engine this test does not end."""
    long = 900 * "a"

    translator = Translator([rule("trial/end", regex=regex)])

    assert translator.read(long) is None
    assert translator.read(f"{long}{regex[-1]}") == TrialEnd()


@pytest.mark.parametrize("regex", [r"(a)\1", "(?=a)b", "(?<!a)b", "(a{1000}){1000}"])
def test_what_re2_cannot_read_is_refused_in_one_short_line(regex):
    with pytest.raises(ValueError, match="is not valid: ") as caught:
        rule("x", regex=regex)

    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("regex", "to", "text", "translated"),
    [
        ("(?P<letter>.)", r"trial/start/1/\g<letter>", "Ä", "trial/start/1/Ä"),
        ("(.)(.)", r"cue/\2\1", "ba", "cue/ab"),
        ("(.)", r"cue/\g<1>0", "a", "cue/a0"),
        ("(.+)", r"cue/ö\g<0>", "é", "cue/öé"),
        ("a|(b)", r"cue/x\1", "a", "cue/x"),
        ("(a)", r"cue/\\1", "a", r"cue/\1"),
    ],
)
def test_groups_are_handed_over_as_python_does(regex, to, text, translated):
    match = re.fullmatch(regex, text)

    assert match is not None
    assert match.expand(to) == translated
    assert rule(to, regex=regex).apply(text) == translated


def test_a_text_with_halves_of_characters_is_read_like_any_other():
    translator = Translator([rule("trial/end", regex="S.*")])

    assert translator.read("S\ud800") == TrialEnd()
    assert translator.read("\udfff") is None


def test_a_long_text_is_listed_by_its_beginning():
    translator = Translator()

    translator.read("x" * 1_000_000)

    assert list(translator.untranslated) == ["x" * Translator.LONGEST_LISTED]
