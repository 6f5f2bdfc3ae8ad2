"""The summary of a session has the keys and values that it had before it was typed."""

import json
from pathlib import Path

import msgspec
import pytest

from bci_online.notes import ElectrodesAccepted
from bci_online.session.summary import SessionSummary, take_part
from bci_online.summaries import ScreenSummary, Summary

# Written by the demo before summaries were structs.
STORED = Path(__file__).with_name("summaries")


def stored(name: str) -> dict:
    row = json.loads((STORED / f"{name}.json").read_text(encoding="utf-8"))
    # Since then failing channels are counted, before what was taken back, and steps of the stamps.
    for added, before in (({"bad_channels": {}}, "retracted"), ({"steps": 0}, "lost_samples")):
        engine = list(row["engine"].items())
        place = list(row["engine"]).index(before)
        row["engine"] = dict(engine[:place]) | added | dict(engine[place:])
    return row


def typed(row: dict, **changes: object) -> SessionSummary:
    screen = ScreenSummary(**row["screen"], spelled=row["spelled"])
    fields = {
        "mode": row["mode"], "paradigm": "p300", "words": tuple(row["words"]),
        "ended": row["ended"], "recording": row["recording"],
        "electrodes": ElectrodesAccepted(**row["electrodes"]), "recorder": row["recorder"],
        "bytes": row["bytes"], "screen": screen,
        "engine": msgspec.convert(row["engine"], Summary),
    }  # fmt: skip
    return SessionSummary(**(fields | changes))


@pytest.mark.parametrize("name", ["calibration", "spelling"])
def test_a_summary_has_the_same_keys_and_values_in_the_same_order(name):
    row = stored(name)

    again = json.loads(msgspec.json.encode(typed(row).row()))

    assert again == row
    assert list(again) == list(row)
    assert list(again["engine"]) == list(row["engine"])
    assert list(again["screen"]) == list(row["screen"])


def test_refused_lines_are_counted_where_there_are_any():
    row = stored("spelling")
    engine = msgspec.convert(row["engine"] | {"refused_lines": 2}, Summary)

    summary = typed(row, refused={"panel": 3, "journal": 0}, engine=engine)
    again = json.loads(msgspec.json.encode(summary.row()))

    assert again["refused_lines"] == {"panel": 3, "engine": 2}
    assert again["engine"] == row["engine"]


def test_a_part_that_died_is_empty_and_nothing_was_spelled():
    row = typed(stored("spelling"), screen=None, engine=None, electrodes=None).row()

    assert (row["screen"], row["engine"], row["electrodes"], row["spelled"]) == ({}, {}, None, None)


def test_a_session_of_imagery_has_no_words():
    assert not {"words", "spelled"} & set(typed(stored("spelling"), paradigm="motor_imagery").row())


def test_what_was_spelled_freely_is_in_no_row():
    row = typed(stored("spelling"), is_free_text=True).row()

    assert "HELLO" not in json.dumps({**row, "words": ()})
    assert "letters" not in row["engine"]
    assert "spelled" not in row


@pytest.mark.parametrize("left", [None, b"", b"{", b"[]", b'{"frames":"x"}'])
def test_a_part_that_left_nothing_readable_has_no_figures(left, tmp_path):
    path = tmp_path / "screen.json"
    if left is not None:
        path.write_bytes(left)

    assert take_part(path, ScreenSummary) is None
    assert not path.exists()


def test_what_a_part_left_is_read_once(tmp_path):
    path = tmp_path / "screen.json"
    summary = ScreenSummary(reason="done", frames=3)
    path.write_bytes(msgspec.json.encode(summary))

    assert take_part(path, ScreenSummary) == summary
    assert take_part(path, ScreenSummary) is None
