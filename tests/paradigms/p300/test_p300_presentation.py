import re
from collections import Counter
from itertools import combinations, groupby, pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from screens import ABORT, FINISH, HIDE, PAUSE, RESUME, SHOW, START, UNDO, Screen, decision

from bci_online.config import (
    Config,
    EpochSpec,
    LanguageSpec,
    LayoutSpec,
    Presentation,
    Stopping,
)
from bci_online.errors import ConfigError
from bci_online.markers import (
    Flash,
    Layout,
    SessionEnded,
    SessionStarted,
    TrialEnd,
    TrialStart,
)
from bci_online.messages import Command
from bci_online.notes import AnyNote, Corrected, NotCorrected, Note, Promised, Undo
from bci_online.paradigms.p300.matrix import SymbolMatrix
from bci_online.paradigms.p300.presentation import P300Presentation

MATRIX = LayoutSpec(rows=("ABCD", "EFGH", "IJK⌫"))
N_CODES, N_GROUPS = 7, 10
# Letter by letter: what a session consists of, one character for each marker.
SESSION = re.compile(r"S(L s (L?F+)* e )*E".replace(" ", ""))
KINDS = {Layout: "L", TrialStart: "s", Flash: "F", TrialEnd: "e", SessionStarted: "S",
         SessionEnded: "E"}  # fmt: skip
# Notes are of many kinds, and none of them is part of a letter.
STATES = ("ready", "cue", "flashing", "deciding", "decided", "undecided", "between", "paused")


def config(**keys) -> Config:
    presentation = {"repetitions": 2, "cue_s": 0.5, "decision_s": 0.4, "pause_s": 0.3,
                    "attempts": 2, "flash_ms": 100, "gap_ms": 75} | keys  # fmt: skip
    return Config(layout=MATRIX, presentation=Presentation(**presentation),
                  stopping=Stopping(max_repetitions=2))  # fmt: skip


def screen(mode="copy", words=("CAB",), started=True, wish="", **keys) -> Screen:
    setup = config(**keys)
    presentation = P300Presentation(setup, mode, words, wish=wish, seed=3)
    shown = Screen(presentation, setup.presentation.refresh_hz)
    if started:
        shown.step(START)
    return shown


def obedient(picture):
    """Decide the cued letter once all its flashes were shown."""
    if picture.state == "deciding":
        return [decision(picture.text[len(picture.spelled)], picture.trial)]
    return []


def grammar(shown: Screen) -> str:
    return "".join(KINDS.get(type(event), "") for event in shown.events)


def lit_runs(shown: Screen) -> list[tuple[tuple[str, ...], int]]:
    """Return each flash that was seen, and for how many refreshes of the display."""
    lengths = [b - a for a, b in zip(shown.frames, [*shown.frames[1:], shown.frame], strict=True)]
    shots = [(p.flashes, p.lit, n) for p, n in zip(shown.pictures, lengths, strict=True)]
    runs = groupby(shots, key=lambda shot: (shot[0], shot[1]))
    return [(lit, sum(n for _, _, n in run)) for (_, lit), run in runs if lit]


@pytest.mark.parametrize("order", ["row-column", "random-groups"])
def test_a_calibration_that_goes_on_shows_the_rest_as_the_whole_one_does(order):
    layout = LayoutSpec()
    shown = Presentation(order=order, repetitions=2, cue_s=0.2, decision_s=0.1, pause_s=0.1)
    setup = Config(layout=layout, presentation=shown)

    def letters(done: int) -> tuple[list[list[str]], Screen]:
        one = Screen(P300Presentation(setup, "calibration", ["CAB", "D"], seed=3, done=done), 60.0)
        one.step(START)
        one.until("ended")
        own: list[list[str]] = []
        for event in one.events:
            if isinstance(event, TrialStart):
                own.append([event.symbol])
            elif own and isinstance(event, Flash | Layout):
                own[-1].append(event.text())
        return own, one

    (whole, _), (rest, screen_) = letters(0), letters(2)

    assert [one[0] for one in rest] == ["B", "D"]
    assert [one[1:] for one in rest] == [one[1:] for one in whole[2:]]
    [start] = [event for event in screen_.events if isinstance(event, SessionStarted)]
    assert (start.info["seed"], start.info["done"]) == (3, 2)
    places = [(picture.n, picture.n_total) for picture in screen_.pictures if picture.trial]
    assert places[0] == (3, 4)


# Frames


@settings(deadline=None, max_examples=30)
@given(refresh_hz=st.sampled_from([50.0, 59.94, 60.0, 75.0, 120.0, 144.0, 240.0]),
       flash_ms=st.floats(20, 150), gap_ms=st.floats(0, 150),
       order=st.sampled_from(["row-column", "random-groups"]))  # fmt: skip
def test_every_flash_and_gap_lasts_exactly_its_frames_at_any_refresh_rate(
    refresh_hz, flash_ms, gap_ms, order
):
    shown = screen("calibration", ("C",), refresh_hz=refresh_hz, flash_ms=flash_ms,
                   gap_ms=gap_ms, order=order)  # fmt: skip

    shown.until("ended")

    flash, gap = shown.presentation._presentation.frames()
    times = [round(time * refresh_hz) for time in shown.times(Flash)]
    assert {n for _, n in lit_runs(shown)} == {flash}
    assert {b - a for a, b in pairwise(times)} == {flash + gap}
    assert shown.picture.late_flashes == 0


@pytest.mark.slow
@settings(deadline=None, max_examples=30)
@given(st.data())
def test_missed_frames_neither_drop_nor_double_nor_cut_a_flash(data):
    shown = screen("calibration", ("C",))
    whole = screen("calibration", ("C",))
    whole.until("ended")

    while shown.picture.state != "ended":
        shown.miss(data.draw(st.sampled_from([0] * 20 + [1, 2, 7, 40])))
        shown.step()

    flash, gap = shown.presentation._presentation.frames()
    onsets = [round(time * 60) for time in shown.times(Flash)]
    assert shown.of(Flash) == whole.of(Flash)
    assert min(n for _, n in lit_runs(shown)) >= flash
    assert all(b - a >= flash + gap for a, b in pairwise(onsets))
    assert len(lit_runs(shown)) == len(onsets)
    between = list(pairwise(p.flashes for p in shown.pictures if p.lit or p.state == "flashing"))
    dark = {p.flashes for p in shown.pictures if p.state == "flashing" and not p.lit}
    assert all(before in dark for before, after in between if after != before and before)
    assert grammar(shown) == grammar(whole)


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(st.data())
def test_frames_that_the_display_brings_late_cut_no_flash_and_bring_no_two_closer(data):
    gap_ms = data.draw(st.sampled_from([0, 17, 75]))
    shown = screen("calibration", ("C",), gap_ms=gap_ms)
    whole = screen("calibration", ("C",), gap_ms=gap_ms)
    whole.until("ended")
    late_with_marker = 0

    while shown.picture.state != "ended":
        shown.miss(data.draw(st.sampled_from([0] * 20 + [1, 3])))
        late = data.draw(st.sampled_from([0] * 6 + [1, 2, 7, 40]))
        n = shown.picture.flashes
        shown.step(late=late)
        late_with_marker += late > 0 and shown.picture.flashes > n

    flash, gap = shown.presentation._presentation.frames()
    onsets = [round(time * 60) for time in shown.times(Flash)]
    assert shown.of(Flash) == whole.of(Flash)
    assert min(n for _, n in lit_runs(shown)) >= flash
    assert all(b - a >= flash + gap for a, b in pairwise(onsets))
    assert len(lit_runs(shown)) == len(onsets)
    assert shown.picture.late_flashes >= late_with_marker
    assert grammar(shown) == grammar(whole)


def test_a_flash_whose_first_frame_comes_late_moves_the_rest_of_the_letter():
    shown = screen("calibration", ("C",))
    flash, gap = shown.presentation._presentation.frames()
    while not shown.picture.flashes:
        # Each of these frames may be the one.
        shown.step(late=3 if shown.picture.state == "cue" else 0)

    shown.until("ended")

    first, second, third = (round(60 * time) for time in shown.times(Flash)[:3])
    assert (second - first, third - second) == (flash + gap, flash + gap)
    assert {n for _, n in lit_runs(shown)} == {flash}
    assert shown.picture.late_flashes == 1
    assert [note.words for note in shown.of(AnyNote)] == [
        f"flash {shown.of(Flash)[0].code} began 3 frames late"
    ]


def test_a_frame_missed_within_a_flash_or_a_gap_moves_nothing():
    shown, whole = screen("calibration", ("C",)), screen("calibration", ("C",))
    whole.until("ended")

    shown.until("flashing")
    shown.step()
    shown.miss(2)
    while not (shown.picture.state == "flashing" and not shown.picture.lit):
        shown.step()
    shown.miss(1)
    shown.until("ended")

    assert shown.markers == whole.markers


def test_a_flash_whose_first_frame_was_missed_is_late_and_whole_and_said_to_be():
    shown = screen("calibration", ("C",))
    shown.until("flashing")
    flash, gap = shown.presentation._presentation.frames()
    for _ in range(flash + gap - 1):
        shown.step()

    shown.miss(3)
    shown.until("ended")

    first, second, third = (round(60 * time) for time in shown.times(Flash)[:3])
    assert (second - first, third - second) == (flash + gap + 3, flash + gap)
    assert [note.words for note in shown.of(AnyNote)] == [
        f"flash {shown.of(Flash)[1].code} began 3 frames late"
    ]
    assert {n for _, n in lit_runs(shown)} == {flash}
    assert shown.picture.late_flashes == 1


def test_a_light_that_stayed_on_shortens_the_gap_and_is_flagged():
    shown = screen("calibration", ("C",))
    shown.until("flashing")
    flash, gap = shown.presentation._presentation.frames()
    for _ in range(flash - 1):
        shown.step()

    shown.miss(2)
    shown.until("ended")

    first, second = (round(60 * time) for time in shown.times(Flash)[:2])
    assert second - first == flash + gap
    assert lit_runs(shown)[0][1] == flash + 2
    assert shown.of(AnyNote)[0].words.endswith("ended 2 frames late")


def test_stepping_twice_for_one_frame_changes_nothing():
    once, twice = screen(), screen()

    once.until("ended", obedient)
    messages = []
    while twice.picture.state != "ended":
        picture = twice.step(*messages)
        again, markers = twice.presentation.step((twice.frame - 1 + 0.4) / 60, ())
        messages = obedient(picture)
        assert again == picture
        assert markers == ()

    assert twice.markers == once.markers


def test_what_arrives_within_a_frame_takes_effect_with_the_next():
    shown = screen()
    shown.until("flashing")

    again, markers = shown.presentation.step((shown.frame - 0.7) / 60, [ABORT])

    assert (again, markers) == (shown.picture, ())
    assert shown.step().state == "ended"


def test_a_display_a_little_off_its_rate_still_shows_whole_frames():
    shown = screen("calibration", ("CAB",), repetitions=15)
    shown.refresh_hz = 59.94

    shown.until("ended")

    assert {n for _, n in lit_runs(shown)} == {6}
    assert shown.picture.late_flashes == 0


# Markers


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_whatever_happens_the_markers_are_of_the_grammar_in_order_of_time(data):
    mode = data.draw(st.sampled_from(["calibration", "copy", "free"]))
    order = data.draw(st.sampled_from(["row-column", "random-groups"]))
    shown = screen(mode, () if mode == "free" else ("CAB", "D"), started=False, order=order)
    commands = st.sampled_from(
        [
            START,
            PAUSE,
            RESUME,
            UNDO,
            Command("note", Note("hm / ok")),
            Command("else"),
            FINISH,
            ABORT,
        ]
    )
    decisions = st.builds(decision, st.sampled_from([None, "A", "C", "⌫"]), st.integers(0, 6))
    came = st.lists(st.one_of(decisions, commands), max_size=2)

    for _ in range(data.draw(st.integers(1, 60))):
        if shown.step(*data.draw(came)).state == "ended":
            break
        for _ in range(data.draw(st.integers(0, 80))):
            shown.step()
            if shown.picture.state in {"cue", "deciding"} and data.draw(st.booleans()):
                shown.step(decision(data.draw(st.sampled_from(["B", None])), shown.picture.trial))
    shown.step(RESUME, FINISH, START)
    shown.until("ended")

    text = grammar(shown)
    assert None not in shown.events
    assert SESSION.fullmatch(text) or (text == "E" and shown.picture.reason == "abort")
    assert (
        [event.number for event in shown.of(TrialStart)]
        == [event.number for event in shown.of(TrialEnd)]
        == list(range(1, 1 + len(shown.of(TrialStart))))
    )
    assert [m.time for m in shown.markers] == sorted(m.time for m in shown.markers)


@pytest.mark.parametrize("order", ["row-column", "random-groups"])
def test_a_calibration_letter_flashes_all_repetitions_labelled_after_its_layout(order):
    shown = screen("calibration", ("CA", "B"), order=order)

    shown.until("ended")

    n_codes = N_GROUPS if order == "random-groups" else N_CODES
    of_letter = f"Ls{'F' * n_codes}{'L' * (order == 'random-groups')}{'F' * n_codes}e"
    assert grammar(shown) == f"S{of_letter * 3}E"
    symbols, attended = {}, ""
    for event in shown.events:
        if isinstance(event, Layout):
            symbols = event.symbols
        elif isinstance(event, TrialStart):
            attended = event.symbol
        elif isinstance(event, Flash):
            assert event.target == (attended in symbols[event.code])
    assert [event.symbol for event in shown.of(TrialStart)] == list("CAB")
    assert sum(event.target for event in shown.of(Flash)) == 3 * 2 * 2
    assert shown.of(SessionStarted)[0].info["calibration"] is True


def test_nobody_knows_what_is_attended_to_in_free_spelling():
    shown = screen("free", ())

    shown.until("deciding")
    shown.step(FINISH, decision("A", 1))
    shown.until("ended")

    assert {event.target for event in shown.of(Flash)} == {None}
    assert [event.symbol for event in shown.of(TrialStart)] == [""]
    assert shown.picture.spelled == ("A",)


def test_the_response_to_the_last_flash_is_over_before_the_session_ends():
    shown = screen("calibration", ("C",), pause_s=0)

    shown.until("ended")

    assert shown.times(SessionEnded)[0] >= shown.times(Flash)[-1] + EpochSpec().tmax


# Letters


def test_copy_spelling_cues_flashes_waits_and_shows_each_letter():
    shown = screen(words=("CA", "B"))

    shown.until("ended", obedient)

    states = [state for state, _ in groupby(p.state for p in shown.pictures)]
    assert states == [*["cue", "flashing", "deciding", "decided", "between"] * 3, "ended"]
    cues = [cue for cue, _ in groupby(p.cue for p in shown.pictures) if cue]
    shown_decisions = [d for d, _ in groupby(p.decision for p in shown.pictures) if d]
    assert cues == shown_decisions == list("CAB")
    assert {(p.text, p.spelled) for p in shown.pictures if p.state == "decided"} == {
        (("C", "A"), ("C",)), (("C", "A"), ("C", "A")), (("B",), ("B",))
    }  # fmt: skip
    assert [n for n, _ in groupby(p.n for p in shown.pictures)] == [1, 2, 3]
    assert sum(p.state == "decided" for p in shown.pictures) == 3 * 24
    assert shown.picture.reason == "done"


def test_an_early_decision_ends_the_flashing_after_the_flash_that_is_lit():
    shown = screen()
    shown.until("flashing")
    shown.step()

    shown.step(decision("D", 1))
    shown.until("decided")

    assert len(shown.of(Flash)) == 1
    assert lit_runs(shown)[0][1] == 6
    assert shown.of(TrialEnd) == [TrialEnd(1)]
    assert shown.picture.spelled == ("D",)


def test_decisions_of_another_trial_are_dropped_and_counted():
    shown = screen()
    shown.until("flashing")

    shown.step(decision("A", 2), decision("A", 0))
    shown.until("deciding")
    shown.step(decision("C", 1), decision("A", 1))
    shown.until("cue")
    shown.step(decision("B", 1))

    assert shown.picture.dropped == 4
    assert shown.picture.spelled == ("C",)
    assert shown.picture.state == "cue"


def test_without_a_decision_in_time_the_letter_is_asked_again_and_then_given_up():
    shown = screen(words=("CA",))

    shown.until("undecided")
    waited = shown.now - shown.times(Flash)[-1]
    first = shown.picture
    shown.until("ended", lambda picture: obedient(picture) if picture.cue == "A" else [])

    assert waited == pytest.approx(EpochSpec().tmax + 2.0, abs=0.05)
    assert first.spelled == ()
    assert [event.symbol for event in shown.of(TrialStart)] == list("CCAA")
    assert shown.picture.spelled == ("", "")


def test_a_decision_without_a_value_asks_again_without_waiting():
    shown = screen()
    shown.until("flashing")

    shown.step(decision(None, 1))
    shown.until("undecided")
    shown.until("cue")

    assert shown.picture.cue == "C"
    assert shown.picture.trial == 2
    assert shown.now < 2.0


def test_a_decision_that_comes_after_its_trial_was_given_up_changes_nothing():
    shown = screen()
    shown.until("undecided")

    shown.step(decision("C", 1))
    shown.until("cue")

    assert (shown.picture.spelled, shown.picture.dropped) == ((), 1)


def test_the_backspace_takes_back_a_letter_in_free_spelling_and_fills_a_place_in_copying():
    free, copy = screen("free", ()), screen()
    for shown in (free, copy):
        for trial, symbol in enumerate("AB⌫", start=1):
            shown.until("deciding")
            shown.step(decision(symbol, trial))
            shown.until("decided")

    assert free.picture.spelled == ("A",)
    assert copy.picture.spelled == ("A", "B", "⌫")


# Free spelling: words, the way back, a rest


def chosen(shown: Screen, symbol: str) -> Screen:
    """Let the next letter be decided."""
    shown.until("deciding")
    shown.step(decision(symbol, shown.picture.trial))
    shown.until("decided")
    return shown


def spelling_english(**keys) -> Screen:
    setup = msgspec.structs.replace(config(**keys), language=LanguageSpec(code="en"))
    shown = Screen(P300Presentation(setup, "free", seed=3))
    shown.step(START)
    return shown


def test_a_suggested_word_completes_what_was_begun_and_the_next_words_are_others():
    shown = chosen(chosen(spelling_english(), "A"), "B")
    shown.until("between")
    suggested = shown.picture.suggestions

    chosen(shown, suggested[0])

    assert suggested[0].startswith("AB")
    assert shown.picture.decision == suggested[0]
    assert shown.picture.suggestions == suggested
    assert shown.presentation.text == f"{suggested[0]} "
    assert shown.until("between").suggestions != suggested


def test_each_letter_says_in_its_layout_which_words_it_can_light():
    shown = chosen(chosen(spelling_english(), "A"), "B")

    layouts = [{s for lit in event.symbols.values() for s in lit} for event in shown.of(Layout)]
    rows = [row for row, _ in groupby(p.suggestions for p in shown.pictures) if row]
    assert len(layouts) == 2
    assert [{*row} <= layout for row, layout in zip(rows, layouts, strict=False)] == [True, True]
    lit = {symbol for p in shown.pictures for symbol in p.lit}
    assert lit >= {*rows[0], *rows[1]}
    assert {"A", "K", "⌫", "☾"} <= lit


def test_an_undo_in_mid_letter_leaves_the_words_that_the_subject_looks_at():
    shown = chosen(spelling_english(), "A")
    shown.until("flashing")
    looked_at = shown.picture.suggestions

    shown.step(UNDO)
    shown.until("deciding")

    assert shown.picture.suggestions == looked_at
    assert shown.until("between").suggestions != looked_at


@pytest.mark.parametrize("mode", ["calibration", "copy"])
def test_where_letters_are_cued_no_words_are_suggested(mode):
    setup = msgspec.structs.replace(config(), language=LanguageSpec(code="en"))
    shown = Screen(P300Presentation(setup, mode, ("CAB",)))
    shown.step(START)

    shown.until("ended", obedient)

    assert {p.suggestions for p in shown.pictures} == {()}


@pytest.mark.parametrize("code", ["", "en"])
def test_backspace_and_rest_can_be_chosen_with_any_matrix(code):
    setup = msgspec.structs.replace(Config(), language=LanguageSpec(code=code))
    shown = P300Presentation(setup, "free")

    assert {"⌫", "☾"} <= {*shown.step(0.0)[0].suggestions}


@pytest.mark.parametrize("how", [RESUME, FINISH])
def test_a_rest_leaves_the_text_and_pauses_until_someone_goes_on(how):
    shown = chosen(chosen(screen("free", ()), "A"), "☾")

    for _ in range(2000):
        shown.step()
    resting = shown.picture
    shown.step(how)
    if how is RESUME:
        chosen(shown, "B").step(FINISH)
    shown.until("ended")

    assert (resting.state, resting.resting, resting.spelled) == ("paused", True, ("A",))
    assert shown.picture.spelled == (("A", "B") if how is RESUME else ("A",))
    assert [note.words for note in shown.of(AnyNote)] == ["pause", "resume"]
    assert SESSION.fullmatch(grammar(shown))


def test_a_correction_changes_the_text_and_an_impossible_one_is_marked_as_refused():
    shown = chosen(chosen(screen("free", ()), "A"), "B")

    for trial, value in [(1, "C"), (1, "no symbol"), (7, "C")]:
        shown.step(Command("note", Corrected(trial, value)))

    assert shown.picture.spelled == ("C", "B")
    assert shown.of(Corrected) == [Corrected(1, "C")]
    assert shown.of(NotCorrected) == [NotCorrected(1), NotCorrected(7)]


def test_a_rest_is_nothing_that_could_be_undone():
    shown = chosen(chosen(screen("free", ()), "A"), "☾")
    shown.until("paused")

    shown.step(UNDO)

    assert shown.picture.spelled == ()
    assert shown.of(Undo)[-1] == Undo(1)


def test_a_pause_of_the_operators_is_no_rest():
    shown = screen("free", ())
    shown.step(PAUSE)

    assert not shown.until("paused", obedient_to("A")).resting


def test_with_random_groups_the_row_above_the_matrix_has_no_neighbours_that_flash_together():
    setup = msgspec.structs.replace(
        Config(presentation=Presentation(order="random-groups")), language=LanguageSpec(code="en")
    )
    matrix = SymbolMatrix(setup, "en", free=True)
    seen = (matrix.row, *setup.layout.rows)

    repetitions = matrix.repetitions(20, np.random.default_rng(1))

    for repetition in repetitions:
        for lit in repetition.symbols_of_code.values():
            places = [(y, x) for y, row in enumerate(seen) for x, s in enumerate(row) if s in lit]
            steps = [abs(a - c) + abs(b - d) for (a, b), (c, d) in combinations(places, 2)]
            assert 1 not in steps


# A subject with a wish


def test_a_wish_is_written_with_words_and_the_session_is_done_then():
    setup = msgspec.structs.replace(Config(), language=LanguageSpec(code="en"))
    shown = Screen(P300Presentation(setup, "free", wish="hello world"))
    shown.step(START)

    def attentive(picture):
        if picture.state != "deciding":
            return []
        return [decision(shown.of(TrialStart)[-1].symbol, picture.trial)]

    shown.until("ended", attentive)

    assert shown.presentation.text.strip() == "HELLO WORLD"
    assert len(shown.of(TrialStart)) < len("HELLO_WORLD")
    assert {event.target for event in shown.of(Flash)} == {None}
    assert {p.cue for p in shown.pictures} == {""}


def test_what_went_wrong_is_taken_back():
    shown = screen("free", (), wish="CAB")
    for symbol in ("C", "D", "⌫", "A", "B"):
        asked = shown.until("deciding")
        assert shown.of(TrialStart)[-1].symbol == {"D": "A"}.get(symbol, symbol), asked
        shown.step(decision(symbol, asked.trial))

    shown.until("ended")

    assert shown.presentation.text == "CAB"


@pytest.mark.parametrize(
    ("wish", "keys", "message"),
    [
        ("CÉ", {}, "wish 'CÉ': the layout has no symbol é"),
        ("CAB", {"backspace": ""}, "needs presentation.backspace"),
    ],
)
def test_a_wish_that_cannot_be_written_is_refused_at_the_door(wish, keys, message):
    with pytest.raises(ConfigError, match=message):
        P300Presentation(config(**keys), "free", wish=wish)


# Commands, in every state


def brought_to(state: str, mode: str = "copy") -> Screen:
    """Return a screen in `state`, after one letter where that can be."""
    shown = screen(mode, () if mode == "free" else ("CAB",), started=state != "ready")
    if state == "ready":
        shown.step()
        return shown
    shown.until("deciding")
    shown.step(decision("C", 1))
    shown.until("cue")
    if state == "decided":
        shown.until("flashing")
        shown.step(decision("A", 2))
    if state == "undecided":
        shown.step(decision(None, 2))
    if state == "between":
        shown.step(decision("A", 2))
    if state == "paused":
        shown.step(PAUSE, decision("A", 2))
    if shown.picture.state != state:
        shown.until(state)
    return shown


def test_nothing_begins_before_the_start():
    shown = screen(started=False)
    for _ in range(600):
        shown.step()

    assert shown.picture.state == "ready"
    assert shown.markers == []


@pytest.mark.parametrize("state", STATES)
def test_abort_ends_the_session_with_the_next_frame_and_closes_the_trial(state):
    shown = brought_to(state)
    n_before = len(shown.markers)

    shown.step(ABORT)

    assert shown.picture.state == "ended"
    assert shown.picture.reason == "abort"
    assert shown.picture.lit == ()
    assert shown.events[-1] == SessionEnded("abort")
    assert len(shown.of(TrialStart)) == len(shown.of(TrialEnd))
    assert len(shown.markers) - n_before == (2 if state in {"cue", "flashing"} else 1)
    assert shown.presentation.step(shown.now + 1, [START, UNDO]) == (shown.picture, ())


@pytest.mark.parametrize("state", STATES)
def test_a_pause_begins_at_the_letters_end_and_lasts_until_it_is_over(state):
    shown = brought_to(state)

    shown.step(PAUSE, START)
    assert shown.picture.pausing or shown.picture.state == "paused"
    if shown.picture.state != "paused":
        shown.until("paused", obedient)
    markers = len(shown.markers)
    for _ in range(600):
        shown.step()
    paused = shown.picture
    n_marked = len(shown.markers) - markers
    shown.step(RESUME)
    shown.until("ended", obedient)

    assert (paused.state, paused.pausing, n_marked) == ("paused", False, 0)
    undone = ["undo 2"] if state == "undecided" else []
    assert [note.words for note in shown.of(AnyNote)] == [*undone, "pause", "resume"]
    assert shown.picture.spelled == ("C", "A", "B")
    assert SESSION.fullmatch(grammar(shown))


@pytest.mark.parametrize("state", STATES)
def test_nothing_goes_on_while_the_screen_is_hidden_and_all_of_it_goes_on_then(state):
    shown, seen = brought_to(state), brought_to(state)

    shown.step(HIDE)
    hidden, n_marked = shown.picture, len(shown.markers)
    for _ in range(600):
        shown.step()
    stood_still = all(picture == hidden for picture in shown.pictures[-600:])
    n_while = len(shown.markers) - n_marked
    for one, first in ((shown, SHOW), (seen, RESUME)):
        one.step(first)
        one.step(RESUME, START)
        one.until("ended", obedient)

    assert (stood_still, n_while) == (True, 0)
    assert [e for e in shown.events if not isinstance(e, AnyNote)] == [
        e for e in seen.events if not isinstance(e, AnyNote)
    ]
    notes = [note.words for note in shown.of(AnyNote)]
    assert (notes.count("screen hidden"), notes.count("screen seen")) == (1, 1)
    lasted = [Counter(picture.state for picture in one.pictures) for one in (shown, seen)]
    for of in ("cue", "decided", "between"):
        assert lasted[0][of] - 600 * (state == of) == pytest.approx(lasted[1][of], abs=3)


def test_a_flash_that_was_hidden_is_over_once_the_screen_is_seen_and_is_flagged():
    shown = screen("calibration", ("C",))
    shown.until("flashing")

    shown.step(HIDE)
    for _ in range(60):
        shown.step()
    shown.step(SHOW)

    assert shown.picture.lit == ()
    shown.step()
    assert shown.of(AnyNote)[-1].words.startswith(f"flash {shown.of(Flash)[0].code} ended ")


def test_a_screen_that_is_hidden_can_be_aborted():
    shown = screen("calibration", ("C",))
    shown.until("flashing")
    shown.step(HIDE)
    shown.step()

    shown.step(ABORT)

    assert shown.picture.reason == "abort"
    assert shown.events[-1] == SessionEnded("abort")


@pytest.mark.parametrize("state", [state for state in STATES if state != "ready"])
def test_undo_in_copying_takes_the_last_letter_back_and_asks_it_again(state):
    shown = brought_to(state)
    n_spelled = len(shown.picture.spelled)
    at = n_spelled

    shown.step(UNDO)
    for _ in range(600):
        if shown.picture.state in {"between", "paused"}:
            break
        shown.step()
    shown.step(RESUME)
    spelled = shown.picture.spelled
    if shown.picture.state != "cue":
        shown.until("cue")

    assert len(spelled) == at - 1
    assert shown.picture.cue == "CAB"[at - 1]
    assert f"undo {at}" in [note.words for note in shown.of(AnyNote)]
    shown.until("ended", obedient)
    assert shown.picture.spelled == ("C", "A", "B")
    assert SESSION.fullmatch(grammar(shown))


def test_a_letter_asked_again_after_an_undo_has_all_its_attempts():
    shown = brought_to("undecided")
    shown.until("cue")
    shown.step(UNDO)
    shown.until("undecided")
    shown.step()

    assert shown.picture.spelled == ()
    assert shown.until("cue").cue == "C"


@pytest.mark.parametrize("state", ["cue", "flashing", "deciding"])
def test_undo_in_free_spelling_changes_the_text_and_lets_the_letter_go_on(state):
    shown = brought_to(state, "free")
    trial = shown.picture.trial

    shown.step(UNDO)

    assert shown.picture.spelled == ()
    assert shown.picture.state == state
    shown.until("deciding")
    shown.step(decision("B", trial))
    assert shown.until("decided").spelled == ("B",)


def test_undo_brings_back_what_a_backspace_took():
    shown = brought_to("cue", "free")
    shown.until("deciding")
    shown.step(decision("⌫", 2))
    shown.until("decided")
    assert shown.picture.spelled == ()

    shown.step(UNDO)

    assert shown.picture.spelled == ("C",)
    assert shown.picture.decision == ""


def test_undo_of_nothing_and_in_calibration_is_nothing():
    copy, calibration = screen(), screen("calibration")
    calibration.until("between")
    before = calibration.picture.spelled

    for shown in (copy, calibration):
        shown.step(UNDO)
        assert shown.of(AnyNote) == []

    assert before == calibration.picture.spelled == ("C",)


def promised(low: float) -> Command:
    return Command("note", Promised(3, (low, 0.95, 1.0), wanted=0.9))


def test_a_promise_that_is_reached_ends_a_calibration_at_the_letters_end():
    shown = screen("calibration", ("ABCD",))
    shown.until("flashing")
    shown.step(promised(0.6))
    assert shown.picture.progress == pytest.approx(0.6 / 0.9)
    shown.until("cue")

    shown.until("flashing")
    shown.step(promised(0.9))
    shown.until("ended")

    assert shown.picture.progress == 1.0
    assert shown.picture.reason == "done"
    # The letter at which it came is whole.
    assert grammar(shown) == "S" + 2 * ("Ls" + 2 * N_CODES * "F" + "e") + "E"
    assert len([note for note in shown.of(Promised) if note.is_reached]) == 1


@given(at=st.lists(st.integers(1, 900), min_size=1, max_size=5, unique=True))
@settings(max_examples=25, deadline=None)
def test_the_promises_of_a_recording_end_a_calibration_again_at_the_same_frame(at):
    live = screen("calibration", ("ABCD",))
    for low, frame in zip(np.linspace(0.5, 0.95, len(at)).tolist(), sorted(at), strict=True):
        while live.frame < frame and live.picture.state != "ended":
            live.step()
        live.step(promised(low))
    live.until("ended")

    recorded = {
        marker.time: Command("note", note)
        for marker, note in zip(live.markers, live.events, strict=True)
        if isinstance(note, Promised)
    }
    again = screen("calibration", ("ABCD",))
    while again.picture.state != "ended":
        again.step(*([recorded[again.now]] if again.now in recorded else []))

    assert again.markers == live.markers[: len(again.markers)]
    assert again.of(SessionEnded) == live.of(SessionEnded)


def test_a_promise_that_is_not_reached_changes_no_letter():
    plain, told = (screen("calibration", ("AB",)) for _ in range(2))
    told.until("flashing")
    told.step(promised(0.899))
    for shown in (plain, told):
        shown.until("ended")

    assert grammar(told) == grammar(plain)
    assert told.of(Flash) == plain.of(Flash)


def test_finish_ends_at_the_letters_end_also_out_of_a_pause():
    in_letter, in_pause = brought_to("flashing", "free"), brought_to("paused", "free")

    in_letter.step(FINISH)
    in_letter.until("ended", obedient_to("B"))
    in_pause.step(FINISH)
    in_pause.until("ended")

    assert in_letter.picture.spelled == ("C", "B")
    assert in_letter.picture.reason == in_pause.picture.reason == "done"


def obedient_to(symbol):
    return lambda p: [decision(symbol, p.trial)] if p.state == "deciding" else []


def test_an_operators_note_is_a_marker_at_its_frame():
    shown = screen()

    shown.step(Command("note", Note("electrode Cz / pressed")))

    assert shown.of(AnyNote) == [Note("electrode Cz / pressed")]
    assert shown.times(AnyNote) == [1 / 60]


# Doors


@pytest.mark.parametrize(
    ("mode", "words", "keys", "message"),
    [
        ("copy", ("AZ",), {}, "the layout has no symbol Z"),
        ("copy", ("",), {}, "the layout has no symbol yet"),
        ("copy", (), {}, "needs words to spell"),
        ("free", ("A",), {}, "needs no words"),
    ],
)
def test_what_cannot_be_spelled_is_refused_at_the_door(mode, words, keys, message):
    with pytest.raises(ConfigError, match=message):
        P300Presentation(config(**keys), mode, words)


def test_a_layout_too_small_for_its_order_is_refused():
    small = Config(layout=LayoutSpec(rows=("AB", "CD")))

    with pytest.raises(ConfigError, match="layout: codes must be at least 6"):
        P300Presentation(small, "free")


def test_symbols_may_be_words_and_of_any_script():
    rows = (("yes", "no", "שלום"), ("水", "😀", "a/b"), ("%", "⌫", "x"))
    shown = Screen(
        P300Presentation(
            Config(layout=LayoutSpec(rows=rows), stopping=Stopping(max_repetitions=2)),
            "copy",
            [("שלום", "a/b"), ("😀",)],
        )
    )
    shown.step(START)

    shown.until("ended", obedient)

    assert [event.symbol for event in shown.of(TrialStart)] == ["שלום", "a/b", "😀"]
    assert shown.picture.spelled == ("😀",)


@pytest.mark.parametrize("mode", ["calibration", "copy"])
def test_a_matrix_of_words_is_calibrated_and_copied_word_by_word(mode):
    rows = (("YES", "NO", "HELP"), ("MORE", "LESS", "STOP"), ("⌫", "A", "B"))
    setup = Config(layout=LayoutSpec(rows=rows), stopping=Stopping(max_repetitions=2))
    shown = Screen(P300Presentation(setup, mode, ["yes", "MORE NO", "AB"]))
    shown.step(START)

    shown.until("ended", obedient)

    asked = [event.symbol for event in shown.of(TrialStart)]
    assert asked == ["YES", "MORE", "NO", "A", "B"]
    assert shown.presentation.text == "YES MORE NO A B"
