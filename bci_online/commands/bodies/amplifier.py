"""An amplifier without LSL, sent into LSL by a separate process while a run lasts."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import msgspec

from bci_online.acquisition.lsl import (
    LslMarkerSink,
    MarkerOutlet,
    TextOutlet,
    eeg_outlet,
    local_clock,
    wait_for_consumers,
    wait_until_left,
)
from bci_online.config import LSL, Config
from bci_online.errors import BciError
from bci_online.runtime.forwarding import forward
from bci_online.runtime.sources import client_source
from bci_online.session.config import PARTS_S
from bci_online.session.processes import Processes
from bci_online.session.this_machine import temporary_folder
from bci_online.session_names import session_source_id

__all__ = ["forward_source", "in_lsl"]

# As amplifiers send: blocks of some tens of milliseconds.
CHUNK_S = 0.03


def forward_source(source: str, session: str, *, marks: bool) -> None:
    """Send an amplifier's samples and events into LSL until it is lost or over.

    The streams are ``bci-online/SESSION/eeg`` and ``bci-online/SESSION/events``. Sending begins
    when a program receives the EEG.

    Parameters
    ----------
    source : str
        As ``eeg.source`` of a configuration.
    session : str
        Whose streams.
    marks : bool
        Whether the events are the session's markers: a session without a screen has no others.

    Raises
    ------
    BciError
        If there is no such amplifier, or it is lost.

    See Also
    --------
    bci_online.runtime.forwarding.forward : Sends what the source delivers.
    """
    with closing(client_source(source, CHUNK_S, time.monotonic)) as amplifier:
        try:
            amplifier.open()
        except ValueError as error:
            raise BciError(f"eeg.source = {source!r}: {error}") from None
        spec = msgspec.structs.replace(amplifier.spec, source_id=session_source_id(session, "eeg"))
        eeg = eeg_outlet(spec, sample_type="double64")
        own = f"{spec.name} events", "Markers", session_source_id(session, "events")
        events = MarkerOutlet(session) if marks else TextOutlet(*own)
        try:
            while not wait_for_consumers((eeg,), 1.0):
                pass
            forward(amplifier, eeg, LslMarkerSink(events), local_clock)
            wait_until_left((eeg, events), 5.0)
        finally:
            eeg.close()
            events.close()


@contextmanager
def in_lsl(config: Config, session: str) -> Iterator[tuple[Config, Callable[[], None]]]:
    """Yield `config` with an EEG stream that is in LSL, and a check that it is still sent.

    Where ``eeg.source`` is LSL nothing changes. Else a process sends the amplifier's samples and
    events, and the check raises `BciError` once that process has failed.

    Parameters
    ----------
    config : Config
        Its ``eeg.source`` says what the amplifier is.
    session : str
        Part of the new stream's source_id.

    Yields
    ------
    config : Config
        Its EEG stream is in LSL.
    check : callable
        Raises `BciError` once the amplifier's process has failed.

    See Also
    --------
    forward_source : What the process does.
    """
    source = config.eeg.source
    if source == LSL:
        yield config, lambda: None
        return
    eeg = msgspec.structs.replace(config.eeg, source=LSL, name=session_source_id(session, "eeg"))
    # The stream comes when the process has begun; that takes longer on a busy computer.
    timeout = max(PARTS_S, config.live.resolve_timeout)
    live = msgspec.structs.replace(config.live, resolve_timeout=timeout)
    with Processes(temporary_folder() / "amplifier.log") as processes:
        processes.start("amplifier", session, "--source", source, "--marks")

        def check() -> None:
            for name, code in processes.ended().items():
                if code:
                    raise BciError(processes.last_words(name, code))

        yield msgspec.structs.replace(config, eeg=eeg, live=live), check
