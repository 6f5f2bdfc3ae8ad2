"""Live runs for tests: a player in a process of its own, the engine in this one, LSL between."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from bci_online.acquisition.lsl import LslSource, local_clock, session_outlet, wait_until_left
from bci_online.config import EegStream, Live, MarkerStream
from bci_online.messages import Message, Reading
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.engine import Engine
from bci_online.runtime.publisher import is_journalled
from bci_online.session.processes import Processes

PATIENT = Live(silent_after=60.0, lost_after=60.0, max_data_age=1e9)


class OnOneClock:
    """A source whose senders have this computer's clock: every offset is 0, which is the truth.

    A measured offset is wrong by milliseconds where the computer is busy. Then onsets lie one
    sample beside those of the file that is played, and scores are others.
    """

    def __init__(self, source: LslSource) -> None:
        self.spec = source.spec
        self._source = source

    def read(self, timeout: float = 0.0) -> Reading | None:
        """Return what the source gives, with the true offsets."""
        reading = self._source.read(timeout)
        if reading is None:
            return None
        true = tuple(msgspec.structs.replace(offset, value=0.0) for offset in reading.offsets)
        return msgspec.structs.replace(reading, offsets=true)


def played_live(
    recording: Path,
    decoder: Any,
    session: str,
    *,
    speed: float,
    measures_clocks: bool = True,
    meanwhile: Callable[[], None] = lambda: None,
) -> list[Message]:
    """Play `recording`, decode it live, journal it; return all messages.

    `measures_clocks` takes the clock offsets as they are measured; else they are 0, as in truth.
    `meanwhile` runs in a thread of its own beside the engine.
    """
    messages: list[Message] = []
    journal = session_outlet(session, "journal")

    def publish(message: Message) -> None:
        messages.append(message)
        if is_journalled(message):
            journal.push(msgspec.json.encode(message).decode())

    options = [str(recording), "--speed", f"{speed:g}", "--session", session]
    source = LslSource(
        EegStream(name=f"bci-online/{session}/eeg"),
        MarkerStream(names=(f"bci-online/{session}/markers",)),
        # The player's process has still to begin.
        resolve_timeout=60.0,
    )
    with Processes() as processes:
        processes.start("player", *options)
        source.open()
        chain, _ = online_chain(decoder, source.spec)
        read_from = source if measures_clocks else OnOneClock(source)
        engine = Engine(read_from, chain, publish, local_clock, PATIENT)
        beside = threading.Thread(target=meanwhile)
        beside.start()
        engine.start()
        try:
            while engine.wait():
                assert not any(processes.ended().values())
        finally:
            engine.stop()
            beside.join()
            source.close()
            wait_until_left((journal,), 1.0)
            journal.close()
    return messages


def wait_for_growth(path: Path, text: bytes, timeout: float = 10.0) -> None:
    """Wait until a file that is being recorded holds `text`."""
    until = time.monotonic() + timeout
    while not (path.exists() and text in path.read_bytes()):
        assert time.monotonic() < until, f"{path} does not hold {text!r}"
        time.sleep(0.05)
