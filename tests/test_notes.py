"""Typed notes are read as they were written, today and in older recordings."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bci_online.markers import Flash, TrialEnd, parse_marker, rank
from bci_online.notes import (
    AnyNote,
    ElectrodesAccepted,
    LateFlash,
    LateFrame,
    Note,
    OperatorNote,
    Pause,
    Probe,
    Promised,
    Resume,
    ScreenHidden,
    ScreenSeen,
    ScreenWaits,
    Undo,
)

FIXED = [Pause(), Resume(), ScreenWaits(), ScreenHidden(), ScreenSeen(), LateFrame(), Probe()]
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)
NUMBER = st.integers(0, 999_999_999)
SHARE = st.floats(0, 1)
FAULT = st.sampled_from(["flat", "railing", "noisy: 61 % mains", "loud: 9 times the usual"])
NOTES = st.one_of(
    st.sampled_from(FIXED),
    st.builds(Undo, NUMBER),
    st.builds(LateFlash, NUMBER, st.sampled_from(["began", "ended"]), NUMBER),
    st.builds(OperatorNote, TEXT),
    st.builds(ElectrodesAccepted, by=TEXT, reason=TEXT, faults=st.dictionaries(TEXT, TEXT)),
    st.builds(Promised, NUMBER, st.tuples(SHARE, SHARE, SHARE), st.floats(0.01, 0.99)),
    st.builds(Note, TEXT),
)
RECORDED = [
    ("note/pause", Pause()),
    ("note/resume", Resume()),
    ("note/probe", Probe()),
    ("note/screen%20waits", ScreenWaits()),
    ("note/screen%20hidden", ScreenHidden()),
    ("note/screen%20seen", ScreenSeen()),
    ("note/late%20frame", LateFrame()),
    ("note/undo%205", Undo(5)),
    ("note/undo%20it", Note("undo it")),
    ("note/undo%2005", Note("undo 05")),
    ("note/flash%203%20began%202%20frames%20late", LateFlash(3, "began", 2)),
    ("note/operator%3A%20undo%203", OperatorNote("undo 3")),
    ("note/operator%3A%20a%2Fb%0A%C3%A4", OperatorNote("a/b\nä")),
    (
        "note/electrodes%20accepted%20by%20itself%2C%20all%20channels%20good",
        ElectrodesAccepted(by="by itself"),
    ),
    (
        "note/"
        + quote("electrodes accepted by the operator, in spite of Pz flat; reason: old cap"),
        ElectrodesAccepted(by="by the operator", reason="old cap", faults={"Pz": "flat"}),
    ),
    ("note/eyes%20closed", Note("eyes closed")),
]
HOSTILE = [
    "{", "{}", "[]", "{" * 100_000, '{"type":"undo"}', '{"type":"undo","trial":"x"}',
    '{"type":"undo","trial":' + "9" * 5000 + "}", '{"type":"future","a":1}', '{"type":3}',
    '{"type":"operator","remark":["x"]}', '{"type":"operator","remark":"\\ud800"}',
    '{"type":"promised","letters":3,"right":[0.5],"wanted":0.9}',
    '{"type":"electrodes","by":"x","faults":[1]}', '{"type":"late_flash","code":1}',
    "undo%20" + "9" * 5000, "electrodes%20accepted%20by%20" + "x" * 50_000, "%ff%fe", "",
]  # fmt: skip


@given(NOTES)
def test_a_note_is_read_as_it_was_written(note):
    assert parse_marker(note.text()) == note


@given(NOTES)
def test_a_note_is_plain_ascii_without_line_breaks(note):
    text = note.text()

    assert text.isascii()
    assert text.isprintable()


@given(st.one_of(st.sampled_from(FIXED), st.builds(Undo, NUMBER), st.builds(OperatorNote, TEXT)))
def test_the_words_of_older_recordings_are_read_into_the_same_notes(note):
    assert parse_marker(f"note/{quote(note.words, safe='')}") == note


@given(by=st.sampled_from(["by itself", "by the operator"]), reason=TEXT, fault=FAULT)
def test_the_words_of_an_acceptance_are_read_whole_or_as_free_text(by, reason, fault):
    note = ElectrodesAccepted(by=by, reason=reason, faults={"Pz": fault, "Oz": "flat"})

    read = parse_marker(f"note/{quote(note.words, safe='')}")

    assert read.words == note.words
    assert read == note or isinstance(read, Note)


@pytest.mark.parametrize(("text", "note"), RECORDED)
def test_what_was_recorded_before_notes_were_typed_is_still_read(text, note):
    assert parse_marker(text) == note


@pytest.mark.parametrize("detail", HOSTILE, ids=lambda text: ascii(text[:30]))
def test_whatever_is_no_typed_note_is_free_text(detail):
    assert isinstance(parse_marker(f"note/{detail}"), Note)


@given(TEXT | st.text('{}[]":,undotype5 %/\\', max_size=40))
def test_no_note_makes_the_parser_raise(detail):
    assert isinstance(parse_marker(f"note/{detail}"), AnyNote)


@given(TEXT)
def test_an_operator_cannot_write_what_a_replay_acts_on(remark):
    assert parse_marker(OperatorNote(remark).text()) == OperatorNote(remark)


def test_free_text_that_reads_like_a_typed_note_stays_free_text():
    assert parse_marker(Note("undo 5").text()) == Note("undo 5")


def test_notes_come_behind_everything_else_of_the_same_time():
    assert sorted([Undo(1), Flash(1), Note("x"), TrialEnd(1)], key=rank)[:2] == [
        TrialEnd(1), Flash(1),
    ]  # fmt: skip
