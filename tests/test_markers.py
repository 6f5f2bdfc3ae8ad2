import json
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.markers import (
    Cue,
    Feedback,
    Flash,
    Layout,
    Note,
    SessionEnded,
    SessionStarted,
    TrialEnd,
    TrialStart,
    parse_marker,
    rank,
)
from bci_online.translation import Translator

NASTY = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["/", "a/b", "%", "%41", "?", " ", "\t", "\n", "\x00", "\x1b[31m", '"', "\\",
                     "שלום", "한", "🙂", "е\u0301", "\u202e", "{}", "[/bold]", "\x85"]),
)  # fmt: skip
NUMBERS = st.integers(-(10**9) + 1, 10**9 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
EVENTS = st.one_of(
    st.builds(SessionStarted, st.dictionaries(st.text(max_size=10), VALUES, max_size=3)),
    st.builds(
        Layout,
        st.dictionaries(
            NUMBERS, st.lists(NASTY, min_size=1, max_size=3).map(tuple), min_size=1, max_size=4
        ),
    ),
    st.builds(TrialStart, st.none() | NUMBERS, NASTY),
    st.builds(Flash, NUMBERS, st.sampled_from([True, False, None])),
    st.builds(TrialEnd, st.none() | NUMBERS),
    st.builds(Cue, NASTY.filter(bool)),
    st.builds(Feedback, st.sampled_from(["start", "hit", "miss", "timeout"])),
    st.builds(Note, NASTY),
    st.builds(SessionEnded, NASTY),
)


@pytest.mark.slow
@settings(max_examples=300)
@given(EVENTS)
def test_every_event_reads_back_what_it_wrote(event):
    assert parse_marker(event.text()) == event


@given(EVENTS, st.sampled_from(["", " ", "\n", "\t "]))
def test_blanks_around_a_marker_do_not_matter(event, blanks):
    assert parse_marker(blanks + event.text() + blanks) == event


@given(NASTY)
def test_symbols_are_written_in_plain_ascii_without_blanks_or_slashes(symbol):
    text = TrialStart(3, symbol).text()

    assert re.fullmatch(r"trial/start/3/[!-.0-~]*", text)


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("trial/start/3/A", TrialStart(3, "A")),
        ("trial/start/3/", TrialStart(3, "")),
        ("trial/start/3/%E2%9F%B5", TrialStart(3, "\N{LONG LEFTWARDS ARROW}")),
        ("trial/start/3/%2F", TrialStart(3, "/")),
        ("trial/start/A", TrialStart(None, "A")),
        ("trial/start/?", TrialStart(None, "?")),
        ("trial/start/7", TrialStart(None, "7")),
        ("trial/start", TrialStart(None, "")),
        ("trial/end", TrialEnd(None)),
        ("trial/end/3", TrialEnd(3)),
        ("flash/12/target", Flash(12, True)),
        ("flash/0/nontarget", Flash(0, False)),
        ("flash/5/unknown", Flash(5, None)),
        ('layout/{"1":["A","B"]}', Layout({1: ("A", "B")})),
        ("cue/left_hand", Cue("left_hand")),
        ("feedback/start", Feedback("start")),
        ("feedback/hit", Feedback("hit")),
        ("session/start", SessionStarted({})),
        ('session/start/{"a":1}', SessionStarted({"a": 1})),
        ("session/end", SessionEnded("")),
        ("session/end/by%20hand", SessionEnded("by hand")),
        ("note/eyes%20closed", Note("eyes closed")),
    ],
)
def test_the_grammar_and_its_plain_forms_are_read(text, event):
    assert parse_marker(text) == event


HOSTILE = [
    "", "/", "///", "flash", "flash/", "flash/1", "flash/1/targets", "flash/x/target",
    "flash/1_0/target", "flash/ 1/target", "flash/1/target/2", "flash/\u0661/target",
    "flash/" + "9" * 5000 + "/target", "trial", "trial/begin", "trial/start/A/B",
    "trial/start/" + "9" * 5000 + "/A", "cue/", "feedback/win", "feedback", "session",
    "session/pause", "session/start/{", "session/start/[]", "session/start/3",
    "session/start/" + "9" * 5000, "session/start/" + "[" * 100_000,
    'session/start/{"a":' + "9" * 5000 + "}", "layout/", "layout/{}", 'layout/{"1":[]}',
    'layout/{"1":"AB"}', 'layout/{"x":["A"]}', 'layout/{"1":[1]}', 'layout/{"1":{"2":[]}}',
    "layout/" + "[" * 100_000, 'layout/{"1":' + "[" * 100_000, 'layout/{"1":' + "{" * 100_000,
    'layout/{"' + "9" * 5000 + '":["A"]}', 'layout/{"1":["\\ud800"]}', 'layout/{"1":["\ud800"]}',
    "unknown/3", "S  1", "\x00", "\x1b[2J", "1111.000000000000",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:25]))
def test_what_is_not_in_the_grammar_is_none_and_counted(text):
    translator = Translator()

    assert parse_marker(text) is None
    assert translator.read(text) is None
    assert translator.untranslated.total() == 1


HEADS = ["flash/", "trial/start/", "layout/", "session/start/", "session/end/", "note/", "cue/", ""]


@settings(max_examples=200)
@given(
    st.sampled_from(HEADS),
    st.text(st.characters(exclude_categories=()), max_size=30)
    | st.text('{}[]":,/%0123eE+-.\\u', max_size=30),
)
def test_no_text_makes_the_parser_raise(head, text):
    parse_marker(head + text)


@settings(max_examples=200)
@given(st.sampled_from(HEADS), st.text('{}[]":,/%0123A\\ud8', max_size=30))
def test_whatever_was_read_can_be_written_into_a_decision(head, text):
    event = parse_marker(head + text)

    if isinstance(event, TrialStart | Layout | Cue):
        msgspec.json.encode(event)


def test_what_ends_comes_before_what_starts_and_a_layout_before_its_trial():
    events = [TrialEnd(1), SessionStarted({}), Layout({1: ("A",)}), TrialStart(2, "A"), Cue("x"),
              Flash(1)]  # fmt: skip

    assert sorted(events[::-1], key=rank) == events


@pytest.mark.parametrize(
    "symbols",
    [
        {code: ["A"] for code in range(1001)},
        {1: [str(number) for number in range(2501)]},
        {1: ["x" * 201]},
    ],
    ids=["codes", "symbols", "a long symbol"],
)
def test_a_layout_that_no_screen_has_room_for_is_no_layout(symbols):
    assert parse_marker(f"layout/{json.dumps(symbols)}") is None
