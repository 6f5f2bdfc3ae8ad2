"""Once a stream has begun a session, no other stream changes what is decided."""

import msgspec
import pytest
from support import simulated_files

from bci_online.acquisition.xdf import XdfSource
from bci_online.decoding.decoder_file import read_decoder
from bci_online.messages import (
    ClockOffset,
    Decision,
    Journal,
    Marker,
    Message,
    Reading,
    Status,
)
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.chain import Chain
from bci_online.runtime.steering import layout_difference

ALL_X = "layout/{" + ",".join(f'"{code}":["X"]' for code in range(1, 13)) + "}"


def told(*theirs: str, begun: bool = True, any_layout: bool = True) -> tuple[list[Message], Chain]:
    """Return all messages where another stream says `theirs` with every reading."""
    source = XdfSource(simulated_files.recording())
    source.open()
    decoder = read_decoder(simulated_files.decoder())
    chain, _ = online_chain(decoder, source.spec, any_layout=any_layout)
    messages: list[Message] = []
    while (reading := source.read(0.0)) is not None:
        if not begun:
            own = tuple(one for one in reading.markers if not one.text.startswith("session/start"))
            reading = msgspec.structs.replace(reading, markers=own)
        messages += chain.push(reading)
        if reading.chunks and theirs:
            now = float(reading.chunks[-1].stamps[-1])
            markers = tuple(Marker(text, now, "chat") for text in theirs)
            messages += chain.push(
                Reading(markers=markers, offsets=(ClockOffset("chat", now, 0.0),))
            )
    return messages + chain.finish(), chain


def decided(*theirs: str, **given: bool) -> tuple[list[Message], Chain]:
    """Return the decisions alone."""
    messages, chain = told(*theirs, **given)
    return [one for one in messages if isinstance(one, Decision)], chain


@pytest.fixture(scope="module")
def alone() -> list[Message]:
    decisions, _ = decided()
    assert len(decisions) >= 2
    return decisions


@pytest.mark.parametrize(
    "said", [ALL_X, "session/end/bye", "trial/end/1", "trial/start/99/X", "flash/1/unknown"]
)
def test_another_stream_decides_nothing_and_is_counted(alone, said):
    decisions, chain = decided(said)

    assert decisions == alone
    assert chain.translator.untranslated[said] > 10


def test_without_the_start_of_a_session_every_stream_counts(alone):
    decisions, _ = decided(ALL_X, begun=False)

    assert decisions != alone


def test_a_layout_that_is_not_the_decoders_decides_nothing_where_no_session_was_begun(alone):
    messages, _ = told(ALL_X, begun=False, any_layout=False)

    assert [one for one in messages if isinstance(one, Decision)] == alone


def test_a_refused_layout_is_said_once_and_journalled_each_time():
    messages, chain = told(ALL_X, begun=False, any_layout=False)

    refused = [one for one in messages if isinstance(one, Journal) and one.kind == "refused"]
    (alarm,) = [one for one in messages if isinstance(one, Status) and "layout" in one.text]
    assert {one.text for one in refused} == {ALL_X}
    assert len(refused) == chain.translator.untranslated[ALL_X] > 10
    assert alarm.level == "alarm"
    assert "code 1 lights X, and A G M S Y 5 with the decoder" in alarm.text


@pytest.mark.parametrize(("one", "other"), [("A", "B"), ("G", "A")])
def test_two_symbols_that_changed_places_are_another_layout(one, other):
    own = read_decoder(simulated_files.decoder()).header.layout.symbols_of_code
    swap = {one: other, other: one}
    stated = {code: tuple(swap.get(each, each) for each in lit) for code, lit in own.items()}

    assert layout_difference(own, own) == ""
    assert layout_difference(stated, own)
