"""Lines of a session's streams are read into one struct, whatever wrote them."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bci_online.acquisition.lsl.control import _Line
from bci_online.channel_quality import ChannelQuality, Electrodes
from bci_online.messages import Command, DecisionLine, Gap, Journal, Status, TrialEvidence
from bci_online.notes import Note, OperatorNote
from bci_online.session_lines import (
    EngineReady,
    SessionStatus,
    line_text,
    parse_decision,
    parse_journal,
)

CZ = ChannelQuality("Cz", 9.0, flat=False, railing=False, line_noise=0.1, impedance_kohm=5.0)
LINES = [
    EngineReady(3.5, "amp", "EEG", "x/eeg", findings=("sends 200 Hz",)),
    Electrodes((CZ,), "microvolts", 4.0),
    Journal("onset", 1.0, 5, "flash/1/target", 0.5),
    Gap(5, 3, 1.5, bridged=False),
    Status("alarm", "no sample for 0.6 s"),
    Status("info", "EEG stream 'amp' is connected", 2.0, "connected"),
    TrialEvidence(1, 12, 0.99, {"A": 0.5}),
]
EEG = {"name": "amp", "type": "EEG", "source_id": "x/eeg"}
HOSTILE = [
    "", "no JSON", "[]", "{}", "3", "[" * 100_000, '{"type":"journal"}', '{"type":"unknown"}',
    '{"type":"journal","kind":"ready","time":1.0,"text":"no JSON"}',
    '{"type":"journal","kind":"ready","time":1.0,"text":"[1]"}',
    '{"type":"journal","kind":"ready","time":1.0,"text":"' + "[" * 50_000 + '"}',
    '{"type":"journal","kind":"quality","time":1.0,"text":"{\\"channels\\":3}"}',
    '{"type":"electrodes","channels":[{"name":1}]}', '{"type":"ready","name":3}',
]  # fmt: skip


@pytest.mark.parametrize("line", LINES, ids=lambda line: type(line).__name__)
def test_a_line_of_the_journal_is_read_as_it_was_written(line):
    assert parse_journal(line_text(line)) == line


def test_lines_that_nested_json_in_json_are_read_into_the_same_structs():
    ready = Journal("ready", 3.5, text=line_text(EEG))
    channels = [msgspec.to_builtins(CZ)]
    quality = Journal("quality", 4.0, text=line_text({"channels": channels, "unit": "microvolts"}))

    assert parse_journal(line_text(ready)) == EngineReady(3.5, "amp", "EEG", "x/eeg")
    assert parse_journal(line_text(quality)) == Electrodes((CZ,), "microvolts", 4.0)


def test_only_its_words_say_in_an_older_status_that_a_stream_is_connected():
    older = Status("info", "EEG stream 'amp' is connected", 2.0)
    other = Status("info", "samples are back after 1.0 s", 2.0)

    assert b"kind" not in msgspec.json.encode(older)
    assert parse_journal(line_text(older)) == msgspec.structs.replace(older, kind="connected")
    assert parse_journal(line_text(other)) == other


def test_an_engine_names_only_what_its_stream_has():
    assert EngineReady(0.0, "amp", "EEG", "x/eeg").eeg == EEG
    assert EngineReady(0.0, "amp").eeg == {"name": "amp"}


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:40]))
def test_what_is_no_line_of_the_journal_is_none(text):
    assert parse_journal(text) is None


@given(st.text(max_size=40) | st.text('{}[]":,type3journaldecision', max_size=60))
def test_no_text_makes_a_reader_raise(text):
    parse_journal(text)
    parse_decision(text)


def test_a_decision_is_read_as_it_was_written_and_anything_else_is_none():
    line = DecisionLine(value="A", trial=3)

    assert parse_decision(line_text(line)) == line
    assert parse_decision('{"trial":"x"}') is None


def content(**fields: object) -> object:
    line = {"session": "s", "number": 1, **fields}
    return msgspec.json.decode(line_text(line), type=_Line).content()


def test_a_control_line_is_a_command_or_a_status():
    typed = msgspec.to_builtins(OperatorNote("moved"))

    assert content(name="pause") == Command("pause")
    assert content(name="note", argument="undo 3") == Command("note", Note("undo 3"))
    assert content(name="note", note=typed) == Command("note", OperatorNote("moved"))
    assert content(name="status", status={"doing": "x"}) == SessionStatus("x")
    assert content(name="status") is None


@pytest.mark.parametrize("name", ["shutdown", "", 3])
def test_a_command_of_another_name_is_refused(name):
    with pytest.raises(msgspec.ValidationError):
        content(name=name)
