"""Once a stream has begun a session, no other stream changes what is decided."""

import msgspec
import pytest
from support import simulated_files

from bci_online.acquisition.xdf import XdfSource
from bci_online.decoding.decoder_file import read_decoder
from bci_online.messages import ClockOffset, Decision, Marker, Message, Reading
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.chain import Chain

ALL_X = "layout/{" + ",".join(f'"{code}":["X"]' for code in range(1, 13)) + "}"


def decided(*theirs: str, begun: bool = True) -> tuple[list[Message], Chain]:
    """Return the decisions where another stream says `theirs` with every reading."""
    source = XdfSource(simulated_files.recording())
    source.open()
    chain, _ = online_chain(read_decoder(simulated_files.decoder()), source.spec)
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
    return [one for one in messages + chain.finish() if isinstance(one, Decision)], chain


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
