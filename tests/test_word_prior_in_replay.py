"""With a word prior, too, a replay decides what the live run decided, however it is cut."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest
import simulated_files
from recorded_signal import RecordedSignal, ran

from bci_online.decoding.decoder_file import read_decoder
from bci_online.markers import Flash, SessionStarted, parse_marker


def marked(signal: RecordedSignal, **info: object) -> RecordedSignal:
    """Let the session's start say something else."""
    markers = [
        msgspec.structs.replace(marker, text=SessionStarted(info).text())
        if marker.text.startswith("session/start")
        else marker
        for marker in signal.markers
    ]
    return signal.with_markers(markers)


@pytest.fixture(scope="module")
def decoder():
    return read_decoder(simulated_files.decoder())


@pytest.fixture(scope="module")
def signal() -> RecordedSignal:
    recorded = RecordedSignal.of(simulated_files.recording("THEY", 4))
    assert sum(marker.text.startswith("session/start") for marker in recorded.markers) == 1
    return marked(recorded, language="en", word_prior="in context")


@pytest.fixture(scope="module")
def whole(decoder, signal):
    return ran(decoder, signal)


def test_the_start_of_the_session_turns_the_prior_on(decoder, signal, whole) -> None:
    off = ran(decoder, marked(signal, language=""))

    assert len(whole.decisions) == len(off.decisions) == 4
    assert whole.letters == off.letters == "THEY"
    assert sum(d.flashes for d in whole.decisions) <= sum(d.flashes for d in off.decisions)
    assert [d.evidence for d in whole.decisions] != [d.evidence for d in off.decisions]


@pytest.mark.slow
@pytest.mark.parametrize("chunk_n", [1, 7, 1000])
def test_decisions_with_a_prior_do_not_depend_on_the_cut(decoder, signal, whole, chunk_n) -> None:
    assert ran(decoder, signal, chunk_n).decisions == whole.decisions


def test_nor_on_when_markers_arrive(decoder, signal, whole) -> None:
    delays = np.random.default_rng(0).uniform(0, 0.5, len(signal.markers))

    assert ran(decoder, replace(signal, delays=delays), 16).decisions == whole.decisions


def test_nor_on_what_the_markers_say_was_to_be_spelled(decoder, signal, whole) -> None:
    hidden = []
    for marker in signal.markers:
        event = parse_marker(marker.text)
        text = Flash(event.code).text() if isinstance(event, Flash) else marker.text
        if text.startswith("trial/start"):
            text = text.rpartition("/")[0] + "/"
        hidden.append(msgspec.structs.replace(marker, text=text))

    found = ran(decoder, signal.with_markers(hidden)).decisions

    assert {d.truth for d in found} == {""}
    assert [(d.value, d.evidence) for d in found] == [
        (d.value, d.evidence) for d in whole.decisions
    ]
