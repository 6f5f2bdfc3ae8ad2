import threading
import uuid

import msgspec
import pytest
import simulated_files

from bci_online.config import Config, EegStream, MarkerStream
from bci_online.decoding.decoder_file import read_decoder
from bci_online.errors import BciError
from bci_online.messages import Message
from bci_online.runtime.live import LiveRun, decode
from bci_online.runtime.tally import Summary
from bci_online.session.processes import Processes

pytestmark = pytest.mark.live


class Shown:
    """Keeps what a person would read."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.summaries: list[Summary] = []

    def note(self, text: str) -> None: ...

    def message(self, message: Message, row: object) -> None:
        self.messages.append(message)

    def summary(self, summary: Summary) -> None:
        self.summaries.append(summary)


class BreaksLater:
    """A decoder whose scoring breaks after so many epochs."""

    def __init__(self, n_epochs: int) -> None:
        self._decoder = read_decoder(simulated_files.decoder())
        self._left = n_epochs

    def __getattr__(self, name: str):
        return getattr(self._decoder, name)

    def score(self, data):
        self._left -= 1
        if self._left < 0:
            raise ArithmeticError("no such root")
        return self._decoder.score(data)


def config_of(session: str) -> Config:
    live = msgspec.structs.replace(Config().live, resolve_timeout=60.0)
    eeg = EegStream(name=f"bci-online/{session}/eeg")
    return Config(eeg=eeg, markers=MarkerStream((f"bci-online/{session}/markers",)), live=live)


def run_of(session: str, **options) -> LiveRun:
    config = config_of(session)
    return LiveRun(config=config, session=session, markers=config.markers, **options)


@pytest.fixture(autouse=True)
def _no_thread_is_left():
    before = set(threading.enumerate())
    yield
    # What has said that it is done may still be on its way out.
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
    assert set(threading.enumerate()) <= before


def test_what_was_decided_before_decoding_broke_is_summed_up_and_then_the_error_is_raised() -> None:
    session, shown = uuid.uuid4().hex[:8], Shown()

    with Processes() as processes:
        recording = str(simulated_files.recording("AB", 7))
        processes.start("player", recording, "--speed", "10", "--session", session)
        with pytest.raises(BciError, match="decoding failed: ArithmeticError: no such root"):
            decode(BreaksLater(80), run_of(session, clock=None), shown)

    (summary,) = shown.summaries
    assert summary.letters == "A"
    # The reading that breaks gives no message at all; how much is in it depends on the computer.
    assert 72 <= summary.epochs <= 80


def test_what_fails_while_the_streams_are_looked_for_ends_the_search() -> None:
    session, shown = uuid.uuid4().hex[:8], Shown()

    def watch() -> None:
        raise BciError("the player ended")

    with pytest.raises(BciError, match="the player ended"):
        decode(read_decoder(simulated_files.decoder()), run_of(session), shown, watch)

    assert shown.summaries == []


def test_what_fails_during_a_run_ends_it_with_its_summary() -> None:
    session, shown = uuid.uuid4().hex[:8], Shown()

    def watch() -> None:
        if len(shown.messages) > 1:
            raise BciError("the player ended")

    with Processes() as processes:
        recording = str(simulated_files.recording("AB", 7))
        processes.start("player", recording, "--speed", "10", "--session", session)
        decoder = read_decoder(simulated_files.decoder())
        with pytest.raises(BciError, match="the player ended"):
            decode(decoder, run_of(session, clock=None), shown, watch)

    assert len(shown.summaries) == 1
